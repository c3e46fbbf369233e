//! `torrents/add`, `delete`, and what a restore can and can't bring back.

use super::super::testing::{Client, START};
use super::super::*;
use serde_json::{Value, json};

fn export(client: &mut Client, hash: &str) -> Vec<u8> {
    let request = http::Request::get(format!("/api/v2/torrents/export?hash={hash}"));
    client
        .send(request.body(bytes::Bytes::new()).unwrap())
        .body()
        .to_vec()
}

#[test]
fn an_exported_torrent_comes_back_with_its_hash_and_without_its_past() {
    for era in Era::ALL.into_iter().skip(1) {
        let mut client = Client::logged_in(era);
        let spec = TorrentSpec::new("A")
            .file("a", 5)
            .private()
            .ratio(2.0)
            .tracker("http://t/a", TrackerResult::Working);
        let hash = client.server.add(START, spec);
        let bytes = export(&mut client, &hash);
        client.post(
            "torrents/delete",
            &format!("hashes={hash}&deleteFiles=false"),
        );
        assert_eq!(client.get(&format!("torrents/files?hash={hash}")).0, 404);
        client.wait(5_000);
        let both = [
            ("category", "c"),
            ("tags", "k"),
            ("paused", "true"),
            ("stopped", "true"),
            ("skip_checking", "true"),
            ("seedMode", "true"),
        ];
        assert_eq!(client.add(&bytes, &both).0, 200, "{era:?}");
        let row = &client.json("torrents/info")[0];
        assert_eq!(
            (&row["hash"], &row["progress"]),
            (&json!(hash), &json!(1.0)),
            "{era:?}"
        );
        assert_eq!(
            row["state"],
            if era.has_new_names() {
                "stoppedUP"
            } else {
                "pausedUP"
            }
        );
        assert_eq!(
            (&row["uploaded"], &row["downloaded"], &row["ratio"]),
            (&json!(0), &json!(0), &json!(0.0))
        );
        assert_eq!(row["added_on"], (START + 5_000) / 1000);
        assert_eq!((&row["category"], &row["tags"]), (&json!("c"), &json!("k")));
        assert_eq!(client.json("torrents/categories")["c"]["name"], "c");
    }
}

#[test]
fn each_version_knows_only_its_own_words() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        let hash = client.server.add(START, TorrentSpec::new("A"));
        let bytes = client
            .server
            .torrent(&hash)
            .unwrap()
            .metainfo()
            .bytes(false);
        let states = [("paused", "skip_checking"), ("stopped", "seedMode")].map(|(stop, skip)| {
            client.server.vanish(client.now, &hash);
            client.add(&bytes, &[(stop, "true"), (skip, "true")]);
            client.server.state(&hash).unwrap()
        });
        let expected = match era {
            Era::V4_2_5 | Era::V4_5_2 | Era::V4_6 => ["pausedUP", "checkingDL"],
            Era::V5_0 | Era::V5_1 | Era::V5_2 => ["stalledUP", "stoppedDL"],
            Era::V5_3 => ["checkingDL", "stoppedUP"],
        };
        assert_eq!(states, expected, "{era:?}");
    }
}

#[test]
fn unchecked_without_data_is_missing_files_and_checked_is_an_unfinished_download() {
    let mut client = Client::logged_in(Era::V4_5_2);
    let hash = client.server.add(START, TorrentSpec::new("A"));
    let bytes = export(&mut client, &hash);
    for (skip, expected) in [("true", "missingFiles/0"), ("false", "stalledDL/0")] {
        client.post(
            "torrents/delete",
            &format!("hashes={hash}&deleteFiles=true"),
        );
        client.add(&bytes, &[("skip_checking", skip)]);
        client.wait(5_000);
        assert_eq!(client.state(&hash), expected);
    }
}

