//! Invariant 4: an account that cannot be read never delays another one.

use super::Oracle;
use jiff::SignedDuration;
use seedwarden::ports::Clock;

/// A cycle begins so long after it is due, at most: an account's own work comes between.
const SLACK: SignedDuration = SignedDuration::from_secs(20);

impl Oracle {
    /// A listing was asked for; `is_good`: and understood.
    pub(super) fn listed(&mut self, account: &str, is_good: bool) {
        self.judge_pace_of(account);
        let now = self.time.now();
        if let Some(eye) = self.accounts.get_mut(account) {
            eye.listed_at = is_good.then_some(now);
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
        if gap > terms.cycle + SLACK {
            eye.listed_at = None;
            let what =
                format!("{account}: nothing is read for {gap:#}, and nothing is wrong with it");
            self.breach(4, what);
        }
    }
}
