//! One line of the ledger each. Lines are only ever added; a line's meaning never changes.

use crate::core::model::{AccountId, ItemId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Number of an intent (or notice, or treatment), unique within the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntentId(pub u64);

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    /// A deletion is about to be sent.
    Intent(Arc<DeletionIntent>),
    /// What became of it.
    Outcome(Outcome),
    /// Something besides deletions to be announced (an outage).
    Notice(NoticeText),
    /// A notice reached a webhook.
    Delivered {
        /// Which notice: the intent's number, or the notice's.
        notice: IntentId,
        /// Which webhook, by its mark.
        webhook: String,
        /// When.
        at: Timestamp,
    },
    /// A notice was given up for a webhook: refused for good, or too old.
    PutAside {
        /// Which notice.
        notice: IntentId,
        /// Which webhook, by its mark.
        webhook: String,
        /// When.
        at: Timestamp,
        /// Why, without secrets.
        why: String,
    },
    /// A webhook left the configuration before it got a notice: the notice is owed to others instead.
    Redirected {
        /// Which notice.
        notice: IntentId,
        /// The webhook that left, by its mark.
        from: String,
        /// The webhooks that are configured, by their marks. Those that were owed it anyway get it once.
        to: Vec<String>,
        /// When.
        at: Timestamp,
    },
    /// A safe recheck begins.
    TreatmentBegun(TreatmentBegun),
    /// It went on to the given step.
    TreatmentEnd(TreatmentEnd),
    /// A failed tracker was (or was about to be) removed; its address is in the trash.
    TrackerRemoved(TrackerRemoved),
    /// A deletion was undone.
    Restored(RestoreDone),
    /// First line after a compaction: numbers up to this one were given out.
    UpTo {
        /// The highest number.
        id: IntentId,
    },
}

impl Record {
    /// When it was written, if it says so.
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Record::Intent(intent) => Some(intent.at),
            Record::Outcome(outcome) => Some(outcome.at),
            Record::Notice(notice) => Some(notice.at),
            Record::Delivered { at, .. }
            | Record::PutAside { at, .. }
            | Record::Redirected { at, .. } => Some(*at),
            Record::TreatmentBegun(begun) => Some(begun.at),
            Record::TreatmentEnd(end) => Some(end.at),
            Record::TrackerRemoved(removed) => Some(removed.at),
            Record::Restored(restore) => Some(restore.at),
            Record::UpTo { .. } => None,
        }
    }

    /// The record, with `now` in place of a later time.
    pub fn not_after(mut self, now: Timestamp) -> Record {
        if self.at().is_none_or(|at| at <= now) {
            return self;
        }
        match &mut self {
            Record::Intent(intent) => Arc::make_mut(intent).at = now,
            Record::Outcome(outcome) => outcome.at = now,
            Record::Notice(notice) => notice.at = now,
            Record::Delivered { at, .. }
            | Record::PutAside { at, .. }
            | Record::Redirected { at, .. } => *at = now,
            Record::TreatmentBegun(begun) => begun.at = now,
            Record::TreatmentEnd(end) => end.at = now,
            Record::TrackerRemoved(removed) => removed.at = now,
            Record::Restored(restore) => restore.at = now,
            Record::UpTo { .. } => {}
        }
        self
    }
}

/// A deletion, written before its request goes out, with everything needed to announce and to undo it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeletionIntent {
    /// Its number.
    pub id: IntentId,
    /// When it was written.
    pub at: Timestamp,
    /// Account.
    pub account: AccountId,
    /// Item.
    pub item: ItemId,
    /// Name of the item.
    pub name: String,
    /// Size in bytes, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<i64>,
    /// `added_on` (qBittorrent) or `uploadDate` (AllDebrid).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_on: Option<i64>,
    /// qBittorrent's ratio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// Share had, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<f64>,
    /// Cause: `errored`, `unregistered`, `failed`, `hardlinks`, or `rule NAME`.
    pub cause: String,
    /// Why, as a sentence with the values seen.
    pub reason: String,
    /// Failures and their limit, for ailments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failures: Option<(u32, u32)>,
    /// When and where it began to fail; absent for what counts towards no outage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<Began>,
    /// Whether the files go too. Always false for AllDebrid.
    pub delete_files: bool,
    /// Why files stay although the cause would delete them (shared with another torrent).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files_kept_because: Option<String>,
    /// Bytes that the disk should get back. Absent in older ledgers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frees_bytes: Option<i64>,
    /// What was kept for `restore`.
    pub kept: KeptAs,
    /// Marks of the webhooks that are owed a notice once it is done.
    #[serde(default)]
    pub webhooks: Vec<String>,
}

