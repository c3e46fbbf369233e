//! The list over the model of every version: followed by deltas, compared with what a client without memory sees.

use super::super::testing::*;
use super::*;
use crate::core::model::{ServerState, Torrent};
use seedwarden_sim::faults::Fault;
use seedwarden_sim::qbittorrent::{Era, TorrentSpec, TrackerResult};
use serde_json::Value;
use std::collections::BTreeMap;

mod prepared;

/// The library without what only the clock of the server decides.
fn still(library: &Library) -> Library {
    let mut library = library.clone();
    library.server = ServerState::default();
    for torrent in library.torrents.values_mut() {
        torrent.last_activity = None;
    }
    library
}

/// Where each torrent's files are, and which torrent it is.
fn places(library: &Library) -> Vec<String> {
    let place = |(item, t): (&ItemId, &Torrent)| {
        let paths = (&t.name, &t.save_path, &t.content_path, &t.download_path);
        let is_complete = t.is_complete();
        format!(
            "{item} {paths:?} {:?} {:?} {is_complete} {:?}",
            t.size, t.total_size, t.added_on
        )
    };
    library.torrents.iter().map(place).collect()
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
            let places = places(&library);
            let got = refresh(&client, &mut library).await.unwrap();
            full += u32::from(got.full);
            let has_moved = places != self::places(&library);
            assert_eq!(got.moved, has_moved || got.full, "{era:?} round {round}");
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

#[tokio::test(start_paused = true)]
async fn takes_no_changes_of_a_session_whose_whole_list_was_lost() {
    for (era, is_keyed) in Era::ALL
        .into_iter()
        .flat_map(|era| [(era, false), (era, era >= Era::V5_2)])
    {
        let world = World::new(era).set(|settings| settings.api_key = Some("qbt_k".to_owned()));
        let gone = world.add(TorrentSpec::new("a"));
        world.add(TorrentSpec::new("b"));
        let client = match is_keyed {
            true => world.client_with(api_key("qbt_k")),
            false => world.client(),
        };
        let mut library = Library::default();
        refresh(&client, &mut library).await.unwrap();
        let now = world.clock.now_ms();
        world.server(|server| {
            server.vanish(now, gone.as_str());
            match is_keyed {
                true => server.restart(now),
                false => server.expire_sessions(),
            }
        });
        // With a password the first request is refused, and the one after the new login is lost.
        world
            .faults
            .after(u32::from(!is_keyed), 1, "sync/maindata", Fault::CloseAfter);
        refresh(&client, &mut library).await.unwrap();
        assert!(
            !library.torrents.contains_key(&gone),
            "{era:?}, keyed: {is_keyed}"
        );
    }
}