#[test]
fn a_torrent_added_stopped_is_checked_only_when_it_is_started_or_rechecked() {
    for action in ["start", "recheck"] {
        let mut client = Client::logged_in(Era::V5_1);
        let hash = client.server.add(START, TorrentSpec::new("A"));
        let bytes = export(&mut client, &hash);
        client.server.vanish(START, &hash);
        client.add(&bytes, &[("stopped", "true")]);
        client.wait(60_000);
        assert_eq!(client.state(&hash), "stoppedDL/0");
        assert_eq!(client.json("torrents/info")[0]["completion_on"], -1);
        client.act(action, &hash);
        client.wait(5_000);
        let expected = if action == "start" {
            "stalledUP/1"
        } else {
            "stoppedUP/1"
        };
        assert_eq!(client.state(&hash), expected);
        let done = client.json("torrents/info")[0]["completion_on"]
            .as_i64()
            .unwrap();
        assert!(done > START / 1000 + 60, "{done}");
    }
}

#[test]
fn answers_of_add_by_version() {
    let magnet = format!("urls=magnet:?xt=urn:btih:{}%26dn=M", "ab".repeat(20));
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        let hash = client.server.add(START, TorrentSpec::new("A"));
        let bytes = client
            .server
            .torrent(&hash)
            .unwrap()
            .metainfo()
            .bytes(false);
        let duplicate = match era {
            Era::V4_2_5 => (200, "Ok.".to_owned()),
            Era::V4_5_2 | Era::V4_6 | Era::V5_0 | Era::V5_1 => (200, "Fails.".to_owned()),
            Era::V5_2 | Era::V5_3 => (409, "Conflict".to_owned()),
        };
        assert_eq!(client.add(&bytes, &[]), duplicate, "{era:?}");
        assert_eq!(client.add(b"garbage", &[]).0, 415, "{era:?}");
        let (status, body) = client.post("torrents/add", &magnet);
        assert_eq!(status, 200);
        match era >= Era::V5_2 {
            true => {
                let answer: Value = serde_json::from_str(&body).unwrap();
                assert_eq!(
                    (&answer["success_count"], &answer["pending_count"]),
                    (&json!(1), &json!(0))
                );
            }
            false => assert_eq!(body, "Ok."),
        }
        assert_eq!(client.server.torrent(&"ab".repeat(20)).unwrap().name, "M");
        let (status, _) = client.post("torrents/add", "urls=http://x/y.torrent");
        assert_eq!(status, if era >= Era::V5_2 { 202 } else { 200 });
    }
}

#[test]
fn files_shared_with_another_torrent_are_really_removed() {
    let mut client = Client::logged_in(Era::V5_1);
    let first = client
        .server
        .add(START, TorrentSpec::new("A").file("a", 5).file("b", 6));
    let second = client.server.add(
        START,
        TorrentSpec::new("A").file("a", 5).comment("x").private(),
    );
    client.post(
        "torrents/delete",
        &format!("hashes={first}&deleteFiles=true"),
    );
    assert_eq!(client.state(&second), "stalledUP/1");
    let removed: Vec<_> = client
        .server
        .effects_on(&first)
        .into_iter()
        .cloned()
        .collect();
    let file = |path: &str, shared_with: &[&String]| What::FileRemoved {
        path: path.to_owned(),
        shared_with: shared_with.iter().map(|hash| (*hash).clone()).collect(),
    };
    assert!(matches!(
        removed[0],
        What::Deleted {
            with_files: true,
            ..
        }
    ));
    assert_eq!(
        removed[1..],
        [
            file("/downloads/A/a", &[&second]),
            file("/downloads/A/b", &[])
        ]
    );
    client.server.restart(client.now);
    assert_eq!(client.state(&second), "missingFiles/0");
}

#[test]
fn a_folder_on_the_real_disk_keeps_what_is_not_the_torrents() {
    let root = std::env::temp_dir().join(format!("seedwarden-sim-disk-{}", std::process::id()));
    let disk = FolderDisk::new("/downloads", &root);
    let mut client = Client::logged_in(Era::V5_1);
    client.server.disk = Box::new(disk);
    let hashes = client.server.add_all(
        START,
        ["A", "B"].map(|name| TorrentSpec::new(name).file("x/a", 5)),
    );
    std::fs::write(root.join("B/foreign"), "x").unwrap();
    assert_eq!(std::fs::metadata(root.join("A/x/a")).unwrap().len(), 5);
    client.post(
        "torrents/delete",
        &format!("hashes={}&deleteFiles=true", hashes.join("|")),
    );
    assert!(root.exists() && !root.join("A").exists());
    assert!(root.join("B/foreign").exists() && !root.join("B/x").exists());
    std::fs::remove_dir_all(root).unwrap();
}

