//! One item of either service, seen the same way by everything that does not depend on the service.

use crate::core::model::{ItemId, Library, Magnet, Torrent};
use std::collections::BTreeMap;

/// What was read of an account.
#[derive(Debug, Clone, Copy)]
pub enum Seen<'a> {
    /// A qBittorrent server.
    Torrents(&'a Library),
    /// An AllDebrid account.
    Magnets(&'a BTreeMap<ItemId, Magnet>),
}

/// One item.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    /// A torrent.
    Torrent(&'a Torrent),
    /// A magnet.
    Magnet(&'a Magnet),
}

impl<'a> Seen<'a> {
    /// How many items there are.
    pub fn len(&self) -> usize {
        match self {
            Seen::Torrents(library) => library.torrents.len(),
            Seen::Magnets(magnets) => magnets.len(),
        }
    }

    /// No items at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item with this id.
    pub fn get(&self, id: &ItemId) -> Option<Item<'a>> {
        match self {
            Seen::Torrents(library) => library.torrents.get(id).map(Item::Torrent),
            Seen::Magnets(magnets) => magnets.get(id).map(Item::Magnet),
        }
    }

    /// Calls `each` with every item in the order of their ids.
    pub fn for_each(&self, mut each: impl FnMut(&'a ItemId, Item<'a>)) {
        match self {
            Seen::Torrents(library) => library
                .torrents
                .iter()
                .for_each(|(id, t)| each(id, Item::Torrent(t))),
            Seen::Magnets(magnets) => magnets.iter().for_each(|(id, m)| each(id, Item::Magnet(m))),
        }
    }
}

impl<'a> Item<'a> {
    /// Name for people.
    pub fn title(&self, id: &'a ItemId) -> &'a str {
        match self {
            Item::Torrent(torrent) => torrent.title(id),
            Item::Magnet(magnet) if magnet.filename.is_empty() => id.as_str(),
            Item::Magnet(magnet) => &magnet.filename,
        }
    }

    /// Bytes, where known: of the wanted files for a torrent.
    pub fn size_bytes(&self) -> Option<i64> {
        match self {
            Item::Torrent(torrent) => torrent.size,
            Item::Magnet(magnet) => magnet.size,
        }
        .filter(|&bytes| bytes > 0)
    }

    /// When it was added, in Unix seconds: another value means another item under the same id.
    pub fn added_on(&self) -> Option<i64> {
        match self {
            Item::Torrent(torrent) => torrent.added_on,
            Item::Magnet(magnet) => magnet.upload_date,
        }
    }

    /// Info-hash of a magnet, where AllDebrid tells it; a torrent's is its id.
    pub fn hash(&self) -> Option<&'a str> {
        match self {
            Item::Torrent(_) => None,
            Item::Magnet(magnet) => magnet.hash.as_deref(),
        }
    }

    /// qBittorrent's ratio.
    pub fn ratio(&self) -> Option<f64> {
        match self {
            Item::Torrent(torrent) => torrent.ratio,
            Item::Magnet(_) => None,
        }
    }

    /// Share had, 0 to 1.
    pub fn progress(&self) -> Option<f64> {
        match self {
            Item::Torrent(torrent) => torrent.progress,
            Item::Magnet(magnet) => Some(magnet.progress()),
        }
    }
}
