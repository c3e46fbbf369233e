//! Deleting: kept, on record, reannounced, looked at again, deleted, seen gone, recorded.

mod intents;

use super::{Acting, Done};
use crate::clients::ActionOutcome;
use crate::core::decide::Saved;
use crate::core::ledger::{IntentId, Outcome, OutcomeKind, Record};
use crate::core::model::ItemId;
use crate::core::plan::{Deletion, Plan, bytes_text};
use crate::shell::eyes::Eyes;
use crate::shell::logging::Story;
use crate::shell::look::look_again;
use std::time::Duration;

/// Trackers get this long to take a torrent's last upload over.
const CREDIT_TIME: Duration = Duration::from_secs(2);

/// How often and how long apart a deleted item is looked for until it is seen gone.
const LOOKS_FOR_IT: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_millis(500),
    Duration::from_secs(2),
];

/// Carries out the deletions of a plan, one by one.
pub async fn run(acting: &mut Acting<'_>, plan: &Plan, done: &mut Done) {
    if plan.deletions.is_empty() || acting.must_end(done).await {
        return;
    }
    let intents = intents::put_on_record(acting, plan, done).await;
    if intents.is_empty() {
        return;
    }
    reannounce(acting, &intents).await;
    for (intent, deletion) in &intents {
        if acting.must_end(done).await {
            let why = "not sent: the cycle ended before";
            record(acting, *intent, deletion, OutcomeKind::NotSent, why, done).await;
            continue;
        }
        one(acting, *intent, deletion, done).await;
    }
}

/// One request for all torrents of the cycle, so that their last upload is credited, and one wait.
async fn reannounce(acting: &mut Acting<'_>, intents: &[(IntentId, Deletion)]) {
    let items: Vec<ItemId> = intents
        .iter()
        .filter(|(_, d)| d.reannounce)
        .map(|(_, d)| d.item.clone())
        .collect();
    let Eyes::Torrents(eyes) = &mut *acting.eyes else {
        return;
    };
    if items.is_empty() {
        return;
    }
    if eyes.client.reannounce(&items).await.is_done() {
        tokio::time::sleep(CREDIT_TIME).await;
    }
}

async fn one(acting: &mut Acting<'_>, intent: IntentId, deletion: &Deletion, done: &mut Done) {
    let judged = match acting
        .eyes
        .read_again(acting.glasses.now, &deletion.item)
        .await
    {
        Ok(true) => look_again(acting.eyes, acting.glasses, acting.before, deletion).await,
        Ok(false) => {
            return record(
                acting,
                intent,
                deletion,
                OutcomeKind::GoneBefore,
                "gone before it was deleted",
                done,
            )
            .await;
        }
        Err(error) => Saved::Yes(format!("it could not be read again: {error}")),
    };
    let deletion = match judged {
        Saved::No(deletion) => deletion,
        Saved::Yes(why) => {
            return record(acting, intent, deletion, OutcomeKind::Saved, &why, done).await;
        }
        Saved::Lacking(_) => {
            let why = "it could not be looked at completely";
            return record(acting, intent, deletion, OutcomeKind::Saved, why, done).await;
        }
    };
    // The second look takes its time, up to minutes with a slow server: an edit meanwhile wins as well.
    if acting.must_end(done).await {
        let why = "not sent: the cycle ended during the second look";
        return record(acting, intent, &deletion, OutcomeKind::NotSent, why, done).await;
    }
    let outcome = match &mut *acting.eyes {
        Eyes::Torrents(eyes) => {
            eyes.client
                .delete(&deletion.item, deletion.delete_files)
                .await
        }
        Eyes::Magnets(eyes) => eyes.client.delete(&deletion.item).await,
    };
    let (kind, detail) = match outcome {
        ActionOutcome::Done => match seen_gone(acting, &deletion.item).await {
            Ok(true) => (OutcomeKind::Done, String::new()),
            // It may still happen: were it settled as refused, nobody would be told when the item goes.
            Ok(false) => {
                let why = "the server said yes, but it is still listed";
                return unknown(acting, &deletion, why, done);
            }
            Err(why) => {
                return unknown(
                    acting,
                    &deletion,
                    &format!("deleted, but not seen gone: {why}"),
                    done,
                );
            }
        },
        ActionOutcome::Gone => (
            OutcomeKind::GoneBefore,
            "gone before it was deleted".to_owned(),
        ),
        ActionOutcome::Refused(why) => (OutcomeKind::Refused, why),
        ActionOutcome::Busy(why) | ActionOutcome::NotSent(why) => (OutcomeKind::NotSent, why),
        ActionOutcome::Unknown(why) => return unknown(acting, &deletion, &why, done),
    };
    record(acting, intent, &deletion, kind, &detail, done).await;
}

