//! The calls of the process under test: each is one step.

use super::{DiskModel, LOG_LENGTH, Name, Stop, Trouble};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What a look at one name tells, symbolic links not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Kind of the entry.
    pub kind: Kind,
    /// Number of the file system.
    pub device: u64,
    /// Number of the file within it.
    pub inode: u64,
    /// How many names the file has.
    pub links: u64,
    /// Length in bytes.
    pub size_bytes: u64,
}

/// Kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Regular file.
    File,
    /// Folder.
    Folder,
    /// Symbolic link.
    Link,
}

/// The result of a call.
pub type Called<T> = Result<T, Stop>;

/// A number for what has no content: the same for the same path, and none that files get.
fn number_of(path: &Path) -> u64 {
    let bytes = path.as_os_str().as_encoded_bytes();
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix) | 1 << 63
}

impl DiskModel {
    /// Reads a whole file.
    pub fn read(&mut self, path: &Path) -> Called<Vec<u8>> {
        self.step("read", path, |disk, _| {
            let inode = disk.file(path)?;
            Ok(disk.inodes[&inode].content.clone())
        })
    }

    /// Creates or truncates a file and writes it.
    pub fn write(&mut self, path: &Path, content: &[u8]) -> Called<()> {
        self.step("write", path, |disk, most| {
            disk.writable()?;
            let inode = disk.file_or_new(path)?;
            disk.inode(inode).content.clear();
            disk.extend(inode, content, most)
        })
    }

    /// Appends to a file.
    pub fn append(&mut self, path: &Path, content: &[u8]) -> Called<()> {
        self.step("append", path, |disk, most| {
            disk.writable()?;
            let inode = disk.file_or_new(path)?;
            disk.extend(inode, content, most)
        })
    }

    /// Cuts a file.
    pub fn truncate(&mut self, path: &Path, length: u64) -> Called<()> {
        self.step("truncate", path, |disk, _| {
            disk.writable()?;
            let inode = disk.file(path)?;
            disk.inode(inode).content.resize(length as usize, 0);
            Ok(())
        })
    }

    /// Makes the content of a file durable, not its name.
    pub fn sync_file(&mut self, path: &Path) -> Called<()> {
        self.step("sync_file", path, |disk, _| {
            let inode = disk.file(path)?;
            let inode = disk.inode(inode);
            inode.durable = inode.content.clone();
            Ok(())
        })
    }

    /// Makes the names in a folder durable, not what they name.
    pub fn sync_folder(&mut self, path: &Path) -> Called<()> {
        self.step("sync_folder", path, |disk, _| {
            let folder = disk.resolve(path, true)?;
            if !matches!(disk.names.get(&folder), Some(Name::Folder)) {
                return Err(ErrorKind::NotFound.into());
            }
            let inside = |path: &Path| path.parent() == Some(&folder);
            disk.durable_names.retain(|path| !inside(path));
            let names = disk.names.iter().filter(|(path, _)| inside(path));
            for (path, name) in names {
                disk.durable_names.insert(path.to_owned(), name.clone());
            }
            disk.forget_unnamed();
            Ok(())
        })
    }

    /// Renames, replacing the target.
    pub fn rename(&mut self, from: &Path, to: &Path) -> Called<()> {
        self.step("rename", to, |disk, _| {
            disk.writable()?;
            let (from, to) = (disk.resolve(from, false)?, disk.resolve(to, false)?);
            disk.folder_of(&to)?;
            if matches!(disk.names.get(&to), Some(Name::Folder)) {
                return Err(ErrorKind::IsADirectory.into());
            }
            let name = disk.names.remove(&from).ok_or(ErrorKind::NotFound)?;
            disk.names.insert(to, name);
            disk.forget_unnamed();
            Ok(())
        })
    }

    /// What a symbolic link says.
    pub fn read_link(&mut self, path: &Path) -> Called<PathBuf> {
        self.step("read_link", path, |disk, _| {
            match disk.names.get(&disk.resolve(path, false)?) {
                Some(Name::Link(target)) => Ok(target.clone()),
                Some(Name::File(_) | Name::Folder) => Err(ErrorKind::InvalidInput.into()),
                None => Err(ErrorKind::NotFound.into()),
            }
        })
    }

    /// Removes a file.
    pub fn remove(&mut self, path: &Path) -> Called<()> {
        self.step("remove", path, |disk, _| {
            disk.writable()?;
            let path = disk.resolve(path, false)?;
            match disk.names.get(&path) {
                None => Err(ErrorKind::NotFound.into()),
                Some(Name::Folder) => Err(ErrorKind::IsADirectory.into()),
                Some(Name::File(_) | Name::Link(_)) => {
                    disk.names.remove(&path);
                    disk.forget_unnamed();
                    Ok(())
                }
            }
        })
    }

    /// Makes a folder and its parents. They are durable at once.
    pub fn make_folder(&mut self, path: &Path) -> Called<()> {
        self.step("make_folder", path, |disk, _| disk.folder_here(path))
    }

    /// Names in a folder, sorted.
    pub fn list(&mut self, path: &Path) -> Called<Vec<String>> {
        self.step("list", path, |disk, _| {
            let folder = disk.resolve(path, true)?;
            match disk.names.get(&folder) {
                Some(Name::Folder) => Ok(disk
                    .names
                    .keys()
                    .filter(|path| path.parent() == Some(&folder))
                    .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
                    .collect()),
                Some(Name::File(_) | Name::Link(_)) => Err(ErrorKind::NotADirectory.into()),
                None => Err(ErrorKind::NotFound.into()),
            }
        })
    }

