//! What the ledger can forget: settled and announced deletions, delivered notices, ended treatments, all of them old.

use super::{Book, IntentId, Record};
use crate::core::model::{AccountId, ItemId};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The records without those that are older than `before` and that nothing rests on; `None` if there are none to drop.
/// Everything that a [`Book`] says of the time since `before`, of what is open and of what is owed, stays the same.
pub fn compact(records: &[Record], before: Timestamp) -> Option<Vec<Record>> {
    let mut book = Book::default();
    let mut begun: BTreeMap<(AccountId, ItemId), usize> = BTreeMap::new();
    for (number, record) in records.iter().enumerate() {
        if let Record::TreatmentBegun(treatment) = record {
            begun.insert((treatment.account.clone(), treatment.item.clone()), number);
        }
        book.apply(record.clone());
    }
    let forgotten = forgotten(&book, before);
    // Records of a treatment that goes on, from its beginning.
    let goes_on = |account: &AccountId, item: &ItemId, number: usize| {
        let key = (account.clone(), item.clone());
        book.treatments.contains_key(&key) && begun.get(&key).is_some_and(|b| *b <= number)
    };
    // What follows on a record that is kept is kept too: with a clock that jumps, it may look older.
    let mut treated = BTreeSet::new();
    let mut removed_trackers = BTreeSet::new();
    let mut is_kept = |number: usize, record: &Record| match record {
        Record::Intent(intent) => !forgotten.contains(&intent.id),
        Record::Outcome(outcome) => !forgotten.contains(&outcome.intent),
        Record::Notice(notice) => !forgotten.contains(&notice.id),
        Record::Delivered { notice, .. }
        | Record::PutAside { notice, .. }
        | Record::Redirected { notice, .. } => !forgotten.contains(notice),
        Record::TreatmentBegun(t) => {
            let key = (t.account.clone(), t.item.clone());
            let is_kept = t.at >= before || goes_on(&t.account, &t.item, number);
            if is_kept {
                treated.insert(key);
            }
            is_kept
        }
        Record::TreatmentEnd(t) => {
            let key = (t.account.clone(), t.item.clone());
            t.at >= before || treated.contains(&key)
        }
        Record::TrackerRemoved(removed) => {
            let key = (
                removed.account.clone(),
                removed.item.clone(),
                removed.key().to_owned(),
            );
            let is_open = !removed.done && book.trackers.get(&key).is_some_and(|t| !t.done);
            let is_kept = removed.at >= before || is_open || removed_trackers.contains(&key);
            if is_kept {
                removed_trackers.insert(key);
            }
            is_kept
        }
        Record::Restored(restore) => {
            let deletion = restore.intent.filter(|id| book.deletions.contains_key(id));
            restore.at >= before || deletion.is_some_and(|id| !forgotten.contains(&id))
        }
        Record::UpTo { .. } => false,
    };
    let numbered = records.iter().enumerate();
    let kept: Vec<Record> = numbered
        .filter(|(number, record)| is_kept(*number, record))
        .map(|(_, record)| record.clone())
        .collect();
    let marks = |record: &&Record| matches!(record, Record::UpTo { .. });
    if kept.len() + records.iter().filter(marks).count() == records.len() {
        return None;
    }
    let up_to = Record::UpTo { id: book.last_id() };
    Some(std::iter::once(up_to).chain(kept).collect())
}

fn forgotten(book: &Book, before: Timestamp) -> BTreeSet<IntentId> {
    let deletions = book.deletions.values().filter(|(intent, outcome)| {
        outcome.as_ref().is_some_and(|outcome| {
            let is_told =
                !outcome.result.is_deletion() || book.is_announced(intent.id, &intent.webhooks);
            intent.at < before && outcome.at < before && is_told
        })
    });
    let notices = book
        .notices
        .values()
        .filter(|notice| notice.at < before && book.is_announced(notice.id, &notice.webhooks));
    deletions
        .map(|(intent, _)| intent.id)
        .chain(notices.map(|notice| notice.id))
        .collect()
}

#[cfg(test)]
mod tests;
