//! The files of the servers of a world: what the process sees at the same place.

use crate::support::disk::SimDisk;
use seedwarden_sim::qbittorrent::Disk;
use std::collections::BTreeMap;
use std::path::Path;

/// The server's files, which the process sees too.
pub struct Shelf {
    sizes: BTreeMap<String, u64>,
    disk: SimDisk,
}

impl Shelf {
    /// No files yet.
    pub fn new(disk: &SimDisk) -> Self {
        Self {
            sizes: BTreeMap::new(),
            disk: disk.clone(),
        }
    }
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.sizes.fmt(f)
    }
}

impl Disk for Shelf {
    fn size(&mut self, path: &str) -> Option<u64> {
        self.sizes.get(path).copied()
    }

    fn write(&mut self, path: &str, size: u64) {
        self.sizes.insert(path.to_owned(), size);
        self.disk.with(|disk| disk.put_sized(Path::new(path), size));
    }

    fn remove(&mut self, path: &str, _save_path: &str) {
        if self.sizes.remove(path).is_some() {
            self.disk.with(|disk| disk.delete(Path::new(path)));
        }
    }
}
