//! A model service with a client of it, and a client of prepared answers.

use super::{Alldebrid, Limiter};
use crate::config::policy::{Secret, SecretSource};
use crate::core::model::ItemId;
use crate::support::clock::SimClock;
use crate::support::raw::RawTransport;
use crate::support::transport::SimNet;
use seedwarden_sim::alldebrid::{AllDebrid, Magnet};
use seedwarden_sim::faults::{Faults, Faulty, Log};
use std::sync::{Arc, Mutex};

pub const ADDRESS: &str = "https://api.alldebrid.com/";
pub const KEY: &str = "abcdefghij0123456789";

/// A service with one account, `main`, and faults before it.
pub struct World {
    pub net: SimNet,
    pub faults: Faults,
    pub log: Log,
    pub client: Alldebrid,
    service: Arc<Mutex<Faulty<AllDebrid>>>,
}

impl World {
    pub fn new(magnets: impl IntoIterator<Item = Magnet>) -> Self {
        let net = SimNet::new(SimClock::default());
        let mut service = AllDebrid::default();
        service.add_account("main", KEY);
        for magnet in magnets {
            service.add("main", magnet);
        }
        let (faults, log) = (Faults::default(), Log::default());
        let service = Arc::new(Mutex::new(Faulty::new(
            service,
            faults.clone(),
            log.clone(),
        )));
        net.serve(ADDRESS, Arc::clone(&service));
        let client = client(&net, KEY);
        Self {
            net,
            faults,
            log,
            client,
            service,
        }
    }

    /// Looks at the service, or changes it.
    pub fn service<T>(&self, look: impl FnOnce(&mut AllDebrid) -> T) -> T {
        look(&mut self.service.lock().unwrap().model)
    }
}

pub fn client(net: &SimNet, key: &str) -> Alldebrid {
    at(Arc::new(net.clone()), ADDRESS, key)
}

pub fn raw_client() -> (RawTransport, Alldebrid) {
    let raw = RawTransport::default();
    let client = at(Arc::new(raw.clone()), "http://h:1/base", KEY);
    (raw, client)
}

fn at(transport: Arc<dyn crate::ports::Transport>, url: &str, key: &str) -> Alldebrid {
    let key = Secret::new(key, SecretSource::Text);
    Alldebrid::at(
        transport,
        url.parse().unwrap(),
        key,
        Arc::new(Limiter::default()),
        1,
    )
}

pub fn id(id: u64) -> ItemId {
    ItemId::from(id.to_string())
}
