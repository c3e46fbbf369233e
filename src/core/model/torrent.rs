//! A torrent as the Web API lists it, kept small: one record per torrent, absent fields stay absent.

use super::guarded::{Address, OtherFields};
use super::id::ItemId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One torrent. What many torrents have in common they share in memory. Field names, units and sentinels are those of `torrents/info` (Web API 2.0 to 2.16);
/// `None` means that the server did not send the field.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Torrent {
    /// Display name.
    pub name: Box<str>,
    /// Category, empty if none.
    pub category: Arc<str>,
    /// Tags as sent: sorted, joined by ", ".
    pub tags: Arc<str>,
    /// Address of the working tracker. Holds passkeys: show [`Torrent::tracker_host`] only.
    pub tracker: Address,
    /// State word.
    pub state: State,
    /// Final folder, as the server sees it.
    pub save_path: Arc<str>,
    /// File or top folder as the server sees it (since 4.3.1).
    pub content_path: Option<Box<str>>,
    /// Folder for incomplete data (since 4.4), empty if none.
    pub download_path: Option<Arc<str>>,
    /// Wanted bytes; 0 without metadata.
    pub size: Option<i64>,
    /// Bytes of all files; -1 without metadata.
    pub total_size: Option<i64>,
    /// Share of wanted bytes, 0 to 1; 0 in `missingFiles` and during checks.
    pub progress: Option<f64>,
    /// Bytes had.
    pub completed: Option<i64>,
    /// Bytes to go.
    pub amount_left: Option<i64>,
    /// Bytes downloaded in all.
    pub downloaded: Option<i64>,
    /// Bytes uploaded in all.
    pub uploaded: Option<i64>,
    /// Bytes per second.
    pub dlspeed: Option<i64>,
    /// Bytes per second.
    pub upspeed: Option<i64>,
    /// Bytes per second; 0 or -1 means unlimited.
    pub dl_limit: Option<i64>,
    /// Bytes per second; 0 or -1 means unlimited.
    pub up_limit: Option<i64>,
    /// qBittorrent's ratio; -1 infinite.
    pub ratio: Option<f64>,
    /// Share ratio limit; -2 global, -1 none.
    pub ratio_limit: Option<f64>,
    /// Minutes; -2 global, -1 none.
    pub seeding_time_limit: Option<i64>,
    /// Minutes; -2 global, -1 none (since 4.6).
    pub inactive_seeding_time_limit: Option<i64>,
    /// Unix seconds.
    pub added_on: Option<i64>,
    /// Unix seconds; 0, -1 or absurd means never.
    pub completion_on: Option<i64>,
    /// Unix seconds.
    pub seen_complete: Option<i64>,
    /// Unix seconds.
    pub last_activity: Option<i64>,
    /// Seconds; stands still on idle torrents.
    pub time_active: Option<i64>,
    /// Seconds (since 4.3.4); stands still on idle torrents, lags and never leads.
    pub seeding_time: Option<i64>,
    /// Seconds; 8640000 means never.
    pub eta: Option<i64>,
    /// Place in the queue.
    pub priority: Option<i64>,
    /// Connected seeds.
    pub num_seeds: Option<i64>,
    /// Connected leechers.
    pub num_leechs: Option<i64>,
    /// Seeds by the tracker's count.
    pub num_complete: Option<i64>,
    /// Leechers by the tracker's count.
    pub num_incomplete: Option<i64>,
    /// Distributed copies.
    pub availability: Option<f64>,
    /// Private flag; absent before 5.0, and while there is no metadata.
    pub private: Option<bool>,
    /// Automatic torrent management.
    pub auto_tmm: Option<bool>,
    /// Whether any tracker failed with an answer of its own (5.2 and later, `sync/maindata` only).
    pub has_tracker_error: Option<bool>,
    /// Whether any tracker failed otherwise (5.2 and later, `sync/maindata` only).
    pub has_other_announce_error: Option<bool>,
    /// What it was when it was last seen without trouble; only kept while it is in trouble.
    pub last_good: Option<Box<LastGood>>,
    /// Fields beyond these that the configuration asks for, by their Web API name.
    pub other: Option<Box<OtherFields>>,
    /// Texts that are empty because they were not sent.
    pub unsent: UnsentTexts,
}

