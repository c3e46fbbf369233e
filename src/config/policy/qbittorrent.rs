//! What is particular to qBittorrent accounts.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::{CategorySet, PathMap, Secret, Selection};

/// A qBittorrent server and what is to be done on it. A block that is `None` is off.
#[derive(Debug, Clone)]
pub struct QbtPolicy {
    /// Base address; its path ends in a slash, so that `api/v2/…` can be joined to it.
    pub url: Url,
    /// How to log in.
    pub login: Login,
    /// Certificates (PEM) to trust besides the usual ones.
    pub ca_file: Option<PathBuf>,
    /// What is acted on.
    pub select: Selection,
    /// Torrents of these categories are never deleted.
    pub protect_categories: CategorySet,
    /// Torrents with one of these tags are never deleted.
    pub protect_tags: BTreeSet<String>,
    /// From the server's paths to ours.
    pub path_map: PathMap,
    /// Torrents in error, or with missing files.
    pub errored: Option<Errored>,
    /// Private torrents that their tracker does not know any more.
    pub unregistered: Option<Unregistered>,
    /// Trackers of public torrents that do not work.
    pub failed_trackers: Option<FailedTrackers>,
    /// Complete torrents without hardlinks.
    pub hardlinks: Option<Hardlinks>,
}

/// How to log in to a qBittorrent server.
#[derive(Debug, Clone)]
pub enum Login {
    /// User and password, every server version.
    Password {
        /// User name of the web interface.
        username: String,
        /// Its password.
        password: Secret,
    },
    /// API key, qBittorrent 5.2 and later.
    ApiKey(Secret),
}

/// Last resort of the ailments of a whole torrent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TorrentLastResort {
    /// Delete the torrent, its files stay.
    DeleteTorrent,
    /// Delete the torrent and its files.
    DeleteFiles,
    /// Never delete: one warning, then the remedy once a day.
    Keep,
}

/// Last resort of a failed tracker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrackerLastResort {
    /// Remove the tracker from the torrent.
    RemoveTracker,
    /// Leave it.
    Keep,
}

/// A deletion with or without the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteAction {
    /// Delete the torrent and its files.
    DeleteFiles,
    /// Delete the torrent, its files stay.
    DeleteTorrent,
}

/// The `errored` block.
#[derive(Debug, Clone)]
pub struct Errored {
    /// The sighting, from 1, at which the last resort is applied.
    pub max_failures: u32,
    /// What is done then.
    pub last_resort: TorrentLastResort,
}

/// The `unregistered` block.
#[derive(Debug, Clone)]
pub struct Unregistered {
    /// The sighting, from 1, at which the last resort is applied.
    pub max_failures: u32,
    /// What is done then.
    pub last_resort: TorrentLastResort,
    /// With at least this many connected leechers a torrent is not unregistered; 0 switches the test off.
    pub min_peers: u32,
    /// Tracker messages that replace the default list.
    pub messages: Option<Vec<String>>,
    /// Tracker messages on top of the list.
    pub extra_messages: Vec<String>,
}

/// The `failed_trackers` block.
#[derive(Debug, Clone)]
pub struct FailedTrackers {
    /// The sighting, from 1, at which the last resort can be applied.
    pub max_failures: u32,
    /// What is done then.
    pub last_resort: TrackerLastResort,
    /// How long the tracker must have failed, too.
    pub failing_for: Duration,
}

/// The `hardlinks` block.
#[derive(Debug, Clone)]
pub struct Hardlinks {
    /// Least seeding time before a torrent without hardlinks is deleted; zero switches the test off.
    pub min_seeding_time: Duration,
    /// How it is deleted.
    pub action: DeleteAction,
    /// Share of the bytes, above 0 and up to 1, that must be linked outside of the torrents.
    pub min_linked_share: f64,
    /// How long what was found on disk holds for planning; deletions always look again.
    pub recheck_every: Duration,
}

impl Default for Hardlinks {
    fn default() -> Self {
        Self {
            min_seeding_time: Duration::from_secs(10 * 24 * 60 * 60),
            action: DeleteAction::DeleteFiles,
            min_linked_share: 0.1,
            recheck_every: Duration::from_secs(6 * 60 * 60),
        }
    }
}

impl Default for Errored {
    fn default() -> Self {
        Self {
            max_failures: 5,
            last_resort: TorrentLastResort::DeleteTorrent,
        }
    }
}

impl Default for Unregistered {
    fn default() -> Self {
        Self {
            max_failures: 3,
            last_resort: TorrentLastResort::DeleteFiles,
            min_peers: 1,
            messages: None,
            extra_messages: Vec::new(),
        }
    }
}

impl Default for FailedTrackers {
    fn default() -> Self {
        Self {
            max_failures: 5,
            last_resort: TrackerLastResort::RemoveTracker,
            failing_for: Duration::from_secs(3 * 24 * 60 * 60),
        }
    }
}
