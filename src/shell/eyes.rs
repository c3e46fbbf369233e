//! How an account is seen: its client, what it listed last, and the facts fetched beside that. Reads only.

use crate::clients::alldebrid::{Alldebrid, Limiter};
use crate::clients::qbittorrent::{FieldSet, Qbittorrent};
use crate::clients::{ReadError, ReadErrorKind};
use crate::config::policy::{AccountPolicy, QbtPolicy, Service};
use crate::core::decide::Seen;
use crate::core::facts::{Facts, Wanted};
use crate::core::model::{ItemId, Library, Magnet};
use crate::core::rules::subject::smoothed;
use crate::ports::Ports;
use crate::shell::facts::{FactStore, NameIndex};
use crate::shell::wanted_fields;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// Link findings are looked at again after this time where the `hardlinks` block is absent (keys of rules).
const RECHECK_EVERY: Duration = Duration::from_secs(6 * 60 * 60);

/// An empty list after one with items is read again after this pause before it is believed.
const EMPTY_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// The eyes on one account.
pub enum Eyes {
    /// A qBittorrent server.
    Torrents(Box<TorrentEyes>),
    /// An AllDebrid account.
    Magnets(Box<MagnetEyes>),
}

/// The eyes on a qBittorrent server.
pub struct TorrentEyes {
    /// Its client.
    pub client: Qbittorrent,
    policy: QbtPolicy,
    library: Library,
    facts: FactStore,
    keep: FieldSet,
    smoothed_speeds: (f64, f64),
    read_at: Option<Instant>,
}

/// The eyes on an AllDebrid account.
pub struct MagnetEyes {
    /// Its client.
    pub client: Alldebrid,
    magnets: BTreeMap<ItemId, Magnet>,
    facts: Facts,
}

/// What all accounts share to see.
#[derive(Clone)]
pub struct Optics {
    /// The ports.
    pub ports: Ports,
    /// The request limiter of AllDebrid, for all keys together.
    pub limiter: Arc<Limiter>,
    /// Names of files over all qBittorrent accounts.
    pub names: Arc<Mutex<NameIndex>>,
}

impl Optics {
    /// For the accounts of one process.
    pub fn new(ports: Ports) -> Optics {
        Optics {
            ports,
            limiter: Arc::default(),
            names: Arc::default(),
        }
    }
}

impl Eyes {
    /// Opens the eyes; nothing is sent yet.
    pub fn new(policy: &AccountPolicy, optics: &Optics) -> Eyes {
        let transport = optics.ports.transport.clone();
        match &policy.service {
            Service::Qbittorrent(service) => Eyes::Torrents(Box::new(TorrentEyes {
                client: Qbittorrent::new(transport, service),
                policy: (**service).clone(),
                library: Library::default(),
                facts: FactStore::new(
                    policy.name.clone(),
                    optics.ports.disk.clone(),
                    optics.names.clone(),
                ),
                keep: wanted_fields::of(policy),
                smoothed_speeds: (0.0, 0.0),
                read_at: None,
            })),
            Service::Alldebrid(service) => {
                let seed = optics.ports.clock.now().as_nanosecond() as u64;
                Eyes::Magnets(Box::new(MagnetEyes {
                    client: Alldebrid::new(transport, service, optics.limiter.clone(), seed),
                    magnets: BTreeMap::new(),
                    facts: Facts::default(),
                }))
            }
        }
    }

    /// Reads the account. Answers whether the listing is known to hold every item.
    ///
    /// # Errors
    /// Why it could not be read completely; what was seen before is then kept and must not be decided on.
    pub async fn read(&mut self, now: Timestamp, had_items: bool) -> Result<bool, ReadError> {
        match self {
            Eyes::Torrents(eyes) => eyes.read(now, had_items).await,
            Eyes::Magnets(eyes) => eyes.read(had_items).await,
        }
    }

