//! Describes a torrent that a test puts into the server, without the detour of an `add` request.

use super::torrent::{File, ShareLimits, Torrent, Tracker, TrackerResult, Trouble};
use crate::NowMs;
use std::collections::BTreeSet;

/// A torrent to be: complete, seeding, healthy and a day old unless told otherwise.
///
/// ```
/// # use seedwarden_sim::qbittorrent::*;
/// let spec = TorrentSpec::new("Some.Show.S01").category("tv").tag("keep").file("a.mkv", 5 << 30).file("a.nfo", 900)
///     .tracker("http://tracker.example/announce", TrackerResult::failure("unregistered torrent"))
///     .private().seeding_for(86_400);
/// ```
#[derive(Debug, Clone)]
pub struct TorrentSpec {
    pub(super) torrent: Torrent,
    pub(super) age_seconds: i64,
    pub(super) completed_ago: Option<i64>,
    pub(super) progress: f64,
    pub(super) seeding_seconds: Option<i64>,
    pub(super) ratio: Option<f64>,
    pub(super) is_data_there: bool,
}

/// Setters that only store a value.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident($value:ident: $type:ty) => $field:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(mut self, $value: $type) -> Self {
            self.torrent.$field = $value.into();
            self
        }
    )*};
}

impl TorrentSpec {
    /// A torrent of this name. Its info-hash follows from name, files and privacy; without [`Self::file`] and
    /// [`Self::size`] it is one file of 1 GiB.
    pub fn new(name: &str) -> Self {
        Self {
            torrent: blank(name),
            age_seconds: 86_400,
            completed_ago: None,
            progress: 1.0,
            seeding_seconds: None,
            ratio: None,
            is_data_there: true,
        }
    }

    setters! {
        /// Category; it is created where missing.
        category(category: &str) => category;
        /// Comment in the .torrent file.
        comment(comment: &str) => comment;
        /// Final folder (default: the server's).
        save_path(path: &str) => save_path;
        /// Folder while incomplete.
        download_path(path: &str) => download_path;
        /// Bytes uploaded.
        uploaded(bytes: u64) => uploaded;
        /// Bytes downloaded (default: the size of what is there).
        downloaded(bytes: u64) => downloaded;
        /// Bytes per second going out while it runs.
        upspeed(bytes_per_s: u64) => upspeed;
        /// Bytes per second coming in while it is incomplete and peers are there.
        download_speed(bytes_per_s: u64) => download_speed;
        /// Peers that have the data are there.
        peers(are_there: bool) => has_peers;
        /// Connected seeds.
        num_seeds(seeds: i64) => num_seeds;
        /// Connected leechers.
        num_leechs(leechers: i64) => num_leechs;
        /// Seeds by the tracker's count.
        num_complete(seeds: i64) => num_complete;
        /// Leechers by the tracker's count.
        num_incomplete(leechers: i64) => num_incomplete;
        /// Automatic torrent management.
        auto_tmm(is_on: bool) => auto_tmm;
    }

    /// One more tag.
    pub fn tag(mut self, tag: &str) -> Self {
        self.torrent.tags.insert(tag.to_owned());
        self
    }

    /// One bare file of this size, named as the torrent.
    pub fn size(mut self, bytes: u64) -> Self {
        self.torrent.files = vec![File::new(&self.torrent.name, bytes)];
        self
    }

    /// One more file inside the torrent's root folder.
    pub fn file(self, path: &str, bytes: u64) -> Self {
        let path = format!("{}/{path}", self.torrent.name);
        self.bare_file(&path, bytes)
    }

    /// One more file with its path below the save path, in whatever folder.
    pub fn bare_file(mut self, path: &str, bytes: u64) -> Self {
        self.torrent.files.push(File::new(path, bytes));
        self
    }

    /// The last file is not wanted, and is not there.
    pub fn unwanted(mut self) -> Self {
        if let Some(file) = self.torrent.files.last_mut() {
            file.priority = 0;
        }
        self
    }

    /// Share of the data that is there, 0 to 1; the files fill up in order.
    pub fn progress(mut self, progress: f64) -> Self {
        self.progress = progress;
        self
    }

    /// A private torrent.
    pub fn private(mut self) -> Self {
        self.torrent.is_private = true;
        self
    }

    /// One more tracker, in a tier of its own, already asked.
    pub fn tracker(mut self, url: &str, result: TrackerResult) -> Self {
        let tier = self.torrent.trackers.last().map_or(0, |last| last.tier + 1);
        self.torrent.trackers.push(Tracker::new(url, tier, result));
        self
    }

    /// An info-hash of one's own choice (40 hexadecimal digits).
    pub fn hash(mut self, hash: &str) -> Self {
        self.torrent.given_hash = Some(hash.to_ascii_lowercase());
        self
    }

    /// A magnet link without metadata yet.
    pub fn magnet(mut self) -> Self {
        self.torrent.has_metadata = false;
        self.progress(0.0)
    }

    /// Paused, or stopped.
    pub fn stopped(mut self) -> Self {
        self.torrent.is_stopped = true;
        self
    }

    /// Waits in the queue.
    pub fn queued(mut self) -> Self {
        self.torrent.is_queued = true;
        self
    }

