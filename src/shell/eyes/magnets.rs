//! The eyes on an AllDebrid account: one unfiltered listing per cycle.

use super::{Optics, Presence};
use crate::clients::alldebrid::Alldebrid;
use crate::clients::{ReadError, ReadErrorKind};
use crate::config::policy::{AccountPolicy, AdPolicy};
use crate::core::facts::Facts;
use crate::core::model::{ItemId, Magnet};
use crate::shell::scripts::Scripts;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The eyes on an AllDebrid account.
pub struct MagnetEyes {
    /// Its client.
    pub client: Alldebrid,
    /// The JavaScript rules.
    pub scripts: Scripts,
    magnets: BTreeMap<ItemId, Magnet>,
    facts: Facts,
}

impl MagnetEyes {
    /// Opens the eyes; nothing is sent yet.
    pub fn new(policy: &AccountPolicy, service: &AdPolicy, optics: &Optics) -> MagnetEyes {
        let seed = optics.ports.clock.now().as_nanosecond() as u64;
        let scripts = Scripts::new(policy, &optics.zone);
        let client = Alldebrid::new(
            optics.ports.transport.clone(),
            service,
            optics.limiter.clone(),
            seed,
        );
        MagnetEyes {
            client: client.keeping_raw(scripts.are_there()),
            scripts,
            magnets: BTreeMap::new(),
            facts: Facts::default(),
        }
    }

    /// The magnets as listed last.
    pub fn magnets(&self) -> &BTreeMap<ItemId, Magnet> {
        &self.magnets
    }

    /// What is known beyond the listing: nothing, for magnets.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// See [`super::Eyes::read`].
    pub async fn read(&mut self, now: Timestamp, had_items: bool) -> Result<bool, ReadError> {
        let listing = self.client.list(!had_items).await?;
        if listing.magnets.is_empty() && listing.skipped > 0 {
            let text = "none of the listed magnets can be understood";
            return Err(ReadError::new(ReadErrorKind::Malformed, text));
        }
        self.magnets = listing.magnets;
        if self.scripts.are_there() {
            self.scripts.begin().await;
            self.scripts.magnets_read(&self.magnets).await;
            self.scripts.judge(now).await;
        }
        Ok(listing.skipped == 0)
    }

    /// See [`super::Eyes::read_again`].
    pub async fn read_again(&mut self, now: Timestamp, id: &ItemId) -> Result<bool, ReadError> {
        let fresh = match self.client.by_id(id).await {
            Ok(fresh) => fresh,
            Err(error) if error.is_gone() => return Ok(false),
            Err(error) => return Err(error),
        };
        if self.scripts.are_there() {
            self.scripts.magnet_again(id, &fresh).await;
            self.scripts.judge_again(now, id).await;
        }
        self.magnets.insert(id.clone(), fresh);
        Ok(true)
    }

    /// See [`super::Eyes::presence`]. AllDebrid says of an id by an error of its own that there is no such magnet.
    pub async fn presence(&self, id: &ItemId) -> Result<Presence, ReadError> {
        match self.client.by_id(id).await {
            Ok(_) => Ok(Presence::Listed),
            Err(error) if error.is_gone() => Ok(Presence::Gone),
            Err(error) => Err(error),
        }
    }
}
