//! What commands read before they do anything: configuration, state and ledger, all without writing.

use super::setup::{fail, policy, state_folder};
use super::{FAILED, Places};
use crate::config::policy::Policy;
use crate::core::ledger::Book;
use crate::core::model::AccountId;
use crate::core::state::{AccountState, State};
use crate::ports::Ports;
use crate::shell::store::Note;
use crate::shell::{ledger, store};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Everything that is on disk, as found at one moment.
pub struct Records {
    /// The configuration.
    pub policy: Policy,
    /// The state folder.
    pub folder: PathBuf,
    /// The real ports.
    pub ports: Ports,
    /// That moment.
    pub now: Timestamp,
    /// The state.
    pub state: Arc<State>,
    /// The ledger.
    pub book: Book,
}

impl Records {
    /// Reads them; what is odd about the state goes to standard error.
    ///
    /// # Errors
    /// The exit code, after saying why.
    pub async fn read(places: &Places) -> Result<Records, u8> {
        let policy = policy(places)?;
        let folder = state_folder(places)?;
        let ports = crate::sys::ports();
        let now = ports.clock.now();
        let (state, book) = on_disk(&ports, &folder, now).await?;
        Ok(Records {
            policy,
            folder,
            ports,
            now,
            state,
            book,
        })
    }

    /// One account's state; empty if it was never read.
    pub fn state_of(&self, account: &AccountId) -> AccountState {
        self.state
            .accounts
            .get(account)
            .cloned()
            .unwrap_or_default()
    }
}

/// State and ledger.
///
/// # Errors
/// The exit code, after saying why.
pub async fn on_disk(
    ports: &Ports,
    folder: &Path,
    now: Timestamp,
) -> Result<(Arc<State>, Book), u8> {
    let loaded = store::read(&*ports.disk, folder, now)
        .await
        .map_err(|error| fail(FAILED, error))?;
    for note in &loaded.notes {
        if matches!(note, Note::Unreadable { .. }) {
            eprintln!("seedwarden: {note}");
        }
    }
    let book = ledger::read(&*ports.disk, folder, now)
        .await
        .map_err(|error| fail(FAILED, error))?;
    Ok((loaded.state, book))
}
