//! `trash/`: what `restore` needs of deleted items. Names begin with the time they were put there.

use crate::core::model::{AccountId, ItemId};
use crate::ports::Disk;
use jiff::Timestamp;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The trash of one state folder.
#[derive(Clone)]
pub struct Trash {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
}

/// The beginning of the names of one item's files in the trash; add `.torrent`, `.json`.
pub fn stem(now: Timestamp, account: &AccountId, item: &ItemId) -> String {
    let _ = (now, account, item);
    todo!()
}

impl Trash {
    /// The trash below the state folder. Nothing is read or made until it is used.
    pub fn new(disk: Arc<dyn Disk>, state_folder: &Path) -> Trash {
        Trash {
            disk,
            folder: state_folder.join("trash"),
        }
    }

    /// Keeps a file durably.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let _ = (name, content, &self.disk, &self.folder);
        todo!()
    }

    /// Reads a file back. `NotFound` if it is gone.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let _ = name;
        todo!()
    }

    /// Names of all files, oldest first.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn list(&self) -> io::Result<Vec<String>> {
        todo!()
    }

    /// Removes files put before `before` that nothing needs, and strays. Gives how many.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn sweep(
        &self,
        before: Timestamp,
        is_needed: impl Fn(&str) -> bool + Send,
    ) -> io::Result<usize> {
        let _ = (before, is_needed);
        todo!()
    }
}
