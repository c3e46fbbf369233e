//! The order in which a rule goes over its matches.

use super::context::Context;
use super::item::Item;
use super::subject::Subject;
use crate::config::policy::{OrderBy, Rule};
use crate::core::model::ItemId;
use crate::core::rules::run::{by_value, longest_completed};
use crate::core::rules::subject::Seen;
use crate::core::rules::{Key, Subject as _};

/// One match.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The item's id.
    pub id: &'a ItemId,
    /// The item.
    pub item: Item<'a>,
}

/// Sorts matches: those whose deletion was refused last time go last, else as the rule says; by default the longest
/// completed first, then the longest added, unfinished ones as if completed now (Vertex's order).
pub fn sort(context: &Context<'_>, rule: &Rule, found: &mut [Place<'_>]) {
    match &rule.order_by {
        OrderBy::LongestCompleted => {
            found.sort_by(|a, b| longest_completed(times(a.item), times(b.item), context.now_s));
        }
        OrderBy::Key { key, descending } => {
            if let Some(key) = Key::from_name(key) {
                sort_by_key(context, key, *descending, found);
            }
        }
    }
    if !context.failed.is_empty() {
        found.sort_by_key(|place| context.was_refused(place.id));
    }
}

/// Completion and addition, in Unix seconds.
fn times(item: Item<'_>) -> (f64, f64) {
    let (completed, added) = match item {
        Item::Torrent(torrent) => (torrent.completion_on, torrent.added_on),
        Item::Magnet(magnet) => (magnet.completion_date, magnet.upload_date),
    };
    (completed.unwrap_or(0) as f64, added.unwrap_or(0) as f64)
}

fn sort_by_key(context: &Context<'_>, key: Key, descending: bool, found: &mut [Place<'_>]) {
    found.sort_by(|a, b| {
        let (a, b) = (
            Subject::new(context, a.id, a.item),
            Subject::new(context, b.id, b.item),
        );
        let (a, b) = (
            Seen {
                item: &a,
                surroundings: &context.account,
            },
            Seen {
                item: &b,
                surroundings: &context.account,
            },
        );
        by_value(&a.value(key), &b.value(key), descending)
    });
}
