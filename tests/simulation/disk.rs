//! The disk port of a world: the simulated disk, with troubles and deaths by chance, and an eye on what becomes of `state.json`.

mod edits;
mod trouble;

pub use edits::{edit_at_once, edit_of};

use super::hub::Hub;
use super::torrents::DOWNLOADS;
use crate::support::disk::SimDisk;
use edits::edited;
use seedwarden::ports::{BoxFuture, Disk, FileStat, LockGuard};
use seedwarden_sim::disk::Loss;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The state folder of all worlds.
pub const FOLDER: &str = "/var/lib/seedwarden";

/// Calls that hang look this often whether they still do.
const HANGS: Duration = Duration::from_secs(40);

/// The state file.
pub fn state_file() -> PathBuf {
    Path::new(FOLDER).join("state.json")
}

/// A handle: clones are the same disk.
#[derive(Clone)]
pub struct WorldDisk {
    /// The simulated disk below, for people and other processes.
    pub below: SimDisk,
    hub: Hub,
}

impl WorldDisk {
    /// An empty disk.
    pub fn new(hub: &Hub) -> Self {
        let below = SimDisk::default();
        let chooser = hub.clone();
        below.with(|disk| {
            disk.choose(Some(Box::new(move |call, _| {
                trouble::trouble(&chooser, call)
            })))
        });
        Self {
            below,
            hub: hub.clone(),
        }
    }

    /// Runs something of another process or a person: nothing goes wrong with it.
    pub async fn undisturbed<T>(&self, work: impl Future<Output = T>) -> T {
        self.below.with(|disk| disk.choose(None));
        let done = work.await;
        let chooser = self.hub.clone();
        self.below.with(|disk| {
            disk.choose(Some(Box::new(move |call, _| {
                trouble::trouble(&chooser, call)
            })))
        });
        done
    }

    /// A new process starts; what was not durable may be lost.
    pub fn restart(&self, loss: Loss) {
        self.below.with(|disk| disk.restart(loss));
        let state = self.state_bytes();
        self.hub.with(|core| {
            core.is_dead = false;
            core.note(&format!("a new process, loss {loss:?}"));
            core.oracle.process_started(state.as_deref());
        });
    }

    /// Content of the state file.
    pub fn state_bytes(&self) -> Option<Vec<u8>> {
        self.below
            .with(|disk| disk.peek(&state_file()).map(<[u8]>::to_vec))
    }

    /// A person writes the state file in place, or removes it.
    pub fn edit_state(&self, content: Option<&[u8]>) {
        match content {
            Some(content) => self.below.with(|disk| disk.put(&state_file(), content)),
            None => self.below.with(|disk| disk.delete(&state_file())),
        }
        edited(&self.hub, content);
    }

    /// Before a call of the process: somebody may edit the state file. (Not right before it is replaced: nobody can notice that.)
    fn before(&self, call: &str, path: &Path) {
        if call == "rename" && path == state_file() {
            return;
        }
        let edits = self.hub.with(|core| {
            let rate = core.rates.interference / 20;
            !core.is_dead && core.dice.per_million(rate)
        });
        if edits {
            self.hub
                .with(|core| core.see("interference: state edited within a cycle"));
            let content = self.hub.with(|core| edit_of(&mut core.dice));
            self.edit_state(content.as_deref());
        }
    }

    /// After a call of the process that succeeded.
    fn after(&self, call: &str, path: &Path) {
        let is_state = path == state_file();
        let state = (is_state && call == "rename").then(|| self.state_bytes());
        self.hub.with(|core| {
            match call {
                "rename" if let Some(state) = &state => {
                    core.oracle.state_replaced(state.as_deref())
                }
                "sync_folder" if path == Path::new(FOLDER) => core.oracle.folder_synced(),
                _ => {}
            }
            if core.oracle.is_dry
                && matches!(
                    call,
                    "write" | "append" | "truncate" | "rename" | "remove" | "make_folder"
                )
            {
                core.oracle
                    .breach(7, format!("a dry run does {call} {}", path.display()));
            }
        });
    }

