//! Rows, filters, and the reading endpoints by version.

use super::super::testing::{Client, START};
use super::super::*;
use serde_json::{Value, json};

#[test]
fn rows_have_each_versions_number_of_keys() {
    let counts = [43, 49, 51, 57, 57, 66, 67];
    for (era, count) in Era::ALL.into_iter().zip(counts) {
        let mut client = Client::logged_in(era);
        client.server.add(START, TorrentSpec::new("A"));
        let row = client.json("torrents/info")[0].as_object().unwrap().clone();
        assert_eq!(row.len(), count, "{era:?} {row:?}");
        let hash = row["hash"].as_str().unwrap();
        let synced = client.json("sync/maindata")["torrents"][hash]
            .as_object()
            .unwrap()
            .len();
        let flags = if era >= Era::V5_2 { 3 } else { 0 };
        assert_eq!(synced, count - 1 + flags, "{era:?}");
    }
}

#[test]
fn sentinels_by_version() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        client.server.add(
            START,
            TorrentSpec::new("A")
                .magnet()
                .tracker("http://t/a", TrackerResult::refused()),
        );
        let row = &client.json("torrents/info")[0];
        let never = if era.has_new_names() { -1 } else { 0 };
        assert_eq!(row["completion_on"], never, "{era:?}");
        assert_eq!(row["dl_limit"], if era == Era::V4_2_5 { -1 } else { 0 });
        assert_eq!((&row["size"], &row["total_size"]), (&json!(0), &json!(-1)));
        assert_eq!(row["private"], Value::Null);
        assert_eq!(row.get("private").is_some(), era.has_new_names());
        assert_eq!(
            row["tracker"],
            if era >= Era::V5_1 { "http://t/a" } else { "" },
            "{era:?}"
        );
        assert_eq!(
            row["save_path"],
            if era == Era::V4_2_5 {
                "/downloads/"
            } else {
                "/downloads"
            }
        );
        assert_eq!(row["state"], "metaDL");
    }
}

#[test]
fn content_paths_follow_the_files() {
    let cases = [
        (TorrentSpec::new("A").size(1), "/downloads/A"),
        (
            TorrentSpec::new("B").file("only/deep.bin", 1),
            "/downloads/B/only/deep.bin",
        ),
        (
            TorrentSpec::new("C").file("a", 1).file("b", 1),
            "/downloads/C",
        ),
        (
            TorrentSpec::new("D").bare_file("a", 1).bare_file("b", 1),
            "/downloads",
        ),
        (
            TorrentSpec::new("E")
                .size(2)
                .progress(0.5)
                .download_path("/tmp/x"),
            "/tmp/x/E",
        ),
        (
            TorrentSpec::new("F").size(2).download_path("/tmp/x"),
            "/downloads/F",
        ),
    ];
    for (spec, expected) in cases {
        let mut client = Client::logged_in(Era::V5_1);
        client.server.add(START, spec);
        assert_eq!(client.json("torrents/info")[0]["content_path"], expected);
    }
}

fn filtered(era: Era, query: &str) -> usize {
    let mut client = Client::logged_in(era);
    client.server.add_all(
        START,
        [
            TorrentSpec::new("seed").category("c").tag("t"),
            TorrentSpec::new("stopped").stopped().private(),
            TorrentSpec::new("loading").progress(0.5),
            TorrentSpec::new("missing").trouble(Trouble::MissingFiles),
            TorrentSpec::new("error").trouble(Trouble::PeerRead),
        ],
    );
    client
        .json(&format!("torrents/info?{query}"))
        .as_array()
        .unwrap()
        .len()
}

#[test]
fn filters_differ_and_unknown_ones_let_everything_pass() {
    for era in Era::ALL {
        let new = era.has_new_names();
        for (query, count) in [
            ("filter=errored", 2),
            ("filter=nonsense", 5),
            ("filter=paused", if new { 5 } else { 1 }),
            ("filter=stopped", if new { 1 } else { 5 }),
            ("category=c", 1),
            ("category=", 4),
            ("tag=t", if era == Era::V4_2_5 { 5 } else { 1 }),
            ("private=true", if new { 1 } else { 5 }),
            ("hashes=", 5),
            ("hashes=zz", 0),
            ("limit=2", 2),
            ("offset=-2", 2),
            ("offset=9", if era == Era::V5_3 { 0 } else { 5 }),
        ] {
            assert_eq!(filtered(era, query), count, "{era:?} {query}");
        }
    }
}

