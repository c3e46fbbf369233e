//! What requests to qBittorrent servers showed and did, held against invariants 1, 3, 9 and 13.

use super::{Blocks, Oracle};
use crate::torrents::{Shown, place_of};
use jiff::SignedDuration;
use seedwarden::core::state::AccountState;
use seedwarden::ports::Clock;
use seedwarden_sim::qbittorrent::{Torrent, Tracker, TrackerStatus};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What people do to files and what a second look finds can cross within the time of its requests.
pub(super) const LOOKING: SignedDuration = SignedDuration::from_mins(5);

impl Oracle {
    /// A listing was asked for: what the client got of it.
    pub fn torrents_listed(&mut self, account: &str, listing: Option<BTreeMap<String, Shown>>) {
        let eye = self.accounts.entry(account.to_owned()).or_default();
        // Between a second look and its deletion the list may be brought up to date.
        eye.torrents_before.append(&mut eye.torrents_again);
        eye.unanswered = 0;
        eye.is_list_fresh = listing.is_some();
        // Listings of some versions lag behind: what was so at the last one, too, was certainly shown.
        eye.torrents_older = eye.torrents.take();
        let is_good = listing.is_some();
        if let Some(listing) = &listing {
            self.seeding_seen(account, listing);
        }
        let eye = self.accounts.entry(account.to_owned()).or_default();
        eye.torrents = listing;
        self.requests += 1;
        self.listed(account, is_good);
    }

    /// One torrent was asked for and the answer was understood.
    pub fn torrent_read(&mut self, account: &str, hash: &str, shown: Option<Shown>) {
        self.requests += 1;
        let request = self.requests;
        let eye = self.accounts.entry(account.to_owned()).or_default();
        eye.torrents_again.insert(hash.to_owned(), (request, shown));
    }

