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

/// A row of the one tracker of these tests.
fn row(status: i64, message: &str) -> Vec<(&'static str, i64, &str)> {
    vec![("https://t.example/announce", status, message)]
}

/// The server was just started: its flags say that nothing fails, and no tracker was asked yet.
fn restart(world: &mut World, id: &str) {
    world.trackers(id, &row(1, ""));
    world.change(id, |t| t.has_tracker_error = Some(false));
}

const UNREGISTERED: &str = r#""unregistered": { "max_failures": 4 }"#;
const FAILED_TRACKERS: &str = r#""failed_trackers": { "max_failures": 4 }"#;

fn most_failures(world: &World, id: &str) -> Option<u32> {
    world.state.items.get(id).map(|item| item.most_failures())
}

#[test]
fn count_outlasts_a_restart_of_the_server() {
    for keys in [UNREGISTERED, FAILED_TRACKERS] {
        let mut world = World::of_torrents(keys);
        world.torrents(20, |_| {});
        world.torrent("a", |t| t.private = Some(keys == UNREGISTERED));
        world.trackers("a", &row(5, "Unregistered torrent"));
        world.cycles(2);
        restart(&mut world, "a");
        world.cycles(3);
        assert_eq!(
            most_failures(&world, "a"),
            Some(2),
            "{keys}: nobody was asked"
        );
        world.facts.trackers.insert("a".into(), Ok(Vec::new()));
        world.cycles(3);
        assert_eq!(most_failures(&world, "a"), Some(2), "{keys}: no list yet");
        world.trackers("a", &row(5, "Unregistered torrent"));
        world.cycle();
        assert_eq!(most_failures(&world, "a"), Some(3), "{keys}");
        world.trackers("a", &row(2, ""));
        world.change("a", |t| t.has_tracker_error = Some(false));
        world.cycles(2);
        assert_eq!(most_failures(&world, "a"), None, "{keys}: it works");
    }
}

#[test]
fn outage_and_acceptance_outlast_a_restart_of_the_server() {
    for keys in [UNREGISTERED, FAILED_TRACKERS] {
        let mut world = World::of_torrents(keys);
        world.torrents(8, |t| t.private = Some(keys == UNREGISTERED));
        let ids: Vec<String> = (0..8).map(|number| format!("t{number:03}")).collect();
        let all = |world: &mut World, change: &dyn Fn(&mut World, &str)| {
            ids.iter().for_each(|id| change(world, id));
        };
        let refuse = |world: &mut World, id: &str| {
            world.trackers(id, &row(5, "Unregistered torrent"));
        };
        let stop = |world: &mut World, id: &str| {
            restart(world, id);
            world.change(id, |t| {
                t.state = crate::core::model::State::new("stoppedUP")
            });
        };
        let start = |world: &mut World, id: &str| {
            world.change(id, |t| {
                t.state = crate::core::model::State::new("stalledUP")
            });
        };
        all(&mut world, &refuse);
        assert_eq!(world.cycle().outages_begun.len(), 1, "{keys}");
        for change in [
            &restart as &dyn Fn(&mut World, &str),
            &stop,
            &start,
            &refuse,
        ] {
            all(&mut world, change);
            let plan = world.cycles(2);
            assert!(
                plan.outages_ended.is_empty() && plan.outages_begun.is_empty(),
                "{keys}"
            );
            assert_eq!(world.state.outages.len(), 1, "{keys}");
        }
        world.state.accept(world.now);
        all(&mut world, &restart);
        world.cycles(3);
        all(&mut world, &refuse);
        assert_eq!(world.cycle().outages_begun.len(), 0, "{keys}: accepted");
        assert_eq!(most_failures(&world, "t000"), Some(1), "{keys}");
    }
}

#[test]
fn torrent_whose_tracker_does_not_know_it_is_not_well_while_it_has_leechers() {
    let mut world = World::of_torrents(UNREGISTERED);
    world.torrent("a", |t| t.private = Some(true));
    world.trackers("a", &row(5, "Unregistered torrent"));
    world.cycles(2);
    world.change("a", |t| t.num_leechs = Some(3));
    assert!(world.cycles(3).is_idle());
    assert_eq!(most_failures(&world, "a"), Some(2));
}

#[test]
fn failed_tracker_is_removed_at_the_first_sighting_if_that_is_wanted() {
    let mut world = World::of_torrents(r#""failed_trackers": { "max_failures": 1, "for": "0s" }"#);
    world.torrent("a", |_| {});
    let rows = [
        ("udp://dead.example:1/announce", 4, "timed out"),
        ("udp://ok.example:1/announce", 2, ""),
    ];
    world.trackers("a", &rows);
    let plan = world.cycle();
    assert_eq!(plan.tracker_removals.len(), 1);
    assert_eq!(plan.tracker_removals[0].reason, "timed out");
}

#[test]
fn reannouncement_that_got_no_answer_counts_for_no_tracker() {
    let mut world = World::of_torrents(r#""failed_trackers": { "max_failures": 3, "for": "0s" }"#);
    world.torrent("a", |_| {});
    let rows = [
        ("udp://dead.example:1/announce", 4, "timed out"),
        ("udp://ok.example:1/announce", 2, ""),
    ];
    world.trackers("a", &rows);
    let counts = [(); 4].map(|()| {
        assert!(world.cycle_without_remedies().tracker_removals.is_empty());
        most_failures(&world, "a").unwrap()
    });
    assert_eq!(counts, [1, 1, 1, 1]);
    world.cycles(2);
    assert_eq!(world.cycle().tracker_removals.len(), 1);
}
