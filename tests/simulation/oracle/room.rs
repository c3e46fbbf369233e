//! Invariant 17: a rule with `until` never acts on more than the one item with which enough is reached, by the true figures.
//!
//! What is deleted without freeing anything (a recycle bin, another disk) counts as freed for a day: more of the same would
//! free nothing either.

use super::Oracle;
use crate::setup::{ENOUGH_BYTES, ENOUGH_SEEDING};
use crate::torrents::Shown;
use jiff::{SignedDuration, Timestamp};
use seedwarden::ports::Clock;
use std::collections::BTreeMap;

/// What others change may be seen so much later: figures are late, and cycles take their time.
const LATE: SignedDuration = SignedDuration::from_mins(15);
/// Deletions that freed nothing count for so long; somewhat less than the product promises.
const CREDIT: SignedDuration = SignedDuration::from_hours(23);
/// Whoever estimates may be wrong by a file of notes.
const TOLERANCE: i64 = 1 << 20;

/// The room on one server's disk.
#[derive(Debug, Clone, Default)]
pub struct Room {
    seen: Option<(i64, i64)>,
    /// Bytes that our deletions should have freed, and did not.
    credits: Vec<(Timestamp, i64)>,
    /// What others freed or filled.
    others: Vec<(Timestamp, i64)>,
}

/// How many torrents a listing showed as seeding.
#[derive(Debug, Clone, Copy)]
pub struct Seeding {
    at: Timestamp,
    count: i64,
    /// How many of them we deleted since.
    deleted: i64,
}

fn is_seeding(shown: &Shown) -> bool {
    ["uploading", "stalledUP"].contains(&shown.state.as_str())
}

impl Oracle {
    /// Accounts with a rule that makes room.
    pub fn asking_for_room(&self) -> Vec<String> {
        let asking = self.terms.iter().filter(|(_, terms)| terms.blocks.room);
        asking.map(|(account, _)| account.clone()).collect()
    }

    /// How much is free, and how much was deleted that freed nothing.
    pub fn room_seen(&mut self, account: &str, free: i64, elsewhere: i64, by_us: bool) {
        let now = self.time.now();
        let room = self.rooms.entry(account.to_owned()).or_default();
        let (had_free, had_elsewhere) = room.seen.unwrap_or((free, elsewhere));
        if by_us {
            room.credits.push((now, (elsewhere - had_elsewhere).max(0)));
        } else if free != had_free {
            room.others.push((now, free - had_free));
        }
        room.seen = Some((free, elsewhere));
    }

    /// Somebody emptied the recycle bin: what was deleted is free now.
    pub fn bin_emptied(&mut self, account: &str) {
        if let Some(room) = self.rooms.get_mut(account) {
            room.credits.clear();
        }
    }

    /// A listing shows so many.
    pub(super) fn seeding_seen(&mut self, account: &str, listing: &BTreeMap<String, Shown>) {
        let at = self.time.now();
        let count = listing.values().filter(|shown| is_seeding(shown)).count() as i64;
        let eye = self.accounts.entry(account.to_owned()).or_default();
        eye.seeding.retain(|seen| at.duration_since(seen.at) < LATE);
        eye.seeding.push(Seeding {
            at,
            count,
            deleted: 0,
        });
    }

    /// A rule with `until` deletes a torrent: there was not enough before.
    pub(super) fn judge_until(&mut self, account: &str, hash: &str, name: &str) {
        let claim = self
            .accounts
            .get(account)
            .and_then(|eye| eye.claims.get(hash))
            .cloned();
        match claim.as_deref() {
            Some("rule room") if self.room(account) > ENOUGH_BYTES + TOLERANCE => {
                let mib = self.room(account) >> 20;
                let what =
                    format!("{account}: {name} is deleted for room, of which there are {mib} MiB");
                self.breach(17, what);
            }
            Some("rule few") if self.are_few(account) => {
                self.breach(
                    17,
                    format!("{account}: {name} is deleted to leave few, and few are left"),
                );
            }
            Some(_) | None => {}
        }
        let Some(eye) = self.accounts.get_mut(account) else {
            return;
        };
        let was_seeding = eye
            .torrents
            .as_ref()
            .and_then(|listing| listing.get(hash))
            .is_some_and(is_seeding);
        for seen in &mut eye.seeding {
            seen.deleted += i64::from(was_seeding);
        }
    }

    /// Free bytes, of all that the process can know of the least.
    fn room(&self, account: &str) -> i64 {
        let now = self.time.now();
        let Some(room) = self.rooms.get(account) else {
            return 0;
        };
        // A clock that was set may have ended the day.
        let credits = room
            .credits
            .iter()
            .filter(|(at, _)| !self.has_jumped && now.duration_since(*at) < CREDIT);
        let credit: i64 = credits.map(|(_, bytes)| bytes).sum();
        let mut bytes = room.seen.map_or(0, |(free, _)| free) + credit;
        let mut least = bytes;
        let late = room
            .others
            .iter()
            .rev()
            .take_while(|(at, _)| now.duration_since(*at) < LATE);
        for (_, change) in late {
            bytes -= change;
            least = least.min(bytes);
        }
        least
    }

    fn are_few(&self, account: &str) -> bool {
        let seeding = self.accounts.get(account).map(|eye| eye.seeding.as_slice());
        let seeding = seeding.unwrap_or_default();
        !seeding.is_empty()
            && seeding
                .iter()
                .all(|seen| seen.count - seen.deleted < ENOUGH_SEEDING)
    }
}
