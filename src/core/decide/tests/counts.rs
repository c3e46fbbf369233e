//! From cycle to cycle: which counts are kept, which are dropped, and what is remembered of a recovery.

use super::ERRORED;
use super::world::*;
use crate::core::decide::{Mode, Saved};
use crate::core::model::State;
use jiff::SignedDuration;

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
fn counts_survive_one_listing_without_the_item_and_not_two() {
    let mut world = World::of_magnets("");
    world.magnet("1", 9, "Internal error");
    world.magnet("2", 4, "Ready").cycles(3);
    let all = world.magnets.clone();
    world.magnets.remove("1");
    world.cycle();
    world.magnets = all;
    world.cycle();
    assert_eq!(failures(&world, "1"), 4);
    world.magnets.remove("1");
    world.cycles(2);
    assert!(world.state.items.is_empty());
}

fn failures(world: &World, id: &str) -> u32 {
    world.state.items[id].most_failures()
}

#[test]
fn counts_survive_a_listing_that_is_empty_or_much_shorter_until_it_comes_twice() {
    for left in [0, 4] {
        let mut world = World::of_magnets("");
        world.magnet("1", 9, "Internal error");
        for number in 2..11 {
            world.magnet(&number.to_string(), 4, "Ready");
        }
        world.cycles(2);
        let all = world.magnets.clone();
        let few: Vec<_> = all.clone().into_iter().rev().take(left).collect();
        for _ in 0..2 {
            world.magnets = few.clone().into_iter().collect();
            world.magnets.remove("1");
            world.cycles(2);
            assert_eq!(failures(&world, "1"), 2, "not even missed more than once");
            world.magnets = all.clone();
            let plan = world.decide().plan;
            assert!(!plan.remedies.is_empty());
            let item = world.state.items.get_mut("1").unwrap();
            item.missed = false;
            (world.state.listed, world.state.short_listing) = (10, None);
        }
        world.magnets = few.into_iter().collect();
        world.magnets.remove("1");
        world.cycles(3);
        assert!(world.state.items.is_empty());
    }
}

#[test]
fn absent_date_is_no_news() {
    let mut world = World::of_magnets(r#", "failed": { "max_failures": 5 }"#);
    world.magnet("1", 9, "Internal error");
    world.magnet("2", 4, "Ready").cycles(2);
    let dated = |world: &mut World, at| world.magnets.get_mut("1").unwrap().upload_date = at;
    dated(&mut world, None);
    world.cycles(2);
    assert_eq!(failures(&world, "1"), 4);
    assert_eq!(world.state.items["1"].added_on, Some(1_700_000_000));
    let plan = world.decide().plan;
    assert_eq!(deleted(&plan), ["1"]);
    dated(&mut world, Some(1_700_000_000));
    let again = world.look_again(&plan.deletions[0]);
    assert!(matches!(again, Saved::No(_)), "{again:?}");
    dated(&mut world, Some(1_700_000_001));
    let again = world.look_again(&plan.deletions[0]);
    assert_eq!(again, Saved::Yes("it was added anew".to_owned()));
    world.cycle();
    assert_eq!(failures(&world, "1"), 1);
}

#[test]
fn sighting_after_a_remedy_that_may_not_have_reached_its_item_does_not_count() {
    let mut world = World::of_torrents(ERRORED);
    world.torrents(20, |_| {});
    world.torrent("a", |t| t.state = State::new("error"));
    let counts = [(); 4].map(|()| {
        assert!(deleted(&world.cycle_without_remedies()).is_empty());
        failures(&world, "a")
    });
    assert_eq!(counts, [1, 1, 1, 1]);
    world.cycles(2);
    assert_eq!(deleted(&world.cycle()), ["a"]);
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
    assert!(world.state.after_gap);
    world.mode = FULL;
    assert_eq!(deleted(&world.cycle()), ["a"]);
    assert!(!world.state.after_gap);
}

#[test]
fn extra_cycle_counts_nothing_and_applies_remedies() {
    let mut world = World::of_torrents(ERRORED);
    world.torrents(20, |_| {});
    world
        .torrent("a", |t| t.state = State::new("error"))
        .cycles(2);
    world.mode = Mode::Full {
        adds: false,
        last_resorts: true,
    };
    let plan = world.cycles(5);
    assert_eq!(
        (deleted(&plan), remedies(&plan)),
        (vec![], vec![("a", "recheck")])
    );
    assert_eq!(failures(&world, "a"), 2);
    world.torrent("b", |t| t.state = State::new("error"));
    assert_eq!(
        remedies(&world.cycle()),
        [("a", "recheck"), ("b", "recheck")]
    );
    assert!(!world.state.items.contains_key("b"));
}

#[test]
fn extra_cycle_applies_a_last_resort_that_was_reached() {
    let mut world = World::of_torrents(ERRORED);
    world.torrents(20, |_| {});
    world
        .torrent("a", |t| t.state = State::new("error"))
        .cycles(3);
    world.mode = Mode::Full {
        adds: false,
        last_resorts: true,
    };
    assert_eq!(deleted(&world.cycle()), ["a"]);
}

#[test]
fn check_does_not_stand_still_between_cycles_that_were_asked_for() {
    let mut world = World::of_torrents(ERRORED);
    world.torrent("a", |t| {
        t.state = State::new("checkingUP");
        t.progress = Some(0.4);
    });
    world.cycle();
    world.mode = Mode::Full {
        adds: false,
        last_resorts: true,
    };
    world.change("a", |t| t.progress = Some(0.5));
    assert!(world.cycles(3).is_idle());
    world.mode = FULL;
    assert!(
        world.cycle().is_idle(),
        "it moved since the last that counted"
    );
    assert_eq!(remedies(&world.cycle()), [("a", "recheck")]);
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
