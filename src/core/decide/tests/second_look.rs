//! The second look: anything that changed for the better saves the item.

use super::world::*;
use crate::core::decide::Saved;
use crate::core::facts::SharedWith;
use crate::core::hardlinks::{LinkFinding, LinkResult};
use crate::core::model::{State, Torrent};

/// Plans a deletion, lets something happen, and looks again from the state before.
#[track_caller]
fn check(world: &mut World, before: usize, happens: impl FnOnce(&mut World), saved_by: &str) {
    if before > 0 {
        world.cycles(before);
    }
    let plan = world.decide().plan;
    let deletion = plan
        .deletions
        .first()
        .unwrap_or_else(|| panic!("nothing is deleted:\n{plan}"))
        .clone();
    assert!(
        matches!(world.look_again(&deletion), Saved::No(_)),
        "nothing has happened yet"
    );
    happens(world);
    match world.look_again(&deletion) {
        Saved::Yes(why) => assert!(why.contains(saved_by), "{why}"),
        other => panic!("{other:?}"),
    }
}

fn errored() -> World {
    let keys = r#""errored": { "max_failures": 2, "last_resort": "delete_files" }, "protect": { "tags": ["keep"], "categories": ["mine"] }, "select": { "categories": ["tv", "mine"] }"#;
    let mut world = World::of_torrents(keys);
    world
        .torrents(20, |_| {})
        .torrent("x", |t| t.state = State::new("error"));
    world
}

#[test]
fn item_that_got_well_was_protected_or_tagged_is_saved() {
    let change = |change: fn(&mut Torrent)| move |world: &mut World| _ = world.change("x", change);
    check(
        &mut errored(),
        1,
        change(|t| t.state = State::new("stalledUP")),
        "no longer shows the sign",
    );
    check(
        &mut errored(),
        1,
        change(|t| t.state = State::new("checkingUP")),
        "check is under way",
    );
    check(
        &mut errored(),
        1,
        change(|t| t.tags = "a, keep".into()),
        "protected",
    );
    check(
        &mut errored(),
        1,
        change(|t| t.category = "mine".into()),
        "protected",
    );
    check(
        &mut errored(),
        1,
        change(|t| t.category = "other".into()),
        "no longer selected",
    );
    check(
        &mut errored(),
        1,
        change(|t| t.added_on = Some(1)),
        "added anew",
    );
    check(
        &mut errored(),
        1,
        |world| drop(world.library.torrents.remove("x")),
        "gone",
    );
}

#[test]
fn magnet_that_got_well_is_saved() {
    let mut world = World::of_magnets(r#", "failed": { "max_failures": 1 }"#);
    for number in 0..20 {
        world.magnet(&format!("{number}"), 4, "Ready");
    }
    world.magnet("x", 9, "Internal error");
    check(
        &mut world,
        0,
        |world| _ = world.magnet("x", 0, "In Queue"),
        "no longer shows the sign",
    );
    world.magnet("x", 9, "Internal error");
    check(
        &mut world,
        0,
        |world| _ = world.magnet("x", 99, "?"),
        "unknown",
    );
}

#[test]
fn torrent_that_was_hardlinked_meanwhile_is_saved() {
    let mut world = World::of_torrents(
        r#""hardlinks": { "min_seeding_time": "10d", "action": "delete_files" }"#,
    );
    world.torrent("x", |_| {});
    check(
        &mut world,
        0,
        |world| {
            drop(
                world
                    .facts
                    .links
                    .insert("x".into(), linked(world.now, 1000)),
            )
        },
        "of its bytes",
    );
    world.facts.links.insert("x".into(), not_linked(world.now));
    let unknown = |world: &mut World| {
        let result = LinkResult::Unknown("not found: /srv/x".into());
        world.facts.links.insert(
            "x".into(),
            LinkFinding {
                at: world.now,
                result,
            },
        );
    };
    check(&mut world, 0, unknown, "/srv/x");
}

#[test]
fn files_that_are_shared_meanwhile_stay() {
    let mut world = errored();
    world.cycle();
    let deletion = world.decide().plan.deletions[0].clone();
    assert!(deletion.delete_files);
    let other = SharedWith {
        other: "t001".into(),
        name: "t001".into(),
        file: "/f".into(),
    };
    world.facts.shared.insert("x".into(), Ok(vec![other]));
    let Saved::No(deletion) = world.look_again(&deletion) else {
        panic!("saved")
    };
    assert!(!deletion.delete_files && deletion.files_kept_because.is_some());
}

#[test]
fn asks_for_what_it_lacks() {
    let mut world = errored();
    world.cycle();
    let deletion = world.decide().plan.deletions[0].clone();
    world.facts.shared.remove("x");
    assert!(
        matches!(world.look_again(&deletion), Saved::Lacking(wanted) if wanted.shared.contains("x"))
    );
}
