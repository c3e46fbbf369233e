//! Settling: what became of deletions whose outcome is unknown, by a fresh and complete listing.

use super::kept::Kept;
use super::ledger::LedgerError;
use super::logging::Story;
use crate::core::decide::Seen;
use crate::core::ledger::{Book, DeletionIntent, Outcome, OutcomeKind, Record};
use crate::core::model::{AccountId, ItemId};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Settles the open deletions of an account. Gone means that the deletion happened and is announced as such; still
/// there means that it did not, and the item is judged afresh. Those of `doubtful` items stay open.
///
/// # Errors
/// What the disk says; they stay open then.
pub async fn settle(
    kept: &Kept,
    account: &AccountId,
    seen: Seen<'_>,
    doubtful: &BTreeSet<ItemId>,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let book = kept.ledger.book();
    let mut records = outcomes(&book, account, seen, now);
    records.retain(|(intent, _)| !doubtful.contains(&intent.item));
    if records.is_empty() {
        return Ok(());
    }
    kept.ledger
        .append(
            &records
                .iter()
                .map(|(_, outcome)| Record::Outcome(outcome.clone()))
                .collect::<Vec<_>>(),
        )
        .await?;
    for (intent, outcome) in records {
        tell(intent, &outcome);
    }
    Ok(())
}

fn outcomes<'b>(
    book: &'b Book,
    account: &'b AccountId,
    seen: Seen<'_>,
    now: Timestamp,
) -> Vec<(&'b DeletionIntent, Outcome)> {
    let settle = |intent: &'b DeletionIntent| {
        let listed = seen.get(&intent.item);
        let is_another = listed
            .is_some_and(|item| intent.added_on.is_some() && item.added_on() != intent.added_on);
        let (result, detail) = match listed {
            Some(_) if !is_another => (OutcomeKind::StillThere, "it is still listed"),
            Some(_) => (
                OutcomeKind::GoneAfterUnknown,
                "gone after an interrupted deletion, and added anew since",
            ),
            None => (
                OutcomeKind::GoneAfterUnknown,
                "gone after an interrupted deletion",
            ),
        };
        (
            intent,
            Outcome {
                intent: intent.id,
                at: now,
                result,
                detail: detail.to_owned(),
            },
        )
    };
    book.open(account).map(settle).collect()
}

fn tell(intent: &DeletionIntent, outcome: &Outcome) {
    let story = Story {
        account: Some(intent.account.as_str()),
        item: Some(intent.item.as_str()),
        item_name: Some(&intent.name),
        action: Some("delete"),
        reason: Some(&intent.reason),
        ..Story::default()
    };
    match outcome.result {
        OutcomeKind::StillThere => story.warn(&format!(
            "{}: an interrupted deletion of {} did not happen; it is judged afresh",
            intent.account, intent.name
        )),
        _ => story.info(&format!(
            "{}: {} is gone after an interrupted deletion ({})",
            intent.account, intent.name, intent.reason
        )),
    }
}
