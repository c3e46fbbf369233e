use super::*;
use crate::core::decide::Seen;
use crate::core::model::Magnet;
use crate::core::state::{Failures, ItemState};
use crate::support::disk::SimDisk;
use seedwarden_sim::disk::{DiskModel, LOSSES, Loss, Trouble};
use std::collections::BTreeMap;
use std::io::ErrorKind;

mod crash;
mod edits;
mod places;

const FOLDER: &str = "/state";
const PATH: &str = "/state/state.json";

fn now() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

fn account() -> AccountId {
    "debrid".into()
}

/// An account in which magnet 1 failed so often.
fn failed(failures: u32) -> AccountState {
    let failed = Failures {
        failures,
        ..Failures::default()
    };
    let item = ItemState {
        failed: Some(failed),
        ..ItemState::default()
    };
    AccountState {
        items: [("1".into(), item)].into(),
        ..AccountState::default()
    }
}

/// Magnets as an account lists them.
fn listed(ids: &[&str]) -> BTreeMap<ItemId, Magnet> {
    let magnets = ids.iter().map(|id| ((*id).into(), Magnet::default()));
    magnets.collect()
}

/// Failures of magnet 1 in an account.
fn count(state: &State, account: &str) -> u32 {
    let account = state.accounts.get(account);
    let item = account.and_then(|account| account.items.get("1"));
    item.map_or(0, ItemState::most_failures)
}

async fn open(disk: &SimDisk) -> Result<(Store, Loaded), StoreError> {
    Store::open(Arc::new(disk.clone()), Path::new(FOLDER), now()).await
}

/// One cycle that ends with so many failures.
async fn cycle(store: &Store, failures: u32) -> Result<Commit, StoreError> {
    let base = store.base(&account()).await;
    store.commit(base, failed(failures), now()).await
}

/// A disk whose state file was committed with so many failures.
async fn disk_with(failures: u32) -> SimDisk {
    let disk = SimDisk::default();
    let (store, _) = open(&disk).await.unwrap();
    assert_eq!(cycle(&store, failures).await.unwrap(), Commit::Saved);
    disk
}