    /// What was read last.
    pub fn seen(&self) -> Seen<'_> {
        match self {
            Eyes::Torrents(eyes) => Seen::Torrents(&eyes.library),
            Eyes::Magnets(eyes) => Seen::Magnets(&eyes.magnets),
        }
    }

    /// What is known beyond it.
    pub fn facts(&self) -> &Facts {
        match self {
            Eyes::Torrents(eyes) => eyes.facts.facts(),
            Eyes::Magnets(eyes) => &eyes.facts,
        }
    }

    /// Smoothed speeds of the server, upload and download.
    pub fn smoothed_speeds(&self) -> (f64, f64) {
        match self {
            Eyes::Torrents(eyes) => eyes.smoothed_speeds,
            Eyes::Magnets(_) => (0.0, 0.0),
        }
    }

    /// Fetches what a decision lacked.
    pub async fn fetch(&mut self, wanted: &Wanted, now: Timestamp) {
        match self {
            Eyes::Torrents(eyes) => {
                let TorrentEyes {
                    client,
                    policy,
                    library,
                    facts,
                    ..
                } = &mut **eyes;
                facts.fetch(wanted, client, library, policy, now).await;
            }
            Eyes::Magnets(_) => {}
        }
    }

    /// Reads one item anew for a second look, with everything known of it forgotten. `None`: it is gone.
    ///
    /// # Errors
    /// Why it could not be read.
    pub async fn read_again(&mut self, id: &ItemId) -> Result<Option<()>, ReadError> {
        match self {
            Eyes::Torrents(eyes) => {
                let mut found = eyes
                    .client
                    .info(std::slice::from_ref(id), &eyes.keep)
                    .await?;
                eyes.facts.forget(id);
                Ok(match found.remove(id) {
                    Some(fresh) => {
                        let old = eyes.library.torrents.remove(id);
                        let fresh = fresh.with_what_only_deltas_tell(old.as_ref());
                        eyes.library.torrents.insert(id.clone(), fresh);
                        Some(())
                    }
                    None => None,
                })
            }
            Eyes::Magnets(eyes) => match eyes.client.by_id(id).await {
                Ok(fresh) => {
                    eyes.magnets.insert(id.clone(), fresh);
                    Ok(Some(()))
                }
                Err(error) if error.is_gone() => Ok(None),
                Err(error) => Err(error),
            },
        }
    }

    /// Whether an item is listed, by a fresh question about it alone.
    ///
    /// # Errors
    /// Why nobody can say.
    pub async fn is_listed(&self, id: &ItemId) -> Result<bool, ReadError> {
        match self {
            Eyes::Torrents(eyes) => {
                let found = eyes
                    .client
                    .info(std::slice::from_ref(id), &FieldSet::none())
                    .await?;
                Ok(found.contains_key(id))
            }
            Eyes::Magnets(eyes) => match eyes.client.by_id(id).await {
                Ok(_) => Ok(true),
                Err(error) if error.is_gone() => Ok(false),
                Err(error) => Err(error),
            },
        }
    }
}

impl TorrentEyes {
    async fn read(&mut self, now: Timestamp, had_items: bool) -> Result<bool, ReadError> {
        let mut refresh = self
            .client
            .refresh(&mut self.library, &self.keep, None)
            .await?;
        if self.library.torrents.is_empty() && had_items {
            tokio::time::sleep(EMPTY_AGAIN_AFTER).await;
            refresh = self
                .client
                .refresh(&mut self.library, &self.keep, None)
                .await?;
        }
        self.smooth();
        let recheck_every = self
            .policy
            .hardlinks
            .as_ref()
            .map_or(RECHECK_EVERY, |block| block.recheck_every);
        self.facts
            .drop_stale(now, recheck_every, &self.library, &self.policy);
        if self.facts.is_asked() {
            let nothing = Wanted::default();
            self.facts
                .fetch(&nothing, &self.client, &self.library, &self.policy, now)
                .await;
        }
        Ok(refresh.bad_rows == 0)
    }

    fn smooth(&mut self) {
        let elapsed = self.read_at.map_or(4.0, |at| at.elapsed().as_secs_f64());
        self.read_at = Some(Instant::now());
        let server = &self.library.server;
        let next = |average: f64, current: Option<i64>| {
            smoothed(average, current.unwrap_or(0) as f64, elapsed)
        };
        let (up, down) = self.smoothed_speeds;
        self.smoothed_speeds = (
            next(up, server.up_info_speed),
            next(down, server.dl_info_speed),
        );
    }

    /// The torrents as listed last.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Forgets an item that was deleted, until the next listing.
    pub fn forget(&mut self, id: &ItemId) {
        self.facts.forget(id);
    }
}

impl MagnetEyes {
    async fn read(&mut self, had_items: bool) -> Result<bool, ReadError> {
        let listing = self.client.list(!had_items).await?;
        if listing.magnets.is_empty() && listing.skipped > 0 {
            let text = "none of the listed magnets can be understood";
            return Err(ReadError::new(ReadErrorKind::Malformed, text));
        }
        self.magnets = listing.magnets;
        Ok(listing.skipped == 0)
    }
}
