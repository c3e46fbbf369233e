//! What is no longer needed goes: old files in the trash, accounts that left the configuration long ago.

use super::Kept;
use crate::config::policy::Policy;
use crate::core::ledger::{Book, KeptAs, OutcomeKind};
use crate::core::model::AccountId;
use crate::core::plan::counted;
use crate::core::state::State;
use crate::shell::logging::Story;
use crate::shell::trash::{Need, stem_of};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How often a daemon tidies up.
pub const TIDY_EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// Limits look back for a day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// For how long what is kept.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Files in the trash.
    pub trash: Duration,
    /// The longest time that limits, history, trash, or the grace of restored items look back.
    pub ledger: Duration,
    /// Accounts that are configured; others are forgotten in the end.
    pub configured: BTreeSet<AccountId>,
}

impl Terms {
    /// As the configuration says.
    pub fn of(policy: &Policy) -> Terms {
        let cycles = policy.accounts.iter().map(|account| account.cycle);
        let others = [policy.trash_keep_for, policy.limits.restore_grace, DAY];
        let names = policy.accounts.iter().map(|account| account.name.clone());
        Terms {
            trash: policy.trash_keep_for,
            ledger: cycles.chain(others).max().unwrap_or(DAY),
            configured: names.collect(),
        }
    }

    /// What is settled and older than this can leave the ledger.
    pub fn ledger_before(&self, now: Timestamp) -> Timestamp {
        ago(now, self.ledger)
    }
}

fn ago(now: Timestamp, time: Duration) -> Timestamp {
    let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
    now.checked_sub(time).unwrap_or(Timestamp::MIN)
}

impl Kept {
    /// Removes what is old. What cannot be removed stays for the next time, and is told.
    pub async fn tidy(&self, terms: &Terms, now: Timestamp) {
        let stems = stems(&self.ledger.book());
        let need = |name: &str| {
            let known = stem_of(name).and_then(|stem| stems.get(stem));
            known.copied().unwrap_or(Need::UntilOld)
        };
        let before = ago(now, terms.trash);
        match self.trash.sweep(before, need).await {
            Ok(0) => {}
            Ok(count) => Story::default().debug(&format!(
                "{} left the trash",
                counted(count, "old file", "old files")
            )),
            Err(error) => {
                Story::default().warn(&format!(
                    "old files cannot be removed from the trash: {error}"
                ));
            }
        }
        let forget = |state: &mut State| state.forget_unconfigured(&terms.configured, now);
        if let Err(error) = self.store.edit(now, forget).await {
            Story::default().warn(&error.to_string());
        }
    }
}

/// Names in the trash without their endings, of deletions and trackers that are not settled, or were called off.
fn stems(book: &Book) -> BTreeMap<String, Need> {
    let mut stems = BTreeMap::new();
    for (intent, outcome) in book.deletions.values() {
        let (KeptAs::Torrent(stem) | KeptAs::MagnetLink(stem)) = &intent.kept else {
            continue;
        };
        let need = match outcome.as_ref().map(|outcome| outcome.result) {
            None => Need::Open,
            // One that is still there may go late, by the interrupted deletion.
            Some(OutcomeKind::Done | OutcomeKind::GoneAfterUnknown | OutcomeKind::StillThere) => {
                Need::UntilOld
            }
            Some(
                OutcomeKind::Refused
                | OutcomeKind::NotSent
                | OutcomeKind::Saved
                | OutcomeKind::GoneBefore,
            ) => Need::Useless,
        };
        stems.insert(stem.clone(), need);
    }
    let trackers = book.trackers.values().filter(|tracker| !tracker.done);
    stems.extend(trackers.map(|tracker| {
        let stem = stem_of(&tracker.kept).unwrap_or(&tracker.kept);
        (stem.to_owned(), Need::Open)
    }));
    stems
}

#[cfg(test)]
mod tests;
