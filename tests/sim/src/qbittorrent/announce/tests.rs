//! What trackers' rows show by version, as seen on real servers, and the rhythm of announces.

use super::super::testing::{Client, START};
use super::super::*;
use serde_json::Value;

const URL: &str = "http://t/announce";

fn row(client: &mut Client, hash: &str) -> (i64, String) {
    let rows = client.json(&format!("torrents/trackers?hash={hash}"));
    let row = &rows[3];
    (
        row["status"].as_i64().unwrap(),
        row["msg"].as_str().unwrap().to_owned(),
    )
}

/// What 4.2.5, 4.5.2 with 5.1, and 5.3 show after a tracker did this, when it was just added and later.
fn check(result: &TrackerResult, expected: [(i64, &str); 3]) {
    let eras = [
        (Era::V4_2_5, 0),
        (Era::V4_5_2, 1),
        (Era::V5_1, 1),
        (Era::V5_3, 2),
    ];
    for (era, column) in eras {
        let expected = (expected[column].0, expected[column].1.to_owned());
        let mut client = Client::logged_in(era);
        let spec = TorrentSpec::new("A").private().tracker(URL, result.clone());
        let hash = client.server.add(START, spec);
        assert_eq!(row(&mut client, &hash), expected, "{era:?} {result:?}");
        client.post("torrents/reannounce", &format!("hashes={hash}"));
        client.wait(31_000);
        assert_eq!(row(&mut client, &hash), expected, "{era:?} {result:?}");
    }
}

#[test]
fn results_show_as_on_real_servers() {
    let failure = TrackerResult::failure("unregistered torrent");
    check(
        &failure,
        [
            (4, "unregistered torrent"),
            (4, "unregistered torrent"),
            (5, "unregistered torrent"),
        ],
    );
    check(
        &TrackerResult::Warning("w".to_owned()),
        [(2, ""), (2, "w"), (2, "w")],
    );
    check(
        &TrackerResult::Http("Not Found".to_owned()),
        [(4, "Not Found"); 3],
    );
    check(
        &TrackerResult::BadAnswer,
        [(4, ""), (4, super::BAD_ANSWER), (4, super::BAD_ANSWER)],
    );
    check(
        &TrackerResult::refused(),
        [
            (4, ""),
            (4, "Connection refused"),
            (4, "Connection refused"),
        ],
    );
    check(
        &TrackerResult::Silent,
        [(4, ""), (4, "timed out"), (4, "timed out")],
    );
    check(&TrackerResult::Working, [(2, ""); 3]);
}

#[test]
fn a_reannounce_shows_the_old_message_until_it_ends() {
    let statuses = [
        (Era::V4_2_5, 4),
        (Era::V4_5_2, 3),
        (Era::V5_1, 3),
        (Era::V5_3, 5),
    ];
    for (era, meanwhile) in statuses {
        let mut client = Client::logged_in(era);
        let spec = TorrentSpec::new("A").tracker(URL, TrackerResult::failure("old"));
        let hash = client.server.add(START, spec);
        client
            .server
            .set_tracker(&hash, URL, TrackerResult::Working, false);
        client.wait(100_000);
        assert_eq!(row(&mut client, &hash).1, "old", "{era:?}");
        client.post("torrents/reannounce", &format!("hashes={hash}"));
        assert_eq!(
            row(&mut client, &hash),
            (meanwhile, "old".to_owned()),
            "{era:?}"
        );
        let rows = client.json(&format!("torrents/trackers?hash={hash}"));
        let updating = if era >= Era::V5_2 {
            Value::Bool(true)
        } else {
            Value::Null
        };
        assert_eq!(rows[3]["updating"], updating);
        client.wait(1_000);
        assert_eq!(row(&mut client, &hash), (2, String::new()), "{era:?}");
    }
}

#[test]
fn a_refusal_stays_for_half_an_hour_and_a_transport_failure_is_retried_soon() {
    let cases = [
        (TrackerResult::failure("no"), 1800),
        (TrackerResult::refused(), 17),
    ];
    for (result, seconds) in cases {
        let mut client = Client::logged_in(Era::V5_1);
        let hash = client
            .server
            .add(START, TorrentSpec::new("A").tracker(URL, result.clone()));
        client
            .server
            .set_tracker(&hash, URL, TrackerResult::Working, false);
        client.wait(seconds * 1000 - 1);
        assert_eq!(row(&mut client, &hash).0, 4, "{result:?}");
        client.wait(1_000);
        assert_eq!(row(&mut client, &hash).0, 2, "{result:?}");
    }
}

#[test]
fn transport_failures_are_retried_ever_more_rarely() {
    let mut client = Client::logged_in(Era::V5_3);
    let spec = TorrentSpec::new("A").tracker(URL, TrackerResult::refused());
    let hash = client.server.add(START, spec);
    let takes = client.server.settings.announce_ms;
    for seconds in [17, 55, 117, 205, 317, 455, 617, 617] {
        let next = client.server.torrent(&hash).unwrap().trackers[0].next_at;
        assert_eq!(next, Some(client.now + seconds * 1000));
        client.wait(seconds * 1000 + takes);
    }
}

#[test]
fn stopping_blanks_the_rows_from_5_0_on() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        let spec = TorrentSpec::new("A").tracker(URL, TrackerResult::failure("no"));
        let hash = client.server.add(START, spec);
        client.act("stop", &hash);
        let expected = if era.has_new_names() {
            (1, "")
        } else {
            (4, "no")
        };
        assert_eq!(
            row(&mut client, &hash),
            (expected.0, expected.1.to_owned()),
            "{era:?}"
        );
        client.act("start", &hash);
        client.wait(1_500);
        assert_eq!(row(&mut client, &hash).1, "no", "{era:?}");
    }
}

#[test]
fn lower_tiers_are_asked_only_when_the_upper_ones_fail() {
    for (result, second) in [
        (TrackerResult::Working, 1),
        (TrackerResult::failure("no"), 2),
    ] {
        let mut client = Client::logged_in(Era::V4_5_2);
        client.server.settings.session_seconds = 1 << 40;
        let spec = TorrentSpec::new("A").tracker(URL, result.clone());
        let hash = client.server.add(
            START,
            spec.tracker("http://u/announce", TrackerResult::Working),
        );
        for wait in [0, 4_000_000] {
            client.wait(wait);
            let rows = client.json(&format!("torrents/trackers?hash={hash}"));
            assert_eq!(rows[4]["status"], second, "{result:?}");
        }
        let tracker = client.json("torrents/info")[0]["tracker"].clone();
        assert_eq!(
            tracker,
            if second == 1 {
                URL
            } else {
                "http://u/announce"
            }
        );
    }
}

#[test]
fn flags_of_failing_trackers_are_only_in_maindata_and_cover_all() {
    let mut client = Client::logged_in(Era::V5_3);
    let spec = TorrentSpec::new("A").tracker(URL, TrackerResult::failure("no"));
    let hash = client.server.add(
        START,
        spec.tracker("http://u/announce", TrackerResult::Working),
    );
    let row = &client.json("sync/maindata")["torrents"][&hash];
    assert_eq!(
        (&row["has_tracker_error"], &row["has_other_announce_error"]),
        (&true.into(), &false.into())
    );
    assert_eq!(
        client.json("torrents/info")[0]["has_tracker_error"],
        Value::Null
    );
}
