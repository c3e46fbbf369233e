//! Deletions as the ledger tells of them: what `seedwarden history` shows, and `explain` of items that are gone.

use super::find::Named;
use super::ledger::{Book, DeletionIntent, IntentId, KeptAs, Outcome, OutcomeKind};
use super::model::{AccountId, ItemId};
use super::plan::{bytes_text, counted, on_one_line};
use jiff::Timestamp;
use serde::Serialize;

/// One deletion, or an attempt at one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its number in the ledger.
    pub id: IntentId,
    /// When it was known to be done, or when it was intended while that is not known.
    pub at: Timestamp,
    /// Account.
    pub account: AccountId,
    /// Item.
    pub item: ItemId,
    /// Its name.
    pub name: String,
    /// Info-hash of a magnet, where AllDebrid told it.
    pub hash: Option<String>,
    /// Bytes, where known.
    pub size_bytes: Option<i64>,
    /// qBittorrent's ratio.
    pub ratio: Option<f64>,
    /// Share had, 0 to 1.
    pub progress: Option<f64>,
    /// Cause: `errored`, `unregistered`, `failed`, `hardlinks`, or `rule NAME`.
    pub cause: String,
    /// Why, with the values seen.
    pub reason: String,
    /// Failures counted, for ailments.
    pub failures: Option<u32>,
    /// Their limit.
    pub max_failures: Option<u32>,
    /// Whether the files went too; `None` for magnets.
    pub files_deleted: Option<bool>,
    /// Why files stayed although the cause would have deleted them.
    pub files_kept_because: Option<String>,
    /// What came of it: `deleted`, `gone_after_unknown`, `unknown`, `refused`, `not_sent`, `saved`, `gone_before`,
    /// `still_there`.
    pub outcome: &'static str,
    /// The server's words, or how it came to be known.
    pub detail: String,
    /// Whether every webhook has got the notice; `None` if none was owed.
    pub announced: Option<bool>,
    /// Whether `restore` can start from what was kept.
    pub restorable: Restorable,
}

/// Whether a deletion can be taken back.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Restorable {
    /// What is needed is there.
    Yes,
    /// It was taken back at this time.
    Restored(Timestamp),
    /// Not, and why.
    No(&'static str),
}

impl Entry {
    /// Whether the item is gone by our doing, or may be.
    pub fn is_deletion(&self) -> bool {
        matches!(self.outcome, "deleted" | "gone_after_unknown" | "unknown")
    }
}

/// Every deletion and attempt, newest first. `in_trash` answers whether the trash has a file of that name.
pub fn entries(book: &Book, in_trash: &dyn Fn(&str) -> bool) -> Vec<Entry> {
    let mut entries: Vec<Entry> = book
        .deletions
        .values()
        .map(|(intent, outcome)| entry(book, intent, outcome.as_ref(), in_trash))
        .collect();
    entries.sort_by_key(|entry| std::cmp::Reverse((entry.at, entry.id)));
    entries
}

fn entry(
    book: &Book,
    intent: &DeletionIntent,
    outcome: Option<&Outcome>,
    in_trash: &dyn Fn(&str) -> bool,
) -> Entry {
    let is_owed = !intent.webhooks.is_empty() && outcome.is_some_and(|o| o.result.is_deletion());
    Entry {
        id: intent.id,
        at: outcome.map_or(intent.at, |outcome| outcome.at),
        account: intent.account.clone(),
        item: intent.item.clone(),
        name: intent.name.clone(),
        hash: intent.kept.hash().map(str::to_owned),
        size_bytes: intent.size_bytes,
        ratio: intent.ratio,
        progress: intent.progress,
        cause: intent.cause.clone(),
        reason: intent.reason.clone(),
        failures: intent.failures.map(|(have, _)| have),
        max_failures: intent.failures.map(|(_, most)| most),
        files_deleted: (!intent.item.is_magnet()).then_some(intent.delete_files),
        files_kept_because: intent.files_kept_because.clone(),
        outcome: outcome_word(outcome),
        detail: outcome.map_or_else(String::new, |outcome| outcome.detail.clone()),
        announced: is_owed.then(|| book.is_announced(intent.id, &intent.webhooks)),
        restorable: restorable(book, intent, outcome, in_trash),
    }
}

