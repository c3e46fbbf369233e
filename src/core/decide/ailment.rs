//! The kinds of trouble, and where each keeps its counts.

use crate::core::state::{Failures, ItemState};

/// Something that can be wrong with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ailment {
    /// qBittorrent: the torrent is in error.
    Errored,
    /// qBittorrent: a private torrent that its tracker no longer knows.
    Unregistered,
    /// qBittorrent: trackers of a public torrent that do not work.
    FailedTrackers,
    /// AllDebrid: a magnet in error or expired.
    Failed,
}

impl Ailment {
    /// All of them.
    pub const ALL: [Ailment; 4] = [
        Ailment::Errored,
        Ailment::Unregistered,
        Ailment::FailedTrackers,
        Ailment::Failed,
    ];

    /// The word used in configuration, state, logs and plans.
    pub fn word(self) -> &'static str {
        match self {
            Ailment::Errored => "errored",
            Ailment::Unregistered => "unregistered",
            Ailment::FailedTrackers => "failed_trackers",
            Ailment::Failed => "failed",
        }
    }

    /// The counts of this ailment in an item's state. Trackers have one count each and are not found here.
    pub fn failures(self, item: &ItemState) -> Option<&Failures> {
        match self {
            Ailment::Errored => item.errored.as_ref(),
            Ailment::Unregistered => item.unregistered.as_ref(),
            Ailment::Failed => item.failed.as_ref(),
            Ailment::FailedTrackers => None,
        }
    }

    /// Replaces the counts of this ailment.
    pub fn set_failures(self, item: &mut ItemState, failures: Option<Failures>) {
        match self {
            Ailment::Errored => item.errored = failures,
            Ailment::Unregistered => item.unregistered = failures,
            Ailment::Failed => item.failed = failures,
            Ailment::FailedTrackers => {}
        }
    }

    /// Whether an item with this sign would make up an outage: it had no failures before, and its owner has not
    /// said that it really is that broken.
    pub fn is_fresh(self, item: Option<&ItemState>) -> bool {
        let Some(item) = item else { return true };
        match self {
            Ailment::FailedTrackers => item
                .failed_trackers
                .values()
                .all(|f| f.failures == 0 && !f.accepted),
            Ailment::Errored | Ailment::Unregistered | Ailment::Failed => self
                .failures(item)
                .is_none_or(|f| f.failures == 0 && !f.accepted),
        }
    }
}