    /// Where the files of these torrents are, and of those that were listed last.
    pub fn held<'t>(
        &self,
        account: &str,
        torrents: impl Iterator<Item = &'t Torrent>,
    ) -> BTreeSet<PathBuf> {
        let listing = self
            .accounts
            .get(account)
            .and_then(|eye| eye.torrents.as_ref());
        let listed = listing
            .into_iter()
            .flatten()
            .map(|(_, shown)| &shown.torrent);
        let places = |torrent: &Torrent| -> Vec<PathBuf> {
            let files = torrent.files.iter();
            files.map(|file| place_of(torrent, file)).collect()
        };
        let mut held = BTreeSet::new();
        for torrent in listed {
            held.extend(places(torrent));
        }
        for torrent in torrents {
            held.extend(places(torrent));
        }
        if let Some(all) = &self.held_by_all {
            held.extend(all.iter().cloned());
        }
        held
    }

    /// The torrents of all servers lie in one folder, so that names that any of them holds count together.
    pub fn shares_folder(&mut self) {
        self.held_by_all = Some(BTreeSet::new());
    }

    /// All of these.
    pub fn held_by_all(&self) -> Option<&BTreeSet<PathBuf>> {
        self.held_by_all.as_ref()
    }

    /// What a server holds. What it held some time ago may be all that the others know.
    pub fn holds_too<'t>(&mut self, torrents: impl Iterator<Item = &'t Torrent>) {
        if let Some(all) = &mut self.held_by_all {
            let files = torrents.flat_map(|torrent| {
                let files = torrent.files.iter();
                files.map(|file| place_of(torrent, file))
            });
            all.extend(files);
        }
    }

    /// The library's links or the mount changed.
    pub fn links_changed(&mut self) {
        self.links_changed_at = Some(self.time.now());
    }

    /// A torrent was added.
    pub fn torrent_added(&mut self, account: &str, hash: &str, name: &str) {
        if self.is_restoring {
            let is_of = (account.to_owned(), name.to_owned());
            self.came_back.insert(hash.to_owned(), is_of);
        }
    }

    /// Whether the last listing of an account showed a torrent.
    pub fn is_listed(&self, account: &str, hash: &str) -> bool {
        let eye = self.accounts.get(account);
        eye.and_then(|eye| eye.torrents.as_ref())
            .is_some_and(|listing| listing.contains_key(hash))
    }

    /// The trackers of one torrent were asked for and the answer was understood.
    pub fn trackers_read(&mut self, account: &str, hash: &str, trackers: Vec<Tracker>) {
        let eye = self.accounts.entry(account.to_owned()).or_default();
        eye.trackers.insert(hash.to_owned(), trackers);
    }

    /// A tracker was removed: one that was shown as failing right before, while another one worked or might.
    pub fn tracker_removed(&mut self, account: &str, hash: &str, value: &str) {
        let eye = self.accounts.get(account);
        let shown = eye.and_then(|eye| eye.trackers.get(hash));
        let fails = |tracker: &Tracker| {
            matches!(
                tracker.status,
                TrackerStatus::NotWorking | TrackerStatus::Refused
            )
        };
        let (gone, left): (Vec<&Tracker>, Vec<&Tracker>) = shown
            .into_iter()
            .flatten()
            .partition(|tracker| value.contains(&tracker.url));
        let failed = !gone.is_empty() && gone.iter().all(|tracker| fails(tracker));
        // One that is being asked again might work.
        let is_spared = left
            .iter()
            .any(|tracker| !fails(tracker) || tracker.is_asked());
        if !failed {
            self.breach(
                1,
                format!("{account}: {hash} loses a tracker that did not fail: {value}"),
            );
        }
        if !is_spared {
            self.breach(
                1,
                format!("{account}: {hash} is left without a tracker that might work: {value}"),
            );
        }
    }

    /// A torrent downloads what it had.
    pub fn downloads_again(&mut self, account: &str, hash: &str, lost: u64) {
        if !self.started.contains(hash) {
            self.breach(
                13,
                format!("{account}: {hash} is made to download {lost} bytes again"),
            );
        }
    }

    /// A deletion took effect.
    pub fn torrent_deleted(&mut self, account: &str, before: &Torrent, with_files: bool) {
        let name = before.name.clone();
        self.deleted(account, &name, &name);
        self.judge_until(account, &before.hash, &name);
        self.list_is_old(account);
        let Some(eye) = self.accounts.get(account) else {
            return;
        };
        let (listed, again) = (
            eye.torrents.is_some(),
            eye.torrents_again
                .get(&before.hash)
                .or_else(|| eye.torrents_before.get(&before.hash))
                .cloned(),
        );
        let after_gap = eye.after_gap;
        let claim = eye.claims.get(&before.hash).cloned();
        let listed_one = eye
            .torrents
            .as_ref()
            .and_then(|listing| listing.get(&before.hash))
            .cloned();
        let Some((seen, Some(again))) = again.filter(|_| listed) else {
            return self.breach(
                1,
                format!("{account}: {name} is deleted without a listing and a second look"),
            );
        };
        let Some(terms) = self.terms.get(account).cloned() else {
            return;
        };
        let torrent = &again.torrent;
        if torrent.category == "keep" || torrent.tags.contains("forever") {
            self.breach(9, format!("{account}: {name} is protected and deleted"));
        }
        let is_of_one = torrent
            .trackers
            .iter()
            .any(|t| t.url.contains("one.tracker"));
        if terms.blocks.protects_tracker && is_of_one {
            self.breach(
                9,
                format!("{account}: {name} has a protected tracker and is deleted"),
            );
        }
        let was_sent =
            again.has_trackers_count || listed_one.is_some_and(|listed| listed.has_trackers_count);
        if terms.blocks.protects_unsent && !was_sent {
            self.breach(
                9,
                format!("{account}: {name} is deleted, and nobody knew whether it is protected"),
            );
        }
        if torrent.tags.contains("untouched") {
            self.breach(9, format!("{account}: {name} is not selected and deleted"));
        }
        let state = self.resting_on(account, seen);
        let causes = self.causes(
            self.account_state(state, account),
            &terms.blocks,
            &again,
            was_sent,
            after_gap,
        );
        let only = |ailment: &str| causes.iter().all(|(cause, _)| *cause == ailment);
        if !causes.is_empty() && only("errored") && self.is_disk_away(account, &again) {
            self.breach(
                1,
                format!("{account}: {name} is deleted while its disk is away"),
            );
        }
        let ailment = ["errored", "unregistered"]
            .into_iter()
            .find(|ailment| claim.as_deref() == Some(ailment));
        if let Some(ailment) = ailment
            && self.fails_together(account, ailment, torrent)
        {
            self.breach(
                1,
                format!("{account}: {name} is deleted as {ailment} although many are so together"),
            );
        }
        if causes.is_empty() {
            let state = &again.state;
            self.breach(
                1,
                format!(
                    "{account}: {name} ({state}) is deleted without any reason ({claim:?}); files: {with_files}"
                ),
            );
        } else if with_files && !causes.iter().any(|(_, files)| *files) {
            self.breach(
                1,
                format!(
                    "{account}: the files of {name} are deleted, {causes:?} does not ask for that"
                ),
            );
        }
    }

    /// The causes that hold for a torrent as the second look saw it, and whether each takes the files.
    fn causes(
        &self,
        state: Option<&AccountState>,
        blocks: &Blocks,
        shown: &Shown,
        was_sent: bool,
        after_gap: bool,
    ) -> Vec<(&'static str, bool)> {
        let torrent = &shown.torrent;
        let item = state.and_then(|state| state.items.get(torrent.hash.as_str()));
        let in_outage = |ailment: &str| {
            let lasting = state
                .map(|state| state.outages.as_slice())
                .unwrap_or_default();
            lasting.iter().any(|outage| {
                outage.ailment == ailment && outage.items.contains(torrent.hash.as_str())
            })
        };
        let mut causes = Vec::new();
        if let Some((most, files)) = blocks.errored
            && item
                .and_then(|item| item.errored.as_ref())
                .is_some_and(|f| f.failures >= most)
            && may_be_errored(shown)
            && !in_outage("errored")
            && !after_gap
        {
            causes.push(("errored", files));
        }
        let refuses = torrent.trackers.iter().any(|t| {
            matches!(
                t.result,
                seedwarden_sim::qbittorrent::TrackerResult::Failure(_)
            )
        });
        if let Some((most, files)) = blocks.unregistered
            && item
                .and_then(|item| item.unregistered.as_ref())
                .is_some_and(|f| f.failures >= most)
            && torrent.is_private
            && (refuses || torrent.trackers.is_empty())
            && !in_outage("unregistered")
            && !after_gap
        {
            causes.push(("unregistered", files));
        }
        let is_free = self.is_free(shown);
        let seeded = torrent.seeding_ms / 1000 + 300;
        if let Some((least, files)) = blocks.hardlinks
            && is_free
            && torrent.is_complete()
            && seeded >= least
        {
            causes.push(("hardlinks", files));
        }
        // Without the block nobody looks at links.
        let may_go = is_free || blocks.hardlinks.is_none();
        let rules = [
            (blocks.rules, 2.9, "rule", true),
            (blocks.room, 0.95, "rule room", true),
            (blocks.few, 0.95, "rule few", false),
            (blocks.unsent && was_sent, 2.4, "rule few trackers", false),
        ];
        for (is_on, ratio, rule, files) in rules {
            let is_shared = torrent.uploaded as f64 > ratio * torrent.downloaded.max(1) as f64;
            if is_on && may_go && is_shared {
                causes.push((rule, files));
            }
        }
        causes
    }

    /// Its files were seen, and nothing outside links to them; or it is unfinished. Right after the library changed nobody
    /// can say what the second look saw.
    fn is_free(&self, shown: &Shown) -> bool {
        let crossing = self
            .links_changed_at
            .is_some_and(|at| self.time.now().duration_since(at) < LOOKING);
        crossing || !shown.torrent.is_complete() || shown.is_linked == Some(false)
    }
}

/// In error, without its files, in a check that may be stuck, or stopped by a treatment.
pub(super) fn may_be_errored(shown: &Shown) -> bool {
    let state = shown.state.as_str();
    let is_stopped = state.starts_with("paused") || state.starts_with("stopped");
    ["error", "missingFiles"].contains(&state)
        || state.starts_with("checking")
        || (is_stopped && !shown.torrent.is_complete())
}
