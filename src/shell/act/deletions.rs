//! Deleting: kept, on record, reannounced, looked at again, deleted, seen gone, recorded.

mod intents;

use super::patience::{Patience, is_answer};
use super::{Acting, Done};
use crate::clients::{ActionOutcome, ReadError};
use crate::core::decide::Saved;
use crate::core::ledger::{IntentId, KeptAs, Outcome, OutcomeKind, Record};
use crate::core::model::ItemId;
use crate::core::plan::{Deletion, Plan, bytes_text, counted};
use crate::shell::eyes::{Eyes, Presence};
use crate::shell::logging::Story;
use crate::shell::look::{Glasses, look_again};
use crate::shell::settle::{GONE_LATE, late_since};
use std::time::Duration;

/// Trackers get this long to take a torrent's last upload over.
const CREDIT_TIME: Duration = Duration::from_secs(2);

/// How often and how long apart a deleted item is looked for until it is seen gone.
const LOOKS_FOR_IT: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_millis(500),
    Duration::from_secs(2),
];

/// A deletion that is on record, and what was kept to undo it.
struct OnRecord {
    id: IntentId,
    deletion: Deletion,
    kept: KeptAs,
}

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
    let mut patience = Patience::new();
    for (at, intent) in intents.iter().enumerate() {
        let why = if acting.must_end(done).await {
            "the cycle ended before"
        } else if patience.is_over(acting).await {
            "the service did not answer the ones before"
        } else {
            patience.begin();
            let answered = one(acting, intent, done).await;
            patience.end(answered);
            continue;
        };
        return leave(acting, &intents[at..], why, done).await;
    }
}

/// Puts on record that these were not sent.
async fn leave(acting: &Acting<'_>, intents: &[OnRecord], why: &str, done: &mut Done) {
    let at = acting.clock.now();
    let not_sent = |intent: &OnRecord| {
        Record::Outcome(Outcome {
            intent: intent.id,
            at,
            result: OutcomeKind::NotSent,
            detail: format!("not sent: {why}"),
            freed_bytes: None,
        })
    };
    let records: Vec<Record> = intents.iter().map(not_sent).collect();
    let (account, count) = (acting.account(), intents.len());
    done.not_deleted += count;
    let deletions = counted(count, "deletion was", "deletions were");
    let story = Story {
        account: Some(account),
        ..Story::default()
    };
    story.warn(&format!("{account}: {deletions} not sent: {why}"));
    if let Err(error) = acting.kept.ledger.append(&records).await {
        let text = "that is not on record and will be settled by the next listing";
        return story.error(&format!("{account}: {text}: {error}"));
    }
    for intent in intents {
        acting.kept.trash.forget(&intent.kept).await;
    }
}

