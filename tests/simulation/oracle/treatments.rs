//! What treatments and remedies may do, and what a server in trouble may be asked: what its owner stopped is not started by us,
//! a remedy that did not get through is none, and a service that does not answer is left alone.

use super::Oracle;
use jiff::{SignedDuration, Timestamp};
use seedwarden::ports::Clock;
use std::collections::BTreeMap;

/// What was read at the beginning of a cycle may be done so much later.
const CYCLE: SignedDuration = SignedDuration::from_mins(5);

/// Deletions in a row that a service leaves unanswered in one cycle, tries included. Four items with three tries each are enough
/// to see that it does not answer.
const MOST_UNANSWERED: u32 = 12;

/// What is tried at each failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remedy {
    /// Of a torrent in error.
    Recheck,
    /// Of a torrent whose trackers fail.
    Reannounce,
    /// Of a magnet.
    Restart,
}

/// What its owner did with torrents, and what we did.
#[derive(Debug, Clone, Default)]
pub struct Owners {
    stopped: BTreeMap<String, Timestamp>,
}

impl Oracle {
    /// Its owner stopped a torrent, or added it so.
    pub fn stopped_by_owner(&mut self, hash: &str) {
        let now = self.time.now();
        self.owners.stopped.insert(hash.to_owned(), now);
    }

    /// Its owner started a torrent.
    pub fn started_by_owner(&mut self, hash: &str) {
        self.started.insert(hash.to_owned());
        self.owners.stopped.remove(hash);
    }

    /// We stop a torrent. Its owner may have done so since we last looked.
    pub fn stopped_by_us(&mut self, hash: &str) {
        let now = self.time.now();
        let stopped = &mut self.owners.stopped;
        if stopped
            .get(hash)
            .is_some_and(|at| now.duration_since(*at) < CYCLE)
        {
            stopped.remove(hash);
        }
    }

    /// We start a torrent: its owner had not stopped it.
    pub fn started_by_us(&mut self, account: &str, hash: &str) {
        if self.owners.stopped.remove(hash).is_some() {
            self.breach(
                13,
                format!("{account}: {hash} is started, which its owner had stopped"),
            );
        }
    }

    /// A request for a remedy came back, or did not. What is asked of trackers right before a deletion is none.
    pub fn remedy_answered(
        &mut self,
        account: &str,
        remedy: Remedy,
        items: &[String],
        got_through: bool,
    ) {
        if let Some(eye) = self.accounts.get_mut(account) {
            for item in items.iter().filter(|item| !eye.claims.contains_key(*item)) {
                eye.remedies.insert((remedy, item.clone()), got_through);
            }
        }
    }

    /// Whether the last remedy of an item did not get through, so that its next sighting does not count.
    pub(super) fn remedy_failed(&self, account: &str, ailment: &str, item: &str) -> bool {
        let remedy = match ailment {
            "errored" => Remedy::Recheck,
            "failed" => Remedy::Restart,
            _ => Remedy::Reannounce,
        };
        let eye = self.accounts.get(account);
        eye.and_then(|eye| eye.remedies.get(&(remedy, item.to_owned()))) == Some(&false)
    }

    /// A request for a deletion came back, or did not.
    pub fn deletion_answered(&mut self, account: &str, is_answered: bool) {
        let Some(eye) = self.accounts.get_mut(account) else {
            return;
        };
        eye.unanswered = if is_answered { 0 } else { eye.unanswered + 1 };
        if eye.unanswered == MOST_UNANSWERED + 1 {
            self.breach(
                4,
                format!("{account}: deletions go on although {MOST_UNANSWERED} in a row were not answered"),
            );
        }
    }
}
