//! Traffic and the clock.

use super::super::testing::{Client, START};
use super::super::*;
use serde_json::json;

#[test]
fn a_download_takes_its_time_and_ends_on_the_disk() {
    let mut client = Client::logged_in(Era::V5_1);
    let spec = TorrentSpec::new("A")
        .file("a", 3_000)
        .file("b", 1_000)
        .progress(0.0);
    let spec = spec
        .download_speed(1_000)
        .peers(true)
        .download_path("/tmp/x");
    let hash = client.server.add(START, spec);
    client.wait(2_000);
    assert_eq!(client.state(&hash), "downloading/0.5");
    assert_eq!(client.server.disk.size("/tmp/x/A/a"), Some(2_000));
    assert_eq!(client.json("torrents/info")[0]["eta"], 2);
    client.wait(10_000);
    let row = &client.json("torrents/info")[0];
    assert_eq!(
        (&row["state"], &row["progress"]),
        (&json!("stalledUP"), &json!(1.0))
    );
    assert_eq!(row["completion_on"], (START + 4_000) / 1000);
    assert_eq!(
        (&row["downloaded"], &row["seeding_time"]),
        (&json!(4_000), &json!(8))
    );
    assert_eq!(row["content_path"], "/downloads/A");
    let sizes = ["/downloads/A/a", "/downloads/A/b", "/tmp/x/A/a"]
        .map(|path| client.server.disk.size(path));
    assert_eq!(sizes, [Some(3_000), Some(1_000), None]);
    let effects = client.server.effects_on(&hash);
    assert!(
        effects.is_empty(),
        "a first download is no repetition: {effects:?}"
    );
}

#[test]
fn limits_stops_and_missing_peers_hold_a_download() {
    let mut client = Client::logged_in(Era::V5_1);
    let spec = TorrentSpec::new("A")
        .size(100_000)
        .progress(0.0)
        .download_speed(1_000);
    let hash = client.server.add(START, spec);
    client.wait(5_000);
    assert_eq!(client.state(&hash), "stalledDL/0");
    client.server.set_peers(client.now, true);
    client.post(
        "torrents/setDownloadLimit",
        &format!("hashes={hash}&limit=500"),
    );
    client.wait(20_000);
    assert_eq!(client.state(&hash), "downloading/0.1");
    client.act("stop", &hash);
    client.wait(20_000);
    assert_eq!(client.state(&hash), "stoppedDL/0.1");
}

#[test]
fn uploads_count_and_keep_the_times_fresh() {
    let mut client = Client::logged_in(Era::V4_5_2);
    client.server.add(
        START,
        TorrentSpec::new("A")
            .size(10_000)
            .upspeed(100)
            .seeding_for(5),
    );
    client.wait(100_000);
    let row = &client.json("torrents/info")[0];
    assert_eq!(
        (&row["state"], &row["uploaded"], &row["ratio"]),
        (&json!("uploading"), &json!(10_000), &json!(1.0))
    );
    assert_eq!(
        (&row["seeding_time"], &row["last_activity"]),
        (&json!(105), &json!((START + 100_000) / 1000))
    );
}

#[test]
fn the_servers_clock_never_goes_back() {
    let mut client = Client::logged_in(Era::V5_1);
    let hash = client.server.add(START, TorrentSpec::new("A"));
    client.act("recheck", &hash);
    client.now -= 3_600_000;
    assert_eq!(client.get("app/version").0, 200);
    assert_eq!(client.state(&hash), "stalledUP/1");
    client.wait(1_000);
    assert_eq!(client.state(&hash), "checkingUP/0");
    client.wait(1_000);
    assert_eq!(client.state(&hash), "stalledUP/1");
}

#[test]
fn times_of_idle_torrents_move_when_they_are_not_to_freeze() {
    let mut client = Client::logged_in(Era::V5_1);
    client.server.settings.freezes_idle_times = false;
    client
        .server
        .add(START, TorrentSpec::new("A").seeding_for(100));
    client.wait(50_000);
    assert_eq!(client.json("torrents/info")[0]["seeding_time"], 150);
}
