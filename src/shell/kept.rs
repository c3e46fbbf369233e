//! What is kept on disk, together: state, ledger, trash. A dry run has none of it.

use super::ledger::Ledger;
use super::store::Store;
use super::trash::Trash;
use crate::core::ledger::{IntentId, NoticeText, Record};
use crate::core::model::AccountId;
use jiff::Timestamp;

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
