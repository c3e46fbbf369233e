//! What a snapshot holds beside the listing: everything that rules can ask.

use crate::core::facts::{Facts, Fetched};
use crate::core::hardlinks::{LinkFinding, LinkResult, LinkShare};
use crate::core::model::{ItemId, Tracker};
use crate::core::state::{AccountState, Failures};
use crate::core::unregistered::without_secrets;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What rules can ask beyond the listing, as far as it was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Beside {
    private: BTreeMap<ItemId, Fetched<Option<bool>>>,
    trackers: BTreeMap<ItemId, Fetched<Vec<Row>>>,
    links: BTreeMap<ItemId, Fetched<LinkShare>>,
    /// The most failures of any ailment.
    failures: BTreeMap<ItemId, u32>,
    /// Upload and download, bytes per second.
    pub smoothed_speeds: (f64, f64),
}

/// A tracker without what is secret in its address and text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Row {
    host: String,
    status: i64,
    message: String,
}

impl Beside {
    /// What is known of an account.
    pub fn of(facts: &Facts, state: &AccountState, smoothed_speeds: (f64, f64)) -> Beside {
        let trackers = |(id, known): (&ItemId, &Fetched<Vec<Tracker>>)| {
            let rows = known.as_ref().map(|rows| rows.iter().map(row).collect());
            (id.clone(), rows.map_err(Clone::clone))
        };
        let links = |(id, finding): (&ItemId, &LinkFinding)| {
            let result = match &finding.result {
                LinkResult::Seen(share) => Ok(share.clone()),
                LinkResult::Unknown(why) => Err(why.clone()),
            };
            (id.clone(), result)
        };
        let failures = state
            .items
            .iter()
            .map(|(id, item)| (id.clone(), item.most_failures()));
        Beside {
            private: facts.private.clone(),
            trackers: facts.trackers.iter().map(trackers).collect(),
            links: facts.links.iter().map(links).collect(),
            failures: failures.filter(|(_, count)| *count > 0).collect(),
            smoothed_speeds,
        }
    }

    /// The facts, as they were at that time.
    pub fn facts(&self, at: Timestamp) -> Facts {
        let trackers = |(id, known): (&ItemId, &Fetched<Vec<Row>>)| {
            let rows = known
                .as_ref()
                .map(|rows| rows.iter().map(tracker).collect());
            (id.clone(), rows.map_err(Clone::clone))
        };
        let links = |(id, known): (&ItemId, &Fetched<LinkShare>)| {
            let result = match known {
                Ok(share) => LinkResult::Seen(share.clone()),
                Err(why) => LinkResult::Unknown(why.clone()),
            };
            (id.clone(), LinkFinding { at, result })
        };
        Facts {
            private: self.private.clone(),
            trackers: self.trackers.iter().map(trackers).collect(),
            links: self.links.iter().map(links).collect(),
            ..Facts::default()
        }
    }

    /// A state with the failures. Rules ask for the most of any ailment, so that it does not matter which one has them.
    pub fn state(&self) -> AccountState {
        let mut state = AccountState::default();
        for (id, count) in &self.failures {
            state.items.entry(id.clone()).or_default().failed = Some(Failures {
                failures: *count,
                ..Failures::default()
            });
        }
        state
    }
}

fn row(tracker: &Tracker) -> Row {
    Row {
        host: tracker.host(),
        status: tracker.status,
        message: without_secrets(tracker),
    }
}

fn tracker(row: &Row) -> Tracker {
    Tracker {
        url: address_of(&row.host),
        status: row.status,
        updating: false,
        message: row.message.as_str().into(),
    }
}

/// An address with this host and nothing else in it; empty without a host.
pub(super) fn address_of(host: &str) -> Box<str> {
    if host.is_empty() {
        return "".into();
    }
    format!("https://{host}/").into()
}
