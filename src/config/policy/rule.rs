//! The user's rules.

use crate::core::mark::mark;
use std::path::PathBuf;
use std::time::Duration;

/// A condition of a rule.
pub use crate::core::rules::Condition;

/// One rule. Accounts of both services can share its text; each holds it with the action that is valid there.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Unique name.
    pub name: String,
    /// The account names it to protect what it matches: then what is unknown counts as a match.
    pub protects: bool,
    /// What matches.
    pub body: RuleBody,
    /// Mark of the body ([`RuleBody::mark`]).
    pub mark: u32,
    /// It must have matched at every sample for longer than this; `None` acts at once. Never set for
    /// protect rules. (Key `for`.)
    pub hold_for: Option<Duration>,
    /// Most actions per cycle, at least 1.
    pub limit: u32,
    /// Higher goes first; finite.
    pub priority: f64,
    /// What is done.
    pub action: Action,
    /// Which of the matches come first.
    pub order_by: OrderBy,
    /// A condition on the account after which the rule stops.
    pub until: Option<Condition>,
}

/// What matches.
#[derive(Debug, Clone)]
pub enum RuleBody {
    /// Conditions, all of which must hold.
    Conditions(Condition),
    /// JavaScript.
    Script {
        /// The text of the script.
        source: String,
        /// The file it was read from; `None` if it is written in the configuration.
        origin: Option<PathBuf>,
    },
}

impl RuleBody {
    /// A mark of what it says, by which timers know that they are of this text.
    #[must_use]
    pub fn mark(&self) -> u32 {
        match self {
            Self::Conditions(condition) => mark(condition.to_string().bytes()),
            Self::Script { source, .. } => mark(source.bytes()),
        }
    }
}

/// What a rule does to a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Delete the torrent and its files (qBittorrent).
    DeleteFiles,
    /// Delete the torrent, its files stay (qBittorrent).
    DeleteTorrent,
    /// Stop the torrent (qBittorrent).
    Pause,
    /// Limit its download speed (qBittorrent).
    LimitDownload {
        /// Above zero.
        bytes_per_s: u64,
    },
    /// Safe recheck (qBittorrent).
    Recheck,
    /// Reannounce (qBittorrent).
    Reannounce,
    /// Add a tag (qBittorrent).
    Tag(String),
    /// Set the category (qBittorrent).
    Category(String),
    /// Delete the magnet (AllDebrid).
    Delete,
    /// Restart the magnet (AllDebrid).
    Restart,
}

impl Action {
    /// Does the action delete the item?
    #[must_use]
    pub fn is_deletion(&self) -> bool {
        match self {
            Self::DeleteFiles | Self::DeleteTorrent | Self::Delete => true,
            Self::Pause
            | Self::LimitDownload { .. }
            | Self::Recheck
            | Self::Reannounce
            | Self::Tag(_)
            | Self::Category(_)
            | Self::Restart => false,
        }
    }
}

/// The order in which a rule sees the items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum OrderBy {
    /// Longest completed first, as Vertex does.
    #[default]
    LongestCompleted,
    /// By the value of a condition key.
    Key {
        /// The key, as in conditions.
        key: String,
        /// Biggest first.
        descending: bool,
    },
}
