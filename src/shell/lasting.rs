//! What a process keeps whatever configuration is in force: the pace of requests, calls that hang, the watchdog, and the
//! sessions that it has to end.

use super::announce::Paces;
use super::eyes::Sessions;
use super::facts::Looks;
use super::watchdog::Pulses;
use crate::clients::alldebrid::Limiter;
use std::sync::Arc;

/// For the life of a process; clones are the same.
#[derive(Clone, Default)]
pub struct Lasting {
    /// The request limiter of AllDebrid, for all keys together.
    pub limiter: Arc<Limiter>,
    /// Calls to the disks of downloads that have not ended.
    pub looks: Looks,
    /// When each webhook can be sent to next.
    pub paces: Paces,
    /// What has to make progress, lest the watchdog is fed no more.
    pub pulses: Pulses,
    /// Sessions at servers, to be ended before a reload and at the end.
    pub sessions: Sessions,
}