fn put(content: &'static [u8]) -> impl FnOnce(&mut DiskModel) + Send + 'static {
    move |disk| disk.put(Path::new(PATH), content)
}

fn content(disk: &SimDisk) -> Option<String> {
    let path = Path::new(PATH);
    disk.with(|disk| {
        disk.peek(path)
            .map(|b| String::from_utf8_lossy(b).into_owned())
    })
}

/// What a new process finds.
async fn reloaded(disk: &SimDisk, loss: Loss) -> u32 {
    disk.with(|disk| disk.restart(loss));
    let (store, loaded) = open(disk).await.unwrap();
    assert_eq!(loaded.notes, vec![], "{loss:?}");
    count(&*store.state().await, "debrid")
}

#[tokio::test]
async fn starts_empty_without_a_file() {
    let disk = SimDisk::default();
    let (_, loaded) = open(&disk).await.unwrap();
    assert_eq!(*loaded.state, State::default());
    assert_eq!(content(&disk), None, "nothing is written before a commit");
}

#[tokio::test]
async fn keeps_what_is_committed() {
    let disk = disk_with(3).await;
    for loss in LOSSES {
        assert_eq!(reloaded(&disk, loss).await, 3);
    }
    let text = content(&disk).unwrap();
    assert!(
        text.contains("\n  \"accounts\": {\n") && text.ends_with("}\n"),
        "{text}"
    );
}

#[tokio::test]
async fn replaces_one_account_only() {
    let disk = disk_with(3).await;
    let (store, _) = open(&disk).await.unwrap();
    let base = store.base(&"other".into()).await;
    let saved = store.commit(base, failed(1), now()).await.unwrap();
    assert_eq!(saved, Commit::Saved);
    let state = read(&disk, Path::new(FOLDER), now()).await.unwrap().state;
    assert_eq!((count(&state, "debrid"), count(&state, "other")), (3, 1));
}

#[tokio::test]
async fn writes_nothing_when_nothing_changed() {
    let disk = disk_with(3).await;
    let (store, _) = open(&disk).await.unwrap();
    // The first commit writes, because a process that was killed may not have made it durable.
    for expected in [true, false, false] {
        let before = disk.with(|disk| disk.steps());
        assert_eq!(cycle(&store, 3).await.unwrap(), Commit::Saved);
        let wrote = disk.with(|disk| disk.steps() - before) > 3;
        assert_eq!(wrote, expected);
    }
}

#[tokio::test]
async fn moves_old_counts_to_the_account_that_lists_the_magnet() {
    let disk = SimDisk::default();
    disk.with(put(br#"{"1": 3, "2": 0, "9": 4}"#));
    let (store, loaded) = open(&disk).await.unwrap();
    assert_eq!(loaded.notes, [Note::OldCounts(3)]);
    let mut base = store.base(&account()).await;
    base.claim(Seen::Magnets(&listed(&["1", "2", "3"])));
    assert_eq!(base.state().items.len(), 1, "a count of zero is no failure");
    assert_eq!(base.state().items["1"].most_failures(), 3);
    assert_eq!(
        store.commit(base, failed(4), now()).await.unwrap(),
        Commit::Saved
    );
    let state = read(&disk, Path::new(FOLDER), now()).await.unwrap().state;
    assert_eq!(state.retry_counts, [("9".to_owned(), 4)].into());
    assert_eq!(count(&state, "debrid"), 4);
    assert_eq!(state, store.state().await);
}

#[tokio::test]
async fn keeps_a_higher_count_than_the_old_one() {
    let disk = SimDisk::default();
    disk.with(put(br#"{"retry_counts": {"1": 3}, "accounts":
        {"debrid": {"items": {"1": {"failed": {"failures": 4}}}}}}"#));
    let (store, _) = open(&disk).await.unwrap();
    let mut base = store.base(&account()).await;
    base.claim(Seen::Magnets(&listed(&["1"])));
    assert_eq!(base.state().items["1"].most_failures(), 4);
}

#[tokio::test]
async fn refuses_a_newer_format_and_leaves_it_alone() {
    let disk = disk_with(3).await;
    let (store, _) = open(&disk).await.unwrap();
    disk.with(put(br#"{"version": 2}"#));
    assert!(matches!(
        cycle(&store, 4).await,
        Err(StoreError::Newer { version: 2, .. })
    ));
    let error = open(&disk).await.map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("/state/state.json has version 2"), "{error}");
    assert_eq!(content(&disk).as_deref(), Some(r#"{"version": 2}"#));
}

#[tokio::test]
async fn moves_an_unreadable_file_aside() {
    let disk = SimDisk::default();
    disk.with(put(b"{\"accounts\": "));
    let read_only = read(&disk, Path::new(FOLDER), now()).await.unwrap();
    assert!(matches!(
        &read_only.notes[..],
        [Note::Unreadable { moved_to: None, .. }]
    ));
    assert!(content(&disk).is_some(), "a reader leaves it in place");
    let (store, loaded) = open(&disk).await.unwrap();
    let [
        Note::Unreadable {
            moved_to: Some(aside),
            why,
        },
    ] = &loaded.notes[..]
    else {
        panic!("{:?}", loaded.notes);
    };
    assert!(why.contains("EOF"), "{why}");
    assert_eq!(
        aside,
        Path::new("/state/state.json.unreadable-20261120T100000.000Z")
    );
    assert_eq!(disk.with(|d| d.peek(aside).map(<[u8]>::len)), Some(13));
    assert_eq!(cycle(&store, 1).await.unwrap(), Commit::Saved);
    assert_eq!(reloaded(&disk, Loss::Unsynced).await, 1);
    assert!(disk.with(|d| d.peek(aside).is_some()));
}

#[tokio::test]
async fn reports_cleared_times() {
    let disk = SimDisk::default();
    disk.with(put(
        br#"{"accounts": {"a": {"last_cycle_at": "2027-01-01T00:00:00Z"}}}"#,
    ));
    let (_, loaded) = open(&disk).await.unwrap();
    assert_eq!(loaded.notes, [Note::FutureTimes(1)]);
}