fn outcome_word(outcome: Option<&Outcome>) -> &'static str {
    match outcome.map(|outcome| outcome.result) {
        None => "unknown",
        Some(OutcomeKind::Done) => "deleted",
        Some(OutcomeKind::GoneAfterUnknown) => "gone_after_unknown",
        Some(OutcomeKind::Refused) => "refused",
        Some(OutcomeKind::NotSent) => "not_sent",
        Some(OutcomeKind::Saved) => "saved",
        Some(OutcomeKind::GoneBefore) => "gone_before",
        Some(OutcomeKind::StillThere) => "still_there",
    }
}

fn restorable(
    book: &Book,
    intent: &DeletionIntent,
    outcome: Option<&Outcome>,
    in_trash: &dyn Fn(&str) -> bool,
) -> Restorable {
    if let Some(done) = book.restore_of(intent.id) {
        return Restorable::Restored(done.at);
    }
    if outcome.is_some_and(|outcome| !outcome.result.is_deletion()) {
        return Restorable::No("it was not deleted");
    }
    match &intent.kept {
        KeptAs::Torrent(stem) if in_trash(&format!("{stem}.torrent")) => Restorable::Yes,
        KeptAs::MagnetLink(stem) if in_trash(&format!("{stem}.json")) => Restorable::Yes,
        KeptAs::Torrent(_) | KeptAs::MagnetLink(_) => {
            Restorable::No("what was kept of it is no longer in the trash")
        }
        KeptAs::Hash(_) => Restorable::Yes,
        KeptAs::Nothing => Restorable::No("nothing could be kept of it"),
    }
}

impl Entry {
    /// What it can be found by.
    pub fn named(&self) -> Named<'_> {
        Named {
            id: &self.item,
            name: &self.name,
            hash: self.hash.as_deref(),
        }
    }

    /// What happened, in a few words: `deleted with its files`.
    pub fn what(&self) -> String {
        let head = match self.outcome {
            "deleted" => "deleted",
            "gone_after_unknown" => "gone after an interrupted deletion",
            "unknown" => "deletion sent, outcome not known yet",
            "refused" => "deletion refused",
            "not_sent" => "deletion not sent",
            "saved" => "saved by the second look",
            "gone_before" => "was gone before it could be deleted",
            _ => "still there after an interrupted deletion",
        };
        match (&self.files_kept_because, self.files_deleted) {
            _ if !self.is_deletion() => head.to_owned(),
            (Some(why), _) => format!("{head}, files kept: {}", on_one_line(why)),
            (None, Some(true)) => format!("{head} with its files"),
            (None, Some(false)) => format!("{head}, files kept"),
            (None, None) => head.to_owned(),
        }
    }

    /// Why, on one line.
    pub fn why(&self) -> String {
        let mut text = format!("{}: {}", self.cause, on_one_line(&self.reason));
        if let Some((have, most)) = self.failures.zip(self.max_failures) {
            text += &format!(" ({have} of {})", counted(most, "failure", "failures"));
        }
        text
    }

    /// Size, ratio, progress, as far as known.
    pub fn values(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.size_bytes.map(bytes_text));
        parts.extend(self.ratio.map(|ratio| format!("ratio {ratio:.2}")));
        let unfinished = self.progress.filter(|progress| *progress < 1.0);
        parts.extend(unfinished.map(|progress| format!("{:.1} % had", progress * 100.0)));
        parts.join(", ")
    }

    /// Whether it was announced, and whether it can come back.
    pub fn standing(&self) -> String {
        let announced = match self.announced {
            None => "no webhook",
            Some(true) => "announced",
            Some(false) => "not announced yet",
        };
        let restorable = match &self.restorable {
            Restorable::Yes => "can be restored".to_owned(),
            Restorable::Restored(at) => format!("restored at {at:.0}"),
            Restorable::No(why) => format!("cannot be restored: {why}"),
        };
        format!("{announced}; {restorable}")
    }
}
