//! The process dies, or the disk fails, at every step.

use super::*;
use std::io::ErrorKind;

const DEATHS: [Trouble; 5] = [
    Trouble::DieBefore,
    Trouble::DieWithin(0),
    Trouble::DieWithin(7),
    Trouble::DieWithin(300),
    Trouble::DieAfter,
];

/// What a process knows to be on record.
#[derive(Debug, Default)]
struct Witness {
    recorded: Vec<u64>,
    /// It was about to append these when it died.
    in_doubt: Vec<u64>,
}

/// A process that appends twice, forgets what is old, and appends again. Intent 1 is settled and old; the others are not.
async fn process(disk: &SimDisk) -> Witness {
    let mut witness = Witness::default();
    let work = async {
        let Ok(ledger) = open(disk).await else { return };
        for ids in [1..3, 3..4] {
            witness.in_doubt = ids.clone().collect();
            let mut records: Vec<_> = ids.map(|id| intent(id, 1, "a", "x")).collect();
            records.push(outcome(1, 1, OutcomeKind::Refused));
            if ledger.append(&records).await.is_ok() {
                witness.recorded.append(&mut witness.in_doubt);
            }
        }
        if ledger.compact(hour(10)).await.is_ok() {
            witness.recorded.retain(|id| *id != 1);
        }
        witness.in_doubt = vec![4];
        if ledger.append(&[intent(4, 11, "a", "x")]).await.is_ok() {
            witness.recorded.append(&mut witness.in_doubt);
        }
    };
    disk.run(work).await;
    witness
}

async fn steps() -> std::ops::Range<u64> {
    let disk = disk();
    let first = disk.with(|disk| disk.steps());
    assert_eq!(process(&disk).await.recorded, [2, 3, 4]);
    first..disk.with(|disk| disk.steps())
}

/// Everything on record is there, and nothing but that and what was in doubt. Intent 1 may be forgotten at any time.
fn check(witness: &Witness, found: &[u64], what: &str) {
    for id in witness.recorded.iter().filter(|id| **id != 1) {
        assert!(
            found.contains(id),
            "{what}: {id} of {witness:?} is lost in {found:?}"
        );
    }
    for id in found.iter().filter(|id| **id != 1) {
        let known = witness.recorded.contains(id) || witness.in_doubt.contains(id);
        assert!(
            known,
            "{what}: {id} is in {found:?}, but not in {witness:?}"
        );
    }
}

#[tokio::test]
async fn loses_no_record_whenever_the_process_dies() {
    for step in steps().await {
        for death in DEATHS {
            for loss in LOSSES {
                let disk = disk();
                disk.with(|disk| disk.trouble_at(step, death));
                let witness = process(&disk).await;
                assert!(disk.with(|disk| disk.is_dead()));
                let what = format!("{step} {death:?} {loss:?}");
                let found = reopened(&disk, loss).await;
                check(&witness, &found, &what);
                let ledger = open(&disk).await.unwrap();
                let next = add(&ledger, 1).await.unwrap()[0];
                assert!(next > found.last().copied().unwrap_or(0), "{what}");
                let names = disk.with(|disk| disk.names_below(Path::new(FOLDER)));
                assert_eq!(names.len(), 2, "{what}: no strays: {names:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn goes_on_after_an_error_at_any_step() {
    let errors = [
        Trouble::Fail(ErrorKind::Other),
        Trouble::FailAfter(ErrorKind::Other),
        Trouble::Torn(7, ErrorKind::StorageFull),
        Trouble::Torn(300, ErrorKind::StorageFull),
    ];
    for step in steps().await {
        for error in errors {
            // The repair of the first error may fail too, at once or somewhere later.
            for second in [None, Some(1), Some(2), Some(3)] {
                let disk = disk();
                disk.with(|disk| disk.trouble_at(step, error));
                if let Some(steps) = second {
                    let trouble = Trouble::Fail(ErrorKind::Other);
                    disk.with(|disk| disk.trouble_at(step + steps, trouble));
                }
                let witness = process(&disk).await;
                disk.with(|disk| disk.end_troubles());
                let what = format!("{step} {error:?} {second:?}");
                let found = reopened(&disk, Loss::Unsynced).await;
                check(&witness, &found, &what);
            }
        }
    }
}

#[tokio::test]
async fn takes_back_an_append_that_failed() {
    let disk = disk();
    let ledger = open(&disk).await.unwrap();
    add(&ledger, 1).await.unwrap();
    let good = content(&disk);
    // Lock, look, append, sync: the sync fails, and then the cut, or the sync after it, or nothing more.
    for failures in [&[3][..], &[3, 4], &[3, 5]] {
        let first = disk.with(|disk| disk.steps());
        for step in failures {
            let trouble = Trouble::Fail(ErrorKind::Other);
            disk.with(|disk| disk.trouble_at(first + step, trouble));
        }
        assert!(add(&ledger, 2).await.is_err());
        assert_eq!(numbers(&ledger.book()), [1]);
        assert_eq!(
            content(&disk) == good,
            !failures.contains(&4),
            "{failures:?}"
        );
        ledger.refresh().await.unwrap();
        assert_eq!(content(&disk), good, "{failures:?}");
        assert_eq!(numbers(&ledger.book()), [1]);
    }
    assert_eq!(add(&ledger, 1).await.unwrap(), [2]);
}

#[tokio::test]
async fn never_cuts_what_another_process_appended() {
    let disk = disk();
    let ledger = open(&disk).await.unwrap();
    let command = open(&disk).await.unwrap();
    add(&ledger, 1).await.unwrap();
    let first = disk.with(|disk| disk.steps());
    disk.with(|disk| {
        disk.trouble_at(first + 2, Trouble::Torn(7, ErrorKind::StorageFull));
        disk.trouble_at(first + 3, Trouble::Fail(ErrorKind::Other));
    });
    assert!(add(&ledger, 1).await.is_err());
    // It cuts the torn line, and appends its own.
    command.append(&[notice(2, 1)]).await.unwrap();
    assert_eq!(add(&ledger, 1).await.unwrap(), [3]);
    assert_eq!(ledger.book().owed("w").len(), 1);
}
