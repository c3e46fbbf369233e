//! What the names and link counts of a torrent's files say about its use elsewhere.

use jiff::Timestamp;

/// What was found when the files of a complete torrent were looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkFinding {
    /// When they were looked at.
    pub at: Timestamp,
    /// The result.
    pub result: LinkResult,
}

/// Result of a look at a torrent's files.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkResult {
    /// Every wanted file was seen.
    Seen(LinkShare),
    /// Something could not be seen; the text names the path tried and what happened. Never deletes.
    Unknown(String),
}

/// How much of a torrent has names outside of what the account's torrents hold.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkShare {
    /// Bytes of wanted files with a name outside.
    pub linked_bytes: u64,
    /// Bytes of all wanted files.
    pub total_bytes: u64,
    /// The largest number of names that any of its files has (key `linkCount`).
    pub link_count: u64,
    /// One file as evidence: the largest linked outside, else the largest with more than one name.
    pub evidence: Option<LinkedFile>,
}

/// One file with several names.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkedFile {
    /// Path on this machine.
    pub path: String,
    /// How many names it has.
    pub names: u64,
    /// How many of them belong to torrents of this account (and of accounts in the same folders).
    pub held_by_torrents: u64,
}

impl LinkShare {
    /// Whether at least `min_share` (0 to 1) of the bytes have a name outside.
    pub fn is_linked(&self, min_share: f64) -> bool {
        self.linked_bytes > 0 && self.linked_bytes as f64 >= min_share * self.total_bytes as f64
    }
}
