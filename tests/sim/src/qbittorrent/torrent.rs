//! One torrent as the server holds it. Tests read it, and change it through `Server::edit`.

use super::metainfo::Metainfo;
use crate::NowMs;
use std::collections::BTreeSet;

/// One file of a torrent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path below the save path, with `/`.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// 0 is not wanted, 1 normal, 6 high, 7 highest.
    pub priority: u8,
    /// Bytes that the server believes to have.
    pub have: u64,
}

impl File {
    /// A wanted file of which nothing is there.
    pub fn new(name: &str, size: u64) -> Self {
        let name = name.to_owned();
        Self {
            name,
            size,
            priority: 1,
            have: 0,
        }
    }
}

/// What a tracker does when it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrackerResult {
    /// All is well.
    Working,
    /// Works, with a warning message.
    Warning(String),
    /// Answers with a failure reason, such as `unregistered torrent`.
    Failure(String),
    /// Answers with an HTTP status other than 200; its reason phrase.
    Http(String),
    /// Answers with a page of HTML or nothing.
    BadAnswer,
    /// Can't be reached; the system's words, such as `Connection refused`.
    Transport(String),
    /// Never answers.
    Silent,
}

impl TrackerResult {
    /// A failure reason.
    pub fn failure(text: &str) -> Self {
        Self::Failure(text.to_owned())
    }

    /// `Connection refused`.
    pub fn refused() -> Self {
        Self::Transport("Connection refused".to_owned())
    }

    pub(super) fn is_good(&self) -> bool {
        match self {
            Self::Working | Self::Warning(_) => true,
            Self::Failure(_)
            | Self::Http(_)
            | Self::BadAnswer
            | Self::Transport(_)
            | Self::Silent => false,
        }
    }
}

/// What a tracker's row shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrackerStatus {
    /// 1.
    NotContacted,
    /// 2.
    Working,
    /// 3 until 5.1; later versions show the last result and `updating`.
    Updating,
    /// 4: not reached, or no answer that could be read.
    NotWorking,
    /// 5 from 5.2 on, 4 before: the tracker answered with a failure reason.
    Refused,
}

/// One tracker of a torrent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracker {
    /// Announce URL.
    pub url: String,
    /// Tiers are tried in order.
    pub tier: i64,
    /// What it answers at the next announce. To change it, see `Server::set_tracker`.
    pub result: TrackerResult,
    /// What is on display.
    pub status: TrackerStatus,
    /// The text on display.
    pub msg: String,
    /// It has worked since the server's start.
    pub(super) has_worked: bool,
    /// When the announce that is under way ends.
    pub(super) ends_at: Option<NowMs>,
    /// When it is asked next.
    pub(super) next_at: Option<NowMs>,
    /// Failures in a row at transport level, which make the retries rarer.
    pub(super) failures: usize,
}

impl Tracker {
    /// A tracker that was not asked yet.
    pub fn new(url: &str, tier: i64, result: TrackerResult) -> Self {
        Self {
            url: url.to_owned(),
            tier,
            result,
            status: TrackerStatus::NotContacted,
            msg: String::new(),
            has_worked: false,
            ends_at: None,
            next_at: None,
            failures: 0,
        }
    }

    /// Whether an announce to it is under way.
    pub fn is_asked(&self) -> bool {
        self.ends_at.is_some()
    }
}

/// Why a torrent is in `missingFiles` or `error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// State `missingFiles`: found at a start of the server, or added unchecked without its data.
    MissingFiles,
    /// State `error`: a peer asked for a block that is not there.
    PeerRead,
    /// State `error`: reading failed during a check; it fails again while `Torrent::is_unreadable`.
    DuringCheck,
    /// State `error`: writing failed.
    DiskFull,
}

/// A recheck that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// Until then the API still shows what was before.
    pub begins_at: NowMs,
    /// Start and end, once its turn has come.
    pub running: Option<(NowMs, NowMs)>,
    /// It stays in `checkingUP` with progress 0 until the torrent is started.
    pub is_hung: bool,
    /// What was wrong when it was asked for.
    pub from: Option<Trouble>,
}

/// Share limits as in the Web API: -2 is the global limit, -1 none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShareLimits {
    /// Uploaded to downloaded.
    pub ratio: f64,
    /// Minutes.
    pub seeding_time: i64,
    /// Minutes; from 4.6 on.
    pub inactive_seeding_time: i64,
}

