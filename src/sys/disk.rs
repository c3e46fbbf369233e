//! Files by the standard library, on threads where waiting hurts nobody. What it makes is for its owner only. Folders of
//! other users are changed with their rights: see [`super::owner`].

mod file_system;
mod inside;

use super::owner::{as_owner, is_others};
use crate::ports::{BoxFuture, Disk, FileKind, FileStat, Inside, LockGuard, Names};
use rustix::fs::{AtFlags, Mode, OFlags};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::runtime::Runtime;
use tokio::sync::RwLock;

/// Mode of new files.
const FILE_MODE: u32 = 0o600;
/// Mode of new folders.
const FOLDER_MODE: u32 = 0o700;
/// Names looked at in one go: enough that the hand-over costs nothing beside it (1.5 µs a name), few enough to
/// share the work evenly.
const STAT_CHUNK: usize = 512;
/// Threads that look at names for one call. More gain nothing with a warm cache, and little with a cold one.
const STAT_THREADS: usize = 4;
/// From this many names on it costs less to open their folder than to go the whole way to each.
const WORTH_OPENING: usize = 3;

/// Threads for looks at users' data. Those of a disk that does not answer never come back: enough for sixteen accounts.
const LOOK_THREADS: usize = 16 * STAT_THREADS;

/// Held for reading by each change until the operating system has ended it, whoever waits for it.
static CHANGES: RwLock<()> = RwLock::const_new(());

/// The disk of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn read<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<Vec<u8>>> {
        let path = path.to_owned();
        Box::pin(blocking(move || as_owner(&path, || std::fs::read(&path))))
    }

    fn write<'a>(&'a self, path: &'a Path, content: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        let (path, content) = (path.to_owned(), content.to_owned());
        Box::pin(changing(move || {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            as_owner(&path, || open_for_owner(options, &path))?.write_all(&content)
        }))
    }

    fn append<'a>(&'a self, path: &'a Path, content: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        let (path, content) = (path.to_owned(), content.to_owned());
        Box::pin(changing(move || {
            let mut options = OpenOptions::new();
            options.append(true).create(true);
            as_owner(&path, || open_for_owner(options, &path))?.write_all(&content)
        }))
    }

    fn truncate<'a>(&'a self, path: &'a Path, length: u64) -> BoxFuture<'a, io::Result<()>> {
        let path = path.to_owned();
        Box::pin(changing(move || {
            let open = || OpenOptions::new().write(true).open(&path);
            as_owner(&path, open)?.set_len(length)
        }))
    }

    fn sync_file<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        let path = path.to_owned();
        Box::pin(changing(move || {
            as_owner(&path, || File::open(&path))?.sync_all()
        }))
    }

    fn sync_folder<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        self.sync_file(path)
    }

    fn rename<'a>(&'a self, from: &'a Path, to: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        let (from, to) = (from.to_owned(), to.to_owned());
        Box::pin(changing(move || {
            as_owner(&to, || std::fs::rename(&from, &to))
        }))
    }

    fn remove<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        let path = path.to_owned();
        Box::pin(changing(move || {
            as_owner(&path, || std::fs::remove_file(&path))
        }))
    }

    fn make_folder<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        let path = path.to_owned();
        Box::pin(changing(move || {
            let mut builder = DirBuilder::new();
            builder.recursive(true).mode(FOLDER_MODE);
            as_owner(&path, || builder.create(&path))
        }))
    }

    fn list<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<Vec<String>>> {
        let path = path.to_owned();
        Box::pin(blocking(move || {
            let names = std::fs::read_dir(path)?
                .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
            let mut names = names.collect::<io::Result<Vec<String>>>()?;
            names.sort();
            Ok(names)
        }))
    }

    fn lock<'a>(&'a self, path: &'a Path, wait: bool) -> BoxFuture<'a, io::Result<LockGuard>> {
        let path = path.to_owned();
        Box::pin(blocking(move || as_owner(&path, || lock(&path, wait))))
    }

    fn read_link<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<PathBuf>> {
        let path = path.to_owned();
        Box::pin(blocking(move || {
            let target = as_owner(&path, || std::fs::read_link(&path))?;
            match is_others(&path)? {
                // Where it leads to, nothing tells any more who made it.
                true => Err(io::Error::other(
                    "it is a link, and root follows none in the folder of another user",
                )),
                false => Ok(target),
            }
        }))
    }

    fn stat_many(&self, paths: Vec<PathBuf>) -> BoxFuture<'_, Vec<io::Result<FileStat>>> {
        Box::pin(look_at_all(paths))
    }

    fn stat_names(&self, names: Names) -> BoxFuture<'_, Vec<io::Result<FileStat>>> {
        Box::pin(look_at_all(names))
    }

    fn aside(&self, looks: BoxFuture<'static, ()>) {
        match looks_runtime() {
            // What blocks below takes the threads of this runtime.
            Some(runtime) => drop(runtime.spawn(looks)),
            None => drop(tokio::spawn(looks)),
        }
    }

    fn look_into(&self, folders: Vec<PathBuf>) -> BoxFuture<'_, Vec<io::Result<Inside>>> {
        Box::pin(inside::look_into(folders))
    }

    fn file_system<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<String>> {
        let path = path.to_owned();
        Box::pin(blocking(move || file_system::file_system(&path)))
    }

    fn settled(&self) -> BoxFuture<'_, ()> {
        Box::pin(async { drop(CHANGES.write().await) })
    }
}

