//! Invariant 4: an account that cannot be read never delays another one.

use super::Oracle;
use jiff::SignedDuration;
use seedwarden::ports::Clock;

/// A cycle begins so long after it is due, at most: an account's own work comes between.
const SLACK: SignedDuration = SignedDuration::from_secs(20);

/// A cycle takes so long at most until its listing is there.
const LONGEST: SignedDuration = SignedDuration::from_mins(4);

impl Oracle {
    /// A listing was asked for; `is_good`: and understood.
    pub(super) fn listed(&mut self, account: &str, is_good: bool) {
        if self.is_dry || self.is_restoring {
            // That is no cycle, and leaves the times of cycles as they were.
            return;
        }
        self.judge_pace_of(account);
        let now = self.time.now();
        // A cycle that began before the clock was set is dated by the clock of then.
        let is_dated = self
            .last_jump
            .is_none_or(|(at, _)| now.duration_since(at) > LONGEST);
        if let Some(eye) = self.accounts.get_mut(account) {
            eye.listed_at = (is_good && is_dated).then_some(now);
        }
    }

    /// Something is wrong with this account itself, which may delay it.
    pub fn disturbed(&mut self, account: &str) {
        self.judge_pace_of(account);
        if let Some(eye) = self.accounts.get_mut(account) {
            eye.listed_at = None;
        }
    }

    /// Something is wrong for all of them, or nothing runs.
    pub fn all_disturbed(&mut self) {
        for eye in self.accounts.values_mut() {
            eye.listed_at = None;
        }
    }

    /// The process runs: no account that is well may be late.
    pub fn judge_pace(&mut self) {
        let names: Vec<String> = self.terms.keys().cloned().collect();
        for name in names {
            self.judge_pace_of(&name);
        }
    }

    fn judge_pace_of(&mut self, account: &str) {
        let (Some(eye), Some(terms)) = (self.accounts.get_mut(account), self.terms.get(account))
        else {
            return;
        };
        let Some(at) = eye.listed_at else { return };
        let gap = self.time.now().duration_since(at);
        if gap > terms.pace + SLACK {
            eye.listed_at = None;
            let what =
                format!("{account}: nothing is read for {gap:#}, and nothing is wrong with it");
            self.breach(4, what);
        }
    }
}
