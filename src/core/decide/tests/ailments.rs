//! Counting, remedies and last resorts of each ailment.

use super::world::*;
use crate::core::decide::Mode;
use crate::core::facts::Mount;
use crate::core::ledger::{Record, RestoreDone};
use crate::core::model::State;
use jiff::SignedDuration;

const ERRORED: &str = r#""errored": { "max_failures": 3 }"#;

#[test]
fn failed_magnet_is_restarted_four_times_and_then_deleted() {
    let mut world = World::of_magnets("");
    world.magnet("1", 15, "File not available - no peer");
    for _ in 0..4 {
        let plan = world.cycle();
        assert_eq!(
            (deleted(&plan), remedies(&plan)),
            (vec![], vec![("1", "restart")])
        );
    }
    let plan = world.cycle();
    assert_eq!((deleted(&plan), remedies(&plan)), (vec!["1"], vec![]));
    assert_eq!(plan.deletions[0].failures, Some((5, 5)));
}

#[test]
fn magnet_that_is_queued_keeps_its_count_and_a_ready_one_loses_it() {
    let mut world = World::of_magnets("");
    world.magnet("1", 9, "Internal error").cycles(2);
    world.magnet("1", 1, "Downloading").cycles(3);
    assert_eq!(world.state.items["1"].failed.as_ref().unwrap().failures, 2);
    world.magnet("1", 4, "Ready").cycle();
    assert!(world.state.items.is_empty());
}

