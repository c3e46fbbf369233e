//! The disk port on a real disk.

use super::*;
use std::os::unix::fs::PermissionsExt;

fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(work)
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn makes_files_and_folders_for_their_owner_only() {
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("a/b");
    run(async {
        SystemDisk.make_folder(&folder).await.unwrap();
        SystemDisk.make_folder(&folder).await.unwrap();
        SystemDisk.write(&folder.join("w"), b"x").await.unwrap();
        SystemDisk.append(&folder.join("p"), b"x").await.unwrap();
        drop(SystemDisk.lock(&folder.join("l"), false).await.unwrap());
        assert_eq!(
            SystemDisk.list(&folder).await.unwrap(),
            ["l", "p", "w"].map(str::to_owned)
        );
    });
    assert_eq!(mode(&top.path().join("a")), FOLDER_MODE);
    assert_eq!(mode(&folder), FOLDER_MODE);
    for name in ["l", "p", "w"] {
        assert_eq!(mode(&folder.join(name)), FILE_MODE, "{name}");
    }
}

#[test]
fn what_root_makes_belongs_to_the_owner_of_the_folder() {
    const OWNER: u32 = 12_345;
    if !rustix::process::geteuid().is_root() {
        return; // Only root can give files away.
    }
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("state");
    std::fs::create_dir(&folder).unwrap();
    std::os::unix::fs::chown(&folder, Some(OWNER), Some(OWNER)).unwrap();
    let outside = top.path().join("outside");
    std::fs::write(&outside, "kept").unwrap();
    std::os::unix::fs::symlink(&outside, folder.join("link")).unwrap();
    let theirs = top.path().join("theirs");
    std::fs::create_dir(&theirs).unwrap();
    std::os::unix::fs::symlink(&theirs, folder.join("folder")).unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(top.path(), open).unwrap();
    run(async {
        SystemDisk.make_folder(&folder.join("f")).await.unwrap();
        SystemDisk.write(&folder.join("w"), b"x").await.unwrap();
        SystemDisk.append(&folder.join("p"), b"x").await.unwrap();
        drop(SystemDisk.lock(&folder.join("l"), false).await.unwrap());
        SystemDisk
            .write(&folder.join("link"), b"x")
            .await
            .unwrap_err();
        let (link, aside) = (folder.join("folder/x"), folder.join("folder/y"));
        SystemDisk.write(&link, b"x").await.unwrap_err();
        SystemDisk
            .read_link(&folder.join("folder"))
            .await
            .unwrap_err();
        std::fs::write(&link, b"x").unwrap();
        SystemDisk.rename(&link, &aside).await.unwrap_err();
        SystemDisk.remove(&link).await.unwrap_err();
        SystemDisk
            .make_folder(&folder.join("folder"))
            .await
            .unwrap();
    });
    for name in ["f", "w", "p", "l"] {
        let made = std::fs::metadata(folder.join(name)).unwrap();
        assert_eq!((made.uid(), made.gid()), (OWNER, OWNER), "{name}");
    }
    assert_eq!(std::fs::read(&outside).unwrap(), b"kept");
    assert_eq!(std::fs::metadata(&theirs).unwrap().uid(), 0);
    assert!(theirs.join("x").exists());
    assert!(rustix::process::geteuid().is_root(), "and it is root again");
}

#[test]
fn writes_appends_cuts_renames_and_removes() {
    let top = tempfile::tempdir().unwrap();
    let (a, b) = (top.path().join("a"), top.path().join("b"));
    run(async {
        SystemDisk.write(&a, b"long content").await.unwrap();
        SystemDisk.write(&a, b"12").await.unwrap();
        SystemDisk.append(&a, b"345").await.unwrap();
        SystemDisk.truncate(&a, 4).await.unwrap();
        SystemDisk.sync_file(&a).await.unwrap();
        SystemDisk.write(&b, b"to be replaced").await.unwrap();
        SystemDisk.rename(&a, &b).await.unwrap();
        SystemDisk.sync_folder(top.path()).await.unwrap();
        assert_eq!(SystemDisk.read(&b).await.unwrap(), b"1234");
        SystemDisk.remove(&b).await.unwrap();
        let missing = [
            SystemDisk.read(&b).await.map(drop),
            SystemDisk.remove(&b).await,
            SystemDisk.truncate(&b, 0).await,
            SystemDisk.list(&b).await.map(drop),
        ];
        for result in missing {
            assert_eq!(result.unwrap_err().kind(), io::ErrorKind::NotFound);
        }
    });
}

