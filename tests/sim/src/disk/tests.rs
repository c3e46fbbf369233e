use super::*;
use std::io::ErrorKind;

fn path(text: &str) -> &Path {
    Path::new(text)
}

/// A disk with `/s/old` holding "one", durable.
fn disk() -> DiskModel {
    let mut disk = DiskModel::default();
    disk.put(path("/s/old"), b"one");
    disk
}

fn kind<T: std::fmt::Debug>(called: Result<T, Stop>) -> ErrorKind {
    match called {
        Err(Stop::Error(error)) => error.kind(),
        other => panic!("expected an error, got {other:?}"),
    }
}

/// Replaces the file by way of a temp file, up to `steps` of the four steps; what the next process reads after `loss`.
fn replaced(steps: usize, loss: Loss) -> Vec<u8> {
    let mut disk = disk();
    if steps > 0 {
        disk.write(path("/s/new"), b"two").unwrap();
    }
    if steps > 1 {
        disk.sync_file(path("/s/new")).unwrap();
    }
    if steps > 2 {
        disk.rename(path("/s/new"), path("/s/old")).unwrap();
    }
    if steps > 3 {
        disk.sync_folder(path("/s")).unwrap();
    }
    disk.restart(loss);
    disk.read(path("/s/old")).unwrap()
}

#[test]
fn replaces_durably_after_both_syncs() {
    for loss in LOSSES {
        for steps in 0..=2 {
            assert_eq!(replaced(steps, loss), b"one", "{steps} {loss:?}");
        }
        assert_eq!(replaced(4, loss), b"two", "{loss:?}");
    }
    assert_eq!(replaced(3, Loss::Unsynced), b"one");
    assert_eq!(replaced(3, Loss::Contents), b"two");
}

#[test]
fn loses_what_was_never_synced() {
    let mut disk = disk();
    disk.write(path("/s/old"), b"two").unwrap();
    disk.restart(Loss::Unsynced);
    assert_eq!(disk.peek(path("/s/old")), Some(&b"one"[..]));
    disk.write(path("/s/new"), b"x").unwrap();
    disk.sync_folder(path("/s")).unwrap();
    disk.restart(Loss::Unsynced);
    assert_eq!(
        disk.peek(path("/s/new")),
        Some(&b""[..]),
        "a name without content"
    );
}

#[test]
fn keeps_the_beginning_of_a_torn_append() {
    for seed in 0..50 {
        let mut disk = disk();
        disk.append(path("/s/old"), b"two").unwrap();
        disk.restart(Loss::Chance(seed));
        let left = disk.peek(path("/s/old")).unwrap();
        assert!(left.starts_with(b"one") && b"onetwo".starts_with(left));
    }
}

#[test]
fn goes_wrong_where_planned() {
    let mut disk = disk();
    disk.trouble_at(0, Trouble::Fail(ErrorKind::StorageFull));
    assert_eq!(kind(disk.read(path("/s/old"))), ErrorKind::StorageFull);
    disk.trouble_at(1, Trouble::Torn(2, ErrorKind::Other));
    assert_eq!(kind(disk.append(path("/s/old"), b"two")), ErrorKind::Other);
    assert_eq!(disk.peek(path("/s/old")), Some(&b"onetw"[..]));
    disk.trouble_at(2, Trouble::DieAfter);
    assert!(matches!(disk.remove(path("/s/old")), Err(Stop::Dead)));
    assert!(matches!(disk.list(path("/s")), Err(Stop::Dead)));
    disk.restart(Loss::Nothing);
    assert_eq!(disk.list(path("/s")).unwrap(), Vec::<String>::new());
    assert!(
        disk.log()
            .any(|line| line.contains("remove /s/old: Some(DieAfter)"))
    );
}

#[test]
fn lets_others_edit_before_a_step() {
    let mut disk = disk();
    disk.edit_at(1, |disk| disk.put(path("/s/old"), b"{}"));
    assert_eq!(disk.read(path("/s/old")).unwrap(), b"one");
    assert_eq!(disk.read(path("/s/old")).unwrap(), b"{}");
}

