//! The content of `state.json`: failure counts, rule timers, outages and times of cycles.
//!
//! People edit and reset this file by hand: `{}` is a valid, empty state, every field has a default, and
//! unknown fields are ignored.

mod edit;
mod listing;
mod old_counts;
mod parse;
mod remedied;
mod retention;

pub use edit::Forgotten;
pub use listing::Listing;
pub use parse::{ParseError, Parsed};

use super::decide::Item;
use super::free_space::FreeSpaceMark;
use super::model::{AccountId, ItemId};
use super::plan::counted;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Version of the format that this program writes.
pub const VERSION: u32 = 1;

/// Everything in `state.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Format; absent means 1.
    #[serde(default = "version")]
    pub version: u32,
    /// One entry per account that was ever read.
    #[serde(default)]
    pub accounts: BTreeMap<AccountId, AccountState>,
    /// Counts of an old flat `retry_counts.json` that no account has claimed yet: magnet id to count.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub retry_counts: BTreeMap<String, u32>,
}

fn version() -> u32 {
    VERSION
}

impl Default for State {
    fn default() -> Self {
        State {
            version: VERSION,
            accounts: BTreeMap::new(),
            retry_counts: BTreeMap::new(),
        }
    }
}

/// What is kept of one account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountState {
    /// When the last cycle that was read completely was committed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_cycle_at: Option<Timestamp>,
    /// When a cycle was last tried, readable or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_attempt_at: Option<Timestamp>,
    /// When rules last sampled their timers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_rules_at: Option<Timestamp>,
    /// No requests before this time (the server asked for a pause, or refused the login).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_alone_until: Option<Timestamp>,
    /// A mark of the login that was refused: another one is tried at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_login: Option<String>,
    /// When it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_login_at: Option<Timestamp>,
    /// No cycle was tried for a long time, and none could read since: the first one that can has no last resorts.
    #[serde(skip_serializing_if = "is_default")]
    pub was_away: bool,
    /// The last cycle that counted was the first after a long gap, without last resorts.
    #[serde(skip_serializing_if = "is_default")]
    pub after_gap: bool,
    /// When the account was last in the configuration; kept for 30 days after that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configured_at: Option<Timestamp>,
    /// Whether the last listing that was believed held any items.
    #[serde(skip_serializing_if = "is_default")]
    pub had_items: bool,
    /// How many items that was; 0 in older files.
    #[serde(skip_serializing_if = "is_default")]
    pub listed: usize,
    /// How many items the last listing held, if it was too short to be believed at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_listing: Option<usize>,
    /// Items with failures, timers or marks.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub items: BTreeMap<ItemId, ItemState>,
    /// Items whose failures ended because they got well, and when that was; kept for a day.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub recovered: BTreeMap<ItemId, Timestamp>,
    /// Outages that have not ended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outages: Vec<Outage>,
    /// Where free space stood before deletions of ours that the server's figure does not show yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_space: Option<FreeSpaceMark>,
}

/// What is kept of one item.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemState {
    /// Name, for people who read the file.
    pub name: String,
    /// Info-hash of a magnet, by which people may name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<Box<str>>,
    /// `added_on` (or `uploadDate`) of the item that these counts are of; another value starts at zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added_on: Option<i64>,
    /// It was missing from the last complete listing.
    #[serde(skip_serializing_if = "is_default")]
    pub missed: bool,
    /// qBittorrent: state `error` or `missingFiles`, a stuck check, or found incomplete by our treatment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errored: Option<Failures>,
    /// qBittorrent: private torrent that its tracker no longer knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unregistered: Option<Failures>,
    /// qBittorrent: trackers of a public torrent, by [`super::model::Tracker::key`].
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub failed_trackers: BTreeMap<String, Failures>,
    /// AllDebrid: magnet in error or expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<Failures>,
    /// Rule timers by rule name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, Timer>,
    /// A check seen at the last cycle: its progress, to tell a stuck one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<f64>,
}

/// Failures of one ailment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Failures {
    /// How many committed cycles saw the sign.
    pub failures: u32,
    /// The sign as last seen: a state, a status word, a tracker message without addresses.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub last_status: String,
    /// When the first of them was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// When a remedy was last sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy_at: Option<Timestamp>,
    /// The last remedy is not known to have reached the item (refused for other reasons, lost, not sent): the next sighting
    /// does not count. Set with the plan, and cleared by the answer, so that a crash in between leaves it set.
    #[serde(skip_serializing_if = "is_default")]
    pub remedy_refused: bool,
    /// It was well in the last cycle; one more and the count is dropped.
    #[serde(skip_serializing_if = "is_default")]
    pub well_once: bool,
    /// Its owner said that it really is that broken: it never again makes up an outage.
    #[serde(skip_serializing_if = "is_default")]
    pub accepted: bool,
}

/// Since when a rule has matched an item without a break.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timer {
    /// First sample that matched.
    pub since: Timestamp,
    /// Mark of what the rule said then: matches of an older text are none of today's. Older state files have none, and
    /// are believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_mark: Option<u32>,
}

impl Timer {
    /// Since when an item has matched a rule with this mark; `None` if the rule said something else then.
    pub fn since_for(&self, rule_mark: u32) -> Option<Timestamp> {
        let is_same = self.rule_mark.is_none_or(|mark| mark == rule_mark);
        is_same.then_some(self.since)
    }
}

/// Many items failing together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outage {
    /// Which ailment: `errored`, `unregistered`, `failed_trackers`, `failed`.
    pub ailment: String,
    /// `account`, `tracker HOST` or `path ROOT`.
    pub scope: String,
    /// When it was recognised.
    pub since: Timestamp,
    /// The items that make it up.
    pub items: BTreeSet<ItemId>,
    /// It was recognised at the account's first reading.
    #[serde(default, skip_serializing_if = "is_default")]
    pub first_reading: bool,
}

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items = counted(self.items.len(), "item", "items");
        let (ailment, scope) = (&self.ailment, &self.scope);
        write!(
            f,
            "outage of {ailment}: {items} began to fail together ({scope})"
        )
    }
}

impl ItemState {
    /// Takes over what the listing says of the item. What it does not say stays as it was.
    pub fn note(&mut self, id: &ItemId, item: Item<'_>) {
        self.name = item.title(id).to_owned();
        self.hash = item.hash().map(Box::from).or(self.hash.take());
        self.added_on = item.added_on().or(self.added_on);
    }

    /// Nothing is worth keeping.
    pub fn is_empty(&self) -> bool {
        self.errored.is_none()
            && self.unregistered.is_none()
            && self.failed_trackers.is_empty()
            && self.failed.is_none()
            && self.rules.is_empty()
            && self.check.is_none()
    }

    /// The highest failure count over all ailments.
    pub fn most_failures(&self) -> u32 {
        [&self.errored, &self.unregistered, &self.failed]
            .into_iter()
            .flatten()
            .chain(self.failed_trackers.values())
            .map(|f| f.failures)
            .max()
            .unwrap_or(0)
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
