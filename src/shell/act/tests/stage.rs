//! One account of one service on a simulated network, disk and clock.

use crate::config::policy::Policy;
use crate::core::decide::Mode;
use crate::core::decide::tests::world::World;
use crate::core::ledger::{Book, OutcomeKind};
use crate::ports::{Clock, Ports};
use crate::shell::account::{Account, Ended, Shared, shared};
use crate::shell::eyes::Optics;
use crate::shell::kept;
use crate::support::clock::SimClock;
use crate::support::disk::SimDisk;
use crate::support::transport::SimNet;
use jiff::tz::TimeZone;
use seedwarden_sim::Model;
use seedwarden_sim::alldebrid::{AllDebrid, Magnet};
use seedwarden_sim::faults::{Faults, Faulty, Log};
use seedwarden_sim::qbittorrent::{Era, Server, TorrentSpec};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;

const ADDRESS: &str = "http://service:80";

/// The service, what goes wrong with requests to it, and the account.
pub struct Stage<M> {
    service: Arc<Mutex<Faulty<M>>>,
    /// The faults to come.
    pub faults: Faults,
    /// The requests so far.
    pub log: Log,
    /// The clock.
    pub clock: SimClock,
    /// What the account shares with others.
    pub shared: Shared,
    account: Account,
    _stop: watch::Sender<bool>,
}

impl<M: Model> Stage<M> {
    async fn new(model: M, policy: &Policy) -> Stage<M> {
        let clock = SimClock::default();
        let net = SimNet::new(clock.clone());
        let (faults, log) = (Faults::default(), Log::default());
        let faulty = Faulty::new(model, faults.clone(), log.clone());
        let service = Arc::new(Mutex::new(faulty));
        net.serve(ADDRESS, service.clone());
        let ports = Ports {
            transport: Arc::new(net),
            disk: Arc::new(SimDisk::default()),
            clock: Arc::new(clock.clone()),
        };
        let folder = Path::new("/state");
        let (kept, _) = kept::open(&ports, folder, policy, clock.now())
            .await
            .expect("records");
        let (stop, stopped) = watch::channel(false);
        let shared = shared(policy, kept, ports.clock.clone(), stopped);
        let account = Account::new(&policy.accounts[0], &Optics::new(ports, TimeZone::UTC));
        Stage {
            service,
            faults,
            log,
            clock,
            shared,
            account,
            _stop: stop,
        }
    }

    /// The model.
    pub fn model(&self) -> MutexGuard<'_, Faulty<M>> {
        self.service.lock().expect("the model")
    }

    /// A full cycle, half an hour after the last.
    pub async fn cycle(&mut self) -> Ended {
        tokio::time::sleep(std::time::Duration::from_secs(1800)).await;
        let mode = Mode::Full {
            adds: true,
            last_resorts: true,
        };
        self.account.cycle(&self.shared, mode).await
    }

    /// What follows from the ledger.
    pub fn book(&self) -> Arc<Book> {
        self.shared.kept.ledger.book()
    }

    /// What became of each deletion, in order; `None` is not known yet.
    pub fn outcomes(&self) -> Vec<Option<OutcomeKind>> {
        let book = self.book();
        let all = book.deletions.values();
        all.map(|(_, outcome)| outcome.as_ref().map(|outcome| outcome.result))
            .collect()
    }

    /// Names of the items whose deletion is to be announced.
    pub fn owed(&self) -> Vec<String> {
        let book = self.book();
        let gone = book.deletions.values().filter(|(_, outcome)| {
            outcome
                .as_ref()
                .is_some_and(|outcome| outcome.result.is_deletion())
        });
        gone.map(|(intent, _)| intent.name.clone()).collect()
    }
}

impl Stage<AllDebrid> {
    /// An AllDebrid account with these failing magnets, which are deleted at their first sighting.
    pub async fn of_magnets(ids: impl IntoIterator<Item = u64>) -> Stage<AllDebrid> {
        let mut model = AllDebrid::default();
        model.add_account("box", "apikeyapikey");
        for id in ids {
            let magnet = Magnet::new(id).named(&format!("Magnet {id}")).code(7);
            model.add("box", magnet);
        }
        let account = format!(
            r#"{{ "name": "box", "type": "alldebrid", "url": "{ADDRESS}", "api_key": "apikeyapikey",
                  "failed": {{ "max_failures": 1 }} }}"#
        );
        let top = r#""limits": { "outage_min_items": 1000 },"#;
        Stage::new(model, &World::of(&account, top).policy).await
    }
}

impl Stage<Server> {
    /// A server with these torrents, and a rule that deletes those whose name begins with "Bad".
    pub async fn of_torrents<'n>(names: impl IntoIterator<Item = &'n str>) -> Stage<Server> {
        let rule = r#""rules": [ { "name": "bad", "limit": 100, "action": "delete_torrent",
            "conditions": [ { "key": "name", "compareType": "regExp", "value": "^Bad" } ] } ],"#;
        let stage = Stage::of_server(Era::V5_1, r#""rules": ["bad"]"#, rule).await;
        for name in names {
            stage.add(TorrentSpec::new(name).progress(1.0));
        }
        stage
    }

    /// A server of this version, the account with these keys, and these top-level keys.
    pub async fn of_server(era: Era, keys: &str, top: &str) -> Stage<Server> {
        let account = format!(
            r#"{{ "name": "box", "type": "qbittorrent", "url": "{ADDRESS}", "username": "admin",
                  "password": "adminadmin", {keys} }}"#
        );
        let policy = World::of(&account, top).policy;
        Stage::new(Server::new(era), &policy).await
    }

    /// Adds a torrent; gives its info-hash.
    pub fn add(&self, spec: TorrentSpec) -> String {
        let now = self.clock.now_ms();
        self.model().model.add(now, spec)
    }
}
