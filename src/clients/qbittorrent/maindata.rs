//! `sync/maindata`: the whole list once, then what changed. A body that is cut off or makes no sense changes
//! nothing; the server tells the same changes again.

use super::call::Call;
use super::row::{FieldSet, RowRead, Rows};
use super::session::Session;
use super::splitter::{NotJson, Piece, Receiver, Splitter, Want};
use super::{Qbittorrent, item_of};
use crate::clients::lenient::{Bool, Int, Text, int_of};
use crate::clients::{ReadError, ReadErrorKind};
use crate::config::policy::Login;
use crate::core::model::{ItemId, Library, ServerState, Torrent};
use crate::ports::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Longest list accepted: ten times that of 50,000 torrents.
const LIST_LIMIT: usize = 1 << 30;
const WHAT: &str = "the list of torrents";

/// Told of info-hash and JSON of each torrent as it was sent: all fields in a full list, else the changed
/// ones. What it was told holds even if the reading fails afterwards; the same may be told again.
pub trait RawRows: Send {
    /// One torrent.
    fn row(&mut self, id: &str, json: &str);

    /// Waits until what it was told takes little memory again.
    fn settle(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

impl<F: FnMut(&str, &str) + Send> RawRows for F {
    fn row(&mut self, id: &str, json: &str) {
        self(id, json);
    }
}

/// Who is told of the torrents as they were sent, if anybody.
pub type OnRaw<'a> = Option<&'a mut dyn RawRows>;

/// What a refresh brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refresh {
    /// The server sent the whole list: first time, a new session, or it said so.
    pub full: bool,
    /// Torrents that are new or changed; in a full list all of them.
    pub changed: Vec<ItemId>,
    /// Torrents that are in the list no more.
    pub removed: Vec<ItemId>,
    /// A torrent came or went, or one has another name, path or size.
    pub moved: bool,
    /// Rows that were no torrents. Where the info-hash was good, the torrent is in the library as it was before,
    /// or as one of which nothing is known.
    pub bad_rows: usize,
}

/// Where the exchange stands in the session.
#[derive(Debug, Default)]
pub(super) struct Sync {
    /// The last answer that was taken over; 0 asks for everything.
    rid: i64,
    /// The library that it was written into had this many torrents, and these further fields.
    torrents: usize,
    keep: FieldSet,
}

impl Sync {
    /// The next answer is to be a full list.
    pub fn ask_for_everything(&mut self) {
        self.rid = 0;
    }
}

/// How one exchange went.
enum Exchange {
    Done(Refresh),
    /// The changes do not fit what we have: the whole list is needed.
    OutOfStep,
}

impl Qbittorrent {
    /// Makes the next refresh a full one.
    pub async fn forget_list(&self) {
        self.session.lock().await.sync.ask_for_everything();
    }

    /// Brings `library` up to date. It must be the one of the calls before, or a new one. `keep` names further
    /// fields that are to be kept; changing it makes the next reading a full one.
    ///
    /// # Errors
    /// The library is as it was then.
    pub async fn refresh(
        &self,
        library: &mut Library,
        keep: &FieldSet,
        on_raw: OnRaw<'_>,
    ) -> Result<Refresh, ReadError> {
        let mut session = self.session.lock().await;
        let session = &mut *session;
        session.refused = None;
        let mut nobody = |_: &str, _: &str| {};
        let on_raw: &mut dyn RawRows = match on_raw {
            Some(on_raw) => on_raw,
            None => &mut nobody,
        };
        let sync = &session.sync;
        if sync.torrents != library.torrents.len() || sync.keep != *keep {
            session.sync.ask_for_everything();
        }
        let mut exchange = self.exchange(session, library, keep, on_raw).await;
        if let Ok(Exchange::OutOfStep) = exchange {
            session.sync.ask_for_everything();
            exchange = self.exchange(session, library, keep, on_raw).await;
        }
        let mut refresh = match exchange {
            Ok(Exchange::Done(refresh)) => refresh,
            Ok(Exchange::OutOfStep) => return Err(not_json()),
            Err(error) => {
                if matches!(self.login, Login::ApiKey(_)) {
                    // A key stays good over a restart of the server, and nothing tells the new session's numbers
                    // from the old one's.
                    session.sync.ask_for_everything();
                }
                return Err(error);
            }
        };
        refresh.changed.sort();
        library.api = session.api.unwrap_or_default();
        Ok(refresh)
    }

