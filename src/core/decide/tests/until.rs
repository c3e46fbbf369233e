//! `until`: a rule stops with the one action by which enough is reached, also where the server's figures lag.

use super::world::*;
use crate::core::decide::{Mode, Saved};
use crate::core::hardlinks::{LinkResult, OwnName};
use crate::core::ledger::{DeletionIntent, KeptAs, Outcome, OutcomeKind, Record};
use crate::core::model::State;
use crate::core::plan::{Deletion, Plan};
use jiff::SignedDuration;
use std::sync::Arc;

/// An account with these rules, in rule cycles.
fn world(names: &str, rules: &str, more: &str) -> World {
    let account = format!(
        r#"{{ "name": "box", "type": "qbittorrent", "url": "http://127.0.0.1:1", "username": "u", "password": "p",
            "cycle": "30m", "rule_cycle": "5s", {more} "rules": [{names}] }}"#
    );
    let top = format!(
        r#""limits": {{ "deletions_per_cycle": 100, "deletions_per_day": 1000 }}, "rules": [{rules}],"#
    );
    let mut world = World::of(&account, &top);
    world.mode = Mode::Rules;
    world
}

/// A rule for everything in category `tv`, with these further keys.
fn rule(name: &str, more: &str) -> String {
    format!(
        r#"{{ "name": "{name}", "limit": 99, {more} "conditions": [ {{ "key": "category", "compareType": "equals", "value": "tv" }} ] }}"#
    )
}

