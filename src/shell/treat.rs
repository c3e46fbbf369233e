//! Looking after treatments between cycles: a safe recheck goes on until its check has ended.

use super::account::{Account, Shared};
use super::eyes::Eyes;
use super::logging::Story;
use crate::clients::qbittorrent::FieldSet;
use crate::core::ledger::{Record, TreatmentBegun, TreatmentEnd, TreatmentResult};
use crate::core::model::{ItemId, Torrent};
use crate::core::treatment::{JUDGE_AFTER, Next, next, what_is_there};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How often treatments under way are looked at.
pub const LOOK_EVERY: Duration = Duration::from_secs(3);

/// A torrent that was found incomplete waits for its data or its owner; it is looked at this often.
pub const LOOK_AT_REST_EVERY: Duration = Duration::from_secs(60);

/// `run --once` looks after the treatments it began for this long at most; the next run goes on with them.
const MOST_ONCE: Duration = Duration::from_secs(60);

/// The nurse of one account: of each treatment when it began, and how many looks in a row it was quiet since.
#[derive(Default)]
pub struct Nurse {
    quiet: BTreeMap<ItemId, (Timestamp, u32)>,
    /// Torrents that could not be started; this is told once of each.
    not_started: BTreeSet<ItemId>,
}

impl Nurse {
    /// Looks at every open treatment of the account once. Answers when to look again; `None` without treatments, and while
    /// the account cannot be read, so that a service in trouble is left to its cycles.
    pub async fn round(&mut self, account: &mut Account, shared: &Shared) -> Option<Duration> {
        if account.is_unreadable() {
            return None;
        }
        let name = account.policy().name.clone();
        let book = shared.kept.ledger.book();
        let open: Vec<(TreatmentBegun, bool)> = book
            .treatments
            .iter()
            .filter(|((a, _), _)| *a == name)
            .map(|(_, open)| open.clone())
            .collect();
        if open.is_empty() {
            self.quiet.clear();
            self.not_started.clear();
            return None;
        }
        let ids: Vec<ItemId> = open.iter().map(|(begun, _)| begun.item.clone()).collect();
        let Eyes::Torrents(eyes) = account.eyes() else {
            return None;
        };
        let Ok(found) = eyes.client.info(&ids, &FieldSet::none()).await else {
            return Some(LOOK_AT_REST_EVERY);
        };
        let listed = &eyes.library().torrents;
        let may_be_there: BTreeSet<ItemId> = ids
            .iter()
            .filter(|id| listed.is_empty() || listed.contains_key(*id))
            .cloned()
            .collect();
        let mut is_busy = false;
        for (begun, incomplete) in &open {
            let torrent = found.get(&begun.item);
            if torrent.is_none() && may_be_there.contains(&begun.item) {
                // A server that has just started lists nothing for a while: only a whole listing says that it is gone.
                continue;
            }
            let is_quiet = torrent.is_some_and(|t| !t.state.is_checking() && !t.state.is_moving());
            let now = shared.clock.now();
            let quiet = self.quiet_looks(begun, is_quiet, now);
            let shares = shares_files(account.eyes(), &begun.item);
            match next(begun, *incomplete, torrent, quiet, shares, now) {
                Next::Wait => is_busy |= !incomplete || !is_quiet,
                Next::Start => self.start(account, shared, begun, torrent).await,
                Next::End(end) => finish(shared, begun, torrent, end).await,
            }
        }
        self.quiet.retain(|id, _| ids.contains(id));
        self.not_started.retain(|id| ids.contains(id));
        Some(if is_busy {
            LOOK_EVERY
        } else {
            LOOK_AT_REST_EVERY
        })
    }
}

impl Nurse {
    /// Counts a look. One so soon after the recheck that it may show the state before does not count, nor do looks at
    /// an earlier treatment of the same torrent.
    fn quiet_looks(&mut self, begun: &TreatmentBegun, is_quiet: bool, now: Timestamp) -> u32 {
        let (began, looks) = self
            .quiet
            .entry(begun.item.clone())
            .or_insert((begun.at, 0));
        if *began != begun.at || !is_quiet || now.duration_since(begun.at) < JUDGE_AFTER {
            (*began, *looks) = (begun.at, 0);
        } else {
            *looks += 1;
        }
        *looks
    }

