//! What `ledger.jsonl` records, and what follows from it. Reading and writing the file is the shell's.

mod book;
mod compact;
mod doings;
mod record;
#[cfg(test)]
pub(crate) mod testing;

pub use book::{Book, Owed, Recent};
pub use compact::compact;
pub use record::{
    Began, DeletionIntent, IntentId, KeptAs, NoticeText, Outcome, OutcomeKind, Record, RestoreDone,
    TrackerRemoved, TreatmentBegun, TreatmentEnd, TreatmentResult, Was,
};
