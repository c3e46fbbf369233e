//! The free space of a server's disk. The server's figure shows our own deletions late, and a deletion does not free
//! space everywhere (a recycle bin, another disk). So what the figure cannot show yet is added from the ledger, and a
//! figure that did not grow by about what was deleted is not believed.

use super::ledger::{Book, IntentId, OutcomeKind};
use super::model::{AccountId, Dated, Deed, Doing, ItemId, Unknown};
use super::plan::bytes_text;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A deletion shows in a figure that was asked for this long after it: servers refresh the figure every 30 seconds,
/// and removing large files takes a while.
const SHOWS_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// A figure that did not grow is not believed for this long, unless it grows.
const NOT_BELIEVED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Where free space stood before deletions of ours, kept in the state file until the server's figure shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeSpaceMark {
    /// The cycle that planned the first of these deletions.
    pub since: Timestamp,
    /// The server's figure then.
    pub free_bytes: i64,
    /// Bytes that the server had downloaded in all by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub downloaded_bytes: Option<i64>,
    /// Since when the figure should have grown and has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_grown_since: Option<Timestamp>,
}

/// What the server said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reading {
    /// Its figure.
    pub free_bytes: Option<i64>,
    /// Bytes that it has downloaded in all.
    pub downloaded_bytes: Option<i64>,
    /// When it was asked before the request that gave the figure. Up to 4.x a request has the figure refreshed, and is
    /// answered with the one from before.
    pub asked_before: Option<Timestamp>,
}

/// Free space as rules may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeSpace {
    /// Bytes, or why they are not known.
    pub bytes: Result<i64, Unknown>,
    /// What stays in the state.
    pub mark: Option<FreeSpaceMark>,
    /// What the owner should know.
    pub warning: Option<String>,
}

/// What we deleted with files on one server, and may have to add to its figure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OurDeletions {
    deletions: Vec<Freed>,
    mark: Option<FreeSpaceMark>,
    /// Items of the cycle under way that are deleted, or may be.
    gone: BTreeSet<ItemId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Freed {
    /// The cycle that planned it.
    planned_at: Timestamp,
    /// When it was done; `None` while its outcome is unknown.
    done_at: Option<Timestamp>,
    bytes: i64,
}

impl OurDeletions {
    /// Those of an account that are on record. In a second look, `next` is the intent that is about to be sent: open ones
    /// of the same cycle behind it were not sent yet.
    pub fn of(
        book: &Book,
        account: &AccountId,
        mark: Option<&FreeSpaceMark>,
        now: Timestamp,
        next: Option<IntentId>,
    ) -> OurDeletions {
        let mut ours = OurDeletions {
            mark: mark.cloned(),
            ..OurDeletions::default()
        };
        for (intent, outcome) in book.deletions.values() {
            if intent.account != *account {
                continue;
            }
            let result = outcome.as_ref().map(|outcome| outcome.result);
            let may_be_done = match result {
                None => intent.at < now || next.is_none_or(|next| intent.id < next),
                Some(OutcomeKind::Done | OutcomeKind::GoneAfterUnknown) => true,
                Some(
                    OutcomeKind::Refused
                    | OutcomeKind::NotSent
                    | OutcomeKind::Saved
                    | OutcomeKind::GoneBefore
                    | OutcomeKind::StillThere,
                ) => false,
            };
            if !may_be_done {
                continue;
            }
            if intent.at >= now {
                ours.gone.insert(intent.item.clone());
            }
            let done_at = outcome.as_ref().map(|outcome| outcome.at);
            let seen = outcome.as_ref().and_then(|outcome| outcome.freed_bytes);
            let bytes = match seen.or(intent.frees_bytes) {
                Some(bytes) => bytes,
                // Older records do not say; what was had of it is the best guess.
                None if intent.delete_files => {
                    let had = intent.progress.unwrap_or(1.0).clamp(0.0, 1.0);
                    (intent.size_bytes.unwrap_or(0) as f64 * had) as i64
                }
                None => 0,
            };
            if bytes > 0 {
                ours.deletions.push(Freed {
                    planned_at: intent.at,
                    done_at,
                    bytes,
                });
            }
        }
        ours
    }

    /// Whether the item is deleted in the cycle under way, or may be: the listing is from before.
    pub fn took(&self, item: &ItemId) -> bool {
        self.gone.contains(item)
    }

    /// When the last of them was done: names of files have gone with it.
    pub fn last_done(&self) -> Option<Doing> {
        let at = self
            .deletions
            .iter()
            .filter_map(|freed| freed.done_at)
            .max()?;
        Some(Doing {
            at,
            what: Deed::Deletion,
        })
    }

