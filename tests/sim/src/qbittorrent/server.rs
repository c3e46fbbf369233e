//! The server as a whole: its torrents, settings, the record of effects, and the log of changes from which
//! deltas are made. Also what tests script; see the module's documentation.

use super::Era;
use super::disk::{Disk, MemoryDisk};
use super::effect::{Effect, What};
use super::row;
use super::session::Sessions;
use super::settings::Settings;
use super::spec::TorrentSpec;
use super::step::Clockwork;
use super::torrent::{Torrent, Tracker, TrackerResult, Trouble};
use crate::NowMs;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// One entry of the change log.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Added(String),
    Removed(String),
    Keys(NowMs, String, Vec<&'static str>),
    Tracker(String),
}

/// Older entries of the change log are dropped beyond this number; sessions that lag behind get a full answer.
const MOST_CHANGES: usize = 200_000;

/// A qBittorrent server.
#[derive(Debug)]
pub struct Server {
    /// What a test may set.
    pub settings: Settings,
    /// Where the data lies.
    pub disk: Box<dyn Disk>,
    pub(super) torrents: BTreeMap<String, Torrent>,
    pub(super) categories: BTreeMap<String, String>,
    pub(super) tags: BTreeSet<String>,
    pub(super) by_tracker: BTreeMap<String, BTreeSet<String>>,
    pub(super) preferences: BTreeMap<String, serde_json::Value>,
    pub(super) changes: VecDeque<Change>,
    pub(super) dropped_changes: u64,
    /// Changed fields that are too fresh to be told: when, and the place in the log.
    pub(super) fresh: VecDeque<(NowMs, u64)>,
    pub(super) effects: Vec<Effect>,
    pub(super) sessions: Sessions,
    pub(super) clockwork: Clockwork,
    pub(super) now: NowMs,
    pub(super) has_answered: bool,
    /// The free space as last looked at, and the number of that look.
    pub(super) free_seen: Option<(i64, i64)>,
    /// Until then the torrents are loaded.
    pub(super) loads_until: Option<NowMs>,
    /// Fields that the last list left out.
    pub(super) omitted: Vec<&'static str>,
}

impl Server {
    /// An empty server with the defaults of `era` and its data in memory.
    pub fn new(era: Era) -> Self {
        Self::with(Settings::new(era), Box::new(MemoryDisk::default()))
    }

    /// An empty server.
    pub fn with(settings: Settings, disk: Box<dyn Disk>) -> Self {
        Self {
            settings,
            disk,
            torrents: BTreeMap::new(),
            categories: BTreeMap::new(),
            tags: BTreeSet::new(),
            by_tracker: BTreeMap::new(),
            preferences: BTreeMap::new(),
            changes: VecDeque::new(),
            dropped_changes: 0,
            fresh: VecDeque::new(),
            effects: Vec::new(),
            sessions: Sessions::default(),
            clockwork: Clockwork::default(),
            now: 0,
            has_answered: false,
            free_seen: None,
            loads_until: None,
            omitted: Vec::new(),
        }
    }

    /// Puts a torrent in at time `now`, with its data on the disk as described, and gives its info-hash. One of
    /// the same hash is replaced.
    pub fn add(&mut self, now: NowMs, spec: TorrentSpec) -> String {
        self.step(now);
        let is_data_there = spec.is_data_there;
        let place = i64::try_from(self.torrents.len()).unwrap_or(i64::MAX) + 1;
        let mut torrent = spec.build(self.now, &self.settings.save_path, place);
        super::announce::show_all(&mut torrent, self.settings.era, self.now);
        if is_data_there {
            for file in torrent.files.iter().filter(|file| file.have > 0) {
                self.disk.write(&torrent.path_of(file), file.have);
            }
        }
        let hash = torrent.hash.clone();
        self.insert(torrent);
        self.settle(&hash);
        hash
    }

    /// Puts many torrents in, as [`Server::add`] does.
    pub fn add_all(
        &mut self,
        now: NowMs,
        specs: impl IntoIterator<Item = TorrentSpec>,
    ) -> Vec<String> {
        specs.into_iter().map(|spec| self.add(now, spec)).collect()
    }