#[test]
fn unknown_status_neither_counts_nor_deletes() {
    let mut world = World::of_magnets(r#", "failed": { "max_failures": 1 }"#);
    world.magnet("1", 77, "Something new");
    let plan = world.cycles(5);
    assert!(plan.is_idle());
    assert!(
        why_kept(&plan, "1").contains("none that is known"),
        "{plan}"
    );
}

#[test]
fn ailment_that_is_switched_off_does_nothing() {
    let mut world = World::of_magnets(r#", "failed": false"#);
    world.magnet("1", 9, "Internal error");
    assert!(world.cycles(9).is_idle());
    let mut world = World::of_torrents(r#""cycle": "30m""#);
    world.torrent("a", |t| t.state = State::new("missingFiles"));
    assert!(world.cycles(9).is_idle());
}

#[test]
fn errored_torrent_is_rechecked_and_then_deleted_without_its_files() {
    let mut world = World::of_torrents(ERRORED);
    world
        .torrent("a", |t| t.state = State::new("missingFiles"))
        .torrent("b", |_| {});
    assert_eq!(remedies(&world.cycle()), [("a", "recheck")]);
    assert_eq!(remedies(&world.cycle()), [("a", "recheck")]);
    let plan = world.cycle();
    assert_eq!(deleted(&plan), ["a"]);
    assert!(!plan.deletions[0].delete_files);
}

#[test]
fn missing_files_on_an_absent_mount_are_unknown() {
    let mut world = World::of_torrents(ERRORED);
    world.torrent("a", |t| t.state = State::new("missingFiles"));
    world.facts.mounts.insert(
        "/downloads".into(),
        Mount::Absent("nothing to be seen at /srv/downloads".into()),
    );
    let plan = world.cycles(9);
    assert!(plan.is_idle());
    assert!(why_kept(&plan, "a").contains("/srv/downloads"), "{plan}");
}

#[test]
fn asks_for_the_mount_before_it_counts() {
    let mut world = World::of_torrents(ERRORED);
    world.torrent("a", |t| t.state = State::new("missingFiles"));
    world.facts.mounts.clear();
    let decision = world.decide();
    assert_eq!(
        decision
            .wanted
            .mounts
            .iter()
            .map(|m| &**m)
            .collect::<Vec<_>>(),
        ["/downloads"]
    );
    assert!(decision.plan.is_idle() && decision.state.items.is_empty());
}

#[test]
fn check_that_moves_or_waits_is_unknown_and_a_stuck_one_counts() {
    let mut world = World::of_torrents(ERRORED);
    let check = |progress: f64| {
        move |t: &mut crate::core::model::Torrent| {
            t.state = State::new("checkingUP");
            t.progress = Some(progress);
        }
    };
    world.torrent("a", check(0.0)).torrent("b", check(0.2));
    assert!(world.cycle().is_idle());
    world.change("b", check(0.4));
    assert!(world.cycle().is_idle(), "the queue moves");
    assert_eq!(
        remedies(&world.cycle()),
        [("a", "recheck"), ("b", "recheck")],
        "nothing moved"
    );
}

#[test]
fn torrent_must_be_well_in_two_cycles_in_a_row() {
    let mut world = World::of_torrents(ERRORED);
    world
        .torrent("a", |t| t.state = State::new("error"))
        .cycles(2);
    world
        .change("a", |t| t.state = State::new("stalledUP"))
        .cycle();
    assert_eq!(world.state.items["a"].errored.as_ref().unwrap().failures, 2);
    world.cycle();
    assert!(world.state.items.is_empty());
    assert_eq!(recovered(&world), ["a"]);
}

fn recovered(world: &World) -> Vec<&str> {
    world.state.recovered.keys().map(|id| id.as_str()).collect()
}

#[test]
fn recovery_is_remembered_for_a_day() {
    let mut world = World::of_magnets("");
    world.magnet("1", 9, "Internal error").cycles(2);
    assert_eq!(recovered(&world), [""; 0]);
    world.magnet("1", 4, "Ready").cycle();
    assert_eq!(recovered(&world), ["1"]);
    world.now += SignedDuration::from_hours(22);
    world.cycle();
    assert_eq!(recovered(&world), ["1"]);
    world.now += SignedDuration::from_hours(2);
    world.cycle();
    assert_eq!(recovered(&world), [""; 0]);
}

#[test]
fn item_that_is_deleted_or_gone_or_still_fails_otherwise_has_not_recovered() {
    let mut world = World::of_magnets(r#", "failed": { "max_failures": 9 }"#);
    world.magnet("1", 9, "Internal error").cycles(2);
    world.magnets.clear();
    world.magnet("2", 4, "Ready").cycles(3);
    assert!(world.state.items.is_empty());
    assert_eq!(recovered(&world), [""; 0]);

    let mut world = World::of_torrents(r#""failed_trackers": { "max_failures": 9 }"#);
    let trackers = |world: &mut World, first: i64, second: i64| {
        world.trackers(
            "a",
            &[
                ("udp://one.example:1/announce", first, "timed out"),
                ("udp://two.example:1/announce", second, "timed out"),
                ("udp://ok.example:1/announce", 2, ""),
            ],
        );
    };
    world.torrent("a", |_| {});
    trackers(&mut world, 4, 4);
    world.cycles(2);
    trackers(&mut world, 2, 4);
    world.cycles(3);
    assert_eq!(world.state.items["a"].failed_trackers.len(), 1);
    assert_eq!(recovered(&world), [""; 0]);
    trackers(&mut world, 2, 2);
    world.cycles(3);
    assert_eq!(recovered(&world), ["a"]);
}

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

#[test]
fn last_resort_keep_warns_once_and_remedies_daily() {
    let mut world =
        World::of_torrents(r#""errored": { "max_failures": 2, "last_resort": "keep" }"#);
    world.torrent("a", |t| t.state = State::new("error"));
    let plans: Vec<_> = (0..60).map(|_| world.cycle()).collect();
    assert!(plans.iter().all(|plan| plan.deletions.is_empty()));
    assert_eq!(
        plans.iter().map(|plan| plan.warnings.len()).sum::<usize>(),
        1
    );
    let rechecks: Vec<usize> = (0..60).filter(|&n| !plans[n].remedies.is_empty()).collect();
    assert_eq!(
        rechecks,
        [0, 48],
        "at the first failure, and a day after the last remedy"
    );
}

#[test]
fn counts_survive_one_listing_without_the_item_and_not_two() {
    let mut world = World::of_magnets("");
    world.magnet("1", 9, "Internal error").cycles(3);
    let magnet = world.magnets.clone();
    world.magnets.clear();
    world.cycle();
    world.magnets = magnet.clone();
    world.cycle();
    assert_eq!(world.state.items["1"].failed.as_ref().unwrap().failures, 4);
    world.magnets.clear();
    world.cycles(2);
    assert!(world.state.items.is_empty());
}

#[test]
fn listing_that_may_lack_items_drops_nothing() {
    let mut world = World::of_magnets("");
    world.magnet("1", 9, "Internal error").cycles(3);
    world.magnets.clear();
    world.whole = false;
    world.cycles(5);
    assert_eq!(world.state.items.len(), 1);
}

#[test]
fn item_added_anew_starts_at_zero() {
    let mut world = World::of_torrents(ERRORED);
    world
        .torrent("a", |t| t.state = State::new("error"))
        .cycles(2);
    world.change("a", |t| t.added_on = Some(1_799_999_999));
    assert_eq!(remedies(&world.cycle()), [("a", "recheck")]);
    assert_eq!(world.state.items["a"].errored.as_ref().unwrap().failures, 1);
}

#[test]
fn first_cycle_after_a_gap_counts_and_has_no_last_resort() {
    let mut world = World::of_torrents(ERRORED);
    world
        .torrent("a", |t| t.state = State::new("error"))
        .cycles(2);
    world.mode = Mode::Full {
        adds: true,
        last_resorts: false,
    };
    let plan = world.cycle();
    assert_eq!(
        (deleted(&plan), held(&plan)),
        (vec![], vec![("a", "after_gap")])
    );
    world.mode = FULL;
    assert_eq!(deleted(&world.cycle()), ["a"]);
}

#[test]
fn extra_cycle_counts_nothing() {
    let mut world = World::of_torrents(ERRORED);
    world
        .torrent("a", |t| t.state = State::new("error"))
        .cycles(2);
    world.mode = Mode::Full {
        adds: false,
        last_resorts: true,
    };
    assert!(world.cycles(5).deletions.is_empty());
    assert_eq!(world.state.items["a"].errored.as_ref().unwrap().failures, 2);
}

#[test]
fn unselected_torrents_are_left_alone() {
    let mut world = World::of_torrents(
        r#""select": { "categories": ["movies"] }, "errored": { "max_failures": 1 }"#,
    );
    world.torrent("a", |t| t.state = State::new("error"));
    let plan = world.cycles(3);
    assert!(plan.is_idle());
    assert_eq!(why_kept(&plan, "a"), "not selected: category tv");
}

#[test]
fn cycles_that_were_asked_for_do_not_forget_what_a_starting_server_does_not_list_yet() {
    let mut world = World::of_torrents(r#""errored": { "max_failures": 5 }"#);
    world.torrents(20, |_| {});
    world
        .torrent("a", |t| t.state = State::new("error"))
        .cycle();
    let a = world.library.torrents.remove("a").unwrap();
    world.mode = Mode::Full {
        adds: false,
        last_resorts: true,
    };
    world.cycles(3);
    world.library.torrents.insert("a".into(), a);
    world.mode = FULL;
    world.cycle();
    let counted = |world: &World| world.state.items["a"].errored.as_ref().unwrap().failures;
    assert_eq!(counted(&world), 2);
    world.library.torrents.remove("a");
    assert!(world.state.items.contains_key("a"));
    world.cycles(2);
    assert!(
        !world.state.items.contains_key("a"),
        "gone from two listings in a row"
    );
}