    async fn start(
        &mut self,
        account: &mut Account,
        shared: &Shared,
        begun: &TreatmentBegun,
        torrent: Option<&Torrent>,
    ) {
        let Eyes::Torrents(eyes) = account.eyes() else {
            return;
        };
        let outcome = eyes.client.start(&begun.item).await;
        if outcome.is_done() {
            return finish(shared, begun, torrent, TreatmentResult::Recovered).await;
        }
        let name = torrent.map_or(begun.item.as_str(), |t| &t.name);
        let text = format!(
            "{}: {name} is complete again but could not be started: {outcome}",
            begun.account
        );
        let is_new = self.not_started.insert(begun.item.clone());
        story(begun, name).warn_if(is_new, &text);
    }

    /// Looks after the treatments under way until they rest, for `run --once`.
    pub async fn until_quiet(&mut self, account: &mut Account, shared: &Shared) {
        let until = tokio::time::Instant::now() + MOST_ONCE;
        while let Some(pause) = self.round(account, shared).await {
            if pause > LOOK_EVERY || tokio::time::Instant::now() + pause > until {
                return;
            }
            tokio::time::sleep(pause).await;
        }
    }
}

/// Whether another torrent has the same place on disk; cheap, and on the safe side.
fn shares_files(eyes: &Eyes, id: &ItemId) -> bool {
    let Eyes::Torrents(eyes) = eyes else {
        return true;
    };
    let torrents = &eyes.library().torrents;
    let Some(one) = torrents.get(id) else {
        return true;
    };
    let place = |t: &Torrent| t.content_path.clone();
    let Some(own) = place(one) else { return true };
    torrents
        .iter()
        .any(|(other, t)| other != id && place(t).is_some_and(|path| overlaps(&own, &path)))
}

fn overlaps(a: &str, b: &str) -> bool {
    let below = |path: &str, folder: &str| {
        path.strip_prefix(folder.trim_end_matches('/'))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    below(a, b) || below(b, a)
}

async fn finish(
    shared: &Shared,
    begun: &TreatmentBegun,
    torrent: Option<&Torrent>,
    end: TreatmentResult,
) {
    let record = TreatmentEnd {
        at: shared.clock.now(),
        account: begun.account.clone(),
        item: begun.item.clone(),
        end,
    };
    let name = torrent.map_or(begun.item.as_str(), |t| &t.name);
    let story = story(begun, name);
    if let Err(error) = shared
        .kept
        .ledger
        .append(&[Record::TreatmentEnd(record)])
        .await
    {
        return story.error(&format!("{}: {name}: {error}", begun.account));
    }
    match end {
        TreatmentResult::Recovered => {
            let stays = if begun.was.running { "" } else { ", and stays stopped" };
            story.info(&format!("{}: {name} is complete again after a recheck{stays}", begun.account));
        }
        TreatmentResult::FoundIncomplete => story.warn(&format!(
            "{}: {name} was found incomplete ({}) and stays stopped, so that it is not downloaded again",
            begun.account,
            what_is_there(&begun.was, torrent.unwrap_or(&Torrent::default()))
        )),
        TreatmentResult::Over => match torrent {
            Some(_) => story.info(&format!("{}: {name} was started by its owner, so its recheck is over", begun.account)),
            None if was_deleted_by_us(shared, begun) => {
                story.debug(&format!("{}: {name} was deleted, so its recheck is over", begun.account));
            }
            None => story.info(&format!("{}: {name} was removed by its owner, so its recheck is over", begun.account)),
        },
    }
}

/// Whether the ledger has a deletion of ours that came after the treatment began.
fn was_deleted_by_us(shared: &Shared, begun: &TreatmentBegun) -> bool {
    let book = shared.kept.ledger.book();
    book.deletions.values().any(|(intent, outcome)| {
        let is_it = intent.account == begun.account && intent.item == begun.item;
        let is_gone = outcome.as_ref().is_some_and(|one| one.result.is_deletion());
        is_it && is_gone && intent.at >= begun.at
    })
}

fn story<'s>(begun: &'s TreatmentBegun, name: &'s str) -> Story<'s> {
    Story {
        account: Some(begun.account.as_str()),
        item: Some(begun.item.as_str()),
        item_name: Some(name),
        action: Some("recheck"),
        ..Story::default()
    }
}