    /// All torrents by info-hash.
    pub fn torrents(&self) -> &BTreeMap<String, Torrent> {
        &self.torrents
    }

    /// Whether its torrents are still being loaded after a restart.
    pub fn is_loading(&self) -> bool {
        self.loads_until.is_some()
    }

    /// Fields that the last list left out although its version has them.
    pub fn omitted(&self) -> &[&'static str] {
        &self.omitted
    }

    /// Takes what the next list is to leave out.
    pub(super) fn take_omits(&mut self) {
        let (fields, times) = &mut self.settings.omits;
        self.omitted = match times.checked_sub(1) {
            Some(left) => {
                *times = left;
                fields.clone()
            }
            None => Vec::new(),
        };
    }

    /// One torrent.
    pub fn torrent(&self, hash: &str) -> Option<&Torrent> {
        self.torrents.get(hash)
    }

    /// The state word that the API shows for a torrent.
    pub fn state(&self, hash: &str) -> Option<String> {
        let torrent = self.torrents.get(hash)?;
        Some(super::state::word(torrent, self.settings.era, self.now))
    }

    /// The progress that the API shows for a torrent.
    pub fn progress(&self, hash: &str) -> Option<f64> {
        let torrent = self.torrents.get(hash)?;
        Some(super::state::progress(torrent, self.now))
    }

    /// Changes any fields of a torrent; deltas show what changed. False if there is no such torrent.
    pub fn edit(&mut self, hash: &str, edit: impl FnOnce(&mut Torrent)) -> bool {
        let era = self.settings.era;
        let Some(torrent) = self.torrents.get_mut(hash) else {
            return false;
        };
        let before = row::sync(torrent, era, self.now);
        let (was_running, was_complete) = (torrent.is_running(), torrent.is_complete());
        edit(torrent);
        if (was_running, was_complete) != (torrent.is_running(), torrent.is_complete()) {
            torrent.count_time(self.now, was_running, was_complete);
        }
        let after = row::sync(torrent, era, self.now);
        let changed = before
            .iter()
            .zip(&after)
            .filter(|(before, after)| before.1 != after.1);
        let keys: Vec<_> = changed.map(|(_, (key, _))| *key).collect();
        if !keys.is_empty() {
            self.log(Change::Keys(self.now, hash.to_owned(), keys));
        }
        self.settle(hash);
        true
    }

    /// What a tracker answers from its next announce on; with `at_once` it is on display already.
    pub fn set_tracker(&mut self, hash: &str, url: &str, result: TrackerResult, at_once: bool) {
        self.edit(hash, |torrent| {
            let found = torrent
                .trackers
                .iter_mut()
                .filter(|tracker| tracker.url == url);
            found.for_each(|tracker| tracker.result = result.clone());
        });
        if at_once {
            self.settle_trackers(hash);
        }
    }

    /// Removes a torrent's data from the disk. By itself that changes nothing on display.
    pub fn lose_data(&mut self, hash: &str) {
        for (path, _, save_path) in self.files_of(hash) {
            self.disk.remove(&path, &save_path);
        }
    }

    /// Removes one file of a torrent from the disk.
    pub fn lose_file(&mut self, hash: &str, name: &str) {
        for (path, _, save_path) in self.files_of(hash) {
            if path.ends_with(&format!("/{name}")) {
                self.disk.remove(&path, &save_path);
            }
        }
    }

    /// Puts all data of a torrent onto the disk.
    pub fn return_data(&mut self, hash: &str) {
        for (path, size, _) in self.files_of(hash) {
            self.disk.write(&path, size);
        }
    }

    /// Brings a torrent into `missingFiles` or `error`.
    pub fn trouble(&mut self, hash: &str, trouble: Trouble) {
        self.edit(hash, |torrent| torrent.trouble = Some(trouble));
    }

