//! The names that conditions can use: Vertex's keys, every field of a torrent by its Web API name, and our own.
//! A name is resolved once, when the configuration is loaded; evaluation works with [`Key`] only.

use std::cmp::Reverse;
use std::fmt;

/// What a key's value is; decides which compare types and units make sense for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A size in bytes; sizes with units are accepted.
    Bytes,
    /// Bytes per second; sizes with units are accepted, also with `/s`.
    Speed,
    /// A length of time in seconds; durations are accepted.
    Seconds,
    /// A length of time that the Web API counts in minutes; durations are accepted and converted.
    Minutes,
    /// A moment in Unix seconds.
    Time,
    /// A plain number: count, share, ratio.
    Number,
    /// True or false.
    Flag,
    /// A set of texts, compared element by element.
    Set,
}

impl Kind {
    /// Whether order and arithmetic make sense.
    pub fn is_numeric(self) -> bool {
        match self {
            Kind::Bytes
            | Kind::Speed
            | Kind::Seconds
            | Kind::Minutes
            | Kind::Time
            | Kind::Number => true,
            Kind::Text | Kind::Flag | Kind::Set => false,
        }
    }
}

/// How much work it takes to know a key's value of an item, cheapest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// Part of the listing, or of the account as a whole.
    Listing,
    /// In the listing of Web API 2.11 and later, one request per item before.
    Privacy,
    /// The tracker list of the item.
    Trackers,
    /// A look at the item's files on disk.
    Links,
}

macro_rules! keys {
    ($($variant:ident $name:literal $(| $alias:literal)* $kind:ident $(costs $cost:ident)?;)+) => {
        /// One thing that a condition can ask about an item or its account.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[expect(missing_docs, reason = "each variant is named as its Web API field or Vertex key")]
        pub enum Key { $($variant),+ }

        impl Key {
            /// Every key, in the order of the documentation.
            pub const ALL: &[Key] = &[$(Key::$variant),+];

            /// The key of this name; Vertex's and the Web API's names for the same fact give the same key.
            pub fn from_name(name: &str) -> Option<Key> {
                match name {
                    $($name $(| $alias)* => Some(Key::$variant),)+
                    _ => None,
                }
            }

            /// All accepted names of this key, the preferred one first.
            pub fn names(self) -> &'static [&'static str] {
                match self { $(Key::$variant => &[$name $(, $alias)*]),+ }
            }

            /// What the value is.
            pub fn kind(self) -> Kind {
                match self { $(Key::$variant => Kind::$kind),+ }
            }

            /// What it takes to know the value.
            pub fn cost(self) -> Cost {
                match self { $(Key::$variant => keys!(@cost $($cost)?)),+ }
            }
        }
    };
    (@cost $cost:ident) => { Cost::$cost };
    (@cost) => { Cost::Listing };
}

keys! {
    // Vertex's keys (its name first, the Web API's second). `Age` of a moment that never was is 0.
    Name "name" Text;
    Category "category" Text;
    Tags "tags" Text;
    State "state" Text;
    SavePath "savePath" | "save_path" Text;
    Tracker "tracker" Text;
    TrackerStatus "trackerStatus" Text costs Trackers;
    Hash "hash" Text;
    Progress "progress" Number;
    Availability "availability" Number;
    Size "size" Bytes;
    TotalSize "totalSize" | "total_size" Bytes;
    Completed "completed" Bytes;
    Downloaded "downloaded" Bytes;
    Uploaded "uploaded" Bytes;
    UploadSpeed "uploadSpeed" | "upspeed" Speed;
    DownloadSpeed "downloadSpeed" | "dlspeed" Speed;
    Seeder "seeder" | "num_seeds" Number;
    Leecher "leecher" | "num_leechs" Number;
    TotalSeeder "totalSeeder" | "num_complete" Number;
    TotalLeecher "totalLeecher" | "num_incomplete" Number;
    // Vertex's computed keys.
    Ratio "ratio" Number;
    TrueRatio "trueRatio" Number;
    Ratio3 "ratio3" Number;
    AddedTime "addedTime" Seconds;
    CompletedTime "completedTime" Seconds;
    // The account and the clock.
    FreeSpace "freeSpace" Bytes;
    LeechingCount "leechingCount" Number;
    SeedingCount "seedingCount" Number;
    GlobalUploadSpeed "globalUploadSpeed" Speed;
    GlobalDownloadSpeed "globalDownloadSpeed" Speed;
    SecondFromZero "secondFromZero" Seconds;
    // Our own.
    Hardlinked "hardlinked" Flag costs Links;
    LinkCount "linkCount" Number costs Links;
    SeedingTime "seedingTime" | "seeding_time" Seconds;
    Private "private" Flag costs Privacy;
    Failures "failures" Number;
    Tag "tag" Set;
    Trackers "trackers" Set costs Trackers;
    // The other fields of a torrent, by their Web API names only.
    AddedOn "added_on" Time;
    CompletionOn "completion_on" Time;
    LastActivity "last_activity" Time;
    SeenComplete "seen_complete" Time;
    CreationDate "creation_date" Time;
    AmountLeft "amount_left" Bytes;
    DownloadedSession "downloaded_session" Bytes;
    UploadedSession "uploaded_session" Bytes;
    TotalWasted "total_wasted" Bytes;
    PieceSize "piece_size" Bytes;
    DownloadLimit "dl_limit" Speed;
    UploadLimit "up_limit" Speed;
    Eta "eta" Seconds;
    TimeActive "time_active" Seconds;
    Reannounce "reannounce" Seconds;
    SeedingTimeLimit "seeding_time_limit" Minutes;
    InactiveSeedingTimeLimit "inactive_seeding_time_limit" Minutes;
    MaxSeedingTime "max_seeding_time" Minutes;
    MaxInactiveSeedingTime "max_inactive_seeding_time" Minutes;
    RatioLimit "ratio_limit" Number;
    MaxRatio "max_ratio" Number;
    Popularity "popularity" Number;
    Priority "priority" Number;
    TrackersCount "trackers_count" Number;
    PiecesCount "pieces_num" Number;
    PiecesHave "pieces_have" Number;
    ConnectionsCount "connections_count" Number;
    ConnectionsLimit "connections_limit" Number;
    AutoTmm "auto_tmm" Flag;
    FirstLastPiecePriority "f_l_piece_prio" Flag;
    ForceStart "force_start" Flag;
    HasMetadata "has_metadata" Flag;
    SequentialDownload "seq_dl" Flag;
    SuperSeeding "super_seeding" Flag;
    Comment "comment" Text;
    ContentPath "content_path" Text;
    CreatedBy "created_by" Text;
    DownloadPath "download_path" Text;
    InfohashV1 "infohash_v1" Text;
    InfohashV2 "infohash_v2" Text;
    MagnetUri "magnet_uri" Text;
    RootPath "root_path" Text;
    ShareLimitAction "share_limit_action" Text;
    ShareLimitsMode "share_limits_mode" Text;
}

