//! Outages that unfold in portions: what makes them up, what they hold, and when they are over.

use super::world::*;
use crate::core::ledger::{Began, DeletionIntent, IntentId, KeptAs, Outcome, OutcomeKind, Record};
use crate::core::model::State;
use crate::core::plan::Plan;
use jiff::SignedDuration;
use std::sync::Arc;

const TRACKER: &str = "https://t.example/announce";

fn id(number: usize) -> String {
    format!("t{number:03}")
}

/// Private torrents of one tracker, all well, and an outage's worth of others elsewhere.
fn torrents_of_a_tracker(keys: &str) -> World {
    let mut world = World::of_torrents(keys);
    world.torrents(30, |t| {
        t.private = Some(true);
        t.tracker = TRACKER.into();
    });
    for other in 0..60 {
        world.torrent(&format!("u{other:02}"), |t| {
            t.private = Some(true);
            t.tracker = "https://other.example/announce".into();
            t.save_path = "/elsewhere".into();
        });
    }
    world
}

/// The tracker begins to refuse these.
fn refuse(world: &mut World, numbers: std::ops::Range<usize>) {
    for number in numbers {
        world.trackers(&id(number), &[(TRACKER, 5, "Unregistered torrent")]);
    }
}

fn works_again(world: &mut World, numbers: std::ops::Range<usize>) {
    for number in numbers {
        world
            .trackers(&id(number), &[(TRACKER, 2, "")])
            .change(&id(number), |t| t.has_tracker_error = Some(false));
    }
}

fn begun(plan: &Plan) -> Vec<&str> {
    let outages = plan.outages_begun.iter();
    outages.map(|outage| outage.scope.as_str()).collect()
}

/// Carries the deletions of a plan out.
fn carry_out(world: &mut World, plan: &Plan) {
    for deletion in &plan.deletions {
        world.library.torrents.remove(&deletion.item);
        let id = world.book.next_id();
        record(world, id, deletion.item.as_str(), deletion.began.clone());
    }
}

fn record(world: &mut World, id: IntentId, item: &str, began: Option<Began>) {
    world.book.apply(Record::Intent(Arc::new(DeletionIntent {
        id,
        at: world.now - SignedDuration::from_mins(30),
        account: "box".into(),
        item: item.into(),
        name: String::new(),
        size_bytes: None,
        added_on: None,
        ratio: None,
        progress: None,
        cause: "unregistered".into(),
        reason: String::new(),
        failures: None,
        began,
        delete_files: true,
        files_kept_because: None,
        frees_bytes: None,
        kept: KeptAs::Nothing,
        webhooks: Vec::new(),
    })));
    world.book.apply(Record::Outcome(Outcome {
        intent: id,
        at: world.now,
        result: OutcomeKind::Done,
        detail: String::new(),
        freed_bytes: None,
    }));
}

