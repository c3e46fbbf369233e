//! What holds deletions back: outages, limits, protection, shared files, restored and unsettled items.

use super::world::*;
use crate::core::decide::Mode;
use crate::core::facts::SharedWith;
use crate::core::ledger::{
    DeletionIntent, IntentId, KeptAs, Outcome, OutcomeKind, Record, RestoreDone,
};
use crate::core::model::State;
use std::sync::Arc;

const ERRORED_ONCE: &str = r#""errored": { "max_failures": 1 }"#;

fn broken(t: &mut crate::core::model::Torrent) {
    t.state = State::new("error");
}

#[test]
fn many_items_failing_at_once_count_nothing_and_are_announced_once() {
    let mut world = World::of_torrents(ERRORED_ONCE);
    world.torrents(500, broken);
    let plan = world.cycle();
    assert_eq!(
        (
            deleted(&plan).len(),
            plan.outages_begun.len(),
            plan.held.len()
        ),
        (0, 1, 500)
    );
    assert!(plan.outages_begun[0].first_reading);
    let plan = world.cycles(5);
    assert_eq!((deleted(&plan).len(), plan.outages_begun.len()), (0, 0));
    assert!(world.state.items.is_empty());
}

#[test]
fn accepted_outage_proceeds_within_the_limits() {
    let mut world = World::of_torrents(ERRORED_ONCE);
    world.torrents(50, broken).cycle();
    world.state.accept(world.now);
    let plan = world.cycle();
    assert_eq!((deleted(&plan).len(), plan.outages_begun.len()), (20, 0));
    assert!(held(&plan).iter().all(|(_, guard)| *guard == "cycle_limit"));
}

#[test]
fn outage_ends_when_its_items_are_well_again() {
    let mut world = World::of_torrents(ERRORED_ONCE);
    world.torrents(10, broken).cycle();
    for number in 0..10 {
        world.change(&format!("t{number:03}"), |t| {
            t.state = State::new("stalledUP")
        });
    }
    assert_eq!(world.cycle().outages_ended.len(), 1);
    assert!(world.state.outages.is_empty());
}

#[test]
fn one_folder_can_have_an_outage_of_its_own() {
    let mut world = World::of_torrents(ERRORED_ONCE);
    world.torrents(20, |_| {});
    for number in 0..5 {
        world.torrent(&format!("u{number}"), |t| {
            broken(t);
            t.save_path = "/mnt/usb/tv".into();
        });
    }
    let plan = world.cycle();
    assert_eq!(
        plan.outages_begun
            .iter()
            .map(|o| o.scope.as_str())
            .collect::<Vec<_>>(),
        ["path /mnt/usb/tv"]
    );
    assert_eq!(deleted(&plan).len(), 0);
}

#[test]
fn few_failing_items_are_no_outage() {
    let mut world = World::of_torrents(ERRORED_ONCE);
    world
        .torrents(20, |_| {})
        .torrent("x", broken)
        .torrent("y", broken);
    assert_eq!(deleted(&world.cycle()), ["x", "y"]);
}

#[test]
fn protected_items_are_never_deleted() {
    let keys = r#""errored": { "max_failures": 1 }, "protect": { "categories": ["keep"], "tags": ["forever"] }"#;
    let mut world = World::of_torrents(keys);
    world.torrents(20, |_| {});
    world.torrent("x", |t| {
        broken(t);
        t.category = "keep".into();
    });
    world.torrent("y", |t| {
        broken(t);
        t.tags = "a, forever".into();
    });
    let plan = world.cycle();
    assert_eq!(
        (deleted(&plan), held(&plan)),
        (
            vec![],
            vec![("x", "protected_category"), ("y", "protected_tag")]
        )
    );
}

