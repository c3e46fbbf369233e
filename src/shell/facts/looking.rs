//! Looking at many names on disk, so that a disk that does not answer costs one wait and few threads.

use crate::core::model::AccountId;
use crate::ports::{Disk, FileStat, Inside, Names};
use crate::shell::watchdog::Pulse;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// Names in one call to the disk: enough to keep its threads busy, few enough for the time below.
const CHUNK: usize = 4_096;
/// Folders in one call: over a network each can take a good part of a second.
const FOLDERS: usize = 64;
/// Longest wait for one call. Disks that have to spin up take some ten seconds.
const TIME: Duration = Duration::from_secs(30);

/// What the disk said of one name.
pub(super) type Seen = Result<FileStat, io::ErrorKind>;

/// Names in the portions in which they are looked at.
#[derive(Default)]
pub(super) struct Batches(Vec<Names>);

impl Batches {
    /// Where the next name goes.
    pub fn next(&mut self) -> &mut Names {
        if self.0.last().is_none_or(|last| last.len() >= CHUNK) {
            self.0.push(Names::default());
        }
        let last = self.0.len() - 1;
        &mut self.0[last]
    }
}

/// Adds the answers of one call, as many as were asked for.
fn take<T>(
    found: &mut Vec<Result<T, io::ErrorKind>>,
    answer: Option<Vec<io::Result<T>>>,
    count: usize,
) {
    let none = |kind: io::ErrorKind| std::iter::repeat_with(move || Err(kind)).take(count);
    match answer {
        Some(answers) if answers.len() == count => {
            let answers = answers.into_iter();
            found.extend(answers.map(|answer| answer.map_err(|error| error.kind())));
        }
        Some(_) => found.extend(none(io::ErrorKind::Other)),
        None => found.extend(none(io::ErrorKind::TimedOut)),
    }
}

/// The calls under way, one for each account at most. Clones are the same: kept over reloads, so that no reload adds a
/// call to those that hang.
#[derive(Clone, Default)]
pub struct Looks(Arc<Mutex<BTreeMap<AccountId, Turn>>>);

#[derive(Clone)]
struct Turn {
    /// Locked until the operating system has ended the call, whoever waits for it.
    free: Arc<tokio::sync::Mutex<()>>,
    /// A call that has not ended by then hangs.
    until: Instant,
}

impl Looks {
    fn turn(&self, account: &AccountId) -> Turn {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = turns.entry(account.clone()).or_insert_with(|| Turn {
            free: Arc::default(),
            until: Instant::now(),
        });
        turn.clone()
    }

    fn begin(&self, account: &AccountId) {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get_mut(account) {
            turn.until = Instant::now() + TIME;
        }
    }
}

/// Looks at names for one account. While a call hangs it begins no other: every answer is `TimedOut` then.
pub(super) struct Looker {
    disk: Arc<dyn Disk>,
    account: AccountId,
    looks: Looks,
    pulse: Pulse,
}

impl Looker {
    /// One that has not looked yet.
    pub fn new(disk: Arc<dyn Disk>, account: AccountId) -> Looker {
        Looker {
            disk,
            account,
            looks: Looks::default(),
            pulse: Pulse::default(),
        }
    }

    /// One that knows of these calls, and takes the end of each of its own for progress.
    pub fn knowing(self, looks: Looks, pulse: Pulse) -> Looker {
        Looker {
            looks,
            pulse,
            ..self
        }
    }

    /// One answer for each path, in order. Symbolic links at the end of a path are not followed.
    pub async fn look(&mut self, paths: Vec<PathBuf>) -> Vec<Seen> {
        let mut found = Vec::with_capacity(paths.len());
        for chunk in paths.chunks(CHUNK) {
            let chunk = chunk.to_vec();
            let count = chunk.len();
            let answer = self
                .call(move |disk| async move { disk.stat_many(chunk).await })
                .await;
            take(&mut found, answer, count);
        }
        found
    }

    /// One answer for each name, in order. Symbolic links at their end are not followed.
    pub async fn look_at_names(&mut self, batches: Batches) -> Vec<Seen> {
        let mut found = Vec::with_capacity(batches.0.iter().map(Names::len).sum());
        for names in batches.0 {
            let count = names.len();
            let answer = self
                .call(move |disk| async move { disk.stat_names(names).await })
                .await;
            take(&mut found, answer, count);
        }
        found
    }

    /// As [`Looker::look`], by path, each looked at once.
    pub async fn look_at(
        &mut self,
        paths: impl IntoIterator<Item = PathBuf>,
    ) -> BTreeMap<PathBuf, Seen> {
        let mut paths: Vec<PathBuf> = paths.into_iter().collect();
        paths.sort();
        paths.dedup();
        let seen = self.look(paths.clone()).await;
        paths.into_iter().zip(seen).collect()
    }

    /// Whether a folder has anything in it.
    pub async fn is_filled(&mut self, folder: &Path) -> Result<bool, io::ErrorKind> {
        let folder = folder.to_owned();
        let answer = self
            .call(move |disk| async move { disk.list(&folder).await })
            .await;
        match answer {
            Some(Ok(names)) => Ok(!names.is_empty()),
            Some(Err(error)) => Err(error.kind()),
            None => Err(io::ErrorKind::TimedOut),
        }
    }

    /// What a symbolic link says it points to; `InvalidInput` if it is none.
    pub async fn read_link(&mut self, path: &Path) -> Result<PathBuf, io::ErrorKind> {
        let path = path.to_owned();
        let answer = self
            .call(move |disk| async move { disk.read_link(&path).await })
            .await;
        match answer {
            Some(target) => target.map_err(|error| error.kind()),
            None => Err(io::ErrorKind::TimedOut),
        }
    }

    /// The name of the file system that a path lies on.
    pub async fn file_system(&mut self, path: &Path) -> Result<String, io::ErrorKind> {
        let path = path.to_owned();
        let answer = self
            .call(move |disk| async move { disk.file_system(&path).await })
            .await;
        match answer {
            Some(name) => name.map_err(|error| error.kind()),
            None => Err(io::ErrorKind::TimedOut),
        }
    }

    /// What stands in each of these folders, in order.
    pub async fn look_into(&mut self, folders: &[PathBuf]) -> Vec<Result<Inside, io::ErrorKind>> {
        let mut found = Vec::with_capacity(folders.len());
        for chunk in folders.chunks(FOLDERS) {
            let chunk = chunk.to_vec();
            let count = chunk.len();
            let answer = self
                .call(move |disk| async move { disk.look_into(chunk).await })
                .await;
            take(&mut found, answer, count);
        }
        found
    }

    /// Runs one call to the disk; `None` if it does not end in time, or an earlier one still hangs.
    async fn call<T, F>(
        &mut self,
        work: impl FnOnce(Arc<dyn Disk>) -> F + Send + 'static,
    ) -> Option<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send,
    {
        let Turn { free, until } = self.looks.turn(&self.account);
        let turn = timeout_at(until, free.lock_owned()).await.ok()?;
        self.looks.begin(&self.account);
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let disk = Arc::clone(&self.disk);
        self.disk.aside(Box::pin(async move {
            let answer = work(disk).await;
            drop(turn);
            // Nobody listens any more after the time below; the answer is then of no use.
            let _ = sender.send(answer);
        }));
        let answer = timeout(TIME, receiver).await;
        self.pulse.beat();
        answer.ok()?.ok()
    }
}
