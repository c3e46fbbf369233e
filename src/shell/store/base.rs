//! What a cycle starts from.

use crate::core::model::{AccountId, ItemId};
use crate::core::state::{AccountState, Failures, State};
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

/// What a cycle starts from: one account's state, and which version of the file that was.
#[derive(Debug, Clone)]
pub struct Base {
    pub(super) account: AccountId,
    pub(super) whole: Arc<State>,
    /// The account's part, where it differs from that in `whole` by what was claimed.
    pub(super) with_claims: Option<AccountState>,
    pub(super) claimed: BTreeSet<ItemId>,
    pub(super) generation: u64,
}

static NEVER_READ: LazyLock<AccountState> = LazyLock::new(AccountState::default);

/// Which edit of the state a cycle began after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version(pub(super) u64);

impl Base {
    /// Which edit of the state this is taken after.
    pub fn version(&self) -> Version {
        Version(self.generation)
    }

    /// The account as it was; empty if it was never read.
    pub fn state(&self) -> &AccountState {
        let whole = self.whole.accounts.get(&self.account);
        self.with_claims.as_ref().or(whole).unwrap_or(&NEVER_READ)
    }

    /// Takes over counts of an old `retry_counts.json` for the magnets that this account lists. The commit drops them there.
    pub fn claim<'a>(&mut self, listed: impl Iterator<Item = &'a ItemId>) {
        let counts = &self.whole.retry_counts;
        if counts.is_empty() {
            return;
        }
        let mut state = self.state().clone();
        for id in listed {
            let Some(&count) = counts.get(id.as_str()) else {
                continue;
            };
            self.claimed.insert(id.clone());
            if count > 0 {
                let item = state.items.entry(id.clone()).or_default();
                let failed = item.failed.get_or_insert_with(Failures::default);
                failed.failures = failed.failures.max(count);
            }
        }
        self.with_claims = Some(state);
    }
}
