//! What rules do besides deleting.

use super::remedies::safe_recheck;
use super::{Acting, Done};
use crate::clients::ActionOutcome;
use crate::core::plan::{Change, ChangeKind, Plan};
use crate::shell::eyes::Eyes;
use crate::shell::logging::Story;

/// Carries out the changes of a plan.
pub async fn run(acting: &mut Acting<'_>, plan: &Plan, done: &mut Done) {
    for change in &plan.changes {
        if acting.must_end(done).await {
            return;
        }
        let outcome = one(acting, change).await;
        note(acting, change, &outcome, done);
    }
}

async fn one(acting: &mut Acting<'_>, change: &Change) -> ActionOutcome {
    let id = &change.item;
    if change.kind == ChangeKind::Recheck {
        return safe_recheck(acting, id).await;
    }
    match (&change.kind, &mut *acting.eyes) {
        (ChangeKind::Pause, Eyes::Torrents(eyes)) => eyes.client.stop(id).await,
        (ChangeKind::LimitDownload(speed), Eyes::Torrents(eyes)) => {
            eyes.client.set_download_limit(id, *speed).await
        }
        (ChangeKind::Reannounce, Eyes::Torrents(eyes)) => {
            eyes.client.reannounce(std::slice::from_ref(id)).await
        }
        (ChangeKind::Tag(tag), Eyes::Torrents(eyes)) => eyes.client.add_tags(id, &[tag]).await,
        (ChangeKind::Category(category), Eyes::Torrents(eyes)) => {
            eyes.client.set_category(id, category).await
        }
        (ChangeKind::Restart, Eyes::Magnets(eyes)) => eyes.client.restart(id).await,
        (
            ChangeKind::Pause
            | ChangeKind::LimitDownload(_)
            | ChangeKind::Recheck
            | ChangeKind::Reannounce
            | ChangeKind::Tag(_)
            | ChangeKind::Category(_)
            | ChangeKind::Restart,
            Eyes::Torrents(_) | Eyes::Magnets(_),
        ) => ActionOutcome::Refused("not an action of this service".to_owned()),
    }
}

fn note(acting: &mut Acting<'_>, change: &Change, outcome: &ActionOutcome, done: &mut Done) {
    let action = change.kind.to_string();
    let (account, now) = (acting.account().to_owned(), acting.clock.now());
    let story = Story {
        account: Some(&account),
        item: Some(change.item.as_str()),
        item_name: Some(&change.name),
        rule: Some(&change.rule),
        action: Some(&action),
        reason: Some(&change.reason),
        ..Story::default()
    };
    let head = format!(
        "{}: {action}: {} (rule {}: {})",
        account, change.name, change.rule, change.reason
    );
    if outcome.is_done() {
        done.carried_out += 1;
        story.info(&head);
    } else {
        let key = format!("{action} {}: {outcome}", change.item);
        let is_new = acting.told.is_new(&key, now);
        story.warn_if(is_new, &format!("{head}: {outcome}"));
    }
}
