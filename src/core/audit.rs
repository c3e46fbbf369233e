//! The independent check of a plan: a handful of invariants, looked at by other and simpler means than the
//! decision used. A breach is a bug of ours; it stops the cycle, and nothing of the plan is carried out.

mod counts;
mod deletions;
#[cfg(test)]
mod tests;
mod until;

use super::decide::{Decision, Input};
use super::model::ItemId;
use super::state::AccountState;
use std::fmt;

/// An invariant that a plan breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The invariant, in words.
    pub invariant: &'static str,
    /// The item, if it is about one.
    pub item: Option<ItemId>,
    /// What was found.
    pub found: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.found)?;
        if let Some(item) = &self.item {
            write!(f, " (item {item})")?;
        }
        Ok(())
    }
}

/// Checks a decision against the reading it was made from and the state before.
///
/// # Errors
/// The first invariant that it breaks.
pub fn audit(input: &Input<'_>, before: &AccountState, decision: &Decision) -> Result<(), Breach> {
    counts::check(input, before, &decision.state)?;
    deletions::check(input, before, decision)?;
    until::check(input, decision)
}

fn breach(invariant: &'static str, item: &ItemId, found: impl Into<String>) -> Breach {
    Breach {
        invariant,
        item: Some(item.clone()),
        found: found.into(),
    }
}
