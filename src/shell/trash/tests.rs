use super::*;
use crate::support::disk::SimDisk;
use seedwarden_sim::disk::{LOSSES, Loss, Trouble};

fn at(time: &str) -> Timestamp {
    format!("2026-11-20T{time}Z").parse().unwrap()
}

fn name(time: &str, account: &str) -> String {
    format!("{}.json", stem(at(time), &account.into(), &"abc".into()))
}

fn trash(disk: &SimDisk) -> Trash {
    disk.with(|disk| disk.make_folder(Path::new("/state")).unwrap());
    Trash::new(Arc::new(disk.clone()), Path::new("/state"))
}

#[test]
fn makes_harmless_names() {
    let stem = |account: &str| stem(at("08:30:00.5"), &account.into(), &"0af".into());
    assert_eq!(stem("seed box/é"), "20261120T083000.500Z-seed_box__-0af");
    assert_eq!(
        stem(&"x".repeat(500)).len(),
        TIME_LENGTH + 1 + LONGEST_PART + 4
    );
    assert_eq!(put_at(&stem("a")), Some(at("08:30:00.5")));
    for name in [
        "",
        "notes.txt",
        "20261120",
        "20269920T083000.000Z-a",
        "ééééééééééééééééééééé",
    ] {
        assert_eq!(put_at(name), None, "{name}");
    }
}

#[tokio::test]
async fn keeps_and_lists_files() {
    let disk = SimDisk::default();
    let trash = trash(&disk);
    assert_eq!(trash.list().await.unwrap(), Vec::<String>::new());
    let (old, new) = (name("08:00:00", "z"), name("09:00:00", "a"));
    trash.put(&new, b"new").await.unwrap();
    trash.put(&old, b"old").await.unwrap();
    disk.with(|disk| {
        disk.put(Path::new("/state/trash/notes.txt"), b"");
        disk.restart(Loss::Unsynced);
    });
    assert_eq!(trash.list().await.unwrap(), [old.clone(), new]);
    assert_eq!(trash.read(&old).await.unwrap(), b"old");
    let gone = trash.read(&name("07:00:00", "a")).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn leads_nowhere_else() {
    let disk = SimDisk::default();
    let trash = trash(&disk);
    let up = format!("{}/../../secret", name("08:00:00", "a"));
    let long = format!("{}{}", name("08:00:00", "a"), "x".repeat(LONGEST_NAME));
    for name in [
        "",
        "..",
        "../state.json",
        "/etc/passwd",
        &up,
        &long,
        "notes.txt",
    ] {
        for result in [trash.read(name).await.map(drop), trash.put(name, b"").await] {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}");
        }
    }
}

#[tokio::test]
async fn sweeps_what_is_old_and_not_needed() {
    let disk = SimDisk::default();
    let trash = trash(&disk);
    let files = [
        name("08:00:00", "needed"),
        name("08:00:00", "old"),
        name("09:00:00", "new"),
    ];
    for file in &files {
        trash.put(file, b"x").await.unwrap();
    }
    let stray = |file: &str| PathBuf::from(format!("/state/trash/{file}.new"));
    let (old, new) = (stray(&files[0]), stray(&files[2]));
    disk.with(|disk| {
        disk.put(Path::new("/state/trash/notes.txt"), b"");
        disk.put(&old, b"");
        disk.put(&new, b"");
    });
    let sweep = || {
        trash.sweep(at("09:00:00"), |name| match name.contains("needed") {
            true => Need::Open,
            false => Need::UntilOld,
        })
    };
    assert_eq!(sweep().await.unwrap(), 2);
    assert_eq!(
        trash.list().await.unwrap(),
        [files[0].clone(), files[2].clone()]
    );
    disk.with(|disk| {
        assert!(disk.peek(Path::new("/state/trash/notes.txt")).is_some());
        assert!(
            disk.peek(&old).is_none() && disk.peek(&new).is_some(),
            "a write under way stays"
        );
    });
    assert_eq!(sweep().await.unwrap(), 0);
}

#[tokio::test]
async fn keeps_whole_files_or_none_whenever_the_process_dies() {
    for step in 0..6 {
        for loss in LOSSES {
            let disk = SimDisk::default();
            let trash = trash(&disk);
            let file = name("08:00:00", "a");
            disk.with(|disk| disk.trouble_at(1 + step, Trouble::DieAfter));
            assert!(
                disk.run(trash.put(&file, b"whole")).await.is_none(),
                "{step}"
            );
            disk.with(|disk| disk.restart(loss));
            match trash.read(&file).await {
                Ok(content) => assert_eq!(content, b"whole", "{step} {loss:?}"),
                Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound),
            }
            assert!(step < 5 || trash.list().await.unwrap().len() == 1);
        }
    }
}

#[tokio::test]
async fn says_what_to_do_without_space() {
    let disk = SimDisk::default();
    let trash = trash(&disk);
    disk.with(|disk| disk.set_capacity(Some(3)));
    let error = trash
        .put(&name("08:00:00", "a"), b"torrent")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("make room"), "{error}");
}
