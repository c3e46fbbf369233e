use super::*;
use crate::core::ledger::testing::{a, delivered, hour, intent, notice, outcome};
use crate::core::ledger::{IntentId, OutcomeKind};
use crate::support::disk::SimDisk;
use seedwarden_sim::disk::{LOSSES, Loss, Trouble};

mod crash;

const FOLDER: &str = "/state";
const PATH: &str = "/state/ledger.jsonl";

/// A disk with the state folder.
fn disk() -> SimDisk {
    let disk = SimDisk::default();
    disk.with(|disk| disk.make_folder(Path::new(FOLDER)).unwrap());
    disk
}

async fn open(disk: &SimDisk) -> Result<Ledger, LedgerError> {
    Ledger::open(Arc::new(disk.clone()), Path::new(FOLDER)).await
}

/// Intents by their numbers.
fn numbers(book: &Book) -> Vec<u64> {
    book.deletions.keys().map(|id| id.0).collect()
}

/// Appends so many intents with the next numbers.
async fn add(ledger: &Ledger, count: u64) -> Result<Vec<u64>, LedgerError> {
    let make = |book: &Book| {
        let next = book.next_id().0;
        (next..next + count)
            .map(|id| intent(id, 1, "a", "x"))
            .collect()
    };
    let records = ledger.append_new(make).await?;
    let id = |record: &Record| match record {
        Record::Intent(intent) => intent.id.0,
        other => panic!("{other:?}"),
    };
    Ok(records.iter().map(id).collect())
}

fn content(disk: &SimDisk) -> Vec<u8> {
    let content = disk.with(|disk| disk.peek(Path::new(PATH)).map(<[u8]>::to_vec));
    content.unwrap_or_default()
}

fn put(disk: &SimDisk, content: &[u8]) {
    disk.with(|disk| disk.put(Path::new(PATH), content));
}

/// What a new process finds after a loss.
async fn reopened(disk: &SimDisk, loss: Loss) -> Vec<u64> {
    disk.with(|disk| disk.restart(loss));
    let reader = read(disk, Path::new(FOLDER), hour(1000)).await.unwrap();
    let ledger = open(disk).await.unwrap();
    assert_eq!(
        numbers(&reader),
        numbers(&ledger.book()),
        "a reader sees the same"
    );
    numbers(&ledger.book())
}

#[tokio::test]
async fn starts_empty_and_makes_no_file() {
    let disk = disk();
    let ledger = open(&disk).await.unwrap();
    assert_eq!(ledger.book().next_id(), IntentId(1));
    ledger.append(&[]).await.unwrap();
    ledger.compact(hour(10)).await.unwrap();
    assert!(disk.with(|disk| disk.peek(Path::new(PATH)).is_none()));
}

#[tokio::test]
async fn keeps_what_was_appended() {
    let disk = disk();
    let ledger = open(&disk).await.unwrap();
    assert_eq!(add(&ledger, 2).await.unwrap(), [1, 2]);
    ledger
        .append(&[outcome(1, 2, OutcomeKind::Done)])
        .await
        .unwrap();
    assert_eq!(ledger.book().open(&a()).count(), 1);
    for loss in LOSSES {
        assert_eq!(reopened(&disk, loss).await, [1, 2], "{loss:?}");
    }
    assert_eq!(content(&disk).iter().filter(|b| **b == b'\n').count(), 3);
}

#[tokio::test]
async fn cuts_a_torn_last_line_wherever_it_ends() {
    let disk = disk();
    add(&open(&disk).await.unwrap(), 2).await.unwrap();
    let whole = content(&disk);
    let first = whole.iter().position(|b| *b == b'\n').unwrap() + 1;
    for length in 0..whole.len() {
        put(&disk, &whole[..length]);
        let expected: &[u64] = if length < first { &[] } else { &[1] };
        assert_eq!(reopened(&disk, Loss::Nothing).await, expected, "{length}");
        let left = if length < first { 0 } else { first };
        assert_eq!(content(&disk).len(), left);
    }
    put(&disk, &[&whole[..first], &[0; 300][..]].concat());
    assert_eq!(
        reopened(&disk, Loss::Nothing).await,
        [1],
        "blocks that were never written"
    );
}

#[tokio::test]
async fn says_which_line_is_damaged() {
    let disk = disk();
    add(&open(&disk).await.unwrap(), 3).await.unwrap();
    let good = String::from_utf8(content(&disk)).unwrap();
    let lines: Vec<_> = good.split_inclusive('\n').collect();
    for (line, bad) in [
        (1, "?\n"),
        (2, "\n"),
        (2, "\0\0\0\n"),
        (3, "{\"record\":\"intent\"}\n"),
        (3, "{\"record\":\"later\"}\n"),
    ] {
        let mut damaged = lines.clone();
        damaged[line - 1] = bad;
        put(&disk, damaged.concat().as_bytes());
        let error = open(&disk).await.map(|_| ()).unwrap_err();
        let text = error.to_string();
        assert!(
            matches!(error, LedgerError::Damaged { line: l, .. } if l == line),
            "{text}"
        );
        assert!(
            text.contains("of /state/ledger.jsonl cannot be read"),
            "{text}"
        );
        assert!(read(&disk, Path::new(FOLDER), hour(1000)).await.is_err());
        assert_eq!(
            content(&disk),
            damaged.concat().as_bytes(),
            "it is left alone"
        );
    }
}

#[tokio::test]
async fn sees_damage_that_others_append() {
    let disk = disk();
    let ledger = open(&disk).await.unwrap();
    add(&ledger, 2).await.unwrap();
    let good = content(&disk);
    put(&disk, &[&good[..], b"?\n"].concat());
    for _ in 0..2 {
        let error = ledger.refresh().await.unwrap_err();
        assert!(
            matches!(error, LedgerError::Damaged { line: 3, .. }),
            "{error}"
        );
        assert!(add(&ledger, 1).await.is_err());
    }
    put(&disk, &good);
    assert_eq!(add(&ledger, 1).await.unwrap(), [3], "mended");
}

