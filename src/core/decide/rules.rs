//! Rules: which match, for how long they have, and which act, in Vertex's order.

use super::context::{Context, ScriptVerdict};
use super::draft::{Draft, Proposal};
use super::item::Item;
use super::order::{Place, sort};
use super::protect;
use super::select::{Selected, selected};
use super::subject::{AccountSubject, AccountValues, ItemSubject};
use super::why::why;
use crate::config::policy::{Action, Rule, RuleBody};
use crate::core::hardlinks::LinkResult;
use crate::core::model::ItemId;
use crate::core::plan::{Cause, Change, ChangeKind, Guard, Held, KeptReason};
use crate::core::rules::Outcome;
use crate::core::state::Timer;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Whether a rule matches an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// A fact that it needs is unknown.
    Unknown(String),
    /// It failed.
    Failed(String),
}

/// Judges one rule on one item, without regard to time and order.
pub fn matches(context: &Context<'_>, rule: &Rule, id: &ItemId, item: Item<'_>) -> Match {
    let subject = ItemSubject {
        context,
        account: &context.account,
        id,
        item,
    };
    match &rule.body {
        RuleBody::Conditions(condition) => match condition.judge(&subject) {
            Outcome::Yes => Match::Yes,
            Outcome::No => Match::No,
            Outcome::Unknown => Match::Unknown(why(&condition.explain(&subject), Outcome::Unknown)),
            Outcome::Error => Match::Failed(why(&condition.explain(&subject), Outcome::Error)),
        },
        RuleBody::Script { .. } => match context.input.scripts.verdict(&rule.name, id) {
            ScriptVerdict::Yes => Match::Yes,
            ScriptVerdict::No => Match::No,
            ScriptVerdict::Failed(why) => Match::Failed(why),
        },
    }
}

/// Runs the rules that act: by priority, each over its matches in order, up to its limit; then samples the timers.
pub fn run(context: &Context<'_>, draft: &mut Draft) {
    let mut rules: Vec<&Arc<Rule>> = context.input.policy.rules.iter().collect();
    rules.sort_by(|a, b| b.priority.total_cmp(&a.priority));
    let mut freed = 0.0;
    for rule in rules {
        let found = matches_of(context, draft, rule);
        act(context, draft, rule, &found, &mut freed);
        sample(context, draft, rule, &found);
    }
}

/// Everything that a rule matches among the selected items.
fn matches_of<'a>(context: &Context<'a>, draft: &mut Draft, rule: &Rule) -> Vec<Place<'a>> {
    let mut found = Vec::new();
    let mut failed: Option<(String, usize)> = None;
    context.input.seen.for_each(|id, item| {
        if selected(context, id, item) != Selected::Yes {
            return;
        }
        match matches(context, rule, id, item) {
            Match::Yes => found.push(Place { id, item }),
            Match::No if context.input.explain => {
                let why = why_not(context, rule, id, item);
                draft.keep(
                    context,
                    id,
                    KeptReason::RuleNo {
                        rule: rule.name.clone(),
                        why,
                    },
                );
            }
            Match::No => {}
            Match::Unknown(why) => {
                let why = format!("unknown: {why}");
                draft.keep(
                    context,
                    id,
                    KeptReason::RuleNo {
                        rule: rule.name.clone(),
                        why,
                    },
                );
            }
            Match::Failed(why) => {
                failed.get_or_insert((why.clone(), 0)).1 += 1;
                let why = format!("it failed: {why}");
                draft.keep(
                    context,
                    id,
                    KeptReason::RuleNo {
                        rule: rule.name.clone(),
                        why,
                    },
                );
            }
        }
    });
    if let Some((why, items)) = failed {
        draft.plan.warnings.push(format!(
            "rule \"{}\" failed on {items} items and matched none of them: {why}",
            rule.name
        ));
    }
    sort(context, rule, &mut found);
    found
}

fn why_not(context: &Context<'_>, rule: &Rule, id: &ItemId, item: Item<'_>) -> String {
    match &rule.body {
        RuleBody::Conditions(condition) => {
            let subject = ItemSubject {
                context,
                account: &context.account,
                id,
                item,
            };
            why(&condition.explain(&subject), Outcome::No)
        }
        RuleBody::Script { .. } => "its function did not return true".to_owned(),
    }
}