#[test]
fn ten_per_cycle_are_one_outage_before_the_first_are_deleted() {
    let mut world = torrents_of_a_tracker(r#""unregistered": { "max_failures": 3 }"#);
    refuse(&mut world, 0..10);
    assert!(begun(&world.cycle()).is_empty(), "a third of the tracker");
    refuse(&mut world, 10..20);
    assert_eq!(begun(&world.cycle()), ["tracker t.example"]);
    refuse(&mut world, 20..30);
    let plan = world.cycles(6);
    assert_eq!((deleted(&plan).len(), plan.held.len()), (0, 30));
    assert!(begun(&plan).is_empty(), "announced once");
    let counts = world.state.items.values();
    assert_eq!(counts.map(|item| item.most_failures()).max(), Some(1));
}

#[test]
fn outage_holds_what_failed_before_it_was_recognised() {
    let mut world = torrents_of_a_tracker(r#""unregistered": { "max_failures": 2 }"#);
    refuse(&mut world, 0..6);
    world.cycle();
    refuse(&mut world, 6..20);
    let plan = world.cycle();
    assert_eq!(begun(&plan), ["tracker t.example"]);
    assert_eq!((deleted(&plan).len(), plan.held.len()), (0, 20));
    assert!(deleted(&world.cycles(5)).is_empty());
}

#[test]
fn outage_holds_what_has_failed_for_days_and_is_not_made_up_of_it() {
    let mut world = torrents_of_a_tracker(r#""unregistered": { "max_failures": 200 }"#);
    world.policy.accounts[0].cycle = std::time::Duration::from_secs(60);
    refuse(&mut world, 0..10);
    world.cycle();
    world.now += SignedDuration::from_hours(24);
    refuse(&mut world, 10..20);
    assert!(begun(&world.cycle()).is_empty(), "ten of thirty");
    refuse(&mut world, 20..25);
    let plan = world.cycle();
    assert_eq!(begun(&plan), ["tracker t.example"], "fifteen of thirty");
    assert_eq!(plan.held.len(), 25);
}

#[test]
fn window_of_long_cycles_is_as_long_as_the_way_to_the_last_resort() {
    let mut world =
        torrents_of_a_tracker(r#""cycle": "12h", "unregistered": { "max_failures": 4 }"#);
    for portion in 0..3 {
        refuse(&mut world, portion * 5..portion * 5 + 5);
        let expected: &[&str] = match portion {
            2 => &["tracker t.example"],
            _ => &[],
        };
        assert_eq!(begun(&world.cycle()), expected, "{portion}");
        world.now += SignedDuration::from_hours(15);
    }
}

#[test]
fn items_deleted_within_the_window_count() {
    let mut world = torrents_of_a_tracker(r#""unregistered": { "max_failures": 1 }"#);
    refuse(&mut world, 0..10);
    let plan = world.cycle();
    assert_eq!(
        deleted(&plan).len(),
        10,
        "nothing tells them from dead ones"
    );
    carry_out(&mut world, &plan);
    refuse(&mut world, 10..15);
    let plan = world.cycle();
    assert_eq!(begun(&plan), ["tracker t.example"], "fifteen of thirty");
    assert_eq!((deleted(&plan).len(), plan.held.len()), (0, 5));
}

#[test]
fn items_deleted_long_ago_or_for_another_reason_do_not_count() {
    for (hours, cause_began) in [(25, true), (1, false)] {
        let mut world = torrents_of_a_tracker(r#""unregistered": { "max_failures": 1 }"#);
        refuse(&mut world, 0..10);
        let mut plan = world.cycle();
        if !cause_began {
            plan.deletions.iter_mut().for_each(|d| d.began = None);
        }
        carry_out(&mut world, &plan);
        world.now += SignedDuration::from_hours(hours);
        refuse(&mut world, 10..15);
        assert_eq!(deleted(&world.cycle()).len(), 5, "{hours} h");
    }
}

#[test]
fn accepted_items_are_not_held_again_and_make_up_no_outage() {
    let mut world = torrents_of_a_tracker(r#""unregistered": { "max_failures": 1 }"#);
    refuse(&mut world, 0..20);
    assert_eq!(begun(&world.cycle()).len(), 1);
    world.state.accept(world.now);
    world.policy.limits.deletions_per_cycle = 8;
    let plan = world.cycle();
    assert_eq!((begun(&plan).len(), deleted(&plan).len()), (0, 8));
    assert!(
        plan.deletions
            .iter()
            .all(|deletion| deletion.began.is_none())
    );
    carry_out(&mut world, &plan);
    // A few newcomers are judged one by one; half of the tracker's torrents would be a new outage.
    world.policy.limits.deletions_per_cycle = 100;
    refuse(&mut world, 20..24);
    let plan = world.cycle();
    assert_eq!((begun(&plan).len(), deleted(&plan).len()), (0, 16));
    assert_eq!(
        plan.deletions.iter().filter(|d| d.began.is_some()).count(),
        4
    );
}

#[test]
fn half_of_a_tracker_that_fails_after_an_acceptance_is_a_new_outage() {
    let mut world = torrents_of_a_tracker(r#""unregistered": { "max_failures": 1 }"#);
    refuse(&mut world, 0..15);
    assert_eq!(begun(&world.cycle()).len(), 1);
    world.state.accept(world.now);
    refuse(&mut world, 15..30);
    let plan = world.cycle();
    assert_eq!((begun(&plan).len(), plan.held.len()), (1, 15));
    assert_eq!(deleted(&plan).len(), 15, "those that were accepted");
}

#[test]
fn what_is_gone_does_not_end_an_outage() {
    let mut world = torrents_of_a_tracker(r#""unregistered": { "max_failures": 1 }"#);
    refuse(&mut world, 0..20);
    world.cycle();
    for number in 0..15 {
        world.library.torrents.remove(id(number).as_str());
    }
    let plan = world.cycles(3);
    assert_eq!((plan.held.len(), plan.outages_ended.len()), (5, 0));
    works_again(&mut world, 15..18);
    assert_eq!(world.cycle().outages_ended.len(), 1);
}

#[test]
fn item_that_got_well_during_an_outage_is_well() {
    let mut world = torrents_of_a_tracker(r#""unregistered": { "max_failures": 9 }"#);
    refuse(&mut world, 0..6);
    world.cycle();
    refuse(&mut world, 6..20);
    world.cycle();
    assert_eq!(world.state.items["t000"].most_failures(), 1);
    works_again(&mut world, 0..6);
    world.cycles(2);
    assert!(world.state.items.is_empty());
    assert_eq!(
        world.state.outages.len(),
        1,
        "fourteen of twenty still show it"
    );
}

#[test]
fn one_per_cycle_is_an_outage_from_the_half_on() {
    let mut world = World::of_magnets(r#", "failed": { "max_failures": 99 }"#);
    for number in 0..30 {
        world.magnet(&id(number), 4, "Ready");
    }
    let begins = (0..30).filter(|number| {
        world.magnet(&id(*number), 9, "Internal error");
        begun(&world.cycle()) == ["account"]
    });
    assert_eq!(begins.collect::<Vec<_>>(), [14]);

    let mut world = torrents_of_a_tracker(r#""errored": { "max_failures": 99 }"#);
    let begins = (0..30).filter(|number| {
        world.change(&id(*number), |t| t.state = State::new("missingFiles"));
        begun(&world.cycle()) == ["tracker t.example"]
    });
    assert_eq!(begins.collect::<Vec<_>>(), [14]);
}
