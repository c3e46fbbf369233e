//! What store, ledger and trash share: the write lock, replacing a file durably, and errors that say what to do.

use crate::ports::{Disk, LockGuard};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest wait for another process that writes: it holds the lock for a few writes to the disk.
const LOCK_WAIT: Duration = Duration::from_secs(10);
/// Time between two tries for the lock.
const LOCK_RETRY: Duration = Duration::from_millis(20);
/// As many symbolic links as Linux follows.
const MOST_LINKS: usize = 40;

/// Why a file in the state folder could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// No space, or the quota is used up.
    #[error(
        "no space left for {}: make room on that disk. Nothing is deleted until it can be saved",
        path.display()
    )]
    Full {
        /// Which file.
        path: PathBuf,
    },
    /// The file system takes no changes.
    #[error(
        "{} is on a read-only file system: make it writable, or choose another state folder (--state-dir). \
         Nothing is deleted until it can be saved",
        path.display()
    )]
    ReadOnly {
        /// Which file.
        path: PathBuf,
    },
    /// Not allowed.
    #[error(
        "no permission to {doing} {}: it and its folder must belong to the user that Seedwarden runs as",
        path.display()
    )]
    Denied {
        /// What was tried.
        doing: &'static str,
        /// Which file.
        path: PathBuf,
    },
    /// Another process held the write lock for too long.
    #[error(
        "another process has held {} for more than {} seconds: look for a seedwarden command that hangs",
        path.display(),
        LOCK_WAIT.as_secs()
    )]
    Busy {
        /// The lock.
        path: PathBuf,
    },
    /// Anything else.
    #[error("could not {doing} {}: {source}", path.display())]
    Other {
        /// What was tried.
        doing: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
}

impl DiskError {
    /// The error of an operation on `path`; `doing` completes "could not …".
    pub fn new(doing: &'static str, path: &Path, source: io::Error) -> DiskError {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => DiskError::Full { path },
            ErrorKind::ReadOnlyFilesystem => DiskError::ReadOnly { path },
            ErrorKind::PermissionDenied => DiskError::Denied { doing, path },
            _ => DiskError::Other {
                doing,
                path,
                source,
            },
        }
    }
}

/// Takes `write.lock`, which every process holds while it changes the state or the ledger.
///
/// # Errors
/// `Busy` after ten seconds, or what the disk says.
pub async fn write_lock(disk: &dyn Disk, folder: &Path) -> Result<LockGuard, DiskError> {
    let path = folder.join("write.lock");
    let tries = LOCK_WAIT.as_millis() / LOCK_RETRY.as_millis();
    // Asked for again and again, because a thread that waits for a lock cannot be called back.
    for _ in 0..tries {
        match disk.lock(&path, false).await {
            Ok(lock) => return Ok(lock),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(DiskError::new("lock", &path, error)),
        }
        tokio::time::sleep(LOCK_RETRY).await;
    }
    Err(DiskError::Busy { path })
}

/// Where a file really is: symbolic links at the end of the path followed, also if they lead to nothing yet. A rename must
/// replace that file, and not the link.
///
/// # Errors
/// What the disk says.
pub async fn real_path(disk: &dyn Disk, path: &Path) -> Result<PathBuf, DiskError> {
    let mut found = path.to_owned();
    for _ in 0..MOST_LINKS {
        match disk.read_link(&found).await {
            Ok(target) => found = folder_of(&found).join(target),
            Err(error) => match error.kind() {
                ErrorKind::InvalidInput | ErrorKind::NotFound => return Ok(found),
                _ => return Err(DiskError::new("look at", &found, error)),
            },
        }
    }
    let source = io::Error::other("too many symbolic links");
    Err(DiskError::new("follow", path, source))
}

/// Reads a file; `None` if there is none.
///
/// # Errors
/// What the disk says.
pub async fn read_if_there(disk: &dyn Disk, path: &Path) -> Result<Option<Vec<u8>>, DiskError> {
    match disk.read(path).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DiskError::new("read", path, error)),
    }
}

/// The one temp file that goes with a file. It has a fixed name, so that no process that is killed leaves more than one.
pub fn temp_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

/// Writes the temp file of `path` durably, for [`put_in_place`].
///
/// # Errors
/// What the disk says; the temp file is gone then, so that it does not fill the disk further.
pub async fn write_temp(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    let temp = temp_path(path);
    let written = match disk.write(&temp, bytes).await {
        Ok(()) => disk.sync_file(&temp).await,
        Err(error) => Err(error),
    };
    let Err(error) = written else { return Ok(()) };
    // What matters is the first error; a stray is removed at the next start.
    let _ = disk.remove(&temp).await;
    Err(DiskError::new("write", &temp, error))
}

/// Renames the temp file over `path`, durably. After an error either of the two contents may be there.
///
/// # Errors
/// What the disk says.
pub async fn put_in_place(disk: &dyn Disk, path: &Path) -> Result<(), DiskError> {
    let renamed = disk.rename(&temp_path(path), path).await;
    renamed.map_err(|error| DiskError::new("replace", path, error))?;
    sync_folder_of(disk, path).await
}

/// Makes the names beside `path` durable.
///
/// # Errors
/// What the disk says.
pub async fn sync_folder_of(disk: &dyn Disk, path: &Path) -> Result<(), DiskError> {
    let folder = folder_of(path);
    let synced = disk.sync_folder(folder).await;
    synced.map_err(|error| DiskError::new("make changes durable in", folder, error))
}

/// Removes the temp file of `path` that a process which was killed may have left.
///
/// # Errors
/// What the disk says.
pub async fn remove_stray(disk: &dyn Disk, path: &Path) -> Result<(), DiskError> {
    let temp = temp_path(path);
    match disk.remove(&temp).await {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(DiskError::new("remove", &temp, error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}
