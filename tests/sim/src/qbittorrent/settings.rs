//! What a test may set of a server.

use super::Era;
use super::torrent::TrackerResult;

/// What a test may set, at any time.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The version.
    pub era: Era,
    /// User of the Web UI.
    pub username: String,
    /// Password of the Web UI.
    pub password: String,
    /// Port of the Web UI as configured: part of the cookie's name from 5.2 on.
    pub webui_port: u16,
    /// Refuse requests whose `Host` has another port than `webui_port` (401), as real servers do.
    pub checks_host: bool,
    /// Everyone is let in (bypass for localhost or a subnet).
    pub bypasses_auth: bool,
    /// Failed logins until the address is banned.
    pub max_failures: u32,
    /// Seconds for which it is.
    pub ban_seconds: i64,
    /// Seconds without a request after which a session ends.
    pub session_seconds: i64,
    /// Key for `Authorization: Bearer`, 5.2 on.
    pub api_key: Option<String>,
    /// Default save path.
    pub save_path: String,
    /// `free_space_on_disk`.
    pub free_space: i64,
    /// Milliseconds between two looks at the free space of a disk that knows its own; between them the old figure is shown.
    pub free_space_lag_ms: i64,
    /// Milliseconds after a restart for which no torrents are known: lists are empty, and actions find nothing.
    pub loading_ms: i64,
    /// Fields left out of the rows of the next whole lists and `torrents/info` answers, and of how many.
    pub omits: (Vec<&'static str>, u32),
    /// What `free_space_on_disk` is in the first answer after a start, where that differs (0 was seen).
    pub first_free_space: Option<i64>,
    /// Answer with gzip where the client accepts it.
    pub gzips: bool,
    /// Milliseconds that a check takes, and bytes per second on top of it.
    pub check_ms: i64,
    /// Bytes per second that a check reads.
    pub check_bytes_per_s: u64,
    /// Milliseconds for which the API shows the old state after a recheck was asked for.
    pub stale_ms: i64,
    /// Milliseconds that a tracker takes to answer.
    pub announce_ms: i64,
    /// DHT, PeX and LSD are on: their pseudo rows of public torrents have status 2 and not 0.
    pub uses_dht: bool,
    /// What trackers do of torrents that a request adds, and those of `addTrackers`.
    pub added_tracker: TrackerResult,
    /// Milliseconds from `delete` to the removal of the files. Carried out with the first call after that.
    pub delete_ms: i64,
    /// Milliseconds after which a changed field shows up in deltas, from 4.6 on.
    pub delta_lag_ms: i64,
    /// `seeding_time` and `time_active` of idle torrents stand still, as they do in real servers.
    pub freezes_idle_times: bool,
    /// Torrents in `missingFiles` stay so over a restart. In real servers most turn into unfinished downloads.
    pub keeps_missing_over_restart: bool,
}

impl Settings {
    /// The defaults of a server of this version: user `admin`, password `adminadmin`.
    pub fn new(era: Era) -> Self {
        Self {
            era,
            username: "admin".to_owned(),
            password: "adminadmin".to_owned(),
            webui_port: 8080,
            checks_host: false,
            bypasses_auth: false,
            max_failures: 5,
            ban_seconds: 3600,
            session_seconds: 3600,
            api_key: None,
            save_path: "/downloads".to_owned(),
            free_space: 500 << 30,
            free_space_lag_ms: 0,
            loading_ms: 0,
            omits: (Vec::new(), 0),
            first_free_space: None,
            gzips: true,
            check_ms: 1000,
            check_bytes_per_s: 1 << 40,
            stale_ms: 1000,
            announce_ms: 800,
            uses_dht: true,
            added_tracker: TrackerResult::Working,
            delete_ms: 0,
            delta_lag_ms: 1000,
            freezes_idle_times: true,
            keeps_missing_over_restart: false,
        }
    }
}
