//! Trackers of a torrent, and the only form in which they may be shown: their host.

use crate::core::mark::mark;
use std::collections::BTreeSet;
use std::fmt;

/// One row of `torrents/trackers`, pseudo rows left out.
#[derive(Clone, PartialEq, Eq)]
pub struct Tracker {
    /// Announce address. Holds passkeys: never shown, logged or stored outside of the trash.
    pub url: Box<str>,
    /// 0 disabled, 1 not contacted, 2 working, 3 updating, 4 not working, 5 tracker error, 6 unreachable (5 and 6 from Web API 2.13).
    pub status: i64,
    /// An announce is in flight (5.2 and later; before, status 3 says so).
    pub updating: bool,
    /// The tracker's own text, or the transport's.
    pub message: Box<str>,
}

impl Tracker {
    /// Host name without port, user or path.
    pub fn host(&self) -> String {
        host_of(&self.url)
    }

    /// A stable name for records: the host, and a mark that tells two addresses of one host apart
    /// without giving them away.
    pub fn key(&self) -> String {
        format!("{}~{:08x}", self.host(), mark(self.url.bytes()))
    }
}

impl fmt::Debug for Tracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracker")
            .field("host", &self.host())
            .field("status", &self.status)
            .field("updating", &self.updating)
            .field("message", &crate::core::unregistered::shown(self))
            .finish()
    }
}

/// The hosts of these trackers, each once and in lower case.
pub fn hosts_of(trackers: &[Tracker]) -> BTreeSet<String> {
    let hosts = trackers.iter().map(|tracker| tracker.host().to_lowercase());
    hosts.filter(|host| !host.is_empty()).collect()
}

/// The host of an announce address by the WHATWG rules; empty for an empty text and for what is no address.
pub fn host_of(address: &str) -> String {
    if address.is_empty() {
        return String::new();
    }
    url::Url::parse(address)
        .ok()
        .and_then(|u| u.host_str().map(str::to_owned))
        .unwrap_or_default()
}
