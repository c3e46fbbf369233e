//! What is particular to AllDebrid accounts.

use url::Url;

use super::Secret;

/// An AllDebrid account and what is to be done on it.
#[derive(Debug, Clone)]
pub struct AdPolicy {
    /// Base address; its path ends in a slash, so that `v4.1/…` can be joined to it.
    pub url: Url,
    /// The account's API key.
    pub api_key: Secret,
    /// Magnets in error or expired; on with its defaults unless the file says `false`.
    pub failed: Option<Failed>,
}

/// Last resort of a failed magnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MagnetLastResort {
    /// Delete the magnet.
    Delete,
    /// Never delete: one warning, then the remedy once a day.
    Keep,
}

/// The `failed` block.
#[derive(Debug, Clone)]
pub struct Failed {
    /// The sighting, from 1, at which the last resort is applied.
    pub max_failures: u32,
    /// What is done then.
    pub last_resort: MagnetLastResort,
}

impl Default for Failed {
    fn default() -> Self {
        Self {
            max_failures: 5,
            last_resort: MagnetLastResort::Delete,
        }
    }
}
