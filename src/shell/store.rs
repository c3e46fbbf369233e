//! `state.json` on disk: read once, compared before each write, replaced durably. Edits by people win.

use crate::core::model::{AccountId, ItemId};
use crate::core::state::{AccountState, State};
use crate::ports::Disk;
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The state file of one state folder, open for writing.
pub struct Store {}

/// What a cycle starts from: one account's state, and which version of the file that was.
#[derive(Debug, Clone)]
pub struct Base {}

/// What was found in the file, beside the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// It held the flat counts of an old `retry_counts.json`: this many.
    OldCounts(usize),
    /// It could not be read as a state; it was moved to this path (readers leave it in place: `None`), and counts start empty.
    Unreadable {
        /// Where it is kept.
        moved_to: Option<PathBuf>,
        /// What is wrong with it.
        why: String,
    },
    /// This many times lay in the future and were cleared.
    FutureTimes(usize),
}

/// The state as found.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// State.
    pub state: Arc<State>,
    /// What is worth telling.
    pub notes: Vec<Note>,
}

/// What became of a commit.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub enum Commit {
    /// The account's part was replaced, durably.
    Saved,
    /// Someone changed the file since `Base` was taken: nothing was written, what they wrote is in force, and
    /// whatever rested on the old counts must be dropped.
    Edited(Loaded),
}

/// Why the state could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {}

/// Reads the state without writing anything: for `plan`, `status` and dry run.
///
/// # Errors
/// A newer format, or a file that cannot be read.
pub async fn read(disk: &dyn Disk, folder: &Path, now: Timestamp) -> Result<Loaded, StoreError> {
    let _ = (disk, folder, now);
    todo!()
}

impl Store {
    /// Makes the folder (mode 0700), removes strays, and loads the state.
    ///
    /// # Errors
    /// A newer format, or a folder that cannot be used.
    pub async fn open(
        disk: Arc<dyn Disk>,
        folder: &Path,
        now: Timestamp,
    ) -> Result<(Store, Loaded), StoreError> {
        let _ = (disk, folder, now);
        todo!()
    }

    /// The whole state as last read or written.
    pub async fn state(&self) -> Arc<State> {
        todo!()
    }

    /// Takes an edit over.
    ///
    /// # Errors
    /// As for `open`.
    pub async fn refresh(&self, now: Timestamp) -> Result<Option<Loaded>, StoreError> {
        let _ = now;
        todo!()
    }

    /// What the next cycle of an account starts from. Take it before reading the account.
    pub async fn base(&self, account: &AccountId) -> Base {
        let _ = account;
        todo!()
    }

    /// Replaces one account's part. Do not drop the future before it is done.
    ///
    /// # Errors
    /// No space, a read-only disk and the like: nothing is committed, and the next commit writes again.
    pub async fn commit(
        &self,
        base: Base,
        new: AccountState,
        now: Timestamp,
    ) -> Result<Commit, StoreError> {
        let _ = (base, new, now);
        todo!()
    }

    /// Changes the state on behalf of its owner (`reset`, `accept`): counts as an edit for cycles under way.
    ///
    /// # Errors
    /// As for `commit`.
    pub async fn edit<T>(
        &self,
        now: Timestamp,
        change: impl FnOnce(&mut State) -> T + Send,
    ) -> Result<T, StoreError> {
        let _ = (now, change);
        todo!()
    }
}

impl Base {
    /// The account as it was; empty if it was never read.
    pub fn state(&self) -> &AccountState {
        todo!()
    }

    /// Takes over counts of an old `retry_counts.json` for the magnets that this account lists.
    pub fn claim<'a>(&mut self, listed: impl Iterator<Item = &'a ItemId>) {
        let _ = listed;
        todo!()
    }
}

/// One daemon per state folder: holds the lock until dropped.
///
/// # Errors
/// `Held` with what the holder wrote about itself.
pub async fn lock_folder(
    disk: &dyn Disk,
    folder: &Path,
    now: Timestamp,
) -> Result<crate::ports::LockGuard, StoreError> {
    let _ = (disk, folder, now);
    todo!()
}
