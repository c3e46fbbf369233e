//! Fetches the facts that a decision lacks, in bulk and bounded, and remembers what cannot change.
//!
//! It changes nothing on server and disk, and decides nothing: what cannot be had is recorded with the reason.

mod budget;
mod held;
mod laid;
mod links;
mod looking;
mod mounts;
mod names;
mod requests;
mod shared;
mod source;
mod spots;
mod systems;
#[cfg(test)]
mod tests;
mod ways;

pub use looking::Looks;
pub use names::NameIndex;
pub use source::{BULK, FactSource, TrackersById};

use crate::config::policy::QbtPolicy;
use crate::core::facts::{Facts, Wanted};
use crate::core::hardlinks::LinkResult;
use crate::core::model::{AccountId, ItemId, Library, Torrent};
use crate::core::shared_files::Listed;
use crate::ports::Disk;
use crate::shell::watchdog::Pulse;
use budget::Budget;
use jiff::{SignedDuration, Timestamp};
use laid::LaidById;
use looking::Looker;
use mounts::Visible;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use systems::Systems;

/// What was not seen, and where contents lie, is looked at again after this time at the latest: disks come and go. It costs
/// no request.
const LOOK_AGAIN_AT_UNKNOWN: SignedDuration = SignedDuration::from_mins(5);

/// The facts of one account, while the daemon runs.
pub struct FactStore {
    account: AccountId,
    facts: Facts,
    /// What each remembered file list and finding rested on.
    places: BTreeMap<ItemId, u64>,
    /// Torrents whose privacy the server could not tell while they had no metadata.
    without_metadata: BTreeSet<ItemId>,
    looker: Looker,
    /// Where contents lie on disk, since when that is known, and whether that was before this cycle.
    laid: LaidById,
    laid_at: Timestamp,
    laid_is_old: bool,
    /// Torrents whose files were asked for since the first second look of this cycle; none before it.
    listed_again: Option<BTreeSet<ItemId>>,
    systems: Systems,
    names: Arc<Mutex<NameIndex>>,
    /// A mark of all torrents and their places, to tell other accounts when it changes.
    world: u64,
    /// State of `names` when the findings were made.
    generation: u64,
    /// Whether anything of the account is visible on disk; looked at once per cycle.
    visible: Option<Visible>,
    /// The last torrent whose trackers were asked for one by one; the next fetch goes on behind it.
    tracker_cursor: Option<ItemId>,
}

/// What one fetch works with.
struct Fetch<'a> {
    source: &'a dyn FactSource,
    library: &'a Library,
    /// What sharing is judged on.
    listed: Listed<'a>,
    policy: &'a QbtPolicy,
    now: Timestamp,
    budget: Budget,
}

impl FactStore {
    /// An empty store. All qBittorrent accounts share one `names`.
    pub fn new(account: AccountId, disk: Arc<dyn Disk>, names: Arc<Mutex<NameIndex>>) -> FactStore {
        FactStore {
            looker: Looker::new(disk, account.clone()),
            account,
            facts: Facts::default(),
            places: BTreeMap::new(),
            without_metadata: BTreeSet::new(),
            laid: LaidById::new(),
            laid_at: Timestamp::UNIX_EPOCH,
            laid_is_old: false,
            listed_again: None,
            systems: Systems::default(),
            names,
            world: 0,
            generation: 0,
            visible: None,
            tracker_cursor: None,
        }
    }

    /// A store that knows of the calls under way on its disks, and takes the end of each of its own for progress.
    #[must_use]
    pub fn knowing(self, looks: Looks, pulse: Pulse) -> FactStore {
        FactStore {
            looker: self.looker.knowing(looks, pulse),
            ..self
        }
    }

    /// What is known.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Notes when the server was asked before the request for the listing that is about to be read.
    pub fn asked_before(&mut self, at: Option<Timestamp>) {
        self.facts.server_asked_before = at;
    }

    /// Whether another account waits for names of this one's files: then [`FactStore::fetch`] is worth calling
    /// though nothing is wanted.
    pub fn is_asked(&self) -> bool {
        !self.names().questions(&self.account).is_empty()
    }

    /// Fetches what is wanted. Afterwards each wanted fact is there, as a value or with the reason why not.
    /// Sends one request at a time, and none for what is remembered.
    pub async fn fetch(
        &mut self,
        wanted: &Wanted,
        source: &dyn FactSource,
        library: &Library,
        policy: &QbtPolicy,
        now: Timestamp,
    ) {
        self.fetch_beside(wanted, source, (library, library), policy, now)
            .await;
    }

    /// The same with the latest list beside the cycle's own.
    pub async fn fetch_beside(
        &mut self,
        wanted: &Wanted,
        source: &dyn FactSource,
        (library, latest): (&Library, &Library),
        policy: &QbtPolicy,
        now: Timestamp,
    ) {
        let mut fetch = Fetch {
            source,
            library,
            listed: Listed::new(latest, library),
            policy,
            now,
            budget: Budget::new(),
        };
        self.fetch_mounts(&wanted.mounts, &mut fetch).await;
        self.fetch_private(&wanted.private, &mut fetch).await;
        self.fetch_trackers(&wanted.trackers, &mut fetch).await;
        self.fetch_shared(&wanted.shared, &mut fetch).await;
        self.fetch_links(&wanted.links, &mut fetch).await;
        self.answer_other_accounts(&mut fetch).await;
    }

