//! An account as the script's settings describe it, and as the configuration writes it.

use crate::import::amount;
use crate::import::document::Value;

/// The smallest share that counts as linked: the script was content with one linked file of any size.
const ANY_LINKED_FILE: &str = "0.000001";

/// Which categories are acted on.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Categories {
    All,
    Only(Vec<String>),
}

/// The `unregistered` block.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Orphans {
    pub(super) min_peers: u32,
    pub(super) messages: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) username: String,
    /// Nothing: it is to be had from the environment.
    pub(super) password: Option<String>,
    pub(super) categories: Categories,
    /// `private`, `public`, or nothing for both.
    pub(super) torrent_type: Option<&'static str>,
    pub(super) path_map: Vec<(String, String)>,
    pub(super) is_rechecking: bool,
    pub(super) unregistered: Option<Orphans>,
    pub(super) min_seeding_seconds: f64,
}

/// Name the accounts: one is `qbittorrent`, several are numbered.
pub(super) fn name(accounts: &mut [Account]) {
    let is_only = accounts.len() == 1;
    for (index, account) in accounts.iter_mut().enumerate() {
        account.name = if is_only {
            "qbittorrent".to_owned()
        } else {
            format!("qbittorrent-{}", index + 1)
        };
    }
}

impl Account {
    pub(super) fn acts_on_public(&self) -> bool {
        self.torrent_type != Some("private")
    }

    pub(super) fn into_value(self) -> Value {
        let acts_on_public = self.acts_on_public();
        let password = match &self.password {
            Some(password) => Value::text(password),
            None => Value::secret_in("env", "QBT_PASSWORD"),
        };
        let categories = match self.categories {
            Categories::All => Value::texts(["All"]),
            Categories::Only(names) => Value::texts(names),
        };
        let torrent_type = self.torrent_type.unwrap_or("any");
        let mut entries = vec![
            ("name", Value::Text(self.name)),
            ("type", Value::text("qbittorrent")),
            ("url", Value::Text(self.url)),
            ("username", Value::Text(self.username)),
            ("password", password),
            (
                "select",
                Value::Object(vec![
                    ("categories", categories),
                    ("torrent_type", Value::text(torrent_type)),
                ]),
            ),
        ];
        if !self.path_map.is_empty() {
            let pairs = self.path_map.into_iter().map(|(from, to)| {
                Value::Object(vec![("from", Value::Text(from)), ("to", Value::Text(to))])
            });
            entries.push(("path_map", Value::List(pairs.collect())));
        }
        if self.is_rechecking {
            // The script rechecks at each run and never gives up: the other keys would have no meaning.
            let block = vec![("last_resort", Value::text("keep"))];
            entries.push(("errored", Value::Object(block)));
        }
        if let Some(orphans) = self.unregistered {
            let block = vec![
                ("max_failures", Value::number(1)),
                ("last_resort", Value::text("delete_files")),
                ("min_peers", Value::number(orphans.min_peers)),
                ("messages", Value::texts(orphans.messages)),
            ];
            entries.push(("unregistered", Value::Object(block)));
        }
        if acts_on_public {
            let block = vec![
                ("max_failures", Value::number(1)),
                ("last_resort", Value::text("remove_tracker")),
                ("for", Value::text("0s")),
            ];
            entries.push(("failed_trackers", Value::Object(block)));
        }
        let min_seeding_time = amount::duration(self.min_seeding_seconds);
        let block = vec![
            ("min_seeding_time", Value::Text(min_seeding_time)),
            ("action", Value::text("delete_files")),
            ("min_linked_share", Value::number(ANY_LINKED_FILE)),
        ];
        entries.push(("hardlinks", Value::Object(block)));
        Value::Object(entries)
    }
}