    async fn call<T>(
        &self,
        name: &'static str,
        path: &Path,
        work: impl Future<Output = io::Result<T>>,
    ) -> io::Result<T> {
        if self.hub.with(|core| core.is_dead) {
            return std::future::pending().await;
        }
        self.before(name, path);
        self.hang(path).await;
        if self.is_away(path) {
            return Err(ErrorKind::NotFound.into());
        }
        let done = work.await;
        match &done {
            Ok(_) => self.after(name, path),
            Err(error) => self.failed(name, path, error.kind()),
        }
        done
    }

    /// Waits while the disk of this path does not answer.
    async fn hang(&self, path: &Path) {
        loop {
            let hangs = self.hub.with(|core| {
                let (folder, account) = core.hanging.clone()?;
                if !path.starts_with(folder) {
                    return None;
                }
                core.see("disk: hangs");
                core.oracle.disturbed(&account);
                Some(())
            });
            if hangs.is_none() {
                return;
            }
            tokio::time::sleep(HANGS).await;
        }
    }

    fn is_away(&self, path: &Path) -> bool {
        path.starts_with(DOWNLOADS) && self.hub.with(|core| core.is_mount_away)
    }

    /// A call that failed may have had its effect.
    fn failed(&self, call: &str, path: &Path, kind: ErrorKind) {
        let state = (path == state_file() && call == "rename").then(|| self.state_bytes());
        self.hub.with(|core| {
            if let Some(state) = state {
                core.oracle.replacing_failed(state.as_deref());
            }
            if call == "sync_folder" && path == Path::new(FOLDER) {
                core.oracle.commit_failed();
            }
            // Ordinary answers: there is no such file, somebody holds the lock, it is no link.
            let is_answer = match kind {
                ErrorKind::NotFound | ErrorKind::WouldBlock => true,
                ErrorKind::InvalidInput => call == "read_link",
                _ => false,
            };
            if !is_answer {
                core.oracle.disk_failed();
            }
        });
    }
}

impl Disk for WorldDisk {
    fn read<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<Vec<u8>>> {
        Box::pin(self.call("read", path, self.below.read(path)))
    }
    fn write<'a>(&'a self, path: &'a Path, content: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(self.call("write", path, self.below.write(path, content)))
    }
    fn append<'a>(&'a self, path: &'a Path, content: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(async move {
            let appended = self.below.append(path, content);
            let done = self.call("append", path, appended).await;
            if path.ends_with("ledger.jsonl") {
                self.hub.with(|core| core.oracle.recorded(content));
            }
            done
        })
    }
    fn truncate<'a>(&'a self, path: &'a Path, length: u64) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(self.call("truncate", path, self.below.truncate(path, length)))
    }
    fn sync_file<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(self.call("sync_file", path, self.below.sync_file(path)))
    }
    fn sync_folder<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(self.call("sync_folder", path, self.below.sync_folder(path)))
    }
    fn rename<'a>(&'a self, from: &'a Path, to: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(self.call("rename", to, self.below.rename(from, to)))
    }
    fn read_link<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<PathBuf>> {
        Box::pin(self.call("read_link", path, self.below.read_link(path)))
    }
    fn remove<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(self.call("remove", path, self.below.remove(path)))
    }
    fn make_folder<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(self.call("make_folder", path, self.below.make_folder(path)))
    }
    fn list<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<Vec<String>>> {
        Box::pin(self.call("list", path, self.below.list(path)))
    }
    fn lock<'a>(&'a self, path: &'a Path, wait: bool) -> BoxFuture<'a, io::Result<LockGuard>> {
        Box::pin(self.call("lock", path, self.below.lock(path, wait)))
    }
    fn file_system<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<String>> {
        self.below.file_system(path)
    }
    fn stat_many(&self, paths: Vec<PathBuf>) -> BoxFuture<'_, Vec<io::Result<FileStat>>> {
        Box::pin(async move {
            if self.hub.with(|core| core.is_dead) {
                return std::future::pending().await;
            }
            if let Some(hanging) = self.hub.with(|core| core.hanging.clone())
                && let Some(path) = paths.iter().find(|path| path.starts_with(&hanging.0))
            {
                self.hang(path).await;
            }
            let away: Vec<bool> = paths.iter().map(|path| self.is_away(path)).collect();
            let found = self.below.stat_many(paths).await;
            let seen = |(found, is_away): (io::Result<FileStat>, bool)| match is_away {
                true => Err(ErrorKind::NotFound.into()),
                false => found,
            };
            found.into_iter().zip(away).map(seen).collect()
        })
    }
}
