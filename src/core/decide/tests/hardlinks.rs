//! The `hardlinks` block.

use super::world::*;
use crate::core::decide::linked_to_each_other;
use crate::core::hardlinks::{LinkFinding, LinkResult};
use crate::core::ledger::{Record, TreatmentBegun, TreatmentEnd, TreatmentResult, Was};
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

/// An account whose rule deletes everything that is not complete.
fn with_rule() -> World {
    let account = r#"{ "name": "box", "type": "qbittorrent", "url": "http://127.0.0.1:1", "username": "u", "password": "p",
        "hardlinks": { "min_seeding_time": "90d" }, "rules": ["r"] }"#;
    let rules = r#""rules": [ { "name": "r", "conditions": [
        { "key": "progress", "compareType": "smaller", "value": "1" } ] } ],"#;
    World::of(account, rules)
}

#[test]
fn rule_spares_what_only_our_own_recheck_shows_as_incomplete() {
    for (was_complete, guards) in [(true, vec![("a", "links_unknown")]), (false, vec![])] {
        let mut world = with_rule();
        world.torrent("a", |t| {
            t.state = State::new("stoppedUP");
            (t.progress, t.completed) = (Some(0.0), Some(0));
        });
        let gone = LinkResult::Unknown("not found: /srv/downloads/a".into());
        let at = world.now;
        world
            .facts
            .links
            .insert("a".into(), LinkFinding { at, result: gone });
        world.book.apply(Record::TreatmentBegun(TreatmentBegun {
            at,
            account: "box".into(),
            item: "a".into(),
            was: Was {
                state: "missingFiles".into(),
                running: true,
                complete: was_complete,
                had_bytes: 400,
            },
        }));
        world.book.apply(Record::TreatmentEnd(TreatmentEnd {
            at,
            account: "box".into(),
            item: "a".into(),
            end: TreatmentResult::FoundIncomplete,
        }));
        let plan = world.cycle();
        assert_eq!(
            (held(&plan), deleted(&plan).is_empty()),
            (guards, was_complete)
        );
    }
}

#[test]
fn rule_spares_what_the_server_tells_too_little_of() {
    let changes: [fn(&mut crate::core::model::Torrent); 2] = [
        |t| t.size = None,
        |t| (t.state, t.progress) = (State::new("unknown"), Some(0.0)),
    ];
    for change in changes {
        let mut world = with_rule();
        world.torrent("a", |t| {
            t.progress = Some(0.5);
            change(t);
        });
        world
            .facts
            .links
            .insert("a".into(), linked(world.now, 1000));
        assert_eq!(held(&world.cycle()), [("a", "hardlinked")]);
    }
}

#[test]
fn torrent_whose_state_the_server_does_not_know_is_left_alone() {
    let mut world = World::of_torrents(BLOCK);
    world.torrent("a", |t| t.state = State::new("unknown"));
    assert!(world.cycle().is_idle());
}

#[test]
fn counts_the_selected_torrents_that_are_linked_to_each_other_only() {
    let mut world =
        World::of_torrents(r#""hardlinks": {}, "select": { "exclude_categories": ["films"] }"#);
    world
        .torrent("alone", |_| {})
        .torrent("library", |_| {})
        .torrent("cross", |_| {})
        .torrent("not selected", |t| t.category = "films".into())
        .torrent("unfinished", |t| t.progress = Some(0.5));
    for id in ["cross", "not selected", "unfinished"] {
        world.facts.links.insert(id.into(), linked(world.now, 0));
    }
    world
        .facts
        .links
        .insert("library".into(), linked(world.now, 1000));
    let (found, wanted) = linked_to_each_other(&world.input(), &world.state);
    let found: Vec<&str> = found.iter().map(|id| id.as_str()).collect();
    assert_eq!((found, wanted.is_empty()), (vec!["cross"], true));
    world.facts.links.remove("cross");
    let (found, wanted) = linked_to_each_other(&world.input(), &world.state);
    assert!(found.is_empty() && wanted.links.contains("cross"));
}
