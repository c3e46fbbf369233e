//! Rules: which match, for how long they have, and which act, in Vertex's order.

mod foreseen;
mod stage;

use super::context::Context;
use super::draft::Draft;
use super::item::Item;
use super::order::{Place, sort};
use super::select::{Selected, selected};
use super::subject::Subject;
use super::why::why;
use crate::config::policy::{Rule, RuleBody};
use crate::core::model::{ItemId, Tracker, Unknown, hosts_of};
use crate::core::plan::{KeptReason, counted, duration_text};
use crate::core::rules::run::{Turn, run as run_in_order};
use crate::core::rules::script::Answer;
use crate::core::rules::subject::{Seen, Surroundings};
use crate::core::rules::timers::{is_gap, sampled};
use crate::core::rules::{Condition, Explained, Key, Outcome, Unsent, Value};
use crate::core::state::Timer;
pub use foreseen::{Counted, counted_as};
use stage::{Matches, Play};
use std::collections::{BTreeMap, BTreeSet};

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
    match &rule.body {
        RuleBody::Conditions(condition) => {
            let (subject, outcome) = judged(context, rule, condition, id, item);
            let why = || {
                let seen = seen(context, &subject);
                why(&condition.explain(&seen, unsent(rule)), outcome)
            };
            match outcome {
                Outcome::Yes => Match::Yes,
                Outcome::No => Match::No,
                Outcome::Unknown => Match::Unknown(why()),
                Outcome::Error => Match::Failed(why()),
            }
        }
        RuleBody::Script { .. } => match context.input.scripts.get(&rule.name) {
            None => Match::Failed("it has not been run".to_owned()),
            Some(answer) => match answer.outcome(id) {
                Outcome::Yes if !rule.protects && answer.unsent.contains(id) => unsent_of(answer),
                Outcome::No if rule.protects && answer.unsent.contains(id) => unsent_of(answer),
                Outcome::No if rule.protects && answer.no_tracker.contains(id) => {
                    match context.trackers(id) {
                        Ok([]) => Match::No,
                        Ok(_) => Match::Unknown(
                            "it reads the tracker, and the list names none while none works"
                                .to_owned(),
                        ),
                        Err(why) => Match::Unknown(format!("it reads the tracker: {why}")),
                    }
                }
                Outcome::Yes => Match::Yes,
                Outcome::No => Match::No,
                Outcome::Unknown | Outcome::Error => {
                    let why = answer.failure.as_ref().map(ToString::to_string);
                    Match::Failed(why.unwrap_or_else(|| "it failed".to_owned()))
                }
            },
        },
    }
}

fn unsent_of(answer: &Answer) -> Match {
    let field = answer.unsent_field.as_deref().unwrap_or("a field");
    Match::Unknown(format!("it reads {field}, which the server does not send"))
}

/// Whether an acting rule's condition still holds in an account that the plan has changed.
fn holds_in(
    context: &Context<'_>,
    account: &Surroundings,
    condition: &Condition,
    place: &Place<'_>,
) -> bool {
    let seen = Seen {
        item: &Subject::new(context, place.id, place.item),
        surroundings: account,
    };
    condition.judge_as(&seen, Unsent::MatchesNothing) == Outcome::Yes
}

/// Why the rule's `until` keeps it from acting in this account. An unknown value does so too.
pub fn stopped_by_until(rule: &Rule, account: &Surroundings) -> Option<String> {
    let until = rule.until.as_ref()?;
    match until.judge_as(account, Unsent::IsUnknown) {
        Outcome::No => None,
        Outcome::Yes => Some("its `until` is reached".to_owned()),
        outcome @ (Outcome::Unknown | Outcome::Error) => Some(format!(
            "whether its `until` is reached is unknown: {}",
            why(&until.explain(account, Unsent::IsUnknown), outcome)
        )),
    }
}

/// Every condition with the value seen.
pub fn explained(
    context: &Context<'_>,
    rule: &Rule,
    condition: &Condition,
    id: &ItemId,
    item: Item<'_>,
) -> Explained {
    let (subject, _) = judged(context, rule, condition, id, item);
    condition.explain(&seen(context, &subject), unsent(rule))
}

/// How a rule's condition comes out, and the item as the condition saw it.
///
/// The listing names one tracker of a torrent, and up to 5.0 none while none works. So a rule that protects and asks for
/// `tracker` is judged with each of them: it protects if it would with any. The list of trackers is read only where it can
/// change the answer.
fn judged<'c, 'a>(
    context: &'c Context<'a>,
    rule: &Rule,
    condition: &Condition,
    id: &'c ItemId,
    item: Item<'c>,
) -> (Subject<'c, 'a>, Outcome) {
    let judge =
        |subject: &Subject<'_, '_>| condition.judge_as(&seen(context, subject), unsent(rule));
    let with = |tracker: Value<'static>| Subject::new(context, id, item).with_tracker(tracker);
    let listed = Subject::new(context, id, item);
    let mut answer = (judge(&listed), listed);
    let asks = rule.protects && matches!(item, Item::Torrent(_));
    let is_open = asks
        && matches!(answer.0, Outcome::No | Outcome::Unknown)
        && condition.keys().contains(&Key::Tracker)
        && judge(&with(Value::Unknown(Unknown::not_read("not looked at")))) != Outcome::No;
    if is_open {
        match context.trackers(id) {
            Err(why) => {
                let subject = with(Value::Unknown(why));
                answer = (judge(&subject), subject);
            }
            Ok(trackers) => {
                let as_sent = trackers.iter().map(Tracker::host);
                let hosts: BTreeSet<String> = as_sent.chain(hosts_of(trackers)).collect();
                for host in hosts {
                    let subject = with(Value::Text(host.into()));
                    match judge(&subject) {
                        Outcome::No => {}
                        outcome @ (Outcome::Yes | Outcome::Unknown | Outcome::Error) => {
                            answer = (outcome, subject);
                        }
                    }
                    if answer.0 == Outcome::Yes {
                        break;
                    }
                }
            }
        }
    }
    (answer.1, answer.0)
}

