//! Counts of an old `retry_counts.json`: each waits in the state for the account that lists its magnet.

use super::{AccountState, Failures, State};
use crate::core::decide::Seen;
use crate::core::model::{AccountId, ItemId};
use std::collections::BTreeSet;

impl State {
    /// An account's part with the old counts of the magnets that it lists, and the ids of these magnets. `None` where no
    /// count waits for any of them.
    pub fn with_old_counts(
        &self,
        account: &AccountId,
        seen: Seen<'_>,
    ) -> Option<(AccountState, BTreeSet<ItemId>)> {
        let counts = self.retry_counts.iter();
        let listed: Vec<(ItemId, u32)> = counts
            .map(|(id, count)| (ItemId::from(id.as_str()), *count))
            .filter(|(id, _)| seen.get(id).is_some())
            .collect();
        if listed.is_empty() {
            return None;
        }
        let mut state = self.accounts.get(account).cloned().unwrap_or_default();
        for (id, count) in listed.iter().filter(|(_, count)| *count > 0) {
            let item = state.items.entry(id.clone()).or_default();
            let failed = item.failed.get_or_insert_with(Failures::default);
            failed.failures = failed.failures.max(*count);
        }
        Some((state, listed.into_iter().map(|(id, _)| id).collect()))
    }
}
