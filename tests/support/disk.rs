//! The simulated disk behind the disk port. When its process has died, calls never return.

use seedwarden::ports::{BoxFuture, Disk, FileKind, FileStat, LockGuard};
use seedwarden_sim::disk::{Called, DiskModel, Kind, Stat, Stop};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// A handle: clones are the same disk. Two users of it are like two processes.
#[derive(Clone, Default)]
pub struct SimDisk {
    model: Arc<Mutex<DiskModel>>,
    died: Arc<Notify>,
    unlocked: Arc<Notify>,
}

impl SimDisk {
    /// Looks at the model, or changes it.
    pub fn with<T>(&self, look: impl FnOnce(&mut DiskModel) -> T) -> T {
        look(&mut self.model.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs a process until it ends, or dies at some step: then `None`.
    pub async fn run<T>(&self, process: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            done = process => Some(done),
            () = self.death() => None,
        }
    }

    /// Ends when the process has died.
    pub async fn death(&self) {
        loop {
            let died = self.died.notified();
            if self.with(|model| model.is_dead()) {
                return;
            }
            died.await;
        }
    }

    async fn call<T>(&self, call: impl FnOnce(&mut DiskModel) -> Called<T>) -> io::Result<T> {
        match self.with(call) {
            Ok(value) => Ok(value),
            Err(Stop::Error(error)) => Err(error),
            Err(Stop::Dead) => {
                self.died.notify_waiters();
                std::future::pending().await
            }
        }
    }
}

struct Guard {
    disk: SimDisk,
    lock: u64,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.disk.with(|model| model.unlock(self.lock));
        self.disk.unlocked.notify_waiters();
    }
}

impl Disk for SimDisk {
    fn read<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<Vec<u8>>> {
        Box::pin(self.call(move |model| model.read(path)))
    }
    fn write<'a>(&'a self, path: &'a Path, content: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(self.call(move |model| model.write(path, content)))
    }
    fn append<'a>(&'a self, path: &'a Path, content: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(self.call(move |model| model.append(path, content)))
    }
    fn truncate<'a>(&'a self, path: &'a Path, length: u64) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(self.call(move |model| model.truncate(path, length)))
    }
    fn sync_file<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(self.call(move |model| model.sync_file(path)))
    }
    fn sync_folder<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(self.call(move |model| model.sync_folder(path)))
    }
    fn rename<'a>(&'a self, from: &'a Path, to: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(self.call(move |model| model.rename(from, to)))
    }
    fn read_link<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<PathBuf>> {
        Box::pin(self.call(move |model| model.read_link(path)))
    }
    fn remove<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(self.call(move |model| model.remove(path)))
    }
    fn make_folder<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(self.call(move |model| model.make_folder(path)))
    }
    fn list<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<Vec<String>>> {
        Box::pin(self.call(move |model| model.list(path)))
    }
    fn lock<'a>(&'a self, path: &'a Path, wait: bool) -> BoxFuture<'a, io::Result<LockGuard>> {
        Box::pin(async move {
            loop {
                let unlocked = self.unlocked.notified();
                match self.call(|model| model.lock(path)).await {
                    Ok(lock) => {
                        let disk = self.clone();
                        return Ok(Box::new(Guard { disk, lock }) as LockGuard);
                    }
                    Err(error) if wait && error.kind() == ErrorKind::WouldBlock => unlocked.await,
                    Err(error) => return Err(error),
                }
            }
        })
    }
    fn file_system<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<String>> {
        let name = self.with(|model| model.file_system(path).to_owned());
        Box::pin(std::future::ready(Ok(name)))
    }
    fn stat_many(&self, paths: Vec<PathBuf>) -> BoxFuture<'_, Vec<io::Result<FileStat>>> {
        Box::pin(async move {
            match self.call(|model| model.stat_many(&paths)).await {
                Ok(stats) => stats.into_iter().map(|stat| stat.map(file_stat)).collect(),
                Err(error) => paths.iter().map(|_| Err(error.kind().into())).collect(),
            }
        })
    }
}

fn file_stat(stat: Stat) -> FileStat {
    FileStat {
        kind: match stat.kind {
            Kind::File => FileKind::File,
            Kind::Folder => FileKind::Folder,
            Kind::Link => FileKind::Other,
        },
        device: stat.device,
        inode: stat.inode,
        links: stat.links,
        size_bytes: stat.size_bytes,
    }
}
