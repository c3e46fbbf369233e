//! How an account is seen: its client, what it listed last, and the facts fetched beside that. Reads only.

mod magnets;
mod sessions;
mod torrents;
mod wanted_fields;

pub use magnets::MagnetEyes;
pub use sessions::Sessions;
pub use torrents::TorrentEyes;
pub use wanted_fields::facts as wanted_facts;

use crate::clients::ReadError;
use crate::clients::alldebrid::Limiter;
use crate::config::policy::{AccountPolicy, Service};
use crate::core::decide::Seen;
use crate::core::facts::{Facts, Wanted};
use crate::core::free_space::OurDeletions;
use crate::core::model::{AccountId, ItemId};
use crate::core::rules::script::Answers;
use crate::core::snapshot::{Beside, Items, Snapshot};
use crate::core::state::AccountState;
use crate::ports::Ports;
use crate::shell::facts::{Looks, NameIndex};
use crate::shell::lasting::Lasting;
use crate::shell::watchdog::{Beating, Pulse};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::{Arc, Mutex};

/// The eyes on one account.
pub enum Eyes {
    /// A qBittorrent server.
    Torrents(Box<TorrentEyes>),
    /// An AllDebrid account.
    Magnets(Box<MagnetEyes>),
}

/// Whether an item is there, as far as one answer can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    Listed,
    /// It is not, and the answer shows others that should be there.
    Gone,
    /// The answer does not show it, and there is nothing else that it should show.
    NotShown,
    /// The answer does not show it, nor others that should be there: perhaps the server is still loading its list.
    Unsure,
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
    /// Zone of the rules' clock.
    pub zone: TimeZone,
    /// Calls to the disks of downloads that have not ended.
    pub looks: Looks,
    /// Beats with each answer of a service or disk.
    pub pulse: Pulse,
    /// Sessions to be ended at the end.
    pub sessions: Sessions,
}

impl Optics {
    /// On their own, for tests.
    pub fn new(ports: Ports, zone: TimeZone) -> Optics {
        Optics::of(&Lasting::default(), ports, zone)
    }

    /// For the accounts of one configuration of a process.
    pub fn of(lasting: &Lasting, ports: Ports, zone: TimeZone) -> Optics {
        Optics {
            ports,
            limiter: lasting.limiter.clone(),
            names: Arc::default(),
            zone,
            looks: lasting.looks.clone(),
            pulse: Pulse::default(),
            sessions: lasting.sessions.clone(),
        }
    }

    /// The same for work with this pulse.
    #[must_use]
    pub fn with_pulse(&self, pulse: Pulse) -> Optics {
        let mut optics = self.clone();
        optics.ports.transport = Arc::new(Beating::new(optics.ports.transport, pulse.clone()));
        Optics { pulse, ..optics }
    }
}

impl Eyes {
    /// Opens the eyes; nothing is sent yet.
    pub fn new(policy: &AccountPolicy, optics: &Optics) -> Eyes {
        match &policy.service {
            Service::Qbittorrent(service) => {
                Eyes::Torrents(Box::new(TorrentEyes::new(policy, service, optics)))
            }
            Service::Alldebrid(service) => {
                Eyes::Magnets(Box::new(MagnetEyes::new(policy, service, optics)))
            }
        }
    }

    /// Reads the account, and has the JavaScript rules judge it; `ours` corrects its free space. Answers whether the listing is known to hold every item.
    ///
    /// # Errors
    /// Why it could not be read completely; what was seen before is then kept and must not be decided on.
    pub async fn read(
        &mut self,
        now: Timestamp,
        had_items: bool,
        ours: OurDeletions,
    ) -> Result<bool, ReadError> {
        match self {
            Eyes::Torrents(eyes) => eyes.read(now, had_items, ours).await,
            Eyes::Magnets(eyes) => eyes.read(now, had_items).await,
        }
    }

    /// Whether the last reading told nothing new of any item.
    pub fn is_as_before(&self) -> bool {
        match self {
            Eyes::Torrents(eyes) => eyes.is_as_before(),
            Eyes::Magnets(_) => false,
        }
    }

    /// Keeps every field that a condition can ask for, not only those that the configuration does ask for. For
    /// [`Eyes::snapshot`]; to be called before anything is read.
    pub fn keep_all_fields(&mut self) {
        if let Eyes::Torrents(eyes) = self {
            eyes.keep_all_fields();
        }
    }

