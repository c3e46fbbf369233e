//! Disks that are not there: what lies on them is left alone.

use super::words::counted;
use std::fmt;

/// A save path that cannot be seen, with torrents in error below it. They are left alone until it can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsentDisk {
    /// The save path as the server names it.
    pub save_path: Box<str>,
    /// What was tried, and what was found.
    pub why: String,
    /// How many torrents in error have this save path.
    pub torrents: usize,
}

impl fmt::Display for AbsentDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (torrents, save_path) = (self.torrents, &self.save_path);
        let torrents = counted(torrents, "torrent in error is", "torrents in error are");
        write!(
            f,
            "{torrents} left alone, because the disk of {save_path} is not there: {}",
            self.why
        )
    }
}