    /// Takes an exclusive lock on a file that is made if it is missing; `WouldBlock` if it is held. Give the number to `unlock`.
    pub fn lock(&mut self, path: &Path) -> Called<u64> {
        self.step("lock", path, |disk, _| {
            if disk.file(path).is_err() {
                disk.writable()?;
            }
            disk.file_or_new(path)?;
            let path = disk.resolve(path, true)?;
            if disk.locks.contains_key(&path) {
                return Err(ErrorKind::WouldBlock.into());
            }
            disk.last_lock += 1;
            disk.locks.insert(path, disk.last_lock);
            Ok(disk.last_lock)
        })
    }

    /// Gives a lock back. No step: the operating system does it when a process ends.
    pub fn unlock(&mut self, lock: u64) {
        self.locks.retain(|_, held| *held != lock);
    }

    /// Looks at many names; one step.
    pub fn stat_many(&mut self, paths: &[PathBuf]) -> Called<Vec<io::Result<Stat>>> {
        let first = paths.first().map_or(Path::new(""), PathBuf::as_path);
        self.step("stat_many", first, |disk, _| {
            Ok(paths.iter().map(|path| disk.stat(path)).collect())
        })
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        let path = self.resolve(path, false)?;
        let name = self.names.get(&path).ok_or(ErrorKind::NotFound)?;
        let is_linkless = self.linkless.iter().any(|mount| path.starts_with(mount));
        let (kind, inode) = match name {
            Name::Folder => (Kind::Folder, number_of(&path)),
            Name::File(inode) => (Kind::File, *inode),
            Name::Link(_) => (Kind::Link, number_of(&path)),
        };
        let size = self.inodes.get(&inode).map_or(0, |inode| {
            inode.pretended_size.unwrap_or(inode.content.len() as u64)
        });
        Ok(Stat {
            kind,
            device: self.device(&path),
            inode: if is_linkless { number_of(&path) } else { inode },
            links: match name {
                Name::File(_) if !is_linkless => {
                    self.names.values().filter(|n| *n == name).count() as u64
                }
                Name::File(_) | Name::Folder | Name::Link(_) => 1,
            },
            size_bytes: size,
        })
    }

    pub(super) fn inode(&mut self, inode: u64) -> &mut super::Inode {
        self.inodes.entry(inode).or_default()
    }

    fn writable(&self) -> io::Result<()> {
        if self.is_read_only {
            return Err(ErrorKind::ReadOnlyFilesystem.into());
        }
        Ok(())
    }

    fn extend(&mut self, inode: u64, content: &[u8], most: usize) -> io::Result<()> {
        let free = self.capacity_bytes.map_or(usize::MAX, |all| {
            all.saturating_sub(self.used_bytes()) as usize
        });
        let length = content.len().min(most).min(free);
        self.inode(inode)
            .content
            .extend_from_slice(&content[..length]);
        if free < content.len().min(most) {
            return Err(ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    pub(super) fn folder_here(&mut self, path: &Path) -> io::Result<()> {
        let mut todo: Vec<_> = path.ancestors().collect();
        while let Some(folder) = todo.pop() {
            let folder = self.resolve(folder, true)?;
            match self.names.get(&folder) {
                Some(Name::Folder) => {}
                Some(Name::File(_) | Name::Link(_)) => return Err(ErrorKind::NotADirectory.into()),
                None => {
                    self.writable()?;
                    self.names.insert(folder.clone(), Name::Folder);
                    self.durable_names.insert(folder, Name::Folder);
                }
            }
        }
        Ok(())
    }

    /// One step: edits by others, then the trouble planned for it, then the effect with at most so many bytes.
    fn step<T>(
        &mut self,
        what: &'static str,
        path: &Path,
        effect: impl FnOnce(&mut Self, usize) -> io::Result<T>,
    ) -> Called<T> {
        if self.is_dead {
            return Err(Stop::Dead);
        }
        for edit in self.edits.remove(&self.steps).unwrap_or_default() {
            edit(self);
        }
        let number = self.steps;
        self.steps += 1;
        let mut trouble = self.troubles.remove(&number);
        if trouble.is_none()
            && let Some(mut chooser) = self.chooser.take()
        {
            trouble = chooser(what, path);
            self.chooser = Some(chooser);
        }
        let is_write = matches!(what, "write" | "append");
        let called = match trouble {
            None => effect(self, usize::MAX).map_err(Stop::Error),
            Some(Trouble::Fail(kind)) => Err(Stop::Error(kind.into())),
            Some(Trouble::FailAfter(kind)) => {
                effect(self, usize::MAX).map_err(Stop::Error)?;
                Err(Stop::Error(kind.into()))
            }
            Some(Trouble::Torn(bytes, kind)) => {
                if is_write {
                    let _ = effect(self, bytes);
                }
                Err(Stop::Error(kind.into()))
            }
            Some(Trouble::DieBefore) => self.die(),
            Some(Trouble::DieWithin(bytes)) => {
                if is_write {
                    let _ = effect(self, bytes);
                }
                self.die()
            }
            Some(Trouble::DieAfter) => {
                let _ = effect(self, usize::MAX);
                self.die()
            }
        };
        if self.log.len() == LOG_LENGTH {
            self.log.pop_front();
        }
        let became = match &called {
            Ok(_) => String::new(),
            Err(Stop::Error(error)) => format!(": {:?}", error.kind()),
            Err(Stop::Dead) => format!(": {trouble:?}"),
        };
        self.log
            .push_back(format!("{number:>5} {what} {}{became}", path.display()));
        called
    }

    fn die<T>(&mut self) -> Called<T> {
        self.is_dead = true;
        Err(Stop::Dead)
    }
}
