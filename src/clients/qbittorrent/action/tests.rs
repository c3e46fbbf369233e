//! Actions over the model of every version, judged by what they did there.

use super::super::testing::*;
use super::super::{AddTorrent, Export, TorrentSource};
use super::*;
use bytes::Bytes;
use seedwarden_sim::faults::Fault;
use seedwarden_sim::qbittorrent::{Era, Torrent, TorrentSpec, TrackerResult, What};

const URL: &str = "http://tracker.example/announce";

fn spec() -> TorrentSpec {
    TorrentSpec::new("a")
        .tracker(URL, TrackerResult::Working)
        .tag("old")
}

/// The torrent on the server.
fn seen(world: &World, item: &ItemId) -> Torrent {
    world
        .server(|server| server.torrent(item.as_str()).cloned())
        .expect("a torrent")
}

#[tokio::test(start_paused = true)]
async fn carries_out_every_action_on_every_version() {
    for era in Era::ALL {
        let world = World::new(era);
        let item = world.add(spec().file("x/a", 9).file("x/b", 9));
        let other = world.add(TorrentSpec::new("bystander"));
        let before = seen(&world, &other);
        let client = world.client();
        let done = async |ended: ActionOutcome| {
            assert_eq!(ended, ActionOutcome::Done, "{era:?}");
            world.wait(3).await;
            seen(&world, &item)
        };
        assert!(done(client.stop(&item).await).await.is_stopped);
        assert!(!done(client.start(&item).await).await.is_stopped);
        assert_eq!(
            done(client.set_download_limit(&item, 5000).await)
                .await
                .dl_limit,
            5000
        );
        let limited = done(client.set_limits(&item, 0, 7000).await).await;
        assert_eq!((limited.dl_limit, limited.up_limit), (0, 7000));
        let tagged = done(client.add_tags(&item, &["x y", "z"]).await).await.tags;
        assert_eq!(tagged.iter().collect::<Vec<_>>(), ["old", "x y", "z"]);
        let tagged = done(client.remove_tags(&item, &["z"]).await).await.tags;
        assert_eq!(tagged.iter().collect::<Vec<_>>(), ["old", "x y"]);
        assert_eq!(
            done(client.set_category(&item, "films").await)
                .await
                .category,
            "films"
        );
        assert_eq!(
            done(client.set_category(&item, "films").await)
                .await
                .category,
            "films"
        );
        assert_eq!(
            done(client.set_category(&item, "").await).await.category,
            ""
        );
        let limits = ShareLimits {
            ratio: 1.5,
            seeding_time: 60,
            inactive_seeding_time: -1,
        };
        let limited = done(client.set_share_limits(&item, limits).await)
            .await
            .limits;
        assert_eq!((limited.ratio, limited.seeding_time), (1.5, 60));
        done(client.set_file_priority(&item, &[1], 0).await).await;
        let two = done(
            client
                .add_tracker(&item, "http://second/announce?a=1&b=2")
                .await,
        )
        .await;
        assert_eq!(two.trackers[1].url, "http://second/announce?a=1&b=2");
        let one = done(client.remove_tracker(&item, URL).await).await;
        assert_eq!(one.trackers.len(), 1);
        done(client.reannounce(std::slice::from_ref(&item)).await).await;
        done(client.recheck(&item).await).await;
        let effects = world.server(|server| server.effects_on(item.as_str()).len());
        assert!(effects >= 14, "{era:?}: {effects} effects");
        assert_eq!(client.delete(&item, true).await, ActionOutcome::Done);
        let deleted = world.server(|server| {
            let effects = server.effects_on(item.as_str());
            effects.iter().any(|what| {
                matches!(
                    what,
                    What::Deleted {
                        with_files: true,
                        ..
                    }
                )
            })
        });
        assert!(deleted, "{era:?}");
        let touched = world.server(|server| server.effects_on(other.as_str()).len());
        assert_eq!(touched, 0, "{era:?}");
        assert_eq!(seen(&world, &other).tags, before.tags);
    }
}

