//! Accounts as written. One type holds the keys of both services; which belong together is checked later.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{BlockOrBool, DurationText, List, Names, RawSecret};

/// An account of qBittorrent or AllDebrid.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Account")]
pub struct RawAccount {
    /// Unique name of the account, for logs, commands and the state file.
    #[schemars(required, length(min = 1))]
    pub name: Option<String>,
    /// The service.
    #[serde(rename = "type")]
    #[schemars(required)]
    pub service: Option<RawServiceType>,
    /// Address of the qBittorrent web interface, such as "http://127.0.0.1:8080"; a path is allowed. For AllDebrid
    /// only where a proxy stands between.
    pub url: Option<String>,
    /// qBittorrent: user name of the web interface.
    pub username: Option<String>,
    /// qBittorrent: password of the web interface.
    pub password: Option<RawSecret>,
    /// AllDebrid: the API key. qBittorrent 5.2 and later: an API key instead of user name and password.
    pub api_key: Option<RawSecret>,
    /// qBittorrent: settings of the encrypted connection.
    pub tls: Option<RawTls>,
    /// Spacing of full cycles; default: the `cycle` at the top.
    pub cycle: Option<DurationText>,
    /// Spacing of rule cycles; default: the account's `cycle`.
    pub rule_cycle: Option<DurationText>,
    /// qBittorrent: which torrents are acted on; default: all.
    pub select: Option<RawSelect>,
    /// What is never deleted, whatever happens.
    pub protect: Option<RawProtect>,
    /// qBittorrent: where the server's folders are on this machine; the longest match counts. Without it they have
    /// the same paths here.
    pub path_map: Option<List<RawPathPair>>,
    /// qBittorrent: torrents in error or with missing files. Off unless given.
    pub errored: Option<BlockOrBool<RawErrored>>,
    /// qBittorrent: private torrents that their tracker does not know any more. Off unless given.
    pub unregistered: Option<BlockOrBool<RawUnregistered>>,
    /// qBittorrent: trackers of public torrents that do not work. Off unless given.
    pub failed_trackers: Option<BlockOrBool<RawFailedTrackers>>,
    /// qBittorrent: complete torrents without hardlinks outside of the torrents. Off unless given.
    pub hardlinks: Option<BlockOrBool<RawHardlinks>>,
    /// AllDebrid: magnets in error or expired. On unless `false`.
    pub failed: Option<BlockOrBool<RawFailed>>,
    /// Names of the rules that act on this account.
    pub rules: Option<List<String>>,
}

/// The service of an account.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ServiceType")]
pub enum RawServiceType {
    /// A qBittorrent server.
    Qbittorrent,
    /// An AllDebrid account.
    Alldebrid,
}

/// Settings of the encrypted connection.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Tls")]
pub struct RawTls {
    /// File with certificates (PEM) to trust besides the usual ones. Relative to the folder of the configuration.
    pub ca_file: Option<String>,
}

/// Which torrents are acted on; all parts must hold.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Select")]
pub struct RawSelect {
    /// Categories; "All" stands for every one, "Uncategorized" for torrents without one.
    #[schemars(extend("default" = "All"))]
    pub categories: Option<Names>,
    /// Categories that are left out.
    pub exclude_categories: Option<Names>,
    /// Torrents must have one of these tags.
    pub tags: Option<Names>,
    /// Torrents must have none of these tags.
    pub exclude_tags: Option<Names>,
    /// Torrents must have a tracker on one of these hosts.
    pub trackers: Option<Names>,
    /// Private torrents, public ones, or any.
    #[schemars(extend("default" = "any"))]
    pub torrent_type: Option<RawTorrentType>,
}

/// Private torrents, public ones, or any.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "TorrentType")]
pub enum RawTorrentType {
    /// Private and public ones.
    Any,
    /// Private ones only.
    Private,
    /// Public ones only.
    Public,
}

/// What is never deleted.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Protect")]
pub struct RawProtect {
    /// qBittorrent: categories; "Uncategorized" stands for torrents without one.
    pub categories: Option<Names>,
    /// qBittorrent: tags.
    pub tags: Option<Names>,
    /// Names of rules; what they match is protected.
    pub rules: Option<List<String>>,
}

