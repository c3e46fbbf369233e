//! The `hardlinks` block.

use super::world::*;
use crate::core::hardlinks::{LinkFinding, LinkResult};
use crate::core::model::State;

const BLOCK: &str = r#""hardlinks": { "min_seeding_time": "10d", "action": "delete_files" }"#;

#[test]
fn deletes_what_nothing_else_uses_once_it_has_seeded_long_enough() {
    let mut world = World::of_torrents(BLOCK);
    world
        .torrent("old", |_| {})
        .torrent("young", |t| t.seeding_time = Some(9 * 86_400));
    let plan = world.cycle();
    assert_eq!(deleted(&plan), ["old"]);
    assert!(plan.deletions[0].delete_files);
    assert_eq!(
        why_kept(&plan, "young"),
        "not hardlinked, but must seed for another 1day"
    );
}

#[test]
fn keeps_what_is_hardlinked_by_share_of_bytes() {
    for (bytes, stays) in [(0, false), (99, false), (100, true), (1000, true)] {
        let mut world = World::of_torrents(BLOCK);
        world.torrent("a", |_| {});
        world
            .facts
            .links
            .insert("a".into(), linked(world.now, bytes));
        assert_eq!(
            deleted(&world.cycle()).is_empty(),
            stays,
            "{bytes} of 1000 bytes"
        );
    }
}

#[test]
fn unknown_links_delete_nothing_and_name_the_path() {
    let mut world = World::of_torrents(BLOCK);
    world.torrent("a", |_| {});
    let result = LinkResult::Unknown("not found: /srv/downloads/a".into());
    world.facts.links.insert(
        "a".into(),
        LinkFinding {
            at: world.now,
            result,
        },
    );
    let plan = world.cycle();
    assert!(plan.is_idle());
    assert!(why_kept(&plan, "a").contains("/srv/downloads/a"), "{plan}");
}

#[test]
fn looks_at_files_only_of_torrents_that_have_seeded_long_enough() {
    let mut world = World::of_torrents(BLOCK);
    world
        .torrent("old", |_| {})
        .torrent("young", |t| t.seeding_time = Some(0));
    world.facts.links.clear();
    let decision = super::super::decide(
        &super::super::Input {
            explain: false,
            ..world.input()
        },
        &world.state,
    );
    assert_eq!(
        decision
            .wanted
            .links
            .iter()
            .map(|id| id.as_str())
            .collect::<Vec<_>>(),
        ["old"]
    );
}

#[test]
fn leaves_unfinished_and_broken_torrents_alone() {
    let mut world = World::of_torrents(BLOCK);
    world.torrent("unfinished", |t| t.progress = Some(0.5));
    world.torrent("checking", |t| t.state = State::new("checkingUP"));
    world.torrent("broken", |t| t.state = State::new("missingFiles"));
    world.torrent("tells no seeding time", |t| t.seeding_time = None);
    assert!(world.cycle().is_idle());
}

#[test]
fn zero_switches_the_time_test_off() {
    let mut world = World::of_torrents(
        r#""hardlinks": { "min_seeding_time": "0s", "action": "delete_torrent" }"#,
    );
    world.torrent("a", |t| t.seeding_time = None);
    let plan = world.cycle();
    assert_eq!(deleted(&plan), ["a"]);
    assert!(!plan.deletions[0].delete_files);
}

#[test]
fn hardlinked_torrent_is_kept_from_rules_but_not_from_ailments() {
    let account = r#"{ "name": "box", "type": "qbittorrent", "url": "http://127.0.0.1:1", "username": "u", "password": "p",
        "hardlinks": { "min_seeding_time": "10d", "action": "delete_files" }, "errored": { "max_failures": 1 }, "rules": ["all"] }"#;
    let rules = r#""rules": [ { "name": "all", "limit": 9, "conditions": [ { "key": "category", "compareType": "equals", "value": "tv" } ] } ],"#;
    let mut world = World::of(account, rules);
    world.torrents(20, |t| t.category = "other".into());
    world
        .torrent("x", |_| {})
        .torrent("y", |t| t.state = State::new("error"));
    for id in ["x", "y"]
        .into_iter()
        .map(String::from)
        .chain((0..20).map(|n| format!("t{n:03}")))
    {
        world.facts.links.insert(id.into(), linked(world.now, 1000));
    }
    let plan = world.cycle();
    assert_eq!(
        (deleted(&plan), held(&plan)),
        (vec!["y"], vec![("x", "hardlinked")])
    );
}
