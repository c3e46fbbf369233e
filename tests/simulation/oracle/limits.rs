//! Invariant 6: no more deletions per cycle and per day than the limits.

use super::Oracle;
use super::notices::Deleted;
use jiff::{SignedDuration, Timestamp};
use seedwarden::ports::Clock;

impl Oracle {
    /// One more deletion: none above the limits.
    pub(super) fn count_deletion(&mut self, account: &str, now: Timestamp) {
        let Some(limits) = self.limits.clone() else {
            return;
        };
        let (in_cycle, in_day) = self.deletions_before(account, now);
        if in_day > limits.deletions_per_day as usize {
            self.breach(
                6,
                format!(
                    "{in_day} deletions in a day, the limit is {}",
                    limits.deletions_per_day
                ),
            );
        }
        if in_cycle > limits.deletions_per_cycle as usize {
            self.breach(
                6,
                format!(
                    "{account}: {in_cycle} deletions in a cycle, the limit is {}",
                    limits.deletions_per_cycle
                ),
            );
        }
    }

    /// Deletions of an account in the cycle before a time, and of all accounts in the day before it. What was long ago by
    /// either clock does not count, so that setting one breaks no limit.
    pub(super) fn deletions_before(&self, account: &str, now: Timestamp) -> (usize, usize) {
        // An intent is written some time before its effect; the windows of the oracle are shorter by that.
        let slack = SignedDuration::from_mins(4);
        let now_true = self.time.now();
        let is_after =
            |at: Timestamp, now: Timestamp, window: SignedDuration| at > now - (window - slack);
        let within = |deleted: &Deleted, window: SignedDuration| {
            is_after(deleted.clock_at, now, window) && is_after(deleted.at, now_true, window)
        };
        let day = SignedDuration::from_hours(24);
        let cycle = self
            .terms
            .get(account)
            .map_or(SignedDuration::ZERO, |terms| terms.cycle);
        let in_day = self.deleted.iter().filter(|d| within(d, day)).count();
        let in_cycle = self
            .deleted
            .iter()
            .filter(|d| d.account == account && within(d, cycle))
            .count();
        (in_cycle, in_day)
    }
}
