//! Files of a torrent.

/// One row of `torrents/files`.
#[derive(Debug, Clone, PartialEq)]
pub struct TorrentFile {
    /// Path inside the save path, with "/" separators; never carries the suffix of incomplete files.
    pub name: Box<str>,
    /// Bytes.
    pub size_bytes: i64,
    /// Share had, 0 to 1.
    pub progress: f64,
    /// 0 skip, 1 normal, 6 high, 7 maximal (4.2: 4 normal).
    pub priority: i64,
}
