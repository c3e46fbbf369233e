//! What follows from the ledger: limits used up, unknown outcomes, notices owed, treatments under way.

use super::record::{
    DeletionIntent, IntentId, NoticeText, Outcome, OutcomeKind, Record, RestoreDone,
    TrackerRemoved, TreatmentBegun, TreatmentEnd, TreatmentResult,
};
use crate::core::model::{AccountId, ItemId};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

/// The ledger in memory, as far as decisions need it. It is built by [`Book::apply`] alone, line by line.
#[derive(Debug, Clone, Default)]
pub struct Book {
    /// Deletions by number, with what became of them. Shared, because a cycle holds a copy of the book while lines are added.
    pub deletions: BTreeMap<IntentId, (Arc<DeletionIntent>, Option<Outcome>)>,
    /// Other notices by number.
    pub notices: BTreeMap<IntentId, NoticeText>,
    /// Treatments that have not ended: how they began, and whether a check found the torrent incomplete.
    pub treatments: BTreeMap<(AccountId, ItemId), (TreatmentBegun, bool)>,
    /// When a torrent was last found complete again by a treatment.
    pub recovered: BTreeMap<(AccountId, ItemId), Timestamp>,
    /// Restored items and when, by their new id.
    pub restored: BTreeMap<(AccountId, ItemId), Timestamp>,
    /// Every restore, oldest first.
    pub restores: Vec<RestoreDone>,
    /// Trackers removed, or about to be: the latest record of each, by torrent and [`TrackerRemoved::key`].
    pub trackers: BTreeMap<(AccountId, ItemId, String), TrackerRemoved>,
    /// Webhooks that a notice has reached or was given up for.
    settled: BTreeSet<(IntentId, String)>,
    last_id: u64,
    oldest: Option<Timestamp>,
    newest: Option<Timestamp>,
}

/// A notice that a webhook has not got yet.
#[derive(Debug, Clone, PartialEq)]
pub enum Owed<'a> {
    /// A deletion that is done.
    Deletion(&'a DeletionIntent, &'a Outcome),
    /// Anything else.
    Text(&'a NoticeText),
}

/// Deletions that count towards the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recent {
    /// In the window of one account's cycle.
    pub in_cycle: u32,
    /// In the last 24 hours, over all accounts.
    pub in_day: u32,
}