#[test]
fn lock_is_exclusive_until_dropped_and_keeps_content() {
    let top = tempfile::tempdir().unwrap();
    let path = top.path().join("lock");
    std::fs::write(&path, "process 7").unwrap();
    run(async {
        let held = SystemDisk.lock(&path, false).await.unwrap();
        let second = SystemDisk.lock(&path, false).await;
        assert_eq!(second.err().unwrap().kind(), io::ErrorKind::WouldBlock);
        let mut waiting = SystemDisk.lock(&path, true);
        let soon = std::time::Duration::from_millis(50);
        assert!(tokio::time::timeout(soon, &mut waiting).await.is_err());
        drop(held);
        drop(waiting.await.unwrap());
    });
    assert_eq!(std::fs::read(&path).unwrap(), b"process 7");
}

#[test]
fn looks_at_many_names_in_order_without_following_links() {
    let top = tempfile::tempdir().unwrap();
    let file = top.path().join("file");
    std::fs::write(&file, "12345").unwrap();
    std::fs::hard_link(&file, top.path().join("second")).unwrap();
    std::os::unix::fs::symlink(&file, top.path().join("link")).unwrap();
    // More than the threads take at once, so that the order is a matter of more than one chunk.
    let round = ["file", "second", "link", "missing", "."];
    let paths: Vec<PathBuf> = (0..STAT_CHUNK * 7)
        .map(|i| top.path().join(round[i % round.len()]))
        .collect();
    let found = run(SystemDisk.stat_many(paths));
    assert_eq!(found.len(), STAT_CHUNK * 7);
    let inode = found[0].as_ref().unwrap().inode;
    for (i, stat) in found.iter().enumerate() {
        match (i % round.len(), stat) {
            (0 | 1, Ok(stat)) => {
                assert_eq!((stat.kind, stat.inode), (FileKind::File, inode));
                assert_eq!((stat.links, stat.size_bytes), (2, 5));
            }
            (2, Ok(stat)) => assert_eq!(stat.kind, FileKind::Other),
            (3, Err(error)) => assert_eq!(error.kind(), io::ErrorKind::NotFound),
            (4, Ok(stat)) => assert_eq!(stat.kind, FileKind::Folder),
            (_, stat) => panic!("{i}: {stat:?}"),
        }
    }
    assert!(run(SystemDisk.stat_many(Vec::new())).is_empty());
}

#[test]
fn is_settled_only_when_changes_whose_futures_were_dropped_have_ended() {
    use std::io::Read;
    let top = tempfile::tempdir().unwrap();
    let pipe = top.path().join("pipe");
    // A pipe without a reader is a disk that hangs.
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RWXU,
        0,
    )
    .unwrap();
    run(async {
        let soon = std::time::Duration::from_millis(50);
        let write = SystemDisk.write(&pipe, b"late");
        let written = tokio::time::timeout(soon, write).await;
        let mut settled = SystemDisk.settled();
        let early = tokio::time::timeout(soon, &mut settled).await;
        let reader = tokio::task::spawn_blocking(move || {
            let mut text = String::new();
            File::open(&pipe)
                .unwrap()
                .read_to_string(&mut text)
                .unwrap();
            text
        });
        assert_eq!(reader.await.unwrap(), "late");
        // Only here, as a pipe that nobody reads would hold the test for ever.
        assert!(written.is_err() && early.is_err());
        settled.await;
    });
}

