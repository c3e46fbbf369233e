//! Remedies: reannounce and restart, and the beginning of safe rechecks.

use super::{Acting, Done};
use crate::clients::ActionOutcome;
use crate::clients::alldebrid::is_too_many_active;
use crate::core::decide::Seen;
use crate::core::ledger::{Record, TreatmentBegun};
use crate::core::model::{ItemId, Torrent};
use crate::core::plan::{Plan, Remedy, RemedyKind};
use crate::core::treatment;
use crate::shell::eyes::Eyes;
use crate::shell::logging::Story;

/// After so many remedies in a row without an answer the others wait for the next cycle: each can take minutes, and a
/// service in trouble is not helped by more of them.
const MOST_SILENT: u32 = 3;

/// Carries out the remedies of a plan.
pub async fn run(acting: &mut Acting<'_>, plan: &Plan, done: &mut Done) {
    let mut no_slots = false;
    let mut silent = 0;
    for remedy in &plan.remedies {
        if acting.must_end(done).await {
            return;
        }
        let outcome = if no_slots && remedy.kind == RemedyKind::Restart {
            ActionOutcome::Busy("the account has no free slot".to_owned())
        } else if silent >= MOST_SILENT {
            ActionOutcome::NotSent("the service did not answer the remedies before".to_owned())
        } else {
            one(acting, remedy).await
        };
        no_slots |= is_too_many_active(&outcome);
        silent = match outcome {
            ActionOutcome::NotSent(_) | ActionOutcome::Unknown(_) => silent + 1,
            ActionOutcome::Done
            | ActionOutcome::Refused(_)
            | ActionOutcome::Gone
            | ActionOutcome::Busy(_) => 0,
        };
        note(acting, remedy, &outcome, done);
    }
}

async fn one(acting: &mut Acting<'_>, remedy: &Remedy) -> ActionOutcome {
    match (remedy.kind, &mut *acting.eyes) {
        (RemedyKind::Reannounce, Eyes::Torrents(eyes)) => {
            eyes.client
                .reannounce(std::slice::from_ref(&remedy.item))
                .await
        }
        (RemedyKind::SafeRecheck, Eyes::Torrents(_)) => safe_recheck(acting, &remedy.item).await,
        (RemedyKind::Restart, Eyes::Magnets(eyes)) => eyes.client.restart(&remedy.item).await,
        (RemedyKind::Reannounce | RemedyKind::SafeRecheck, Eyes::Magnets(_))
        | (RemedyKind::Restart, Eyes::Torrents(_)) => {
            ActionOutcome::Refused("not an action of this service".to_owned())
        }
    }
}

/// Begins a safe recheck: on record first, then stop, then recheck. What follows is looked after between cycles.
pub async fn safe_recheck(acting: &mut Acting<'_>, id: &ItemId) -> ActionOutcome {
    let now = acting.clock.now();
    let Some(torrent) = listed(acting, id) else {
        return ActionOutcome::Gone;
    };
    let account = acting.glasses.policy.name.clone();
    let book = acting.kept.ledger.book();
    let open = book
        .treatments
        .get(&(account.clone(), id.clone()))
        .map(|(begun, _)| begun.was.clone());
    let was = open.unwrap_or_else(|| treatment::was(torrent, now.as_second()));
    let begun = TreatmentBegun {
        at: now,
        account,
        item: id.clone(),
        was,
    };
    if let Err(error) = acting
        .kept
        .ledger
        .append(&[Record::TreatmentBegun(begun)])
        .await
    {
        return ActionOutcome::NotSent(error.to_string());
    }
    let Eyes::Torrents(eyes) = &mut *acting.eyes else {
        return ActionOutcome::Gone;
    };
    match eyes.client.stop(id).await {
        ActionOutcome::Done => eyes.client.recheck(id).await,
        // A recheck of a torrent that may still run can turn it into a download from zero.
        other => other,
    }
}

fn listed<'e>(acting: &'e Acting<'_>, id: &ItemId) -> Option<&'e Torrent> {
    match acting.eyes.seen() {
        Seen::Torrents(library) => library.torrents.get(id),
        Seen::Magnets(_) => None,
    }
}

fn note(acting: &Acting<'_>, remedy: &Remedy, outcome: &ActionOutcome, done: &mut Done) {
    let (have, most) = remedy.failures;
    let story = Story {
        account: Some(acting.account()),
        item: Some(remedy.item.as_str()),
        item_name: Some(&remedy.name),
        action: Some(remedy.kind.word()),
        reason: Some(&remedy.sign),
        failures: Some(have),
        ..Story::default()
    };
    let head = format!(
        "{}: {} {} ({}, {} {have} of {most})",
        acting.account(),
        remedy.kind.word(),
        remedy.name,
        remedy.sign,
        remedy.ailment
    );
    match outcome {
        ActionOutcome::Done => {
            done.carried_out += 1;
            story.info(&head);
        }
        ActionOutcome::Gone => story.info(&format!("{head}: it is gone")),
        ActionOutcome::Refused(_) => story.warn(&format!("{head}: {outcome}")),
        ActionOutcome::Busy(_) | ActionOutcome::NotSent(_) => {
            done.remedies_refused
                .insert((remedy.item.clone(), remedy.ailment));
            story.warn(&format!(
                "{head}: {outcome}; the next sighting does not count"
            ));
        }
        ActionOutcome::Unknown(_) => story.warn(&format!("{head}: {outcome}")),
    }
}
