//! The Web API of qBittorrent 4.1 to 5.3 (Web API 2.0 to 2.16). One [`Qbittorrent`] per account keeps one session
//! for the life of the process and sends one request at a time, because the server answers them so.

mod action;
mod add;
mod call;
mod maindata;
mod read;
mod row;
mod running;
mod session;
mod splitter;
#[cfg(test)]
mod testing;
mod version;

pub use action::ShareLimits;
pub use add::{AddTorrent, ContentLayout, TorrentSource};
pub use maindata::{OnRaw, RawRows, Refresh};
pub use read::{Export, Preferences};
pub use row::FieldSet;
pub use version::ServerVersion;

use super::said::Secrets;
use crate::config::policy::{Login, QbtPolicy};
use crate::core::model::ItemId;
use crate::ports::Transport;
use session::Session;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Mutex;
use url::Url;

/// A client of one qBittorrent server and user.
///
/// It logs in when it has to, once per reading at most, and keeps what the server refused for good until the
/// next [`Qbittorrent::refresh`] or [`Qbittorrent::version`]: the caller decides when that is (five bad logins
/// ban this machine's address for an hour).
pub struct Qbittorrent {
    transport: Arc<dyn Transport>,
    base: Url,
    login: Login,
    ca_file: Option<PathBuf>,
    secrets: Secrets,
    session: Mutex<Session>,
}

impl Qbittorrent {
    /// A client of the server that `policy` describes; nothing is sent yet.
    pub fn new(transport: Arc<dyn Transport>, policy: &QbtPolicy) -> Self {
        let (login, ca_file) = (policy.login.clone(), policy.ca_file.clone());
        Self::at(transport, policy.url.clone(), login, ca_file)
    }

    /// A client of the server at this address, whose path is kept.
    pub fn at(
        transport: Arc<dyn Transport>,
        base: Url,
        login: Login,
        ca_file: Option<PathBuf>,
    ) -> Self {
        let secrets = match &login {
            Login::Password { username, password } => {
                Secrets::of_login(username, password.expose())
            }
            Login::ApiKey(key) => Secrets::new([key.expose()]),
        };
        Self {
            transport,
            base: super::as_folder(base),
            secrets,
            login,
            ca_file,
            session: Mutex::new(Session::default()),
        }
    }
}

/// Whether this is an info-hash as the API takes it: 40 or 64 hexadecimal digits, lower case (4.2 finds no others).
/// Everything else stays out of `hashes`, where `all` and nothing both mean every torrent.
fn is_hash(text: &str) -> bool {
    let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    matches!(text.len(), 40 | 64) && text.bytes().all(is_digit)
}

/// The item of this info-hash, if it is one.
fn item_of(hash: &str) -> Option<ItemId> {
    let hash = hash.to_ascii_lowercase();
    is_hash(&hash).then(|| ItemId::from(hash))
}