/// The beginning of an ailment: many that lie close together are an outage, also where some are deleted already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Began {
    /// When the first failure was seen.
    pub at: Timestamp,
    /// `account`, and the tracker hosts and folders that the item belonged to.
    pub scopes: Vec<String>,
}

/// What `restore` can start from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptAs {
    /// `.torrent` and settings, under this name in the trash.
    Torrent(String),
    /// Magnet link and settings, under this name in the trash.
    MagnetLink(String),
    /// Info-hash of a magnet of AllDebrid.
    Hash(String),
    /// Nothing; it cannot come back.
    Nothing,
}

impl KeptAs {
    /// The info-hash of a magnet of AllDebrid.
    pub fn hash(&self) -> Option<&str> {
        match self {
            KeptAs::Hash(hash) => Some(hash),
            KeptAs::Torrent(_) | KeptAs::MagnetLink(_) | KeptAs::Nothing => None,
        }
    }
}

/// What became of an intent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Which intent.
    pub intent: IntentId,
    /// When it was known.
    pub at: Timestamp,
    /// What.
    pub result: OutcomeKind,
    /// The server's words, or how it came to be known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Bytes that the disk got back, as its files were seen right before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freed_bytes: Option<i64>,
}

/// Kinds of outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// Deleted by us and seen gone: owed to the webhooks.
    Done,
    /// Gone after an attempt of ours with an unknown outcome: owed to the webhooks.
    GoneAfterUnknown,
    /// The server refused it.
    Refused,
    /// It certainly did not reach the server.
    NotSent,
    /// The second look saved the item.
    Saved,
    /// It was gone before we asked: no deletion of ours.
    GoneBefore,
    /// An attempt with an unknown outcome did not happen: the item is still there.
    StillThere,
}

impl OutcomeKind {
    /// Whether the item is gone by our doing.
    pub fn is_deletion(self) -> bool {
        match self {
            OutcomeKind::Done | OutcomeKind::GoneAfterUnknown => true,
            OutcomeKind::Refused
            | OutcomeKind::NotSent
            | OutcomeKind::Saved
            | OutcomeKind::GoneBefore
            | OutcomeKind::StillThere => false,
        }
    }
}

/// A notice that is no deletion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NoticeText {
    /// Its number.
    pub id: IntentId,
    /// When it was written.
    pub at: Timestamp,
    /// Account it is about.
    pub account: AccountId,
    /// Headline.
    pub title: String,
    /// Text.
    pub text: String,
    /// Marks of the webhooks that are owed it.
    pub webhooks: Vec<String>,
}

/// A safe recheck that was begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TreatmentBegun {
    /// When.
    pub at: Timestamp,
    /// Account.
    pub account: AccountId,
    /// Torrent.
    pub item: ItemId,
    /// What it was before.
    pub was: Was,
}

/// What a torrent was before its treatment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Was {
    /// State word.
    pub state: String,
    /// It was meant to run: neither stopped by its owner nor stopped by an earlier treatment of a stopped torrent.
    pub running: bool,
    /// It had been complete once.
    pub complete: bool,
    /// Wanted bytes it had as far as is known; it is started again only with at least as many.
    pub had_bytes: i64,
}

/// The end, or a lasting state, of a treatment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TreatmentEnd {
    /// When.
    pub at: Timestamp,
    /// Account.
    pub account: AccountId,
    /// Torrent.
    pub item: ItemId,
    /// How it ended.
    pub end: TreatmentResult,
}

/// How a treatment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TreatmentResult {
    /// As complete as it was; started again if it had been running.
    Recovered,
    /// The check found less than was there: it stays stopped. Not an end; the next recheck follows from the next failure.
    FoundIncomplete,
    /// Its owner started it by hand, or removed it.
    Over,
}

/// A tracker that was removed from a torrent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrackerRemoved {
    /// When.
    pub at: Timestamp,
    /// Account.
    pub account: AccountId,
    /// Torrent.
    pub item: ItemId,
    /// Name of the torrent.
    pub name: String,
    /// Host of the tracker.
    pub host: String,
    /// Which tracker it is, by [`crate::core::model::Tracker::key`]: one host can have several addresses. Empty in old
    /// ledgers.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tracker: String,
    /// Name in the trash of the file with the address.
    pub kept: String,
    /// False: about to be sent. True: the tracker is gone from the list.
    pub done: bool,
}

impl TrackerRemoved {
    /// What tells it from other trackers of the torrent.
    pub fn key(&self) -> &str {
        if self.tracker.is_empty() {
            &self.host
        } else {
            &self.tracker
        }
    }
}

/// A deletion that was undone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RestoreDone {
    /// When.
    pub at: Timestamp,
    /// Account.
    pub account: AccountId,
    /// Which deletion, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<IntentId>,
    /// The item as it was.
    pub item: ItemId,
    /// The item as it is (another id for magnets).
    pub new_item: ItemId,
}
