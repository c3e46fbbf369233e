//! Requests to the services and decoding of their answers, over a [`crate::ports::Transport`]. Nothing here
//! knows a policy or remembers anything about an item, and nothing repeats what may have happened already.

pub mod alldebrid;
mod bounded;
pub mod discord;
pub(crate) mod flat;
mod lenient;
mod outcome;
pub mod qbittorrent;
mod said;
mod text;

pub use outcome::{ActionOutcome, LoginProblem, ReadError, ReadErrorKind};
pub use text::clean;

use url::Url;

/// Name and version of this program for `User-Agent`, as qBittorrent and AllDebrid get it.
pub const USER_AGENT: &str = concat!("seedwarden/", env!("CARGO_PKG_VERSION"));

/// The address with a slash at its end, so that its whole path stays when a request's path is joined to it.
fn as_folder(mut base: Url) -> Url {
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    base
}
