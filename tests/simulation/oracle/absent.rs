//! Disks that are away say nothing about the torrents on them; and many torrents that began to fail together are an outage.

use super::Oracle;
use super::torrents::{LOOKING, may_be_errored};
use crate::torrents::{Shown, cold};
use jiff::{SignedDuration, Timestamp};
use seedwarden::ports::Clock;
use seedwarden_sim::qbittorrent::{Torrent, Tracker, TrackerStatus};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Items that began to fail within so long make up an outage; somewhat less than the contract says.
const WINDOW: SignedDuration = SignedDuration::from_hours(23);

impl Oracle {
    /// The second disk of a server is away.
    pub fn disk_went(&mut self, account: &str) {
        let now = self.time.now();
        self.away.entry(account.to_owned()).or_insert(now);
        self.links_changed();
    }

    /// It is back.
    pub fn disk_came_back(&mut self, account: &str) {
        if self.away.remove(account).is_some() {
            self.links_changed();
        }
    }

    /// Whether a torrent's disk has been away since before anybody looked.
    pub(super) fn is_disk_away(&self, account: &str, shown: &Shown) -> bool {
        let now = self.time.now();
        Path::new(&shown.torrent.save_path) == cold(account)
            && self
                .away
                .get(account)
                .is_some_and(|since| now.duration_since(*since) > LOOKING)
    }

    /// A counted cycle: since when torrents are sick.
    pub(super) fn note_sick(&mut self, account: &str, listing: &BTreeMap<String, Shown>) {
        let now = self.time.now();
        let Some(eye) = self.accounts.get_mut(account) else {
            return;
        };
        eye.sick_since.retain(|(ailment, hash), _| {
            listing.get(hash).is_some_and(|shown| match *ailment {
                "errored" => may_be_errored(shown),
                _ => is_refused(shown),
            })
        });
        for (hash, shown) in listing {
            let signs = [
                ("errored", is_in_error(shown)),
                ("unregistered", is_refused(shown)),
            ];
            for (ailment, _) in signs.into_iter().filter(|(_, shows)| *shows) {
                eye.sick_since.entry((ailment, hash.clone())).or_insert(now);
            }
        }
    }

    /// Whether so many torrents of an account, or of one tracker of this torrent, began to fail lately that none of them may
    /// be deleted for that.
    pub(super) fn fails_together(
        &self,
        account: &str,
        ailment: &'static str,
        one: &Torrent,
    ) -> bool {
        let hosts = hosts_of(one);
        self.is_outage(account, ailment, &|_| true)
            || hosts
                .iter()
                .any(|host| self.is_outage(account, ailment, &|t| hosts_of(t).contains(host)))
    }

    fn is_outage(
        &self,
        account: &str,
        ailment: &'static str,
        is_of_scope: &dyn Fn(&Torrent) -> bool,
    ) -> bool {
        let (Some(eye), Some(limits)) = (self.accounts.get(account), &self.limits) else {
            return false;
        };
        let (Some(listing), Some(state)) =
            (&eye.torrents, self.account_state(&self.state, account))
        else {
            return false;
        };
        let now = self.time.now();
        let is_applicable = |shown: &Shown| {
            let torrent = &shown.torrent;
            !torrent.tags.contains("untouched")
                && is_of_scope(torrent)
                && (ailment == "errored" || torrent.is_private)
        };
        let is_fresh = |hash: &str, shown: &Shown| {
            let item = state.items.get(hash);
            let (failures, shows) = match ailment {
                "errored" => (
                    item.and_then(|item| item.errored.as_ref()),
                    is_in_error(shown),
                ),
                _ => (
                    item.and_then(|item| item.unregistered.as_ref()),
                    is_refused(shown),
                ),
            };
            let since = eye.sick_since.get(&(ailment, hash.to_owned()));
            shows
                && !self.is_disk_away(account, shown)
                && failures.is_some_and(|failures| failures.failures > 0 && !failures.accepted)
                && since.is_some_and(|at| now.duration_since(*at) < WINDOW)
        };
        let all = listing.iter().filter(|(_, shown)| is_applicable(shown));
        let fresh = all
            .clone()
            .filter(|(hash, shown)| is_fresh(hash, shown))
            .count();
        fresh >= limits.outage_min_items as usize
            && fresh as f64 >= limits.outage_share * all.count() as f64
    }
}

fn is_in_error(shown: &Shown) -> bool {
    ["error", "missingFiles"].contains(&shown.state.as_str())
}

/// Every tracker of a private torrent said that it does not know it.
fn is_refused(shown: &Shown) -> bool {
    let torrent = &shown.torrent;
    let refuses = |tracker: &Tracker| {
        tracker.status == TrackerStatus::Refused
            && tracker.msg.to_lowercase().contains("registered")
    };
    torrent.is_private
        && torrent.num_leechs == 0
        && !torrent.trackers.is_empty()
        && torrent.trackers.iter().all(refuses)
}

fn hosts_of(torrent: &Torrent) -> BTreeSet<String> {
    let host = |tracker: &Tracker| tracker.url.split('/').nth(2).map(str::to_owned);
    torrent.trackers.iter().filter_map(host).collect()
}

/// When disks went away.
pub type Away = BTreeMap<String, Timestamp>;
