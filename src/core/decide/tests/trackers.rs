//! Ailments that trackers tell of: unregistered torrents, and trackers that fail.

use super::world::*;
use crate::core::ledger::{Record, RestoreDone};

#[test]
fn unregistered_torrent_is_reannounced_and_then_deleted_with_its_files() {
    let mut world = World::of_torrents(r#""unregistered": { "max_failures": 2 }"#);
    world.torrent("a", |t| t.private = Some(true));
    world.trackers(
        "a",
        &[(
            "https://t.example/announce?passkey=secret",
            5,
            "Torrent not registered with this tracker",
        )],
    );
    assert_eq!(remedies(&world.cycle()), [("a", "reannounce")]);
    let plan = world.cycle();
    assert_eq!(deleted(&plan), ["a"]);
    assert!(plan.deletions[0].delete_files && !plan.deletions[0].reannounce);
    assert!(!format!("{plan}").contains("secret"));
}

#[test]
fn only_private_torrents_whose_tracker_refused_them_are_unregistered() {
    let refused: &[(&str, i64, &str)] =
        &[("https://t.example/announce", 5, "unregistered torrent")];
    let down: &[(&str, i64, &str)] = &[(
        "https://t.example/announce",
        4,
        "Host not found (authoritative)",
    )];
    let one_works: &[(&str, i64, &str)] = &[refused[0], ("https://u.example/announce", 2, "")];
    for (private, rows, leechers) in [
        (false, refused, 0),
        (true, down, 0),
        (true, one_works, 0),
        (true, refused, 1),
    ] {
        let mut world = World::of_torrents(r#""unregistered": { "max_failures": 1 }"#);
        world.torrent("a", |t| {
            t.private = Some(private);
            t.num_leechs = Some(leechers);
        });
        world.trackers("a", rows);
        assert!(world.cycles(3).is_idle(), "{private} {rows:?} {leechers}");
    }
}

#[test]
fn trackers_are_asked_for_only_where_the_listing_shows_trouble() {
    let mut world = World::of_torrents(r#""unregistered": { "max_failures": 1 }"#);
    world.torrents(20, |t| t.private = Some(true));
    assert!(world.decide().wanted.is_empty());
    world.change("t003", |t| t.has_tracker_error = Some(true));
    assert_eq!(
        world
            .decide()
            .wanted
            .trackers
            .iter()
            .map(|id| id.as_str())
            .collect::<Vec<_>>(),
        ["t003"]
    );
}

#[test]
fn failed_tracker_is_removed_once_it_has_failed_often_and_long_enough() {
    let mut world = World::of_torrents(r#""failed_trackers": { "max_failures": 3, "for": "3h" }"#);
    world.torrent("a", |_| {});
    world.trackers(
        "a",
        &[
            ("udp://dead.example:1/announce", 4, "timed out"),
            ("udp://ok.example:1/announce", 2, ""),
        ],
    );
    let removals: Vec<usize> = (0..9)
        .map(|_| world.cycle().tracker_removals.len())
        .collect();
    assert_eq!(
        removals,
        [0, 0, 0, 0, 0, 0, 0, 1, 1],
        "for more than three hours, that is in the eighth cycle"
    );
    assert_eq!(world.cycle().tracker_removals[0].host, "dead.example");
}

#[test]
fn restored_and_protected_torrents_keep_their_failed_trackers() {
    let keys = r#""failed_trackers": { "max_failures": 1, "for": "1s" }, "protect": { "tags": ["forever"] }"#;
    for (tags, is_restored, removed) in [("", false, 1), ("forever", false, 0), ("", true, 0)] {
        let mut world = World::of_torrents(keys);
        world.torrent("a", |t| t.tags = tags.into());
        let dead = ("udp://dead.example:1/announce", 4, "timed out");
        world.trackers("a", &[dead, ("udp://ok.example:1/announce", 2, "")]);
        if is_restored {
            world.book.apply(Record::Restored(RestoreDone {
                at: world.now,
                account: "box".into(),
                intent: None,
                item: "a".into(),
                new_item: "a".into(),
            }));
        }
        let plan = world.cycles(3);
        assert_eq!(plan.tracker_removals.len(), removed, "{tags} {is_restored}");
    }
}

#[test]
fn last_tracker_that_works_or_might_is_never_removed() {
    for rows in [
        [
            ("udp://a.example/announce", 4, "timed out"),
            ("udp://b.example/announce", 4, "timed out"),
        ],
        [
            ("udp://a.example/announce", 2, ""),
            ("udp://b.example/announce", 1, ""),
        ],
    ] {
        let mut world =
            World::of_torrents(r#""failed_trackers": { "max_failures": 1, "for": "1s" }"#);
        world.torrent("a", |_| {});
        world.trackers("a", &rows);
        assert_eq!(world.cycles(5).tracker_removals.len(), 0, "{rows:?}");
    }
}
