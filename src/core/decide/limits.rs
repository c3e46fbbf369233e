//! Limits: no more deletions per cycle and per day than allowed, for all causes together.

use super::context::Context;
use crate::core::plan::{Deletion, Guard, Held, Plan};
use jiff::SignedDuration;
use std::time::Duration;

/// Takes out of the plan what the limits hold back. Deletions that were refused last time are tried last.
pub fn apply(context: &Context<'_>, plan: &mut Plan) {
    let limits = context.input.limits;
    plan.deletions
        .sort_by_key(|deletion| context.was_refused(&deletion.item));
    let account = &context.input.policy.name;
    let since = |window: Duration| {
        context.now - SignedDuration::try_from(window).unwrap_or(SignedDuration::MAX)
    };
    let day = Duration::from_secs(24 * 60 * 60);
    let used = context
        .input
        .book
        .recent(account, since(context.input.policy.cycle), since(day));
    let left_of_cycle = limits.deletions_per_cycle.saturating_sub(used.in_cycle) as usize;
    let left_of_day = limits.deletions_per_day.saturating_sub(used.in_day) as usize;
    let allowed = left_of_cycle.min(left_of_day);
    if plan.deletions.len() <= allowed {
        return;
    }
    let guard = if left_of_day < left_of_cycle {
        Guard::DayLimit(limits.deletions_per_day)
    } else {
        Guard::CycleLimit(limits.deletions_per_cycle)
    };
    let over = plan.deletions.split_off(allowed);
    plan.warnings.push(format!(
        "{} of the deletions must wait for a later cycle: {guard}",
        over.len()
    ));
    plan.held.extend(
        over.into_iter()
            .map(|deletion| held(deletion, guard.clone())),
    );
}

fn held(deletion: Deletion, guard: Guard) -> Held {
    let Deletion {
        item,
        name,
        cause,
        reason,
        ..
    } = deletion;
    Held {
        item,
        name,
        cause,
        reason,
        guard,
    }
}
