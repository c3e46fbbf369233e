//! The decision: what one cycle of one account does, and the account's state after it. A plain function.
//!
//! Ailments come first, then the hardlink block, then the rules; the first cause that asks for an item gets it.
//! Whatever is lacking is answered by [`Wanted`]; the shell fetches it and decides again.

mod ailment;
mod context;
mod count;
mod draft;
mod errored;
mod explain;
mod failed_trackers;
mod failing;
mod free_space;
mod hardlinks;
mod item;
mod limits;
mod order;
mod outage;
mod outages;
mod protect;
mod rule_test;
mod rules;
mod second_look;
mod select;
mod sights;
mod subject;
mod tidy;
mod unregistered;
mod why;

pub use ailment::Ailment;
pub use context::{Context, Input, Mode};
pub use errored::has_what_it_had;
pub use explain::{AilmentTold, ConditionTold, Explanation, RuleTold, Verdict, explain, rule_told};
pub use free_space::{is_asked_for as asks_free_space, reading as free_space_reading};
pub use hardlinks::linked_to_each_other;
pub use item::{Item, Seen};
pub use rule_test::{Tested, TestedItem, rule_test};
pub use second_look::{Saved, second_look};

#[cfg(test)]
pub(crate) mod tests;

use super::facts::Wanted;
use super::model::ItemId;
use super::plan::{ChangeKind, Plan, RemedyKind};
use super::state::{AccountState, Listing};
use draft::Draft;
use std::collections::BTreeSet;

/// What a decision gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The account's state after the cycle, to be committed before anything is sent.
    pub state: AccountState,
    /// What is to be done.
    pub plan: Plan,
    /// What was lacking where it could still change the plan.
    pub wanted: Wanted,
}

impl Decision {
    /// Does nothing and lacks nothing; only the times of the cycle are noted.
    pub fn nothing(input: &Input<'_>, before: &AccountState) -> Decision {
        let mut state = before.clone();
        stamp(input, &mut state);
        let mut plan = Plan::empty(input.policy.name.clone(), input.now);
        plan.items = input.seen.len();
        Decision {
            state,
            plan,
            wanted: Wanted::default(),
        }
    }
}

/// Decides. The reading must be complete: an account that could not be read is not decided on.
pub fn decide(input: &Input<'_>, before: &AccountState) -> Decision {
    let is_complete = input.whole;
    let listing = Listing {
        items: input.seen.len(),
        deleted: before.deleted_since_last(&input.policy.name, input.book),
        counts: input.mode.adds(),
    };
    let input = &Input {
        whole: is_complete && before.settles(listing),
        ..*input
    };
    let tidied = tidy::tidied(input, before);
    let context = Context::new(input, &tidied);
    let mut draft = Draft::new(&context);
    if let Mode::Full { .. } = input.mode {
        sights::run(&context, &mut draft);
        hardlinks::run(&context, &mut draft);
        if input.mode.adds() {
            tidy::note_checks(&context, &mut draft.state);
        }
    }
    rules::run(&context, &mut draft);
    protect::warn(&context, &mut draft.plan);
    limits::apply(&context, &mut draft.plan);
    once_each(&mut draft.plan);
    if is_complete && listing.counts {
        draft.state.note_listing(listing);
    }
    free_space::note(&context, &mut draft);
    stamp(input, &mut draft.state);
    let (state, plan) = draft.finish(&context);
    Decision {
        state,
        plan,
        wanted: context.into_wanted(),
    }
}

/// What is deleted needs no remedy, and what a remedy does no rule does again in the same cycle.
fn once_each(plan: &mut Plan) {
    let deleted: BTreeSet<&ItemId> = plan.deletions.iter().map(|d| &d.item).collect();
    plan.remedies
        .retain(|remedy| !deleted.contains(&remedy.item));
    let remedies: BTreeSet<(&ItemId, RemedyKind)> =
        plan.remedies.iter().map(|r| (&r.item, r.kind)).collect();
    plan.changes.retain(|change| {
        let same = match change.kind {
            ChangeKind::Reannounce => RemedyKind::Reannounce,
            ChangeKind::Recheck => RemedyKind::SafeRecheck,
            ChangeKind::Restart => RemedyKind::Restart,
            ChangeKind::Pause
            | ChangeKind::LimitDownload(_)
            | ChangeKind::Tag(_)
            | ChangeKind::Category(_) => return true,
        };
        !remedies.contains(&(&change.item, same))
    });
}

/// The times of this cycle.
fn stamp(input: &Input<'_>, state: &mut AccountState) {
    state.last_rules_at = Some(input.now);
    state.configured_at = Some(input.now);
    if let Mode::Full { adds, last_resorts } = input.mode {
        state.last_attempt_at = Some(input.now);
        state.left_alone_until = None;
        state.refused_login = None;
        state.refused_login_at = None;
        if adds {
            state.last_cycle_at = Some(input.now);
            state.was_away = false;
            state.after_gap = !last_resorts;
        }
    }
}
