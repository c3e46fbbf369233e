//! Keeping the state in step with the listing: items that are gone, items that came back as others, checks.

use super::context::{Context, Input};
use super::item::{Item, Seen};
use crate::core::model::is_added_anew;
use crate::core::state::AccountState;

/// The state without counts that are no longer of the items listed: gone from two complete listings in a row, or
/// there again with another `added_on`. Rule timers of an item that is gone are dropped at once.
pub fn tidied(input: &Input<'_>, before: &AccountState) -> AccountState {
    let mut state = before.clone();
    // Cycles that were asked for can follow one another within seconds, as long as a server takes to start.
    let is_counted = input.whole && input.mode.adds();
    state.items.retain(|id, item| match input.seen.get(id) {
        Some(listed) => {
            item.missed = false;
            !is_added_anew(item.added_on, listed.added_on())
        }
        None if !input.whole => true,
        None => {
            item.rules.clear();
            let was_missed = item.missed;
            if is_counted {
                item.missed = true;
            }
            !(is_counted && was_missed)
        }
    });
    state
}

/// Notes the progress of every check, by which the next cycle tells a stuck one.
pub fn note_checks(context: &Context<'_>, state: &mut AccountState) {
    let Seen::Torrents(library) = context.input.seen else {
        return;
    };
    for item in state.items.values_mut() {
        item.check = None;
    }
    for (id, torrent) in library
        .torrents
        .iter()
        .filter(|(_, t)| t.state.is_checking())
    {
        let item = state.items.entry(id.clone()).or_default();
        item.check = Some(torrent.progress.unwrap_or(0.0));
        item.note(id, Item::Torrent(torrent));
    }
}