#[test]
fn files_go_after_the_delay_that_is_set() {
    let mut client = Client::logged_in(Era::V5_1);
    client.server.settings.delete_ms = 300;
    let hash = client.server.add(START, TorrentSpec::new("A"));
    client.post(
        "torrents/delete",
        &format!("hashes={hash}&deleteFiles=true"),
    );
    assert!(client.server.torrents().is_empty());
    assert!(client.server.disk.size("/downloads/A").is_some());
    client.wait(300);
    assert!(client.server.disk.size("/downloads/A").is_none());
}

#[test]
fn label_actions_and_their_refusals() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        let hash = client
            .server
            .add(START, TorrentSpec::new("A").category("k").tag("old"));
        let named = format!("hashes={hash}");
        for (action, form, status) in [
            ("setCategory", format!("{named}&category=none"), 409),
            ("createCategory", "category=k".to_owned(), 409),
            ("createCategory", "category=a//b".to_owned(), 409),
            ("createCategory", "category=".to_owned(), 400),
            ("createCategory", "category=new".to_owned(), 200),
            ("setCategory", format!("{named}&category=new"), 200),
            ("addTags", format!("{named}&tags=x, y"), 200),
            ("removeTags", format!("{named}&tags=old"), 200),
        ] {
            assert_eq!(
                client.post(&format!("torrents/{action}"), &form).0,
                status,
                "{era:?} {action}"
            );
        }
        let row = &client.json("torrents/info")[0];
        assert_eq!(
            (&row["category"], &row["tags"]),
            (&json!("new"), &json!("x, y")),
            "{era:?}"
        );
        client.post("torrents/removeTags", &named);
        assert_eq!(client.json("torrents/info")[0]["tags"], "", "{era:?}");
    }
}

#[test]
fn tracker_actions_answer_by_version() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        let hash = client.server.add(
            START,
            TorrentSpec::new("A").tracker("http://t/1", TrackerResult::Working),
        );
        let good = if era >= Era::V5_2 { 204 } else { 200 };
        let unknown = if era >= Era::V5_3 { 204 } else { 404 };
        let mut post =
            |action: &str, form: &str| client.post(&format!("torrents/{action}"), form).0;
        assert_eq!(
            post("addTrackers", &format!("hash={hash}&urls=http://t/2")),
            good,
            "{era:?}"
        );
        assert_eq!(
            post("addTrackers", "hash=zz&urls=http://t/2"),
            unknown,
            "{era:?}"
        );
        assert_eq!(
            post("removeTrackers", &format!("hash={hash}&urls=http://t/1")),
            good,
            "{era:?}"
        );
        let strange = if era == Era::V4_2_5 { 409 } else { good };
        assert_eq!(
            post("removeTrackers", &format!("hash={hash}&urls=http://t/9")),
            strange,
            "{era:?}"
        );
        let urls: Vec<_> = client
            .server
            .torrent(&hash)
            .unwrap()
            .trackers
            .iter()
            .map(|one| one.url.clone())
            .collect();
        assert_eq!(urls, ["http://t/2"], "{era:?}");
    }
}

#[test]
fn share_limits_need_more_parameters_with_each_version() {
    let all = [
        "ratioLimit=1.5",
        "seedingTimeLimit=5",
        "inactiveSeedingTimeLimit=6",
        "shareLimitAction=Default",
        "shareLimitsMode=Default",
    ];
    for (era, needed) in Era::ALL.into_iter().zip([2, 2, 3, 3, 3, 4, 5]) {
        let mut client = Client::logged_in(era);
        let hash = client.server.add(START, TorrentSpec::new("A"));
        for given in 1..=5 {
            let form = format!("hashes={hash}&{}", all[..given].join("&"));
            let expected = if given >= needed { 200 } else { 400 };
            assert_eq!(
                client.post("torrents/setShareLimits", &form).0,
                expected,
                "{era:?} {given}"
            );
        }
        assert_eq!(client.json("torrents/info")[0]["ratio_limit"], 1.5);
    }
}