fn until(key: &str, compare: &str, value: &str) -> String {
    format!(r#""until": {{ "key": "{key}", "compareType": "{compare}", "value": "{value}" }},"#)
}

impl World {
    /// Puts a deletion on record, as done if it is.
    fn put_on_record(&mut self, deletion: &Deletion, is_done: bool) {
        let id = self.book.next_id();
        let intent = DeletionIntent {
            id,
            at: self.now,
            account: "box".into(),
            item: deletion.item.clone(),
            name: deletion.name.clone(),
            size_bytes: deletion.size_bytes,
            added_on: deletion.added_on,
            ratio: None,
            progress: Some(1.0),
            cause: deletion.cause.to_string(),
            reason: String::new(),
            failures: None,
            delete_files: deletion.delete_files,
            files_kept_because: None,
            began: None,
            frees_bytes: Some(deletion.frees_bytes),
            kept: KeptAs::Nothing,
            webhooks: Vec::new(),
        };
        self.book.apply(Record::Intent(Arc::new(intent)));
        if is_done {
            self.book.apply(Record::Outcome(Outcome {
                intent: id,
                at: self.now + SignedDuration::from_secs(1),
                result: OutcomeKind::Done,
                detail: String::new(),
                freed_bytes: None,
            }));
        }
    }

    /// Carries out the deletions of a plan. The server's figure stays as it is.
    fn carry_out(&mut self, plan: &Plan) {
        for deletion in &plan.deletions {
            self.put_on_record(deletion, true);
            self.library.torrents.remove(&deletion.item);
        }
    }

    /// One cycle that is carried out, so many seconds before the next one.
    fn act(&mut self, seconds: i64) -> Plan {
        let decision = self.decide();
        self.state = decision.state;
        self.carry_out(&decision.plan);
        self.facts.server_asked_before = Some(self.now);
        self.now += SignedDuration::from_secs(seconds);
        decision.plan
    }

    fn free(&mut self, bytes: i64) -> &mut Self {
        self.library.server.free_space_on_disk = Some(bytes);
        self
    }
}

#[test]
fn counts_are_those_after_the_actions_before() {
    let enough = until("seedingCount", "smaller", "10");
    for action in ["delete_files", "delete_torrent", "pause", "recheck"] {
        let rules = rule("r", &format!(r#""action": "{action}", {enough}"#));
        let mut world = world(r#""r""#, &rules, "");
        world.torrents(12, |_| {});
        let plan = world.decide().plan;
        let acted = plan.deletions.len() + plan.changes.len();
        assert_eq!(acted, 3, "{action}: {plan}");
        assert!(
            why_kept(&plan, "t009").contains("`until` is reached"),
            "{plan}"
        );
    }
}

#[test]
fn changes_that_leave_the_numbers_as_they_are_do_not_count() {
    let enough = until("seedingCount", "smaller", "10");
    let rules = rule("r", &format!(r#""action": {{ "tag": "x" }}, {enough}"#));
    let mut world = world(r#""r""#, &rules, "");
    world.torrents(12, |_| {});
    assert_eq!(world.decide().plan.changes.len(), 12);
}

#[test]
fn what_others_do_in_the_same_cycle_counts() {
    let rules = [
        rule("first", r#""priority": 5, "limit": 1,"#).replace(r#""limit": 99, "#, ""),
        rule("r", &until("seedingCount", "smaller", "10")),
    ];
    let block = r#""hardlinks": { "min_seeding_time": "10d" },"#;
    let mut world = world(r#""first", "r""#, &rules.join(","), block);
    world.mode = FULL;
    world.torrents(12, |t| t.seeding_time = Some(0));
    world.change("t011", |t| t.seeding_time = Some(11 * 86_400));
    let plan = world.decide().plan;
    let causes: Vec<String> = plan.deletions.iter().map(|d| d.cause.to_string()).collect();
    assert_eq!(causes, ["hardlinks", "rule first", "rule r"]);
}

#[test]
fn figure_that_lags_does_not_let_the_rule_act_again() {
    let rules = rule("r", &until("freeSpace", "bigger", "1500"));
    let mut world = world(r#""r""#, &rules, "");
    world.torrents(10, |_| {}).free(100);
    assert_eq!(deleted(&world.act(5)).len(), 2);
    for _ in 0..11 {
        assert_eq!(deleted(&world.act(5)).len(), 0, "{}", world.now);
    }
    world.free(2100);
    for _ in 0..5 {
        assert_eq!(deleted(&world.act(5)).len(), 0);
    }
    assert_eq!(world.state.free_space, None);
    // What is filled again by others is freed again.
    world.free(600);
    assert_eq!(deleted(&world.act(5)).len(), 1);
}

#[test]
fn where_deleting_frees_nothing_rules_stop_for_a_day_and_say_so() {
    let rules = rule("r", &until("freeSpace", "bigger", "1500"));
    let mut world = world(r#""r""#, &rules, "");
    world.torrents(10, |_| {}).free(100);
    let mut rounds = Vec::new();
    let mut warned = 0;
    for _ in 0..150 {
        let plan = world.act(600);
        if !plan.deletions.is_empty() {
            rounds.push(plan.deletions.len());
        }
        warned += usize::from(plan.warnings.iter().any(|w| w.contains("did not grow")));
    }
    assert_eq!(rounds, [2, 2], "within 25 hours");
    assert!(warned > 140, "{warned}");
}

#[test]
fn unknown_figure_stops_conditions_on_it_as_well() {
    let rules = r#"{ "name": "r", "limit": 9, "conditions": [ { "key": "freeSpace", "compareType": "smaller", "value": "1500" } ] },
        { "name": "not", "limit": 9, "conditions": [ { "not": { "key": "freeSpace", "compareType": "bigger", "value": "1500" } } ] }"#;
    let mut world = world(r#""r", "not""#, rules, "");
    world.torrents(10, |_| {}).free(100);
    assert_eq!(deleted(&world.act(5)).len(), 2, "no more match after these");
    assert_eq!(deleted(&world.act(600)).len(), 0);
    assert_eq!(deleted(&world.act(5)).len(), 0, "the figure did not grow");
}

#[test]
fn file_with_two_names_is_given_back_with_the_last_of_them() {
    let rules = rule("r", &until("freeSpace", "bigger", "1500"));
    let mut world = world(r#""r""#, &rules, "");
    world.torrents(10, |_| {}).free(100);
    for (pair, ids) in [["t000", "t001"], ["t002", "t003"]].iter().enumerate() {
        for id in ids {
            let mut finding = not_linked(world.now);
            if let LinkResult::Seen(share) = &mut finding.result {
                let file = (1, pair as u64);
                share.own_names = [OwnName {
                    file,
                    names: 2,
                    size_bytes: 1000,
                }]
                .into();
            }
            world.facts.links.insert((*id).into(), finding);
        }
    }
    let plan = world.decide().plan;
    assert_eq!(deleted(&plan), ["t000", "t001", "t002", "t003"], "{plan}");
    let frees: Vec<i64> = plan.deletions.iter().map(|d| d.frees_bytes).collect();
    assert_eq!(frees, [0, 1000, 0, 1000]);
}

#[test]
fn names_counted_before_our_last_deletion_are_looked_at_again() {
    let rules = rule("r", &until("freeSpace", "bigger", "5000"));
    let mut world = world(r#""r""#, &rules, "");
    world.torrents(2, |_| {}).free(100);
    let mut finding = not_linked(world.now);
    if let LinkResult::Seen(share) = &mut finding.result {
        share.own_names = [OwnName {
            file: (1, 1),
            names: 2,
            size_bytes: 1000,
        }]
        .into();
    }
    world.facts.links.insert("t001".into(), finding.clone());
    assert!(world.decide().wanted.is_empty());
    let deletion = world.decide().plan.deletions[0].clone();
    world.put_on_record(&deletion, true);
    world.library.torrents.remove(&deletion.item);
    world.now += SignedDuration::from_secs(300);
    assert_eq!(world.decide().wanted.links, ["t001".into()].into());
    finding.at = world.now;
    world.facts.links.insert("t001".into(), finding);
    assert!(world.decide().wanted.is_empty());
}

#[test]
fn second_look_takes_in_what_the_cycle_has_freed_so_far() {
    let rules = rule("r", &until("freeSpace", "bigger", "1500"));
    let mut world = world(r#""r""#, &rules, "");
    world.torrents(10, |_| {}).free(100);
    let plan = world.decide().plan;
    let [first, second] = &plan.deletions[..] else {
        panic!("{plan}")
    };
    // The first gives back more than was planned: another name of its files is gone.
    let more = Deletion {
        frees_bytes: 2000,
        ..first.clone()
    };
    world.put_on_record(&more, true);
    world.put_on_record(second, false);
    let saved = world.look_again(second);
    assert!(
        matches!(&saved, Saved::Yes(why) if why.contains("`until` is reached")),
        "{saved:?}"
    );
}

#[test]
fn second_look_confirms_what_is_still_needed() {
    let rules = rule("r", &until("seedingCount", "smaller", "11"));
    let mut world = world(r#""r""#, &rules, "");
    world.torrents(12, |_| {});
    let plan = world.decide().plan;
    assert_eq!(plan.deletions.len(), 2);
    for deletion in &plan.deletions {
        world.put_on_record(deletion, false);
        assert!(matches!(world.look_again(deletion), Saved::No(_)));
    }
    // The first was called off, so that one of the listed is one too many still.
    world.change("t000", |t| t.state = State::new("pausedUP"));
    world.change("t002", |t| t.state = State::new("pausedUP"));
    assert!(matches!(
        world.look_again(&plan.deletions[1]),
        Saved::Yes(_)
    ));
}

mod any_world;
