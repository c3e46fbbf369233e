//! Others change the file between any two steps.

use super::*;

/// Somebody does `edit` before each step of a commit in turn. Gives, for each, the step's call, the outcome, and the disk.
async fn at_each_step(
    edit: impl Fn(&mut DiskModel) + Clone + Send + 'static,
) -> Vec<(String, Result<Commit, StoreError>, SimDisk, Store)> {
    let mut all = Vec::new();
    for step in 0.. {
        let disk = disk_with(3).await;
        let (store, _) = open(&disk).await.unwrap();
        let first = disk.with(|disk| disk.steps());
        let edit = edit.clone();
        disk.with(|disk| disk.edit_at(first + step, edit));
        let commit = cycle(&store, 4).await;
        if disk.with(|disk| disk.steps()) <= first + step {
            break;
        }
        let number = format!("{:>5} ", first + step);
        let call = disk.with(|disk| {
            disk.log()
                .find(|l| l.starts_with(&number))
                .map(str::to_owned)
        });
        all.push((call.unwrap_or_default(), commit, disk, store));
    }
    assert!(all.len() > 7, "{} steps", all.len());
    all
}

#[tokio::test]
async fn never_undoes_a_reset() {
    for (call, commit, disk, store) in at_each_step(|disk| disk.put(Path::new(PATH), b"{}\n")).await
    {
        // Nothing can be asked between the last look and the rename itself.
        if call.contains(" rename ") {
            continue;
        }
        assert_eq!(content(&disk).as_deref(), Some("{}\n"), "{call}");
        let is_late = call.contains(" sync_folder ");
        match commit.unwrap() {
            Commit::Saved => assert!(is_late, "{call}"),
            Commit::Edited(loaded) => {
                assert!(!is_late, "{call}");
                assert_eq!(*loaded.state, State::default());
                assert_eq!(store.state().await, loaded.state);
            }
        }
        // The next cycle knows of it in any case, and the one after that counts from zero.
        let second = cycle(&store, 1).await.unwrap();
        assert_eq!(matches!(second, Commit::Edited(_)), is_late, "{call}");
        assert_eq!(cycle(&store, 1).await.unwrap(), Commit::Saved);
        assert_eq!(reloaded(&disk, Loss::Unsynced).await, 1);
    }
}

#[tokio::test]
async fn takes_removal_for_a_reset() {
    for (call, commit, disk, _) in at_each_step(|disk| disk.delete(Path::new(PATH))).await {
        if call.contains(" rename ") || call.contains(" sync_folder ") {
            continue;
        }
        assert!(matches!(commit.unwrap(), Commit::Edited(_)), "{call}");
        assert_eq!(content(&disk), None, "{call}");
    }
}

#[tokio::test]
async fn moves_garbage_aside_while_running() {
    for (call, commit, disk, store) in at_each_step(|disk| disk.put(Path::new(PATH), b"?")).await {
        if call.contains(" rename ") || call.contains(" sync_folder ") {
            continue;
        }
        let Commit::Edited(loaded) = commit.unwrap() else {
            panic!("{call}")
        };
        let [
            Note::Unreadable {
                moved_to: Some(aside),
                ..
            },
        ] = &loaded.notes[..]
        else {
            panic!("{call}: {:?}", loaded.notes);
        };
        assert_eq!(
            disk.with(|d| d.peek(aside).map(<[u8]>::to_vec)),
            Some(b"?".to_vec())
        );
        assert_eq!(cycle(&store, 1).await.unwrap(), Commit::Saved);
    }
}

#[tokio::test]
async fn takes_the_moment_inside_a_reset_for_empty() {
    let disk = disk_with(3).await;
    let (store, _) = open(&disk).await.unwrap();
    for text in [&b""[..], b"{}"] {
        disk.with(put(text));
        assert!(matches!(cycle(&store, 4).await.unwrap(), Commit::Edited(l) if l.notes.is_empty()));
    }
    assert_eq!(content(&disk).as_deref(), Some("{}"));
}

#[tokio::test]
async fn drops_cycles_that_began_before_an_edit() {
    let disk = disk_with(3).await;
    let (store, _) = open(&disk).await.unwrap();
    let base = store.base(&account()).await;
    let other = store.base(&"other".into()).await;
    disk.with(put(b"{}"));
    let commit = store.commit(other, failed(1), now()).await.unwrap();
    assert!(matches!(commit, Commit::Edited(_)));
    // The store knows the edit by then, but this cycle's counts were made without it.
    let commit = store.commit(base, failed(4), now()).await.unwrap();
    assert!(matches!(commit, Commit::Edited(_)));
    assert_eq!(content(&disk).as_deref(), Some("{}"));
}

