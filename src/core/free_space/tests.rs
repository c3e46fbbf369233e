use super::*;
use crate::core::ledger::testing::{a, book, hour, intent};
use crate::core::ledger::{DeletionIntent, Outcome, Record};
use std::sync::Arc;

const GIB: i64 = 1 << 30;

fn second(second: i64) -> Timestamp {
    hour(0) + SignedDuration::from_secs(second)
}

/// A deletion planned at `planned` that frees so many GiB, done at `done` or with an unknown outcome.
fn deletion(id: u64, planned: i64, done: Option<i64>, gib: i64) -> Vec<Record> {
    let Record::Intent(made) = intent(id, 0, "a", &format!("item {id}")) else {
        unreachable!("an intent")
    };
    let planned = Record::Intent(Arc::new(DeletionIntent {
        at: second(planned),
        delete_files: true,
        frees_bytes: Some(gib * GIB),
        ..(*made).clone()
    }));
    let outcome = done.map(|at| {
        Record::Outcome(Outcome {
            intent: IntentId(id),
            at: second(at),
            result: OutcomeKind::Done,
            detail: String::new(),
            freed_bytes: None,
        })
    });
    [Some(planned), outcome].into_iter().flatten().collect()
}

/// A mark of second 0 at 100 GiB.
fn mark() -> FreeSpaceMark {
    FreeSpaceMark {
        since: second(0),
        free_bytes: 100 * GIB,
        downloaded_bytes: Some(0),
        not_grown_since: None,
    }
}

/// What follows in words from a figure in GiB that was read at second `at`, when the server was asked before at `before`:
/// the free space in GiB or "unknown", and whether a mark stays.
fn see(
    records: &[Vec<Record>],
    mark: Option<FreeSpaceMark>,
    (free, downloaded): (i64, i64),
    before: i64,
    at: i64,
) -> (String, Option<FreeSpaceMark>) {
    let ours = OurDeletions::of(
        &book(records.concat()),
        &a(),
        mark.as_ref(),
        second(at),
        None,
    );
    let reading = Reading {
        free_bytes: Some(free * GIB),
        downloaded_bytes: Some(downloaded * GIB),
        asked_before: Some(second(before)),
    };
    let FreeSpace {
        bytes,
        mark,
        warning,
    } = ours.free_space(&reading, second(at));
    assert_eq!(bytes.is_err(), warning.is_some(), "{bytes:?} {warning:?}");
    let text = bytes.map_or("unknown".to_owned(), |bytes| (bytes / GIB).to_string());
    (text, mark)
}

#[track_caller]
fn check(records: &[Vec<Record>], free: i64, before: i64, at: i64, expected: &str) {
    assert_eq!(see(records, None, (free, 0), before, at).0, expected);
}

#[test]
fn what_the_figure_cannot_show_yet_is_added() {
    let one = [deletion(1, 0, Some(2), 10)];
    check(&one, 100, 0, 5, "110");
    // Asked a minute after it, but for the first time: the answer may be from before.
    check(&one, 100, 5, 65, "110");
    check(&one, 110, 65, 70, "110");
    check(&[deletion(1, 0, None, 10)], 100, 300, 310, "110");
    let two = [deletion(1, 0, Some(2), 10), deletion(2, 50, Some(52), 5)];
    check(&two, 110, 62, 67, "115");
    check(&two, 115, 112, 117, "115");
    // Another account's, and one that was not done.
    assert_eq!(see(&[], None, (100, 0), 0, 5).0, "100");
}

#[test]
fn only_what_is_done_or_may_be_counts() {
    let refused = |result| {
        let mut records = deletion(1, 0, Some(2), 10);
        if let Some(Record::Outcome(outcome)) = records.last_mut() {
            outcome.result = result;
        }
        [records]
    };
    for nothing in [
        OutcomeKind::Refused,
        OutcomeKind::Saved,
        OutcomeKind::NotSent,
    ] {
        check(&refused(nothing), 100, 0, 5, "100");
    }
    check(&refused(OutcomeKind::GoneAfterUnknown), 100, 0, 5, "110");
}

