//! Real qBittorrent servers on loopback, and what they need: torrents, trackers, and a client of the tests' own.
//!
//! None of this uses the product's code, so that both can't be wrong in the same way. A case is written as
//!
//! ```ignore
//! on_each_release! {
//!     fn a_torrent_is_kept(release) {
//!         let server = Server::start(release);
//!         let torrent = Torrent::named("kept").file("a.bin", 40_000).made();
//!         server.seed(&torrent);
//!         // … run the product against server.url(), USER and PASSWORD, then look:
//!         assert_eq!(server.api().state(&torrent.hash), "stalledUP");
//!     }
//! }
//! ```
//!
//! and becomes one test for each server that `tests/servers/fetch` can make available: `bookworm` (4.5), `trixie` (5.1)
//! and `backports` (5.3). Servers that are absent are skipped with a printed line.

// Each case uses its own part of the harness.
#![allow(dead_code)]

pub mod api;
pub mod server;
pub mod torrent;
pub mod tracker;

mod client;
mod facts;
mod free_space;
mod housekeeping;
mod links;
mod model;
mod observed;
mod outages;
mod sharing;
mod verdicts;

use std::thread;
use std::time::{Duration, Instant};

/// Makes one test of each function for each release; the function's argument is a `&Release`.
macro_rules! on_each_release {
    ($($(#[$meta:meta])* fn $name:ident($release:ident) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            fn case($release: &$crate::real::server::Release) $body

            $(#[$meta])* #[test] fn bookworm() { $crate::real::server::with_release("bookworm", case); }
            $(#[$meta])* #[test] fn trixie() { $crate::real::server::with_release("trixie", case); }
            $(#[$meta])* #[test] fn backports() { $crate::real::server::with_release("trixie-backports", case); }
        }
    )+};
}
pub(crate) use on_each_release;

/// How long anything on loopback may take on a busy machine before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(150);

/// Looks again and again until there is something to return. Panics with `what` if that takes longer than [`PATIENCE`].
pub fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, look).unwrap_or_else(|| panic!("waited {PATIENCE:?} in vain: {what}"))
}

/// Looks again and again for at most `limit`, and returns what was found, if anything.
pub fn within<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        let found = look();
        if found.is_some() || Instant::now() > deadline {
            return found;
        }
        thread::sleep(Duration::from_millis(30));
    }
}
