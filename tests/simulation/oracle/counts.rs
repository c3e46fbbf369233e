//! The reference model of the counts: what a committed cycle may make of the state before it, by what the listing showed.
//! Invariants 3, 4, 5 and 8.

use super::magnets::{MagnetListing, Sign, sign};
use super::outage::Counted;
use super::{Oracle, Terms};
use jiff::{SignedDuration, Timestamp};
use seedwarden::core::state::{AccountState, ItemState, State};
use seedwarden::ports::Clock;
use std::collections::BTreeSet;

impl Oracle {
    /// A commit: one account moves on, by the book. Answers which.
    pub(super) fn judge_commit(&mut self, next: &State) -> Option<String> {
        let names: BTreeSet<String> = self
            .state
            .accounts
            .keys()
            .chain(next.accounts.keys())
            .map(|name| name.as_str().to_owned())
            .collect();
        let nothing = AccountState::default();
        let changed: Vec<String> = names
            .into_iter()
            .filter(|name| self.account_state(&self.state, name) != self.account_state(next, name))
            .collect();
        // Times in the future of a clock that was set back are cleared for all accounts at once.
        if changed.len() > 1 && !self.has_jumped {
            self.breach(3, format!("one commit changes {}", changed.join(" and ")));
        }
        for name in &changed {
            let before = self
                .account_state(&self.state, name)
                .unwrap_or(&nothing)
                .clone();
            let after = self.account_state(next, name).unwrap_or(&nothing).clone();
            let Some(terms) = self.terms.get(name).cloned() else {
                // Counts of accounts that left the configuration are dropped some day.
                continue;
            };
            let unclaimed: BTreeSet<String> = next.retry_counts.keys().cloned().collect();
            self.judge_account(name, &terms, before, &after, &unclaimed);
        }
        changed.into_iter().next()
    }

    fn judge_account(
        &mut self,
        name: &str,
        terms: &Terms,
        mut before: AccountState,
        after: &AccountState,
        unclaimed: &BTreeSet<String>,
    ) {
        let listing = self.accounts.get(name).and_then(|eye| eye.magnets.clone());
        let is_counted = before.last_cycle_at != after.last_cycle_at
            && after.last_cycle_at.is_some()
            && !self.is_clock_set_right(&before, after);
        if let Some(listing) = &listing {
            self.claim(&mut before, listing, unclaimed);
        }
        if is_counted {
            self.judge_times(name, terms, &before, after);
        }
        if terms.blocks.is_server {
            return self.judge_torrents(name, &before, after, is_counted);
        }
        let limits = self.limits.clone();
        let found = match (&listing, is_counted, limits) {
            (None, true, _) => vec![format!(
                "{name}: a cycle was counted without a complete listing"
            )],
            (Some(listing), true, Some(limits)) => {
                let counted = Counted {
                    deleted: self.deleted_lately(name),
                    listing,
                    terms,
                    limits: &limits,
                    now: after.last_cycle_at.unwrap_or(Timestamp::MAX),
                };
                match listing.is_doubtful {
                    true => doubtful(&before, after, &counted),
                    false => judge_counted(&before, after, &counted),
                }
            }
            (listing, ..) => not_counted(&before, after, listing.as_ref()),
        };
        let mut found = found;
        for (id, item) in &after.items {
            let had = before.items.get(id).map_or(0, count);
            if had > 0 && count(item) > had && self.remedy_failed(name, "failed", id.as_str()) {
                found.push(format!(
                    "{id} is counted, and its last remedy did not get through"
                ));
            }
        }
        if is_counted && let Some(eye) = self.accounts.get_mut(name) {
            eye.remedies.clear();
        }
        for what in found {
            self.breach(3, format!("{name}: {what}"));
        }
    }

    /// Times of a wrong clock, which lie in the future, are taken for now: that is no cycle.
    fn is_clock_set_right(&self, before: &AccountState, after: &AccountState) -> bool {
        let was_ahead = before.last_cycle_at > after.last_cycle_at;
        let counts = |state: &AccountState| -> Vec<(String, u32)> {
            let items = state.items.iter();
            items
                .map(|(id, item)| (id.as_str().to_owned(), item.most_failures()))
                .collect()
        };
        was_ahead && self.has_jumped && counts(before) == counts(after)
    }

    /// Counts of an old flat file go to the account that lists the magnet.
    fn claim(
        &self,
        before: &mut AccountState,
        listing: &MagnetListing,
        unclaimed: &BTreeSet<String>,
    ) {
        for (id, count) in &self.state.retry_counts {
            let Ok(number) = id.parse::<u64>() else {
                continue;
            };
            if *count == 0 || unclaimed.contains(id) || !listing.magnets.contains_key(&number) {
                continue;
            }
            let item = before.items.entry(id.as_str().into()).or_default();
            let failed = item.failed.get_or_insert_default();
            failed.failures = failed.failures.max(*count);
        }
    }