#[test]
fn figure_that_grew_is_believed_and_the_mark_goes() {
    let one = [deletion(1, 0, Some(2), 10)];
    let (free, kept) = see(&one, Some(mark()), (100, 0), 5, 30);
    assert_eq!((free.as_str(), kept), ("110", Some(mark())), "too early");
    assert_eq!(
        see(&one, Some(mark()), (110, 0), 70, 75),
        ("110".to_owned(), None)
    );
    assert_eq!(
        see(&one, Some(mark()), (106, 0), 70, 75),
        ("106".to_owned(), None)
    );
    // Called off: there is nothing to wait for.
    assert_eq!(
        see(&[], Some(mark()), (100, 0), 5, 30),
        ("100".to_owned(), None)
    );
}

#[test]
fn figure_that_did_not_grow_is_not_believed_until_it_does_or_a_day_has_passed() {
    let one = [deletion(1, 0, Some(2), 10)];
    let (free, kept) = see(&one, Some(mark()), (100, 0), 70, 75);
    let stuck = FreeSpaceMark {
        not_grown_since: Some(second(75)),
        ..mark()
    };
    assert_eq!((free.as_str(), kept), ("unknown", Some(stuck.clone())));
    let later = see(&one, Some(stuck.clone()), (103, 0), 7000, 7005);
    assert_eq!(later, ("unknown".to_owned(), Some(stuck.clone())));
    let grown = see(&one, Some(stuck.clone()), (112, 0), 7000, 7005);
    assert_eq!(grown, ("112".to_owned(), None));
    let day = 75 + 24 * 3600;
    assert_eq!(
        see(&one, Some(stuck.clone()), (100, 0), day - 6, day - 1).0,
        "unknown"
    );
    assert_eq!(
        see(&one, Some(stuck), (100, 0), day - 5, day),
        ("100".to_owned(), None)
    );
}

#[test]
fn downloads_explain_a_figure_that_grew_less_but_not_one_that_stands_still() {
    let one = [deletion(1, 0, Some(2), 10)];
    let check = |free, downloaded, expected| {
        let seen = see(&one, Some(mark()), (free, downloaded), 70, 75).0;
        assert_eq!(seen, expected, "{free} {downloaded}");
    };
    check(90, 20, "90");
    check(90, 4, "unknown");
    // They go to another disk: what was deleted freed nothing, however much is downloaded.
    check(100, 40, "unknown");
}

#[test]
fn one_more_request_is_sent_where_it_tells_something() {
    let check = |records: &[Vec<Record>], before: Option<i64>, free, at, expected: bool| {
        let ours = OurDeletions::of(&book(records.concat()), &a(), None, second(at), None);
        let reading = Reading {
            free_bytes: Some(free),
            downloaded_bytes: None,
            asked_before: before.map(second),
        };
        let found = ours.need_another_request(&reading, second(at));
        assert_eq!(found, expected, "{before:?} {free} {at}");
    };
    let one = [deletion(1, 0, Some(2), 10)];
    check(&one, Some(0), GIB, 1800, true);
    check(&one, None, GIB, 1800, true);
    check(&one, Some(1800), GIB, 1802, false);
    check(&one, Some(0), GIB, 30, false);
    // The next cycle is near, and tells as much.
    check(&one, Some(57), GIB, 62, false);
    check(&[], None, GIB, 1800, false);
    check(&[], None, 0, 1800, true);
    check(&[], Some(1800), 0, 1802, false);
}

#[test]
fn zero_and_less_are_unknown() {
    for free_bytes in [Some(0), Some(-1), None] {
        let reading = Reading {
            free_bytes,
            ..Reading::default()
        };
        let ours = OurDeletions {
            mark: Some(mark()),
            ..OurDeletions::default()
        };
        let space = ours.free_space(&reading, second(5));
        assert!(space.bytes.is_err() && space.mark == Some(mark()));
    }
}

#[test]
fn deletions_of_the_cycle_under_way_count_up_to_the_one_that_is_next() {
    let records = [
        deletion(1, 9, Some(10), 1),
        deletion(2, 9, None, 2),
        deletion(3, 9, None, 4),
    ];
    let book = book(records.concat());
    let of = |next| OurDeletions::of(&book, &a(), None, second(9), next);
    let took = |ours: &OurDeletions, id: u64| ours.took(&format!("item {id}").as_str().into());
    let third = of(Some(IntentId(3)));
    assert!(took(&third, 1) && took(&third, 2) && !took(&third, 3));
    let reading = Reading {
        free_bytes: Some(GIB),
        ..Reading::default()
    };
    assert_eq!(third.free_space(&reading, second(9)).bytes, Ok(4 * GIB));
}
