//! The ailments of whole items (`errored`, `unregistered`, `failed`): look at each, find outages, count, and plan
//! remedies and last resorts.

use super::ailment::Ailment;
use super::context::{Context, Mode};
use super::count::{Counting, Sight, Step, count, daily_remedy_is_due};
use super::draft::{Draft, Proposal};
use super::item::Item;
use super::outage::Outages;
use super::outages::scopes;
use crate::core::ledger::Began;
use crate::core::model::{Fact, ItemId};
use crate::core::plan::{Cause, Guard, Held, KeptReason, Remedy, RemedyKind, counted};
use crate::core::state::Failures;

/// What is done at the last failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastResort {
    /// Delete, with or without files.
    Delete {
        /// The files go too.
        files: bool,
    },
    /// Never delete.
    Keep,
}

/// One ailment as configured.
#[derive(Debug, Clone, Copy)]
pub struct Course {
    /// The ailment.
    pub ailment: Ailment,
    /// The cause that its deletions have.
    pub cause: fn() -> Cause,
    /// What is tried at each failure.
    pub remedy: RemedyKind,
    /// The sighting at which the last resort is due.
    pub max_failures: u32,
    /// What is done then.
    pub last_resort: LastResort,
}

/// One item that is not plainly well, or was not before.
pub struct Case<'a> {
    /// The item's id.
    pub id: &'a ItemId,
    /// The item.
    pub item: Item<'a>,
    /// What was seen.
    pub sight: Sight,
}

/// Counts the cases, and plans what follows.
pub fn run(
    context: &Context<'_>,
    draft: &mut Draft,
    course: Course,
    cases: &[Case<'_>],
    outages: &Outages,
) {
    let Mode::Full { adds, .. } = context.input.mode else {
        return;
    };
    let counting = Counting {
        now: context.now,
        max_failures: course.max_failures,
        adds,
    };
    for case in cases {
        if let Some(outage) = outages.of(case.id).filter(|_| case.sight.sign != Fact::No) {
            hold_for_outage(draft, course, case, &outage.scope);
            continue;
        }
        let before = context
            .before
            .items
            .get(case.id)
            .and_then(|item| course.ailment.failures(item));
        let (after, step) = count(before, &case.sight, counting);
        if after.is_none() && before.is_some_and(|failures| failures.failures > 0) {
            draft.recover(case.id);
        }
        explain(context, draft, course, case, after.as_ref());
        match (&after, step) {
            (after, Step::Remedy) => {
                remedy(
                    draft,
                    course,
                    case,
                    after.as_ref().map_or(0, |f| f.failures),
                );
            }
            (Some(failures), Step::LastResort) => {
                last_resort(context, draft, course, case, failures)
            }
            (None, Step::LastResort) | (_, Step::Nothing) => {}
        }
        store(context, draft, course, case, after);
    }
}

/// Keeps the new count, with the time of a remedy that is in the plan.
fn store(
    context: &Context<'_>,
    draft: &mut Draft,
    course: Course,
    case: &Case<'_>,
    after: Option<Failures>,
) {
    let sent = draft
        .plan
        .remedies
        .iter()
        .rev()
        .any(|r| r.item == *case.id && r.ailment == course.ailment.word());
    let after = after.map(|mut failures| {
        if sent {
            failures.remedy_at = Some(context.now);
            failures.remedy_refused = true;
        }
        failures
    });
    if after.is_none() && !draft.state.items.contains_key(case.id) {
        return;
    }
    let item = draft.state.items.entry(case.id.clone()).or_default();
    item.note(case.id, case.item);
    course.ailment.set_failures(item, after);
}

fn remedy(draft: &mut Draft, course: Course, case: &Case<'_>, failures: u32) {
    draft.plan.remedies.push(Remedy {
        item: case.id.clone(),
        name: case.item.title(case.id).to_owned(),
        kind: course.remedy,
        ailment: course.ailment.word(),
        sign: case.sight.status.clone(),
        failures: (failures, course.max_failures),
    });
}

fn last_resort(
    context: &Context<'_>,
    draft: &mut Draft,
    course: Course,
    case: &Case<'_>,
    failures: &Failures,
) {
    let deleted = match course.last_resort {
        LastResort::Keep => {
            draft.keep(
                context,
                case.id,
                KeptReason::KeepsForEver(course.ailment.word()),
            );
            warn_once(context, draft, course, case);
            false
        }
        LastResort::Delete { files } => draft.propose(
            context,
            Proposal {
                id: case.id,
                item: case.item,
                cause: (course.cause)(),
                reason: format!(
                    "seen {}: {}",
                    counted(failures.failures, "time", "times"),
                    case.sight.status
                ),
                failures: Some((failures.failures, course.max_failures)),
                began: began(context, course.ailment, case, failures),
                delete_files: files,
            },
        ),
    };
    if !deleted && daily_remedy_is_due(failures, context.now) {
        remedy(draft, course, case, failures.failures);
    }
}

/// What its deletion tells of an outage. What its owner called broken tells nothing.
fn began(
    context: &Context<'_>,
    ailment: Ailment,
    case: &Case<'_>,
    failures: &Failures,
) -> Option<Began> {
    (!failures.accepted).then_some(Began {
        at: failures.since?,
        scopes: scopes(context, ailment, case.id, case.item),
    })
}

/// One warning, in the cycle that reaches the limit.
fn warn_once(context: &Context<'_>, draft: &mut Draft, course: Course, case: &Case<'_>) {
    let before = context
        .before
        .items
        .get(case.id)
        .and_then(|item| course.ailment.failures(item));
    if before.is_none_or(|failures| failures.failures < course.max_failures) {
        let (name, word) = (case.item.title(case.id), course.ailment.word());
        draft.plan.warnings.push(format!(
            "{name} is {word}, seen {} ({}); it is kept, with one remedy a day",
            counted(course.max_failures, "time", "times"),
            case.sight.status
        ));
    }
}

fn hold_for_outage(draft: &mut Draft, course: Course, case: &Case<'_>, scope: &str) {
    draft.plan.held.push(Held {
        item: case.id.clone(),
        name: case.item.title(case.id).to_owned(),
        cause: (course.cause)(),
        reason: case.sight.status.clone(),
        guard: Guard::Outage {
            scope: scope.to_owned(),
            ailment: course.ailment.word().to_owned(),
        },
    });
}

fn explain(
    context: &Context<'_>,
    draft: &mut Draft,
    course: Course,
    case: &Case<'_>,
    after: Option<&Failures>,
) {
    let ailment = course.ailment.word();
    match (&case.sight.sign, after) {
        (Fact::Unknown(why), _) => draft.keep(
            context,
            case.id,
            KeptReason::Unknown {
                ailment,
                why: why.to_string(),
            },
        ),
        (sign, after) if sign.is_yes() || after.is_some_and(|f| f.failures > 0) => {
            let failures_of = (after.map_or(0, |f| f.failures), course.max_failures);
            let sign = match after {
                Some(failures) if !sign.is_yes() => failures.last_status.clone(),
                Some(_) | None => case.sight.status.clone(),
            };
            draft.keep(
                context,
                case.id,
                KeptReason::Failing {
                    ailment,
                    sign,
                    failures: failures_of,
                },
            );
        }
        (Fact::Yes | Fact::No, _) => draft.keep(context, case.id, KeptReason::Healthy),
    }
}
