use super::super::testing::*;
use super::*;
use seedwarden_sim::faults::Fault;
use seedwarden_sim::qbittorrent::{Era, TorrentSpec, TrackerResult};

const OTHER: &str = "89abcdef0123456789abcdef0123456789abcdef";

/// The library without what only the clock of the server decides.
fn still(library: &Library) -> Library {
    let mut library = library.clone();
    library.server = ServerState::default();
    for torrent in library.torrents.values_mut() {
        torrent.last_activity = None;
    }
    library
}

#[tokio::test(start_paused = true)]
async fn follows_the_server_by_deltas_on_every_version() {
    for era in Era::ALL {
        let world = World::new(era);
        let client = world.client();
        let mut library = Library::default();
        let mut full = 0;
        let mut random = 7_u64;
        for round in 0..60_u64 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let items: Vec<ItemId> = library.torrents.keys().cloned().collect();
            let some = items
                .get((random >> 33) as usize % items.len().max(1))
                .cloned();
            let act = world.client();
            match ((random >> 50) % 6, some) {
                (0 | 1, _) | (_, None) => {
                    let spec = TorrentSpec::new(&format!("n{round}")).tag("t");
                    world.add(spec.tracker("http://t/announce", TrackerResult::Working));
                }
                (2, Some(item)) => assert!(act.delete(&item, true).await.is_done()),
                (3, Some(item)) => assert!(act.set_category(&item, "films").await.is_done()),
                (4, Some(item)) => assert!(act.stop(&item).await.is_done()),
                (5, Some(item)) => assert!(act.add_tags(&item, &["x"]).await.is_done()),
                (kind, Some(_)) => panic!("no such step: {kind}"),
            }
            world.wait(5).await;
            let before: Vec<ItemId> = library.torrents.keys().cloned().collect();
            let got = refresh(&client, &mut library).await.unwrap();
            full += u32::from(got.full);
            assert_eq!(
                still(&library),
                still(&world.afresh().await),
                "{era:?} round {round}"
            );
            let gone: Vec<ItemId> = before
                .into_iter()
                .filter(|item| !library.torrents.contains_key(item))
                .collect();
            assert_eq!(got.removed, gone, "{era:?} round {round}");
        }
        assert_eq!(full, 1, "{era:?}");
        assert!(library.torrents.len() > 5, "{era:?}: too little happened");
    }
}

