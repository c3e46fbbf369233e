//! Requests to the services and decoding of their answers, over a [`crate::ports::Transport`]. Nothing here
//! knows a policy or remembers anything about an item, and nothing repeats what may have happened already.

pub mod alldebrid;
pub mod discord;
pub(crate) mod flat;
mod lenient;
mod outcome;
pub mod qbittorrent;
mod text;

pub use outcome::{ActionOutcome, LoginProblem, ReadError, ReadErrorKind};
pub use text::clean;

/// Name and version of this program for `User-Agent`, as qBittorrent and AllDebrid get it.
pub const USER_AGENT: &str = concat!("seedwarden/", env!("CARGO_PKG_VERSION"));
