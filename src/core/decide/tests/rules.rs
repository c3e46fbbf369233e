//! Rules as they run in a decision.

use super::world::*;
use crate::core::decide::Mode;
use jiff::SignedDuration;

fn with_rules(names: &str, rules: &str) -> World {
    let account = format!(
        r#"{{ "name": "box", "type": "qbittorrent", "url": "http://127.0.0.1:1", "username": "u", "password": "p", "cycle": "30m", "rule_cycle": "10s", "rules": [{names}] }}"#
    );
    let mut world = World::of(&account, &format!(r#""rules": [{rules}],"#));
    world.mode = Mode::Rules;
    world
}

fn rule(name: &str, more: &str) -> String {
    format!(
        r#"{{ "name": "{name}", {more} "conditions": [ {{ "key": "category", "compareType": "equals", "value": "tv" }} ] }}"#
    )
}

#[test]
fn rule_acts_up_to_its_limit_on_the_longest_completed_first() {
    let mut world = with_rules(r#""r""#, &rule("r", r#""limit": 2,"#));
    for (id, completed) in [("a", 300), ("b", 100), ("c", 200), ("d", -1)] {
        world.torrent(id, |t| t.completion_on = Some(completed));
    }
    let plan = world.cycle();
    assert_eq!(deleted(&plan), ["b", "c"]);
    assert!(why_kept(&plan, "a").contains("limit of 2"), "{plan}");
}

#[test]
fn rule_must_have_matched_for_longer_than_its_time() {
    let mut world = with_rules(r#""r""#, &rule("r", r#""for": "30s","#));
    world.torrent("a", |_| {});
    let mut acted_at = None;
    for second in (0..120).step_by(10) {
        let decision = world.decide();
        world.state = decision.state;
        if acted_at.is_none() && !decision.plan.deletions.is_empty() {
            acted_at = Some(second);
        }
        world.now += SignedDuration::from_secs(10);
    }
    assert_eq!(
        acted_at,
        Some(40),
        "sampled first at 0, more than 30 s later is 40"
    );
}

#[test]
fn break_and_gap_start_the_timer_anew() {
    let mut world = with_rules(r#""r""#, &rule("r", r#""for": "30s","#));
    world.torrent("a", |_| {});
    let step = |world: &mut World, seconds: i64| {
        let decision = world.decide();
        world.state = decision.state;
        world.now += SignedDuration::from_secs(seconds);
        decision.plan.deletions.len()
    };
    for _ in 0..4 {
        assert_eq!(step(&mut world, 10), 0);
    }
    world.change("a", |t| t.category = "other".into());
    assert_eq!(step(&mut world, 10), 0);
    world.change("a", |t| t.category = "tv".into());
    for _ in 0..3 {
        assert_eq!(step(&mut world, 10), 0);
    }
    assert_eq!(step(&mut world, 31), 0, "31 s without a sample follow");
    assert_eq!(step(&mut world, 10), 0, "so that the timer starts anew");
    for _ in 0..3 {
        assert_eq!(step(&mut world, 10), 0);
    }
    assert_eq!(step(&mut world, 10), 1);
}

#[test]
fn higher_priority_goes_first_and_an_item_is_handled_once() {
    let rules = format!(
        "{}, {}",
        rule("low", r#""action": "delete_torrent","#),
        rule("high", r#""priority": 5, "action": "pause","#)
    );
    let mut world = with_rules(r#""low", "high""#, &rules);
    world.torrent("a", |_| {});
    let plan = world.cycle();
    assert_eq!((deleted(&plan).len(), plan.changes.len()), (0, 1));
    assert_eq!(&*plan.changes[0].rule, "high");
}

#[test]
fn until_stops_a_rule_counting_what_its_deletions_free() {
    let until = r#""limit": 99, "until": { "key": "freeSpace", "compareType": "bigger", "value": "1500" },"#;
    let mut world = with_rules(r#""r""#, &rule("r", until));
    world.library.server.free_space_on_disk = Some(100);
    world.torrents(5, |_| {});
    assert_eq!(
        deleted(&world.cycle()).len(),
        2,
        "100 and two times 1000 bytes"
    );
    world.library.server.free_space_on_disk = Some(0);
    assert_eq!(deleted(&world.cycle()).len(), 0, "unknown free space");
}

#[test]
fn rule_does_not_make_a_change_again() {
    let mut world = with_rules(
        r#""r""#,
        &rule("r", r#""action": { "tag": "seen" }, "limit": 9,"#),
    );
    world
        .torrent("a", |_| {})
        .torrent("b", |t| t.tags = "seen".into());
    let plan = world.cycle();
    assert_eq!(
        plan.changes
            .iter()
            .map(|c| c.item.as_str())
            .collect::<Vec<_>>(),
        ["a"]
    );
}

#[test]
fn script_that_failed_matches_nothing_and_is_reported_once() {
    let mut world = with_rules(r#""js""#, r#"{ "name": "js", "javascript": "() => true" }"#);
    world.torrents(3, |_| {});
    let plan = world.cycle();
    assert_eq!((deleted(&plan).len(), plan.warnings.len()), (0, 1));
}

#[test]
fn rule_cycle_leaves_failures_alone() {
    let mut world = World::of_torrents(r#""errored": { "max_failures": 1 }"#);
    world.mode = Mode::Rules;
    world.torrent("a", |t| t.state = crate::core::model::State::new("error"));
    assert!(world.cycles(3).is_idle());
    assert!(world.state.items.is_empty());
}

fn magnet_rules(action: &str) -> World {
    let account = r#"{ "name": "box", "type": "alldebrid", "api_key": "k", "rules": ["r"] }"#;
    let rule = format!(
        r#""rules": [ {{ "name": "r", "action": "{action}", "conditions": [ {{ "key": "state", "compareType": "equals", "value": "error" }} ] }} ],"#
    );
    let mut world = World::of(account, &rule);
    world.magnet("1", 7, "No peer");
    world
}

#[test]
fn magnet_is_restarted_once_though_a_rule_asks_for_it_too() {
    let plan = magnet_rules("restart").cycle();
    assert_eq!((remedies(&plan).len(), plan.changes.len()), (1, 0));
}

#[test]
fn what_a_rule_deletes_gets_no_remedy_before() {
    let plan = magnet_rules("delete").cycle();
    assert_eq!((deleted(&plan), remedies(&plan).len()), (vec!["1"], 0));
}

#[test]
fn timer_of_a_rule_that_says_something_else_today_starts_anew() {
    let for_a_day = r#""for": "1d","#;
    let mut world = with_rules(r#""r""#, &rule("r", for_a_day));
    world.torrent("a", |_| {});
    let samples = |world: &mut World, hours: usize| {
        let mut deleted_any = false;
        for _ in 0..hours * 360 {
            let decision = world.decide();
            world.state = decision.state;
            deleted_any |= !decision.plan.deletions.is_empty();
            world.now += SignedDuration::from_secs(10);
        }
        deleted_any
    };
    assert!(!samples(&mut world, 23));
    let other = rule("r", for_a_day)
        .replace("category", "name")
        .replace("\"tv\"", "\"a\"");
    world.policy = with_rules(r#""r""#, &other).policy;
    assert!(
        !samples(&mut world, 2),
        "the new condition has matched for 2 hours"
    );
    assert!(samples(&mut world, 23));
}

#[test]
fn timer_of_an_older_state_file_goes_on() {
    let mut world = with_rules(r#""r""#, &rule("r", r#""for": "1d","#));
    world.torrent("a", |_| {});
    let timer = format!(
        r#"{{ "since": "{}" }}"#,
        world.now - SignedDuration::from_hours(25)
    );
    let item = world.state.items.entry("a".into()).or_default();
    item.rules
        .insert("r".to_owned(), serde_json::from_str(&timer).unwrap());
    world.state.last_rules_at = Some(world.now - SignedDuration::from_secs(10));
    assert_eq!(deleted(&world.cycle()), ["a"]);
}
