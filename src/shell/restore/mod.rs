//! Taking a deletion back: what was in the trash is added again, as it was, and never over anything that is there.

mod magnet;
mod torrent;
mod trackers;

pub use trackers::trackers_again;

use super::eyes::Eyes;
use super::kept::Kept;
use crate::core::ledger::{DeletionIntent, KeptAs, Record, RestoreDone};
use crate::core::model::{AccountId, ItemId};
use crate::ports::Clock;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What restoring needs.
pub struct Restoring<'a> {
    /// The account's eyes.
    pub eyes: &'a mut Eyes,
    /// State, ledger and trash.
    pub kept: &'a Kept,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restored {
    /// It is there again under this id, and what is worth saying.
    Done(ItemId, Vec<String>),
    /// It was there already, under this id.
    AlreadyThere(ItemId),
}

/// Restores one deletion.
///
/// # Errors
/// Why it cannot come back, as a sentence.
pub async fn restore(
    mut restoring: Restoring<'_>,
    intent: &DeletionIntent,
) -> Result<Restored, String> {
    match &intent.kept {
        KeptAs::Torrent(stem) => torrent::restore(&mut restoring, intent, stem, true).await,
        KeptAs::MagnetLink(stem) => torrent::restore(&mut restoring, intent, stem, false).await,
        KeptAs::Hash(hash) => magnet::restore(&mut restoring, intent, hash).await,
        KeptAs::Nothing => Err(
            "nothing could be kept of it: AllDebrid did not tell its info-hash when it was deleted"
                .to_owned(),
        ),
    }
}

impl Restoring<'_> {
    /// Puts the restore on record, so that the item is left alone, and drops the counts of it.
    async fn record(&self, intent: &DeletionIntent, new_item: &ItemId) -> Result<(), String> {
        let now = self.clock.now();
        let done = RestoreDone {
            at: now,
            account: intent.account.clone(),
            intent: Some(intent.id),
            item: intent.item.clone(),
            new_item: new_item.clone(),
        };
        let unrecorded = |error: &dyn std::fmt::Display| {
            format!("it was added, but that could not be put on record: {error}")
        };
        self.kept
            .ledger
            .append(&[Record::Restored(done)])
            .await
            .map_err(|error| unrecorded(&error))?;
        let of = |id: &ItemId| (intent.account.clone(), id.clone());
        let items: BTreeSet<(AccountId, ItemId)> = BTreeSet::from([of(&intent.item), of(new_item)]);
        self.kept
            .store
            .edit(now, |state| state.forget(None, Some(&items)))
            .await
            .map_err(|error| unrecorded(&error))?;
        Ok(())
    }
}
