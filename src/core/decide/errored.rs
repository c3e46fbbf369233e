//! The ailment `errored`: state `error` or `missingFiles`, a stuck check, or found incomplete by our treatment.

use super::context::Context;
use super::count::Sight;
use super::item::Item;
use super::select::{Selected, selected};
use crate::core::facts::Mount;
use crate::core::ledger::TreatmentBegun;
use crate::core::model::{ItemId, Torrent, Unknown};
use crate::core::plan::AbsentDisk;
use crate::core::state::{AccountState, ItemState};
use crate::core::treatment::{JUDGE_AFTER, what_is_there};
use std::collections::BTreeMap;

/// Whether the sign shows.
pub fn look(
    context: &Context<'_>,
    id: &ItemId,
    torrent: &Torrent,
    before: Option<&ItemState>,
) -> Sight {
    let treatment = context.treatments.get(id).copied();
    let is_just_begun = |begun: &TreatmentBegun| context.now.duration_since(begun.at) < JUDGE_AFTER;
    if treatment.is_some_and(|(begun, incomplete)| !incomplete && is_just_begun(begun)) {
        return Sight::unknown(Unknown::no_answer("a recheck was just begun"));
    }
    if torrent.state.is_checking() {
        return check(context, torrent, before);
    }
    if torrent.state.is_errored() {
        return broken(context, torrent, torrent.state.as_str());
    }
    match treatment {
        Some((begun, _)) if !torrent.state.is_stopped() => {
            Sight::between(format!("{}, under treatment", begun.was.state))
        }
        Some((_, false)) => Sight::unknown(Unknown::no_answer("a recheck is under way")),
        Some((begun, true)) if has_what_it_had(begun, torrent) => {
            Sight::between("complete again, about to be started")
        }
        Some((begun, true)) => {
            let found = what_is_there(&begun.was, torrent);
            broken(context, torrent, &format!("found incomplete: {found}"))
        }
        None if torrent.state.is_moving() => Sight::between("moving"),
        None => Sight::well(),
    }
}

/// Whether a torrent has at least as many bytes as before its treatment.
pub fn has_what_it_had(begun: &TreatmentBegun, torrent: &Torrent) -> bool {
    if begun.was.complete {
        return torrent.is_complete();
    }
    torrent
        .completed
        .is_some_and(|bytes| bytes >= begun.was.had_bytes)
}

/// Data that is missing says something only where its disk is there.
fn broken(context: &Context<'_>, torrent: &Torrent, what: &str) -> Sight {
    match context.mount(&torrent.save_path) {
        None => Sight::unknown(Unknown::not_read("not known yet whether its disk is there")),
        Some(Mount::Absent(why)) => Sight::unknown(Unknown::not_read(why.clone())),
        Some(Mount::Present | Mount::NotOurs) => Sight::sick(what),
    }
}

/// Disks that are not there, by the torrents in error that are left alone for it.
pub fn absent_disks(context: &Context<'_>) -> Vec<AbsentDisk> {
    let mut disks: BTreeMap<&str, AbsentDisk> = BTreeMap::new();
    context.input.seen.for_each(|id, item| {
        let Item::Torrent(torrent) = item else { return };
        let known = context.input.facts.mounts.get(&*torrent.save_path);
        let Some(Mount::Absent(why)) = known.filter(|_| torrent.state.is_errored()) else {
            return;
        };
        if selected(context, id, item) != Selected::Yes {
            return;
        }
        let new = || AbsentDisk {
            save_path: (&*torrent.save_path).into(),
            why: why.clone(),
            torrents: 0,
        };
        let disk = disks.entry(&torrent.save_path).or_insert_with(new);
        disk.torrents += 1;
    });
    disks.into_values().collect()
}

/// A check that moves or waits for its turn is unknown; it is stuck only if no check of the account has moved.
fn check(context: &Context<'_>, torrent: &Torrent, before: Option<&ItemState>) -> Sight {
    let progress = torrent.progress.unwrap_or(0.0);
    let stood_still = before.and_then(|item| item.check) == Some(progress);
    // Two cycles that were asked for can follow one another within seconds.
    let has_had_time = context.input.mode.adds();
    if has_had_time
        && stood_still
        && !context.checks_moved
        && torrent.state.as_str() != "checkingResumeData"
    {
        return Sight::sick(format!(
            "{} stuck at {:.0} %",
            torrent.state.as_str(),
            progress * 100.0
        ));
    }
    Sight::unknown(Unknown::no_answer("a check is under way"))
}

/// Whether any check of the account moved since the last cycle: made progress, ended, or began.
pub fn checks_moved(torrents: &BTreeMap<ItemId, Torrent>, before: &AccountState) -> bool {
    let seen_before = |id: &ItemId| before.items.get(id).and_then(|item| item.check);
    let began_or_moved = torrents
        .iter()
        .filter(|(_, t)| t.state.is_checking())
        .any(|(id, t)| seen_before(id) != Some(t.progress.unwrap_or(0.0)));
    let ended = || {
        let was_checking = before.items.iter().filter(|(_, item)| item.check.is_some());
        was_checking
            .into_iter()
            .any(|(id, _)| torrents.get(id).is_none_or(|t| !t.state.is_checking()))
    };
    began_or_moved || ended()
}
