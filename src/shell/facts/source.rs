//! What the fact store asks of a server.

use crate::clients::ReadError;
use crate::clients::qbittorrent::Qbittorrent;
use crate::core::model::{ItemId, TorrentFile, Tracker};
use crate::ports::BoxFuture;
use std::collections::BTreeMap;

/// Torrents in one bulk reading: a form of 200 KB, an answer of about 10 MB.
pub const BULK: usize = 5_000;

/// Trackers of many torrents.
pub type TrackersById = BTreeMap<ItemId, Vec<Tracker>>;

/// The readings that facts need. Each method is one request; privacy can be two on servers before 4.5.1.
pub trait FactSource: Send + Sync {
    /// The files of a torrent.
    fn files<'a>(&'a self, id: &'a ItemId) -> BoxFuture<'a, Result<Vec<TorrentFile>, ReadError>>;
    /// The trackers of a torrent, pseudo rows left out.
    fn trackers<'a>(&'a self, id: &'a ItemId) -> BoxFuture<'a, Result<Vec<Tracker>, ReadError>>;
    /// The trackers of at most [`BULK`] torrents; a torrent that is gone is missing. `None`: the server cannot (before 5.1).
    fn trackers_of_many<'a>(
        &'a self,
        ids: &'a [ItemId],
    ) -> BoxFuture<'a, Result<Option<TrackersById>, ReadError>>;
    /// Whether a torrent with metadata is private; `None` if the server does not tell (before 4.5.1).
    fn is_private<'a>(&'a self, id: &'a ItemId) -> BoxFuture<'a, Result<Option<bool>, ReadError>>;
}

impl FactSource for Qbittorrent {
    fn files<'a>(&'a self, id: &'a ItemId) -> BoxFuture<'a, Result<Vec<TorrentFile>, ReadError>> {
        Box::pin(self.files(id))
    }

    fn trackers<'a>(&'a self, id: &'a ItemId) -> BoxFuture<'a, Result<Vec<Tracker>, ReadError>> {
        Box::pin(self.trackers(id))
    }

    fn trackers_of_many<'a>(
        &'a self,
        ids: &'a [ItemId],
    ) -> BoxFuture<'a, Result<Option<TrackersById>, ReadError>> {
        Box::pin(self.trackers_in_bulk(ids))
    }

    fn is_private<'a>(&'a self, id: &'a ItemId) -> BoxFuture<'a, Result<Option<bool>, ReadError>> {
        Box::pin(self.privacy(id))
    }
}