    /// Cycles keep their distance over restarts, and those after a long gap are known for the deletions to come.
    fn judge_times(
        &mut self,
        name: &str,
        terms: &Terms,
        before: &AccountState,
        after: &AccountState,
    ) {
        let Some(eye) = self.accounts.get_mut(name) else {
            return;
        };
        let is_once = self.is_once;
        let was_asked = eye.asked_at.is_some();
        // A cycle under way is not the one that was asked for: that follows it.
        let began = after
            .last_cycle_at
            .map(|at| at + SignedDuration::from_secs(1));
        eye.asked_at = eye
            .asked_at
            .filter(|at| began.is_some_and(|began| *at > began));
        eye.after_gap = false;
        let counted_at = eye.counted_at.replace(self.time.now());
        let was_set_back = self.set_back_at >= counted_at && self.set_back_at.is_some();
        let (Some(last), Some(now)) = (before.last_cycle_at, after.last_cycle_at) else {
            return;
        };
        let gap = now.duration_since(last);
        let tried = before.last_attempt_at.map(|at| now.duration_since(at));
        // What was read late is judged by times some minutes apart.
        let long = terms.cycle * 3 + SignedDuration::from_mins(10);
        eye.after_gap =
            !is_once && gap > long && tried.is_none_or(|tried| tried > long) && !was_set_back;
        let least = if was_asked {
            terms.cycle / 2
        } else {
            terms.cycle
        };
        if gap < least && !self.has_jumped {
            self.breach(5, format!("{name}: a cycle follows the last after {gap:#}"));
        }
    }
}

/// A list that is much shorter than the last settles nothing: nothing is lost by it, and no outage ends.
fn doubtful(before: &AccountState, after: &AccountState, counted: &Counted<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (id, old) in &before.items {
        let is_listed = id
            .as_str()
            .parse()
            .is_ok_and(|id: u64| counted.listing.magnets.contains_key(&id));
        let new = after.items.get(id).map_or(0, count);
        if !is_listed && new != count(old) && !old.missed {
            found.push(format!(
                "failures of {id} go from {} to {new} by a list that is much shorter than the last",
                count(old)
            ));
        }
    }
    let has = items_of(after);
    let lost: Vec<String> = items_of(before).difference(&has).cloned().collect();
    if !lost.is_empty() {
        found.push(format!(
            "{lost:?} leave an outage by a list that is much shorter than the last"
        ));
    }
    found
}

/// The items of all outages.
fn items_of(state: &AccountState) -> BTreeSet<String> {
    let items = state.outages.iter().flat_map(|outage| &outage.items);
    items.map(|id| id.as_str().to_owned()).collect()
}

/// A counted cycle: each item goes where its sign sends it.
fn judge_counted(
    before: &AccountState,
    after: &AccountState,
    counted: &Counted<'_>,
) -> Vec<String> {
    let (listing, terms) = (counted.listing, counted.terms);
    let mut found = Vec::new();
    let (outage, with_deleted) = counted.outages_after(before);
    let has = items_of(after);
    let outage = match has == with_deleted {
        true => with_deleted,
        false => outage,
    };
    if outage != has {
        found.push(format!("the outage should be {outage:?}, it is {has:?}"));
    }
    let ids: BTreeSet<u64> = before
        .items
        .keys()
        .chain(after.items.keys())
        .filter_map(|id| id.as_str().parse().ok())
        .chain(listing.magnets.keys().copied())
        .collect();
    for id in ids {
        let (old, new) = (item(before, id), item(after, id));
        let new = new.map_or(0, count);
        let expected = match listing.magnets.get(&id) {
            None if !listing.is_whole => old.map_or(0, count),
            None if old.is_some_and(|old| old.missed) => 0,
            None => old.map_or(0, count),
            Some(magnet) => {
                let old = old.filter(|old| is_same(old, magnet.added_at));
                let had = old.map_or(0, count);
                let is_refused = old
                    .and_then(|old| old.failed.as_ref())
                    .is_some_and(|failed| failed.remedy_refused);
                match sign(magnet) {
                    Sign::Well => 0,
                    _ if outage.contains(&id.to_string()) => had,
                    Sign::Sick if is_refused => had,
                    Sign::Sick => (had + 1).min(terms.max_failures).max(had),
                    Sign::Between => had,
                }
            }
        };
        if new != expected {
            let old = old.map_or(0, count);
            found.push(format!(
                "failures of {id} go from {old} to {new} instead of {expected}"
            ));
        }
    }
    found
}

/// Any other commit: nothing is gained, and lost only by what a listing showed.
fn not_counted(
    before: &AccountState,
    after: &AccountState,
    listing: Option<&MagnetListing>,
) -> Vec<String> {
    let mut found = Vec::new();
    for (id, new) in &after.items {
        let number = id.as_str().parse().unwrap_or(0);
        let old = item(before, number).map_or(0, count);
        if count(new) > old {
            found.push(format!(
                "failures of {id} go from {old} to {} without a counted cycle",
                count(new)
            ));
        }
    }
    for (id, old) in &before.items {
        let number = id.as_str().parse().unwrap_or(0);
        let new = item(after, number).map_or(0, count);
        if new >= count(old) {
            continue;
        }
        let is_right = listing.is_some_and(|listing| match listing.magnets.get(&number) {
            None => listing.is_whole && old.missed,
            Some(magnet) => sign(magnet) == Sign::Well || !is_same(old, magnet.added_at),
        });
        if !is_right {
            found.push(format!(
                "failures of {id} go from {} to {new} without reason",
                count(old)
            ));
        }
    }
    found
}

pub(super) fn item(account: &AccountState, id: u64) -> Option<&ItemState> {
    account.items.get(id.to_string().as_str())
}

fn count(item: &ItemState) -> u32 {
    item.failed.as_ref().map_or(0, |failed| failed.failures)
}

pub(super) fn is_same(item: &ItemState, added_at: i64) -> bool {
    item.added_on.is_none_or(|added_on| added_on == added_at)
}
