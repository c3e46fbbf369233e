//! `state.json` on disk: read once, compared before each write, replaced durably. Edits by people win.
//!
//! A person who writes the file does not know of locks. So the bytes are compared with what this process last saw, before the
//! new ones are made and once more right before the rename; what remains is the time of one system call.

mod base;
mod error;
mod loaded;
mod lock;
mod print;
#[cfg(test)]
mod tests;

pub use base::{Base, Version};
pub use error::StoreError;
pub use loaded::{Loaded, Note};
pub use lock::lock_folder;

use super::files::{self, DiskError};
use super::logging::Story;
use crate::core::model::{AccountId, ItemId};
use crate::core::state::{AccountState, ParseError, State};
use crate::ports::Disk;
use jiff::{SignedDuration, Timestamp};
use print::{Print, print};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Mutex;

const FILE: &str = "state.json";

/// A clock that is set back by no more than this was right.
const LEEWAY: SignedDuration = SignedDuration::from_mins(1);

/// The state file of one state folder, open for writing.
pub struct Store {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    inner: Mutex<Inner>,
}

struct Inner {
    state: Arc<State>,
    /// Contents that are ours: what was last read or written, and what a failed write may have left.
    ours: Vec<Print>,
    /// `state` is certainly on the disk.
    is_durable: bool,
    /// Goes up with each change that is not a cycle's.
    generation: u64,
    /// The latest time that anybody named.
    latest: Timestamp,
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

/// Reads the state without writing anything: for `plan`, `status` and dry run.
///
/// # Errors
/// A newer format, or a file that cannot be read.
pub async fn read(disk: &dyn Disk, folder: &Path, now: Timestamp) -> Result<Loaded, StoreError> {
    let path = folder.join(FILE);
    let bytes = files::read_if_there(disk, &path).await?.unwrap_or_default();
    match State::parse(&bytes, now) {
        Ok(parsed) => Ok(parsed.into()),
        Err(ParseError::Newer(version)) => Err(StoreError::Newer { path, version }),
        Err(ParseError::Broken(why)) => Ok(Loaded {
            state: Arc::default(),
            notes: vec![Note::Unreadable {
                moved_to: None,
                why,
            }],
        }),
    }
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
        let made = disk.make_folder(folder).await;
        made.map_err(|error| DiskError::new("make the folder", folder, error))?;
        let store = Store {
            disk,
            folder: folder.to_owned(),
            inner: Mutex::new(Inner {
                state: Arc::default(),
                ours: Vec::new(),
                is_durable: false,
                generation: 0,
                latest: now,
            }),
        };
        let mut inner = store.inner.lock().await;
        let _lock = files::write_lock(&*store.disk, folder).await?;
        let path = store.path().await?;
        files::remove_stray(&*store.disk, &path).await?;
        let found = files::read_if_there(&*store.disk, &path).await?;
        let loaded = store.adopt(&mut inner, &path, found, now).await?;
        drop(inner);
        Ok((store, loaded))
    }

    /// The whole state as last read or written.
    pub async fn state(&self) -> Arc<State> {
        Arc::clone(&self.inner.lock().await.state)
    }

    /// Takes over what someone changed in the file, if someone did. For the beginning of a cycle, before [`Store::base`].
    ///
    /// # Errors
    /// A newer format, or a file that cannot be read.
    pub async fn refresh(&self, now: Timestamp) -> Result<Option<Loaded>, StoreError> {
        let mut inner = self.inner.lock().await;
        let _lock = files::write_lock(&*self.disk, &self.folder).await?;
        let path = self.path().await?;
        let found = files::read_if_there(&*self.disk, &path).await?;
        inner.follow_clock(now);
        if inner.ours.contains(&print(found.as_deref())) {
            return Ok(None);
        }
        Story::default().info(&format!(
            "{} was changed, by hand or by `seedwarden reset` or `accept`: what it says counts from here on",
            path.display()
        ));
        self.adopt(&mut inner, &path, found, now).await.map(Some)
    }

