//! What a plan can do to an item.

use crate::core::ledger::Began;
use crate::core::model::ItemId;
use std::fmt;
use std::sync::Arc;

/// Why an item is to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Torrent in error for too long.
    Errored,
    /// Private torrent that its tracker no longer knows.
    Unregistered,
    /// Magnet in error or expired for too long.
    Failed,
    /// Complete, seeded long enough, and not hardlinked.
    Hardlinks,
    /// A rule of the user.
    Rule(Arc<str>),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Errored => f.write_str("errored"),
            Cause::Unregistered => f.write_str("unregistered"),
            Cause::Failed => f.write_str("failed"),
            Cause::Hardlinks => f.write_str("hardlinks"),
            Cause::Rule(name) => write!(f, "rule {name}"),
        }
    }
}

/// A deletion that was decided on. Only the decision makes one, so that having one is the proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Deletion {
    /// The item.
    pub item: ItemId,
    /// Its name.
    pub name: String,
    /// Why.
    pub cause: Cause,
    /// Why, as a sentence with the values seen.
    pub reason: String,
    /// Failures and their limit, for ailments.
    pub failures: Option<(u32, u32)>,
    /// When and where it began to fail; absent for what counts towards no outage.
    pub began: Option<Began>,
    /// Whether the files go too.
    pub delete_files: bool,
    /// Why files stay although the cause would delete them.
    pub files_kept_because: Option<String>,
    /// Bytes that the disk gets back, as far as can be told.
    pub frees_bytes: i64,
    /// Bytes, where known.
    pub size_bytes: Option<i64>,
    /// `added_on` or `uploadDate`.
    pub added_on: Option<i64>,
    /// qBittorrent's ratio.
    pub ratio: Option<f64>,
    /// Share had, 0 to 1.
    pub progress: Option<f64>,
    /// It is reannounced before it is deleted, so that its last upload is credited.
    pub reannounce: bool,
}

/// What is tried at a failure.
#[derive(Debug, Clone, PartialEq)]
pub struct Remedy {
    /// The item.
    pub item: ItemId,
    /// Its name.
    pub name: String,
    /// What.
    pub kind: RemedyKind,
    /// Ailment it is for: `errored`, `unregistered`, `failed_trackers`, `failed`.
    pub ailment: &'static str,
    /// The sign seen.
    pub sign: String,
    /// Failures so far and their limit.
    pub failures: (u32, u32),
}

/// Remedies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RemedyKind {
    /// Stop, recheck, and start again only if it is as complete as it was.
    SafeRecheck,
    /// Announce to the trackers now.
    Reannounce,
    /// Restart the magnet.
    Restart,
}

impl RemedyKind {
    /// The word used in configuration, logs and plans.
    pub fn word(self) -> &'static str {
        match self {
            RemedyKind::SafeRecheck => "recheck",
            RemedyKind::Reannounce => "reannounce",
            RemedyKind::Restart => "restart",
        }
    }
}

/// A tracker to be removed from a torrent.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackerRemoval {
    /// The torrent.
    pub item: ItemId,
    /// Its name.
    pub name: String,
    /// Which tracker, by its key (see [`crate::core::model::Tracker::key`]).
    pub tracker: String,
    /// Its host.
    pub host: String,
    /// Why, with the values seen.
    pub reason: String,
    /// Failures and their limit.
    pub failures: (u32, u32),
}

/// What a rule does besides deleting.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The item.
    pub item: ItemId,
    /// Its name.
    pub name: String,
    /// The rule.
    pub rule: Arc<str>,
    /// What.
    pub kind: ChangeKind,
    /// Why, with the values seen.
    pub reason: String,
}

/// Kinds of change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// Stop the torrent.
    Pause,
    /// Limit its download, in bytes per second.
    LimitDownload(u64),
    /// Safe recheck.
    Recheck,
    /// Announce now.
    Reannounce,
    /// Add a tag.
    Tag(String),
    /// Move to a category.
    Category(String),
    /// Restart the magnet.
    Restart,
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChangeKind::Pause => f.write_str("pause"),
            ChangeKind::LimitDownload(speed) => write!(f, "limit download to {speed} B/s"),
            ChangeKind::Recheck => f.write_str("recheck"),
            ChangeKind::Reannounce => f.write_str("reannounce"),
            ChangeKind::Tag(tag) => write!(f, "tag {tag}"),
            ChangeKind::Category(category) => write!(f, "category {category}"),
            ChangeKind::Restart => f.write_str("restart"),
        }
    }
}
