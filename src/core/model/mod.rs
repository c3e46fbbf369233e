//! What accounts contain, as plain values: identifiers, facts, torrents, magnets, trackers, files.

mod evidence;
mod file;
pub mod foreign;
mod guarded;
pub mod id;
mod magnet;
mod row;
mod torrent;
mod tracker;

pub use evidence::{Dated, Deed, Doing, Fact, Unknown};
pub use file::TorrentFile;
pub use guarded::{Address, OtherFields, WITH_ADDRESSES};
pub use id::{AccountId, ItemId, is_added_anew};
pub use magnet::{Magnet, MagnetClass};
pub use row::row_of;
pub use torrent::{
    ApiVersion, LastGood, Library, STATE_WORDS, ServerState, State, TextField, Torrent, UnsentTexts,
};
pub use tracker::{Tracker, host_of, hosts_of};
