//! .torrent files: made from a torrent (export), and read when one is added. The same torrent always gives the
//! same bytes, and the info-hash is the SHA-1 of its `info` part, as in real files.

use super::bencode::{Value, hex, sha1};
use super::torrent::File;
use bytes::Bytes;

/// What a .torrent file tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metainfo {
    /// Name of the torrent.
    pub name: String,
    /// Files with their paths below the save path, and their sizes.
    pub files: Vec<File>,
    /// Private torrents use only their trackers.
    pub is_private: bool,
    /// Announce URLs by tier.
    pub trackers: Vec<Vec<String>>,
    /// Comment, or "".
    pub comment: String,
    /// An info-hash that was given by hand and not computed.
    pub(super) given_hash: Option<String>,
}

/// Name of an entry outside of `info` for torrents whose hash was given by hand, so that adding the exported
/// file again gives that hash.
const GIVEN_HASH: &str = "model-info-hash";
/// Fewer pieces than real torrents have: their hashes are of no interest here and only cost time.
const MOST_PIECES: u64 = 8;

/// Size of a piece for a torrent of this size.
pub(super) fn piece_size(total_size: u64) -> u64 {
    total_size
        .div_ceil(MOST_PIECES)
        .next_power_of_two()
        .max(16 << 10)
}

impl Metainfo {
    /// The info-hash, 40 hexadecimal digits in lower case.
    pub fn hash(&self) -> String {
        match &self.given_hash {
            Some(hash) => hash.clone(),
            None => {
                let mut info = Vec::new();
                self.info().encode(&mut info);
                hex(&sha1(&info))
            }
        }
    }

    /// The bytes of the .torrent file. With `only_list` there is no `announce` beside an `announce-list`.
    pub fn bytes(&self, only_list: bool) -> Bytes {
        let mut entries = Vec::new();
        let first = self.trackers.iter().flatten().next();
        let has_list = self.trackers.iter().flatten().count() > 1;
        if let Some(first) = first.filter(|_| !(has_list && only_list)) {
            entries.push(("announce", Value::text(first)));
        }
        if has_list {
            let tier =
                |tier: &Vec<String>| Value::List(tier.iter().map(|url| Value::text(url)).collect());
            entries.push((
                "announce-list",
                Value::List(self.trackers.iter().map(tier).collect()),
            ));
        }
        if !self.comment.is_empty() {
            entries.push(("comment", Value::text(&self.comment)));
        }
        entries.push(("info", self.info()));
        if let Some(hash) = &self.given_hash {
            entries.push((GIVEN_HASH, Value::text(hash)));
        }
        let mut bytes = Vec::new();
        Value::dict(entries).encode(&mut bytes);
        bytes.into()
    }

    fn info(&self) -> Value {
        let total: u64 = self.files.iter().map(|file| file.size).sum();
        let piece = piece_size(total);
        let pieces = total.div_ceil(piece);
        let seed = sha1(self.name.as_bytes());
        let pieces = (0..pieces).flat_map(|n| sha1(&[&seed[..], &n.to_be_bytes()].concat()));
        let mut entries = Vec::new();
        if self.is_bare() {
            let size = self.files.iter().map(|file| file.size).sum();
            entries.push(("length", int(size)));
        } else {
            let files = self.files.iter().map(|file| self.entry(file));
            entries.push(("files", Value::List(files.collect())));
        }
        entries.push(("name", Value::text(&self.name)));
        entries.push(("piece length", int(piece)));
        entries.push(("pieces", Value::Bytes(pieces.collect())));
        if self.is_private {
            entries.push(("private", Value::Int(1)));
        }
        // A mark of the model's own: real files always have a root folder.
        if !self.has_root() && !self.is_bare() {
            entries.push(("rootless", Value::Int(1)));
        }
        Value::dict(entries)
    }

    /// One file that lies in no folder.
    fn is_bare(&self) -> bool {
        matches!(self.files.as_slice(), [file] if file.name == self.name)
    }

