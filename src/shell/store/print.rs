//! Contents told apart without keeping them.

use std::hash::{DefaultHasher, Hasher};

/// Tells contents apart without keeping them: state files of large accounts have megabytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Print {
    /// No file.
    Missing,
    /// A file.
    Bytes {
        /// Its length.
        length: usize,
        /// And a hash of its content: 64 bits, against chance only.
        hash: u64,
    },
}

/// The print of a file's content; `None`: no file.
pub fn print(bytes: Option<&[u8]>) -> Print {
    let Some(bytes) = bytes else {
        return Print::Missing;
    };
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    Print::Bytes {
        length: bytes.len(),
        hash: hasher.finish(),
    }
}
