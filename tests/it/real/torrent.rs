//! Torrents made on the spot: the `.torrent` file, its info-hash, and the data that belongs to it.

use std::fs;
use std::path::{Path, PathBuf};

use sha1::{Digest, Sha1};

/// Small pieces, so that small files have several and a part of a torrent can be missing.
const PIECE_BYTES: usize = 16 * 1024;

/// A torrent, its data included.
#[derive(Clone, Debug)]
pub struct Torrent {
    /// Its name: that of its file, or of its folder.
    pub name: String,
    /// The info-hash, 40 lower-case hexadecimal digits, as the Web API gives it.
    pub hash: String,
    /// The content of its `.torrent` file.
    pub bytes: Vec<u8>,
    /// Each file with its path below the save path, and its content.
    pub files: Vec<(PathBuf, Vec<u8>)>,
}

/// A torrent in the making.
#[derive(Clone, Debug)]
pub struct Draft {
    name: String,
    files: Vec<(String, Vec<u8>)>,
    folder: bool,
    private: bool,
    tiers: Vec<String>,
}

impl Torrent {
    /// Begins a torrent. Without further ado it is public, has no tracker, and no files yet.
    pub fn named(name: &str) -> Draft {
        Draft {
            name: name.to_owned(),
            files: Vec::new(),
            folder: false,
            private: false,
            tiers: Vec::new(),
        }
    }

    /// Where its files are if the save path is `folder`.
    pub fn paths(&self, folder: &Path) -> Vec<PathBuf> {
        self.files
            .iter()
            .map(|(path, _)| folder.join(path))
            .collect()
    }

    /// Writes its data below the save path `folder`.
    pub fn write_data(&self, folder: &Path) {
        for (path, content) in &self.files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().expect("a file has a folder"))
                .expect("a folder for data");
            fs::write(path, content).expect("data is written");
        }
    }

    /// Removes its data from the save path `folder`.
    pub fn remove_data(&self, folder: &Path) {
        for path in self.paths(folder) {
            fs::remove_file(path).expect("data is removed");
        }
    }

    /// Whether its data is whole below the save path `folder`.
    pub fn has_data(&self, folder: &Path) -> bool {
        self.files
            .iter()
            .all(|(path, content)| fs::read(folder.join(path)).is_ok_and(|found| &found == content))
    }

    /// The info-hash as the 20 bytes that trackers are sent.
    pub fn raw_hash(&self) -> [u8; 20] {
        let byte =
            |i| u8::from_str_radix(&self.hash[2 * i..2 * i + 2], 16).expect("hexadecimal digits");
        std::array::from_fn(byte)
    }
}

impl Draft {
    /// Adds a file of `size_bytes`, with content that depends on the names of torrent and file alone. One file makes
    /// a torrent of a bare file, several make a folder; a `/` in `path` makes folders below that.
    pub fn file(self, path: &str, size_bytes: usize) -> Self {
        let content = content(&format!("{}/{path}", self.name), size_bytes);
        self.file_with(path, content)
    }

    /// Adds a file with this content.
    pub fn file_with(mut self, path: &str, content: Vec<u8>) -> Self {
        self.files.push((path.to_owned(), content));
        self
    }

    /// Makes it a folder, though it may have one file only.
    pub fn in_a_folder(mut self) -> Self {
        self.folder = true;
        self
    }

    /// Sets the private flag.
    pub fn private(mut self) -> Self {
        self.private = true;
        self
    }

    /// Adds a tracker, in a tier of its own below those that are there.
    pub fn tracker(mut self, url: &str) -> Self {
        self.tiers.push(url.to_owned());
        self
    }

    /// Finishes the torrent.
    pub fn made(mut self) -> Torrent {
        assert!(!self.files.is_empty(), "a torrent has at least one file");
        let folder = self.folder || self.files.len() > 1;
        if !folder {
            // The name of a bare file is that of the torrent.
            self.name.clone_from(&self.files[0].0);
        }
        let info = self.info(folder);
        let hash = Sha1::digest(&info)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let bytes = self.metainfo(&info);
        let top = if folder {
            PathBuf::from(&self.name)
        } else {
            PathBuf::new()
        };
        let files = self
            .files
            .into_iter()
            .map(|(path, content)| (top.join(path), content))
            .collect();
        Torrent {
            name: self.name,
            hash,
            bytes,
            files,
        }
    }

    /// The dictionary that the info-hash is taken of. Keys have to be sorted.
    fn info(&self, folder: bool) -> Vec<u8> {
        let all = self
            .files
            .iter()
            .flat_map(|(_, content)| content)
            .copied()
            .collect::<Vec<_>>();
        let pieces = all
            .chunks(PIECE_BYTES)
            .flat_map(|piece| Sha1::digest(piece).to_vec())
            .collect::<Vec<_>>();
        let mut info = vec![b'd'];
        if folder {
            key(&mut info, "files");
            info.push(b'l');
            for (path, content) in &self.files {
                info.push(b'd');
                key(&mut info, "length");
                integer(&mut info, content.len());
                key(&mut info, "path");
                info.push(b'l');
                path.split('/')
                    .for_each(|part| string(&mut info, part.as_bytes()));
                info.extend(b"ee");
            }
            info.push(b'e');
        } else {
            key(&mut info, "length");
            integer(&mut info, all.len());
        }
        key(&mut info, "name");
        string(&mut info, self.name.as_bytes());
        key(&mut info, "piece length");
        integer(&mut info, PIECE_BYTES);
        key(&mut info, "pieces");
        string(&mut info, &pieces);
        if self.private {
            key(&mut info, "private");
            integer(&mut info, 1);
        }
        info.push(b'e');
        info
    }

    fn metainfo(&self, info: &[u8]) -> Vec<u8> {
        let mut file = vec![b'd'];
        if let Some(first) = self.tiers.first() {
            key(&mut file, "announce");
            string(&mut file, first.as_bytes());
            key(&mut file, "announce-list");
            file.push(b'l');
            for url in &self.tiers {
                file.push(b'l');
                string(&mut file, url.as_bytes());
                file.push(b'e');
            }
            file.push(b'e');
        }
        key(&mut file, "info");
        file.extend(info);
        file.push(b'e');
        file
    }
}

/// Bytes that look random, the same for the same name (xorshift, seeded with a hash of the name).
pub fn content(name: &str, size_bytes: usize) -> Vec<u8> {
    let digest = Sha1::digest(name.as_bytes());
    let mut seed = digest.iter().fold(1u64, |seed, byte| {
        seed.wrapping_mul(257).wrapping_add(u64::from(*byte))
    }) | 1;
    let next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed.to_le_bytes()[3]
    };
    std::iter::repeat_with(next).take(size_bytes).collect()
}

fn key(out: &mut Vec<u8>, key: &str) {
    string(out, key.as_bytes());
}

/// A bencoded string: its length, a colon, its bytes.
pub fn string(out: &mut Vec<u8>, text: &[u8]) {
    out.extend(format!("{}:", text.len()).into_bytes());
    out.extend(text);
}

/// A bencoded number.
pub fn integer(out: &mut Vec<u8>, number: usize) {
    out.extend(format!("i{number}e").into_bytes());
}
