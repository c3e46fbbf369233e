//! Records for tests: short ways to write them. Times are hours since the beginning.

use super::*;
use crate::core::model::AccountId;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// The time so many hours after the beginning.
pub fn hour(hour: i64) -> Timestamp {
    let begin = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 365 * 50);
    begin + SignedDuration::from_hours(hour)
}

/// An intent, owed to the webhook `w`.
pub fn intent(id: u64, at: i64, account: &str, item: &str) -> Record {
    Record::Intent(Arc::new(DeletionIntent {
        id: IntentId(id),
        at: hour(at),
        account: account.into(),
        item: item.into(),
        name: format!("name of {item}"),
        size_bytes: Some(1),
        added_on: None,
        ratio: None,
        progress: None,
        cause: "failed".to_owned(),
        reason: "failed 5 times".to_owned(),
        failures: Some((5, 5)),
        delete_files: false,
        files_kept_because: None,
        began: None,
        frees_bytes: None,
        kept: KeptAs::Hash("abc".to_owned()),
        webhooks: vec!["w".to_owned()],
    }))
}

/// Its outcome.
pub fn outcome(id: u64, at: i64, result: OutcomeKind) -> Record {
    Record::Outcome(Outcome {
        intent: IntentId(id),
        at: hour(at),
        result,
        detail: String::new(),
        freed_bytes: None,
    })
}

/// A notice, owed to the webhook `w`.
pub fn notice(id: u64, at: i64) -> Record {
    Record::Notice(NoticeText {
        id: IntentId(id),
        at: hour(at),
        account: "a".into(),
        title: "outage".to_owned(),
        text: String::new(),
        webhooks: vec!["w".to_owned()],
    })
}

/// A notice reached a webhook.
pub fn delivered(id: u64, at: i64, webhook: &str) -> Record {
    Record::Delivered {
        notice: IntentId(id),
        webhook: webhook.to_owned(),
        at: hour(at),
    }
}

/// A treatment of torrent `item` of account `a` begins.
pub fn begun(at: i64, item: &str) -> Record {
    Record::TreatmentBegun(TreatmentBegun {
        at: hour(at),
        account: "a".into(),
        item: item.into(),
        was: Was {
            state: "error".to_owned(),
            running: true,
            complete: true,
            had_bytes: 7,
        },
    })
}

/// It ends, or goes on to a lasting state.
pub fn ended(at: i64, item: &str, end: TreatmentResult) -> Record {
    Record::TreatmentEnd(TreatmentEnd {
        at: hour(at),
        account: "a".into(),
        item: item.into(),
        end,
    })
}

/// A tracker of torrent `item` of account `a` is about to be removed, or is.
pub fn tracker(at: i64, item: &str, host: &str, done: bool) -> Record {
    Record::TrackerRemoved(TrackerRemoved {
        at: hour(at),
        account: "a".into(),
        item: item.into(),
        name: "name".to_owned(),
        host: host.to_owned(),
        tracker: String::new(),
        kept: format!("{item}-{host}.json"),
        done,
    })
}

/// A deletion of account `a` was undone.
pub fn restored(at: i64, id: u64, item: &str, new_item: &str) -> Record {
    Record::Restored(RestoreDone {
        at: hour(at),
        account: "a".into(),
        intent: Some(IntentId(id)),
        item: item.into(),
        new_item: new_item.into(),
    })
}

/// What follows from records.
pub fn book(records: impl IntoIterator<Item = Record>) -> Book {
    let mut book = Book::default();
    for record in records {
        book.apply(record);
    }
    book
}

/// The account that most records are of.
pub fn a() -> AccountId {
    "a".into()
}
