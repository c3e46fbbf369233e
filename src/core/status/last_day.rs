//! What happened in the last 24 hours, by state file and ledger.

use super::counts_of;
use crate::core::ledger::Book;
use crate::core::model::{AccountId, ItemId};
use crate::core::state::State;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::BTreeSet;

/// What happened in the last 24 hours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LastDay {
    /// Deletions that are done.
    pub deleted: usize,
    /// Bytes of those whose files went too.
    pub freed_bytes: i64,
    /// Deletions that did not happen: refused, saved by the second look, not sent.
    pub not_deleted: usize,
    /// Items that were sent a remedy, also those that got well or were deleted since.
    pub retried: usize,
    /// Items whose failures ended because they got well, and torrents that a recheck found complete again.
    pub recovered: usize,
    /// Deletions that were taken back.
    pub restored: usize,
}

type Items<'a> = BTreeSet<(&'a AccountId, &'a ItemId)>;

impl LastDay {
    /// The day that ends now.
    pub fn of(state: &State, book: &Book, now: Timestamp) -> LastDay {
        let from = now - SignedDuration::from_hours(24);
        let mut day = LastDay::default();
        let recovered = recovered(state, book, from);
        let mut retried = with_remedies(state, from);
        retried.extend(&recovered);
        for (intent, outcome) in book.deletions.values() {
            let Some(outcome) = outcome.as_ref().filter(|outcome| outcome.at > from) else {
                continue;
            };
            if !outcome.result.is_deletion() {
                day.not_deleted += 1;
                continue;
            }
            day.deleted += 1;
            if intent.delete_files {
                let bytes = intent.size_bytes.unwrap_or(0);
                day.freed_bytes = day.freed_bytes.saturating_add(bytes);
            }
            // Every failure before the last one got a remedy.
            if intent.failures.is_some_and(|(failures, _)| failures > 1) {
                retried.insert((&intent.account, &intent.item));
            }
        }
        day.retried = retried.len();
        day.recovered = recovered.len();
        day.restored = book.restored.values().filter(|at| **at > from).count();
        day
    }
}

fn with_remedies(state: &State, from: Timestamp) -> Items<'_> {
    let mut items = Items::new();
    for (name, account) in &state.accounts {
        for (id, item) in &account.items {
            let counts = counts_of(item);
            let sent = |at: Option<Timestamp>| at.is_some_and(|at| at > from);
            if counts.iter().any(|(_, _, f)| sent(f.remedy_at)) {
                items.insert((name, id));
            }
        }
    }
    items
}

fn recovered<'a>(state: &'a State, book: &'a Book, from: Timestamp) -> Items<'a> {
    let rechecks = book.recovered.iter();
    let mut items: Items<'_> = rechecks
        .filter(|(_, at)| **at > from)
        .map(|((account, id), _)| (account, id))
        .collect();
    for (name, account) in &state.accounts {
        let well = account.recovered.iter().filter(|(_, at)| **at > from);
        items.extend(well.map(|(id, _)| (name, id)));
    }
    items
}
