//! Remedies: reannounce and restart, and the beginning of safe rechecks.

use super::patience::{Patience, is_answer};
use super::{Acting, Done};
use crate::clients::alldebrid::is_too_many_active;
use crate::clients::{ActionOutcome, ReadError};
use crate::core::decide::Ailment;
use crate::core::ledger::{Record, TreatmentBegun, Was};
use crate::core::model::ItemId;
use crate::core::plan::{Plan, Remedy, RemedyKind};
use crate::core::treatment;
use crate::shell::eyes::Eyes;
use crate::shell::logging::Story;

/// Carries out the remedies of a plan.
pub async fn run(acting: &mut Acting<'_>, plan: &Plan, done: &mut Done) {
    let mut no_slots = false;
    let mut patience = Patience::new();
    for remedy in &plan.remedies {
        if acting.must_end(done).await {
            return;
        }
        let outcome = if no_slots && remedy.kind == RemedyKind::Restart {
            ActionOutcome::Busy("the account has no free slot".to_owned())
        } else if patience.is_over(acting).await {
            ActionOutcome::NotSent("the service did not answer the remedies before".to_owned())
        } else {
            patience.begin();
            let outcome = one(acting, remedy).await;
            patience.end(is_answer(&outcome));
            outcome
        };
        no_slots |= is_too_many_active(&outcome);
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
    let account = acting.glasses.policy.name.clone();
    let book = acting.kept.ledger.book();
    let open = book
        .treatments
        .get(&(account.clone(), id.clone()))
        .map(|(begun, _)| begun.was.clone());
    let was = match open {
        Some(was) => was,
        None => match what_it_was(acting, id).await {
            Ok(Some(was)) => was,
            Ok(None) => return ActionOutcome::Gone,
            Err(error) => return ActionOutcome::NotSent(error.message),
        },
    };
    let begun = TreatmentBegun {
        at: acting.clock.now(),
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

/// What a torrent is before any treatment; `None` if it is not listed.
///
/// # Errors
/// Why nobody can say.
pub async fn what_it_was(acting: &Acting<'_>, id: &ItemId) -> Result<Option<Was>, ReadError> {
    let Eyes::Torrents(eyes) = &*acting.eyes else {
        return Ok(None);
    };
    let Some(torrent) = eyes.library().torrents.get(id) else {
        return Ok(None);
    };
    let meant_to_run = match torrent.state.hides_stop() {
        true => eyes.client.is_meant_to_run(id).await?,
        false => None,
    };
    let now_s = acting.clock.now().as_second();
    Ok(Some(treatment::was(torrent, meant_to_run, now_s)))
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
        ActionOutcome::Busy(_) | ActionOutcome::NotSent(_) | ActionOutcome::Unknown(_) => {
            story.warn(&format!(
                "{head}: {outcome}; the next sighting does not count"
            ));
        }
    }
    let has_reached = matches!(outcome, ActionOutcome::Done | ActionOutcome::Refused(_));
    if let Some(ailment) = Ailment::of(remedy.ailment).filter(|_| has_reached) {
        done.remedied.insert((remedy.item.clone(), ailment));
    }
}
