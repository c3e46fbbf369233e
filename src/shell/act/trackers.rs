//! Removing failed trackers: the address is kept in the trash and the removal on record before the request goes out.

use super::{Acting, Done};
use crate::clients::ActionOutcome;
use crate::core::ledger::{Record, TrackerRemoved};
use crate::core::mark::mark;
use crate::core::plan::{Plan, TrackerRemoval};
use crate::shell::eyes::Eyes;
use crate::shell::logging::Story;
use crate::shell::trash;

/// Carries out the tracker removals of a plan.
pub async fn run(acting: &mut Acting<'_>, plan: &Plan, done: &mut Done) {
    for removal in &plan.tracker_removals {
        if acting.must_end(done).await {
            return;
        }
        let outcome = one(acting, removal).await;
        note(acting, removal, &outcome, done);
    }
}

async fn one(acting: &mut Acting<'_>, removal: &TrackerRemoval) -> ActionOutcome {
    let now = acting.clock.now();
    let Eyes::Torrents(eyes) = &mut *acting.eyes else {
        return ActionOutcome::Gone;
    };
    // Read again: another tracker may have stopped working meanwhile, or this one may work.
    let trackers = match eyes.client.trackers(&removal.item).await {
        Ok(trackers) => trackers,
        Err(error) => return ActionOutcome::NotSent(error.message),
    };
    let api = eyes.library().api;
    let findings = crate::core::failed_trackers::failed_trackers(&trackers, api, false);
    let Some(finding) = findings
        .iter()
        .find(|finding| finding.key == removal.tracker)
    else {
        return ActionOutcome::Gone;
    };
    if !finding.failing.is_yes() || !finding.is_removable {
        return ActionOutcome::Refused(
            "saved: it works again, or no other tracker does".to_owned(),
        );
    }
    let url = trackers[finding.index].url.clone();
    // Several can be removed from one torrent in one moment.
    let kept = format!(
        "{}-{:08x}.tracker",
        trash::stem(now, &acting.glasses.policy.name, &removal.item),
        mark(url.bytes())
    );
    if let Err(error) = acting.kept.trash.put(&kept, url.as_bytes()).await {
        return ActionOutcome::NotSent(format!("its address could not be kept: {error}"));
    }
    let record = TrackerRemoved {
        at: now,
        account: acting.glasses.policy.name.clone(),
        item: removal.item.clone(),
        name: removal.name.clone(),
        host: removal.host.clone(),
        tracker: removal.tracker.clone(),
        kept,
        done: false,
    };
    if let Err(error) = acting
        .kept
        .ledger
        .append(&[Record::TrackerRemoved(record.clone())])
        .await
    {
        return ActionOutcome::NotSent(error.to_string());
    }
    let outcome = eyes.client.remove_tracker(&removal.item, &url).await;
    if outcome.is_done() {
        let record = TrackerRemoved {
            done: true,
            at: acting.clock.now(),
            ..record
        };
        if let Err(error) = acting
            .kept
            .ledger
            .append(&[Record::TrackerRemoved(record)])
            .await
        {
            return ActionOutcome::Unknown(format!("removed, but not on record: {error}"));
        }
    }
    outcome
}

fn note(acting: &Acting<'_>, removal: &TrackerRemoval, outcome: &ActionOutcome, done: &mut Done) {
    let story = Story {
        account: Some(acting.account()),
        item: Some(removal.item.as_str()),
        item_name: Some(&removal.name),
        action: Some("remove_tracker"),
        reason: Some(&removal.reason),
        failures: Some(removal.failures.0),
        ..Story::default()
    };
    let head = format!(
        "{}: remove tracker {} of {} ({}, {} of {})",
        acting.account(),
        removal.host,
        removal.name,
        removal.reason,
        removal.failures.0,
        removal.failures.1
    );
    if outcome.is_done() {
        done.carried_out += 1;
        story.info(&head);
    } else {
        story.warn(&format!("{head}: {outcome}"));
    }
}
