//! What stands in folders, told by the folders alone: no file is looked at for it.

use super::stat_in;
use crate::ports::{FileKind, Inside};
use rustix::fs::{Dir, FileType, Mode, OFlags};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// One answer for each folder, in order.
pub(super) async fn look_into(folders: Vec<PathBuf>) -> Vec<io::Result<Inside>> {
    let count = folders.len();
    let work = move || folders.iter().map(|folder| inside(folder)).collect();
    let looked = tokio::task::spawn_blocking(work).await;
    looked.unwrap_or_else(|_| {
        let unanswered = || Err(io::Error::other("not looked at"));
        std::iter::repeat_with(unanswered).take(count).collect()
    })
}

fn inside(folder: &Path) -> io::Result<Inside> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let opened = rustix::fs::open(folder, flags, Mode::empty())?;
    let mut inside = Inside::default();
    for entry in Dir::read_from(&opened)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name == "." || name == ".." {
            continue;
        }
        let kind = match entry.file_type() {
            FileType::RegularFile => FileKind::File,
            FileType::Directory => FileKind::Folder,
            // Some file systems do not tell.
            FileType::Unknown => match stat_in(&opened, name) {
                Ok(stat) => stat.kind,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            },
            _ => FileKind::Other,
        };
        match kind {
            FileKind::File => {}
            FileKind::Folder => inside.folders.push(name.to_owned()),
            FileKind::Other => inside.others.push(name.to_owned()),
        }
    }
    Ok(inside)
}
