//! Full answers and deltas of `sync/maindata`.

use super::super::testing::{Client, START};
use super::super::*;
use serde_json::{Value, json};

fn maindata(client: &mut Client, rid: u64) -> (u64, Value) {
    let mut answer = client.json(&format!("sync/maindata?rid={rid}"));
    let rid = answer["rid"].as_u64().unwrap();
    answer.as_object_mut().unwrap().remove("rid");
    (rid, answer)
}

#[test]
fn an_empty_server_leaves_empty_parts_out_from_5_0_on() {
    for era in Era::ALL {
        let (_, answer) = maindata(&mut Client::logged_in(era), 0);
        let keys: Vec<_> = answer
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let expected: &[_] = match era {
            Era::V4_2_5 => &[
                "categories",
                "full_update",
                "server_state",
                "tags",
                "torrents",
            ],
            Era::V4_5_2 | Era::V4_6 => &[
                "categories",
                "full_update",
                "server_state",
                "tags",
                "torrents",
                "trackers",
            ],
            Era::V5_0 | Era::V5_1 | Era::V5_2 | Era::V5_3 => &["full_update", "server_state"],
        };
        assert_eq!(keys, expected, "{era:?}");
    }
}

#[test]
fn nothing_changed_is_only_a_number() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        client.server.add(
            START,
            TorrentSpec::new("A")
                .tag("t")
                .tracker("http://t/announce", TrackerResult::Working),
        );
        client.wait(2_000);
        let (rid, full) = maindata(&mut client, 0);
        assert_eq!(full["torrents"].as_object().unwrap().len(), 1);
        client.wait(60_000);
        let (next, delta) = maindata(&mut client, rid);
        assert_eq!((next, delta), (rid + 1, json!({})), "{era:?}");
    }
}

#[test]
fn changes_come_once_and_again_when_the_answer_was_lost() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        let hash = client.server.add(START, TorrentSpec::new("A"));
        client.wait(2_000);
        let (rid, _) = maindata(&mut client, 0);
        client.post(
            "torrents/setDownloadLimit",
            &format!("hashes={hash}&limit=5"),
        );
        client.wait(2_000);
        let expected = json!({ "torrents": { &hash: { "dl_limit": 5 } } });
        let (lost, delta) = maindata(&mut client, rid);
        assert_eq!(delta, expected, "{era:?}");
        client.post("torrents/setUploadLimit", &format!("hashes={hash}&limit=6"));
        client.wait(2_000);
        let (next, delta) = maindata(&mut client, rid);
        let expected = json!({ "torrents": { &hash: { "dl_limit": 5, "up_limit": 6 } } });
        assert_eq!(delta, expected, "{era:?}");
        assert_ne!(next, lost);
        assert_eq!(maindata(&mut client, next).1, json!({}), "{era:?}");
    }
}

#[test]
fn a_field_takes_a_second_to_show_from_4_6_on() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        let hash = client.server.add(START, TorrentSpec::new("A"));
        let (rid, _) = maindata(&mut client, 0);
        client.post("torrents/rename", &format!("hash={hash}&name=B"));
        let (rid, delta) = maindata(&mut client, rid);
        let is_there = |delta: &Value| delta["torrents"][&hash]["name"] == "B";
        assert_eq!(is_there(&delta), era < Era::V4_6, "{era:?}");
        client.wait(1_000);
        let (_, delta) = maindata(&mut client, rid);
        assert_eq!(is_there(&delta), era >= Era::V4_6, "{era:?}");
    }
}

#[test]
fn a_deleted_torrent_is_in_the_very_next_delta_and_an_added_one_is_whole() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        let spec = TorrentSpec::new("A").tracker("http://t/announce", TrackerResult::Working);
        let hash = client.server.add(START, spec);
        let (rid, _) = maindata(&mut client, 0);
        client.post(
            "torrents/delete",
            &format!("hashes={hash}&deleteFiles=false"),
        );
        let new = client
            .server
            .add(client.now, TorrentSpec::new("B").category("c"));
        let (rid, delta) = maindata(&mut client, rid);
        assert_eq!(delta["torrents_removed"], json!([hash]), "{era:?}");
        assert_eq!(delta["categories"]["c"]["name"], "c");
        if era >= Era::V4_5_2 {
            assert_eq!(delta["trackers_removed"], json!(["http://t/announce"]));
        }
        let row = delta["torrents"][&new].as_object().unwrap().clone();
        client.wait(2_000);
        let full = maindata(&mut client, 0).1;
        assert_eq!(row.len(), full["torrents"][&new].as_object().unwrap().len());
        assert_ne!(rid, 0);
    }
}

#[test]
fn unknown_numbers_and_other_sessions_get_everything() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        client.server.add(START, TorrentSpec::new("A"));
        let (rid, _) = maindata(&mut client, 0);
        for other in ["", "?rid=0", "?rid=77", "?rid=x"] {
            assert_eq!(
                client.json(&format!("sync/maindata{other}"))["full_update"],
                true,
                "{era:?} {other}"
            );
        }
        client.cookie = None;
        client.post("auth/login", "username=admin&password=adminadmin");
        assert_eq!(maindata(&mut client, rid).1["full_update"], true, "{era:?}");
    }
}

#[test]
fn numbers_begin_again_after_a_full_answer_until_4_5() {
    for (era, expected) in [
        (Era::V4_2_5, 1),
        (Era::V4_5_2, 1),
        (Era::V4_6, 2),
        (Era::V5_3, 2),
    ] {
        let mut client = Client::logged_in(era);
        assert_eq!(maindata(&mut client, 0).0, 1);
        assert_eq!(maindata(&mut client, 0).0, expected, "{era:?}");
    }
}

#[test]
fn checks_show_in_deltas() {
    let mut client = Client::logged_in(Era::V5_1);
    let hash = client.server.add(START, TorrentSpec::new("A"));
    client.wait(2_000);
    let (mut rid, _) = maindata(&mut client, 0);
    client.server.settings.check_ms = 10_000;
    client.act("recheck", &hash);
    let mut seen = Vec::new();
    for _ in 0..15 {
        client.wait(1_000);
        let (next, delta) = maindata(&mut client, rid);
        rid = next;
        seen.extend(
            delta["torrents"][&hash]["state"]
                .as_str()
                .map(str::to_owned),
        );
        seen.extend(
            delta["torrents"][&hash]["progress"]
                .as_f64()
                .map(|progress| progress.to_string()),
        );
    }
    seen.dedup();
    assert!(
        seen.first().unwrap() == "checkingUP" && seen.contains(&"0.5".to_owned()),
        "{seen:?}"
    );
    assert_eq!(seen[seen.len() - 2..], ["stalledUP", "1"], "{seen:?}");
}

#[test]
fn the_first_free_space_can_be_wrong() {
    for first in [0, -1] {
        let mut client = Client::logged_in(Era::V4_5_2);
        client.server.settings.first_free_space = Some(first);
        let (rid, answer) = maindata(&mut client, 0);
        assert_eq!(answer["server_state"]["free_space_on_disk"], first);
        let (_, delta) = maindata(&mut client, rid);
        assert_eq!(
            delta,
            json!({ "server_state": { "free_space_on_disk": 500_u64 << 30 } })
        );
    }
}
