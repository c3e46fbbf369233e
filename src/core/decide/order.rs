//! The order in which a rule goes over its matches.

use super::context::Context;
use super::item::Item;
use super::subject::ItemSubject;
use crate::config::policy::{OrderBy, Rule};
use crate::core::model::ItemId;
use crate::core::rules::{Key, Subject};
use std::cmp::Ordering;

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
        OrderBy::LongestCompleted => found.sort_by_key(|place| ages(context, place.item)),
        OrderBy::Key { key, descending } => {
            if let Some(key) = Key::from_name(key) {
                found.sort_by(|a, b| by_key(context, key, *descending, a, b));
            }
        }
    }
    if !context.refused.is_empty() {
        found.sort_by_key(|place| context.refused.contains(place.id));
    }
}

fn ages(context: &Context<'_>, item: Item<'_>) -> (i64, i64) {
    let (completed, added) = match item {
        Item::Torrent(torrent) => (torrent.completion_on, torrent.added_on),
        Item::Magnet(magnet) => (magnet.completion_date, magnet.upload_date),
    };
    (
        completed.filter(|&at| at > 0).unwrap_or(context.now_s),
        added.unwrap_or(context.now_s),
    )
}

/// Numbers by size, texts by their letters, values that are missing or unknown at the end.
fn by_key(
    context: &Context<'_>,
    key: Key,
    descending: bool,
    a: &Place<'_>,
    b: &Place<'_>,
) -> Ordering {
    let subject = |place: &Place<'_>| {
        let subject = ItemSubject {
            context,
            account: &context.account,
            id: place.id,
            item: place.item,
        };
        let value = subject.value(key);
        let number = value.to_number();
        if key.kind().is_numeric() {
            (number.is_nan(), number, String::new())
        } else {
            (false, 0.0, value.to_text().into_owned())
        }
    };
    let ((a_lacks, a_number, a_text), (b_lacks, b_number, b_text)) = (subject(a), subject(b));
    let order = a_number
        .total_cmp(&b_number)
        .then_with(|| a_text.cmp(&b_text));
    a_lacks
        .cmp(&b_lacks)
        .then(if descending { order.reverse() } else { order })
}
