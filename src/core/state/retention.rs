//! How long an account that left the configuration is remembered.

use super::{AccountId, State};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// Counts of an account that is not configured are kept for so long: it may come back.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24 * 30);

impl State {
    /// Forgets accounts that have not been configured for 30 days. Accounts of which it is not known since when get a date.
    pub fn forget_unconfigured(&mut self, configured: &BTreeSet<AccountId>, now: Timestamp) {
        self.accounts.retain(|account, state| {
            if configured.contains(account) {
                return true;
            }
            let since = *state.configured_at.get_or_insert(now);
            now.duration_since(since) <= KEPT_FOR
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_accounts_that_left_for_thirty_days() {
        let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let days = |days: i64| Some(now - SignedDuration::from_hours(24 * days));
        for (account, configured_at, expected) in [
            ("here", days(400), Some(days(400))),
            ("here", None, Some(None)),
            ("gone", days(30), Some(days(30))),
            ("gone", days(31), None),
            ("gone", None, Some(Some(now))),
        ] {
            let mut state = State::default();
            let entry = state.accounts.entry(account.into()).or_default();
            entry.configured_at = configured_at;
            state.forget_unconfigured(&["here".into()].into(), now);
            let left = state.accounts.get(account).map(|state| state.configured_at);
            assert_eq!(left, expected, "{account} {configured_at:?}");
        }
    }
}
