//! `until`: the plan is replayed in the order in which rules act, on figures that are added up anew; no rule may act when
//! it has enough. (Where limits have cut the plan, nobody can tell any more what was counted.)

use super::{Breach, breach};
use crate::config::policy::Rule;
use crate::core::decide::{Decision, Input, Item, Seen};
use crate::core::model::{ItemId, MagnetClass};
use crate::core::plan::{Cause, ChangeKind, Guard, Plan};
use crate::core::rules::subject::{Surroundings, second_from_zero};
use crate::core::rules::{Key, Outcome, Value};
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One action of the plan: the item that it takes out of the counts, and the bytes that it frees.
struct Step<'a> {
    item: &'a ItemId,
    takes_out: bool,
    bytes: i64,
}

/// Checks every action of a rule that has `until`.
pub fn check(input: &Input<'_>, decision: &Decision) -> Result<(), Breach> {
    let plan = &decision.plan;
    let is_limit = |guard: &Guard| matches!(guard, Guard::CycleLimit(_) | Guard::DayLimit(_));
    let rules = &input.policy.rules;
    if rules.iter().all(|rule| rule.until.is_none()) || plan.held.iter().any(|h| is_limit(&h.guard))
    {
        return Ok(());
    }
    let mut gone: BTreeSet<&ItemId> = BTreeSet::new();
    let others = plan
        .deletions
        .iter()
        .filter(|d| !matches!(d.cause, Cause::Rule(_)));
    let mut freed = 0;
    for deletion in others {
        gone.insert(&deletion.item);
        freed += deletion.frees_bytes;
    }
    let mut in_turn: Vec<&Arc<Rule>> = rules.iter().collect();
    in_turn.sort_by(|a, b| b.priority.total_cmp(&a.priority));
    for rule in in_turn {
        for step in steps_of(plan, &rule.name) {
            if let Some(until) = &rule.until {
                let rests_on_free_space = until.keys().contains(&Key::FreeSpace);
                let is_believed = decision
                    .state
                    .free_space
                    .as_ref()
                    .is_none_or(|mark| mark.not_grown_since.is_none());
                let outcome = until.judge(&account(input, &gone, freed));
                if outcome != Outcome::No || (rests_on_free_space && !is_believed) {
                    let found = format!("rule {}: {}", rule.name, outcome.word());
                    return Err(breach("a rule stops when it has enough", step.item, found));
                }
            }
            freed += step.bytes;
            if step.takes_out {
                gone.insert(step.item);
            }
        }
    }
    Ok(())
}

/// What a rule does, in its order: a rule either deletes or changes.
fn steps_of<'p>(plan: &'p Plan, rule: &str) -> Vec<Step<'p>> {
    let deletions = plan
        .deletions
        .iter()
        .filter(|d| matches!(&d.cause, Cause::Rule(name) if **name == *rule))
        .map(|d| Step {
            item: &d.item,
            takes_out: true,
            bytes: d.frees_bytes,
        });
    let changes = plan
        .changes
        .iter()
        .filter(|change| *change.rule == *rule)
        .map(|change| Step {
            item: &change.item,
            takes_out: matches!(change.kind, ChangeKind::Pause | ChangeKind::Recheck),
            bytes: 0,
        });
    deletions.chain(changes).collect()
}

/// The account without these items, and with so many more bytes free.
fn account(input: &Input<'_>, gone: &BTreeSet<&ItemId>, freed: i64) -> Surroundings {
    let (mut leeching, mut seeding) = (0.0, 0.0);
    input.seen.for_each(|id, item| {
        if gone.contains(id) {
            return;
        }
        let (leeches, seeds) = match item {
            Item::Torrent(torrent) => (
                ["downloading", "stalledDL"].contains(&torrent.state.as_str()),
                ["uploading", "stalledUP"].contains(&torrent.state.as_str()),
            ),
            Item::Magnet(magnet) => {
                let class = magnet.class();
                (class == MagnetClass::Active, class == MagnetClass::Ready)
            }
        };
        leeching += f64::from(u8::from(leeches));
        seeding += f64::from(u8::from(seeds));
    });
    let (upload_speed, download_speed) = input.smoothed_speeds;
    Surroundings {
        now_seconds: input.now.as_second(),
        second_from_zero: second_from_zero(input.now, input.zone),
        free_space: free_space(input, freed),
        leeching_count: Value::Number(leeching),
        seeding_count: Value::Number(seeding),
        upload_speed,
        download_speed,
    }
}

/// The server's figure, what we deleted a minute before it was asked for or later, and what the plan frees.
fn free_space(input: &Input<'_>, freed: i64) -> Value<'static> {
    let figure = match input.seen {
        Seen::Torrents(library) => library.server.free_space_on_disk.unwrap_or(0),
        Seen::Magnets(_) => 0,
    };
    let minute = SignedDuration::from_mins(1);
    let day = SignedDuration::from_hours(24);
    let mut bytes = figure + freed;
    for (intent, outcome) in input.book.deletions.values() {
        let done_at = outcome.as_ref().map_or(input.now, |outcome| outcome.at);
        let is_ours = intent.account == input.policy.name
            && outcome
                .as_ref()
                .is_none_or(|outcome| outcome.result.is_deletion())
            && input.now.duration_since(done_at) < day;
        let asked = input.facts.server_asked_before;
        let is_shown =
            outcome.is_some() && asked.is_some_and(|asked| asked.duration_since(done_at) >= minute);
        if is_ours && !is_shown {
            let freed = outcome
                .as_ref()
                .and_then(|outcome| outcome.freed_bytes)
                .or(intent.frees_bytes);
            bytes += freed.unwrap_or(0);
        }
    }
    match figure > 0 {
        true => Value::Number(bytes as f64),
        false => Value::Unknown(crate::core::model::Unknown::no_answer("no figure")),
    }
}
