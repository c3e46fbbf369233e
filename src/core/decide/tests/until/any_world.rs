//! Random worlds: whatever the rules, the figures and their lag, no rule acts when it has enough by the true figures.

use super::*;
use crate::core::model::ItemId;
use crate::core::plan::{Cause, ChangeKind};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What is true of the account.
#[derive(Debug, Clone, Copy)]
struct Truth {
    free: i64,
    seeding: i64,
    leeching: i64,
}

/// A condition of `until`, as the test judges it.
#[derive(Debug, Clone)]
enum Tree {
    Test {
        key: usize,
        bigger: bool,
        value: i64,
    },
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Not(Box<Tree>),
}

const KEYS: [&str; 3] = ["freeSpace", "seedingCount", "leechingCount"];

impl Tree {
    fn holds(&self, truth: Truth) -> bool {
        match self {
            Tree::Test { key, bigger, value } => {
                let seen = [truth.free, truth.seeding, truth.leeching][*key];
                if *bigger {
                    seen > *value
                } else {
                    seen < *value
                }
            }
            Tree::All(parts) => parts.iter().all(|part| part.holds(truth)),
            Tree::Any(parts) => parts.iter().any(|part| part.holds(truth)),
            Tree::Not(part) => !part.holds(truth),
        }
    }

    fn json(&self) -> String {
        let list = |parts: &[Tree]| {
            let parts: Vec<String> = parts.iter().map(Tree::json).collect();
            parts.join(", ")
        };
        match self {
            Tree::Test { key, bigger, value } => format!(
                r#"{{ "key": "{}", "compareType": "{}", "value": "{value}" }}"#,
                KEYS[*key],
                if *bigger { "bigger" } else { "smaller" }
            ),
            Tree::All(parts) => format!(r#"{{ "all": [{}] }}"#, list(parts)),
            Tree::Any(parts) => format!(r#"{{ "any": [{}] }}"#, list(parts)),
            Tree::Not(part) => format!(r#"{{ "not": {} }}"#, part.json()),
        }
    }
}

fn test(key: usize, bigger: bool) -> impl Strategy<Value = Tree> {
    let most = [12_000_i64, 12, 6][key];
    (0..=most).prop_map(move |value| Tree::Test { key, bigger, value })
}

/// Any tree over all keys.
fn any_tree() -> impl Strategy<Value = Tree> {
    let leaf = (0..3_usize, any::<bool>()).prop_flat_map(|(key, bigger)| test(key, bigger));
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(Tree::All),
            prop::collection::vec(inner.clone(), 1..3).prop_map(Tree::Any),
            inner.prop_map(|part| Tree::Not(Box::new(part))),
        ]
    })
}

/// A tree of goals that deleting comes nearer to: more free space, fewer torrents.
fn goal() -> impl Strategy<Value = Tree> {
    let leaf = (0..3_usize).prop_flat_map(|key| test(key, key == 0));
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(Tree::All),
            prop::collection::vec(inner, 1..3).prop_map(Tree::Any),
        ]
    })
}

#[derive(Debug, Clone)]
struct RuleOf {
    until: Tree,
    limit: u32,
    priority: i32,
    action: &'static str,
}

fn rules_of(
    until: impl Strategy<Value = Tree>,
    actions: &'static [&'static str],
) -> impl Strategy<Value = Vec<RuleOf>> {
    let rule = (until, 1..9_u32, -2..3_i32, prop::sample::select(actions));
    let rule = rule.prop_map(|(until, limit, priority, action)| RuleOf {
        until,
        limit,
        priority,
        action,
    });
    prop::collection::vec(rule, 1..4)
}

/// States and sizes of torrents.
fn torrents() -> impl Strategy<Value = Vec<(&'static str, i64)>> {
    let states = &[
        "stalledUP",
        "uploading",
        "pausedUP",
        "downloading",
        "stalledDL",
        "error",
    ];
    prop::collection::vec(
        (prop::sample::select(states.as_slice()), 1..3000_i64),
        1..16,
    )
}

fn world_of(rules: &[RuleOf], torrents: &[(&str, i64)], more: &str) -> World {
    let names: Vec<String> = (0..rules.len())
        .map(|number| format!("\"r{number}\""))
        .collect();
    let one = |(number, of): (usize, &RuleOf)| {
        format!(
            r#"{{ "name": "r{number}", "limit": {}, "priority": {}, "action": "{}", "until": {},
                "conditions": [ {{ "key": "category", "compareType": "equals", "value": "tv" }} ] }}"#,
            of.limit,
            of.priority,
            of.action,
            of.until.json()
        )
    };
    let texts: Vec<String> = rules.iter().enumerate().map(one).collect();
    let mut world = world(&names.join(", "), &texts.join(", "), more);
    for (number, (state, size)) in torrents.iter().enumerate() {
        let id = format!("t{number:03}");
        world.torrent(&id, |t| {
            t.state = State::new(state);
            (t.size, t.completed) = (Some(*size), Some(*size));
        });
        let mut finding = not_linked(world.now);
        if let LinkResult::Seen(share) = &mut finding.result {
            share.total_bytes = *size as u64;
        }
        world.facts.links.insert(id.as_str().into(), finding);
    }
    world
}

