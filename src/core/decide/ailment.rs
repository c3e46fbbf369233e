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

    /// The ailment of this word.
    pub fn of(word: &str) -> Option<Ailment> {
        Ailment::ALL
            .into_iter()
            .find(|ailment| ailment.word() == word)
    }

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

    /// All counts of this ailment: one, or one for each tracker.
    pub fn all_failures(self, item: &ItemState) -> Vec<&Failures> {
        match self {
            Ailment::Errored | Ailment::Unregistered | Ailment::Failed => {
                self.failures(item).into_iter().collect()
            }
            Ailment::FailedTrackers => item.failed_trackers.values().collect(),
        }
    }

    /// The same, to be changed.
    pub fn all_failures_mut(self, item: &mut ItemState) -> Vec<&mut Failures> {
        match self {
            Ailment::Errored => item.errored.iter_mut().collect(),
            Ailment::Unregistered => item.unregistered.iter_mut().collect(),
            Ailment::Failed => item.failed.iter_mut().collect(),
            Ailment::FailedTrackers => item.failed_trackers.values_mut().collect(),
        }
    }

    /// Whether its owner has said that the item really is that broken.
    pub fn is_accepted(self, item: &ItemState) -> bool {
        self.all_failures(item).iter().any(|f| f.accepted)
    }
}
