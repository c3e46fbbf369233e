//! The API of AllDebrid: listing, restarting, deleting and uploading magnets. It decodes leniently, keeps to the
//! rate that all keys of the process share, and repeats a call only where that cannot change what it means.

mod action;
mod call;
mod envelope;
mod limiter;
mod magnets;
mod read;
#[cfg(test)]
mod testing;

pub use action::is_too_many_active;
pub use limiter::Limiter;
pub use read::{Listing, Uploaded, User};

use super::said::Secrets;
use crate::config::policy::{AdPolicy, Secret};
use crate::ports::Transport;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use url::Url;

/// A client of one AllDebrid account.
pub struct Alldebrid {
    transport: Arc<dyn Transport>,
    base: Url,
    key: Secret,
    secrets: Secrets,
    limiter: Arc<Limiter>,
    /// State of the source of jitter.
    seed: AtomicU64,
    keep_raw: bool,
}

impl Alldebrid {
    /// A client of the account that `policy` describes; nothing is sent yet. `limiter` is the one of the whole
    /// process, `seed` spreads its pauses before repetitions.
    pub fn new(
        transport: Arc<dyn Transport>,
        policy: &AdPolicy,
        limiter: Arc<Limiter>,
        seed: u64,
    ) -> Self {
        Self::at(
            transport,
            policy.url.clone(),
            policy.api_key.clone(),
            limiter,
            seed,
        )
    }

    /// A client of the service at this address, whose path is kept.
    pub fn at(
        transport: Arc<dyn Transport>,
        base: Url,
        key: Secret,
        limiter: Arc<Limiter>,
        seed: u64,
    ) -> Self {
        Self {
            transport,
            base: super::as_folder(base),
            secrets: Secrets::new([key.expose()]),
            key,
            limiter,
            seed: AtomicU64::new(seed),
            keep_raw: false,
        }
    }

    /// Whether magnets keep the object as it was sent, for rules that read it.
    #[must_use]
    pub fn keeping_raw(self, keep_raw: bool) -> Self {
        Self { keep_raw, ..self }
    }
}