/// Time a match must still hold; `None` when it has held for longer than the rule's `for`.
fn time_left(context: &Context<'_>, rule: &Rule, id: &ItemId) -> Option<Duration> {
    let hold_for = rule.hold_for?;
    let timer = context
        .before
        .items
        .get(id)
        .and_then(|item| item.rules.get(&rule.name))
        .filter(|_| !has_gap(context));
    let Some(timer) = timer else {
        return Some(hold_for);
    };
    let held =
        Duration::try_from(context.now.duration_since(timer.since)).unwrap_or(Duration::ZERO);
    (held <= hold_for).then(|| hold_for.saturating_sub(held))
}

/// More than three rule cycles without a sample: nobody knows whether the rule held meanwhile, so timers start anew.
fn has_gap(context: &Context<'_>) -> bool {
    let Ok(rule_cycle) = SignedDuration::try_from(context.input.policy.rule_cycle) else {
        return false;
    };
    let Some(last) = context.before.last_rules_at else {
        return true;
    };
    let most = rule_cycle
        .saturating_mul(3)
        .max(SignedDuration::from_secs(15));
    let gap = context.now.duration_since(last);
    gap > most || gap < SignedDuration::ZERO
}

fn act(
    context: &Context<'_>,
    draft: &mut Draft,
    rule: &Arc<Rule>,
    found: &[Place<'_>],
    freed: &mut f64,
) {
    let mut acted = 0;
    for place in found {
        let keep = |why: &str| KeptReason::RuleLimit {
            rule: rule.name.clone(),
            why: why.to_owned(),
        };
        if let Some(left) = time_left(context, rule, place.id) {
            draft.keep(
                context,
                place.id,
                KeptReason::RuleWaits {
                    rule: rule.name.clone(),
                    left,
                },
            );
        } else if draft.is_handled(place.id) {
            draft.keep(
                context,
                place.id,
                keep("something else is done to it in this cycle"),
            );
        } else if acted >= rule.limit {
            draft.keep(
                context,
                place.id,
                keep(&format!("its limit of {} per cycle is reached", rule.limit)),
            );
        } else if let Some(why) = is_stopped(context, rule, *freed) {
            draft.keep(context, place.id, keep(&why));
        } else if apply(context, draft, rule, place) {
            acted += 1;
            *freed += freed_by(context, draft, place);
        }
    }
}

/// Why the rule's `until` stops it. An unknown value stops it too.
fn is_stopped(context: &Context<'_>, rule: &Rule, freed: f64) -> Option<String> {
    let until = rule.until.as_ref()?;
    let account = AccountValues {
        freed,
        ..context.account
    };
    let subject = AccountSubject {
        context,
        account: &account,
    };
    match until.judge(&subject) {
        Outcome::No => None,
        Outcome::Yes => Some("its `until` is reached".to_owned()),
        Outcome::Unknown | Outcome::Error => {
            Some("whether its `until` is reached is unknown".to_owned())
        }
    }
}

/// Carries the rule's action into the plan; answers whether it counts towards the rule's limit.
fn apply(context: &Context<'_>, draft: &mut Draft, rule: &Arc<Rule>, place: &Place<'_>) -> bool {
    let reason = reason(context, rule, place);
    let delete = |draft: &mut Draft, files: bool| {
        draft.propose(
            context,
            Proposal {
                id: place.id,
                item: place.item,
                cause: Cause::Rule(Arc::from(rule.name.as_str())),
                reason: reason.clone(),
                failures: None,
                delete_files: files,
            },
        )
    };
    let kind = match &rule.action {
        Action::DeleteFiles => return delete(draft, matches!(place.item, Item::Torrent(_))),
        Action::DeleteTorrent | Action::Delete => return delete(draft, false),
        Action::Pause => ChangeKind::Pause,
        Action::LimitDownload { bytes_per_s } => ChangeKind::LimitDownload(*bytes_per_s),
        Action::Recheck => ChangeKind::Recheck,
        Action::Reannounce => ChangeKind::Reannounce,
        Action::Tag(tag) => ChangeKind::Tag(tag.clone()),
        Action::Category(category) => ChangeKind::Category(category.clone()),
        Action::Restart => ChangeKind::Restart,
    };
    if let Some(why) = has_already(place.item, &kind) {
        let why = why.to_owned();
        draft.keep(
            context,
            place.id,
            KeptReason::RuleLimit {
                rule: rule.name.clone(),
                why,
            },
        );
        return false;
    }
    let cause = Cause::Rule(Arc::from(rule.name.as_str()));
    if let Some(guard) = protect::guard_of_change(context, place.id, place.item) {
        hold(draft, place, cause, reason, guard);
        return false;
    }
    draft.handle(place.id);
    draft.plan.changes.push(Change {
        item: place.id.clone(),
        name: place.item.title(place.id).to_owned(),
        rule: Arc::from(rule.name.as_str()),
        kind,
        reason,
    });
    true
}

fn hold(draft: &mut Draft, place: &Place<'_>, cause: Cause, reason: String, guard: Guard) {
    draft.handle(place.id);
    let name = place.item.title(place.id).to_owned();
    draft.plan.held.push(Held {
        item: place.id.clone(),
        name,
        cause,
        reason,
        guard,
    });
}

/// A change that the item shows already is not made again.
fn has_already(item: Item<'_>, kind: &ChangeKind) -> Option<&'static str> {
    let Item::Torrent(torrent) = item else {
        return None;
    };
    let done = match kind {
        ChangeKind::Pause => torrent.state.is_stopped(),
        ChangeKind::LimitDownload(speed) => torrent.dl_limit == i64::try_from(*speed).ok(),
        ChangeKind::Tag(tag) => torrent.has_tag(tag),
        ChangeKind::Category(category) => *torrent.category == **category,
        ChangeKind::Recheck => torrent.state.is_checking(),
        ChangeKind::Reannounce | ChangeKind::Restart => false,
    };
    done.then_some("the item already is what the rule would make it")
}

fn reason(context: &Context<'_>, rule: &Rule, place: &Place<'_>) -> String {
    let held = rule.hold_for.map_or(String::new(), |hold_for| {
        format!(
            " for more than {}",
            crate::core::plan::duration_text(hold_for)
        )
    });
    match &rule.body {
        RuleBody::Conditions(condition) => {
            let subject = ItemSubject {
                context,
                account: &context.account,
                id: place.id,
                item: place.item,
            };
            format!("{}{held}", why(&condition.explain(&subject), Outcome::Yes))
        }
        RuleBody::Script { .. } => format!("its function returned true{held}"),
    }
}

/// Bytes that deleting the item will free: nothing of files that stay or have another name.
fn freed_by(context: &Context<'_>, draft: &Draft, place: &Place<'_>) -> f64 {
    let Some(deletion) = draft
        .plan
        .deletions
        .last()
        .filter(|d| d.item == *place.id && d.delete_files)
    else {
        return 0.0;
    };
    match context
        .input
        .facts
        .links
        .get(place.id)
        .map(|finding| &finding.result)
    {
        Some(LinkResult::Seen(share)) => {
            share.total_bytes.saturating_sub(share.linked_bytes) as f64
        }
        Some(LinkResult::Unknown(_)) | None => match place.item {
            Item::Torrent(torrent) => torrent.completed.unwrap_or(0).max(0) as f64,
            Item::Magnet(_) => deletion.size_bytes.unwrap_or(0) as f64,
        },
    }
}

/// Starts the timers of what matches and drops the others. Acting comes first, with the timers as they were.
fn sample(context: &Context<'_>, draft: &mut Draft, rule: &Rule, found: &[Place<'_>]) {
    if rule.hold_for.is_none() {
        return;
    }
    let has_gap = has_gap(context);
    let matching: BTreeSet<&ItemId> = found.iter().map(|place| place.id).collect();
    for (id, item) in &mut draft.state.items {
        if !matching.contains(id) || has_gap {
            item.rules.remove(&rule.name);
        }
    }
    for place in found {
        let item = draft.state.items.entry(place.id.clone()).or_default();
        item.name = place.item.title(place.id).to_owned();
        item.added_on = place.item.added_on();
        item.rules
            .entry(rule.name.clone())
            .or_insert(Timer { since: context.now });
    }
}
