//! `trash/`: what `restore` needs of deleted items. Names begin with the time they were put there.

use super::files::{self, DiskError};
use crate::core::ledger::KeptAs;
use crate::core::model::{AccountId, ItemId};
use crate::ports::Disk;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How names begin.
const TIME: &str = "%Y%m%dT%H%M%S%.3fZ";
/// Length of that.
const TIME_LENGTH: usize = "20261120T083000.000Z".len();
/// Longest part of a name that comes from an account or an item; an info-hash has 64 digits at most. Names on disk may have
/// 255 bytes.
const LONGEST_PART: usize = 64;
/// Longest name that is taken.
const LONGEST_NAME: usize = 200;

/// The trash of one state folder.
#[derive(Clone)]
pub struct Trash {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
}

/// What a file in the trash is still good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Something that is not settled needs it, however old it is.
    Open,
    /// It can be asked for.
    UntilOld,
    /// It belongs to a deletion that was called off.
    Useless,
}

/// The beginning of the names of one item's files in the trash; add `.torrent`, `.json`.
pub fn stem(now: Timestamp, account: &AccountId, item: &ItemId) -> String {
    let (account, item) = (plain(account.as_str()), plain(item.as_str()));
    format!("{}-{account}-{item}", now.strftime(TIME))
}

/// That beginning of a name in the trash.
pub fn stem_of(name: &str) -> Option<&str> {
    let end = name.get(TIME_LENGTH..)?.find('.')?;
    name.get(..TIME_LENGTH + end)
}

/// Only what is harmless in a name.
fn plain(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    text.chars().take(LONGEST_PART).map(plain).collect()
}

/// When a file was put there, from its name. `None`: it is none of ours.
fn put_at(name: &str) -> Option<Timestamp> {
    let time = name.get(..TIME_LENGTH)?;
    let time = DateTime::strptime(TIME, time).ok()?;
    Some(TimeZone::UTC.to_zoned(time).ok()?.timestamp())
}

impl Trash {
    /// The trash below the state folder. Nothing is read or made until it is used.
    pub fn new(disk: Arc<dyn Disk>, state_folder: &Path) -> Trash {
        Trash {
            disk,
            folder: state_folder.join("trash"),
        }
    }

    /// Keeps a file durably; one of the same name is replaced. `name` comes from [`stem`].
    ///
    /// # Errors
    /// What the disk says, with the path and what to do.
    pub async fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let path = self.path(name)?;
        self.put_at(&path, content).await.map_err(io::Error::other)
    }

    async fn put_at(&self, path: &Path, content: &[u8]) -> Result<(), DiskError> {
        let made = self.disk.make_folder(&self.folder).await;
        made.map_err(|error| DiskError::new("make the folder", &self.folder, error))?;
        // The folder may be new.
        files::sync_folder_of(&*self.disk, &self.folder).await?;
        files::write_temp(&*self.disk, path, content).await?;
        files::put_in_place(&*self.disk, path).await
    }

    /// Reads a file back. `NotFound` if it is gone.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        self.disk.read(&self.path(name)?).await
    }

    /// Names of all files that were put there, oldest first.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn list(&self) -> io::Result<Vec<String>> {
        let mut names = self.all().await?;
        names.retain(|name| put_at(name).is_some() && !is_temp(name));
        // Names begin with their times.
        names.sort();
        Ok(names)
    }

    /// Removes what was kept for a deletion that was called off. What cannot be removed is swept later.
    pub async fn forget(&self, kept: &KeptAs) {
        let (KeptAs::Torrent(stem) | KeptAs::MagnetLink(stem)) = kept else {
            return;
        };
        for end in ["torrent", "json"] {
            if let Ok(path) = self.path(&format!("{stem}.{end}")) {
                let _ = self.disk.remove(&path).await;
            }
        }
    }

    /// Removes files that nothing needs: at once what is useless, the rest if it was put before `before`, as well as what writes
    /// that were cut off have left. Gives how many. Files that are none of ours stay.
    ///
    /// # Errors
    /// What the disk says; what was removed until then is gone.
    pub async fn sweep(
        &self,
        before: Timestamp,
        need: impl Fn(&str) -> Need + Send,
    ) -> io::Result<usize> {
        let mut removed = 0;
        for name in self.all().await? {
            let Some(at) = put_at(&name) else { continue };
            let is_old = at < before;
            let goes = is_temp(&name) && is_old
                || !is_temp(&name)
                    && match need(&name) {
                        Need::Open => false,
                        Need::UntilOld => is_old,
                        Need::Useless => true,
                    };
            if !goes {
                continue;
            }
            match self.disk.remove(&self.folder.join(&name)).await {
                Ok(()) => removed += 1,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(removed)
    }

    async fn all(&self) -> io::Result<Vec<String>> {
        match self.disk.list(&self.folder).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            listed => listed,
        }
    }

    /// The path of a name. Names come from the ledger, which somebody may have edited: none leads out of the folder.
    fn path(&self, name: &str) -> io::Result<PathBuf> {
        let is_plain = put_at(name).is_some() && !name.contains(['/', '\0']);
        if !is_plain || name.len() > LONGEST_NAME || is_temp(name) {
            return Err(io::Error::new(
                ErrorKind::InvalidInput,
                format!("{name:?} is no name of a file in the trash"),
            ));
        }
        Ok(self.folder.join(name))
    }
}

fn is_temp(name: &str) -> bool {
    files::temp_path(Path::new(""))
        .to_str()
        .is_some_and(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests;