    /// Whether someone changed the state since `base` was taken, or just now: before each deletion, as nothing that rested on
    /// the old counts is to be sent. `since` is the base's [`Base::version`].
    ///
    /// # Errors
    /// As for `refresh`: whether it was edited is unknown then.
    pub async fn was_edited(&self, since: Version, now: Timestamp) -> Result<bool, StoreError> {
        // Another account may have noticed the edit first.
        let is_edited = self.refresh(now).await?.is_some();
        Ok(is_edited || self.inner.lock().await.generation != since.0)
    }

    /// What the next cycle of an account starts from. Take it before reading the account.
    pub async fn base(&self, account: &AccountId) -> Base {
        let inner = self.inner.lock().await;
        Base {
            account: account.clone(),
            whole: Arc::clone(&inner.state),
            with_claims: None,
            claimed: BTreeSet::new(),
            generation: inner.generation,
        }
    }

    /// Replaces one account's part. Do not drop the future before it is done.
    ///
    /// # Errors
    /// No space, a read-only disk and the like: nothing is committed, and the next commit writes again.
    pub async fn commit(
        &self,
        base: Base,
        mut new: AccountState,
        now: Timestamp,
    ) -> Result<Commit, StoreError> {
        let Base {
            account,
            whole,
            with_claims: _,
            claimed,
            generation,
        } = base;
        // Else the whole state would have to be copied to be changed.
        drop(whole);
        let mut inner = self.inner.lock().await;
        let _lock = files::write_lock(&*self.disk, &self.folder).await?;
        let path = self.path().await?;
        let found = files::read_if_there(&*self.disk, &path).await?;
        let seen = print(found.as_deref());
        if !inner.ours.contains(&seen) {
            let loaded = self.adopt(&mut inner, &path, found, now).await?;
            return Ok(Commit::Edited(loaded));
        }
        drop(found);
        if generation != inner.generation {
            return Ok(Commit::Edited(Loaded {
                state: Arc::clone(&inner.state),
                notes: Vec::new(),
            }));
        }
        if inner.is_durable
            && claimed.is_empty()
            && inner.state.accounts.get(&account) == Some(&new)
        {
            return Ok(Commit::Saved);
        }
        let bytes = inner.with_account(&account, &mut new, &claimed)?;
        match self.replace(&mut inner, &path, seen, &bytes, now).await? {
            Some(loaded) => Ok(Commit::Edited(loaded)),
            None => {
                let state = Arc::make_mut(&mut inner.state);
                state.accounts.insert(account, new);
                state
                    .retry_counts
                    .retain(|id, _| !claimed.contains(id.as_str()));
                Ok(Commit::Saved)
            }
        }
    }

    /// Changes the state on behalf of its owner (`reset`, `accept`): counts as an edit for cycles under way.
    ///
    /// # Errors
    /// As for `commit`.
    pub async fn edit<T>(
        &self,
        now: Timestamp,
        change: impl Fn(&mut State) -> T + Send,
    ) -> Result<T, StoreError> {
        let mut inner = self.inner.lock().await;
        let _lock = files::write_lock(&*self.disk, &self.folder).await?;
        let path = self.path().await?;
        let mut found = files::read_if_there(&*self.disk, &path).await?;
        loop {
            let mut seen = print(found.as_deref());
            if !inner.ours.contains(&seen) {
                let loaded = self.adopt(&mut inner, &path, found, now).await?;
                // A file that was moved aside leaves none.
                if loaded
                    .notes
                    .iter()
                    .any(|n| matches!(n, Note::Unreadable { .. }))
                {
                    seen = Print::Missing;
                }
            }
            let mut next = State::clone(&inner.state);
            let done = change(&mut next);
            if next == *inner.state {
                return Ok(done);
            }
            let bytes = to_bytes(&next)?;
            if self
                .replace(&mut inner, &path, seen, &bytes, now)
                .await?
                .is_none()
            {
                inner.state = Arc::new(next);
                inner.generation += 1;
                return Ok(done);
            }
            // Somebody was faster: once more, on what they wrote.
            found = files::read_if_there(&*self.disk, &path).await?;
        }
    }

    /// Where the file really is.
    async fn path(&self) -> Result<PathBuf, DiskError> {
        files::real_path(&*self.disk, &self.folder.join(FILE)).await
    }

