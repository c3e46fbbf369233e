//! A model server with a client of it, and a client of prepared answers.

use super::Qbittorrent;
use crate::clients::ReadError;
use crate::config::policy::{Login, Secret, SecretSource};
use crate::core::model::{ItemId, Library};
use crate::support::clock::SimClock;
use crate::support::raw::RawTransport;
use crate::support::transport::SimNet;
use seedwarden_sim::faults::{Faults, Faulty, Log};
use seedwarden_sim::qbittorrent::{Era, Server, Settings, TorrentSpec};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub const ADDRESS: &str = "http://seedbox:8080/";

/// A server on a network of its own, with faults before it.
pub struct World {
    pub net: SimNet,
    pub clock: SimClock,
    pub faults: Faults,
    pub log: Log,
    server: Arc<Mutex<Faulty<Server>>>,
}

impl World {
    pub fn new(era: Era) -> Self {
        let clock = SimClock::default();
        let net = SimNet::new(clock.clone());
        let (faults, log) = (Faults::default(), Log::default());
        let server = Faulty::new(Server::new(era), faults.clone(), log.clone());
        let server = Arc::new(Mutex::new(server));
        net.serve(ADDRESS, Arc::clone(&server));
        Self {
            net,
            clock,
            faults,
            log,
            server,
        }
    }

    /// Looks at the server, or changes it.
    pub fn server<T>(&self, look: impl FnOnce(&mut Server) -> T) -> T {
        look(&mut self.server.lock().unwrap().model)
    }

    pub fn set(self, set: impl FnOnce(&mut Settings)) -> Self {
        self.server(|server| set(&mut server.settings));
        self
    }

    pub fn add(&self, spec: TorrentSpec) -> ItemId {
        let now = self.clock.now_ms();
        ItemId::from(self.server(|server| server.add(now, spec)))
    }

    pub fn client(&self) -> Qbittorrent {
        self.client_with(password("adminadmin"))
    }

    pub fn client_with(&self, login: Login) -> Qbittorrent {
        Qbittorrent::at(
            Arc::new(self.net.clone()),
            ADDRESS.parse().unwrap(),
            login,
            None,
        )
    }

    /// Lets time pass.
    pub async fn wait(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let now = self.clock.now_ms();
        self.server(|server| server.step(now));
    }

    /// What another client, without any memory, sees.
    pub async fn afresh(&self) -> Library {
        let mut library = Library::default();
        refresh(&self.client(), &mut library).await.unwrap();
        library
    }
}

pub fn password(password: &str) -> Login {
    Login::Password {
        username: "admin".to_owned(),
        password: Secret::new(password, SecretSource::Text),
    }
}

pub fn api_key(key: &str) -> Login {
    Login::ApiKey(Secret::new(key, SecretSource::Text))
}

/// A client of prepared answers, which begin with those to login and version.
pub fn raw_client(version: &str) -> (RawTransport, Qbittorrent) {
    let raw = RawTransport::default();
    raw.then(200, "Ok.").then(200, version.to_owned());
    let client = raw_login(&raw, password("pw"));
    (raw, client)
}

pub fn raw_login(raw: &RawTransport, login: Login) -> Qbittorrent {
    let base = "http://h:1/base".parse().unwrap();
    Qbittorrent::at(Arc::new(raw.clone()), base, login, None)
}

pub async fn refresh(
    client: &Qbittorrent,
    library: &mut Library,
) -> Result<super::Refresh, ReadError> {
    client
        .refresh(library, &super::FieldSet::none(), None)
        .await
}

/// The only hash of prepared answers.
pub const HASH: &str = "0123456789abcdef0123456789abcdef01234567";
