//! From a path to what it names: symbolic links followed, mounts hidden or denied.

use super::{DiskModel, Name};
use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

/// As many links as Linux follows.
const MOST_LINKS: usize = 40;

impl DiskModel {
    /// The path without links. The last part may be missing, and its own link is followed if `follow`.
    pub(super) fn resolve(&self, path: &Path, follow: bool) -> io::Result<PathBuf> {
        // A "." at the end makes the disk follow a link before it.
        let follow = follow || path.as_os_str().as_encoded_bytes().ends_with(b"/.");
        let mut todo = parts(path);
        let mut found = PathBuf::from("/");
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if part == ".." {
                found.pop();
                continue;
            }
            let next = self.as_stored(found.join(part));
            self.visible(&next)?;
            match self.names.get(&next) {
                Some(Name::Link(target)) if follow || !todo.is_empty() => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(io::Error::other("too many symbolic links"));
                    }
                    if target.is_absolute() {
                        found = PathBuf::from("/");
                    }
                    todo.extend(parts(target));
                }
                Some(Name::File(_)) if !todo.is_empty() => {
                    return Err(ErrorKind::NotADirectory.into());
                }
                None if !todo.is_empty() => return Err(ErrorKind::NotFound.into()),
                Some(Name::Folder | Name::File(_) | Name::Link(_)) | None => found = next,
            }
        }
        Ok(found)
    }

    /// The path of a name as the disk stores it: in lower case below folders that do not tell letter case apart.
    fn as_stored(&self, path: PathBuf) -> PathBuf {
        let Some(folder) = self.folding.iter().find(|folder| path.starts_with(folder)) else {
            return path;
        };
        match path.strip_prefix(folder).ok().and_then(Path::to_str) {
            Some(below) if !below.is_empty() => folder.join(below.to_lowercase()),
            Some(_) | None => path,
        }
    }

    fn visible(&self, path: &Path) -> io::Result<()> {
        if self.hidden.iter().any(|p| path.starts_with(p)) {
            return Err(ErrorKind::NotFound.into());
        }
        if self.denied.iter().any(|p| path.starts_with(p)) {
            return Err(ErrorKind::PermissionDenied.into());
        }
        Ok(())
    }

    /// The inode of an existing file.
    pub(super) fn file(&self, path: &Path) -> io::Result<u64> {
        match self.names.get(&self.resolve(path, true)?) {
            Some(Name::File(inode)) => Ok(*inode),
            Some(Name::Folder) => Err(ErrorKind::IsADirectory.into()),
            Some(Name::Link(_)) | None => Err(ErrorKind::NotFound.into()),
        }
    }

    /// The inode of a file that is made if it is missing.
    pub(super) fn file_or_new(&mut self, path: &Path) -> io::Result<u64> {
        let path = self.resolve(path, true)?;
        match self.names.get(&path) {
            Some(Name::File(inode)) => Ok(*inode),
            Some(Name::Folder | Name::Link(_)) => Err(ErrorKind::IsADirectory.into()),
            None => {
                self.folder_of(&path)?;
                self.last_inode += 1;
                self.inodes.insert(self.last_inode, Default::default());
                self.names.insert(path, Name::File(self.last_inode));
                Ok(self.last_inode)
            }
        }
    }

    /// Refuses paths whose folder does not exist.
    pub(super) fn folder_of(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("/"));
        match self.names.get(folder) {
            Some(Name::Folder) => Ok(()),
            None if folder == Path::new("/") => Ok(()),
            Some(Name::File(_) | Name::Link(_)) => Err(ErrorKind::NotADirectory.into()),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn device(&self, path: &Path) -> u64 {
        self.devices
            .iter()
            .filter(|(mount, _)| path.starts_with(mount))
            .max_by_key(|(mount, _)| mount.components().count())
            .map_or(1, |(_, device)| *device)
    }
}

/// Parts of a path, the first one last.
fn parts(path: &Path) -> Vec<&OsStr> {
    path.components()
        .rev()
        .filter(|part| !matches!(part, Component::RootDir | Component::CurDir))
        .map(Component::as_os_str)
        .collect()
}