fn seen<'s, 'c, 'a>(
    context: &'s Context<'a>,
    subject: &'s Subject<'c, 'a>,
) -> Seen<'s, Subject<'c, 'a>> {
    Seen {
        item: subject,
        surroundings: &context.account,
    }
}

fn unsent(rule: &Rule) -> Unsent {
    if rule.protects {
        Unsent::IsUnknown
    } else {
        Unsent::MatchesNothing
    }
}

/// Runs the rules that act: by priority, each over its matches in order, up to its limit; then samples the timers.
pub fn run(context: &Context<'_>, draft: &mut Draft) {
    let rules = &context.input.policy.rules;
    if rules.is_empty() {
        return;
    }
    let found: Vec<Vec<Place<'_>>> = rules
        .iter()
        .map(|rule| matches_of(context, draft, rule))
        .collect();
    let mut numbers: BTreeMap<&ItemId, usize> = BTreeMap::new();
    let mut places: Vec<Place<'_>> = Vec::new();
    for place in found.iter().flatten() {
        numbers.entry(place.id).or_insert_with(|| {
            places.push(*place);
            places.len() - 1
        });
    }
    let orders: Vec<Vec<usize>> = found
        .iter()
        .map(|list| list.iter().map(|place| numbers[place.id]).collect())
        .collect();
    let turns: Vec<Turn<'_>> = rules
        .iter()
        .zip(&orders)
        .map(|(rule, order)| Turn {
            priority: rule.priority,
            limit: rule.limit,
            order,
        })
        .collect();
    let timers_are_void = is_gap(
        context.before.last_rules_at,
        context.now,
        context.input.policy.rule_cycle,
    );
    let mut play = Play::new(
        context,
        draft,
        Matches {
            rules,
            places: &places,
            timers_are_void,
        },
    );
    run_in_order(&turns, places.len(), &mut play);
    play.note_the_rest(&turns);
    for (rule, found) in rules.iter().zip(&found) {
        sample(context, draft, rule, found, timers_are_void);
    }
}

/// Everything that a rule matches among the selected items, in its order.
fn matches_of<'a>(context: &Context<'a>, draft: &mut Draft, rule: &Rule) -> Vec<Place<'a>> {
    let mut found = Vec::new();
    let mut failed: Option<(String, usize)> = None;
    context.input.seen.for_each(|id, item| {
        if selected(context, id, item) != Selected::Yes {
            return;
        }
        let why = match matches(context, rule, id, item) {
            Match::Yes => return found.push(Place { id, item }),
            Match::No if context.input.explain => why_not(context, rule, id, item),
            Match::No => return,
            Match::Unknown(why) => format!("unknown: {why}"),
            Match::Failed(why) => {
                failed.get_or_insert((why.clone(), 0)).1 += 1;
                format!("it failed: {why}")
            }
        };
        draft.keep(
            context,
            id,
            KeptReason::RuleNo {
                rule: rule.name.clone(),
                why,
            },
        );
    });
    if let Some((why, items)) = failed {
        let name = &rule.name;
        draft.plan.warnings.push(format!(
            "rule \"{name}\" failed on {}, and matched none of these: {why}",
            counted(items, "item", "items")
        ));
    }
    sort(context, rule, &mut found);
    found
}

fn why_not(context: &Context<'_>, rule: &Rule, id: &ItemId, item: Item<'_>) -> String {
    match &rule.body {
        RuleBody::Conditions(condition) => {
            why(&explained(context, rule, condition, id, item), Outcome::No)
        }
        RuleBody::Script { .. } => "its function did not return true".to_owned(),
    }
}

/// Why a rule matches, with the values seen.
pub fn reason(context: &Context<'_>, rule: &Rule, id: &ItemId, item: Item<'_>) -> String {
    let held = rule.hold_for.map_or(String::new(), |hold_for| {
        format!(" for more than {}", duration_text(hold_for))
    });
    match &rule.body {
        RuleBody::Conditions(condition) => {
            format!(
                "{}{held}",
                why(&explained(context, rule, condition, id, item), Outcome::Yes)
            )
        }
        RuleBody::Script { .. } => format!("its function returned true{held}"),
    }
}

/// Starts the timers of what matches and drops the others. Acting comes first, with the timers as they were.
fn sample(
    context: &Context<'_>,
    draft: &mut Draft,
    rule: &Rule,
    found: &[Place<'_>],
    timers_are_void: bool,
) {
    if rule.hold_for.is_none() {
        return;
    }
    let mut before = BTreeMap::new();
    for (id, item) in &mut draft.state.items {
        let timer = item.rules.remove(&rule.name);
        if let Some(since) = timer.and_then(|timer| timer.since_for(rule.mark)) {
            before.insert(id.clone(), since);
        }
    }
    for place in found {
        let since = before.get(place.id).copied().filter(|_| !timers_are_void);
        let Some(since) = sampled(since, Outcome::Yes, context.now) else {
            continue;
        };
        let item = draft.state.items.entry(place.id.clone()).or_default();
        item.note(place.id, place.item);
        let timer = Timer {
            since,
            rule_mark: Some(rule.mark),
        };
        item.rules.insert(rule.name.clone(), timer);
    }
}
