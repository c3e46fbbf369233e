//! The data of one account as the worker keeps it, and the values of `maindata` that follow from it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::packed::{Field, Packed, Packer};
use crate::core::model::Magnet;
use crate::shell::script_host::message::Shape;

/// An item: a torrent or magnet. Never changed, only replaced, so that objects handed to rules stay as they are.
pub(super) struct Item {
    /// What the daemon calls it: the info-hash, or the magnet's id.
    pub(super) id: Rc<str>,
    /// The fields as the server sent them.
    pub(super) raw: Packed,
    /// Joined tracker messages, where they were read.
    pub(super) tracker_status: Option<Rc<str>>,
    /// State word and progress of a magnet.
    pub(super) magnet: Option<(&'static str, f64)>,
}

/// One account.
pub(super) struct Account {
    pub(super) shape: Shape,
    /// In the order of the listing.
    pub(super) items: Vec<Rc<Item>>,
    places: BTreeMap<Rc<str>, usize>,
    /// `server_state`; none where the account could not be read.
    server: Option<Packed>,
}

impl Account {
    /// An account without items. AllDebrid has no values of a server, so that its `maindata` needs none to be whole.
    pub(super) fn new(packer: &mut Packer, shape: Shape) -> Account {
        packer.begin();
        let nothing = packer.finish();
        Account {
            shape,
            items: Vec::new(),
            places: BTreeMap::new(),
            server: (shape == Shape::Alldebrid).then_some(nothing),
        }
    }

    /// Where an item stands in the listing.
    pub(super) fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// Takes an item, or the changed fields of one that is there.
    pub(super) fn put(
        &mut self,
        packer: &mut Packer,
        id: &str,
        json: &str,
    ) -> Result<(), serde_json::Error> {
        let changes = packer.pack(json)?;
        let known = self.place(id);
        let (id, raw, tracker_status) = match known.map(|place| &self.items[place]) {
            Some(old) => (
                Rc::clone(&old.id),
                packer.merge(&old.raw, &changes),
                old.tracker_status.clone(),
            ),
            None => (Rc::from(id), changes, None),
        };
        let magnet = match self.shape {
            Shape::Alldebrid => Some(magnet_facts(packer, &raw)),
            Shape::Qbittorrent | Shape::Vertex => None,
        };
        let item = Rc::new(Item {
            id: Rc::clone(&id),
            raw,
            tracker_status,
            magnet,
        });
        match known {
            Some(place) => self.items[place] = item,
            None => {
                self.places.insert(id, self.items.len());
                self.items.push(item);
            }
        }
        Ok(())
    }

    /// Takes changed values of the server; `null` means that the account could not be read.
    pub(super) fn put_server(
        &mut self,
        packer: &mut Packer,
        json: &str,
    ) -> Result<(), serde_json::Error> {
        if json.trim() == "null" {
            self.server = None;
            return Ok(());
        }
        let changes = packer.pack(json)?;
        self.server = Some(match &self.server {
            Some(old) => packer.merge(old, &changes),
            None => changes,
        });
        Ok(())
    }

    /// Takes the joined tracker messages of an item.
    pub(super) fn put_tracker_status(&mut self, packer: &mut Packer, id: &str, status: &str) {
        let Some(place) = self.place(id) else {
            return;
        };
        let old = &self.items[place];
        packer.begin();
        let nothing = packer.finish();
        self.items[place] = Rc::new(Item {
            id: Rc::clone(&old.id),
            raw: packer.merge(&old.raw, &nothing),
            tracker_status: Some(status.into()),
            magnet: old.magnet,
        });
    }

    /// Takes items out.
    pub(super) fn remove(&mut self, ids: &[String]) {
        let gone: BTreeSet<usize> = ids.iter().filter_map(|id| self.place(id)).collect();
        if gone.is_empty() {
            return;
        }
        let mut place = 0;
        self.items.retain(|_| {
            place += 1;
            !gone.contains(&(place - 1))
        });
        let places = self.items.iter().enumerate();
        self.places = places
            .map(|(place, item)| (Rc::clone(&item.id), place))
            .collect();
    }

