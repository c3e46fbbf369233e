//! Where things stand, by state file and ledger alone: what `seedwarden status` shows.

mod last_day;

pub use last_day::LastDay;

use super::decide::Ailment;
use super::due::due;
use super::ledger::{Book, IntentId, Owed};
use super::model::{AccountId, ItemId};
use super::state::{AccountState, Failures, ItemState, Outage, State};
use crate::config::policy::{AccountPolicy, Policy, Service};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything that is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// When this was.
    pub at: Timestamp,
    /// The configured accounts.
    pub accounts: Vec<AccountStatus>,
    /// Items with failures over all accounts, nearest to their limit first.
    pub failing: Vec<Failing>,
    /// Counts of an old `retry_counts.json` that no account has taken over yet, the highest first.
    pub old_counts: Vec<OldCount>,
    /// Rule timers that run, nearest to their end first.
    pub timers: Vec<Running>,
    /// Rechecks that have not ended.
    pub treatments: Vec<Treated>,
    /// Outages that last.
    pub outages: Vec<OutageOf>,
    /// Webhooks that have not got everything.
    pub undelivered: Vec<Undelivered>,
    /// Deletions whose outcome is not known yet.
    pub unsettled: usize,
    /// The last 24 hours.
    pub last_day: LastDay,
}

/// One account.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccountStatus {
    /// Its name.
    pub account: AccountId,
    /// `qbittorrent` or `alldebrid`.
    pub service: &'static str,
    /// When it was last read and decided on.
    pub last_cycle_at: Option<Timestamp>,
    /// When that was last tried.
    pub last_attempt_at: Option<Timestamp>,
    /// The last try could not read it.
    pub is_unreadable: bool,
    /// When the next cycle is due; not later than now means at once.
    pub next_cycle_at: Timestamp,
    /// It is left alone until then, because its server asked for it or refused us.
    pub left_alone_until: Option<Timestamp>,
    /// Items with failures.
    pub failing: usize,
    /// Rule timers that run.
    pub timers: usize,
}

/// A failure count.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failing {
    /// Account.
    pub account: AccountId,
    /// Item.
    pub item: ItemId,
    /// Its name.
    pub name: String,
    /// The ailment.
    pub ailment: &'static str,
    /// Which tracker, for `failed_trackers`.
    pub tracker: Option<String>,
    /// Failures so far.
    pub failures: u32,
    /// Their limit; `None` if the block is off.
    pub max_failures: Option<u32>,
    /// The sign seen last.
    pub last_status: String,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// A count that waits for the AllDebrid account that lists the magnet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OldCount {
    /// The magnet's id.
    pub item: ItemId,
    /// Failures so far.
    pub failures: u32,
}

/// A rule timer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Running {
    /// Account.
    pub account: AccountId,
    /// Item.
    pub item: ItemId,
    /// Its name.
    pub name: String,
    /// The rule.
    pub rule: String,
    /// First sample that matched.
    pub since: Timestamp,
    /// How long the rule must hold, in seconds; `None` if there is no such rule any more.
    pub for_seconds: Option<u64>,
}

/// A recheck that has not ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Treated {
    /// Account.
    pub account: AccountId,
    /// Torrent.
    pub item: ItemId,
    /// When it began.
    pub since: Timestamp,
    /// The check found less than was there; the torrent stays stopped.
    pub found_incomplete: bool,
}

/// An outage with its account.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutageOf {
    /// Account.
    pub account: AccountId,
    /// The outage.
    #[serde(flatten)]
    pub outage: Outage,
}

/// What one webhook has not got.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Undelivered {
    /// The webhook's mark.
    pub webhook: String,
    /// How many notices.
    pub notices: usize,
    /// When the oldest of them was written.
    pub oldest_at: Option<Timestamp>,
}

