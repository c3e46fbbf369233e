//! What goes before the first request of a cycle's deletions: what undoes them is kept, then all are put on record.

use super::{OnRecord, story};
use crate::core::ledger::{DeletionIntent, IntentId, KeptAs, Record};
use crate::core::model::AccountId;
use crate::core::plan::{Deletion, Plan, counted};
use crate::shell::act::patience::Patience;
use crate::shell::act::{Acting, Done, keepsake};
use crate::shell::ledger::LedgerError;
use crate::shell::logging::Story;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// The window of the limit over all accounts.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Keeps what is needed to undo each, then writes all intents. What cannot be kept is postponed.
pub(super) async fn put_on_record(
    acting: &mut Acting<'_>,
    plan: &Plan,
    done: &mut Done,
) -> Vec<OnRecord> {
    let Some(mut ready) = keep_all(acting, plan, done).await else {
        return Vec::new();
    };
    let records = match write(acting, ready.clone()).await {
        Ok(records) => records,
        Err(error) => {
            done.cut_short = true;
            let account = acting.account();
            of_account(acting).error(&format!(
                "{account}: nothing is deleted, because it could not be put on record: {error}"
            ));
            // The intents may be on record all the same, so what was kept for them stays.
            return Vec::new();
        }
    };
    let waiting = ready.split_off(records.len().min(ready.len()));
    if !waiting.is_empty() {
        let held_back = waiting.len();
        done.not_deleted += held_back;
        forget(acting, waiting).await;
        let (account, per_day) = (acting.account(), acting.glasses.limits.deletions_per_day);
        of_account(acting).warn(&format!(
            "{account}: {held_back} of the deletions must wait for a later cycle: the limit of {per_day} a day is reached"
        ));
    }
    let id_of = |record: Record| match record {
        Record::Intent(intent) => Some(intent.id),
        _ => None,
    };
    records
        .into_iter()
        .filter_map(id_of)
        .zip(ready)
        .map(|(id, (deletion, kept))| OnRecord { id, deletion, kept })
        .collect()
}

/// Those for which what undoes them is kept, and as what. `None` where it was asked to stop meanwhile.
async fn keep_all(
    acting: &mut Acting<'_>,
    plan: &Plan,
    done: &mut Done,
) -> Option<Vec<(Deletion, KeptAs)>> {
    let mut ready = Vec::new();
    let mut patience = Patience::new();
    for (at, deletion) in plan.deletions.iter().enumerate() {
        if acting.is_stopping() {
            done.cut_short = true;
            forget(acting, ready).await;
            return None;
        }
        if patience.is_over(acting).await {
            let left = plan.deletions.len() - at;
            done.not_deleted += left;
            let (account, deletions) = (acting.account(), counted(left, "deletion", "deletions"));
            of_account(acting).warn(&format!(
                "{account}: {deletions} postponed: the service did not answer the ones before"
            ));
            break;
        }
        patience.begin();
        let kept = keepsake::keep(acting, deletion).await;
        patience.end(kept.is_ok());
        match kept {
            Ok(kept) => ready.push((deletion.clone(), kept)),
            Err(why) => {
                done.not_deleted += 1;
                let key = format!("postpone {}: {why}", deletion.item);
                let is_new = acting.told.is_new(&key, acting.clock.now());
                let text = format!(
                    "{}: deletion of {} postponed, nothing to restore it from: {why}",
                    acting.account(),
                    deletion.name
                );
                story(acting, deletion).warn_if(is_new, &text);
            }
        }
    }
    Some(ready)
}

/// What was kept for deletions that will not be sent in this cycle goes.
async fn forget(acting: &Acting<'_>, called_off: Vec<(Deletion, KeptAs)>) {
    for (_, kept) in called_off {
        acting.kept.trash.forget(&kept).await;
    }
}

/// Writes the intents of as many as the day's limit allows: another account may have used it up since the decision.
async fn write(
    acting: &Acting<'_>,
    ready: Vec<(Deletion, KeptAs)>,
) -> Result<Vec<Record>, LedgerError> {
    // Dated by the cycle, so that the limits' window of one cycle does not reach into the next.
    let (at, account) = (acting.glasses.now, acting.glasses.policy.name.clone());
    let webhooks = acting.webhooks.to_vec();
    let per_day = acting.glasses.limits.deletions_per_day;
    let ledger = &acting.kept.ledger;
    let written = ledger.append_new(move |book| {
        let first = book.next_id().0;
        let intent = |(number, (deletion, kept)): (usize, (Deletion, _))| {
            let id = IntentId(first + number as u64);
            let (account, webhooks) = (account.clone(), webhooks.clone());
            Record::Intent(Arc::new(intent_of(
                id, at, account, deletion, kept, webhooks,
            )))
        };
        let used = book.recent(&account, at, at - DAY).in_day;
        let allowed = ready
            .into_iter()
            .take(per_day.saturating_sub(used) as usize);
        allowed.enumerate().map(intent).collect()
    });
    written.await
}

fn intent_of(
    id: IntentId,
    at: Timestamp,
    account: AccountId,
    deletion: Deletion,
    kept: KeptAs,
    webhooks: Vec<String>,
) -> DeletionIntent {
    let Deletion {
        item,
        name,
        cause,
        reason,
        failures,
        began,
        delete_files,
        files_kept_because,
        frees_bytes,
        size_bytes,
        added_on,
        ratio,
        progress,
        reannounce: _,
    } = deletion;
    DeletionIntent {
        id,
        at,
        account,
        item,
        name,
        size_bytes,
        added_on,
        ratio,
        progress,
        cause: cause.to_string(),
        reason,
        failures,
        began,
        delete_files,
        files_kept_because,
        frees_bytes: Some(frees_bytes),
        kept,
        webhooks,
    }
}

fn of_account<'s>(acting: &'s Acting<'_>) -> Story<'s> {
    Story {
        account: Some(acting.account()),
        ..Story::default()
    }
}