    /// `maindata` without its torrents. An account that could not be read has an empty one.
    pub(super) fn maindata(&self, packer: &mut Packer) -> Item {
        let raw = match (&self.server, self.shape) {
            (None, _) => {
                packer.begin();
                packer.finish()
            }
            (Some(server), Shape::Vertex) => {
                packer.begin();
                let nothing = packer.finish();
                packer.merge(server, &nothing)
            }
            (Some(server), Shape::Qbittorrent | Shape::Alldebrid) => {
                self.mapped_maindata(packer, server)
            }
        };
        Item {
            id: "".into(),
            raw,
            tracker_status: None,
            magnet: None,
        }
    }

    /// Whether `maindata` has torrents at all.
    pub(super) fn is_readable(&self) -> bool {
        self.server.is_some()
    }

    fn mapped_maindata(&self, packer: &mut Packer, server: &Packed) -> Packed {
        let mut numbers = Vec::new();
        for (name, source, is_text) in SERVER_FIELDS {
            let id = packer.names.id(source);
            let number = match id.and_then(|id| server.get(id)) {
                Some(Field::Number(number)) => Some(number),
                Some(Field::Text(text)) if *is_text => {
                    Some(crate::core::rules::value::number_of(text))
                }
                Some(Field::Null) if *is_text => Some(0.0),
                Some(_) => None,
                None if *is_text => Some(f64::NAN),
                None => None,
            };
            numbers.extend(number.map(|number| (*name, number)));
        }
        let free_space = packer.names.id(FREE_SPACE_FIELD);
        let why_unknown = match free_space.and_then(|id| server.get(id)) {
            Some(Field::Text(why)) => Some(quoted(why)),
            Some(_) | None => None,
        };
        numbers.extend(self.counts(packer));
        let whole = json_of(packer, server);
        packer.begin();
        for (name, number) in numbers {
            packer.push_number(name, number);
        }
        if let Some(why) = why_unknown {
            packer.push_json(FREE_SPACE, &why);
        }
        packer.push_json("serverState", &whole);
        packer.finish()
    }

