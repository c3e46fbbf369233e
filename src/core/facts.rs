//! Facts that cost requests or disk time: what is known of them, and what a decision lacked.
//!
//! The decision asks [`Facts`]; what it did not find where it still mattered it notes in [`Wanted`]. The shell
//! fetches that and decides again.

use super::hardlinks::LinkFinding;
use super::model::{ItemId, TorrentFile, Tracker};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A fact that was asked for: its value, or why it could not be had.
pub type Fetched<T> = Result<T, String>;

/// What is known beyond the listing.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Whether a torrent is private, where the list does not say. `Ok(None)`: the server cannot tell. Never changes.
    pub private: BTreeMap<ItemId, Fetched<Option<bool>>>,
    /// Trackers as read in this cycle.
    pub trackers: BTreeMap<ItemId, Fetched<Vec<Tracker>>>,
    /// Torrents whose trackers all worked when they were last read, and when that was. Remembered.
    pub clean_trackers: BTreeMap<ItemId, Timestamp>,
    /// Files of a torrent, remembered while its paths stay.
    pub files: BTreeMap<ItemId, Fetched<Arc<[TorrentFile]>>>,
    /// What was found of a torrent's hardlinks, remembered for `recheck_every`.
    pub links: BTreeMap<ItemId, LinkFinding>,
    /// Whether what lies below a save path (as the server names it) can be seen from here.
    pub mounts: BTreeMap<Box<str>, Mount>,
    /// Other torrents of the account that hold some of this torrent's files, by path or inode.
    pub shared: BTreeMap<ItemId, Fetched<Vec<SharedWith>>>,
    /// When the server was asked before the request whose answer is the listing: its free space is at least as new.
    pub server_asked_before: Option<Timestamp>,
}

/// Whether a save path's disk is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mount {
    /// Data of healthy torrents is visible below it.
    Present,
    /// It should be visible and is not: an absent mount, or hidden from the service. The text names the path tried.
    Absent(String),
    /// Nothing of this server is visible from here; nobody can say.
    NotOurs,
}

/// Another torrent with the same file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedWith {
    /// The other torrent.
    pub other: ItemId,
    /// Its name.
    pub name: String,
    /// The file both hold, as the server names it.
    pub file: String,
}

/// What a decision lacked and would still change its verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Privacy of these torrents.
    pub private: BTreeSet<ItemId>,
    /// Trackers of these torrents.
    pub trackers: BTreeSet<ItemId>,
    /// Hardlinks of these torrents.
    pub links: BTreeSet<ItemId>,
    /// Visibility of these save paths.
    pub mounts: BTreeSet<Box<str>>,
    /// Shared files of these torrents.
    pub shared: BTreeSet<ItemId>,
}

impl Wanted {
    /// Nothing was lacking.
    pub fn is_empty(&self) -> bool {
        let Wanted {
            private,
            trackers,
            links,
            mounts,
            shared,
        } = self;
        private.is_empty()
            && trackers.is_empty()
            && links.is_empty()
            && mounts.is_empty()
            && shared.is_empty()
    }
}
