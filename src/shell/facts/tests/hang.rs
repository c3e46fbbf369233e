//! A disk that does not answer.

use super::*;
use crate::ports::{Disk, FileStat, LockGuard};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// Hangs at each look until it is told to go on.
#[derive(Default)]
struct Hanging {
    looks: AtomicUsize,
    go_on: Notify,
}

impl Disk for Hanging {
    fn read<'a>(&'a self, _: &'a Path) -> BoxFuture<'a, io::Result<Vec<u8>>> {
        Box::pin(std::future::pending())
    }
    fn write<'a>(&'a self, _: &'a Path, _: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(std::future::pending())
    }
    fn append<'a>(&'a self, _: &'a Path, _: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(std::future::pending())
    }
    fn truncate<'a>(&'a self, _: &'a Path, _: u64) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(std::future::pending())
    }
    fn sync_file<'a>(&'a self, _: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(std::future::pending())
    }
    fn sync_folder<'a>(&'a self, _: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(std::future::pending())
    }
    fn rename<'a>(&'a self, _: &'a Path, _: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(std::future::pending())
    }
    fn remove<'a>(&'a self, _: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(std::future::pending())
    }
    fn make_folder<'a>(&'a self, _: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(std::future::pending())
    }
    fn list<'a>(&'a self, _: &'a Path) -> BoxFuture<'a, io::Result<Vec<String>>> {
        Box::pin(std::future::pending())
    }
    fn lock<'a>(&'a self, _: &'a Path, _: bool) -> BoxFuture<'a, io::Result<LockGuard>> {
        Box::pin(std::future::pending())
    }
    fn read_link<'a>(&'a self, _: &'a Path) -> BoxFuture<'a, io::Result<PathBuf>> {
        Box::pin(std::future::pending())
    }
    fn stat_many(&self, paths: Vec<PathBuf>) -> BoxFuture<'_, Vec<io::Result<FileStat>>> {
        Box::pin(async move {
            self.looks.fetch_add(1, Ordering::Relaxed);
            self.go_on.notified().await;
            paths
                .iter()
                .map(|_| Err(io::ErrorKind::NotFound.into()))
                .collect()
        })
    }
}

#[tokio::test(start_paused = true)]
async fn hanging_disk_costs_one_wait_and_one_call() {
    let disk = Arc::new(Hanging::default());
    let mut looker = Looker::new(disk.clone());
    let paths: Vec<PathBuf> = (0..10_000)
        .map(|i| PathBuf::from(format!("/hung/{i}")))
        .collect();
    let before = tokio::time::Instant::now();
    let found = looker.look(paths.clone()).await;
    assert!(
        found
            .iter()
            .all(|seen| *seen == Err(io::ErrorKind::TimedOut))
    );
    assert_eq!(found.len(), paths.len());
    assert_eq!(before.elapsed(), Duration::from_secs(30));
    assert_eq!(
        looker.is_filled(Path::new("/hung")).await,
        Err(io::ErrorKind::TimedOut)
    );
    assert_eq!(before.elapsed(), Duration::from_secs(30));
    assert_eq!(disk.looks.load(Ordering::Relaxed), 1);
    // It goes on once the hanging call has ended.
    disk.go_on.notify_one();
    tokio::task::yield_now().await;
    disk.go_on.notify_one();
    let found = looker.look(vec![PathBuf::from("/hung/1")]).await;
    assert_eq!(found, [Err(io::ErrorKind::NotFound)]);
}
