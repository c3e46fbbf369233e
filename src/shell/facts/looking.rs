//! Looking at many names on disk, so that a disk that does not answer costs one wait and few threads.

use crate::ports::{Disk, FileStat, Names};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Names in one call to the disk: enough to keep its threads busy, few enough for the time below.
const CHUNK: usize = 4_096;
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
fn take(found: &mut Vec<Seen>, answer: Option<Vec<io::Result<FileStat>>>, count: usize) {
    match answer {
        Some(stats) if stats.len() == count => {
            let stats = stats.into_iter();
            found.extend(stats.map(|stat| stat.map_err(|error| error.kind())));
        }
        Some(_) => found.extend(std::iter::repeat_n(Err(io::ErrorKind::Other), count)),
        None => found.extend(std::iter::repeat_n(Err(io::ErrorKind::TimedOut), count)),
    }
}

/// Looks at names. While a call of it hangs it begins no other: every answer is `TimedOut` then.
pub(super) struct Looker {
    disk: Arc<dyn Disk>,
    hanging: Option<JoinHandle<()>>,
}

impl Looker {
    /// One that has not looked yet.
    pub fn new(disk: Arc<dyn Disk>) -> Looker {
        Looker {
            disk,
            hanging: None,
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

    /// Runs one call to the disk; `None` if it does not end in time, or an earlier one still hangs.
    async fn call<T, F>(
        &mut self,
        work: impl FnOnce(Arc<dyn Disk>) -> F + Send + 'static,
    ) -> Option<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send,
    {
        if self
            .hanging
            .as_ref()
            .is_some_and(|task| !task.is_finished())
        {
            return None;
        }
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let disk = Arc::clone(&self.disk);
        let task = tokio::spawn(async move {
            // Nobody listens any more after the time below; the answer is then of no use.
            let _ = sender.send(work(disk).await);
        });
        match tokio::time::timeout(TIME, receiver).await {
            Ok(answer) => answer.ok(),
            Err(_) => {
                self.hanging = Some(task);
                None
            }
        }
    }
}
