//! What the accounts of one daemon have in common.

use crate::config::policy::{Limits, Policy};
use crate::ports::Clock;
use crate::shell::announce;
use crate::shell::kept::Kept;
use jiff::tz::TimeZone;
use std::sync::Arc;
use tokio::sync::{Notify, watch};

/// What all accounts of a daemon share.
pub struct Shared {
    /// State, ledger and trash.
    pub kept: Kept,
    /// Limits of all accounts.
    pub limits: Limits,
    /// Zone of the rules' clock.
    pub zone: TimeZone,
    /// Marks of the webhooks.
    pub webhooks: Vec<String>,
    /// Told whenever something new may be owed to the webhooks; all who wait are woken, in the order in which they came.
    pub owed: Notify,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Becomes true when the daemon is to stop.
    pub stop: watch::Receiver<bool>,
}

/// Shared values taken from a policy.
pub fn shared(
    policy: &Policy,
    kept: Kept,
    clock: Arc<dyn Clock>,
    stop: watch::Receiver<bool>,
) -> Shared {
    Shared {
        kept,
        limits: policy.limits.clone(),
        zone: policy.time_zone.clone(),
        webhooks: announce::marks(policy),
        owed: Notify::new(),
        clock,
        stop,
    }
}