impl Book {
    /// The oldest time in any line; nothing older than that can be forgotten.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.oldest
    }

    /// The newest time in any line.
    pub fn newest(&self) -> Option<Timestamp> {
        self.newest
    }

    /// Takes one line over.
    pub fn apply(&mut self, record: Record) {
        let oldest = [self.oldest, record.at()].into_iter().flatten().min();
        self.oldest = oldest;
        self.newest = self.newest.max(record.at());
        match record {
            Record::Intent(intent) => {
                self.last_id = self.last_id.max(intent.id.0);
                self.deletions.insert(intent.id, (intent, None));
            }
            Record::Outcome(outcome) => {
                if let Some((_, known)) = self.deletions.get_mut(&outcome.intent) {
                    *known = Some(outcome);
                }
            }
            Record::Notice(notice) => {
                self.last_id = self.last_id.max(notice.id.0);
                self.notices.insert(notice.id, notice);
            }
            Record::Delivered {
                notice, webhook, ..
            }
            | Record::PutAside {
                notice, webhook, ..
            } => {
                self.settled.insert((notice, webhook));
            }
            Record::Redirected {
                notice, from, to, ..
            } => self.redirect(notice, &from, to),
            Record::TreatmentBegun(begun) => {
                self.treatments
                    .insert((begun.account.clone(), begun.item.clone()), (begun, false));
            }
            Record::TreatmentEnd(end) => self.end_treatment(end),
            Record::TrackerRemoved(removed) => {
                let (account, item) = (removed.account.clone(), removed.item.clone());
                self.trackers
                    .insert((account, item, removed.key().to_owned()), removed);
            }
            Record::Restored(restore) => {
                let key = (restore.account.clone(), restore.new_item.clone());
                self.restored.insert(key, restore.at);
                self.restores.push(restore);
            }
            Record::UpTo { id } => self.last_id = self.last_id.max(id.0),
        }
    }

    fn redirect(&mut self, notice: IntentId, from: &str, to: Vec<String>) {
        let webhooks = match self.deletions.get_mut(&notice) {
            Some((intent, _)) => &mut Arc::make_mut(intent).webhooks,
            None => match self.notices.get_mut(&notice) {
                Some(text) => &mut text.webhooks,
                None => return,
            },
        };
        webhooks.retain(|webhook| webhook != from);
        let new = to.into_iter().filter(|to| !webhooks.contains(to));
        let new: Vec<String> = new.collect();
        webhooks.extend(new);
    }

    fn end_treatment(&mut self, ended: TreatmentEnd) {
        let TreatmentEnd {
            at,
            account,
            item,
            end,
        } = ended;
        let key = (account, item);
        match end {
            TreatmentResult::FoundIncomplete => {
                if let Some((_, incomplete)) = self.treatments.get_mut(&key) {
                    *incomplete = true;
                }
            }
            TreatmentResult::Recovered => {
                self.treatments.remove(&key);
                self.recovered.insert(key, at);
            }
            TreatmentResult::Over => {
                self.treatments.remove(&key);
            }
        }
    }

    /// The number for the next intent or notice.
    pub fn next_id(&self) -> IntentId {
        IntentId(self.last_id + 1)
    }

    /// The highest number given out so far.
    pub fn last_id(&self) -> IntentId {
        IntentId(self.last_id)
    }

    /// The latest restore of a deletion, if it was undone.
    pub fn restore_of(&self, id: IntentId) -> Option<&RestoreDone> {
        self.restores.iter().rev().find(|r| r.intent == Some(id))
    }

    /// Intents of an account whose outcome is unknown.
    pub fn open<'a>(&'a self, account: &'a AccountId) -> impl Iterator<Item = &'a DeletionIntent> {
        self.deletions
            .values()
            .filter(move |(i, o)| o.is_none() && i.account == *account)
            .map(|(i, _)| &**i)
    }

    /// Deletions of an account with an unknown outcome that were found undone since then, and were the last try on their item:
    /// they may happen late.
    pub fn late<'a>(
        &'a self,
        account: &'a AccountId,
        since: Timestamp,
    ) -> impl Iterator<Item = &'a DeletionIntent> {
        let undone = self.deletions.values().filter(move |(intent, outcome)| {
            let is_late =
                |outcome: &Outcome| outcome.result == OutcomeKind::StillThere && outcome.at > since;
            intent.account == *account && outcome.as_ref().is_some_and(is_late)
        });
        let is_last = |intent: &DeletionIntent| {
            let later = self.deletions.range((Excluded(intent.id), Unbounded));
            later
                .map(|(_, (later, _))| later)
                .all(|later| later.account != intent.account || later.item != intent.item)
        };
        undone
            .map(|(intent, _)| &**intent)
            .filter(move |intent| is_last(intent))
    }

    /// Deletions that count towards the limits: every one intended since, but those settled as refused, not sent,
    /// saved, or not ours.
    pub fn recent(
        &self,
        account: &AccountId,
        cycle_from: Timestamp,
        day_from: Timestamp,
    ) -> Recent {
        let mut recent = Recent::default();
        for (intent, outcome) in self.deletions.values() {
            if outcome.as_ref().is_some_and(|o| !o.result.is_deletion()) {
                continue;
            }
            recent.in_day += u32::from(intent.at > day_from);
            recent.in_cycle += u32::from(intent.account == *account && intent.at > cycle_from);
        }
        recent
    }

    /// How many items of an account were deleted since, or may have been.
    pub fn deleted_since(&self, account: &AccountId, since: Timestamp) -> usize {
        let may_be_gone = |outcome: &Option<Outcome>| {
            outcome
                .as_ref()
                .is_none_or(|outcome| outcome.result.is_deletion())
        };
        self.deletions
            .values()
            .filter(|(intent, outcome)| {
                intent.account == *account && intent.at >= since && may_be_gone(outcome)
            })
            .count()
    }

    /// Items of an account whose last deletion did not happen: when it was intended, and what came of it.
    pub fn failed(&self, account: &AccountId) -> BTreeMap<&ItemId, (Timestamp, OutcomeKind)> {
        let mut failed = BTreeMap::new();
        for (intent, outcome) in self
            .deletions
            .values()
            .filter(|(intent, _)| intent.account == *account)
        {
            match outcome.as_ref().map(|outcome| outcome.result) {
                Some(result) if !result.is_deletion() => {
                    failed.insert(&intent.item, (intent.at, result))
                }
                Some(_) | None => failed.remove(&intent.item),
            };
        }
        failed
    }

    /// Notices that the webhook with this mark has not got yet, oldest first.
    pub fn owed<'a>(&'a self, webhook: &'a str) -> Vec<(IntentId, Owed<'a>)> {
        let deletions = self
            .deletions
            .iter()
            .filter_map(move |(id, (intent, outcome))| {
                let outcome = outcome.as_ref().filter(|o| o.result.is_deletion())?;
                intent
                    .webhooks
                    .iter()
                    .any(|w| w == webhook)
                    .then_some((*id, Owed::Deletion(intent, outcome)))
            });
        let texts = self
            .notices
            .iter()
            .filter(move |(_, n)| n.webhooks.iter().any(|w| w == webhook))
            .map(|(id, n)| (*id, Owed::Text(n)));
        let mut owed: Vec<_> = deletions
            .chain(texts)
            .filter(|(id, _)| !self.settled.contains(&(*id, webhook.to_owned())))
            .collect();
        owed.sort_by_key(|(id, _)| *id);
        owed
    }

    /// Every webhook that is owed a notice or may be, and is none of these, with the notice, oldest first.
    pub fn owed_to_others(&self, configured: &[String]) -> Vec<(IntentId, String)> {
        let may_be_owed = |outcome: &Option<Outcome>| {
            outcome.as_ref().is_none_or(|outcome| {
                outcome.result.is_deletion() || outcome.result == OutcomeKind::StillThere
            })
        };
        let deletions = self.deletions.iter();
        let deletions = deletions
            .filter(|(_, (_, outcome))| may_be_owed(outcome))
            .map(|(id, (intent, _))| (*id, &intent.webhooks));
        let texts = self.notices.iter().map(|(id, text)| (*id, &text.webhooks));
        let mut owed: Vec<(IntentId, String)> = deletions
            .chain(texts)
            .flat_map(|(id, webhooks)| webhooks.iter().map(move |webhook| (id, webhook.clone())))
            .filter(|(_, webhook)| !configured.contains(webhook))
            .filter(|owed| !self.settled.contains(owed))
            .collect();
        owed.sort();
        owed
    }

    /// Whether every webhook that was owed this notice has got it.
    pub fn is_announced(&self, id: IntentId, webhooks: &[String]) -> bool {
        webhooks
            .iter()
            .all(|w| self.settled.contains(&(id, w.clone())))
    }
}

#[cfg(test)]
mod tests;