    /// `leechingCount`, `seedingCount` and `usedSpace`.
    fn counts(&self, packer: &mut Packer) -> [(&'static str, f64); 3] {
        let (state, completed) = match self.shape {
            Shape::Qbittorrent | Shape::Vertex => ("state", "completed"),
            Shape::Alldebrid => ("", "downloaded"),
        };
        let (state, completed) = (packer.names.id(state), packer.names.id(completed));
        let (mut leeching, mut seeding, mut used) = (0.0, 0.0, 0.0);
        for item in &self.items {
            match state.and_then(|state| item.raw.get(state)) {
                Some(Field::Text("downloading" | "stalledDL")) => leeching += 1.0,
                Some(Field::Text("uploading" | "stalledUP")) => seeding += 1.0,
                _ => {}
            }
            if matches!(item.magnet, Some(("active", _))) {
                leeching += 1.0;
            }
            used += match completed.and_then(|completed| item.raw.get(completed)) {
                Some(Field::Number(number)) => number,
                Some(Field::Null) => 0.0,
                None if self.shape == Shape::Alldebrid => 0.0,
                _ => f64::NAN,
            };
        }
        [
            ("leechingCount", leeching),
            ("seedingCount", seeding),
            ("usedSpace", used),
        ]
    }
}

/// Free space, in `maindata` and in `server_state`. Where it is not known, the latter has the reason as a text.
pub(super) const FREE_SPACE: &str = "freeSpaceOnDisk";
const FREE_SPACE_FIELD: &str = "free_space_on_disk";

/// Names in `maindata`, in `server_state`, and whether the latter is a text with a number in it.
const SERVER_FIELDS: &[(&str, &str, bool)] = &[
    ("allTimeUpload", "alltime_ul", false),
    ("allTimeDownload", "alltime_dl", false),
    ("uploadSpeed", "up_info_speed", false),
    ("downloadSpeed", "dl_info_speed", false),
    (FREE_SPACE, FREE_SPACE_FIELD, false),
    ("queuedIO", "queued_io_jobs", false),
    ("readCacheOverload", "read_cache_overload", true),
    ("writeCacheOverload", "write_cache_overload", true),
];

/// State word and progress, by the same rules as everywhere else.
fn magnet_facts(packer: &mut Packer, raw: &Packed) -> (&'static str, f64) {
    let mut get = |name: &str| packer.names.id(name).and_then(|id| raw.get(id));
    let whole = |field: Option<Field<'_>>| match field {
        Some(Field::Number(number)) => Some(number as i64),
        _ => None,
    };
    let magnet = Magnet {
        status: match get("status") {
            Some(Field::Text(text)) => text.into(),
            _ => "".into(),
        },
        status_code: whole(get("statusCode")),
        size: whole(get("size")),
        downloaded: whole(get("downloaded")),
        ..Magnet::default()
    };
    (magnet.class().word(), magnet.progress())
}

/// The object as JSON text again.
fn json_of(packer: &Packer, packed: &Packed) -> String {
    let mut json = String::from("{");
    for (position, name) in packed.layout.names.iter().enumerate() {
        if position > 0 {
            json.push(',');
        }
        json.push_str(&quoted(&packer.names.text(*name)));
        json.push(':');
        match packed.field(position) {
            Field::Null => json.push_str("null"),
            Field::Bool(flag) => json.push_str(if flag { "true" } else { "false" }),
            Field::Number(number) => json.push_str(&crate::core::rules::value::text_of(number)),
            Field::Text(text) => json.push_str(&quoted(text)),
            Field::Json(nested) => json.push_str(nested),
        }
    }
    json.push('}');
    json
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> (Packer, Account) {
        let mut packer = Packer::default();
        let mut account = Account::new(&mut packer, Shape::Qbittorrent);
        for (id, json) in [
            ("a", r#"{"state":"downloading","completed":5}"#),
            ("b", r#"{"state":"stalledUP","completed":7}"#),
            ("c", r#"{"state":"forcedUP","completed":1}"#),
        ] {
            account.put(&mut packer, id, json).expect("valid");
        }
        (packer, account)
    }

    fn number(packer: &mut Packer, item: &Item, name: &str) -> Option<f64> {
        match packer.names.id(name).and_then(|id| item.raw.get(id)) {
            Some(Field::Number(number)) => Some(number),
            _ => None,
        }
    }

    #[test]
    fn changed_fields_are_put_over_the_item() {
        let (mut packer, mut account) = account();
        account
            .put(&mut packer, "a", r#"{"completed":6}"#)
            .expect("valid");
        let item = Rc::clone(&account.items[0]);
        assert_eq!(number(&mut packer, &item, "completed"), Some(6.0));
        assert_eq!(account.items.len(), 3);
    }

    #[test]
    fn removed_items_leave_the_others_in_order() {
        let (mut packer, mut account) = account();
        account.remove(&["a".to_owned(), "zzz".to_owned()]);
        account
            .put(&mut packer, "c", r#"{"completed":2}"#)
            .expect("valid");
        let ids: Vec<&str> = account.items.iter().map(|item| &*item.id).collect();
        assert_eq!(ids, ["b", "c"]);
        assert_eq!(account.place("b"), Some(0));
    }

    #[test]
    fn maindata_counts_as_vertex_does() {
        let (mut packer, mut account) = account();
        let server = r#"{"up_info_speed":9,"read_cache_overload":"12.5","free_space_on_disk":0}"#;
        account.put_server(&mut packer, server).expect("valid");
        let maindata = account.maindata(&mut packer);
        let mut get = |name: &str| number(&mut packer, &maindata, name);
        assert_eq!(get("leechingCount"), Some(1.0));
        assert_eq!(get("seedingCount"), Some(1.0));
        assert_eq!(get("usedSpace"), Some(13.0));
        assert_eq!(get("uploadSpeed"), Some(9.0));
        assert_eq!(get("readCacheOverload"), Some(12.5));
        assert_eq!(get("freeSpaceOnDisk"), Some(0.0));
        assert!(get("writeCacheOverload").is_some_and(f64::is_nan));
        assert_eq!(get("downloadSpeed"), None);
    }

    #[test]
    fn an_unreadable_account_has_an_empty_maindata() {
        let (mut packer, mut account) = account();
        account.put_server(&mut packer, "{\"x\":1}").expect("valid");
        account.put_server(&mut packer, "null").expect("valid");
        assert!(account.maindata(&mut packer).raw.layout.names.is_empty());
        assert!(!account.is_readable());
    }
}
