//! What is kept on disk, together: state, ledger, trash. A dry run has none of it.

mod tidy;

pub use tidy::{TIDY_EVERY, Terms};

use super::ledger::{Ledger, LedgerError};
use super::logging::Story;
use super::store::{Loaded, Store, StoreError};
use super::trash::Trash;
use crate::config::policy::Policy;
use crate::core::ledger::{IntentId, NoticeText, Record};
use crate::core::model::AccountId;
use crate::core::plan::counted;
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
    ledger.mend_times(now).await?;
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
    /// What webhooks that left the configuration have not got goes to those that are configured. Without any it waits for
    /// the next one.
    pub async fn redirect(&self, webhooks: &[String], now: Timestamp) {
        let owed = self.ledger.book().owed_to_others(webhooks);
        if webhooks.is_empty() || owed.is_empty() {
            return;
        }
        let redirected = |(notice, from)| Record::Redirected {
            notice,
            from,
            to: webhooks.to_vec(),
            at: now,
        };
        let count = counted(owed.len(), "notice goes", "notices go");
        let records: Vec<Record> = owed.into_iter().map(redirected).collect();
        match self.ledger.append(&records).await {
            Ok(()) => Story::default().info(&format!(
                "{count} to the webhooks that are configured, because others left before they got them"
            )),
            Err(error) => Story::default().error(&error.to_string()),
        }
    }

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