impl Status {
    /// Computes it. `webhooks` are the marks of all that a notice may be owed to.
    pub fn of(
        policy: &Policy,
        state: &State,
        book: &Book,
        webhooks: &[String],
        now: Timestamp,
    ) -> Status {
        let nothing = AccountState::default();
        let states: Vec<(&AccountPolicy, &AccountState)> = policy
            .accounts
            .iter()
            .map(|account| {
                (
                    account,
                    state.accounts.get(&account.name).unwrap_or(&nothing),
                )
            })
            .collect();
        let mut failing: Vec<Failing> = states.iter().flat_map(|(p, s)| failing_of(p, s)).collect();
        failing.retain(|one| !is_deleted(state, book, one));
        failing.sort_by_key(|one| {
            let left = one
                .max_failures
                .map_or(u32::MAX, |most| most.saturating_sub(one.failures));
            (left, std::cmp::Reverse(one.failures))
        });
        let mut timers: Vec<Running> = states.iter().flat_map(|(p, s)| timers_of(p, s)).collect();
        timers.sort_by_key(|timer| timer.since + seconds(timer.for_seconds.unwrap_or(0)));
        Status {
            at: now,
            accounts: states
                .iter()
                .map(|(p, s)| account_of(p, s, &failing, &timers, now))
                .collect(),
            old_counts: old_counts(state),
            treatments: treatments(book),
            outages: states.iter().flat_map(|(p, s)| outages_of(p, s)).collect(),
            undelivered: webhooks
                .iter()
                .filter_map(|mark| undelivered(book, mark))
                .collect(),
            unsettled: book
                .deletions
                .values()
                .filter(|(_, outcome)| outcome.is_none())
                .count(),
            last_day: LastDay::of(state, book, now),
            failing,
            timers,
        }
    }
}

fn seconds(seconds: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(0).min(1 << 32))
}

fn account_of(
    policy: &AccountPolicy,
    state: &AccountState,
    failing: &[Failing],
    timers: &[Running],
    now: Timestamp,
) -> AccountStatus {
    let due = due(
        state,
        state.last_rules_at,
        policy.cycle,
        policy.rule_cycle,
        !policy.rules.is_empty(),
        now,
    );
    let name = &policy.name;
    let items: std::collections::BTreeSet<&ItemId> = failing
        .iter()
        .filter(|f| f.account == *name)
        .map(|f| &f.item)
        .collect();
    AccountStatus {
        account: name.clone(),
        service: match policy.service {
            Service::Qbittorrent(_) => "qbittorrent",
            Service::Alldebrid(_) => "alldebrid",
        },
        last_cycle_at: state.last_cycle_at,
        last_attempt_at: state.last_attempt_at,
        // A reading that went well samples the rules, too.
        is_unreadable: state.last_attempt_at > state.last_cycle_at.max(state.last_rules_at),
        next_cycle_at: due.at,
        left_alone_until: state.left_alone_until.filter(|until| *until > now),
        failing: items.len(),
        timers: timers.iter().filter(|t| t.account == *name).count(),
    }
}

/// Whether it was deleted since the account was last read; its count is kept until listings no longer have it.
fn is_deleted(state: &State, book: &Book, one: &Failing) -> bool {
    let account = state.accounts.get(&one.account);
    let read_at = account.and_then(|account| account.last_attempt_at.max(account.last_rules_at));
    book.deletions.values().any(|(intent, outcome)| {
        let is_it = intent.account == one.account && intent.item == one.item;
        let outcome = outcome.as_ref().filter(|o| o.result.is_deletion());
        is_it && outcome.is_some_and(|outcome| Some(outcome.at) >= read_at)
    })
}

fn failing_of(policy: &AccountPolicy, state: &AccountState) -> Vec<Failing> {
    let limits = limits_of(policy);
    let mut found = Vec::new();
    for (id, item) in &state.items {
        for (ailment, tracker, failures) in counts_of(item) {
            if failures.failures == 0 {
                continue;
            }
            found.push(Failing {
                account: policy.name.clone(),
                item: id.clone(),
                name: item.name.clone(),
                ailment: ailment.word(),
                tracker,
                failures: failures.failures,
                max_failures: limits.get(&ailment).copied(),
                last_status: failures.last_status.clone(),
                since: failures.since,
            });
        }
    }
    found
}