#[test]
fn protect_rule_that_cannot_be_judged_protects() {
    let account = r#"{ "name": "box", "type": "qbittorrent", "url": "http://127.0.0.1:1", "username": "u", "password": "p",
        "errored": { "max_failures": 1 }, "protect": { "rules": ["young", "script"] } }"#;
    let rules = r#""rules": [
        { "name": "young", "conditions": [ { "key": "addedTime", "compareType": "smaller", "value": "1h" } ] },
        { "name": "script", "javascript": "() => false" } ],"#;
    let mut world = World::of(account, rules);
    world.torrents(20, |_| {}).torrent("x", broken);
    assert_eq!(held(&world.cycle()), [("x", "protect_rule_unknown")]);
}

fn intent(id: u64, item: &str, at: jiff::Timestamp) -> Record {
    Record::Intent(Arc::new(DeletionIntent {
        id: IntentId(id),
        at,
        account: "box".into(),
        item: item.into(),
        name: item.to_owned(),
        size_bytes: None,
        added_on: None,
        ratio: None,
        progress: None,
        cause: "errored".into(),
        reason: String::new(),
        failures: None,
        delete_files: false,
        files_kept_because: None,
        began: None,
        frees_bytes: None,
        kept: KeptAs::Nothing,
        webhooks: Vec::new(),
    }))
}

#[test]
fn deletions_with_unknown_outcome_count_towards_the_limits_and_refused_ones_do_not() {
    let mut world = World::of_torrents(ERRORED_ONCE);
    world.policy.limits.deletions_per_cycle = 3;
    world
        .torrents(30, |_| {})
        .torrent("x", broken)
        .torrent("y", broken)
        .torrent("z", broken);
    for number in 1..=3 {
        world
            .book
            .apply(intent(number, &format!("gone{number}"), world.now));
    }
    let refused = Outcome {
        intent: IntentId(3),
        at: world.now,
        result: OutcomeKind::Refused,
        detail: String::new(),
        freed_bytes: None,
    };
    world.book.apply(Record::Outcome(refused));
    assert_eq!(deleted(&world.cycle()), ["x"]);
}

#[test]
fn day_limit_holds_over_all_accounts() {
    let mut world = World::of_torrents(ERRORED_ONCE);
    world.policy.limits.deletions_per_day = 1;
    world.torrents(30, |_| {}).torrent("x", broken);
    let Record::Intent(mut other) = intent(1, "gone", world.now) else {
        unreachable!()
    };
    Arc::make_mut(&mut other).account = "other".into();
    world.book.apply(Record::Intent(other));
    assert_eq!(held(&world.cycle()), [("x", "day_limit")]);
}

#[test]
fn limit_of_zero_deletes_nothing() {
    let mut world = World::of_torrents(ERRORED_ONCE);
    world.policy.limits.deletions_per_cycle = 0;
    world.torrents(30, |_| {}).torrent("x", broken);
    assert_eq!(held(&world.cycle()), [("x", "cycle_limit")]);
}

#[test]
fn item_with_an_unsettled_deletion_is_not_deleted_again() {
    let mut world = World::of_torrents(ERRORED_ONCE);
    world.torrents(30, |_| {}).torrent("x", broken);
    world.book.apply(intent(1, "x", world.now));
    assert_eq!(held(&world.cycle()), [("x", "unsettled")]);
}

/// A rule that matches `x`, whose deletion an hour ago ended like this.
fn world_after(result: OutcomeKind) -> World {
    let account = r#"{ "name": "box", "type": "qbittorrent", "url": "http://127.0.0.1:1", "username": "u", "password": "p",
        "cycle": "30m", "rule_cycle": "10s", "rules": ["r"] }"#;
    let rules = r#""rules": [ { "name": "r", "conditions": [
        { "key": "category", "compareType": "equals", "value": "tv" } ] } ],"#;
    let mut world = World::of(account, rules);
    world.torrent("x", |_| {});
    world.book.apply(intent(1, "x", world.now));
    world.book.apply(Record::Outcome(Outcome {
        intent: IntentId(1),
        at: world.now,
        result,
        detail: String::new(),
        freed_bytes: None,
    }));
    world.now += jiff::SignedDuration::from_hours(1);
    world
}

