//! Planted bugs: plans as a decision with a bug would make them. Each must be stopped.

use super::audit;
use crate::core::decide::tests::world::*;
use crate::core::decide::{Decision, Mode};
use crate::core::facts::SharedWith;
use crate::core::ledger::{Record, RestoreDone};
use crate::core::model::{ItemId, State};
use crate::core::plan::{Cause, Deletion};

/// A world in which `x` is to be deleted as errored, with its files, and 20 healthy torrents stay.
fn world() -> World {
    let keys = r#""errored": { "max_failures": 2, "last_resort": "delete_files" },
        "unregistered": { "max_failures": 1 },
        "hardlinks": { "min_seeding_time": "30d", "action": "delete_files" },
        "protect": { "tags": ["keep"], "categories": ["mine"] }"#;
    let mut world = World::of_torrents(keys);
    world
        .torrents(20, |_| {})
        .torrent("x", |t| t.state = State::new("error"));
    world.cycle();
    world
}

/// Lets a decision with a planted bug be audited, and expects the invariant that stops it.
#[track_caller]
fn stops(world: &World, plant: impl FnOnce(&mut Decision), invariant: &str) {
    let mut decision = world.decide();
    assert_eq!(deleted(&decision.plan), ["x"], "the plan without the bug");
    plant(&mut decision);
    match audit(&world.input(), &world.state, &decision) {
        Err(breach) => assert!(breach.to_string().contains(invariant), "{breach}"),
        Ok(()) => panic!("the audit let it pass: {}", decision.plan),
    }
}

fn deletion_of(decision: &Decision, item: &str, cause: Cause) -> Deletion {
    let failures = match cause {
        Cause::Errored | Cause::Unregistered | Cause::Failed => Some((2, 2)),
        Cause::Hardlinks | Cause::Rule(_) => None,
    };
    Deletion {
        item: item.into(),
        name: item.into(),
        cause,
        failures,
        ..decision.plan.deletions[0].clone()
    }
}

#[test]
fn healthy_item_deleted_as_errored() {
    stops(
        &world(),
        |d| {
            d.plan
                .deletions
                .push(deletion_of(d, "t001", Cause::Errored))
        },
        "too few failures",
    );
    let mut counted = world();
    counted
        .torrent("y", |t| t.state = State::new("error"))
        .cycle();
    counted.change("y", |t| t.state = State::new("stalledUP"));
    stops(
        &counted,
        |d| d.plan.deletions.push(deletion_of(d, "y", Cause::Errored)),
        "neither in error nor under treatment",
    );
}

#[test]
fn wrong_item_deleted() {
    stops(
        &world(),
        |d| d.plan.deletions[0].item = "not listed".into(),
        "only what is listed",
    );
    stops(
        &world(),
        |d| d.plan.deletions.push(d.plan.deletions[0].clone()),
        "deleted once",
    );
}

#[test]
fn deleted_one_failure_early() {
    let mut world = world();
    world.state.items.clear();
    let mut decision = world.decide();
    decision.plan.deletions.push(Deletion {
        item: "x".into(),
        name: "x".into(),
        cause: Cause::Errored,
        reason: String::new(),
        failures: Some((2, 2)),
        delete_files: false,
        files_kept_because: None,
        began: None,
        frees_bytes: 0,
        size_bytes: None,
        added_on: None,
        ratio: None,
        progress: None,
        reannounce: false,
    });
    assert!(
        audit(&world.input(), &world.state, &decision)
            .unwrap_err()
            .to_string()
            .contains("too few failures")
    );
}

#[test]
fn failures_counted_twice_or_made_up_or_lost() {
    let count = |n: u32| {
        move |d: &mut Decision| {
            d.state
                .items
                .get_mut("x")
                .unwrap()
                .errored
                .as_mut()
                .unwrap()
                .failures = n
        }
    };
    stops(&world(), count(3), "a failure counts once");
    stops(
        &world(),
        |d| _ = d.state.items.remove("x"),
        "only when well",
    );
    let mut gone = world();
    gone.torrent("y", |t| t.state = State::new("error")).cycle();
    gone.library.torrents.remove("y");
    stops(
        &gone,
        |d| _ = d.state.items.remove("y"),
        "survives one listing",
    );
}

#[test]
fn protection_forgotten() {
    for change in [
        |t: &mut crate::core::model::Torrent| t.tags = "keep".into(),
        |t: &mut crate::core::model::Torrent| t.category = "mine".into(),
    ] {
        let mut world = world();
        world
            .torrent("y", |t| t.state = State::new("error"))
            .cycle();
        world.change("y", change);
        stops(
            &world,
            |d| d.plan.deletions.push(deletion_of(d, "y", Cause::Errored)),
            "protected",
        );
    }
}

#[test]
fn limits_forgotten() {
    let mut world = world();
    world
        .torrent("y", |t| t.state = State::new("error"))
        .cycle();
    world.policy.limits.deletions_per_cycle = 1;
    let both = world.decide();
    assert_eq!((both.plan.deletions.len(), both.plan.held.len()), (1, 1));
    let held = both.plan.held[0].item.to_string();
    let mut decision = both;
    let forgotten = deletion_of(&decision, &held, Cause::Errored);
    decision.plan.deletions.push(forgotten);
    let breach = audit(&world.input(), &world.state, &decision).unwrap_err();
    assert!(breach.to_string().contains("limits"), "{breach}");
}

