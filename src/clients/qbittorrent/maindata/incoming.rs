//! One answer as it arrives, piece by piece, and how it is taken over into the library once it is whole: in place of
//! what was there, or as changes of it.

use super::super::item_of;
use super::super::row::{FieldSet, RowRead, Rows};
use super::super::splitter::{NotJson, Piece, Receiver, Want};
use super::{Exchange, RawRows, Refresh, Sync};
use crate::clients::bounded::{MOST_TORRENTS, is_within};
use crate::clients::lenient::{Bool, Int, Text, int_of};
use crate::core::model::{ItemId, Library, ServerState, Torrent};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What arrives, until it is known to be whole.
pub(super) struct Incoming<'a> {
    keep: &'a FieldSet,
    rows: Rows<'a>,
    pub on_raw: &'a mut dyn RawRows,
    /// The list is known to be the whole one.
    whole: bool,
    pub full_update: Option<bool>,
    rid: Option<i64>,
    /// Torrents of a whole list, in its order. A map that grows in the order of its keys has nodes that are half empty;
    /// made of all at once it takes little more than half of the memory.
    list: Vec<(ItemId, Torrent)>,
    /// Changes, to be applied at the end.
    changes: Vec<(ItemId, Box<[u8]>)>,
    removed: BTreeSet<ItemId>,
    server: BTreeMap<String, Value>,
    /// Torrents so far, also those that make no sense. None is kept beyond the bound.
    pub rows_seen: usize,
    bad_rows: usize,
    bad_items: BTreeSet<ItemId>,
}

impl<'a> Incoming<'a> {
    pub fn new(whole: bool, keep: &'a FieldSet, on_raw: &'a mut dyn RawRows) -> Self {
        Self {
            keep,
            rows: Rows::new(keep),
            on_raw,
            whole,
            full_update: None,
            rid: None,
            list: Vec::new(),
            changes: Vec::new(),
            removed: BTreeSet::new(),
            server: BTreeMap::new(),
            rows_seen: 0,
            bad_rows: 0,
            bad_items: BTreeSet::new(),
        }
    }

    fn take_row(&mut self, hash: &str, row: &[u8]) -> Result<(), NotJson> {
        self.rows_seen += 1;
        if self.rows_seen > MOST_TORRENTS {
            return Ok(());
        }
        let Some(item) = item_of(hash) else {
            self.bad_rows += 1;
            return json::<serde::de::IgnoredAny>(row).map(drop);
        };
        if self.whole {
            self.take_whole(item, row)
        } else {
            json::<serde::de::IgnoredAny>(row)?;
            self.changes.push((item, row.into()));
            Ok(())
        }
    }

    fn take_whole(&mut self, item: ItemId, row: &[u8]) -> Result<(), NotJson> {
        let mut torrent = Torrent::unread();
        match self.rows.patch(&mut torrent, row) {
            RowRead::Taken => {
                self.on_raw
                    .row(item.as_str(), &String::from_utf8_lossy(row));
                self.list.push((item, torrent));
            }
            RowRead::NoTorrent => {
                self.bad_rows += 1;
                self.bad_items.insert(item);
            }
            RowRead::NotJson => return Err(NotJson),
        }
        Ok(())
    }

    /// The body was whole: takes it over. Nothing here can end in the middle.
    pub fn apply(mut self, library: &mut Library, sync: &mut Sync) -> Result<Exchange, NotJson> {
        let full = self.full_update == Some(true);
        // Whoever sends no number or only a part when asked for everything is no qBittorrent.
        let rid = self.rid.filter(|_| full || !self.whole).ok_or(NotJson)?;
        let refresh = match full {
            true => self.replace(library)?,
            false => match self.merge(library) {
                Some(refresh) => refresh,
                None => return Ok(Exchange::OutOfStep),
            },
        };
        *sync = Sync {
            rid,
            torrents: library.torrents.len(),
            keep: self.keep.clone(),
        };
        Ok(Exchange::Done(refresh))
    }

    fn replace(&mut self, library: &mut Library) -> Result<Refresh, NotJson> {
        // Rows that came before it was known that the list is whole.
        for (item, row) in std::mem::take(&mut self.changes) {
            self.take_whole(item, &row)?;
        }
        let mut bad = std::mem::take(&mut self.bad_items);
        if !bad.is_empty() {
            for (item, _) in &self.list {
                bad.remove(item);
            }
        }
        self.list.extend(bad.into_iter().map(|item| {
            let before = library.torrents.remove(&item);
            (item, before.unwrap_or_else(Torrent::unread))
        }));
        let list = std::mem::take(&mut self.list).into_iter().collect();
        let before = std::mem::replace(&mut library.torrents, list);
        for (item, torrent) in &mut library.torrents {
            if let Some(before) = before.get(item).filter(|b| b.added_on == torrent.added_on) {
                torrent.last_good = before.last_good.clone();
                torrent.remember(&before.state, before.completed);
            }
        }
        let gone = before
            .into_keys()
            .filter(|item| !library.torrents.contains_key(item));
        let removed = gone.collect();
        library.server = ServerState::default();
        merge_server(&mut library.server, std::mem::take(&mut self.server));
        Ok(Refresh {
            full: true,
            moved: true,
            changed: library.torrents.keys().cloned().collect(),
            removed,
            bad_rows: self.bad_rows,
        })
    }