fn old_counts(state: &State) -> Vec<OldCount> {
    let counts = state.retry_counts.iter().filter(|(_, count)| **count > 0);
    let mut found: Vec<OldCount> = counts
        .map(|(id, count)| OldCount {
            item: id.as_str().into(),
            failures: *count,
        })
        .collect();
    found.sort_by_key(|one| std::cmp::Reverse(one.failures));
    found
}

/// Every count of an item, with its ailment and tracker.
pub fn counts_of(item: &ItemState) -> Vec<(Ailment, Option<String>, &Failures)> {
    let whole = Ailment::ALL
        .into_iter()
        .filter_map(|ailment| Some((ailment, None, ailment.failures(item)?)));
    let trackers = item
        .failed_trackers
        .iter()
        .map(|(key, failures)| (Ailment::FailedTrackers, Some(key.clone()), failures));
    whole.chain(trackers).collect()
}

/// `max_failures` of each ailment that is on.
pub fn limits_of(policy: &AccountPolicy) -> BTreeMap<Ailment, u32> {
    let mut limits = BTreeMap::new();
    match &policy.service {
        Service::Qbittorrent(service) => {
            let blocks = [
                (
                    Ailment::Errored,
                    service.errored.as_ref().map(|b| b.max_failures),
                ),
                (
                    Ailment::Unregistered,
                    service.unregistered.as_ref().map(|b| b.max_failures),
                ),
                (
                    Ailment::FailedTrackers,
                    service.failed_trackers.as_ref().map(|b| b.max_failures),
                ),
            ];
            limits.extend(
                blocks
                    .into_iter()
                    .filter_map(|(ailment, most)| Some((ailment, most?))),
            );
        }
        Service::Alldebrid(service) => {
            limits.extend(
                service
                    .failed
                    .as_ref()
                    .map(|b| (Ailment::Failed, b.max_failures)),
            );
        }
    }
    limits
}

fn timers_of(policy: &AccountPolicy, state: &AccountState) -> Vec<Running> {
    let hold_for = |name: &str| {
        let rule = policy.rules.iter().find(|rule| rule.name == name)?;
        rule.hold_for.map(|hold_for| hold_for.as_secs())
    };
    let mut found = Vec::new();
    for (id, item) in &state.items {
        found.extend(item.rules.iter().map(|(rule, timer)| Running {
            account: policy.name.clone(),
            item: id.clone(),
            name: item.name.clone(),
            rule: rule.clone(),
            since: timer.since,
            for_seconds: hold_for(rule),
        }));
    }
    found
}

fn outages_of(policy: &AccountPolicy, state: &AccountState) -> Vec<OutageOf> {
    let of = |outage: &Outage| OutageOf {
        account: policy.name.clone(),
        outage: outage.clone(),
    };
    state.outages.iter().map(of).collect()
}

fn treatments(book: &Book) -> Vec<Treated> {
    let open = book.treatments.values();
    open.map(|(begun, incomplete)| Treated {
        account: begun.account.clone(),
        item: begun.item.clone(),
        since: begun.at,
        found_incomplete: *incomplete,
    })
    .collect()
}

fn undelivered(book: &Book, mark: &str) -> Option<Undelivered> {
    let owed: Vec<(IntentId, Owed<'_>)> = book.owed(mark);
    let written = |owed: &Owed<'_>| match owed {
        Owed::Deletion(_, outcome) => outcome.at,
        Owed::Text(text) => text.at,
    };
    (!owed.is_empty()).then(|| Undelivered {
        webhook: mark.to_owned(),
        notices: owed.len(),
        oldest_at: owed.iter().map(|(_, owed)| written(owed)).min(),
    })
}

#[cfg(test)]
mod tests;
