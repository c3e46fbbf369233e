//! The process dies, or the disk fails, at every step.

use super::*;

/// A process that goes from 3 to 4 to 5 failures; what it knows to be committed.
async fn process(disk: &SimDisk) -> u32 {
    let mut committed = 3;
    let work = async {
        let Ok((store, _)) = open(disk).await else {
            return;
        };
        for failures in [4, 5] {
            if let Ok(Commit::Saved) = cycle(&store, failures).await {
                committed = failures;
            }
        }
    };
    disk.run(work).await;
    committed
}

/// Steps of `process` without trouble, and the first of them.
async fn steps() -> std::ops::Range<u64> {
    let disk = disk_with(3).await;
    let first = disk.with(|disk| disk.steps());
    assert_eq!(process(&disk).await, 5);
    first..disk.with(|disk| disk.steps())
}

#[tokio::test]
async fn keeps_every_commit_whenever_the_process_dies() {
    let deaths = [
        Trouble::DieBefore,
        Trouble::DieWithin(0),
        Trouble::DieWithin(10),
        Trouble::DieAfter,
    ];
    let mut rounds = 0;
    for step in steps().await {
        for death in deaths {
            for loss in LOSSES {
                let disk = disk_with(3).await;
                disk.with(|disk| disk.trouble_at(step, death));
                let committed = process(&disk).await;
                assert!(disk.with(|disk| disk.is_dead()), "{step} {death:?}");
                let found = reloaded(&disk, loss).await;
                assert!(
                    found == committed || found == committed + 1,
                    "{step} {death:?} {loss:?}: {committed} was committed, {found} was found"
                );
                let names = disk.with(|disk| disk.names_below(Path::new(FOLDER)));
                assert_eq!(names.len(), 2, "no strays: {names:?}");
                rounds += 1;
            }
        }
    }
    assert!(rounds > 500, "{rounds}");
}

#[tokio::test(start_paused = true)]
async fn goes_on_after_an_error_at_any_step() {
    let errors = [
        Trouble::Fail(ErrorKind::Other),
        Trouble::FailAfter(ErrorKind::Other),
        Trouble::Torn(10, ErrorKind::StorageFull),
    ];
    for step in steps().await {
        for error in errors {
            for loss in [Loss::Nothing, Loss::Unsynced, Loss::Contents, Loss::Names] {
                let disk = disk_with(3).await;
                let Ok((store, _)) = open(&disk).await else {
                    panic!()
                };
                // Steps of `open` come again below.
                disk.with(|disk| disk.trouble_at(step, error));
                let first = cycle(&store, 4).await;
                let known = count(&*store.state().await, "debrid");
                assert_eq!(known, if first.is_ok() { 4 } else { 3 });
                let second = cycle(&store, known + 1).await;
                assert!(
                    !matches!(second, Ok(Commit::Edited(_))),
                    "its own write is no edit: {step} {error:?}"
                );
                let known = count(&*store.state().await, "debrid");
                drop(store);
                let found = reloaded(&disk, loss).await;
                match second {
                    Ok(_) => assert_eq!(found, known, "{step} {error:?} {loss:?}"),
                    Err(_) => assert!(found == known || found == known + 1),
                }
            }
        }
    }
}

#[tokio::test]
async fn opens_again_after_dying_while_moving_aside() {
    for step in 0..7 {
        for loss in LOSSES {
            let disk = SimDisk::default();
            disk.with(put(b"?"));
            disk.with(|disk| disk.trouble_at(step, Trouble::DieAfter));
            let opened = disk.run(async { open(&disk).await.map(|_| ()) }).await;
            assert!(opened.is_none(), "opening has fewer steps than {step}");
            disk.with(|disk| disk.restart(loss));
            open(&disk).await.unwrap();
            let names = disk.with(|disk| disk.names_below(Path::new(FOLDER)));
            assert_eq!(names.len(), 2, "the bytes and the lock are kept: {names:?}");
        }
    }
}
