//! Carrying out a plan, one action after the other. Each action may be the last thing the process does.

mod changes;
mod deletions;
mod keepsake;
mod patience;
mod remedies;
#[cfg(test)]
mod tests;
mod trackers;

use super::eyes::Eyes;
use super::kept::Kept;
use super::look::Glasses;
use super::store::Version;
use super::told::Told;
use crate::core::decide::Ailment;
use crate::core::model::ItemId;
use crate::core::plan::Plan;
use crate::core::state::AccountState;
use crate::ports::Clock;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::watch;

/// What an action needs.
pub struct Acting<'a> {
    /// The account, as it is seen.
    pub eyes: &'a mut Eyes,
    /// What the decision was made with.
    pub glasses: Glasses<'a>,
    /// The account's state from which the cycle was decided.
    pub before: &'a AccountState,
    /// Which edit of the state file the cycle began after.
    pub version: Version,
    /// State, ledger and trash.
    pub kept: &'a Kept,
    /// Marks of the webhooks that are owed notices.
    pub webhooks: &'a [String],
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// What was told of actions that fail again and again.
    pub told: &'a mut Told,
    /// Becomes true when the daemon is to stop: nothing more is begun then.
    pub stop: watch::Receiver<bool>,
}

/// What came of a plan.
#[derive(Debug, Default)]
pub struct Done {
    /// Deletions that happened.
    pub deleted: usize,
    /// Bytes of them whose files went too.
    pub freed_bytes: i64,
    /// Deletions that did not happen: refused, saved, not sent, unknown.
    pub not_deleted: usize,
    /// Remedies and changes that were carried out.
    pub carried_out: usize,
    /// Items that a remedy has reached, with the ailment.
    pub remedied: BTreeSet<(ItemId, Ailment)>,
    /// The plan was not carried out to its end: told to stop, or the state file was edited.
    pub cut_short: bool,
}

impl Acting<'_> {
    fn account(&self) -> &str {
        self.glasses.policy.name.as_str()
    }

    fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Whether nothing more of the plan is to be begun: told to stop, or the state file was changed by someone since the
    /// decision, so that what is left rests on old counts. An edit that cannot be ruled out counts as one.
    async fn must_end(&self, done: &mut Done) -> bool {
        if done.cut_short {
            return true;
        }
        let now = self.clock.now();
        done.cut_short = self.is_stopping()
            || !matches!(
                self.kept.store.was_edited(self.version, now).await,
                Ok(false)
            );
        done.cut_short
    }
}

/// Carries the plan out: remedies, trackers, changes, and the deletions last.
pub async fn act(mut acting: Acting<'_>, plan: &Plan) -> Done {
    let mut done = Done::default();
    remedies::run(&mut acting, plan, &mut done).await;
    trackers::run(&mut acting, plan, &mut done).await;
    changes::run(&mut acting, plan, &mut done).await;
    deletions::run(&mut acting, plan, &mut done).await;
    done
}
