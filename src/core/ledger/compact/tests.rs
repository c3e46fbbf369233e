use super::super::testing::*;
use super::super::{OutcomeKind, TreatmentResult};
use super::*;
use proptest::prelude::*;

/// What compaction at hour 10 leaves: the numbers (places in the list) of the records.
#[track_caller]
fn check(records: &[Record], expected: &[usize]) {
    let kept = compact(records, hour(10)).unwrap_or_else(|| records.to_vec());
    let kept: Vec<_> = kept
        .iter()
        .filter(|r| !matches!(r, Record::UpTo { .. }))
        .map(|r| records.iter().position(|x| x == r).unwrap())
        .collect();
    assert_eq!(kept, expected);
}

#[test]
fn forgets_old_deletions_that_are_settled_and_announced() {
    let done = OutcomeKind::Done;
    let of = |at| {
        [
            intent(1, at, "a", "x"),
            outcome(1, at, done),
            delivered(1, at, "w"),
        ]
    };
    check(&of(9), &[]);
    check(&of(10), &[0, 1, 2]);
    check(&of(9)[..2], &[0, 1]);
    check(&of(9)[..1], &[0]);
    check(
        &[intent(1, 9, "a", "x"), outcome(1, 9, OutcomeKind::Refused)],
        &[],
    );
    check(
        &[intent(1, 9, "a", "x"), outcome(1, 10, OutcomeKind::Refused)],
        &[0, 1],
    );
}

#[test]
fn keeps_where_a_notice_went_until_it_is_there() {
    let redirected = Record::Redirected {
        notice: IntentId(1),
        from: "w".to_owned(),
        to: vec!["new".to_owned()],
        at: hour(9),
    };
    check(&[notice(1, 9), redirected.clone()], &[0, 1]);
    let there = delivered(1, 9, "new");
    check(&[notice(1, 9), redirected, there], &[]);
}

#[test]
fn forgets_old_notices_that_were_delivered() {
    check(&[notice(1, 9), delivered(1, 9, "w")], &[]);
    check(&[notice(1, 9), delivered(1, 9, "another")], &[0, 1]);
    check(&[notice(1, 10), delivered(1, 10, "w")], &[0, 1]);
}

#[test]
fn keeps_treatments_that_go_on() {
    use TreatmentResult::{FoundIncomplete, Over, Recovered};
    check(&[begun(1, "x"), ended(2, "x", Recovered)], &[]);
    check(&[begun(1, "x"), ended(2, "x", FoundIncomplete)], &[0, 1]);
    check(&[begun(1, "x"), ended(2, "x", Over), begun(3, "x")], &[2]);
    check(&[begun(1, "x"), ended(10, "x", Over)], &[1]);
}

#[test]
fn forgets_old_trackers_and_restores() {
    check(
        &[tracker(1, "x", "t", false), tracker(1, "x", "t", true)],
        &[],
    );
    check(&[tracker(1, "x", "t", false)], &[0]);
    check(&[tracker(10, "x", "t", true)], &[0]);
    check(&[restored(9, 1, "x", "y")], &[]);
    check(&[restored(10, 1, "x", "y")], &[0]);
    let owed = [
        intent(1, 1, "a", "x"),
        outcome(1, 1, OutcomeKind::Done),
        restored(2, 1, "x", "y"),
    ];
    check(&owed, &[0, 1, 2]);
}

#[test]
fn says_when_there_is_nothing_to_forget() {
    assert_eq!(compact(&[], hour(10)), None);
    let up_to = Record::UpTo { id: IntentId(4) };
    assert_eq!(compact(&[up_to, notice(5, 10)], hour(10)), None);
}

fn any_record() -> impl Strategy<Value = Record> {
    let outcomes = prop::sample::select(vec![
        OutcomeKind::Done,
        OutcomeKind::Refused,
        OutcomeKind::GoneAfterUnknown,
        OutcomeKind::StillThere,
    ]);
    let ends = prop::sample::select(vec![
        TreatmentResult::Recovered,
        TreatmentResult::FoundIncomplete,
        TreatmentResult::Over,
    ]);
    let item = prop::sample::select(vec!["x", "y"]);
    let id = 1..6u64;
    let at = 0..20i64;
    prop_oneof![
        (id.clone(), at.clone(), item.clone()).prop_map(|(id, at, x)| intent(id, at, "a", x)),
        (id.clone(), at.clone(), outcomes).prop_map(|(id, at, o)| outcome(id, at, o)),
        (6..9u64, at.clone()).prop_map(|(id, at)| notice(id, at)),
        (1..9u64, at.clone()).prop_map(|(id, at)| delivered(id, at, "w")),
        (at.clone(), item.clone()).prop_map(|(at, x)| begun(at, x)),
        (at.clone(), item.clone(), ends).prop_map(|(at, x, end)| ended(at, x, end)),
        (at.clone(), item, any::<bool>()).prop_map(|(at, x, done)| tracker(at, x, "t", done)),
        (at, id).prop_map(|(at, id)| restored(at, id, "x", "z")),
    ]
}

/// The first record of each number counts, as ids are never given out twice.
fn sensible(records: Vec<Record>) -> Vec<Record> {
    let mut seen = BTreeSet::new();
    let mut records = records;
    records.retain(|record| match record {
        Record::Intent(intent) => seen.insert(intent.id),
        Record::Notice(notice) => seen.insert(notice.id),
        _ => true,
    });
    records
}

proptest! {
    #[test]
    fn changes_nothing_that_matters(records in prop::collection::vec(any_record(), 0..30)) {
        let records = sensible(records);
        let Some(kept) = compact(&records, hour(10)) else { return Ok(()) };
        prop_assert!(kept.len() <= records.len());
        let (old, new) = (book(records), book(kept.clone()));
        prop_assert_eq!(old.owed("w"), new.owed("w"));
        prop_assert_eq!(old.next_id(), new.next_id());
        prop_assert_eq!(&old.treatments, &new.treatments);
        let account = a();
        let open = |book: &Book| -> Vec<_> {
            let open = book.trackers.values().filter(|t| !t.done);
            open.map(|t| t.kept.clone()).collect()
        };
        prop_assert_eq!(open(&old), open(&new));
        prop_assert!(old.open(&account).eq(new.open(&account)));
        for since in 9..20 {
            let recent = |book: &Book| book.recent(&a(), hour(since), hour(since));
            prop_assert_eq!(recent(&old), recent(&new));
        }
        prop_assert_eq!(compact(&kept, hour(10)), None, "a second time changes nothing");
    }
}
