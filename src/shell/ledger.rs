//! `ledger.jsonl` on disk: lines are appended durably, and nothing else ever changes it but compaction at start.

use crate::core::ledger::{Book, Record};
use crate::ports::Disk;
use jiff::Timestamp;
use std::path::Path;
use std::sync::Arc;

/// The ledger of one state folder, open for appending.
pub struct Ledger {}

/// Why the ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A line cannot be understood: nothing may be deleted until a person has looked.
    #[error("line {line}")]
    Damaged {
        /// Its number, from 1.
        line: usize,
    },
}

/// Reads the ledger without writing anything: for `history`, `plan`, `status` and dry run. A torn last line is ignored.
///
/// # Errors
/// A damaged line, or a file that cannot be read.
pub async fn read(disk: &dyn Disk, folder: &Path) -> Result<Book, LedgerError> {
    let _ = (disk, folder);
    todo!()
}

impl Ledger {
    /// Opens the ledger; a torn last line is cut. Open the store first: it makes the folder.
    ///
    /// # Errors
    /// A damaged line, or a file that cannot be read.
    pub async fn open(disk: Arc<dyn Disk>, folder: &Path) -> Result<Ledger, LedgerError> {
        let _ = (disk, folder);
        todo!()
    }

    /// Drops what is settled and older than `before`. For the daemon at start only, while it holds `lock`. `before` is not
    /// later than the oldest that limits, history, trash and the grace of restored items look back to.
    ///
    /// # Errors
    /// What the disk says; the ledger is then as it was.
    pub async fn compact(&self, before: Timestamp) -> Result<(), LedgerError> {
        let _ = before;
        todo!()
    }

    /// Appends records that need no new number, durably. Do not drop the future before it is done.
    ///
    /// # Errors
    /// What the disk says; nothing was recorded then.
    pub async fn append(&self, records: &[Record]) -> Result<(), LedgerError> {
        let _ = records;
        todo!()
    }

    /// Appends records made from the ledger as it is at that moment (`next_id`, and counting on from it), so that two writers never
    /// give out the same number.
    ///
    /// # Errors
    /// As for `append`.
    pub async fn append_new(
        &self,
        make: impl FnOnce(&Book) -> Vec<Record> + Send,
    ) -> Result<Vec<Record>, LedgerError> {
        let _ = make;
        todo!()
    }

    /// Takes over what other processes appended.
    ///
    /// # Errors
    /// A damaged line, or a file that cannot be read.
    pub async fn refresh(&self) -> Result<(), LedgerError> {
        todo!()
    }

    /// What follows from the ledger. Cheap; do not hold on to it across an append.
    pub fn book(&self) -> Arc<Book> {
        todo!()
    }
}