#[tokio::test]
async fn takes_over_what_other_processes_append() {
    let disk = disk();
    let daemon = open(&disk).await.unwrap();
    let command = open(&disk).await.unwrap();
    assert_eq!(add(&daemon, 2).await.unwrap(), [1, 2]);
    assert_eq!(add(&command, 1).await.unwrap(), [3]);
    assert_eq!(numbers(&daemon.book()), [1, 2]);
    daemon.refresh().await.unwrap();
    assert_eq!(numbers(&daemon.book()), [1, 2, 3]);
    assert_eq!(add(&daemon, 1).await.unwrap(), [4]);
    command.refresh().await.unwrap();
    assert_eq!(numbers(&command.book()), [1, 2, 3, 4]);
}

#[tokio::test]
async fn looks_once_when_nothing_changed() {
    let disk = disk();
    let ledger = open(&disk).await.unwrap();
    add(&ledger, 2).await.unwrap();
    let before = disk.with(|disk| disk.steps());
    ledger.refresh().await.unwrap();
    assert_eq!(disk.with(|disk| disk.steps()), before + 1);
}

#[tokio::test]
async fn gives_each_number_once_to_writers_at_the_same_time() {
    let disk = disk();
    let ledger = open(&disk).await.unwrap();
    let (one, two) = tokio::join!(add(&ledger, 2), add(&ledger, 2));
    let mut numbers = [one.unwrap(), two.unwrap()].concat();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

async fn finds_it_changed(ledger: &Ledger) -> bool {
    let (refreshed, added) = (ledger.refresh().await, add(ledger, 1).await);
    matches!(refreshed, Err(LedgerError::Changed { .. }))
        && matches!(added, Err(LedgerError::Changed { .. }))
}

#[tokio::test]
async fn refuses_to_go_on_when_the_file_was_removed_or_cut() {
    let disk = disk();
    let ledger = open(&disk).await.unwrap();
    add(&ledger, 2).await.unwrap();
    let good = content(&disk);
    put(&disk, &good[..10]);
    assert!(finds_it_changed(&ledger).await);
    disk.with(|disk| disk.delete(Path::new(PATH)));
    assert!(finds_it_changed(&ledger).await);
    assert!(
        open(&disk).await.is_ok(),
        "a restart takes it for a new one"
    );
}

#[tokio::test]
async fn compacts_and_goes_on_counting() {
    let disk = disk();
    let ledger = open(&disk).await.unwrap();
    let command = open(&disk).await.unwrap();
    let records = [
        intent(1, 1, "a", "x"),
        outcome(1, 1, OutcomeKind::Refused),
        intent(2, 11, "a", "x"),
        notice(3, 1),
        delivered(3, 1, "w"),
    ];
    ledger.append(&records).await.unwrap();
    command.refresh().await.unwrap();
    ledger.compact(hour(10)).await.unwrap();
    assert_eq!(numbers(&ledger.book()), [2]);
    assert_eq!(content(&disk).iter().filter(|b| **b == b'\n').count(), 2);
    let names = disk.with(|disk| disk.names_below(Path::new(FOLDER)));
    assert_eq!(names.len(), 2, "{names:?}");
    // A command that has the old file open reads the new one before it appends.
    assert_eq!(add(&command, 1).await.unwrap(), [4]);
    assert_eq!(add(&ledger, 1).await.unwrap(), [5]);
    assert_eq!(numbers(&ledger.book()), [2, 4, 5]);
    assert_eq!(reopened(&disk, Loss::Unsynced).await, [2, 4, 5]);
    let before = content(&disk);
    open(&disk).await.unwrap().compact(hour(10)).await.unwrap();
    assert_eq!(content(&disk), before, "nothing more to forget");
}

#[tokio::test]
async fn times_of_a_clock_that_was_wrong_count_as_now_for_good() {
    let disk = disk();
    let ledger = open(&disk).await.unwrap();
    let records = [
        intent(1, 5, "a", "x"),
        intent(2, 9_000, "a", "y"),
        outcome(2, 9_001, OutcomeKind::Done),
        crate::core::ledger::testing::restored(9_000, 2, "y", "y"),
        crate::core::ledger::testing::begun(9_000, "z"),
    ];
    ledger.append(&records).await.unwrap();
    let reader = read(&disk, Path::new(FOLDER), hour(10)).await.unwrap();
    assert_eq!(reader.newest(), Some(hour(10)));
    ledger.mend_times(hour(10)).await.unwrap();
    // An hour later they are an hour old, and in a day they no longer count.
    for book in [ledger.book(), open(&disk).await.unwrap().book()] {
        assert_eq!(book.newest(), Some(hour(10)));
        let recent = |from| book.recent(&a(), hour(from), hour(from)).in_day;
        assert_eq!((recent(9), recent(10)), (1, 0));
        let key = (a(), "y".into());
        assert_eq!(book.restored[&key], hour(10));
        let key = (a(), "z".into());
        assert_eq!(book.treatments[&key].0.at, hour(10));
    }
}

#[tokio::test]
async fn clock_that_is_set_right_by_seconds_changes_nothing() {
    let disk = disk();
    let ledger = open(&disk).await.unwrap();
    add(&ledger, 2).await.unwrap();
    let before = content(&disk);
    let now = hour(1) - jiff::SignedDuration::from_secs(30);
    ledger.mend_times(now).await.unwrap();
    assert_eq!(content(&disk), before);
}