    /// Replaces the file, if it still is as it was seen. Else what is there is taken over and given back.
    async fn replace(
        &self,
        inner: &mut Inner,
        path: &Path,
        seen: Print,
        bytes: &[u8],
        now: Timestamp,
    ) -> Result<Option<Loaded>, StoreError> {
        let disk = &*self.disk;
        files::write_temp(disk, path, bytes).await?;
        let found = files::read_if_there(disk, path).await?;
        if print(found.as_deref()) != seen {
            files::remove_stray(disk, path).await?;
            return self.adopt(inner, path, found, now).await.map(Some);
        }
        // From here on either content may be found, whether this fails or is dropped.
        let new = print(Some(bytes));
        inner.ours = vec![seen, new];
        inner.is_durable = false;
        files::put_in_place(disk, path).await?;
        inner.ours = vec![new];
        inner.is_durable = true;
        Ok(None)
    }

    /// Takes over what is in the file. Bytes that are no state are moved aside, and counts start empty.
    async fn adopt(
        &self,
        inner: &mut Inner,
        path: &Path,
        found: Option<Vec<u8>>,
        now: Timestamp,
    ) -> Result<Loaded, StoreError> {
        let (loaded, seen) = match State::parse(found.as_deref().unwrap_or_default(), now) {
            Ok(parsed) => (Loaded::from(parsed), print(found.as_deref())),
            Err(ParseError::Newer(version)) => {
                let path = path.to_owned();
                return Err(StoreError::Newer { path, version });
            }
            Err(ParseError::Broken(why)) => {
                let aside = self.move_aside(path, now).await?;
                let note = Note::Unreadable {
                    moved_to: Some(aside),
                    why,
                };
                let loaded = Loaded {
                    state: Arc::default(),
                    notes: vec![note],
                };
                (loaded, Print::Missing)
            }
        };
        for note in &loaded.notes {
            note.log(path);
        }
        inner.state = Arc::clone(&loaded.state);
        inner.ours = vec![seen];
        inner.is_durable = false;
        inner.generation += 1;
        Ok(loaded)
    }

    async fn move_aside(&self, path: &Path, now: Timestamp) -> Result<PathBuf, DiskError> {
        let aside = path.with_file_name(format!(
            "{FILE}.unreadable-{}",
            now.strftime("%Y%m%dT%H%M%S%.3fZ")
        ));
        let moved = self.disk.rename(path, &aside).await;
        moved.map_err(|error| DiskError::new("move aside", path, error))?;
        files::sync_folder_of(&*self.disk, path).await?;
        Ok(aside)
    }
}

impl Inner {
    /// Where the clock was set back, times that lie in the future now count as now; else nothing would be due for as long.
    fn follow_clock(&mut self, now: Timestamp) {
        let was_set_back = self.latest.duration_since(now) > LEEWAY;
        self.latest = if was_set_back {
            now
        } else {
            self.latest.max(now)
        };
        if was_set_back && Arc::make_mut(&mut self.state).count_future_as_now(now) > 0 {
            self.is_durable = false;
        }
    }

    /// The file with one account replaced. `state` itself changes only once that is saved: until then it is changed and
    /// changed back, which is cheaper than a copy of everything.
    fn with_account(
        &mut self,
        account: &AccountId,
        new: &mut AccountState,
        claimed: &BTreeSet<ItemId>,
    ) -> Result<Vec<u8>, StoreError> {
        let state = Arc::make_mut(&mut self.state);
        let mut counts = state.retry_counts.clone();
        counts.retain(|id, _| !claimed.contains(id.as_str()));
        std::mem::swap(&mut counts, &mut state.retry_counts);
        let was_known = state.accounts.contains_key(account);
        let place = state.accounts.entry(account.clone()).or_default();
        std::mem::swap(place, new);
        let bytes = to_bytes(state);
        state.retry_counts = counts;
        match state.accounts.get_mut(account) {
            Some(place) if was_known => std::mem::swap(place, new),
            Some(_) | None => *new = state.accounts.remove(account).unwrap_or_default(),
        }
        bytes
    }
}

fn to_bytes(state: &State) -> Result<Vec<u8>, StoreError> {
    let mut bytes = serde_json::to_vec_pretty(state).map_err(StoreError::Encode)?;
    bytes.push(b'\n');
    Ok(bytes)
}