    /// What was read last, to be saved.
    pub fn snapshot(&self, account: &AccountId, at: Timestamp, state: &AccountState) -> Snapshot {
        let beside = Beside::of(self.facts(), state, self.smoothed_speeds());
        match self {
            Eyes::Torrents(eyes) => {
                let free_bytes = eyes.free_bytes().ok();
                Snapshot::of_torrents(account.clone(), at, eyes.library(), free_bytes, beside)
            }
            Eyes::Magnets(eyes) => Snapshot {
                account: account.clone(),
                at,
                items: Items::Magnets(eyes.magnets().clone()),
                beside: Some(beside),
            },
        }
    }

    /// What was read last.
    pub fn seen(&self) -> Seen<'_> {
        match self {
            Eyes::Torrents(eyes) => Seen::Torrents(eyes.library()),
            Eyes::Magnets(eyes) => Seen::Magnets(eyes.magnets()),
        }
    }

    /// What is known beyond it.
    pub fn facts(&self) -> &Facts {
        match self {
            Eyes::Torrents(eyes) => eyes.facts(),
            Eyes::Magnets(eyes) => eyes.facts(),
        }
    }

    /// What the JavaScript rules answered.
    pub fn answers(&self) -> &Answers {
        match self {
            Eyes::Torrents(eyes) => eyes.scripts.answers(),
            Eyes::Magnets(eyes) => eyes.scripts.answers(),
        }
    }

    /// Smoothed speeds of the server, upload and download.
    pub fn smoothed_speeds(&self) -> (f64, f64) {
        match self {
            Eyes::Torrents(eyes) => eyes.smoothed_speeds(),
            Eyes::Magnets(_) => (0.0, 0.0),
        }
    }

    /// Fetches what a decision lacked.
    pub async fn fetch(&mut self, wanted: &Wanted, now: Timestamp) {
        match self {
            Eyes::Torrents(eyes) => eyes.fetch(wanted, now).await,
            Eyes::Magnets(_) => {}
        }
    }

    /// Reads one item anew for a second look, with everything known of it forgotten. False: it is gone.
    ///
    /// # Errors
    /// Why it could not be read.
    pub async fn read_again(&mut self, now: Timestamp, id: &ItemId) -> Result<bool, ReadError> {
        match self {
            Eyes::Torrents(eyes) => eyes.read_again(now, id).await,
            Eyes::Magnets(eyes) => eyes.read_again(now, id).await,
        }
    }

    /// Tells other accounts in the same folders the names that they ask for.
    pub async fn answer(&mut self, now: Timestamp) {
        if let Eyes::Torrents(eyes) = self {
            eyes.answer(now).await;
        }
    }

    /// Forgets what was found of links while other accounts had not answered yet.
    pub fn forget_unanswered(&mut self, now: Timestamp) {
        if let Eyes::Torrents(eyes) = self {
            eyes.forget_unanswered(now);
        }
    }

    /// Brings the list up to date, for the sharing of files alone: all else goes on being judged by the cycle's reading.
    /// Answers whether torrents came, went or moved, so that what this item shares must be judged again.
    ///
    /// # Errors
    /// Why the list could not be read, or is not to be believed.
    pub async fn read_neighbours(&mut self, id: &ItemId) -> Result<bool, ReadError> {
        match self {
            Eyes::Torrents(eyes) => eyes.read_neighbours(id).await,
            Eyes::Magnets(_) => Ok(false),
        }
    }

    /// Whether an item is there, by a fresh question.
    ///
    /// # Errors
    /// Why nobody can say.
    pub async fn presence(&self, id: &ItemId) -> Result<Presence, ReadError> {
        match self {
            Eyes::Torrents(eyes) => eyes.presence(id).await,
            Eyes::Magnets(eyes) => eyes.presence(id).await,
        }
    }

    /// Notes that an item was seen gone, so that nobody misses it in a later answer.
    pub fn note_gone(&mut self, id: &ItemId) {
        match self {
            Eyes::Torrents(eyes) => eyes.note_gone(id),
            Eyes::Magnets(_) => {}
        }
    }

    /// Whether the service answers a small question about nothing in particular.
    pub async fn does_answer(&self) -> bool {
        match self {
            Eyes::Torrents(eyes) => eyes.client.ping().await.is_ok(),
            Eyes::Magnets(eyes) => eyes.client.user().await.is_ok(),
        }
    }
}
