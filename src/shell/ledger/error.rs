//! Why the ledger could not be read or written.

use crate::shell::files::DiskError;
use std::path::PathBuf;

/// Why the ledger could not be read or written. Without a ledger nothing is deleted: what was deleted lately, and what is owed
/// to the webhooks, would be unknown.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The disk.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A line cannot be understood.
    #[error(
        "line {line} of {} cannot be read ({why}). Nothing is deleted until that is mended: repair or remove that line, \
         or move the file away, which loses the history and what is still to be announced",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// Somebody removed or shortened the file.
    #[error(
        "{} was removed or shortened while Seedwarden runs. Nothing is deleted: restart Seedwarden if that was on purpose",
        path.display()
    )]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A record could not be written as JSON: a bug.
    #[error("could not encode a record: {0}")]
    Encode(serde_json::Error),
}
