//! A disk that does not answer.

use super::stat_only::StatOnly;
use super::*;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

#[tokio::test(start_paused = true)]
async fn hanging_disk_costs_one_wait_and_one_call() {
    let (looks, go_on) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let (count, wait) = (Arc::clone(&looks), Arc::clone(&go_on));
    let disk = StatOnly(move |paths: Vec<PathBuf>| -> BoxFuture<'static, _> {
        let (count, wait) = (Arc::clone(&count), Arc::clone(&wait));
        Box::pin(async move {
            count.fetch_add(1, Ordering::Relaxed);
            wait.notified().await;
            let gone = |_| Err(io::ErrorKind::NotFound.into());
            paths.iter().map(gone).collect()
        })
    });
    let mut looker = Looker::new(Arc::new(disk), AccountId::from("seedbox"));
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
    assert_eq!(looks.load(Ordering::Relaxed), 1);
    // It goes on once the hanging call has ended.
    go_on.notify_one();
    tokio::task::yield_now().await;
    go_on.notify_one();
    let found = looker.look(vec![PathBuf::from("/hung/1")]).await;
    assert_eq!(found, [Err(io::ErrorKind::NotFound)]);
}

#[tokio::test(start_paused = true)]
async fn calls_that_hang_are_known_after_a_reload() {
    let looks = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&looks);
    let disk = StatOnly(move |_: Vec<PathBuf>| -> BoxFuture<'static, _> {
        count.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::pending())
    });
    let (disk, known) = (Arc::new(disk), Looks::default());
    let of = |account: &str| {
        let looker = Looker::new(disk.clone(), AccountId::from(account));
        looker.knowing(known.clone(), Pulse::default())
    };
    let timed_out = [Err(io::ErrorKind::TimedOut)];
    let path = || vec![PathBuf::from("/hung/1")];
    let before = tokio::time::Instant::now();
    // Reloads in the middle of the first call, and after it.
    for (seconds, passed) in [(10, 10), (10, 20), (60, 30), (60, 30)] {
        let mut looker = of("seedbox");
        let looking = looker.look(path());
        let found = tokio::time::timeout(Duration::from_secs(seconds), looking).await;
        assert!(found.is_err() || found.unwrap() == timed_out);
        assert_eq!(before.elapsed(), Duration::from_secs(passed));
    }
    assert_eq!(looks.load(Ordering::Relaxed), 1);
    // The disk of another account may answer.
    assert_eq!(of("other").look(path()).await, timed_out);
    assert_eq!(looks.load(Ordering::Relaxed), 2);
}