#[tokio::test(start_paused = true)]
async fn deletes_without_files() {
    for era in Era::ALL {
        let world = World::new(era);
        let item = world.add(spec());
        assert!(world.client().delete(&item, false).await.is_done());
        let kept = world.server(|server| {
            let effects = server.effects_on(item.as_str());
            effects.iter().any(|what| {
                matches!(
                    what,
                    What::Deleted {
                        with_files: false,
                        ..
                    }
                )
            })
        });
        assert!(kept, "{era:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn restores_what_it_exported_on_every_version() {
    for era in Era::ALL {
        let world = World::new(era);
        let item = world.add(spec().category("tv").save_path("/srv/dl"));
        let client = world.client();
        let source = match client.export(&item).await.unwrap() {
            Export::Torrent(bytes) => TorrentSource::File(bytes),
            Export::NotOffered => TorrentSource::File(world.server(|server| {
                server
                    .torrent(item.as_str())
                    .unwrap()
                    .metainfo()
                    .bytes(false)
            })),
            Export::NoMetadata => panic!("{era:?}: no metadata"),
        };
        let mut torrent = AddTorrent::new(source);
        torrent.save_path = Some("/srv/dl".to_owned());
        torrent.category = Some("tv".to_owned());
        torrent.tags = vec!["old".to_owned(), "x".to_owned()];
        torrent.stopped = true;
        torrent.auto_tmm = Some(false);
        torrent.download_limit = Some(5000);
        let there = client.add(&torrent).await;
        // 4.2 says Ok to what it has already.
        assert!(
            matches!(there, ActionOutcome::Refused(_)) || era == Era::V4_2_5,
            "{era:?}: {there}"
        );
        assert!(client.delete(&item, false).await.is_done());
        assert_eq!(client.add(&torrent).await, ActionOutcome::Done, "{era:?}");
        world.wait(10).await;
        let back = seen(&world, &item);
        assert!(back.is_stopped, "{era:?}");
        let texts = (
            back.category.as_str(),
            back.save_path.as_str(),
            back.dl_limit,
        );
        assert_eq!(texts, ("tv", "/srv/dl", 5000), "{era:?}");
        if era >= Era::V4_5_2 {
            assert_eq!(
                back.tags.iter().collect::<Vec<_>>(),
                ["old", "x"],
                "{era:?}"
            );
        }
        let no_torrent = AddTorrent::new(TorrentSource::File(Bytes::from_static(b"garbage")));
        let refused = client.add(&no_torrent).await;
        assert!(
            matches!(refused, ActionOutcome::Refused(_)),
            "{era:?}: {refused}"
        );
        let link = format!("magnet:?xt=urn:btih:{HASH}&dn=linked");
        let linked = client
            .add(&AddTorrent::new(TorrentSource::Link(link)))
            .await;
        assert_eq!(linked, ActionOutcome::Done, "{era:?}");
        assert!(
            world.server(|server| server.torrent(HASH).is_some()),
            "{era:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn never_sends_what_would_mean_every_torrent() {
    let world = World::new(Era::V4_5_2);
    let item = world.add(spec());
    let client = world.client();
    client.version().await.unwrap();
    world.log.clear();
    for bad in [
        "all",
        "",
        "|",
        &"g".repeat(40),
        &"A".repeat(40),
        &"a".repeat(41),
    ] {
        let bad = ItemId::from(bad);
        let mut ends = vec![
            client.delete(&bad, true).await,
            client.stop(&bad).await,
            client.recheck(&bad).await,
            client.reannounce(&[item.clone(), bad.clone()]).await,
            client.set_category(&bad, "x").await,
            client.remove_tracker(&bad, URL).await,
            client.set_file_priority(&bad, &[0], 0).await,
        ];
        ends.push(client.add_tags(&bad, &["x"]).await);
        assert!(
            ends.iter()
                .all(|end| matches!(end, ActionOutcome::Refused(_))),
            "{bad}: {ends:?}"
        );
    }
    // Nothing to do is done; without tags, removeTags would take all.
    assert!(client.reannounce(&[]).await.is_done());
    assert!(client.remove_tags(&item, &[]).await.is_done());
    assert!(client.remove_tags(&item, &[""]).await.is_done());
    assert_eq!(world.log.count("torrents/"), 0, "{}", world.log);
}

#[tokio::test(start_paused = true)]
async fn reannounces_many_by_few_requests() {
    let world = World::new(Era::V5_1);
    let items: Vec<ItemId> = (0..401)
        .map(|i| world.add(TorrentSpec::new(&format!("n{i}"))))
        .collect();
    assert!(world.client().reannounce(&items).await.is_done());
    assert_eq!(world.log.count("torrents/reannounce"), 3);
    let asked = world.server(|server| {
        server
            .effects()
            .iter()
            .filter(|effect| effect.what == What::Reannounced)
            .count()
    });
    assert_eq!(asked, 401);
}

#[tokio::test(start_paused = true)]
async fn tells_what_may_have_happened_from_what_did_not() {
    let world = World::new(Era::V5_1);
    let client = world.client();
    client.version().await.unwrap();
    let cases = [
        (Fault::CloseBefore, "outcome unknown"),
        (Fault::CloseAfter, "outcome unknown"),
        (Fault::Silence, "outcome unknown"),
        (Fault::Torn(0), "outcome unknown"),
        (Fault::Html200, "outcome unknown"),
        (Fault::Html502, "outcome unknown"),
        (Fault::Empty503, "outcome unknown"),
        (Fault::Status(401, String::new()), "not carried out"),
        (Fault::Status(429, String::new()), "not carried out"),
        (Fault::Status(302, String::new()), "not carried out"),
        (Fault::Status(400, "Bad".to_owned()), "refused"),
        (Fault::Status(409, "Conflict".to_owned()), "refused"),
        (Fault::Late(std::time::Duration::from_secs(5)), "done"),
    ];
    for (fault, expected) in cases {
        let item = world.add(TorrentSpec::new(&format!("{fault:?}")));
        world.faults.next(1, "torrents/delete", fault.clone());
        let ended = client.delete(&item, true).await.to_string();
        assert!(ended.starts_with(expected), "{fault:?}: {ended}");
    }
    world.net.refuse(ADDRESS, true);
    let item = world.add(spec());
    let ended = client.delete(&item, true).await;
    assert!(matches!(ended, ActionOutcome::NotSent(_)), "{ended}");
    world.net.refuse(ADDRESS, false);
    assert!(client.delete(&item, true).await.is_done());
}

#[tokio::test(start_paused = true)]
async fn tries_the_other_name_when_the_version_is_unreadable() {
    for era in [Era::V4_5_2, Era::V5_1] {
        let world = World::new(era);
        let item = world.add(spec());
        world
            .faults
            .next(1, "webapiVersion", Fault::Status(404, String::new()));
        let client = world.client();
        assert!(client.stop(&item).await.is_done(), "{era:?}");
        assert!(seen(&world, &item).is_stopped, "{era:?}");
        assert_eq!(client.api().await, None);
        assert!(client.start(&item).await.is_done(), "{era:?}");
        assert!(!seen(&world, &item).is_stopped, "{era:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn refuses_texts_that_the_api_would_split() {
    let (raw, client) = raw_client("2.11.4");
    let item = ItemId::from(HASH);
    let ends = [
        client.add_tags(&item, &["a,b"]).await,
        client.remove_tracker(&item, "http://t/a|b").await,
        client.remove_tracker(&item, "").await,
        client.add_tracker(&item, "http://t/a\nhttp://u/").await,
    ];
    assert!(
        ends.iter()
            .all(|end| matches!(end, ActionOutcome::Refused(_))),
        "{ends:?}"
    );
    assert!(raw.requests().is_empty());
}