impl World {
    fn truth(&self, free: i64, left: &BTreeMap<ItemId, &'static str>) -> Truth {
        let count =
            |words: [&str; 2]| left.values().filter(|state| words.contains(state)).count() as i64;
        Truth {
            free,
            seeding: count(["stalledUP", "uploading"]),
            leeching: count(["downloading", "stalledDL"]),
        }
    }

    fn states(&self) -> BTreeMap<ItemId, &'static str> {
        let word = |state: &State| {
            let words = ["stalledUP", "uploading", "downloading", "stalledDL"];
            words
                .into_iter()
                .find(|word| *word == state.as_str())
                .unwrap_or("other")
        };
        let torrents = self.library.torrents.iter();
        torrents
            .map(|(id, torrent)| (id.clone(), word(&torrent.state)))
            .collect()
    }

    /// Replays a plan in the order in which it was made, and answers the free space after it.
    fn replay(&self, plan: &Plan, rules: &[RuleOf], mut free: i64) -> Result<i64, TestCaseError> {
        let mut left = self.states();
        let number = |name: &str| name.trim_start_matches('r').parse::<usize>().unwrap_or(0);
        let mut steps: Vec<(usize, &ItemId, i64, bool)> = Vec::new();
        for deletion in &plan.deletions {
            let Cause::Rule(name) = &deletion.cause else {
                left.remove(&deletion.item);
                free += deletion.frees_bytes;
                continue;
            };
            steps.push((number(name), &deletion.item, deletion.frees_bytes, true));
        }
        for change in &plan.changes {
            prop_assert_eq!(&change.kind, &ChangeKind::Pause);
            steps.push((number(&change.rule), &change.item, 0, false));
        }
        // Rules of one priority act in their order.
        steps.sort_by_key(|(rule, ..)| (std::cmp::Reverse(rules[*rule].priority), *rule));
        for (rule, item, frees, _) in steps {
            let truth = self.truth(free, &left);
            prop_assert!(
                !rules[rule].until.holds(truth),
                "r{} acts on {} with {:?}\n{}",
                rule,
                item,
                truth,
                plan
            );
            left.insert(item.clone(), "other");
            free += frees;
        }
        Ok(free)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_rule_acts_when_it_has_enough(
        rules in rules_of(any_tree(), &["delete_files", "delete_torrent", "pause"]),
        torrents in torrents(),
        free in 1..9000_i64,
        is_full in any::<bool>(),
    ) {
        let more = r#""hardlinks": { "min_seeding_time": "10d" }, "errored": { "max_failures": 1, "last_resort": "delete_files" },"#;
        let mut world = world_of(&rules, &torrents, if is_full { more } else { "" });
        world.mode = if is_full { FULL } else { Mode::Rules };
        world.free(free);
        let plan = world.decide().plan;
        world.replay(&plan, &rules, free)?;
    }

    #[test]
    fn figures_that_lag_change_nothing_of_that(
        rules in rules_of(goal(), &["delete_files", "delete_torrent"]),
        torrents in torrents(),
        free in 1..9000_i64,
        spacings in prop::collection::vec(prop::sample::select(&[5_i64, 10, 31, 40, 70, 600][..]), 4..14),
        is_refreshed_on_request in any::<bool>(),
    ) {
        let mut world = world_of(&rules, &torrents, "");
        let (mut truth, mut shown, mut refreshed_at) = (free, free, world.now);
        for spacing in spacings {
            world.free(shown);
            let decision = world.decide();
            let before = truth;
            truth = world.replay(&decision.plan, &rules, before)?;
            world.state = decision.state;
            world.carry_out(&decision.plan);
            world.facts.server_asked_before = Some(world.now);
            let is_due = |at: jiff::Timestamp, last| at.duration_since(last) >= SignedDuration::from_secs(30);
            // A request has the figure refreshed, and was answered with the one before; or it is refreshed by itself.
            if is_refreshed_on_request && is_due(world.now, refreshed_at) {
                (shown, refreshed_at) = (before, world.now);
            }
            world.now += SignedDuration::from_secs(spacing);
            if !is_refreshed_on_request && is_due(world.now, refreshed_at) {
                (shown, refreshed_at) = (truth, world.now);
            }
        }
    }
}