#[tokio::test(start_paused = true)]
async fn changes_nothing_when_the_answer_is_cut_off_or_not_json() {
    for era in [Era::V4_2_5, Era::V5_3] {
        let world = World::new(era);
        for i in 0..20 {
            world.add(TorrentSpec::new(&format!("n{i}")));
        }
        let client = world.client();
        let mut library = Library::default();
        refresh(&client, &mut library).await.unwrap();
        let faults = [
            Fault::Torn(0),
            Fault::Torn(1),
            Fault::Torn(1500),
            Fault::Torn(9999),
            Fault::TruncatedJson,
            Fault::Html200,
            Fault::Html502,
            Fault::Empty503,
            Fault::Silence,
            Fault::SilenceAfter,
            Fault::Status(404, String::new()),
        ];
        for (i, fault) in faults.into_iter().enumerate() {
            // By turns a full list and a delta.
            if i % 2 == 0 {
                world.server(|server| server.expire_sessions());
            }
            let item = world.add(TorrentSpec::new(&format!("new{i}")));
            world.wait(5).await;
            let before = library.clone();
            // More than one, for a renewed session meets them too.
            world.faults.always("sync/maindata", fault.clone());
            let result = refresh(&client, &mut library).await;
            world.faults.clear();
            assert!(result.is_err(), "{era:?} {fault:?}: {result:?}");
            assert_eq!(library, before, "{era:?} {fault:?}");
            refresh(&client, &mut library).await.unwrap();
            assert!(library.torrents.contains_key(&item), "{era:?} {fault:?}");
            assert_eq!(
                still(&library),
                still(&world.afresh().await),
                "{era:?} {fault:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn notices_that_a_server_was_restarted_as_another_version() {
    let world = World::new(Era::V4_5_2);
    world.add(TorrentSpec::new("a"));
    let client = world.client();
    let mut library = Library::default();
    refresh(&client, &mut library).await.unwrap();
    let now = world.clock.now_ms();
    world.server(|server| {
        server.settings.era = Era::V5_1;
        server.restart(now);
    });
    assert!(refresh(&client, &mut library).await.unwrap().full);
    assert_eq!(library.api, crate::core::model::ApiVersion(2, 11, 4));
}

#[tokio::test(start_paused = true)]
async fn an_empty_full_list_means_no_torrents() {
    for era in Era::ALL {
        let world = World::new(era);
        let item = world.add(TorrentSpec::new("a"));
        let client = world.client();
        let mut library = Library::default();
        refresh(&client, &mut library).await.unwrap();
        let now = world.clock.now_ms();
        world.server(|server| {
            server.vanish(now, item.as_str());
            server.expire_sessions();
        });
        let got = refresh(&client, &mut library).await.unwrap();
        assert_eq!((got.full, got.removed), (true, vec![item]), "{era:?}");
        assert!(library.torrents.is_empty(), "{era:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn asks_for_everything_for_another_library_or_other_fields() {
    let world = World::new(Era::V5_1);
    world.add(TorrentSpec::new("a"));
    let client = world.client();
    let mut library = Library::default();
    refresh(&client, &mut library).await.unwrap();
    assert!(!refresh(&client, &mut library).await.unwrap().full);
    assert!(
        refresh(&client, &mut Library::default())
            .await
            .unwrap()
            .full
    );
    let keep = FieldSet::from_iter(["super_seeding"]);
    assert!(
        client
            .refresh(&mut library, &keep, None)
            .await
            .unwrap()
            .full
    );
    let other = library
        .torrents
        .values()
        .next()
        .and_then(|torrent| torrent.other.clone());
    assert_eq!(
        other.unwrap_or_default().get("super_seeding"),
        Some(&Value::Bool(false))
    );
    assert!(
        !client
            .refresh(&mut library, &keep, None)
            .await
            .unwrap()
            .full
    );
}

#[tokio::test(start_paused = true)]
async fn tells_the_raw_text_of_what_changed() {
    let world = World::new(Era::V5_1);
    let items = ["a", "b", "c"].map(|name| world.add(TorrentSpec::new(name)));
    let client = world.client();
    let mut library = Library::default();
    let mut told: BTreeMap<String, Value> = BTreeMap::new();
    let mut on_raw = |hash: &str, raw: &str| {
        told.insert(hash.to_owned(), serde_json::from_str(raw).unwrap());
    };
    let keep = FieldSet::none();
    client
        .refresh(&mut library, &keep, Some(&mut on_raw))
        .await
        .unwrap();
    assert_eq!(told.len(), 3);
    assert_eq!(told[items[0].as_str()]["name"], "a");
    told.clear();
    let mut on_raw = |hash: &str, raw: &str| {
        told.insert(hash.to_owned(), serde_json::from_str(raw).unwrap());
    };
    world.client().set_category(&items[1], "films").await;
    world.wait(5).await;
    let got = client
        .refresh(&mut library, &keep, Some(&mut on_raw))
        .await
        .unwrap();
    assert_eq!(got.changed, [items[1].clone()]);
    assert_eq!(
        told.into_iter().collect::<Vec<_>>(),
        [(
            items[1].as_str().to_owned(),
            serde_json::json!({ "category": "films" })
        )]
    );
}

/// A library that holds one torrent, and what a second, prepared answer makes of it.
async fn second(answer: &str) -> (Result<Refresh, ReadErrorKind>, Library, Vec<String>) {
    let (raw, client) = raw_client("2.11.4");
    let first = format!(
        r#"{{"rid":5,"full_update":true,"torrents":{{"{HASH}":{{"name":"n","state":"uploading","size":3}}}}}}"#
    );
    raw.then(200, first);
    let mut library = Library::default();
    refresh(&client, &mut library).await.unwrap();
    raw.then(200, answer.to_owned());
    // For those that ask again, or find that the server has begun anew.
    raw.then(200, answer.to_owned()).then(200, "2.11.4");
    let result = refresh(&client, &mut library)
        .await
        .map_err(|error| error.kind);
    (result, library, raw.requests().split_off(3))
}

#[tokio::test(start_paused = true)]
async fn sends_the_last_number_that_was_taken_over() {
    let (raw, client) = raw_client("2.11.4");
    let mut library = Library::default();
    raw.then(200, r#"{"rid":5,"full_update":true}"#)
        .then(200, r#"{"rid":6"#);
    raw.then(200, r#"{"rid":6}"#).then(200, r#"{"rid":7}"#);
    let mut asked = Vec::new();
    for _ in 0..4 {
        let _ = refresh(&client, &mut library).await;
        asked.extend(raw.requests().pop());
    }
    let url = |rid| format!("GET http://h:1/base/api/v2/sync/maindata?rid={rid}");
    assert_eq!(asked, [0, 5, 5, 6].map(url));
}

#[tokio::test(start_paused = true)]
async fn merges_only_what_makes_sense() {
    let only = |torrent: &Library| torrent.torrents.get(HASH).cloned().unwrap_or_default();
    let (result, library, _) = second(r#"{"rid":6}"#).await;
    assert_eq!(result, Ok(Refresh::default()));
    assert_eq!(only(&library).size, Some(3));

    // A row that is no torrent leaves it as it was; others are taken.
    let (result, library, _) = second(&format!(
        r#"{{"rid":6,"torrents":{{"{HASH}":null,"{OTHER}":{{"name":"o","state":"error"}},"all":{{"name":"x"}}}}}}"#
    ))
    .await;
    assert_eq!(
        result.map(|got| (got.changed, got.bad_rows)),
        Ok((vec![OTHER.into()], 2))
    );
    assert_eq!((&*only(&library).name, library.torrents.len()), ("n", 2));

    // Hashes in capitals are the same torrents.
    let (_, library, _) = second(&format!(
        r#"{{"rid":6,"torrents":{{"{}":{{"size":"4"}}}},"torrents_removed":["x",7,null]}}"#,
        HASH.to_uppercase()
    ))
    .await;
    assert_eq!(only(&library).size, Some(4));

    // Removed and added again: nothing of the old one stays.
    let (result, library, _) = second(&format!(
        r#"{{"rid":6,"torrents_removed":["{HASH}"],"torrents":{{"{HASH}":{{"name":"m","state":"error"}}}}}}"#
    ))
    .await;
    assert_eq!(
        result.map(|got| (got.changed.len(), got.removed.len())),
        Ok((1, 0))
    );
    assert_eq!((only(&library).size, &*only(&library).name), (None, "m"));

    let (result, library, _) =
        second(&format!(r#"{{"torrents_removed":["{HASH}"],"rid":6}}"#)).await;
    assert_eq!(result.map(|got| got.removed), Ok(vec![HASH.into()]));
    assert!(library.torrents.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_bad_row_of_a_full_list_keeps_the_torrent_listed() {
    let answer = format!(
        r#"{{"full_update":true,"rid":1,"torrents":{{"{HASH}":[1],"{OTHER}":"x"}},"server_state":null}}"#
    );
    let (result, library, _) = second(&answer).await;
    let got = result.unwrap();
    assert_eq!((got.full, got.bad_rows, got.removed), (true, 2, Vec::new()));
    assert_eq!(&*library.torrents[HASH].name, "n");
    assert_eq!(library.torrents[OTHER], Torrent::default());
}

#[tokio::test(start_paused = true)]
async fn takes_the_list_for_whole_wherever_it_says_so() {
    let answer = format!(
        r#"{{"torrents":{{"{OTHER}":{{"name":"o","state":"error"}}}},"rid":1,"full_update":true}}"#
    );
    let (result, library, _) = second(&answer).await;
    assert_eq!(
        result.map(|got| (got.full, got.removed)),
        Ok((true, vec![HASH.into()]))
    );
    assert_eq!(library.torrents.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn asks_for_everything_when_changes_do_not_fit() {
    let (result, library, requests) = second(&format!(
        r#"{{"rid":6,"torrents":{{"{OTHER}":{{"size":1}}}}}}"#
    ))
    .await;
    // The second answer is no full list either: no reading.
    assert_eq!(result, Err(ReadErrorKind::Malformed));
    assert_eq!(library.torrents.len(), 1);
    assert!(
        requests[0].ends_with("rid=5") && requests[1].ends_with("rid=0"),
        "{requests:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn refuses_what_is_no_list() {
    let bodies = [
        "",
        "{}",
        "[]",
        "null",
        "<html></html>",
        r#"{"rid":null}"#,
        r#"{"rid":6}{}"#,
        r#"{"rid":6,"torrents":[]}"#,
        r#"{"rid":6,"torrents":{"x":{}}"#,
        r#"{"rid":6,"server_state":7}"#,
        r#"{"error":"x"}"#,
        &format!(r#"{{"rid":6,"torrents":{{"{HASH}":{{"size":}}}}}}"#),
    ];
    for body in bodies {
        let (result, library, _) = second(body).await;
        assert_eq!(result, Err(ReadErrorKind::Malformed), "{body}");
        assert_eq!(library.torrents[HASH].size, Some(3), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn merges_the_state_of_the_server() {
    let (raw, client) = raw_client("2.11.4");
    let state =
        r#"{"free_space_on_disk":7,"dl_info_speed":"3","global_ratio":"1,5","alltime_dl":null}"#;
    raw.then(
        200,
        format!(r#"{{"rid":1,"full_update":true,"server_state":{state}}}"#),
    );
    raw.then(
        200,
        r#"{"rid":2,"server_state":{"free_space_on_disk":-1,"x":{"y":1}}}"#,
    );
    let mut library = Library::default();
    refresh(&client, &mut library).await.unwrap();
    let server = &library.server;
    assert_eq!(
        (server.free_space_on_disk, server.dl_info_speed),
        (Some(7), Some(3))
    );
    assert_eq!((server.alltime_dl, server.alltime_ul), (None, None));
    refresh(&client, &mut library).await.unwrap();
    let server = &library.server;
    assert_eq!(
        (server.free_space_on_disk, server.dl_info_speed),
        (Some(-1), Some(3))
    );
    assert_eq!(server.raw["global_ratio"], "1,5");
    assert_eq!(server.raw["x"]["y"], 1);
}

#[tokio::test(start_paused = true)]
async fn remembers_over_a_full_list_what_an_error_hides() {
    let row = |state: &str, added: i64| {
        format!(
            r#"{{"rid":1,"full_update":true,"torrents":{{"{HASH}":{{"state":"{state}","added_on":{added},"completed":9}}}}}}"#
        )
    };
    let (raw, client) = raw_client("2.11.4");
    let mut library = Library::default();
    let mut last_good = Vec::new();
    for (state, added) in [("stoppedUP", 1), ("error", 1), ("error", 1), ("error", 2)] {
        raw.then(200, row(state, added)).then(200, "2.11.4");
        // Another field each time makes it a full list.
        let keep = FieldSet::from_iter([format!("{}", raw.requests().len())]);
        client.refresh(&mut library, &keep, None).await.unwrap();
        while raw.left() > 0 {
            client.version().await.unwrap();
        }
        last_good.push(
            library.torrents[HASH]
                .last_good
                .as_deref()
                .map(|good| good.completed),
        );
    }
    assert_eq!(last_good, [None, Some(9), Some(9), None]);
}

#[tokio::test(start_paused = true)]
async fn never_takes_another_sessions_number_for_its_own() {
    for era in Era::ALL {
        let keyed = era >= Era::V5_2;
        let world = World::new(era).set(|settings| {
            settings.bypasses_auth = !keyed;
            settings.api_key = Some("qbt_k".to_owned());
        });
        world.add(TorrentSpec::new("a"));
        let client = if keyed {
            world.client_with(api_key("qbt_k"))
        } else {
            world.client()
        };
        let mut library = Library::default();
        refresh(&client, &mut library).await.unwrap();
        for round in 0..3 {
            let new = world.add(TorrentSpec::new(&format!("n{round}")));
            let now = world.clock.now_ms();
            world.server(|server| server.restart(now));
            world.faults.next(1, "sync/maindata", Fault::Torn(10));
            refresh(&client, &mut library).await.unwrap_err();
            refresh(&client, &mut library).await.unwrap();
            assert!(library.torrents.contains_key(&new), "{era:?} round {round}");
        }
    }
}
