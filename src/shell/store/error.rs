//! Why the state could not be read or kept.

use crate::core::state::VERSION;
use crate::shell::files::DiskError;
use std::path::PathBuf;

/// Why the state could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A later program wrote the file.
    #[error(
        "{} has version {version}, and this Seedwarden knows versions up to {VERSION}: \
         install the later one again, or move the file away to start with empty counts",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u64,
    },
    /// Another daemon works in the folder.
    #[error("another seedwarden works in {} ({holder}): stop it first, or choose another state folder (--state-dir)", folder.display())]
    Held {
        /// The state folder.
        folder: PathBuf,
        /// What it wrote about itself.
        holder: String,
    },
    /// The state could not be written as JSON: a bug.
    #[error("could not encode the state: {0}")]
    Encode(serde_json::Error),
}
