//! Full disks, links, locks.

use super::*;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn says_what_to_do_without_space_and_goes_on_later() {
    let disk = disk_with(3).await;
    let (store, _) = open(&disk).await.unwrap();
    disk.with(|disk| disk.set_capacity(Some(300)));
    let error = cycle(&store, 4).await.unwrap_err();
    assert!(matches!(error, StoreError::Disk(DiskError::Full { .. })));
    let text = error.to_string();
    assert!(
        text.contains("no space left for /state/state.json.new: make room"),
        "{text}"
    );
    let names = disk.with(|disk| disk.names_below(Path::new(FOLDER)));
    assert_eq!(names.len(), 2, "the half-written file is gone: {names:?}");
    assert_eq!(count(&*store.state().await, "debrid"), 3);
    disk.with(|disk| disk.set_capacity(None));
    assert_eq!(cycle(&store, 4).await.unwrap(), Commit::Saved);
    assert_eq!(reloaded(&disk, Loss::Unsynced).await, 4);
}

#[tokio::test]
async fn says_what_to_do_on_a_read_only_disk() {
    let disk = disk_with(3).await;
    let (store, _) = open(&disk).await.unwrap();
    disk.with(|disk| disk.set_read_only(true));
    let error = cycle(&store, 4).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Disk(DiskError::ReadOnly { .. })),
        "{error}"
    );
    let state = read(&disk, Path::new(FOLDER), now()).await.unwrap().state;
    assert_eq!(count(&state, "debrid"), 3, "reading needs no lock");
}

#[tokio::test]
async fn says_whose_permission_is_missing() {
    let disk = disk_with(3).await;
    disk.with(|disk| disk.set_denied(Path::new(PATH), true));
    let error = open(&disk).await.map(|_| ()).unwrap_err();
    let text = error.to_string();
    assert!(
        matches!(error, StoreError::Disk(DiskError::Denied { .. })),
        "{text}"
    );
    assert!(
        text.contains(PATH) && text.contains("must belong to"),
        "{text}"
    );
}

#[tokio::test]
async fn replaces_the_file_that_a_link_leads_to() {
    for (target, real) in [
        ("../data/s.json", "/data/s.json"),
        ("/data/none.json", "/data/none.json"),
    ] {
        let disk = SimDisk::default();
        disk.with(|disk| {
            disk.put(Path::new("/data/s.json"), b"{}");
            disk.put(Path::new("/state/x"), b"");
            disk.symlink(Path::new(target), Path::new(PATH));
        });
        let (store, _) = open(&disk).await.unwrap();
        assert_eq!(cycle(&store, 2).await.unwrap(), Commit::Saved);
        let link = disk.with(|disk| disk.read_link(Path::new(PATH)).unwrap());
        assert_eq!(link, Path::new(target), "the link stays");
        let bytes = disk.with(|disk| disk.peek(Path::new(real)).map(<[u8]>::len));
        assert!(bytes > Some(100), "{bytes:?}");
        assert_eq!(reloaded(&disk, Loss::Unsynced).await, 2);
    }
}

#[tokio::test]
async fn refuses_links_in_a_circle() {
    let disk = disk_with(3).await;
    disk.with(|disk| disk.symlink(Path::new(PATH), Path::new(PATH)));
    let error = open(&disk).await.map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("too many symbolic links"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn waits_for_another_writer_but_not_for_ever() {
    let disk = disk_with(3).await;
    let (store, _) = open(&disk).await.unwrap();
    let path = Path::new("/state/write.lock");
    let held = disk.lock(path, false).await.unwrap();
    let releases = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        drop(held);
    };
    let (commit, ()) = tokio::join!(cycle(&store, 4), releases);
    assert_eq!(commit.unwrap(), Commit::Saved);
    let _held = disk.lock(path, false).await.unwrap();
    let error = cycle(&store, 5).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Disk(DiskError::Busy { .. })),
        "{error}"
    );
}

#[tokio::test]
async fn tells_a_second_daemon_who_is_there() {
    let disk = SimDisk::default();
    let folder = Path::new(FOLDER);
    let first = lock_folder(&disk, folder, now()).await.unwrap();
    let error = lock_folder(&disk, folder, now())
        .await
        .map(|_| ())
        .unwrap_err();
    let (text, pid) = (error.to_string(), std::process::id());
    let holder = format!("in /state (process {pid} since 2026-11-20T10:00:00Z)");
    assert!(text.contains(&holder), "{text}");
    drop(first);
    assert!(lock_folder(&disk, folder, now()).await.is_ok());
    disk.with(|disk| disk.restart(Loss::Unsynced));
    assert!(
        lock_folder(&disk, folder, now()).await.is_ok(),
        "death gives it back"
    );
}