    /// Whether one more request tells what the figure is: the first one after our deletions can be answered with the
    /// figure from before them, and the first one to a server that has just started with zero.
    pub fn need_another_request(&self, reading: &Reading, now: Timestamp) -> bool {
        let is_frequent = reading
            .asked_before
            .is_some_and(|at| now.duration_since(at) < SHOWS_AFTER);
        let is_starting = reading.asked_before.is_none() && reading.free_bytes.unwrap_or(0) <= 0;
        let has_had_time = |freed: &Freed| {
            let done_at = freed.done_at.unwrap_or(now);
            now.duration_since(done_at) >= SHOWS_AFTER && !is_shown(freed, reading)
        };
        !is_frequent && (is_starting || self.recent(now).any(has_had_time))
    }

    /// The free space that follows from what the server said.
    pub fn free_space(&self, reading: &Reading, now: Timestamp) -> FreeSpace {
        let mark = self.mark.clone().filter(|mark| {
            let began = mark.not_grown_since.unwrap_or(mark.since);
            let age = now.duration_since(began);
            let is_over = mark.not_grown_since.is_some() && age >= NOT_BELIEVED_FOR;
            !age.is_negative() && !is_over
        });
        let unknown = |why: Unknown, mark| FreeSpace {
            bytes: Err(why),
            mark,
            warning: None,
        };
        let free = match reading.free_bytes {
            Some(free) if free > 0 => free,
            Some(free) => {
                let why = format!("the server reports {free} bytes");
                return unknown(Unknown::no_answer(why), mark);
            }
            None => {
                let why = Unknown::not_sent("the server does not report it");
                return unknown(why, mark);
            }
        };
        let not_shown = sum(self.recent(now).filter(|freed| !is_shown(freed, reading)));
        let known = |mark| FreeSpace {
            bytes: Ok(free.saturating_add(not_shown)),
            mark,
            warning: None,
        };
        let Some(mark) = mark else {
            return known(None);
        };
        let since = |freed: &&Freed| freed.planned_at >= mark.since;
        let (shown, waiting): (Vec<&Freed>, Vec<&Freed>) = self
            .deletions
            .iter()
            .filter(since)
            .partition(|freed| is_shown(freed, reading));
        let growth = Growth {
            grown: free - mark.free_bytes,
            downloaded: reading
                .downloaded_bytes
                .zip(mark.downloaded_bytes)
                .map_or(0, |(after, before)| (after - before).max(0)),
            shown: sum(shown.iter().copied()),
            waiting: sum(waiting.iter().copied()),
        };
        if !growth.is_enough() {
            let why = format!(
                "the server's free space did not grow by what was deleted: {} went since {}, and it grew by {} (a recycle \
                 bin, or another disk)",
                bytes_text(growth.shown),
                Timestamp::from_second(mark.since.as_second()).unwrap_or(mark.since),
                bytes_text(growth.grown.max(0))
            );
            let not_grown_since = mark.not_grown_since.or(Some(now));
            return FreeSpace {
                warning: Some(format!(
                    "{why}; rules that look at free space stop until it grows, or for a day"
                )),
                ..unknown(
                    Unknown::not_shown(why),
                    Some(FreeSpaceMark {
                        not_grown_since,
                        ..mark
                    }),
                )
            };
        }
        let is_settled = waiting.is_empty();
        known((!is_settled).then_some(FreeSpaceMark {
            not_grown_since: None,
            ..mark
        }))
    }

    fn recent(&self, now: Timestamp) -> impl Iterator<Item = &Freed> {
        self.deletions.iter().filter(move |freed| {
            let done_at = freed.done_at.unwrap_or(now);
            now.duration_since(done_at) < NOT_BELIEVED_FOR
        })
    }
}

/// Whether the figure certainly shows a deletion.
fn is_shown(freed: &Freed, reading: &Reading) -> bool {
    let (Some(at), Some(asked)) = (freed.done_at, reading.asked_before) else {
        return false;
    };
    let figure = Dated {
        at: asked,
        value: (),
    };
    let deletion = Doing {
        at,
        what: Deed::Deletion,
    };
    figure.since(Some(deletion), SHOWS_AFTER).is_ok()
}

fn sum<'f>(freed: impl Iterator<Item = &'f Freed>) -> i64 {
    freed.fold(0, |sum, freed| sum.saturating_add(freed.bytes))
}

/// How the figure moved since the mark, in bytes.
#[derive(Debug, Clone, Copy)]
struct Growth {
    grown: i64,
    /// What the server downloaded meanwhile, mostly to the same disk.
    downloaded: i64,
    /// Of deletions that must show.
    shown: i64,
    /// Of deletions that may show.
    waiting: i64,
}

impl Growth {
    /// Whether it grew by about what was deleted. What was downloaded explains a smaller growth only where the sum comes
    /// out: downloads to another disk do not make up for a deletion that freed nothing.
    fn is_enough(&self) -> bool {
        let half = self.shown / 2;
        let with_downloads = self.grown.saturating_add(self.downloaded);
        let most = self.shown.saturating_add(self.waiting).saturating_add(half);
        self.shown == 0 || self.grown >= half || (half..=most).contains(&with_downloads)
    }
}

#[cfg(test)]
mod tests;
