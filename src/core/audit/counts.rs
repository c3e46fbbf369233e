//! Failure counts: one more at most, none lost while its item is listed, none made up.

use super::{Breach, breach};
use crate::core::decide::{Ailment, Input, Item, Mode};
use crate::core::model::{ItemId, is_added_anew};
use crate::core::state::{AccountState, ItemState};

/// Checks the counts of the state after against those before.
pub fn check(input: &Input<'_>, before: &AccountState, after: &AccountState) -> Result<(), Breach> {
    for (id, item) in &after.items {
        let old = before
            .items
            .get(id)
            .filter(|old| !is_added_anew(old.added_on, item.added_on));
        for (ailment, count) in counts(item) {
            let was = old
                .and_then(|old| counts(old).into_iter().find(|(name, _)| *name == ailment))
                .map_or(0, |(_, n)| n);
            if count > was.saturating_add(1) {
                return Err(breach(
                    "a failure counts once",
                    id,
                    format!("{ailment} went from {was} to {count}"),
                ));
            }
            if count > was && !input.mode.adds() {
                return Err(breach(
                    "only a full cycle counts",
                    id,
                    format!("{ailment} went from {was} to {count}"),
                ));
            }
            if count > was && input.seen.get(id).is_none() {
                return Err(breach(
                    "only what is listed counts",
                    id,
                    format!("{ailment} went from {was} to {count}"),
                ));
            }
        }
    }
    nothing_lost(input, before, after)
}

/// A count is dropped only for an item that is listed as another one, is gone, or was seen well.
fn nothing_lost(
    input: &Input<'_>,
    before: &AccountState,
    after: &AccountState,
) -> Result<(), Breach> {
    for (id, old) in &before.items {
        for (ailment, count) in counts(old).into_iter().filter(|(_, count)| *count > 0) {
            let has = after
                .items
                .get(id)
                .is_some_and(|item| counts(item).iter().any(|(name, _)| *name == ailment));
            if has || is_another(input, id, old) {
                continue;
            }
            let is_gone = input.seen.get(id).is_none();
            if is_gone && !old.missed {
                return Err(breach(
                    "a count survives one listing without its item",
                    id,
                    format!("{ailment} {count} was dropped"),
                ));
            }
            if looks_sick(input, id, &ailment) {
                let found = format!("{ailment} {count} was dropped, though it shows the sign");
                return Err(breach("a count is dropped only when well", id, found));
            }
            if !is_gone && !may_count_or_recover(input) {
                return Err(breach(
                    "a rule cycle drops no count",
                    id,
                    format!("{ailment} {count} was dropped"),
                ));
            }
        }
    }
    Ok(())
}

/// Whether an item plainly shows the sign, so that its count must not be dropped.
fn looks_sick(input: &Input<'_>, id: &ItemId, ailment: &str) -> bool {
    match (input.seen.get(id), ailment) {
        (Some(Item::Torrent(torrent)), "errored") => torrent.state.is_errored(),
        (Some(Item::Magnet(magnet)), "failed") => magnet.status_code != Some(4),
        (Some(Item::Torrent(_) | Item::Magnet(_)) | None, _) => false,
    }
}

fn is_another(input: &Input<'_>, id: &ItemId, old: &ItemState) -> bool {
    input
        .seen
        .get(id)
        .is_some_and(|item| is_added_anew(old.added_on, item.added_on()))
}

fn may_count_or_recover(input: &Input<'_>) -> bool {
    matches!(input.mode, Mode::Full { .. })
}

fn counts(item: &ItemState) -> Vec<(String, u32)> {
    let whole = Ailment::ALL
        .into_iter()
        .filter_map(|a| a.failures(item).map(|f| (a.word().to_owned(), f.failures)));
    let trackers = item
        .failed_trackers
        .iter()
        .map(|(key, f)| (format!("tracker {key}"), f.failures));
    whole.chain(trackers).collect()
}