#[tokio::test]
async fn sees_an_edit_at_the_beginning_of_a_cycle() {
    let disk = disk_with(3).await;
    let (store, _) = open(&disk).await.unwrap();
    assert_eq!(store.refresh(now()).await.unwrap(), None);
    disk.with(put(
        br#"{"accounts": {"debrid": {"items": {"1": {"failed": {"failures": 1}}}}}}"#,
    ));
    let loaded = store.refresh(now()).await.unwrap().unwrap();
    assert_eq!(count(&loaded.state, "debrid"), 1);
    assert_eq!(cycle(&store, 2).await.unwrap(), Commit::Saved);
}

#[tokio::test]
async fn knows_of_an_edit_that_another_account_noticed_first() {
    let disk = disk_with(3).await;
    let (store, _) = open(&disk).await.unwrap();
    let version = store.base(&account()).await.version();
    assert_eq!(cycle(&store, 4).await.unwrap(), Commit::Saved);
    assert!(
        !store.was_edited(version, now()).await.unwrap(),
        "a commit is no edit"
    );
    disk.with(put(b"{}"));
    for noticed in [false, true] {
        if noticed {
            store.refresh(now()).await.unwrap();
        }
        assert!(store.was_edited(version, now()).await.unwrap());
    }
    let version = store.base(&account()).await.version();
    assert!(!store.was_edited(version, now()).await.unwrap());
}

#[tokio::test]
async fn resets_beside_a_running_daemon() {
    let disk = disk_with(3).await;
    let (daemon, _) = open(&disk).await.unwrap();
    let (command, _) = open(&disk).await.unwrap();
    let base = daemon.base(&account()).await;
    let reset = |state: &mut State| state.accounts.remove("debrid").is_some();
    assert!(command.edit(now(), reset).await.unwrap());
    let commit = daemon.commit(base, failed(4), now()).await.unwrap();
    assert!(matches!(commit, Commit::Edited(l) if count(&l.state, "debrid") == 0));
    assert_eq!(reloaded(&disk, Loss::Unsynced).await, 0);
}

#[tokio::test]
async fn counts_its_own_edit_as_one_for_cycles_under_way() {
    let disk = disk_with(3).await;
    let (store, _) = open(&disk).await.unwrap();
    let base = store.base(&account()).await;
    store
        .edit(now(), |state| state.accounts.clear())
        .await
        .unwrap();
    let commit = store.commit(base, failed(4), now()).await.unwrap();
    assert!(matches!(commit, Commit::Edited(_)));
    let before = content(&disk);
    store.edit(now(), |_| ()).await.unwrap();
    assert_eq!(
        cycle(&store, 1).await.unwrap(),
        Commit::Saved,
        "no change, no edit"
    );
    assert_ne!(content(&disk), before);
}

#[tokio::test]
async fn edits_what_a_person_just_wrote() {
    let text = br#"{"accounts": {"a": {"had_items": true}, "b": {"had_items": true}}}"#;
    // Lock, link, look, write, sync, look: the person came first. Then the rename, and the person comes last.
    for (step, expected) in [0, 1, 2, 3, 4, 5, 7].map(|s| (s, if s < 7 { "a c" } else { "a b" })) {
        let disk = disk_with(3).await;
        let (store, _) = open(&disk).await.unwrap();
        disk.with(|disk| disk.edit_at(disk.steps() + step, put(text)));
        let change = |state: &mut State| {
            state.accounts.remove("b");
            state.accounts.entry("c".into()).or_default();
        };
        store.edit(now(), change).await.unwrap();
        let state = read(&disk, Path::new(FOLDER), now()).await.unwrap().state;
        let accounts: Vec<_> = state.accounts.keys().map(AccountId::as_str).collect();
        assert_eq!(accounts.join(" "), expected, "{step}");
    }
}

#[tokio::test]
async fn clock_that_is_set_back_makes_times_count_as_now() {
    let disk = SimDisk::default();
    let (store, _) = open(&disk).await.unwrap();
    let ahead = now() + jiff::SignedDuration::from_hours(24 * 365);
    store.refresh(ahead).await.unwrap();
    let state = AccountState {
        last_cycle_at: Some(ahead),
        ..AccountState::default()
    };
    let base = store.base(&"a".into()).await;
    assert_eq!(
        store.commit(base, state, ahead).await.unwrap(),
        Commit::Saved
    );
    assert_eq!(store.refresh(now()).await.unwrap(), None);
    let base = store.base(&"a".into()).await;
    assert_eq!(base.state().last_cycle_at, Some(now()));
    let later = now() + jiff::SignedDuration::from_hours(1);
    store.refresh(later).await.unwrap();
    let base = store.base(&"a".into()).await;
    assert_eq!(base.state().last_cycle_at, Some(now()), "it grows old");
}
