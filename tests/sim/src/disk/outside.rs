//! What others do to the disk: people, other programs, mounts. None of it is a step, and all of it is durable at once.

use super::{DiskModel, Inode, Name};
use std::path::{Path, PathBuf};

impl DiskModel {
    /// Content of a file, if there is one.
    pub fn peek(&self, path: &Path) -> Option<&[u8]> {
        let inode = self.file(path).ok()?;
        Some(&self.inodes.get(&inode)?.content)
    }

    /// Length of a file, if there is one.
    pub fn size(&self, path: &Path) -> Option<u64> {
        let inode = self.inodes.get(&self.file(path).ok()?)?;
        Some(inode.pretended_size.unwrap_or(inode.content.len() as u64))
    }

    /// Bytes of all files with a name below one of these folders, each file once.
    pub fn used_below(&self, folders: &[&Path]) -> u64 {
        let is_below = |path: &Path| folders.iter().any(|folder| path.starts_with(folder));
        let names = self.names.iter().filter(|(path, _)| is_below(path));
        let files: std::collections::BTreeSet<u64> = names
            .filter_map(|(_, name)| match name {
                Name::File(inode) => Some(*inode),
                Name::Folder | Name::Link(_) => None,
            })
            .collect();
        let found = files.iter().filter_map(|inode| self.inodes.get(inode));
        found
            .map(|inode| inode.pretended_size.unwrap_or(inode.content.len() as u64))
            .sum()
    }

    /// The path without links, in the letters in which the disk stores it; as it stands where it leads nowhere.
    pub fn real(&self, path: &Path) -> PathBuf {
        self.resolve(path, true).unwrap_or_else(|_| path.to_owned())
    }

    /// Whether a path, links not followed, lies on a mount that is away.
    pub fn is_hidden(&self, path: &Path) -> bool {
        self.hidden.iter().any(|hidden| path.starts_with(hidden))
    }

    /// Whether a name is a symbolic link.
    pub fn is_link(&self, path: &Path) -> bool {
        let name = self.resolve(path, false).ok();
        let name = name.and_then(|path| self.names.get(&path).cloned());
        matches!(name, Some(Name::Link(_)))
    }

    /// How many names a file has; `None` if it cannot be seen.
    pub fn links(&self, path: &Path) -> Option<usize> {
        let inode = self.file(path).ok()?;
        let same = |name: &&Name| matches!(name, Name::File(other) if *other == inode);
        Some(self.names.values().filter(same).count())
    }

    /// Every name of a file, the given one too; none if it cannot be seen.
    pub fn names_of(&self, path: &Path) -> Vec<PathBuf> {
        let Ok(inode) = self.file(path) else {
            return Vec::new();
        };
        let same = |name: &Name| matches!(name, Name::File(other) if *other == inode);
        let names = self.names.iter().filter(|(_, name)| same(name));
        names.map(|(path, _)| path.to_owned()).collect()
    }

    /// All names below a folder, in order.
    pub fn names_below(&self, folder: &Path) -> Vec<PathBuf> {
        let names = self
            .names
            .keys()
            .filter(|path| path.starts_with(folder) && *path != folder);
        names.map(Path::to_owned).collect()
    }

    /// Somebody writes a file in place (`echo … > path`), making it and its folders if they are missing.
    ///
    /// # Panics
    /// Where that cannot be: a part of the path is a file.
    pub fn put(&mut self, path: &Path, content: &[u8]) {
        let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
        let made = self
            .folder_here(&folder)
            .and_then(|()| self.file_or_new(path));
        let inode = made.expect("the path of a test can be made");
        *self.inode(inode) = Inode {
            content: content.to_vec(),
            durable: content.to_vec(),
            pretended_size: None,
        };
        self.name_is_durable(path);
    }

    /// A file of this size whose content does not matter.
    pub fn put_sized(&mut self, path: &Path, size_bytes: u64) {
        self.put(path, b"");
        if let Ok(inode) = self.file(path) {
            self.inode(inode).pretended_size = Some(size_bytes);
        }
    }

    /// A further name of a file (a hard link).
    ///
    /// # Panics
    /// If there is no such file.
    pub fn link(&mut self, file: &Path, name: &Path) {
        let inode = self.file(file).expect("a file to link to");
        let folder = name.parent().unwrap_or(Path::new("/")).to_owned();
        self.folder_here(&folder).expect("a folder for the link");
        let name = self.resolve(name, false).expect("a place for the link");
        self.names.insert(name.clone(), Name::File(inode));
        self.durable_names.insert(name, Name::File(inode));
    }

    /// A symbolic link.
    ///
    /// # Panics
    /// Where it cannot be: a part of the path is a file.
    pub fn symlink(&mut self, target: &Path, name: &Path) {
        let folder = name.parent().unwrap_or(Path::new("/")).to_owned();
        self.folder_here(&folder).expect("a folder for the link");
        let name = self.resolve(name, false).expect("a place for the link");
        let link = Name::Link(target.to_owned());
        self.names.insert(name.clone(), link.clone());
        self.durable_names.insert(name, link);
    }

    /// Somebody removes a file, a link or a folder with all it holds. Links on the way there are followed.
    pub fn delete(&mut self, path: &Path) {
        let Ok(path) = self.resolve(path, false) else {
            return;
        };
        self.names.retain(|name| !name.starts_with(&path));
        self.durable_names.retain(|name| !name.starts_with(&path));
        self.forget_unnamed();
    }

    /// Names below a folder that differ only in the case of their letters are one name. To be said before there are any.
    pub fn fold_case(&mut self, folder: &Path) {
        self.folding.push(folder.to_owned());
    }

    /// The file system with this folder gives every name a number of its own and says that it has no other.
    pub fn hide_links(&mut self, folder: &Path) {
        self.linkless.push(folder.to_owned());
    }

    /// Everything below answers `NotFound` (a mount that went away, a sandbox), or no longer.
    pub fn set_hidden(&mut self, path: &Path, is_hidden: bool) {
        self.hidden.retain(|hidden| hidden != path);
        if is_hidden {
            self.hidden.push(path.to_owned());
        }
    }

    /// Everything below answers `PermissionDenied`, or no longer.
    pub fn set_denied(&mut self, path: &Path, is_denied: bool) {
        self.denied.retain(|denied| denied != path);
        if is_denied {
            self.denied.push(path.to_owned());
        }
    }

    /// A folder is a file system of its own, with this device number. All others have number 1.
    pub fn set_device(&mut self, path: &Path, device: u64) {
        self.devices.insert(path.to_owned(), device);
    }

    /// A folder is on a file system of this name.
    pub fn set_file_system(&mut self, folder: &Path, name: &str) {
        self.file_systems.insert(folder.to_owned(), name.to_owned());
    }

    /// The name of the file system that a path is on.
    pub fn file_system(&self, path: &Path) -> &str {
        let path = &self.real(path);
        let mut named = self.file_systems.iter();
        if let Some((_, name)) = named.find(|(folder, _)| path.starts_with(folder)) {
            return name;
        }
        match self.linkless.iter().any(|folder| path.starts_with(folder)) {
            true => "fuse.sshfs",
            false => "ext4",
        }
    }

    fn name_is_durable(&mut self, path: &Path) {
        if let Ok(path) = self.resolve(path, true)
            && let Some(name) = self.names.get(&path)
        {
            self.durable_names.insert(path, name.clone());
        }
    }
}