    async fn exchange(
        &self,
        session: &mut Session,
        library: &mut Library,
        keep: &FieldSet,
        on_raw: &mut dyn RawRows,
    ) -> Result<Exchange, ReadError> {
        let asked = session.sync.rid;
        let call = Call::get("sync/maindata", WHAT).with("rid", asked.to_string());
        let mut answer = self.answer(session, &call.long()).await?;
        // In a new session 1 is the number of the whole list. If that was lost, asking again with a 1 of the session before
        // would be taken for its receipt.
        let is_of_another = session.sync.rid != asked || (session.repeated && asked == 1);
        let mut splitter = Splitter::new(wanted);
        let mut incoming = Incoming::new(asked == 0, keep, on_raw);
        let mut length = 0;
        loop {
            let piece = answer.body.chunk().await;
            let piece = piece.map_err(|error| ReadError::unreachable(WHAT, &error))?;
            let Some(piece) = piece else { break };
            length += piece.len();
            if length > LIST_LIMIT {
                let text = format!("{WHAT} is longer than {LIST_LIMIT} bytes");
                return Err(ReadError::new(ReadErrorKind::Malformed, text));
            }
            let fed = splitter.feed(&piece, &mut incoming);
            fed.map_err(|NotJson| not_json())?;
            incoming.on_raw.settle().await;
        }
        splitter.finish().map_err(|NotJson| not_json())?;
        if asked != 0 {
            if incoming.full_update == Some(true) {
                // The server has begun anew: it may be another version. A renewed session has asked for that already.
                if session.sync.rid == asked {
                    session.forget_version();
                }
                self.ensure_session(session).await?;
            } else if is_of_another {
                return Ok(Exchange::OutOfStep);
            }
        }
        let exchange = incoming.apply(library, &mut session.sync);
        exchange.map_err(|NotJson| not_json())
    }
}

/// What arrives, until it is known to be whole.
struct Incoming<'a> {
    keep: &'a FieldSet,
    rows: Rows<'a>,
    on_raw: &'a mut dyn RawRows,
    /// The list is known to be the whole one.
    whole: bool,
    full_update: Option<bool>,
    rid: Option<i64>,
    /// Torrents of a whole list, in its order. A map that grows in the order of its keys has nodes that are half empty;
    /// made of all at once it takes little more than half of the memory.
    list: Vec<(ItemId, Torrent)>,
    /// Changes, to be applied at the end.
    changes: Vec<(ItemId, Box<[u8]>)>,
    removed: BTreeSet<ItemId>,
    server: BTreeMap<String, Value>,
    bad_rows: usize,
    bad_items: BTreeSet<ItemId>,
}

/// `trackers` has every hash again for each tracker, and nobody reads it; nor labels.
fn wanted(section: &str) -> Want {
    match section {
        "torrents" => Want::Rows,
        "rid" | "full_update" | "torrents_removed" | "server_state" => Want::Whole,
        _ => Want::Skip,
    }
}

impl<'a> Incoming<'a> {
    fn new(whole: bool, keep: &'a FieldSet, on_raw: &'a mut dyn RawRows) -> Self {
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
            bad_rows: 0,
            bad_items: BTreeSet::new(),
        }
    }

    fn take_row(&mut self, hash: &str, row: &[u8]) -> Result<(), NotJson> {
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
        let mut torrent = Torrent::default();
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
    fn apply(mut self, library: &mut Library, sync: &mut Sync) -> Result<Exchange, NotJson> {
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
            let before = library.torrents.remove(&item).unwrap_or_default();
            (item, before)
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
            let torrent = library.torrents.entry(item.clone()).or_default();
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
        if section != "torrents" || !self.whole {
            return None;
        }
        let item = item_of(row)?;
        self.list.push((item, Torrent::default()));
        let (item, torrent) = self.list.last_mut()?;
        let Some(length) = self.rows.begin_of(torrent, json) else {
            self.list.pop();
            return None;
        };
        self.on_raw.row(item.as_str(), &json[..length]);
        Some(length)
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

fn not_json() -> ReadError {
    ReadError::malformed(format!(
        "{WHAT}: the answer is not what qBittorrent sends, or was cut off; is this the address of the WebUI \
         itself, with no login page of a proxy before it?"
    ))
}

#[cfg(test)]
mod tests;