/// The texts of a torrent that are empty where they were not sent, and mean something where they are sent empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextField {
    /// See [`Torrent::category`].
    Category,
    /// See [`Torrent::tags`] (since 4.2).
    Tags,
    /// See [`Torrent::tracker`].
    Tracker,
    /// See [`Torrent::state`].
    State,
    /// See [`Torrent::save_path`].
    SavePath,
}

/// A set of texts, a bit for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnsentTexts(u8);

impl UnsentTexts {
    /// Whether this one was not sent.
    pub fn contains(self, field: TextField) -> bool {
        self.0 & (1 << field as u8) != 0
    }

    /// Notes whether this one was sent.
    pub fn note(&mut self, field: TextField, is_sent: bool) {
        let bit = 1 << field as u8;
        self.0 = if is_sent { self.0 & !bit } else { self.0 | bit };
    }
}

/// What a torrent was before an error or a check hid it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastGood {
    /// It was stopped.
    pub stopped: bool,
    /// Bytes it had.
    pub completed: i64,
}

/// A state word of the Web API; unknown ones are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct State(pub Cow<'static, str>);

impl Default for State {
    fn default() -> Self {
        State(Cow::Borrowed("unknown"))
    }
}

/// The state words of all versions (qbittorrent-api.md, section 8); one of these costs no memory.
pub const STATE_WORDS: [&str; 23] = [
    "error",
    "missingFiles",
    "uploading",
    "queuedUP",
    "stalledUP",
    "checkingUP",
    "forcedUP",
    "downloading",
    "metaDL",
    "queuedDL",
    "stalledDL",
    "checkingDL",
    "forcedDL",
    "checkingResumeData",
    "moving",
    "unknown",
    "pausedUP",
    "pausedDL",
    "stoppedUP",
    "stoppedDL",
    "forcedMetaDL",
    "allocating",
    "queuedForChecking",
];

impl State {
    /// The state with this word.
    pub fn new(word: &str) -> State {
        match STATE_WORDS.iter().find(|w| **w == word) {
            Some(known) => State(Cow::Borrowed(known)),
            None => State(Cow::Owned(word.to_owned())),
        }
    }

    /// The word itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The server does not know either.
    pub fn is_unknown(&self) -> bool {
        self.as_str() == "unknown"
    }

    /// `error` or `missingFiles`.
    pub fn is_errored(&self) -> bool {
        matches!(self.as_str(), "error" | "missingFiles")
    }

    /// A check of the data runs or waits for its turn.
    pub fn is_checking(&self) -> bool {
        matches!(
            self.as_str(),
            "checkingUP" | "checkingDL" | "checkingResumeData" | "queuedForChecking"
        )
    }

    /// Stopped by a person, a limit or us (`paused*` until 4.6, `stopped*` from 5.0).
    pub fn is_stopped(&self) -> bool {
        matches!(
            self.as_str(),
            "pausedUP" | "pausedDL" | "stoppedUP" | "stoppedDL"
        )
    }

    /// It does not show whether the torrent is stopped.
    pub fn hides_stop(&self) -> bool {
        self.is_errored() || self.is_checking() || self.is_moving() || self.is_unknown()
    }

    /// Moving its files from one place to another.
    pub fn is_moving(&self) -> bool {
        self.as_str() == "moving"
    }
}

impl Torrent {
    /// A torrent of which nothing was sent yet.
    pub fn unread() -> Torrent {
        Torrent {
            unsent: UnsentTexts(u8::MAX),
            ..Torrent::default()
        }
    }

    /// To be called after a reading was taken over, with the state and the bytes from before it: where the new state
    /// hides what the torrent was (an error, a check), that is remembered.
    pub fn remember(&mut self, old_state: &State, old_completed: Option<i64>) {
        let hides = |state: &State| state.is_errored() || state.is_checking();
        if !hides(&self.state) {
            self.last_good = None;
        } else if !hides(old_state) && !old_state.is_unknown() {
            let completed = old_completed.unwrap_or(0);
            self.last_good = Some(Box::new(LastGood {
                stopped: old_state.is_stopped(),
                completed,
            }));
        }
    }

