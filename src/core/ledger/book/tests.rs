use super::super::testing::*;
use super::*;
use crate::core::ledger::KeptAs;

use OutcomeKind::{Done, GoneAfterUnknown, GoneBefore, NotSent, Refused, Saved, StillThere};

const ALL: [OutcomeKind; 7] = [
    Done,
    GoneAfterUnknown,
    Refused,
    NotSent,
    Saved,
    GoneBefore,
    StillThere,
];

fn numbers(owed: &[(IntentId, Owed<'_>)]) -> Vec<u64> {
    owed.iter().map(|(id, _)| id.0).collect()
}

#[test]
fn counts_deletions_towards_the_limits_by_outcome() {
    for result in ALL {
        let book = book([intent(1, 10, "a", "x"), outcome(1, 10, result)]);
        let recent = book.recent(&a(), hour(9), hour(9));
        let expected = u32::from(matches!(result, Done | GoneAfterUnknown));
        assert_eq!(
            (recent.in_cycle, recent.in_day),
            (expected, expected),
            "{result:?}"
        );
    }
    let book = book([intent(1, 10, "a", "x")]);
    assert_eq!(
        book.recent(&a(), hour(9), hour(9)).in_day,
        1,
        "unknown counts"
    );
}

#[test]
fn counts_deletions_of_the_windows_only() {
    let book = book([
        intent(1, 10, "a", "x"),
        intent(2, 11, "b", "x"),
        intent(3, 12, "a", "y"),
    ]);
    for (cycle, day, expected) in [
        (0, 0, (2, 3)),
        (10, 0, (1, 3)),
        (11, 10, (1, 2)),
        (12, 11, (0, 1)),
        (12, 12, (0, 0)),
    ] {
        let recent = book.recent(&a(), hour(cycle), hour(day));
        assert_eq!(
            (recent.in_cycle, recent.in_day),
            expected,
            "since {cycle} and {day}"
        );
    }
}

#[test]
fn lists_intents_without_outcome_as_open() {
    let book = book([
        intent(1, 1, "a", "x"),
        intent(2, 1, "a", "y"),
        intent(3, 1, "b", "z"),
        outcome(1, 2, Done),
        outcome(9, 2, Done),
    ]);
    let open = |account: &str| -> Vec<_> {
        let account = account.into();
        book.open(&account).map(|i| i.id.0).collect()
    };
    assert_eq!(
        (open("a"), open("b"), open("c")),
        (vec![2], vec![3], vec![])
    );
}

#[test]
fn remembers_how_the_latest_deletion_failed() {
    let mut records = vec![intent(1, 1, "a", "x"), outcome(1, 1, Refused)];
    let failed = |records: &[Record]| {
        let book = book(records.to_vec());
        assert!(book.failed(&"b".into()).is_empty());
        let found = book.failed(&a()).into_values();
        found.last()
    };
    assert_eq!(failed(&records), Some((hour(1), Refused)));
    records.push(intent(2, 2, "a", "x"));
    assert_eq!(failed(&records), None, "its outcome is unknown");
    records.push(outcome(2, 2, NotSent));
    assert_eq!(failed(&records), Some((hour(2), NotSent)));
    records.extend([intent(3, 3, "a", "x"), outcome(3, 3, Done)]);
    assert_eq!(failed(&records), None);
}

#[test]
fn owes_done_deletions_and_notices_in_order() {
    let book = book([
        intent(1, 1, "a", "x"),
        intent(2, 1, "a", "y"),
        notice(3, 1),
        intent(4, 1, "b", "z"),
        outcome(4, 2, GoneAfterUnknown),
        outcome(1, 3, Done),
        outcome(2, 3, Saved),
    ]);
    assert_eq!(numbers(&book.owed("w")), [1, 3, 4]);
    assert_eq!(numbers(&book.owed("another")), [] as [u64; 0]);
}

#[test]
fn owes_nothing_that_was_delivered_or_put_aside() {
    let put_aside = Record::PutAside {
        notice: IntentId(3),
        webhook: "w".to_owned(),
        at: hour(2),
        why: "refused".to_owned(),
    };
    let book = book([
        notice(1, 1),
        notice(2, 1),
        notice(3, 1),
        delivered(1, 2, "w"),
        delivered(2, 2, "another"),
        put_aside,
    ]);
    assert_eq!(numbers(&book.owed("w")), [2]);
    let w = ["w".to_owned()];
    assert!(book.is_announced(IntentId(1), &w) && !book.is_announced(IntentId(2), &w));
    assert!(book.is_announced(IntentId(2), &[]), "owed to nobody");
}

#[test]
fn looks_after_treatments_until_they_end() {
    use TreatmentResult::{FoundIncomplete, Over, Recovered};
    let state = |ends: &[TreatmentResult]| {
        let ends = ends.iter().map(|end| ended(2, "x", *end));
        let book = book(std::iter::once(begun(1, "x")).chain(ends));
        book.treatments
            .get(&(a(), "x".into()))
            .map(|(begun, incomplete)| {
                assert_eq!(begun.was.had_bytes, 7);
                *incomplete
            })
    };
    assert_eq!(state(&[]), Some(false));
    assert_eq!(state(&[FoundIncomplete]), Some(true));
    assert_eq!(state(&[Recovered]), None);
    assert_eq!(state(&[FoundIncomplete, Over]), None);
    assert_eq!(
        state(&[Over, FoundIncomplete]),
        None,
        "nothing to be incomplete"
    );
}

#[test]
fn begins_a_treatment_anew() {
    let found = ended(2, "x", TreatmentResult::FoundIncomplete);
    let book = book([begun(1, "x"), found, begun(3, "x")]);
    let (begun, incomplete) = &book.treatments[&(a(), "x".into())];
    assert_eq!((begun.at, *incomplete), (hour(3), false));
}

#[test]
fn knows_what_was_restored() {
    let book = book([
        intent(1, 1, "a", "x"),
        outcome(1, 1, Done),
        restored(2, 1, "x", "y"),
        restored(3, 1, "x", "z"),
    ]);
    assert_eq!(book.restored[&(a(), "y".into())], hour(2));
    assert_eq!(book.restore_of(IntentId(1)).map(|r| r.at), Some(hour(3)));
    assert_eq!(book.restore_of(IntentId(2)), None);
}

#[test]
fn knows_which_trackers_were_removed() {
    let book = book([
        tracker(1, "x", "t.example", false),
        tracker(1, "x", "u.example", false),
        tracker(2, "x", "t.example", true),
    ]);
    let done: Vec<_> = book
        .trackers
        .values()
        .map(|t| (&t.host[..], t.done))
        .collect();
    assert_eq!(done, [("t.example", true), ("u.example", false)]);
}

#[test]
fn knows_several_removed_trackers_of_one_host() {
    let of = |mark: &str| match tracker(1, "x", "t.example", true) {
        Record::TrackerRemoved(removed) => Record::TrackerRemoved(TrackerRemoved {
            tracker: format!("t.example~{mark}"),
            ..removed
        }),
        other => other,
    };
    assert_eq!(book([of("1"), of("2"), of("1")]).trackers.len(), 2);
}

#[test]
fn never_gives_a_number_twice() {
    assert_eq!(Book::default().next_id(), IntentId(1));
    let up_to = Record::UpTo { id: IntentId(9) };
    for (records, expected) in [
        (vec![intent(7, 1, "a", "x"), intent(3, 1, "a", "y")], 8),
        (vec![notice(4, 1), outcome(8, 1, Done)], 5),
        (vec![up_to, notice(4, 1)], 10),
    ] {
        assert_eq!(book(records).next_id(), IntentId(expected));
    }
}

#[test]
fn writes_and_reads_every_kind_of_record() {
    let put_aside =
        r#"{"record":"put_aside","notice":3,"webhook":"w","at":"2026-11-20T08:00:00Z","why":"x"}"#;
    let put_aside = serde_json::from_str::<Record>(put_aside).unwrap();
    for record in [
        intent(1, 1, "a", "x"),
        outcome(1, 1, GoneAfterUnknown),
        notice(1, 1),
        delivered(1, 1, "w"),
        put_aside,
        begun(1, "x"),
        ended(1, "x", TreatmentResult::Over),
        tracker(1, "x", "t", true),
        restored(1, 1, "x", "y"),
        Record::UpTo { id: IntentId(1) },
    ] {
        let line = serde_json::to_string(&record).unwrap();
        assert!(!line.contains('\n'));
        assert_eq!(
            serde_json::from_str::<Record>(&line).unwrap(),
            record,
            "{line}"
        );
    }
}

#[test]
fn reads_lines_of_the_first_version() {
    let line = r#"{"record":"intent","id":1,"at":"2026-11-20T08:00:00Z","account":"a","item":"x","name":"n",
        "cause":"failed","reason":"r","delete_files":false,"kept":{"hash":"abc"}}"#;
    let Record::Intent(intent) = serde_json::from_str(line).unwrap() else {
        panic!("no intent");
    };
    assert_eq!(intent.kept, KeptAs::Hash("abc".to_owned()));
    assert!(intent.webhooks.is_empty());
}

#[test]
fn only_what_happened_has_not_failed() {
    for result in ALL {
        let book = book([intent(1, 10, "a", "x"), outcome(1, 10, result)]);
        let has_failed = !matches!(result, Done | GoneAfterUnknown);
        assert_eq!(
            book.failed(&a()).len(),
            usize::from(has_failed),
            "{result:?}"
        );
    }
}

#[test]
fn deletion_found_undone_may_happen_late_until_the_next_try_and_for_some_time() {
    let late = |book: &Book, since| -> Vec<u64> {
        book.late(&a(), hour(since))
            .map(|intent| intent.id.0)
            .collect()
    };
    let mut book = book([
        intent(1, 10, "a", "x"),
        intent(2, 10, "a", "y"),
        intent(3, 10, "b", "x"),
        outcome(1, 11, StillThere),
        outcome(2, 11, NotSent),
        outcome(3, 11, StillThere),
    ]);
    assert_eq!(late(&book, 10), [1]);
    assert_eq!(late(&book, 11), [0; 0]);
    book.apply(intent(4, 12, "a", "x"));
    assert_eq!(late(&book, 10), [0; 0]);
}

#[test]
fn notices_for_a_webhook_that_left_are_owed_to_those_that_stay() {
    let mut book = book([
        intent(1, 10, "a", "x"),
        outcome(1, 10, Done),
        notice(2, 11),
        intent(3, 12, "a", "y"),
        outcome(3, 12, Done),
        delivered(3, 12, "w"),
        intent(4, 13, "a", "z"),
        intent(5, 13, "a", "q"),
        outcome(5, 13, Refused),
    ]);
    assert_eq!(book.owed_to_others(&["w".to_owned()]), []);
    let configured = ["new".to_owned(), "newer".to_owned()];
    let owed = book.owed_to_others(&configured);
    let notices: Vec<u64> = owed.iter().map(|(id, _)| id.0).collect();
    assert_eq!(notices, [1, 2, 4]);
    for (notice, from) in owed {
        book.apply(Record::Redirected {
            notice,
            from,
            to: configured.to_vec(),
            at: hour(14),
        });
    }
    book.apply(outcome(4, 15, GoneAfterUnknown));
    assert_eq!(numbers(&book.owed("new")), [1, 2, 4]);
    assert_eq!(numbers(&book.owed("newer")), [1, 2, 4]);
    assert_eq!(book.owed("w"), []);
    assert_eq!(book.owed_to_others(&configured), []);
}
