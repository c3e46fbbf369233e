//! What a committed cycle may make of the counts of torrents: bounds, as much of a torrent's course depends on treatments.

use super::Oracle;
use super::torrents::may_be_errored;
use crate::torrents::Shown;
use seedwarden::core::state::{AccountState, ItemState};
use seedwarden_sim::qbittorrent::{Tracker, TrackerStatus};
use std::collections::BTreeMap;

impl Oracle {
    /// A commit for a server: counts go up by one at most, in counted cycles with a complete reading, for what may be sick.
    pub(super) fn judge_torrents(
        &mut self,
        name: &str,
        before: &AccountState,
        after: &AccountState,
        is_counted: bool,
    ) {
        if let Some(eye) = self.accounts.get_mut(name) {
            eye.torrents_before.clear();
        }
        let listing = self.accounts.get(name).and_then(|eye| eye.torrents.clone());
        if is_counted && listing.is_none() {
            self.breach(
                3,
                format!("{name}: a cycle was counted without a complete listing"),
            );
        }
        let older = self
            .accounts
            .get(name)
            .and_then(|eye| eye.torrents_older.clone());
        if let Some(listing) = listing.as_ref().filter(|_| is_counted) {
            self.note_sick(name, listing);
        }
        let is_broken_in = |listing: &Option<BTreeMap<String, Shown>>, id: &str| {
            of(listing, id)
                .is_some_and(|shown| ["error", "missingFiles"].contains(&shown.state.as_str()))
        };
        let most = self
            .terms
            .get(name)
            .map_or(u32::MAX, |terms| terms.blocks.errored_most);
        let nothing = ItemState::default();
        let mut found = Vec::new();
        for (id, new) in &after.items {
            let old = before.items.get(id).unwrap_or(&nothing);
            let shown = listing
                .as_ref()
                .and_then(|listing| listing.get(id.as_str()));
            let old_counts = counts(old);
            for (ailment, count) in counts(new) {
                let had = old_counts.get(&ailment).copied().unwrap_or(0);
                // Started by hand right before a listing that lags behind.
                let was_errored = self.started.contains(id.as_str())
                    && of(&older, id.as_str()).is_some_and(may_be_errored);
                let may_count = match ailment.as_str() {
                    "errored" => shown.is_some_and(may_be_errored) || was_errored,
                    "unregistered" => shown.is_some_and(|shown| shown.torrent.is_private),
                    _ => shown.is_some_and(|shown| !shown.torrent.is_private),
                };
                if had > 0 && count > had && self.remedy_failed(name, &ailment, id.as_str()) {
                    found.push(format!(
                        "{ailment} of {id} goes from {had} to {count}, and its last remedy did not get through"
                    ));
                }
                if count > had && (!is_counted || !may_count || count > had + 1) {
                    found.push(format!(
                        "{ailment} of {id} goes from {had} to {count}, shown: {:?}",
                        shown.map(|s| &s.state)
                    ));
                }
            }
        }
        for (id, old) in &before.items {
            let new = after.items.get(id).unwrap_or(&nothing);
            let shown = listing
                .as_ref()
                .and_then(|listing| listing.get(id.as_str()));
            let is_broken =
                is_broken_in(&listing, id.as_str()) && is_broken_in(&older, id.as_str());
            let is_same = shown
                .is_none_or(|shown| old.added_on.is_none_or(|at| at == shown.torrent.added_on));
            let (had, has) = (errored(old), errored(new));
            let is_lost = match shown {
                None => !old.missed,
                Some(_) => is_broken && is_same,
            };
            if has < had.min(most) && is_lost {
                found.push(format!("errored of {id} falls from {had} to {has}"));
            }
            let is_still = |listing: &Option<BTreeMap<String, Shown>>| {
                of(listing, id.as_str()).is_some_and(has_no_working_tracker)
            };
            let dropped = old.unregistered.is_some() && new.unregistered.is_none();
            if dropped
                && is_same
                && self
                    .terms
                    .get(name)
                    .is_some_and(|t| t.blocks.unregistered.is_some())
                && is_still(&listing)
                && is_still(&older)
            {
                found.push(format!(
                    "unregistered of {id} is dropped, and no tracker works"
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
}

/// No tracker of a private torrent works, and nobody is there to share it with.
fn has_no_working_tracker(shown: &Shown) -> bool {
    let torrent = &shown.torrent;
    let works = |tracker: &Tracker| tracker.status == TrackerStatus::Working;
    torrent.is_private && torrent.num_leechs == 0 && !torrent.trackers.iter().any(works)
}

fn of<'a>(listing: &'a Option<BTreeMap<String, Shown>>, id: &str) -> Option<&'a Shown> {
    listing.as_ref().and_then(|listing| listing.get(id))
}

fn errored(item: &ItemState) -> u32 {
    item.errored
        .as_ref()
        .map_or(0, |failures| failures.failures)
}

fn counts(item: &ItemState) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    counts.extend(
        item.errored
            .as_ref()
            .map(|f| ("errored".to_owned(), f.failures)),
    );
    counts.extend(
        item.unregistered
            .as_ref()
            .map(|f| ("unregistered".to_owned(), f.failures)),
    );
    counts.extend(
        item.failed_trackers
            .iter()
            .map(|(key, f)| (format!("tracker {key}"), f.failures)),
    );
    counts
}
