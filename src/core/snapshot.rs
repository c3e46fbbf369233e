//! What was read of accounts, as a file: `plan --save` writes it, `rules test` reads it. Names and paths are in it, but of
//! tracker addresses only the hosts.

use super::model::{AccountId, ItemId, Library, Magnet, Torrent, WITH_ADDRESSES};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Format of the file.
const FORMAT: &str = "seedwarden snapshot 1";

/// The file.
#[derive(Debug, Serialize, Deserialize)]
struct File {
    format: String,
    accounts: Vec<Snapshot>,
}

/// One account as it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its name.
    pub account: AccountId,
    /// When it was read.
    pub at: Timestamp,
    /// What was read.
    #[serde(flatten)]
    pub items: Items,
}

/// The items of an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Items {
    /// Torrents, with their server's values.
    Torrents(Box<Library>),
    /// Magnets.
    Magnets(BTreeMap<ItemId, Magnet>),
}

impl Snapshot {
    /// A snapshot of a server, without the secrets in tracker addresses.
    pub fn of_torrents(account: AccountId, at: Timestamp, library: &Library) -> Snapshot {
        let mut library = library.clone();
        library.torrents.values_mut().for_each(hide_addresses);
        Snapshot {
            account,
            at,
            items: Items::Torrents(Box::new(library)),
        }
    }
}

fn hide_addresses(torrent: &mut Torrent) {
    let host = torrent.tracker_host();
    torrent.tracker = if host.is_empty() {
        "".into()
    } else {
        format!("https://{host}/").into()
    };
    if let Some(other) = &mut torrent.other {
        other.retain(|name, _| !WITH_ADDRESSES.contains(&&**name));
    }
}

/// The file's text.
pub fn to_text(accounts: Vec<Snapshot>) -> String {
    let file = File {
        format: FORMAT.to_owned(),
        accounts,
    };
    // Maps have text keys and numbers are finite or become null, so that this cannot fail.
    serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
}

/// Reads the file's text.
///
/// # Errors
/// What is wrong with it.
pub fn from_text(text: &str) -> Result<Vec<Snapshot>, String> {
    let file: File = serde_json::from_str(text)
        .map_err(|error| format!("no snapshot ({error}); `seedwarden plan --save` writes one"))?;
    if file.format != FORMAT {
        return Err(format!(
            "found format {:?}, expected {FORMAT:?}: save it again with this version",
            file.format
        ));
    }
    Ok(file.accounts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::model::OtherFields;

    #[test]
    fn comes_back_as_it_was_but_for_addresses() {
        let mut library = Library::default();
        let torrent = Torrent {
            name: "Film".into(),
            tracker: "https://t.example/SECRET/announce".into(),
            size: Some(7),
            ratio: Some(0.5),
            other: Some(Box::new(OtherFields::from([
                ("magnet_uri".into(), "magnet:?tr=SECRET".into()),
                ("force_start".into(), true.into()),
            ]))),
            ..Torrent::default()
        };
        library.torrents.insert("a".repeat(40).into(), torrent);
        let snapshot = Snapshot::of_torrents("seedbox".into(), Timestamp::UNIX_EPOCH, &library);
        let text = to_text(vec![snapshot.clone()]);
        assert!(
            !text.contains("SECRET") && text.contains("t.example"),
            "{text}"
        );
        let back = from_text(&text).unwrap();
        assert_eq!(back, [snapshot]);
        let Items::Torrents(library) = &back[0].items else {
            panic!("torrents")
        };
        let torrent = library.torrents.values().next().unwrap();
        assert!(torrent.other.as_ref().unwrap().contains_key("force_start"));
    }

    #[test]
    fn says_what_is_no_snapshot() {
        assert!(from_text("{}").unwrap_err().contains("plan --save"));
        let other = r#"{"format": "seedwarden snapshot 9", "accounts": []}"#;
        assert!(from_text(other).unwrap_err().contains("save it again"));
    }
}
