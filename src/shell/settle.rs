//! Settling: what became of deletions whose outcome is unknown, by a fresh and complete listing.

use super::kept::Kept;
use super::ledger::LedgerError;
use super::logging::Story;
use crate::config::policy::AccountPolicy;
use crate::core::decide::Seen;
use crate::core::ledger::{Book, DeletionIntent, Outcome, OutcomeKind, Record};
use crate::core::model::{ItemId, is_added_anew};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::time::Duration;

/// How an interrupted deletion that happened is told of.
pub const GONE_LATE: &str = "gone after an interrupted deletion";

/// A request whose answer was lost is carried out within this time, or never.
const LATEST: Duration = Duration::from_secs(60 * 60);

/// Interrupted deletions that were found undone since then may still happen. Within three cycles there is another listing,
/// or two where the first is empty, and the next attempt.
pub fn late_since(cycle: Duration, now: Timestamp) -> Timestamp {
    let time = SignedDuration::try_from(LATEST.max(cycle.saturating_mul(3)));
    now.checked_sub(time.unwrap_or(SignedDuration::MAX))
        .unwrap_or(Timestamp::MIN)
}

/// Settles the interrupted deletions of an account. Gone means that the deletion happened and is announced as such; still
/// there means that it did not, and the item is judged afresh: if it goes all the same before a new attempt, that is the
/// interrupted deletion. Those of `doubtful` items stay as they are.
///
/// # Errors
/// What the disk says; they stay open then.
pub async fn settle(
    kept: &Kept,
    account: &AccountPolicy,
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
    let is_deletion = |(_, outcome): &(_, Outcome)| outcome.result.is_deletion();
    let (gone, undone): (Vec<_>, Vec<_>) = records.into_iter().partition(is_deletion);
    for (intent, _) in gone {
        tell_gone(intent);
    }
    tell_undone(account, &undone);
    Ok(())
}

fn outcomes<'b>(
    book: &'b Book,
    account: &'b AccountPolicy,
    seen: Seen<'_>,
    now: Timestamp,
) -> Vec<(&'b DeletionIntent, Outcome)> {
    let settled = |intent: &'b DeletionIntent, (result, detail): (OutcomeKind, String)| {
        let outcome = Outcome {
            intent: intent.id,
            at: now,
            result,
            detail,
            freed_bytes: None,
        };
        (intent, outcome)
    };
    let open = book
        .open(&account.name)
        .map(|intent| (intent, became_of(intent, seen)));
    let late = book
        .late(&account.name, late_since(account.cycle, now))
        .map(|intent| (intent, became_of(intent, seen)))
        .filter(|(_, (result, _))| result.is_deletion());
    open.chain(late)
        .map(|(intent, found)| settled(intent, found))
        .collect()
}

/// What a listing says of an interrupted deletion.
fn became_of(intent: &DeletionIntent, seen: Seen<'_>) -> (OutcomeKind, String) {
    let Some(listed) = seen.get(&intent.item) else {
        return (OutcomeKind::GoneAfterUnknown, GONE_LATE.to_owned());
    };
    if is_added_anew(intent.added_on, listed.added_on()) {
        let detail = format!("{GONE_LATE}, and added anew since");
        return (OutcomeKind::GoneAfterUnknown, detail);
    }
    (OutcomeKind::StillThere, "it is still listed".to_owned())
}

/// A process that was killed leaves as many as the limits allow: one line for all of them.
fn tell_undone(account: &AccountPolicy, undone: &[(&DeletionIntent, Outcome)]) {
    let Some(((first, _), others)) = undone.split_first() else {
        return;
    };
    let (account, name) = (account.name.as_str(), &first.name);
    let others = match others.len() {
        0 => String::new(),
        others => format!(" and of {others} more"),
    };
    let story = Story {
        account: Some(account),
        action: Some("delete"),
        ..Story::default()
    };
    story.warn(&format!(
        "{account}: the interrupted deletion of {name}{others} did not happen; all is judged afresh"
    ));
}

fn tell_gone(intent: &DeletionIntent) {
    let (account, name, reason) = (&intent.account, &intent.name, &intent.reason);
    let story = Story {
        account: Some(account.as_str()),
        item: Some(intent.item.as_str()),
        item_name: Some(name),
        action: Some("delete"),
        reason: Some(&intent.reason),
        ..Story::default()
    };
    story.info(&format!("{account}: {name} is {GONE_LATE} ({reason})"));
}