impl Key {
    /// The preferred name.
    pub fn name(self) -> &'static str {
        self.names()[0]
    }

    /// Whether it is one of Vertex's keys.
    pub fn is_vertex(self) -> bool {
        self <= Key::SecondFromZero
    }

    /// The key that Vertex's rules mean by this name, if they know it.
    pub fn from_vertex_name(name: &str) -> Option<Key> {
        Key::from_name(name).filter(|key| key.is_vertex() && key.name() == name)
    }

    /// The name of the field in the list of torrents; `None` for what is computed, read elsewhere, or of the account.
    pub fn listed_name(self) -> Option<&'static str> {
        let is_computed = matches!(
            self,
            Key::Hash
                | Key::TrackerStatus
                | Key::TrueRatio
                | Key::Ratio3
                | Key::AddedTime
                | Key::CompletedTime
                | Key::Hardlinked
                | Key::LinkCount
                | Key::Failures
                | Key::Tag
                | Key::Trackers
        );
        let name = self.names().last().copied();
        name.filter(|_| !is_computed && !self.is_of_account())
    }

    /// The accepted name nearest to a misspelt one, if any is near enough to be meant.
    pub fn nearest(misspelt: &str) -> Option<&'static str> {
        let lower = misspelt.to_ascii_lowercase();
        let names = Key::ALL.iter().flat_map(|key| key.names().iter().copied());
        nearest_of(&lower, names)
    }

    /// Whether the value changes by the passing of time alone, so that a verdict cannot be kept.
    pub fn depends_on_clock(self) -> bool {
        matches!(
            self,
            Key::AddedTime | Key::CompletedTime | Key::SecondFromZero
        )
    }

    /// Whether the value belongs to the account as a whole; only these may be used in `until`.
    pub fn is_of_account(self) -> bool {
        matches!(
            self,
            Key::FreeSpace
                | Key::LeechingCount
                | Key::SeedingCount
                | Key::GlobalUploadSpeed
                | Key::GlobalDownloadSpeed
                | Key::SecondFromZero
        )
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The candidate nearest to `lower` (lower case), at most a third of its letters away.
pub(crate) fn nearest_of<'a>(
    lower: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .map(|name| {
            (
                strsim::osa_distance(lower, &name.to_ascii_lowercase()),
                Reverse(common_beginning(lower, name)),
                name,
            )
        })
        .min()
        .filter(|(distance, _, name)| *distance <= name.len().max(lower.len()).div_ceil(3))
        .map(|(_, _, name)| name)
}

/// How many letters two words begin with alike: of names equally far away, people mean the one they began to write.
fn common_beginning(lower: &str, name: &str) -> usize {
    let pairs = lower.chars().zip(name.chars());
    pairs
        .take_while(|(a, b)| *a == b.to_ascii_lowercase())
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_key_and_to_no_other() {
        let mut seen = std::collections::BTreeSet::new();
        for key in Key::ALL {
            for name in key.names() {
                assert_eq!(Key::from_name(name), Some(*key));
                assert!(seen.insert(*name), "{name} is given twice");
            }
        }
    }

    #[test]
    fn suggests_the_nearest_name() {
        assert_eq!(Key::nearest("uplodSpeed"), Some("uploadSpeed"));
        assert_eq!(Key::nearest("freespace"), Some("freeSpace"));
        assert_eq!(Key::nearest("hardlink"), Some("hardlinked"));
        assert_eq!(Key::nearest("xyzzy"), None);
    }
}