/// Threads of their own for looks at users' data, from the first one on; none if the operating system gives none.
fn looks_runtime() -> Option<&'static Runtime> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let build = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(LOOK_THREADS)
            .build()
            .ok()
    };
    RUNTIME.get_or_init(build).as_ref()
}

/// Runs `work` where it may block. It goes on to its end even if nobody waits for it any more.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(stopped) => Err(io::Error::other(stopped)),
    }
}

/// As `blocking`, for what changes something: [`Disk::settled`] waits for it.
async fn changing<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let under_way = CHANGES.read().await;
    blocking(move || {
        let result = work();
        drop(under_way);
        result
    })
    .await
}

/// Opens a file that is made if there is none.
fn open_for_owner(mut options: OpenOptions, path: &Path) -> io::Result<File> {
    options.mode(FILE_MODE).open(path)
}

fn lock(path: &Path, wait: bool) -> io::Result<LockGuard> {
    // Not truncated: the file may say who holds the lock.
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let file = open_for_owner(options, path)?;
    if wait {
        file.lock()?;
    } else {
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::ErrorKind::WouldBlock.into(),
            TryLockError::Error(error) => error,
        })?;
    }
    Ok(Box::new(file))
}

/// Many names, and how a part of them is looked at.
trait Lookable: Send + Sync + 'static {
    fn count(&self) -> usize;
    fn look(&self, begin: usize, most: usize) -> Vec<io::Result<FileStat>>;
}

impl Lookable for Vec<PathBuf> {
    fn count(&self) -> usize {
        self.len()
    }
    fn look(&self, begin: usize, most: usize) -> Vec<io::Result<FileStat>> {
        let part = self.iter().skip(begin).take(most);
        part.map(|path| stat(path)).collect()
    }
}

impl Lookable for Names {
    fn count(&self) -> usize {
        self.len()
    }
    fn look(&self, begin: usize, most: usize) -> Vec<io::Result<FileStat>> {
        let mut found = Vec::with_capacity(most.min(self.len() - begin));
        for (folder, names) in self.part(begin, most) {
            let opened = (names.len() >= WORTH_OPENING).then(|| open_folder(folder));
            match opened {
                Some(Ok(opened)) => {
                    found.extend(names.iter().map(|name| stat_in(&opened, *name)));
                }
                // By its whole path each name tells itself what is wrong.
                Some(Err(_)) | None => {
                    found.extend(names.iter().map(|name| stat(&folder.join(name))));
                }
            }
        }
        found
    }
}

async fn look_at_all(all: impl Lookable) -> Vec<io::Result<FileStat>> {
    let count = all.count();
    let all = Arc::new(all);
    let next = Arc::new(AtomicUsize::new(0));
    let threads = count.div_ceil(STAT_CHUNK).min(STAT_THREADS);
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            let (all, next) = (Arc::clone(&all), Arc::clone(&next));
            tokio::task::spawn_blocking(move || look_at_chunks(&*all, &next))
        })
        .collect();
    let stop = StopOnDrop(next);
    let mut chunks = Vec::new();
    for worker in workers {
        // A worker that panicked leaves its names without an answer, which is filled in below.
        let Ok(looked) = worker.await else { continue };
        chunks.extend(looked);
    }
    drop(stop);
    chunks.sort_by_key(|(begin, _)| *begin);
    let unanswered = || Err(io::Error::other("not looked at"));
    let mut found = Vec::with_capacity(count);
    for (begin, stats) in chunks {
        found.resize_with(begin, unanswered);
        found.extend(stats);
    }
    found.resize_with(count, unanswered);
    found
}

/// Ends the workers at their next chunk when the caller does not wait any more (a hanging mount, a timeout).
struct StopOnDrop(Arc<AtomicUsize>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(usize::MAX / 2, Ordering::Relaxed);
    }
}

/// Takes chunk after chunk until none is left; each with the place of its first name.
fn look_at_chunks(
    all: &impl Lookable,
    next: &AtomicUsize,
) -> Vec<(usize, Vec<io::Result<FileStat>>)> {
    let mut chunks = Vec::new();
    loop {
        let begin = next.fetch_add(STAT_CHUNK, Ordering::Relaxed);
        if begin >= all.count() {
            return chunks;
        }
        chunks.push((begin, all.look(begin, STAT_CHUNK)));
    }
}

/// A folder to look at names in; the way to it is gone once, and it need not be readable.
fn open_folder(folder: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(folder, flags, Mode::empty())?)
}

fn stat_in(folder: &OwnedFd, name: impl rustix::path::Arg) -> io::Result<FileStat> {
    let found = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    let kind = match rustix::fs::FileType::from_raw_mode(found.st_mode) {
        rustix::fs::FileType::RegularFile => FileKind::File,
        rustix::fs::FileType::Directory => FileKind::Folder,
        _ => FileKind::Other,
    };
    Ok(FileStat {
        kind,
        device: found.st_dev,
        inode: found.st_ino,
        links: found.st_nlink as u64,
        size_bytes: u64::try_from(found.st_size).unwrap_or(0),
    })
}

fn stat(path: &Path) -> io::Result<FileStat> {
    let found = std::fs::symlink_metadata(path)?;
    let kind = match found.file_type() {
        kind if kind.is_file() => FileKind::File,
        kind if kind.is_dir() => FileKind::Folder,
        _ => FileKind::Other,
    };
    Ok(FileStat {
        kind,
        device: found.dev(),
        inode: found.ino(),
        links: found.nlink(),
        size_bytes: found.len(),
    })
}

#[cfg(test)]
mod tests;
