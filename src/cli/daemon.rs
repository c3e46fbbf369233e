//! Whether a daemon works in a state folder.

use crate::core::plan::on_one_line;
use crate::sys::as_owner;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Whether a daemon works in the folder.
pub enum Daemon {
    /// It does, and what it says of itself.
    Runs(String),
    /// None does.
    Absent,
    /// Nobody can say from here.
    Unknown,
}

impl Daemon {
    /// Looks without taking the lock, which would be in the way of a daemon that is just starting.
    pub fn of(folder: &Path) -> Daemon {
        let path = folder.join("lock");
        let Ok(found) = std::fs::metadata(&path) else {
            return Daemon::Absent;
        };
        let Ok(locks) = std::fs::read_to_string("/proc/locks") else {
            return Daemon::Unknown;
        };
        let inode = format!(":{}", found.ino());
        let is_locked = locks
            .lines()
            .any(|line| line.split_whitespace().any(|word| word.ends_with(&inode)));
        if !is_locked {
            return Daemon::Absent;
        }
        let read = as_owner(&path, || std::fs::read_to_string(&path));
        let holder = read.unwrap_or_default();
        Daemon::Runs(on_one_line(holder.trim()).into_owned())
    }

    /// In a word.
    pub fn word(&self) -> &'static str {
        match self {
            Daemon::Runs(_) => "runs",
            Daemon::Absent => "does not run",
            Daemon::Unknown => "unknown",
        }
    }
}