async fn seen_gone(acting: &mut Acting<'_>, id: &ItemId) -> Result<bool, String> {
    for pause in LOOKS_FOR_IT {
        tokio::time::sleep(pause).await;
        match acting.eyes.is_listed(id).await {
            Ok(false) => return Ok(true),
            Ok(true) => {}
            Err(error) => return Err(error.message),
        }
    }
    Ok(false)
}

fn unknown(acting: &Acting<'_>, deletion: &Deletion, why: &str, done: &mut Done) {
    done.not_deleted += 1;
    story(acting, deletion).warn(&format!(
        "{}: outcome of deleting {} is unknown ({why}); the next complete listing settles it",
        acting.account(),
        deletion.name
    ));
}

async fn record(
    acting: &Acting<'_>,
    intent: IntentId,
    deletion: &Deletion,
    result: OutcomeKind,
    detail: &str,
    done: &mut Done,
) {
    let outcome = Outcome {
        intent,
        at: acting.clock.now(),
        result,
        detail: detail.to_owned(),
    };
    if let Err(error) = acting.kept.ledger.append(&[Record::Outcome(outcome)]).await {
        let text = format!(
            "the outcome is not on record and will be settled by the next listing: {error}"
        );
        story(acting, deletion).error(&format!("{}: {}: {text}", acting.account(), deletion.name));
    }
    tell(acting, deletion, result, detail, done);
}

fn tell(
    acting: &Acting<'_>,
    deletion: &Deletion,
    result: OutcomeKind,
    detail: &str,
    done: &mut Done,
) {
    let (account, name) = (acting.account(), &deletion.name);
    let story = story(acting, deletion);
    done.not_deleted += usize::from(!result.is_deletion());
    match result {
        OutcomeKind::Done | OutcomeKind::GoneAfterUnknown => {
            done.deleted += 1;
            let size = deletion.size_bytes.unwrap_or(0);
            done.freed_bytes += if deletion.delete_files { size } else { 0 };
            let files = match (&deletion.files_kept_because, deletion.delete_files) {
                (Some(why), _) => format!(", files stay: {why}"),
                (None, true) => ", with files".to_owned(),
                (None, false) => String::new(),
            };
            let (size, cause, reason) = (bytes_text(size), &deletion.cause, &deletion.reason);
            story.info(&format!(
                "{account}: deleted {name} ({size}{files}): {cause}: {reason}"
            ));
        }
        OutcomeKind::Saved => story.info(&format!(
            "{account}: {name} is kept after a second look: {detail}"
        )),
        OutcomeKind::GoneBefore => story.info(&format!("{account}: {name} was {detail}")),
        OutcomeKind::Refused | OutcomeKind::NotSent | OutcomeKind::StillThere => {
            story.warn(&format!("{account}: {name} was not deleted: {detail}"));
        }
    }
}

fn story<'s>(acting: &'s Acting<'_>, deletion: &'s Deletion) -> Story<'s> {
    let rule = match &deletion.cause {
        crate::core::plan::Cause::Rule(name) => Some(&**name),
        _ => None,
    };
    Story {
        account: Some(acting.account()),
        item: Some(deletion.item.as_str()),
        item_name: Some(&deletion.name),
        rule,
        action: Some("delete"),
        reason: Some(&deletion.reason),
        failures: deletion.failures.map(|(have, _)| have),
        ..Story::default()
    }
}
