//! What was read of accounts, as a file: `plan --save` writes it, `rules test` reads it. Names and paths are in it, but of
//! tracker addresses only the hosts.

mod beside;

pub use beside::Beside;

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
    /// What rules can ask beside; older snapshots have nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<Beside>,
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
    /// A snapshot of a server, without the secrets in tracker addresses, and with the free space that rules saw.
    pub fn of_torrents(
        account: AccountId,
        at: Timestamp,
        library: &Library,
        free_bytes: Option<i64>,
        beside: Beside,
    ) -> Snapshot {
        let mut library = library.clone();
        library.server.free_space_on_disk = free_bytes;
        library.torrents.values_mut().for_each(hide_addresses);
        Snapshot {
            account,
            at,
            items: Items::Torrents(Box::new(library)),
            beside: Some(beside),
        }
    }
}

fn hide_addresses(torrent: &mut Torrent) {
    torrent.tracker = beside::address_of(&torrent.tracker_host()).into();
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
    use crate::core::facts::Facts;
    use crate::core::hardlinks::{LinkFinding, LinkResult, LinkShare};
    use crate::core::model::{OtherFields, Tracker};
    use crate::core::state::{AccountState, Failures};

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
        let id = ItemId::from("a".repeat(40));
        let tracker = Tracker {
            url: "https://t.example/SECRET/announce".into(),
            status: 4,
            updating: false,
            message: "no such passkey: SECRET".into(),
        };
        let share = LinkShare {
            total_bytes: 7,
            link_count: 2,
            ..LinkShare::default()
        };
        let mut facts = Facts::default();
        facts.private.insert(id.clone(), Ok(Some(true)));
        facts.trackers.insert(id.clone(), Ok(vec![tracker]));
        let at = Timestamp::UNIX_EPOCH;
        let result = LinkResult::Seen(share);
        facts.links.insert(
            id.clone(),
            LinkFinding {
                at,
                result: result.clone(),
            },
        );
        facts.links.insert(
            "b".into(),
            LinkFinding {
                at,
                result: LinkResult::Unknown("why".into()),
            },
        );
        let mut state = AccountState::default();
        state.items.entry(id.clone()).or_default().errored = Some(Failures {
            failures: 3,
            ..Failures::default()
        });
        let beside = Beside::of(&facts, &state, (1.5, 0.25));
        let snapshot = Snapshot::of_torrents("seedbox".into(), at, &library, None, beside);
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
        let beside = back[0].beside.as_ref().unwrap();
        let again = beside.facts(at);
        assert_eq!(
            (&again.private, &again.links),
            (&facts.private, &facts.links)
        );
        let tracker = &again.trackers[&id].as_ref().unwrap()[0];
        assert_eq!((&*tracker.host(), tracker.status), ("t.example", 4));
        assert_eq!(&*tracker.message, "no such passkey: …");
        assert_eq!(beside.state().items[&id].most_failures(), 3);
        assert_eq!(beside.smoothed_speeds, (1.5, 0.25));
    }

    #[test]
    fn older_snapshot_has_nothing_beside_the_listing() {
        let text = r#"{"format": "seedwarden snapshot 1", "accounts": [
            {"account": "debrid", "at": "2026-11-20T12:00:00Z", "magnets": {}}]}"#;
        assert_eq!(from_text(text).unwrap()[0].beside, None);
    }

    #[test]
    fn says_what_is_no_snapshot() {
        assert!(from_text("{}").unwrap_err().contains("plan --save"));
        let other = r#"{"format": "seedwarden snapshot 9", "accounts": []}"#;
        assert!(from_text(other).unwrap_err().contains("save it again"));
    }
}
