//! A magnet as AllDebrid lists it.

use serde::{Deserialize, Serialize};

/// One magnet of `magnet/status` (v4.1). `None` means that the field was absent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Magnet {
    /// Name; `noname` or the hash until there is metadata.
    pub filename: Box<str>,
    /// Info-hash, undocumented but present in practice; upper or lower case.
    pub hash: Option<Box<str>>,
    /// Bytes; 0 until there is metadata.
    pub size: Option<i64>,
    /// Text of the status, English and not stable.
    pub status: Box<str>,
    /// Number of the status; absent or undecodable is unknown, never 0.
    pub status_code: Option<i64>,
    /// Bytes.
    pub downloaded: Option<i64>,
    /// Bytes.
    pub uploaded: Option<i64>,
    /// Bytes per second.
    pub download_speed: Option<i64>,
    /// Bytes per second.
    pub upload_speed: Option<i64>,
    /// Seeders.
    pub seeders: Option<i64>,
    /// Unix seconds.
    pub upload_date: Option<i64>,
    /// Unix seconds, 0 for not done.
    pub completion_date: Option<i64>,
    /// The object as sent, for rules that read `originProp`; kept only if a rule can ask for it.
    pub raw: Option<Box<serde_json::Value>>,
}

/// Class of a magnet's status (alldebrid-api.md, section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MagnetClass {
    /// Queued, downloading, moving, uploading (codes 0 to 3).
    Active,
    /// Ready (code 4).
    Ready,
    /// Failed (codes 5 to 10, 12 to 15).
    Error,
    /// Files were removed (code 11, or a text that begins with "expired").
    Expired,
    /// Anything else: left alone.
    Unknown,
}

impl MagnetClass {
    /// Every class.
    pub const ALL: [MagnetClass; 5] = [
        MagnetClass::Active,
        MagnetClass::Ready,
        MagnetClass::Error,
        MagnetClass::Expired,
        MagnetClass::Unknown,
    ];

    /// The word that rules, plans and the state file use.
    pub fn word(self) -> &'static str {
        match self {
            MagnetClass::Active => "active",
            MagnetClass::Ready => "ready",
            MagnetClass::Error => "error",
            MagnetClass::Expired => "expired",
            MagnetClass::Unknown => "unknown",
        }
    }

    /// Error or expired.
    pub fn is_failed(self) -> bool {
        matches!(self, MagnetClass::Error | MagnetClass::Expired)
    }
}

impl Magnet {
    /// Text beginning with "expired" decides, else the code, else unknown. A code that a ready or active
    /// text contradicts is unknown too: nothing is deleted on a contradiction.
    pub fn class(&self) -> MagnetClass {
        let text = self.status.trim().to_ascii_lowercase();
        if text.starts_with("expired") {
            return MagnetClass::Expired;
        }
        let by_code = match self.status_code {
            Some(0..=3) => MagnetClass::Active,
            Some(4) => MagnetClass::Ready,
            Some(11) => MagnetClass::Expired,
            Some(5..=15) => MagnetClass::Error,
            Some(_) | None => MagnetClass::Unknown,
        };
        if by_code.is_failed()
            && matches!(
                text.as_str(),
                "ready" | "downloading" | "in queue" | "uploading"
            )
        {
            return MagnetClass::Unknown;
        }
        by_code
    }

    /// Share downloaded by size, 1 when ready, 0 while the size is unknown.
    pub fn progress(&self) -> f64 {
        self.known_progress().unwrap_or(0.0)
    }

    /// The same, where everything was sent that it follows from. Without metadata the size is sent as 0.
    pub fn known_progress(&self) -> Option<f64> {
        if self.class() == MagnetClass::Ready {
            return Some(1.0);
        }
        match (self.downloaded, self.size) {
            (_, Some(0)) => Some(0.0),
            (Some(downloaded), Some(size)) if size > 0 => Some(downloaded as f64 / size as f64),
            _ => None,
        }
    }
}