    /// This fresh row of `torrents/info`, with what only `sync/maindata` tells taken over from the older record: flags
    /// about its trackers that are no longer fresh are dropped, so that the trackers themselves are asked.
    pub fn with_what_only_deltas_tell(mut self, older: Option<&Torrent>) -> Torrent {
        self.has_tracker_error = None;
        self.has_other_announce_error = None;
        if let Some(older) = older {
            self.last_good = older.last_good.clone();
            self.remember(&older.state, older.completed);
            self.other = self.other.or_else(|| older.other.clone());
        }
        self
    }

    /// Whether all wanted bytes are there, by the server's word.
    pub fn is_complete(&self) -> bool {
        self.progress.is_some_and(|p| p >= 1.0) && self.size.is_some_and(|s| s > 0)
    }

    /// When it was completed, in Unix seconds; `None` for never and for absurd values
    /// (0 on 4.x, -1 on 5.x, 4294967295 on 4.1, anything more than a day ahead of `now_s`).
    pub fn completed_at(&self, now_s: i64) -> Option<i64> {
        self.completion_on.filter(|&t| t > 0 && t <= now_s + 86_400)
    }

    /// Seconds it has seeded: the server's own count, which lags and never leads.
    pub fn seeding_seconds(&self) -> Option<i64> {
        self.seeding_time
    }

    /// Host of the tracker shown in the list, empty if none; never the address itself.
    pub fn tracker_host(&self) -> String {
        super::tracker::host_of(&self.tracker)
    }

    /// Whether `tag` is one of its tags.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.split(',').any(|t| t.trim() == tag)
    }

    /// Whether `tag` is one of its tags, but for upper and lower case.
    pub fn has_tag_in_any_case(&self, tag: &str) -> bool {
        let tag = tag.to_lowercase();
        self.tags.split(',').any(|t| t.trim().to_lowercase() == tag)
    }

    /// Name for people: the display name, or the info-hash while there is none.
    pub fn title<'a>(&'a self, id: &'a ItemId) -> &'a str {
        if self.name.is_empty() {
            id.as_str()
        } else {
            &self.name
        }
    }
}

/// What `sync/maindata` and `app/*` tell of a server, with all its torrents.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Library {
    /// Every torrent of the account by info-hash.
    pub torrents: BTreeMap<ItemId, Torrent>,
    /// Values of `server_state`.
    pub server: ServerState,
    /// Web API version.
    pub api: ApiVersion,
}

/// The values of `server_state` that rules read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerState {
    /// Bytes free at the default save path; zero and less mean unknown (section 6 of the Web API facts).
    pub free_space_on_disk: Option<i64>,
    /// Bytes per second.
    pub dl_info_speed: Option<i64>,
    /// Bytes per second.
    pub up_info_speed: Option<i64>,
    /// Bytes since the server's first start.
    pub alltime_dl: Option<i64>,
    /// Bytes since the server's first start.
    pub alltime_ul: Option<i64>,
    /// All values as sent, by name.
    pub raw: BTreeMap<String, Value>,
}

/// Web API version, compared part by part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ApiVersion(pub u16, pub u16, pub u16);

impl ApiVersion {
    /// Torrents can be exported (4.5.0).
    pub const EXPORT: ApiVersion = ApiVersion(2, 8, 18);
    /// The filters for stopped and running torrents go by what their owner wanted and not by the state (seen on 4.5).
    pub const STOP_FILTERS: ApiVersion = ApiVersion(2, 8, 18);
    /// `properties` tells whether a torrent is private (4.5.1). Where the exact patch is unknown, the field decides.
    pub const IS_PRIVATE: ApiVersion = ApiVersion(2, 8, 18);
    /// Deltas are cheap (4.6).
    pub const CHEAP_DELTAS: ApiVersion = ApiVersion(2, 9, 2);
    /// `stop` and `start` instead of `pause` and `resume`; the list has `private` (5.0).
    pub const STOP_START: ApiVersion = ApiVersion(2, 11, 0);
    /// `includeTrackers` (5.1).
    pub const INCLUDE_TRACKERS: ApiVersion = ApiVersion(2, 11, 4);
    /// `has_tracker_error` and its kind in `sync/maindata` (5.2).
    pub const TRACKER_FLAGS: ApiVersion = ApiVersion(2, 11, 7);
    /// Tracker status 5 means that the tracker itself refused (5.2).
    pub const TRACKER_ERROR_STATUS: ApiVersion = ApiVersion(2, 13, 0);
}
