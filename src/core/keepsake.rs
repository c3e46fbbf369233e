//! What is kept of a deleted torrent beside its `.torrent` file or magnet link, so that it can be added again as it was.

use super::ledger::Was;
use super::model::{Address, Torrent, TorrentFile};
use serde::{Deserialize, Serialize};

/// Settings of a torrent. Holds no tracker addresses but in `magnet_link`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Keepsake {
    /// Display name.
    pub name: String,
    /// Category, empty if none.
    pub category: String,
    /// Tags.
    pub tags: Vec<String>,
    /// Folder, as the server sees it.
    pub save_path: String,
    /// Folder for incomplete data, if one was set.
    pub download_path: Option<String>,
    /// Automatic torrent management.
    pub auto_tmm: Option<bool>,
    /// Bytes per second; 0 and less mean unlimited.
    pub dl_limit: Option<i64>,
    /// Bytes per second; 0 and less mean unlimited.
    pub up_limit: Option<i64>,
    /// Share ratio limit; -2 global, -1 none.
    pub ratio_limit: Option<f64>,
    /// Minutes; -2 global, -1 none.
    pub seeding_time_limit: Option<i64>,
    /// Minutes; -2 global, -1 none.
    pub inactive_seeding_time_limit: Option<i64>,
    /// It was stopped, and not by a treatment of ours.
    pub stopped: bool,
    /// Share had, 0 to 1.
    pub progress: Option<f64>,
    /// It had been complete once, whatever an error or a check showed in the end.
    pub was_complete: bool,
    /// Wanted bytes it had before trouble hid them.
    pub had_bytes: i64,
    /// Files whose priority is not normal: number and priority.
    pub priorities: Vec<(usize, i64)>,
    /// Magnet link, where there is no `.torrent` file. Holds passkeys.
    pub magnet_link: Option<Address>,
}

impl Keepsake {
    /// What is to be kept of a torrent. `was` is what it was before any trouble.
    pub fn of(torrent: &Torrent, files: &[TorrentFile], was: &Was) -> Keepsake {
        let is_odd = |(_, file): &(usize, &TorrentFile)| !matches!(file.priority, 1 | 4);
        let download_path = torrent.download_path.as_deref();
        Keepsake {
            name: torrent.name.to_string(),
            category: torrent.category.to_string(),
            tags: torrent
                .tags
                .split(',')
                .map(|tag| tag.trim().to_owned())
                .filter(|tag| !tag.is_empty())
                .collect(),
            save_path: torrent.save_path.to_string(),
            download_path: download_path
                .filter(|path| !path.is_empty())
                .map(str::to_owned),
            auto_tmm: torrent.auto_tmm,
            dl_limit: torrent.dl_limit,
            up_limit: torrent.up_limit,
            ratio_limit: torrent.ratio_limit,
            seeding_time_limit: torrent.seeding_time_limit,
            inactive_seeding_time_limit: torrent.inactive_seeding_time_limit,
            stopped: !was.running,
            progress: torrent.progress,
            was_complete: was.complete,
            had_bytes: was.had_bytes,
            priorities: files
                .iter()
                .enumerate()
                .filter(is_odd)
                .map(|(at, file)| (at, file.priority))
                .collect(),
            magnet_link: None,
        }
    }

    /// Whether a torrent that was added again has at least what this one had, so that starting it downloads nothing
    /// that was there before.
    pub fn is_all_there(&self, torrent: &Torrent) -> bool {
        if self.was_complete {
            return torrent.is_complete();
        }
        self.had_bytes <= 0
            || torrent
                .completed
                .is_some_and(|bytes| bytes >= self.had_bytes)
    }
}
