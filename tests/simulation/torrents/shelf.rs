//! The files of the servers of a world: what the process sees at the same place.

use super::{LIBRARY, bin, downloads};
use crate::support::disk::SimDisk;
use seedwarden_sim::qbittorrent::Disk;
use std::path::{Path, PathBuf};

/// Bytes of the disk with a server's data.
const CAPACITY: i64 = 24 << 30;

/// The server's files, which the process sees too.
pub struct Shelf {
    disk: SimDisk,
    server: String,
    has_bin: bool,
    binned: u64,
}

impl Shelf {
    /// The files of a server; with a recycle bin that takes what is deleted, if it has one.
    pub fn new(disk: &SimDisk, server: &str, has_bin: bool) -> Self {
        Self {
            disk: disk.clone(),
            server: server.to_owned(),
            has_bin,
            binned: 0,
        }
    }
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.server)
    }
}

impl Disk for Shelf {
    fn size(&mut self, path: &str) -> Option<u64> {
        self.disk.with(|disk| disk.size(Path::new(path)))
    }

    fn write(&mut self, path: &str, size: u64) {
        self.disk.with(|disk| {
            if !disk.is_hidden(Path::new(path)) {
                disk.put_sized(Path::new(path), size);
            }
        });
    }

    fn remove(&mut self, path: &str, _save_path: &str) {
        self.binned += 1;
        let place = bin(&self.server).join(self.binned.to_string());
        self.disk.with(|disk| {
            let path = Path::new(path);
            let is_here = path.starts_with(downloads(&self.server));
            if self.has_bin && is_here && disk.links(path).is_some() && !disk.is_link(path) {
                disk.link(path, &place);
            }
            disk.delete(path);
        });
    }

    fn free(&mut self) -> Option<i64> {
        Some(free(&self.disk, &self.server))
    }
}

/// Bytes that are free where a server keeps its data: really, whatever it shows.
pub fn free(disk: &SimDisk, server: &str) -> i64 {
    let folders: [PathBuf; 2] = [downloads(server), Path::new(LIBRARY).join(server)];
    let used = disk.with(|disk| {
        let folders = folders.map(|folder| disk.real(&folder));
        disk.used_below(&[&folders[0], &folders[1]])
    });
    CAPACITY - i64::try_from(used).unwrap_or(i64::MAX)
}

/// Bytes of deletions that freed nothing there: in the bin, and of the other disk.
pub fn elsewhere(disk: &SimDisk, server: &str) -> i64 {
    let used = |folder: &Path| disk.with(|disk| disk.used_below(&[folder]) as i64);
    used(&bin(server)) - used(&super::cold(server))
}
