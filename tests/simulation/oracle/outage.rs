//! The reference model of outages of an AllDebrid account.

use super::counts::{is_same, item};
use super::magnets::{MagnetListing, Sign, sign};
use super::{Oracle, Terms};
use jiff::{SignedDuration, Timestamp};
use seedwarden::config::policy::Limits;
use seedwarden::core::state::AccountState;
use seedwarden::ports::Clock;
use seedwarden_sim::alldebrid::Magnet;
use std::collections::BTreeSet;

/// What a cycle counts by.
pub(super) struct Counted<'a> {
    /// Magnets that we deleted within the window.
    pub deleted: usize,
    /// What the listing showed.
    pub listing: &'a MagnetListing,
    /// What the configuration says.
    pub terms: &'a Terms,
    /// Shares and numbers.
    pub limits: &'a Limits,
    /// The cycle's time.
    pub now: Timestamp,
}

/// Items that began to fail within a day make up an outage; cycles here are far shorter.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);

impl Oracle {
    /// How many magnets of an account we deleted within the window.
    pub(super) fn deleted_lately(&self, account: &str) -> usize {
        let since = self.time.now() - WINDOW;
        let ours = self.deleted.iter().filter(|d| d.account == account);
        ours.filter(|deleted| deleted.at >= since).count()
    }
}

impl Counted<'_> {
    fn listed(&self, id: &str) -> Option<&Magnet> {
        self.listing.magnets.get(&id.parse::<u64>().ok()?)
    }

    /// Whether an item shows the sign, or may.
    fn shows(&self, id: &str) -> bool {
        match self.listed(id) {
            Some(magnet) => {
                sign(magnet) == Sign::Sick || magnet.code.is_none() && !magnet.says_expired()
            }
            None => !self.listing.is_whole,
        }
    }

    /// The items that make up outages after a counted cycle; and those that do if what we deleted is remembered as failing
    /// with the others.
    pub fn outages_after(&self, before: &AccountState) -> (BTreeSet<String>, BTreeSet<String>) {
        let (mut fresh, mut showing) = (0, BTreeSet::new());
        for (id, magnet) in &self.listing.magnets {
            let old = item(before, *id).filter(|old| is_same(old, magnet.added_at));
            let failed = old.and_then(|old| old.failed.as_ref());
            if sign(magnet) != Sign::Sick || failed.is_some_and(|failed| failed.accepted) {
                continue;
            }
            let id = id.to_string();
            let held = before.outages.iter();
            let held = held.filter(|outage| outage.items.contains(id.as_str()));
            // Counts of an old flat file do not say since when.
            let began = match failed.filter(|failed| failed.failures > 0) {
                Some(failed) => Some(failed.since.unwrap_or(Timestamp::MIN)),
                None => held.map(|outage| outage.since).min(),
            };
            if began.is_none_or(|began| self.now.duration_since(began) <= WINDOW) {
                fresh += 1;
            }
            showing.insert(id);
        }
        let mut lasting = BTreeSet::new();
        for outage in &before.outages {
            let items = outage.items.iter().map(|id| id.as_str());
            let left = items.filter(|id| !self.listing.is_whole || self.listed(id).is_some());
            let left: BTreeSet<&str> = left.collect();
            let still = left.iter().filter(|id| self.shows(id)).count();
            if still * 2 >= left.len() && still > 0 {
                lasting.extend(left.into_iter().map(str::to_owned));
                lasting.extend(showing.iter().cloned());
            }
        }
        let all: BTreeSet<String> = lasting.union(&showing).cloned().collect();
        let outage = |deleted: usize| {
            let (failing, of) = (fresh + deleted, self.listing.magnets.len() + deleted);
            let is_many = failing >= self.limits.outage_min_items as usize;
            match is_many && failing as f64 >= self.limits.outage_share * of as f64 {
                true => all.clone(),
                false => lasting.clone(),
            }
        };
        (outage(0), outage(self.deleted))
    }
}