    /// `None`, and nothing changed, if a torrent is new to us but comes with a part of its fields only.
    fn merge(&mut self, library: &mut Library) -> Option<Refresh> {
        let new = self.changes.iter().filter(|(item, _)| {
            self.removed.contains(item) || !library.torrents.contains_key(item)
        });
        // More than are read: the whole list will say so.
        if library.torrents.len() + new.clone().count() > MOST_TORRENTS + self.removed.len() {
            return None;
        }
        for (_, row) in new {
            let row: BTreeMap<String, serde::de::IgnoredAny> = json(row).ok()?;
            if !row.contains_key("state") || !row.contains_key("name") {
                return None;
            }
        }
        let mut refresh = Refresh {
            bad_rows: self.bad_rows,
            ..Refresh::default()
        };
        for item in std::mem::take(&mut self.removed) {
            if library.torrents.remove(&item).is_some() {
                refresh.moved = true;
                refresh.removed.push(item);
            }
        }
        for (item, row) in std::mem::take(&mut self.changes) {
            let torrent = library.torrents.entry(item.clone());
            let torrent = torrent.or_insert_with(Torrent::unread);
            let place = place_of(torrent);
            match self.rows.patch(torrent, &row) {
                RowRead::Taken => {
                    refresh.moved |= place_of(torrent) != place;
                    self.on_raw
                        .row(item.as_str(), &String::from_utf8_lossy(&row));
                    refresh.changed.push(item);
                }
                RowRead::NoTorrent | RowRead::NotJson => refresh.bad_rows += 1,
            }
        }
        refresh
            .removed
            .retain(|item| !library.torrents.contains_key(item));
        merge_server(&mut library.server, std::mem::take(&mut self.server));
        Some(refresh)
    }
}

impl Receiver for Incoming<'_> {
    fn piece(&mut self, piece: Piece<'_>) -> Result<(), NotJson> {
        match (piece.section, piece.row) {
            ("torrents", Some(hash)) => self.take_row(hash, piece.json)?,
            // Instead of an object: null is as good as absent, and nothing else is known to come.
            ("torrents", None) if piece.json != b"null" => return Err(NotJson),
            ("rid", _) => self.rid = json::<Int>(piece.json)?.0,
            ("full_update", _) => {
                self.full_update = json::<Bool>(piece.json)?.0;
                self.whole |= self.full_update == Some(true);
            }
            ("torrents_removed", _) if !is_within(MOST_TORRENTS, piece.json) => {
                return Err(NotJson);
            }
            ("torrents_removed", _) => {
                let removed: Option<Vec<Text>> = json(piece.json)?;
                let removed = removed.into_iter().flatten();
                self.removed = removed.filter_map(|hash| item_of(&hash.0?)).collect();
            }
            ("server_state", _) => {
                self.server = json::<Option<_>>(piece.json)?.unwrap_or_default();
            }
            _ => {}
        }
        Ok(())
    }

    fn begin_of(&mut self, section: &str, row: &str, json: &str) -> Option<usize> {
        if section != "torrents" || !self.whole || self.rows_seen >= MOST_TORRENTS {
            return None;
        }
        let item = item_of(row)?;
        self.list.push((item, Torrent::unread()));
        let (item, torrent) = self.list.last_mut()?;
        let Some(length) = self.rows.begin_of(torrent, json) else {
            self.list.pop();
            return None;
        };
        self.rows_seen += 1;
        self.on_raw.row(item.as_str(), &json[..length]);
        Some(length)
    }
}

/// `trackers` has every hash again for each tracker, and nobody reads it; nor labels.
pub(super) fn wanted(section: &str) -> Want {
    match section {
        "torrents" => Want::Rows,
        "rid" | "full_update" | "torrents_removed" | "server_state" => Want::Whole,
        _ => Want::Skip,
    }
}

/// Everything on which the paths of a torrent's files depend, as far as the list shows it, and what tells it from another
/// torrent of the same info-hash.
fn place_of(torrent: &Torrent) -> impl PartialEq + use<> {
    let names = (torrent.name.clone(), torrent.content_path.clone());
    let folders = (torrent.save_path.clone(), torrent.download_path.clone());
    let sizes = (torrent.size, torrent.total_size, torrent.is_complete());
    (names, folders, sizes, torrent.added_on)
}

fn merge_server(server: &mut ServerState, changed: BTreeMap<String, Value>) {
    server.raw.extend(changed);
    let number = |name: &str| server.raw.get(name).and_then(int_of);
    server.free_space_on_disk = number("free_space_on_disk");
    server.dl_info_speed = number("dl_info_speed");
    server.up_info_speed = number("up_info_speed");
    server.alltime_dl = number("alltime_dl");
    server.alltime_ul = number("alltime_ul");
}

/// Decodes a piece; bytes that are no UTF-8 become U+FFFD.
fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, NotJson> {
    serde_json::from_str(&String::from_utf8_lossy(bytes)).map_err(|_| NotJson)
}
