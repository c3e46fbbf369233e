//! What is kept on disk, together: state, ledger, trash. A dry run has none of it.

mod tidy;

pub use tidy::{TIDY_EVERY, Terms};

use super::ledger::{Ledger, LedgerError};
use super::store::{Loaded, Store, StoreError};
use super::trash::Trash;
use crate::config::policy::Policy;
use crate::core::ledger::{IntentId, NoticeText, Record};
use crate::core::model::AccountId;
use crate::ports::Ports;
use jiff::Timestamp;
use std::path::Path;

/// The three records of one state folder.
pub struct Kept {
    /// `state.json`.
    pub store: Store,
    /// `ledger.jsonl`.
    pub ledger: Ledger,
    /// `trash/`.
    pub trash: Trash,
}

/// A notice that is no deletion, for all webhooks.
pub struct News<'a> {
    /// Account it is about.
    pub account: &'a AccountId,
    /// Headline.
    pub title: String,
    /// Text.
    pub text: String,
}

/// Why the records could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The state file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Opens the records of a state folder for a daemon, which holds its lock; says what was found in the state file.
///
/// # Errors
/// A state of a newer format, a damaged ledger, or what the disk says.
pub async fn open(
    ports: &Ports,
    folder: &Path,
    policy: &Policy,
    now: Timestamp,
) -> Result<(Kept, Loaded), OpenError> {
    let (store, loaded) = Store::open(ports.disk.clone(), folder, now).await?;
    let ledger = Ledger::open(ports.disk.clone(), folder).await?;
    let trash = Trash::new(ports.disk.clone(), folder);
    let terms = Terms::of(policy);
    ledger.compact(terms.ledger_before(now)).await?;
    let kept = Kept {
        store,
        ledger,
        trash,
    };
    kept.tidy(&terms, now).await;
    Ok((kept, loaded))
}

impl Kept {
    /// Puts a notice on record for every webhook.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn owe(
        &self,
        news: News<'_>,
        webhooks: &[String],
        now: Timestamp,
    ) -> Result<(), super::ledger::LedgerError> {
        if webhooks.is_empty() {
            return Ok(());
        }
        let News {
            account,
            title,
            text,
        } = news;
        let (account, webhooks) = (account.clone(), webhooks.to_vec());
        self.ledger
            .append_new(move |book| {
                let id: IntentId = book.next_id();
                vec![Record::Notice(NoticeText {
                    id,
                    at: now,
                    account,
                    title,
                    text,
                    webhooks,
                })]
            })
            .await?;
        Ok(())
    }
}