    fn has_root(&self) -> bool {
        let root = format!("{}/", self.name);
        self.files.iter().all(|file| file.name.starts_with(&root))
    }

    fn entry(&self, file: &File) -> Value {
        let root = format!("{}/", self.name);
        let path = match self.has_root() {
            true => file.name.strip_prefix(&root).unwrap_or(&file.name),
            false => &file.name,
        };
        let path = path.split('/').map(Value::text).collect();
        Value::dict(vec![
            ("length", int(file.size)),
            ("path", Value::List(path)),
        ])
    }

    /// Reads a .torrent file; `None` if it is none.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let whole = Value::decode(bytes)?;
        let info = whole.get("info")?;
        let name = info.get("name")?.as_text()?;
        let files = match info.get("length") {
            Some(length) => vec![File::new(&name, length.as_size()?)],
            None => {
                let root = match info.get("rootless") {
                    Some(_) => String::new(),
                    None => format!("{name}/"),
                };
                let files = info.get("files")?.as_list()?.iter();
                files
                    .map(|file| read_file(file, &root))
                    .collect::<Option<_>>()?
            }
        };
        let announce = whole.get("announce").and_then(Value::as_text);
        let trackers = match whole.get("announce-list").and_then(Value::as_list) {
            Some(tiers) => tiers.iter().map(read_tier).collect::<Option<_>>()?,
            None => announce.into_iter().map(|url| vec![url]).collect(),
        };
        let mut info_bytes = Vec::new();
        info.encode(&mut info_bytes);
        let read = Self {
            name,
            files,
            is_private: info.get("private") == Some(&Value::Int(1)),
            trackers,
            comment: whole
                .get("comment")
                .and_then(Value::as_text)
                .unwrap_or_default(),
            given_hash: whole.get(GIVEN_HASH).and_then(Value::as_text),
        };
        // Files made elsewhere have real pieces: their hash can't be computed from what is kept.
        let hash = hex(&sha1(&info_bytes));
        match &read.given_hash {
            None if read.hash() != hash => Some(Self {
                given_hash: Some(hash),
                ..read
            }),
            None | Some(_) => Some(read),
        }
    }
}

fn int(size: u64) -> Value {
    Value::Int(i64::try_from(size).unwrap_or(i64::MAX))
}

fn read_file(file: &Value, root: &str) -> Option<File> {
    let parts = file.get("path")?.as_list()?.iter();
    let parts: Vec<String> = parts.map(Value::as_text).collect::<Option<_>>()?;
    Some(File::new(
        &format!("{root}{}", parts.join("/")),
        file.get("length")?.as_size()?,
    ))
}

fn read_tier(tier: &Value) -> Option<Vec<String>> {
    tier.as_list()?.iter().map(Value::as_text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is exported can be added again and gives the same hash.
    fn check(files: &[(&str, u64)], given_hash: Option<&str>) {
        let metainfo = Metainfo {
            name: "n".to_owned(),
            files: files
                .iter()
                .map(|(name, size)| File::new(name, *size))
                .collect(),
            is_private: true,
            trackers: vec![vec!["http://a/1".to_owned()], vec!["http://b/2".to_owned()]],
            comment: "c".to_owned(),
            given_hash: given_hash.map(str::to_owned),
        };
        for only_list in [false, true] {
            let read = Metainfo::read(&metainfo.bytes(only_list)).unwrap();
            assert_eq!(read, metainfo);
            assert_eq!(read.hash(), metainfo.hash());
        }
    }

    #[test]
    fn exported_files_read_back_alike() {
        check(&[("n", 5)], None);
        check(&[("n/a", 5), ("n/b/c", 1 << 40)], None);
        check(&[("a", 5), ("b/c", 6)], None);
        check(&[("n/only/deep", 5)], None);
        check(&[("n", 0)], Some(&"ab".repeat(20)));
    }

    #[test]
    fn what_is_no_torrent_is_refused() {
        assert_eq!(Metainfo::read(b"garbage"), None);
        assert_eq!(Metainfo::read(b"d4:infod4:name1:aee"), None);
    }
}
