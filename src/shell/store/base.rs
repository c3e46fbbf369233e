//! What a cycle starts from.

use crate::core::decide::Seen;
use crate::core::model::{AccountId, ItemId};
use crate::core::state::{AccountState, State};
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
    pub fn claim(&mut self, seen: Seen<'_>) {
        if let Some((state, claimed)) = self.whole.with_old_counts(&self.account, seen) {
            self.with_claims = Some(state);
            self.claimed = claimed;
        }
    }
}