/// One request for all torrents of the cycle, so that their last upload is credited, and one wait.
async fn reannounce(acting: &mut Acting<'_>, intents: &[OnRecord]) {
    let items: Vec<ItemId> = intents
        .iter()
        .map(|intent| &intent.deletion)
        .filter(|deletion| deletion.reannounce)
        .map(|deletion| deletion.item.clone())
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

/// One deletion. False: the service did not answer.
async fn one(acting: &mut Acting<'_>, intent: &OnRecord, done: &mut Done) -> bool {
    let now = acting.glasses.now;
    let judged = match acting.eyes.read_again(now, &intent.deletion.item).await {
        Ok(true) => {
            // What the cycle has deleted so far is on record, and counts.
            let book = acting.kept.ledger.book();
            let glasses = Glasses {
                book: &book,
                ..acting.glasses
            };
            look_again(acting.eyes, glasses, acting.before, &intent.deletion).await
        }
        Ok(false) => return gone(acting, intent, done).await,
        Err(error) => {
            let why = format!("not sent: it could not be read again: {error}");
            record(acting, intent, OutcomeKind::NotSent, &why, done).await;
            return false;
        }
    };
    let judged = match judged {
        Saved::No(deletion) if deletion.delete_files => beside_latest(acting, deletion).await,
        judged => Ok(judged),
    };
    let judged = match judged {
        Ok(judged) => judged,
        Err(error) => {
            let why =
                format!("not sent: the list could not be read again for shared files: {error}");
            record(acting, intent, OutcomeKind::NotSent, &why, done).await;
            return false;
        }
    };
    let deletion = match judged {
        Saved::No(deletion) => deletion,
        Saved::Yes(why) => {
            record(acting, intent, OutcomeKind::Saved, &why, done).await;
            return true;
        }
        Saved::Lacking(_) => {
            let why = "it could not be looked at completely";
            record(acting, intent, OutcomeKind::Saved, why, done).await;
            return true;
        }
    };
    let intent = &OnRecord {
        id: intent.id,
        deletion: *deletion,
        kept: intent.kept.clone(),
    };
    let deletion = &intent.deletion;
    // The second look takes its time, up to minutes with a slow server: an edit meanwhile wins as well.
    if acting.must_end(done).await {
        let why = "not sent: the cycle ended during the second look";
        record(acting, intent, OutcomeKind::NotSent, why, done).await;
        return true;
    }
    let outcome = match &mut *acting.eyes {
        Eyes::Torrents(eyes) => {
            eyes.client
                .delete(&deletion.item, deletion.delete_files)
                .await
        }
        Eyes::Magnets(eyes) => eyes.client.delete(&deletion.item).await,
    };
    let answered = is_answer(&outcome);
    let (kind, detail) = match outcome {
        ActionOutcome::Done => match seen_gone(acting, &deletion.item).await {
            Ok(true) => (OutcomeKind::Done, String::new()),
            // It may still happen: were it settled as refused, nobody would be told when the item goes.
            Ok(false) => {
                let why = "the server said yes, but it is still listed";
                unknown(acting, deletion, why, done);
                return true;
            }
            Err(why) => {
                let why = format!("deleted, but not seen gone: {why}");
                unknown(acting, deletion, &why, done);
                return false;
            }
        },
        ActionOutcome::Gone => return gone(acting, intent, done).await,
        ActionOutcome::Refused(why) => (OutcomeKind::Refused, why),
        ActionOutcome::Busy(why) | ActionOutcome::NotSent(why) => (OutcomeKind::NotSent, why),
        ActionOutcome::Unknown(why) => {
            unknown(acting, deletion, &why, done);
            return false;
        }
    };
    record(acting, intent, kind, &detail, done).await;
    answered
}

/// Judges the sharing of files on a list that is brought up to date for it, right before they would go: torrents may
/// have been added over them since the cycle began.
async fn beside_latest(
    acting: &mut Acting<'_>,
    deletion: Box<Deletion>,
) -> Result<Saved, ReadError> {
    Ok(match acting.eyes.read_neighbours(&deletion.item).await? {
        false => Saved::No(deletion),
        true => look_again(acting.eyes, acting.glasses, acting.before, &deletion).await,
    })
}

/// It is gone without this attempt: by an earlier one of ours whose answer was lost, or by others.
async fn gone(acting: &mut Acting<'_>, intent: &OnRecord, done: &mut Done) -> bool {
    let Glasses {
        book, policy, now, ..
    } = acting.glasses;
    let item = &intent.deletion.item;
    let may_be_ours = book
        .late(&policy.name, late_since(policy.cycle, now))
        .any(|late| late.item == *item);
    let (kind, detail) = match may_be_ours {
        false => (OutcomeKind::GoneBefore, "gone before it was deleted"),
        true => match seen_gone(acting, item).await {
            Ok(true) => (OutcomeKind::GoneAfterUnknown, GONE_LATE),
            Ok(false) => (OutcomeKind::NotSent, "not sent: it is not listed reliably"),
            Err(why) => {
                unknown(acting, &intent.deletion, &why, done);
                return false;
            }
        },
    };
    record(acting, intent, kind, detail, done).await;
    true
}

/// Whether an item is gone, as far as that can be told by now. One answer that shows nothing where nothing else is to be
/// shown proves nothing; the same again after a while does.
async fn seen_gone(acting: &mut Acting<'_>, id: &ItemId) -> Result<bool, String> {
    let mut not_shown = 0;
    for pause in LOOKS_FOR_IT {
        tokio::time::sleep(pause).await;
        match acting.eyes.presence(id).await {
            Ok(Presence::Gone) => {
                acting.eyes.note_gone(id);
                return Ok(true);
            }
            Ok(Presence::Listed | Presence::Unsure) => not_shown = 0,
            Ok(Presence::NotShown) => not_shown += 1,
            Err(error) => return Err(error.message),
        }
    }
    let is_gone = not_shown >= 2;
    if is_gone {
        acting.eyes.note_gone(id);
    }
    Ok(is_gone)
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
    intent: &OnRecord,
    result: OutcomeKind,
    detail: &str,
    done: &mut Done,
) {
    let OnRecord { id, deletion, kept } = intent;
    let outcome = Outcome {
        intent: *id,
        at: acting.clock.now(),
        result,
        detail: detail.to_owned(),
        freed_bytes: result.is_deletion().then_some(deletion.frees_bytes),
    };
    match acting.kept.ledger.append(&[Record::Outcome(outcome)]).await {
        Ok(()) if result.is_deletion() => {}
        Ok(()) => acting.kept.trash.forget(kept).await,
        Err(error) => {
            let text = format!(
                "the outcome is not on record and will be settled by the next listing: {error}"
            );
            story(acting, deletion).error(&format!(
                "{}: {}: {text}",
                acting.account(),
                deletion.name
            ));
        }
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
            let what = match result {
                OutcomeKind::GoneAfterUnknown => GONE_LATE,
                _ => "deleted",
            };
            story.info(&format!(
                "{account}: {what} {name} ({size}{files}): {cause}: {reason}"
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