    /// Forced to run.
    pub fn forced(mut self) -> Self {
        self.torrent.is_forced = true;
        self
    }

    /// In `missingFiles` or `error`. Whether its data is there: see [`Self::data`].
    pub fn trouble(mut self, trouble: Trouble) -> Self {
        self.torrent.trouble = Some(trouble);
        self.is_data_there = trouble != Trouble::MissingFiles;
        self
    }

    /// Whether its data is really on the disk (default: yes, but not with `missingFiles`).
    pub fn data(mut self, is_there: bool) -> Self {
        self.is_data_there = is_there;
        self
    }

    /// Shows this state word, whatever it would be.
    pub fn shows(mut self, state: &str) -> Self {
        self.torrent.shown_state = Some(state.to_owned());
        self
    }

    /// Added so many seconds ago (default: a day).
    pub fn added_ago(mut self, seconds: i64) -> Self {
        self.age_seconds = seconds;
        self
    }

    /// Completed so many seconds ago (default: when added; never if incomplete).
    pub fn completed_ago(mut self, seconds: i64) -> Self {
        self.completed_ago = Some(seconds);
        self
    }

    /// Seconds of seeding so far (default: since completion).
    pub fn seeding_for(mut self, seconds: i64) -> Self {
        self.seeding_seconds = Some(seconds);
        self
    }

    /// Ratio of uploaded to downloaded bytes.
    pub fn ratio(mut self, ratio: f64) -> Self {
        self.ratio = Some(ratio);
        self
    }

    /// Share limits.
    pub fn limits(mut self, limits: ShareLimits) -> Self {
        self.torrent.limits = limits;
        self
    }

    /// The info-hash that the torrent will have.
    pub fn info_hash(&self) -> String {
        self.clone().build(0, "", 0).hash
    }

    /// The torrent at time `now`.
    pub(super) fn build(self, now: NowMs, save_path: &str, queue_place: i64) -> Torrent {
        let mut torrent = self.torrent;
        if torrent.files.is_empty() {
            torrent.files = vec![File::new(&torrent.name, 1 << 30)];
        }
        if torrent.save_path.is_empty() {
            torrent.save_path = save_path.to_owned();
        }
        torrent.save_path = torrent.save_path.trim_end_matches('/').to_owned();
        torrent.hash = torrent.metainfo().hash();
        if !torrent.has_metadata {
            torrent.given_hash = Some(torrent.hash.clone());
            torrent.files.clear();
        }
        let mut there = share_of(torrent.wanted(), self.progress);
        for file in torrent.files.iter_mut().filter(|file| file.priority > 0) {
            file.have = file.size.min(there);
            there -= file.have;
        }
        torrent.was_finished = torrent.is_complete();
        torrent.queue_place = queue_place;
        torrent.refreshed_at = now;
        torrent.added_on = now / 1000 - self.age_seconds;
        let completed_ago = self
            .completed_ago
            .or(torrent.was_finished.then_some(self.age_seconds));
        torrent.completion_on = completed_ago.map(|ago| now / 1000 - ago);
        torrent.last_activity = torrent.completion_on.unwrap_or(torrent.added_on);
        torrent.seeding_ms = self.seeding_seconds.or(completed_ago).unwrap_or(0) * 1000;
        torrent.active_ms = self.age_seconds.max(torrent.seeding_ms / 1000) * 1000;
        if torrent.downloaded == 0 {
            torrent.downloaded = torrent.have();
        }
        if let Some(ratio) = self.ratio {
            torrent.uploaded = share_of(torrent.downloaded, ratio);
        }
        torrent
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss
)]
fn share_of(bytes: u64, share: f64) -> u64 {
    if share == 1.0 {
        bytes
    } else {
        (bytes as f64 * share).round() as u64
    }
}

/// A running torrent without any data, files, or history.
pub(super) fn blank(name: &str) -> Torrent {
    Torrent {
        hash: String::new(),
        name: name.to_owned(),
        original_name: name.to_owned(),
        category: String::new(),
        tags: BTreeSet::new(),
        comment: String::new(),
        files: Vec::new(),
        is_private: false,
        has_metadata: true,
        save_path: String::new(),
        download_path: String::new(),
        auto_tmm: false,
        trackers: Vec::new(),
        is_stopped: false,
        is_forced: false,
        is_queued: false,
        was_finished: false,
        trouble: None,
        is_unreadable: false,
        is_unchecked: false,
        check: None,
        shown_state: None,
        added_on: 0,
        completion_on: None,
        last_activity: 0,
        seen_complete: None,
        seeding_ms: 0,
        active_ms: 0,
        refreshed_at: 0,
        uploaded: 0,
        downloaded: 0,
        upspeed: 0,
        download_speed: 10_000_000,
        has_peers: false,
        dl_limit: 0,
        up_limit: 0,
        limits: ShareLimits {
            ratio: -2.0,
            seeding_time: -2,
            inactive_seeding_time: -2,
        },
        num_seeds: 0,
        num_leechs: 0,
        num_complete: 0,
        num_incomplete: 0,
        queue_place: 0,
        lost: 0,
        lost_at_restart: false,
        has_told_unfinished: false,
        has_told_download: false,
        given_hash: None,
    }
}
