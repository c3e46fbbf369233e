//! The rows of `torrents/trackers`: those of trackers, and the pseudo rows of DHT, PeX and LSD before them.

use crate::clients::lenient::{bool_of, int_of, text_of};
use crate::core::model::Tracker;
use serde_json::Value;

/// Whether it is none of a tracker.
fn is_pseudo(row: &Value) -> bool {
    let url = row.get("url").and_then(text_of).unwrap_or_default();
    let tier = row.get("tier");
    // Their tier is -1, until 4.3 an empty text; older servers send none for real trackers either.
    url.starts_with("** [") || tier.is_some_and(|t| t == "" || int_of(t).is_some_and(|t| t < 0))
}

/// The trackers of a torrent.
pub(super) fn trackers_of(rows: &[Value]) -> Vec<Tracker> {
    let real = rows.iter().filter(|row| !is_pseudo(row));
    let tracker = |row: &Value| {
        let url = row.get("url").and_then(text_of)?;
        let text = |name: &str| row.get(name).and_then(text_of).unwrap_or_default();
        Some(Tracker {
            url: url.into(),
            // A translated word before 4.1.5: no status that anybody knows.
            status: row.get("status").and_then(int_of).unwrap_or(-1),
            updating: row.get("updating").and_then(bool_of).unwrap_or(false),
            message: text("msg").into(),
        })
    };
    real.filter_map(tracker).collect()
}

/// Before 4.5.1 nothing but the pseudo rows tells: those of private torrents carry a (translated) message, and
/// one that works belongs to a public torrent.
pub(super) fn privacy_by_pseudo_rows(rows: &[Value]) -> Option<bool> {
    let mut pseudo = rows.iter().filter(|row| is_pseudo(row));
    let says_something = |row: &Value| {
        row.get("msg")
            .and_then(text_of)
            .is_some_and(|m| !m.is_empty())
    };
    let works = |row: &Value| row.get("status").and_then(int_of) == Some(2);
    if pseudo.clone().any(says_something) {
        Some(true)
    } else {
        pseudo.any(works).then_some(false)
    }
}