    /// Begins a cycle: drops what holds for one cycle only, what is older than `recheck_every`, and what
    /// rested on torrents that have changed place or are gone.
    pub fn drop_stale(
        &mut self,
        now: Timestamp,
        recheck_every: Duration,
        library: &Library,
        policy: &QbtPolicy,
    ) {
        let torrents = &library.torrents;
        self.places
            .retain(|id, place| torrents.get(id).is_some_and(|t| place_of(t) == *place));
        let places = &self.places;
        self.facts
            .files
            .retain(|id, files| files.is_ok() && places.contains_key(id));
        self.facts
            .clean_trackers
            .retain(|id, _| torrents.contains_key(id));
        let waits = &self.without_metadata;
        self.facts.private.retain(|id, private| {
            let has_come = |t: &Torrent| waits.contains(id) && has_metadata(t);
            private.is_ok() && torrents.get(id).is_some_and(|t| !has_come(t))
        });
        let known = &self.facts.private;
        self.without_metadata.retain(|id| known.contains_key(id));
        self.drop_old(now, recheck_every);
        self.tell_folders(library, policy);
    }

    /// Begins a cycle in which no torrent came, went, or changed place or size: drops what holds for one cycle only, and
    /// what is older than `recheck_every`.
    pub fn drop_old(&mut self, now: Timestamp, recheck_every: Duration) {
        self.visible = None;
        self.facts.trackers.clear();
        self.facts.mounts.clear();
        self.facts.shared.clear();
        self.listed_again = None;
        self.drop_laid(now);
        self.systems.drop_old();
        self.facts.files.retain(|_, files| files.is_ok());
        self.facts.private.retain(|_, private| private.is_ok());
        self.drop_stale_links(now, recheck_every);
    }

    /// Drops findings that are older than `recheck_every`, or that rested on what other accounts held.
    pub fn drop_stale_links(&mut self, now: Timestamp, recheck_every: Duration) {
        let recheck_every = SignedDuration::try_from(recheck_every).unwrap_or(SignedDuration::MAX);
        let generation = self.names().generation();
        let is_same_world = generation == self.generation;
        self.generation = generation;
        let places = &self.places;
        self.facts.links.retain(|id, finding| {
            let age = now.duration_since(finding.at);
            let (keep_for, has_links) = match &finding.result {
                LinkResult::Seen(share) => (recheck_every, share.link_count > 1),
                LinkResult::Unknown(_) => (recheck_every.min(LOOK_AGAIN_AT_UNKNOWN), true),
            };
            let is_fresh = !age.is_negative() && age < keep_for;
            is_fresh && places.contains_key(id) && (is_same_world || !has_links)
        });
    }

    /// Forgets what was read of one item, so that it is read again (the second look before a deletion).
    pub fn forget(&mut self, id: &ItemId) {
        self.facts.trackers.remove(id);
        self.facts.files.remove(id);
        self.facts.links.remove(id);
        self.facts.shared.remove(id);
        // What is about to be deleted is judged by what this cycle has seen.
        if std::mem::take(&mut self.laid_is_old) {
            self.laid.clear();
        }
        self.laid.retain(|(laid, _), _| laid != id);
        self.places.remove(id);
        self.listed_again.get_or_insert_default();
        self.facts.mounts.clear();
        self.visible = None;
    }

    /// A rule that is held back asks again in each of its cycles, which may be seconds apart.
    fn drop_laid(&mut self, now: Timestamp) {
        let age = now.duration_since(self.laid_at);
        if age.is_negative() || age >= LOOK_AGAIN_AT_UNKNOWN {
            self.laid.clear();
            self.laid_at = now;
        }
        self.laid_is_old = true;
    }

    /// Forgets what an item shares: other torrents came, went or moved.
    pub fn forget_shared(&mut self, id: &ItemId) {
        self.facts.shared.remove(id);
    }

    fn names(&self) -> MutexGuard<'_, NameIndex> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A mark of everything on which the paths of a torrent's files depend, as far as the list shows it.
fn place_of(torrent: &Torrent) -> u64 {
    let paths = (
        &torrent.name,
        &torrent.save_path,
        &torrent.content_path,
        &torrent.download_path,
    );
    let sizes = (torrent.size, torrent.total_size, torrent.is_complete());
    mark_of(&(paths, sizes, torrent.added_on))
}

/// A mark that tells values apart while the process runs.
fn mark_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Whether the torrent's metadata is there, so that its size and its privacy are known.
fn has_metadata(torrent: &Torrent) -> bool {
    torrent
        .total_size
        .or(torrent.size)
        .is_some_and(|size| size > 0)
}