#[test]
fn names_in_folders_are_seen_as_by_their_whole_paths() {
    let top = tempfile::tempdir().unwrap();
    let path = |name: &str| top.path().join(name);
    std::fs::create_dir_all(path("a/b")).unwrap();
    for name in ["a/1", "a/2", "a/b/3", "a/b/.4"] {
        std::fs::write(path(name), name).unwrap();
    }
    std::fs::hard_link(path("a/1"), path("a/b/1")).unwrap();
    std::os::unix::fs::symlink(path("a"), path("way")).unwrap();
    std::os::unix::fs::symlink(path("a/1"), path("a/link")).unwrap();
    std::os::unix::fs::symlink(path("circle"), path("circle")).unwrap();
    let long = "x".repeat(300);
    let folders = ["a", "way", "a/b", "none", "a/1", "circle", "a"];
    let names = [
        "1", "2", "link", "3", ".4", "b", "b/3", "none", "nul\0", &long,
    ];
    let mut all = Names::default();
    for round in 0..STAT_CHUNK / 20 {
        for folder in folders {
            // Sometimes so few that the folder is not worth opening.
            let some = if round % 2 == 0 {
                &names[..]
            } else {
                &names[..2]
            };
            some.iter().for_each(|name| all.add(&path(folder), name));
        }
    }
    let paths = all.paths();
    assert_eq!(paths.len(), all.len());
    let simple = |found: Vec<io::Result<FileStat>>| -> Vec<_> {
        let found = found.into_iter();
        found
            .map(|stat| stat.map_err(|error| error.kind()))
            .collect()
    };
    let (one, other) = run(async {
        (
            simple(SystemDisk.stat_names(all).await),
            simple(SystemDisk.stat_many(paths.clone()).await),
        )
    });
    for ((one, other), path) in one.iter().zip(&other).zip(&paths) {
        assert_eq!(one, other, "{}", path.display());
    }
    assert!(one.iter().any(Result::is_ok) && one.iter().any(Result::is_err));
    assert!(run(SystemDisk.stat_names(Names::default())).is_empty());
}

#[test]
fn looks_that_hang_take_no_thread_from_the_programs_own_files() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let top = tempfile::tempdir().unwrap();
    let file = top.path().join("state");
    let go_on = Arc::new(std::sync::Barrier::new(9));
    runtime.block_on(async {
        for _ in 0..8 {
            let go_on = Arc::clone(&go_on);
            let hangs = async move {
                let _ = tokio::task::spawn_blocking(move || go_on.wait()).await;
            };
            SystemDisk.aside(Box::pin(hangs));
        }
        SystemDisk.write(&file, b"kept").await.unwrap();
        assert_eq!(SystemDisk.read(&file).await.unwrap(), b"kept");
    });
    // It would wait for ever for threads of its own that hang.
    drop(runtime);
    go_on.wait();
}

#[test]
fn folders_tell_what_stands_in_them_as_looks_at_each_name_do() {
    let top = tempfile::tempdir().unwrap();
    let path = |name: &str| top.path().join(name);
    std::fs::create_dir_all(path("a/b")).unwrap();
    std::fs::write(path("a/file"), "").unwrap();
    std::os::unix::fs::symlink("none", path("a/link")).unwrap();
    std::os::unix::fs::symlink("a", path("way")).unwrap();
    let folders: Vec<PathBuf> = ["a", "a/b", "way", "none", "a/file"].map(path).to_vec();
    let simple = |found: Vec<io::Result<Inside>>| -> Vec<_> {
        let found = found.into_iter();
        found
            .map(|inside| inside.map_err(|error| error.kind()))
            .collect()
    };
    let found = simple(run(SystemDisk.look_into(folders.clone())));
    let expected = Inside {
        folders: vec!["b".into()],
        others: vec!["link".into()],
    };
    assert_eq!(found[0], Ok(expected));
    assert_eq!(found[1], Ok(Inside::default()));
    assert_eq!(found[2], Err(io::ErrorKind::NotADirectory));
    assert_eq!(found[3], Err(io::ErrorKind::NotFound));
    assert_eq!(found[4], Err(io::ErrorKind::NotADirectory));
    let by_names = run(crate::ports::look_into(&SystemDisk, &folders));
    assert_eq!(simple(by_names), found);
}