#[test]
fn refused_deletion_waits_for_the_next_full_cycle() {
    for result in [OutcomeKind::Refused, OutcomeKind::StillThere] {
        let mut world = world_after(result);
        world.mode = Mode::Rules;
        let plan = world.cycle();
        assert_eq!(held(&plan), [("x", "tried_already")]);
        assert!(format!("{plan}").contains("next full cycle"), "{plan}");
        world.mode = FULL;
        assert_eq!(deleted(&world.cycle()), ["x"]);
    }
}

#[test]
fn deletion_that_did_not_reach_the_server_is_tried_in_the_next_rule_cycle() {
    for result in [OutcomeKind::NotSent, OutcomeKind::Saved] {
        let mut world = world_after(result);
        world.mode = Mode::Rules;
        assert_eq!(deleted(&world.cycle()), ["x"]);
        // Right after it, the same would come of it.
        let mut world = world_after(result);
        world.mode = Mode::Rules;
        world.now -= jiff::SignedDuration::from_secs(3600 - 50);
        assert_eq!(held(&world.cycle()), [("x", "tried_already")]);
    }
}

#[test]
fn restored_item_is_left_alone_for_its_grace() {
    let mut world = World::of_torrents(ERRORED_ONCE);
    world.torrents(30, |_| {}).torrent("x", broken);
    let restored = RestoreDone {
        at: world.now,
        account: "box".into(),
        intent: None,
        item: "x".into(),
        new_item: "x".into(),
    };
    world.book.apply(Record::Restored(restored));
    assert_eq!(held(&world.cycle()), [("x", "restored")]);
    world.now += jiff::SignedDuration::from_hours(24 * 7);
    assert_eq!(deleted(&world.cycle()), ["x"]);
}

#[test]
fn files_that_another_torrent_holds_stay() {
    let mut world =
        World::of_torrents(r#""errored": { "max_failures": 1, "last_resort": "delete_files" }"#);
    world.torrents(30, |_| {}).torrent("x", broken);
    let other = SharedWith {
        other: "t001".into(),
        name: "t001".into(),
        file: "/downloads/same.mkv".into(),
    };
    world.facts.shared.insert("x".into(), Ok(vec![other]));
    let plan = world.cycle();
    assert!(!plan.deletions[0].delete_files);
    assert!(format!("{plan}").contains("/downloads/same.mkv"));
    world
        .facts
        .shared
        .insert("x".into(), Err("no answer".into()));
    assert_eq!(held(&world.cycle()), [("x", "shared_unknown")]);
}

#[test]
fn of_two_torrents_with_the_same_files_one_waits_for_the_next_cycle() {
    let mut world =
        World::of_torrents(r#""errored": { "max_failures": 1, "last_resort": "delete_files" }"#);
    world
        .torrents(30, |_| {})
        .torrent("x", broken)
        .torrent("y", broken);
    let shared = |other: &str| {
        vec![SharedWith {
            other: other.into(),
            name: other.into(),
            file: "/f".into(),
        }]
    };
    world.facts.shared.insert("x".into(), Ok(shared("y")));
    world.facts.shared.insert("y".into(), Ok(shared("x")));
    let plan = world.cycle();
    assert_eq!(
        (deleted(&plan), held(&plan)),
        (vec!["x"], vec![("y", "shared_with_deleted")])
    );
}

#[test]
fn listing_that_is_not_whole_deletes_no_files() {
    let mut world =
        World::of_torrents(r#""errored": { "max_failures": 1, "last_resort": "delete_files" }"#);
    world.torrents(20, |_| {}).torrent("a", broken);
    world.whole = false;
    assert_eq!(held(&world.cycle()), [("a", "shared_unknown")]);
    world.whole = true;
    assert_eq!(deleted(&world.cycle()), ["a"]);
}

#[test]
fn count_that_someone_made_huge_is_no_trouble() {
    let mut world = World::of_torrents(r#""errored": { "max_failures": 2 }"#);
    world.torrents(20, |_| {}).torrent("a", broken).cycle();
    let item = world.state.items.get_mut("a").unwrap();
    item.errored.as_mut().unwrap().failures = u32::MAX;
    assert_eq!(deleted(&world.cycle()), ["a"]);
}