#[test]
fn hardlinks_forgotten() {
    let delete = |d: &mut Decision| {
        d.plan
            .deletions
            .push(deletion_of(d, "t001", Cause::Hardlinks))
    };
    stops(&world(), delete, "seeds long enough");
    let mut world = world();
    world.change("t001", |t| t.seeding_time = Some(99 * 86_400));
    world
        .facts
        .links
        .insert("t001".into(), linked(world.now, 1000));
    stops(&world, delete, "hardlinked item is kept");
    world.facts.links.remove("t001");
    let mut decision = world.decide();
    let planted = deletion_of(&decision, "t001", Cause::Hardlinks);
    decision.plan.deletions.push(planted);
    assert!(
        audit(&world.input(), &world.state, &decision)
            .unwrap_err()
            .to_string()
            .contains("links are unknown")
    );
}

#[test]
fn shared_files_forgotten() {
    let mut world = world();
    let other = SharedWith {
        other: "t001".into(),
        name: "t001".into(),
        file: "/f".into(),
    };
    world.facts.shared.insert("x".into(), Ok(vec![other]));
    stops(
        &world,
        |d| d.plan.deletions[0].delete_files = true,
        "shared files stay",
    );
}

#[test]
fn tracker_that_is_down_taken_for_a_refusal() {
    let mut world = world();
    world.torrent("y", |t| t.private = Some(true));
    world.trackers("y", &[("https://t.example/announce", 4, "")]);
    let plant = |d: &mut Decision| {
        d.plan
            .deletions
            .push(deletion_of(d, "y", Cause::Unregistered))
    };
    stops(&world, plant, "");
    world.trackers(
        "y",
        &[
            ("https://t.example/announce", 5, "unregistered"),
            ("https://u.example/announce", 2, ""),
        ],
    );
    let mut decision = world.decide();
    plant(&mut decision);
    assert!(audit(&world.input(), &world.state, &decision).is_err());
}

#[test]
fn outage_or_restore_or_gap_forgotten() {
    stops(
        &world(),
        |d| {
            let items = [crate::core::model::ItemId::from("x")].into();
            let (ailment, scope) = ("errored".to_owned(), "account".to_owned());
            let since = jiff::Timestamp::UNIX_EPOCH;
            d.state.outages.push(crate::core::state::Outage {
                ailment,
                scope,
                since,
                items,
                first_reading: false,
            });
        },
        "outage deletes nothing",
    );
    let mut restored = world();
    let decision = restored.decide();
    let done = RestoreDone {
        at: restored.now,
        account: "box".into(),
        intent: None,
        item: "x".into(),
        new_item: "x".into(),
    };
    restored.book.apply(Record::Restored(done));
    assert!(
        audit(&restored.input(), &restored.state, &decision)
            .unwrap_err()
            .to_string()
            .contains("left alone")
    );
    let mut gap = world();
    let decision = gap.decide();
    gap.mode = Mode::Full {
        adds: true,
        last_resorts: false,
    };
    assert!(
        audit(&gap.input(), &gap.state, &decision)
            .unwrap_err()
            .to_string()
            .contains("last resorts")
    );
}

#[test]
fn rule_cycle_that_counts_or_applies_last_resorts() {
    let mut world = world();
    let decision = world.decide();
    world.mode = Mode::Rules;
    assert!(audit(&world.input(), &world.state, &decision).is_err());
}

#[test]
fn rule_that_does_not_delete_or_does_not_exist() {
    stops(
        &world(),
        |d| {
            d.plan
                .deletions
                .push(deletion_of(d, "t001", Cause::Rule("none".into())))
        },
        "no such rule deletes",
    );
}

#[test]
fn active_magnet_deleted() {
    let mut world = World::of_magnets(r#", "failed": { "max_failures": 2 }"#);
    world
        .magnet("x", 9, "Internal error")
        .magnet("y", 9, "Internal error")
        .cycle();
    world.magnet("y", 1, "Downloading");
    stops(
        &world,
        |d| d.plan.deletions.push(deletion_of(d, "y", Cause::Failed)),
        "active or ready",
    );
}

/// A world in which a rule deletes two of three torrents, because then enough is free.
fn world_with_until() -> World {
    let account = r#"{ "name": "box", "type": "qbittorrent", "url": "http://127.0.0.1:1", "username": "u",
        "password": "p", "hardlinks": { "min_seeding_time": "99d" }, "rules": ["r"] }"#;
    let rule = r#""rules": [ { "name": "r", "limit": 9, "conditions": [ { "key": "category", "compareType": "equals", "value": "tv" } ],
        "until": { "key": "freeSpace", "compareType": "bigger", "value": "1500" } } ],"#;
    let mut world = World::of(account, rule);
    world.torrents(3, |_| {});
    world.library.server.free_space_on_disk = Some(100);
    world
}

#[test]
fn until_forgotten() {
    let world = world_with_until();
    let mut decision = world.decide();
    assert_eq!(decision.plan.deletions.len(), 2);
    let third = Deletion {
        item: "t002".into(),
        ..decision.plan.deletions[1].clone()
    };
    decision.plan.deletions.push(third);
    let breach = audit(&world.input(), &world.state, &decision).unwrap_err();
    assert!(breach.to_string().contains("has enough"), "{breach}");
}

#[test]
fn links_from_before_our_own_doing_believed() {
    let mut world = world_with_until();
    let decision = world.decide();
    world.now += jiff::SignedDuration::from_mins(5);
    let recheck = crate::core::ledger::TreatmentBegun {
        at: world.now - jiff::SignedDuration::from_mins(1),
        account: "box".into(),
        item: "t000".into(),
        was: crate::core::treatment::was(&world.library.torrents[&ItemId::from("t000")], None, 0),
    };
    world.book.apply(Record::TreatmentBegun(recheck));
    let breach = audit(&world.input(), &world.state, &decision).unwrap_err();
    assert!(
        breach.to_string().contains("older than our own doing"),
        "{breach}"
    );
    let again = world.decide();
    assert!(again.wanted.links.contains(&ItemId::from("t000")));
}
