//! The plan of one account: everything a cycle would do and why, and what it leaves alone and why not.
//! `Display` is what `seedwarden plan` prints.

mod absent;
mod action;
mod guard;
mod text;
mod words;

pub use super::model::foreign::on_one_line;
pub use absent::AbsentDisk;
pub use action::{Cause, Change, ChangeKind, Deletion, Remedy, RemedyKind, TrackerRemoval};
pub use guard::{Guard, Held, Kept, KeptReason};
pub use words::{bytes_text, counted, cut, duration_text, width};

use super::model::AccountId;
use super::state::Outage;
use jiff::Timestamp;

/// What one cycle of one account will do.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The account.
    pub account: AccountId,
    /// The cycle's time.
    pub at: Timestamp,
    /// How many items the account has.
    pub items: usize,
    /// Deletions, in the order in which they are to be sent.
    pub deletions: Vec<Deletion>,
    /// Remedies for items with failures.
    pub remedies: Vec<Remedy>,
    /// Failed trackers to be removed.
    pub tracker_removals: Vec<TrackerRemoval>,
    /// What rules do besides deleting.
    pub changes: Vec<Change>,
    /// Deletions that a guard holds back.
    pub held: Vec<Held>,
    /// Every other item and why it stays; filled only when asked for.
    pub kept: Vec<Kept>,
    /// Outages recognised in this cycle.
    pub outages_begun: Vec<Outage>,
    /// Outages that ended with this cycle.
    pub outages_ended: Vec<Outage>,
    /// Disks that are not there, found in full cycles where the `errored` block is on.
    pub absent_disks: Vec<AbsentDisk>,
    /// What a person should know besides: rules that failed, facts that stayed unknown, limits reached.
    pub warnings: Vec<String>,
}

impl Plan {
    /// A plan that does nothing.
    pub fn empty(account: AccountId, at: Timestamp) -> Plan {
        Plan {
            account,
            at,
            items: 0,
            deletions: Vec::new(),
            remedies: Vec::new(),
            tracker_removals: Vec::new(),
            changes: Vec::new(),
            held: Vec::new(),
            kept: Vec::new(),
            outages_begun: Vec::new(),
            outages_ended: Vec::new(),
            absent_disks: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Nothing would be sent to the server.
    pub fn is_idle(&self) -> bool {
        self.deletions.is_empty()
            && self.remedies.is_empty()
            && self.tracker_removals.is_empty()
            && self.changes.is_empty()
    }
}