#[test]
fn runs_out_of_space_and_becomes_read_only() {
    let mut disk = disk();
    disk.set_capacity(Some(5));
    assert_eq!(
        kind(disk.append(path("/s/old"), b"two")),
        ErrorKind::StorageFull
    );
    assert_eq!(disk.peek(path("/s/old")), Some(&b"onetw"[..]));
    disk.set_capacity(None);
    disk.set_read_only(true);
    assert_eq!(
        kind(disk.write(path("/s/a"), b"")),
        ErrorKind::ReadOnlyFilesystem
    );
    assert_eq!(
        kind(disk.remove(path("/s/old"))),
        ErrorKind::ReadOnlyFilesystem
    );
    assert_eq!(
        kind(disk.lock(path("/s/lock"))),
        ErrorKind::ReadOnlyFilesystem
    );
}

#[test]
fn holds_a_lock_until_given_back_or_dead() {
    let mut disk = disk();
    let first = disk.lock(path("/s/lock")).unwrap();
    assert_eq!(kind(disk.lock(path("/s/lock"))), ErrorKind::WouldBlock);
    disk.unlock(first);
    disk.lock(path("/s/lock")).unwrap();
    disk.restart(Loss::Nothing);
    let third = disk.lock(path("/s/lock")).unwrap();
    disk.unlock(first);
    assert_eq!(
        kind(disk.lock(path("/s/lock"))),
        ErrorKind::WouldBlock,
        "{third}"
    );
}

#[test]
fn follows_links_and_counts_names() {
    let mut disk = disk();
    disk.symlink(path("../s/old"), path("/s/link"));
    disk.symlink(path("loop"), path("/s/loop"));
    disk.link(path("/s/old"), path("/library/film"));
    assert_eq!(disk.read(path("/s/link")).unwrap(), b"one");
    assert_eq!(disk.read_link(path("/s/link")).unwrap(), path("../s/old"));
    assert_eq!(kind(disk.read(path("/s/loop"))), ErrorKind::Other);
    let stats = disk
        .stat_many(&["/s/old".into(), "/s/link".into(), "/s/none".into()])
        .unwrap();
    let stat = *stats[0].as_ref().unwrap();
    assert_eq!((stat.kind, stat.links, stat.size_bytes), (Kind::File, 2, 3));
    assert_eq!(stats[1].as_ref().unwrap().kind, Kind::Link);
    assert!(stats[2].is_err());
}

#[test]
fn hides_mounts() {
    let mut disk = disk();
    disk.set_device(path("/s"), 7);
    assert_eq!(
        disk.stat_many(&["/s/old".into()]).unwrap()[0]
            .as_ref()
            .unwrap()
            .device,
        7
    );
    disk.set_hidden(path("/s"), true);
    assert_eq!(kind(disk.read(path("/s/old"))), ErrorKind::NotFound);
    disk.set_hidden(path("/s"), false);
    disk.set_denied(path("/s"), true);
    assert_eq!(kind(disk.read(path("/s/old"))), ErrorKind::PermissionDenied);
}

#[test]
fn removes_what_links_lead_to_and_folds_letters() {
    let mut disk = disk();
    disk.fold_case(path("/dl"));
    disk.put_sized(path("/dl/Show/A.mkv"), 7);
    disk.symlink(path("Show"), path("/dl/link"));
    assert_eq!(disk.size(path("/dl/link/a.MKV")), Some(7));
    assert_eq!(disk.real(path("/dl/link/a.MKV")), path("/dl/show/a.mkv"));
    let stats = disk
        .stat_many(&["/dl/link/.".into(), "/dl/Show".into()])
        .unwrap();
    assert_eq!(stats[0].as_ref().unwrap(), stats[1].as_ref().unwrap());
    assert_eq!(disk.used_below(&[path("/dl")]), 7);
    disk.delete(path("/dl/link/a.mkv"));
    assert_eq!(disk.size(path("/dl/SHOW/a.mkv")), None);
    disk.delete(path("/dl/link"));
    disk.put(path("/dl/show/b"), b"");
    assert_eq!(disk.size(path("/dl/link/b")), None, "only the link went");
}

#[test]
fn shows_no_links_where_the_file_system_has_none() {
    let mut disk = disk();
    disk.hide_links(path("/s"));
    disk.link(path("/s/old"), path("/s/more"));
    let stats = disk
        .stat_many(&["/s/old".into(), "/s/more".into()])
        .unwrap();
    let [old, more] = [&stats[0], &stats[1]].map(|stat| *stat.as_ref().unwrap());
    assert_eq!((old.links, more.links), (1, 1));
    assert_ne!(old.inode, more.inode);
}