/// One torrent.
#[derive(Debug, Clone, PartialEq)]
pub struct Torrent {
    /// Info-hash, 40 hexadecimal digits in lower case.
    pub hash: String,
    /// Name on display.
    pub name: String,
    /// Name inside the .torrent file.
    pub original_name: String,
    /// Category, or "".
    pub category: String,
    /// Tags.
    pub tags: BTreeSet<String>,
    /// Comment.
    pub comment: String,
    /// Files; empty without metadata.
    pub files: Vec<File>,
    /// Only its trackers may be used.
    pub is_private: bool,
    /// False for a magnet link whose metadata has not come yet.
    pub has_metadata: bool,
    /// Final folder, without a slash at the end.
    pub save_path: String,
    /// Folder while incomplete, or "".
    pub download_path: String,
    /// Automatic torrent management.
    pub auto_tmm: bool,
    /// Its trackers, pseudo rows not included.
    pub trackers: Vec<Tracker>,
    /// Paused, or stopped.
    pub is_stopped: bool,
    /// Runs whatever the queue says.
    pub is_forced: bool,
    /// Waits for its turn in the queue.
    pub is_queued: bool,
    /// Was complete at the last check or download: makes `checkingUP` of `checkingDL`.
    pub was_finished: bool,
    /// What is wrong with it.
    pub trouble: Option<Trouble>,
    /// Every check fails while this is set.
    pub is_unreadable: bool,
    /// Added while stopped: its data is looked at only when it is started or rechecked.
    pub is_unchecked: bool,
    /// A recheck under way.
    pub check: Option<Check>,
    /// State word on display in place of the computed one.
    pub shown_state: Option<String>,
    /// Seconds since the epoch.
    pub added_on: i64,
    /// Seconds since the epoch, if it ever was complete.
    pub completion_on: Option<i64>,
    /// Seconds since the epoch.
    pub last_activity: i64,
    /// Seconds since the epoch, if it was ever seen complete.
    pub seen_complete: Option<i64>,
    /// Milliseconds of seeding and of running, as last reported (see `refreshed_at`).
    pub seeding_ms: i64,
    /// Milliseconds of running.
    pub active_ms: i64,
    /// When the two were last brought up to date: real servers do so only at traffic and announces.
    pub refreshed_at: NowMs,
    /// Bytes.
    pub uploaded: u64,
    /// Bytes; 0 for a torrent added complete.
    pub downloaded: u64,
    /// Bytes per second while it runs.
    pub upspeed: u64,
    /// Bytes per second at which it downloads when peers are there.
    pub download_speed: u64,
    /// Peers with the data are there, so an incomplete torrent downloads when it runs.
    pub has_peers: bool,
    /// Bytes per second, 0 unlimited.
    pub dl_limit: u64,
    /// Bytes per second, 0 unlimited.
    pub up_limit: u64,
    /// Share limits.
    pub limits: ShareLimits,
    /// Connected seeds and leechers.
    pub num_seeds: i64,
    /// Connected leechers.
    pub num_leechs: i64,
    /// Seeds by the tracker's count.
    pub num_complete: i64,
    /// Leechers by the tracker's count.
    pub num_incomplete: i64,
    /// Place in the queue, shown while it is unfinished.
    pub queue_place: i64,
    /// Bytes that it had, has no longer, and would download again.
    pub lost: u64,
    /// It lost them over a restart of the server, and not by a request.
    pub lost_at_restart: bool,
    pub(super) has_told_unfinished: bool,
    pub(super) has_told_download: bool,
    pub(super) given_hash: Option<String>,
}

impl Torrent {
    /// Bytes of all files.
    pub fn total_size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// Bytes of the wanted files.
    pub fn wanted(&self) -> u64 {
        self.files
            .iter()
            .filter(|file| file.priority > 0)
            .map(|file| file.size)
            .sum()
    }

    /// Bytes of the wanted files that the server believes to have.
    pub fn have(&self) -> u64 {
        self.files
            .iter()
            .filter(|file| file.priority > 0)
            .map(|file| file.have)
            .sum()
    }

    /// Everything wanted is there, as far as the server knows.
    pub fn is_complete(&self) -> bool {
        self.has_metadata && self.have() == self.wanted()
    }

    /// Neither stopped, nor queued, nor in trouble, nor being checked.
    pub fn is_running(&self) -> bool {
        !self.is_stopped && !self.is_queued && self.trouble.is_none() && self.check.is_none()
    }

    /// Whether bytes come in at this moment.
    pub fn is_downloading(&self) -> bool {
        self.is_running() && self.has_metadata && !self.is_complete() && self.has_peers
    }

    /// Bytes per second that come in at this moment.
    pub fn dlspeed(&self) -> u64 {
        match (self.is_downloading(), self.dl_limit) {
            (false, _) => 0,
            (true, 0) => self.download_speed,
            (true, limit) => self.download_speed.min(limit),
        }
    }

    /// Sets what is there of each file, by what `there` says of it, and keeps count of what was lost by that.
    pub(super) fn set_have(&mut self, mut there: impl FnMut(&File) -> u64) {
        let had = self.have() + self.lost;
        for file in &mut self.files {
            file.have = there(file).min(file.size);
        }
        self.lost = had.saturating_sub(self.have());
        if self.lost == 0 {
            self.lost_at_restart = false;
            self.has_told_unfinished = false;
            self.has_told_download = false;
        }
    }

    /// Counts the time since the last report of a torrent that was running and complete as given.
    pub(super) fn count_time(&mut self, now: NowMs, was_running: bool, was_complete: bool) {
        let passed = (now - self.refreshed_at).max(0);
        if was_running {
            self.active_ms += passed;
        }
        if was_running && was_complete {
            self.seeding_ms += passed;
        }
        self.refreshed_at = now;
    }

    /// Folder in which the data lies.
    pub fn data_folder(&self) -> &str {
        match self.download_path.as_str() {
            path if !path.is_empty() && !self.is_complete() => path,
            _ => &self.save_path,
        }
    }

    /// The server's path of one of its files.
    pub fn path_of(&self, file: &File) -> String {
        format!("{}/{}", self.data_folder(), file.name)
    }

    /// The .torrent file.
    pub fn metainfo(&self) -> Metainfo {
        let last = self
            .trackers
            .iter()
            .map(|tracker| tracker.tier)
            .max()
            .unwrap_or(-1);
        let of_tier = |tier| {
            self.trackers
                .iter()
                .filter(move |tracker| tracker.tier == tier)
        };
        let tiers =
            (0..=last).map(|tier| of_tier(tier).map(|tracker| tracker.url.clone()).collect());
        let files = self
            .files
            .iter()
            .map(|file| File::new(&file.name, file.size));
        Metainfo {
            name: self.original_name.clone(),
            files: files.collect(),
            is_private: self.is_private,
            trackers: tiers
                .filter(|tier: &Vec<String>| !tier.is_empty())
                .collect(),
            comment: self.comment.clone(),
            given_hash: self.given_hash.clone(),
        }
    }
}