#[test]
fn sorting_and_its_errors() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        client.server.add_all(
            START,
            [TorrentSpec::new("b").size(1), TorrentSpec::new("a").size(2)],
        );
        let names = |rows: Value| format!("{}{}", rows[0]["name"], rows[1]["name"]);
        assert_eq!(names(client.json("torrents/info?sort=name")), "\"a\"\"b\"");
        assert_eq!(
            names(client.json("torrents/info?sort=size&reverse=true")),
            "\"a\"\"b\""
        );
        let expected = if era == Era::V4_2_5 { 200 } else { 400 };
        assert_eq!(client.get("torrents/info?sort=nope").0, expected, "{era:?}");
    }
}

#[test]
fn trackers_are_included_on_request_from_5_1_on() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        client.server.add(
            START,
            TorrentSpec::new("A").tracker("http://t/a", TrackerResult::Working),
        );
        let row = &client.json("torrents/info?includeTrackers=true")[0];
        let count = row["trackers"].as_array().map(Vec::len);
        assert_eq!(count, (era >= Era::V5_1).then_some(1), "{era:?}");
    }
}

#[test]
fn times_of_idle_torrents_stand_still_until_an_announce() {
    let mut client = Client::logged_in(Era::V5_1);
    let spec = TorrentSpec::new("A")
        .seeding_for(100)
        .tracker("http://t/a", TrackerResult::Working);
    client.server.add(START, spec);
    let seeding = |client: &mut Client| client.json("torrents/info")[0]["seeding_time"].clone();
    client.wait(1_700_000);
    assert_eq!(seeding(&mut client), 100);
    client.wait(100_000);
    assert_eq!(seeding(&mut client), 1900);
}

#[test]
fn properties_tell_privacy_by_version() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        let hash = client.server.add(START, TorrentSpec::new("A").private());
        let found = client.json(&format!("torrents/properties?hash={}", hash.to_uppercase()));
        let told = |from: Era| {
            if era >= from {
                json!(true)
            } else {
                Value::Null
            }
        };
        assert_eq!(
            (&found["is_private"], &found["private"]),
            (&told(Era::V4_5_2), &told(Era::V5_0)),
            "{era:?}"
        );
        let rows = client.json(&format!("torrents/trackers?hash={hash}"));
        assert_eq!(rows[0]["msg"], "This torrent is private");
        assert_eq!(
            rows[0]["tier"],
            if era == Era::V4_2_5 {
                json!("")
            } else {
                json!(-1)
            }
        );
    }
}

#[test]
fn export_needs_metadata_and_4_5() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        let whole = client.server.add(START, TorrentSpec::new("A"));
        let magnet = client.server.add(START, TorrentSpec::new("B").magnet());
        let status =
            |client: &mut Client, hash: &str| client.get(&format!("torrents/files?hash={hash}")).0;
        assert_eq!(status(&mut client, &whole), 200);
        let request = format!("/api/v2/torrents/export?hash={whole}");
        let reply = client.send(
            http::Request::get(request)
                .body(bytes::Bytes::new())
                .unwrap(),
        );
        let has_export = era >= Era::V4_5_2;
        assert_eq!(reply.status() == 200, has_export, "{era:?}");
        let expected = if has_export { 409 } else { 404 };
        assert_eq!(
            client.get(&format!("torrents/export?hash={magnet}")).0,
            expected,
            "{era:?}"
        );
    }
}

#[test]
fn fifty_thousand_torrents_are_put_in_and_listed() {
    let mut client = Client::logged_in(Era::V5_3);
    let specs = (0..50_000).map(|n| TorrentSpec::new(&format!("Torrent.{n}")).size(n));
    client.server.add_all(START, specs);
    client.wait(2_000);
    let (_, full) = client.get("sync/maindata");
    assert!(full.len() > 50_000_000 && full.contains("\"full_update\":true,\"rid\":1,"));
    assert_eq!(client.get("sync/maindata?rid=1").1, "{\"rid\":2}");
}
