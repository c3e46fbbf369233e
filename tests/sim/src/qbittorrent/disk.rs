//! Where the torrents' data lies: in memory, or in a real folder so that other programs see it too.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// The server's view of its files. Paths are the server's own, absolute.
pub trait Disk: fmt::Debug + Send {
    /// Size in bytes of the file at `path`, if it is there.
    fn size(&mut self, path: &str) -> Option<u64>;
    /// Puts a whole file there.
    fn write(&mut self, path: &str, size: u64);
    /// Removes a file, and the folders that it leaves empty up to `save_path`.
    fn remove(&mut self, path: &str, save_path: &str);
    /// Bytes that are free, if it knows; then this is shown in place of the server's setting.
    fn free(&mut self) -> Option<i64> {
        None
    }
}

/// Files in memory: only their sizes.
#[derive(Debug, Default)]
pub struct MemoryDisk(BTreeMap<String, u64>);

impl Disk for MemoryDisk {
    fn size(&mut self, path: &str) -> Option<u64> {
        self.0.get(path).copied()
    }

    fn write(&mut self, path: &str, size: u64) {
        self.0.insert(path.to_owned(), size);
    }

    fn remove(&mut self, path: &str, _: &str) {
        self.0.remove(path);
    }
}

/// Files in a real folder: the server's `/downloads/a/b` is `ROOT/a/b` for `served = "/downloads"`. Paths
/// elsewhere hold no files. Written files are sparse.
#[derive(Debug)]
pub struct FolderDisk {
    served: String,
    root: PathBuf,
}

impl FolderDisk {
    /// Maps the server's folder `served` to the real folder `root`.
    pub fn new(served: &str, root: impl Into<PathBuf>) -> Self {
        let served = served.trim_end_matches('/').to_owned();
        Self {
            served,
            root: root.into(),
        }
    }

    fn real(&self, path: &str) -> Option<PathBuf> {
        let below = path.strip_prefix(&self.served)?.strip_prefix('/')?;
        let is_plain = below
            .split('/')
            .all(|part| !part.is_empty() && part != "..");
        is_plain.then(|| self.root.join(below))
    }
}

impl Disk for FolderDisk {
    fn size(&mut self, path: &str) -> Option<u64> {
        let found = std::fs::metadata(self.real(path)?).ok()?;
        found.is_file().then_some(found.len())
    }

    fn write(&mut self, path: &str, size: u64) {
        let Some(real) = self.real(path) else { return };
        // A disk that is full or read-only shows as a file that is not there.
        if let Some(folder) = real.parent() {
            let _ = std::fs::create_dir_all(folder);
        }
        if let Ok(file) = std::fs::File::create(real) {
            let _ = file.set_len(size);
        }
    }

    fn remove(&mut self, path: &str, save_path: &str) {
        let (Some(real), top) = (self.real(path), self.real(save_path)) else {
            return;
        };
        let top = top.unwrap_or_else(|| self.root.clone());
        let _ = std::fs::remove_file(&real);
        let folders = real.ancestors().skip(1);
        for folder in folders.take_while(|folder| *folder != top && folder.starts_with(&self.root))
        {
            // Fails for a folder that is not empty, and that is what ends it.
            if std::fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}