/// One folder, as the server names it and as it is found here.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PathPair")]
pub struct RawPathPair {
    /// The folder as the server names it.
    #[schemars(required)]
    pub from: Option<String>,
    /// The same folder on this machine.
    #[schemars(required)]
    pub to: Option<String>,
}

/// What is done with a torrent when its failures have reached `max_failures`.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "TorrentLastResort")]
pub enum RawTorrentLastResort {
    /// Delete the torrent, its files stay.
    DeleteTorrent,
    /// Delete the torrent and its files.
    DeleteFiles,
    /// Delete nothing; warn once and try the remedy once a day.
    Keep,
}

/// What is done with a tracker when its failures have reached `max_failures`.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "TrackerLastResort")]
pub enum RawTrackerLastResort {
    /// Remove the tracker from the torrent, unless it is the last one that works or might.
    RemoveTracker,
    /// Remove nothing; warn once and try the remedy once a day.
    Keep,
}

/// What is done with a magnet when its failures have reached `max_failures`.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MagnetLastResort")]
pub enum RawMagnetLastResort {
    /// Delete the magnet.
    Delete,
    /// Delete nothing; warn once and try the remedy once a day.
    Keep,
}

/// How a torrent is deleted.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "DeleteAction")]
pub enum RawDeleteAction {
    /// Delete the torrent and its files.
    DeleteFiles,
    /// Delete the torrent, its files stay.
    DeleteTorrent,
}

/// Torrents in error or with missing files are rechecked at each failure.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Errored")]
pub struct RawErrored {
    /// The failure at which the last resort is applied.
    #[schemars(range(min = 1), extend("default" = 5))]
    pub max_failures: Option<u32>,
    /// What is done then.
    #[schemars(extend("default" = "delete_torrent"))]
    pub last_resort: Option<RawTorrentLastResort>,
}

/// Private torrents that their tracker does not know any more are reannounced at each failure.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Unregistered")]
pub struct RawUnregistered {
    /// The failure at which the last resort is applied.
    #[schemars(range(min = 1), extend("default" = 3))]
    pub max_failures: Option<u32>,
    /// What is done then.
    #[schemars(extend("default" = "delete_files"))]
    pub last_resort: Option<RawTorrentLastResort>,
    /// With at least this many connected leechers a torrent is not unregistered; 0 switches the test off.
    #[schemars(extend("default" = 1))]
    pub min_peers: Option<u32>,
    /// Tracker messages that mean unregistered, in place of the built-in list.
    pub messages: Option<List<String>>,
    /// Tracker messages that mean unregistered, besides the list.
    pub extra_messages: Option<List<String>>,
}

/// Trackers of public torrents that do not work are reannounced to at each failure.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FailedTrackers")]
pub struct RawFailedTrackers {
    /// The failure at which the last resort is applied, if `for` has passed too.
    #[schemars(range(min = 1), extend("default" = 5))]
    pub max_failures: Option<u32>,
    /// What is done then.
    #[schemars(extend("default" = "remove_tracker"))]
    pub last_resort: Option<RawTrackerLastResort>,
    /// How long the tracker must have failed.
    #[serde(rename = "for")]
    #[schemars(extend("default" = "3d"))]
    pub failing_for: Option<DurationText>,
}

/// Complete torrents without hardlinks outside of the torrents are deleted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Hardlinks")]
pub struct RawHardlinks {
    /// Least seeding time before a torrent is deleted; "0s" switches the test off.
    #[schemars(extend("default" = "10d"))]
    pub min_seeding_time: Option<DurationText>,
    /// How it is deleted.
    #[schemars(extend("default" = "delete_files"))]
    pub action: Option<RawDeleteAction>,
    /// Share of a torrent's bytes that must be linked for it to count as hardlinked.
    #[schemars(extend("default" = 0.1, "exclusiveMinimum" = 0, "maximum" = 1))]
    pub min_linked_share: Option<f64>,
    /// How long what was found on disk holds; before a deletion it is always looked at again.
    #[schemars(extend("default" = "6h"))]
    pub recheck_every: Option<DurationText>,
}

/// Magnets in error or expired are restarted at each failure.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Failed")]
pub struct RawFailed {
    /// The failure at which the last resort is applied.
    #[schemars(range(min = 1), extend("default" = 5))]
    pub max_failures: Option<u32>,
    /// What is done then.
    #[schemars(extend("default" = "delete"))]
    pub last_resort: Option<RawMagnetLastResort>,
}