    /// Peers with the data come or go, for all torrents.
    pub fn set_peers(&mut self, now: NowMs, are_there: bool) {
        self.step(now);
        let hashes: Vec<_> = self.torrents.keys().cloned().collect();
        for hash in hashes {
            self.edit(&hash, |torrent| torrent.has_peers = are_there);
        }
    }

    /// Removes a torrent as another client would, files kept; not among the effects.
    pub fn vanish(&mut self, now: NowMs, hash: &str) {
        self.step(now);
        self.take(hash);
    }

    /// Everything that happened so far, in order.
    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }

    /// Effects on one torrent.
    pub fn effects_on(&self, hash: &str) -> Vec<&What> {
        let found = self.effects.iter().filter(|effect| effect.hash == hash);
        found.map(|effect| &effect.what).collect()
    }

    /// Forgets all effects so far.
    pub fn clear_effects(&mut self) {
        self.effects.clear();
    }

    /// All sessions end.
    pub fn expire_sessions(&mut self) {
        self.sessions.clear();
    }

    /// The categories and their save paths.
    pub fn categories(&self) -> &BTreeMap<String, String> {
        &self.categories
    }

    pub(super) fn effect(&mut self, hash: &str, what: What) {
        let (at, hash) = (self.now, hash.to_owned());
        self.effects.push(Effect { at, hash, what });
    }

    /// Logs a change that comes by the passing of time alone.
    pub(super) fn log_keys(&mut self, hash: &str, keys: &[&'static str]) {
        self.log(Change::Keys(self.now, hash.to_owned(), keys.to_vec()));
    }

    pub(super) fn log(&mut self, change: Change) {
        if let Change::Keys(at, ..) = change {
            let place = self.dropped_changes + self.changes.len() as u64;
            self.fresh.push_back((at, place));
        }
        self.changes.push_back(change);
        if self.changes.len() > MOST_CHANGES {
            self.changes.pop_front();
            self.dropped_changes += 1;
        }
        if self.fresh.len() > MOST_CHANGES {
            self.fresh.pop_front();
        }
    }

    /// Path, size and save path of all files of a torrent, wherever its data lies.
    pub(super) fn files_of(&self, hash: &str) -> Vec<(String, u64, String)> {
        let Some(torrent) = self.torrents.get(hash) else {
            return Vec::new();
        };
        let files = torrent.files.iter();
        files
            .map(|file| {
                (
                    torrent.path_of(file),
                    file.size,
                    torrent.data_folder().to_owned(),
                )
            })
            .collect()
    }

    pub(super) fn insert(&mut self, torrent: Torrent) {
        let hash = torrent.hash.clone();
        self.take(&hash);
        if !torrent.category.is_empty() {
            self.categories.entry(torrent.category.clone()).or_default();
        }
        self.tags.extend(torrent.tags.iter().cloned());
        let urls: Vec<_> = torrent
            .trackers
            .iter()
            .map(|tracker| tracker.url.clone())
            .collect();
        self.torrents.insert(hash.clone(), torrent);
        self.log(Change::Added(hash.clone()));
        urls.into_iter().for_each(|url| self.index(&hash, url));
    }

    pub(super) fn take(&mut self, hash: &str) -> Option<Torrent> {
        let torrent = self.torrents.remove(hash)?;
        self.log(Change::Removed(hash.to_owned()));
        for Tracker { url, .. } in &torrent.trackers {
            self.unindex(hash, url);
        }
        self.clockwork.forget(hash);
        self.next_check();
        Some(torrent)
    }

    pub(super) fn index(&mut self, hash: &str, url: String) {
        self.by_tracker
            .entry(url.clone())
            .or_default()
            .insert(hash.to_owned());
        self.log(Change::Tracker(url));
    }

    pub(super) fn unindex(&mut self, hash: &str, url: &str) {
        if let Some(hashes) = self.by_tracker.get_mut(url) {
            hashes.remove(hash);
            if hashes.is_empty() {
                self.by_tracker.remove(url);
            }
            self.log(Change::Tracker(url.to_owned()));
        }
    }
}
