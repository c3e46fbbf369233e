//! A disk of 64 KiB, and one that becomes read-only. Needs root and a mount namespace.

use super::{FOLDER, Records, child};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Runs a test on a small disk that only its process sees; false if that is not possible here.
fn on_small_disk(test: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let mount = format!("mount -t tmpfs -o size=64k,mode=700 none '{path}'");
    let try_it = Command::new("unshare")
        .args(["-m", "sh", "-c", &mount])
        .stderr(Stdio::null())
        .status();
    if !try_it.is_ok_and(|status| status.success()) {
        println!("left out: a disk of its own takes root, and unshare and mount");
        return false;
    }
    let script = format!("{mount} && exec \"$@\"");
    let before = ["unshare", "-m", "sh", "-c", &script, "sh"];
    let output = child(&before, test, folder.path()).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    true
}

fn remount(options: &str) {
    let options = format!("remount,{options}");
    let status = Command::new("mount")
        .args(["-o", &options])
        .arg(folder())
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn survives_a_full_disk() {
    on_small_disk("full::fills_the_disk");
}

#[test]
fn survives_a_disk_that_becomes_read_only() {
    on_small_disk("full::makes_the_disk_read_only");
}

fn folder() -> PathBuf {
    std::env::var_os(FOLDER)
        .expect("a folder from the parent")
        .into()
}

#[tokio::test]
#[ignore = "the child of the test of full disks"]
async fn fills_the_disk() {
    let records = Records::open(&folder()).await;
    assert_eq!(records.commit().await, Ok(1));
    assert_eq!(records.intend().await, Ok(1));
    // The ledger fills it.
    let error = loop {
        if let Err(error) = records.intend().await {
            break error;
        }
    };
    assert!(
        error.contains("no space left for") && error.contains("ledger.jsonl"),
        "{error}"
    );
    let full = records.last_intent();
    assert!(full > 20, "{full}");
    let error = records.commit().await.unwrap_err();
    assert!(
        error.contains("no space left for") && error.contains("make room"),
        "{error}"
    );
    assert_eq!(records.count().await, 1, "the old state stays in force");
    // Another process finds both whole.
    let again = Records::open(&folder()).await;
    assert_eq!((again.count().await, again.last_intent()), (1, full));
    // With room again, everything goes on.
    let state = folder().join("state");
    remount("size=1m");
    assert!(!Path::new(&state).exists());
    assert_eq!(records.commit().await, Ok(2));
    assert_eq!(records.intend().await, Ok(full + 1));
}

#[tokio::test]
#[ignore = "the child of the test of read-only disks"]
async fn makes_the_disk_read_only() {
    let records = Records::open(&folder()).await;
    assert_eq!(records.commit().await, Ok(1));
    remount("ro");
    for error in [
        records.commit().await.unwrap_err(),
        records.intend().await.unwrap_err(),
    ] {
        assert!(
            error.contains("is on a read-only file system: make it writable"),
            "{error}"
        );
    }
    remount("rw");
    assert_eq!(records.commit().await, Ok(2));
    assert_eq!(records.intend().await, Ok(1));
}
