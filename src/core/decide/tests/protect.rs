//! What is protected, and what is not known well enough to be deleted.

use super::world::*;
use crate::core::decide::Saved;
use crate::core::model::Torrent;
use crate::core::plan::Plan;
use crate::core::rules::script::{Answer, Failed, Failure};

/// A world whose rule "all" deletes everything that the rule "keep" with this body does not protect.
fn protected_by(body: &str) -> World {
    let account = r#"{ "name": "box", "type": "qbittorrent", "url": "http://127.0.0.1:1", "username": "u",
        "password": "p", "rules": ["all"], "protect": { "rules": ["keep"] } }"#;
    let all = r#"{ "name": "all", "limit": 99, "conditions": [{ "key": "size", "compareType": "bigger", "value": "-1" }] }"#;
    World::of(
        account,
        &format!(r#""rules": [{all}, {{ "name": "keep", {body} }}],"#),
    )
}

fn test(key: &str, compare: &str, value: &str) -> String {
    format!(r#"{{ "key": "{key}", "compareType": "{compare}", "value": "{value}" }}"#)
}

fn conditions(tests: &str) -> String {
    format!(r#""conditions": [{tests}]"#)
}

/// Torrents that the protect rule keeps, by the guard's word.
#[track_caller]
fn check(world: &mut World, expected: &[(&str, &str)]) -> Plan {
    let plan = world.decide().plan;
    assert_eq!(held(&plan), expected, "{plan}");
    plan
}

#[test]
fn protect_rule_on_a_field_that_was_not_sent_protects() {
    for tests in [
        test("seedingTime", "smaller", "10d"),
        format!(r#"{{ "not": {} }}"#, test("seedingTime", "bigger", "10d")),
        test("uploaded", "bigger", "1 GiB"),
        test("ratio", "bigger", "1"),
        test("addedTime", "smaller", "1d"),
    ] {
        let mut world = protected_by(&conditions(&tests));
        world.torrent("a", |t| {
            t.seeding_time = None;
            t.uploaded = None;
            t.added_on = None;
        });
        check(&mut world, &[("a", "protect_rule_unknown")]);
        world.change("a", |t| {
            t.seeding_time = Some(20 * 86_400);
            t.uploaded = Some(0);
            t.added_on = Some(1_700_000_000);
        });
        let plan = check(&mut world, &[]);
        assert_eq!(deleted(&plan), ["a"]);
        world.change("a", |t| {
            (t.seeding_time, t.uploaded, t.added_on) = (None, None, None)
        });
        let deletion = plan.deletions[0].clone();
        let saved = world.look_again(&deletion);
        assert!(matches!(saved, Saved::Yes(_)), "{saved:?}");
    }
}

#[test]
fn rule_deletes_nothing_on_the_opposite_of_a_field_that_was_not_sent() {
    let account = r#"{ "name": "box", "type": "qbittorrent", "url": "http://127.0.0.1:1", "username": "u",
        "password": "p", "rules": ["r"] }"#;
    let seeded = test("seedingTime", "bigger", "10d");
    for tests in [
        format!(r#"{{ "not": {seeded} }}"#),
        format!(r#"{{ "not": {{ "all": [{seeded}] }} }}"#),
        test("hash", "bigger", "1").replace("hash", "seedingTime"),
        test("content_path", "notContain", "/keep/"),
    ] {
        let rules = format!(r#""rules": [{{ "name": "r", "conditions": [{tests}] }}],"#);
        let mut world = World::of(account, &rules);
        world.torrent("a", |t| {
            t.seeding_time = None;
            t.content_path = None;
        });
        let plan = world.cycle();
        assert_eq!(deleted(&plan), [] as [&str; 0], "{tests}");
        let why = why_kept(&plan, "a");
        assert!(why.contains("the server does not send it"), "{why}");
    }
}

#[test]
fn magnet_without_its_date_is_not_old() {
    let account = r#"{ "name": "box", "type": "alldebrid", "api_key": "k", "failed": false, "rules": ["r"] }"#;
    let tests = test("addedTime", "bigger", "30d");
    let rules = format!(r#""rules": [{{ "name": "r", "conditions": [{tests}] }}],"#);
    let mut world = World::of(account, &rules);
    world.magnet("1", 4, "Ready").magnet("2", 4, "Ready");
    world.magnets.get_mut("1").unwrap().upload_date = None;
    assert_eq!(deleted(&world.cycle()), ["2"]);
}

#[test]
fn labels_that_were_not_sent_may_be_protected_or_not_selected() {
    for keys in [
        r#""protect": { "categories": ["keep"] }"#,
        r#""protect": { "tags": ["keep"] }"#,
        r#""select": { "exclude_tags": ["keep"] }"#,
        r#""select": { "exclude_categories": ["keep"] }"#,
    ] {
        let hardlinks = r#""hardlinks": { "min_seeding_time": "1d" }"#;
        let mut world = World::of_torrents(&format!("{hardlinks}, {keys}"));
        world.torrent("a", |_| {});
        world.torrent("b", |t| t.unsent = Torrent::unread().unsent);
        assert_eq!(deleted(&world.decide().plan), ["a"], "{keys}");
    }
    let untagged = format!(r#"{{ "not": {} }}"#, test("tags", "contain", "keep"));
    let mut world = protected_by(&conditions(&untagged));
    world.torrent("a", |t| t.unsent = Torrent::unread().unsent);
    check(&mut world, &[("a", "protect_rule_unknown")]);
}

const DOWN: &str = "";

#[test]
fn protect_rule_finds_a_tracker_that_is_down_or_another_one() {
    let mut world = protected_by(&conditions(&test("tracker", "equals", "t.example")));
    for (id, listed) in [
        ("a", DOWN),
        ("b", "http://u.example/1"),
        ("c", "http://u.example/2"),
    ] {
        world.torrent(id, |t| t.tracker = listed.into());
    }
    let t = ("https://t.example/PASSKEY/announce", 4, "down");
    let u = ("http://u.example/1", 2, "");
    world
        .trackers("a", &[t])
        .trackers("b", &[u, t])
        .trackers("c", &[u]);
    let plan = check(&mut world, &[("a", "protect_rule"), ("b", "protect_rule")]);
    assert_eq!(deleted(&plan), ["c"]);
    assert!(!format!("{plan:?}").contains("PASSKEY"));
    world.trackers("c", &[u, ("udp://T.Example:1/announce", 4, "")]);
    let saved = world.look_again(&plan.deletions[0]);
    assert!(
        matches!(&saved, Saved::Yes(why) if why.contains("keep")),
        "{saved:?}"
    );
}

#[test]
fn protect_rule_that_spares_one_tracker_protects_for_the_others() {
    for tests in [
        test("tracker", "notIncludeIn", "public.example,open.example"),
        format!(
            r#"{{ "not": {} }}"#,
            test("tracker", "equals", "public.example")
        ),
    ] {
        let mut world = protected_by(&conditions(&tests));
        world.torrent("a", |t| t.tracker = "http://public.example/".into());
        world.torrent("b", |t| t.tracker = "http://public.example/".into());
        let public = ("http://public.example/", 2, "");
        world.trackers("a", &[public]);
        world.trackers("b", &[public, ("http://t.example/", 4, "down")]);
        check(&mut world, &[("b", "protect_rule")]);
    }
}

#[test]
fn trackers_that_could_not_be_read_protect_and_are_read_only_where_they_matter() {
    let tests = [
        test("tracker", "equals", "t.example"),
        test("category", "equals", "tv"),
    ];
    let mut world = protected_by(&conditions(&tests.join(", ")));
    world.torrent("a", |t| t.tracker = DOWN.into());
    world.torrent("b", |t| t.category = "movies".into());
    world.torrent("c", |t| t.tracker = "http://t.example/x".into());
    let decision = world.decide();
    let wanted: Vec<&str> = decision
        .wanted
        .trackers
        .iter()
        .map(|id| id.as_str())
        .collect();
    assert_eq!(
        wanted,
        ["a"],
        "b is of another category, c is listed with that tracker"
    );
    world
        .facts
        .trackers
        .insert("a".into(), Err("timed out".to_owned()));
    let plan = check(
        &mut world,
        &[("a", "protect_rule_unknown"), ("c", "protect_rule")],
    );
    assert_eq!(deleted(&plan), ["b"]);
}

#[test]
fn rule_that_acts_sees_every_host_under_trackers() {
    let account = r#"{ "name": "box", "type": "qbittorrent", "url": "http://127.0.0.1:1", "username": "u",
        "password": "p", "rules": ["r"] }"#;
    let rule = |tests: &str| {
        format!(r#""rules": [{{ "name": "r", "limit": 9, "conditions": [{tests}] }}],"#)
    };
    let cases: [(&str, &str, &[&str]); 5] = [
        ("contain", "t.example", &["a", "b"]),
        ("includeIn", "T.example,none.example", &["a", "b"]),
        ("equals", "t.example", &["a"]),
        ("notContain", "u.example", &["a", "c"]),
        ("contain", "example", &[]),
    ];
    for (compare, value, expected) in cases {
        let mut world = World::of(account, &rule(&test("trackers", compare, value)));
        world.torrents(0, |_| {});
        for id in ["a", "b", "c", "d"] {
            world.torrent(id, |_| {});
        }
        let t = ("udp://T.example:80/", 4, "");
        world
            .trackers("a", &[t, t])
            .trackers("b", &[t, ("http://u.example/", 2, "")]);
        world.trackers("c", &[]);
        world
            .facts
            .trackers
            .insert("d".into(), Err("timed out".to_owned()));
        assert_eq!(deleted(&world.cycle()), expected, "{compare} {value}");
    }
}

#[test]
fn protect_rule_that_cannot_be_judged_is_told() {
    let mut world = protected_by(&conditions(&test("seedingTime", "smaller", "10d")));
    world.torrents(3, |t| t.seeding_time = None);
    let warnings = world.decide().plan.warnings;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].contains("protect rule \"keep\""),
        "{warnings:?}"
    );
    assert!(warnings[0].contains("3 items"), "{warnings:?}");
    world.torrents(3, |_| {});
    assert_eq!(world.decide().plan.warnings, [] as [&str; 0]);
}

#[test]
fn script_that_read_what_was_not_sent_neither_matches_nor_lets_go() {
    let unsure = |matched: &[&str]| Answer {
        matched: matched.iter().map(|id| (*id).into()).collect(),
        unsent: ["a".into(), "b".into()].into(),
        unsent_field: Some("seeding_time".to_owned()),
        ..Answer::default()
    };
    let mut world = protected_by(r#""javascript": "x""#);
    world.torrents(0, |_| {});
    for id in ["a", "b", "c"] {
        world.torrent(id, |_| {});
    }
    world.scripts.insert("keep".to_owned(), unsure(&["a"]));
    let kept = [("a", "protect_rule"), ("b", "protect_rule_unknown")];
    let plan = check(&mut world, &kept);
    assert_eq!(deleted(&plan), ["c"]);
    let why = "it reads seeding_time, which the server does not send";
    assert!(plan.warnings[0].contains(why), "{plan}");

    let account = r#"{ "name": "box", "type": "qbittorrent", "url": "http://127.0.0.1:1", "username": "u",
        "password": "p", "rules": ["js"] }"#;
    let rules = r#""rules": [{ "name": "js", "limit": 9, "javascript": "x" }],"#;
    let mut world = World::of(account, rules);
    for id in ["a", "b", "c"] {
        world.torrent(id, |_| {});
    }
    world.scripts.insert("js".to_owned(), unsure(&["a", "c"]));
    let plan = world.cycle();
    assert_eq!(deleted(&plan), ["c"]);
    assert!(why_kept(&plan, "a").contains(why), "{plan}");
    assert_eq!(plan.warnings, [] as [&str; 0]);
}

#[test]
fn protect_script_that_read_no_tracker_protects_what_has_one() {
    let mut world = protected_by(r#""javascript": "x""#);
    for id in ["a", "b", "c"] {
        world.torrent(id, |_| {});
    }
    world.trackers("a", &[("http://t.example/", 4, "down")]);
    world.trackers("b", &[]);
    let answer = Answer {
        no_tracker: ["a".into(), "b".into(), "c".into()].into(),
        ..Answer::default()
    };
    world.scripts.insert("keep".to_owned(), answer);
    let wanted = world.decide().wanted.trackers;
    assert_eq!(wanted, ["c".into()].into());
    world
        .facts
        .trackers
        .insert("c".into(), Err("timed out".to_owned()));
    let kept = [("a", "protect_rule_unknown"), ("c", "protect_rule_unknown")];
    assert_eq!(deleted(&check(&mut world, &kept)), ["b"]);
}

#[test]
fn protect_script_that_fails_is_told_though_nothing_would_be_deleted() {
    let mut world = protected_by(r#""javascript": "() => x""#);
    world.torrent("a", |_| {}).torrent("b", |t| t.size = None);
    let failure = Failure {
        message: "ReferenceError: x is not defined".to_owned(),
        line: Some(1),
        item: None,
    };
    let answer = Answer {
        failed: Failed::Items(["b".into()].into()),
        failure: Some(failure),
        ..Answer::default()
    };
    world.scripts.insert("keep".to_owned(), answer);
    let plan = world.decide().plan;
    assert_eq!(deleted(&plan), ["a"]);
    assert_eq!(plan.warnings.len(), 1, "{plan}");
    assert!(plan.warnings[0].contains("1 item, so it keeps"), "{plan}");
    assert!(
        plan.warnings[0].contains("x is not defined (line 1)"),
        "{plan}"
    );
}
