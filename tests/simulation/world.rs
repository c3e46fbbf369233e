//! One world: a process that keeps accounts, the services it talks to, its disk, and the people around it.

mod ending;
mod events;
mod life;
mod restoring;

use super::dice::Dice;
use super::disk::WorldDisk;
use super::hub::{Hub, Rates};
use super::magnets;
use super::oracle::Oracle;
use super::service::Service;
use super::setup::{ALLDEBRID, DISCORD, Setup, address};
use super::torrents::{self, LIBRARY, Shelf, downloads, passkey};
use crate::support::clock::SimClock;
use crate::support::transport::SimNet;
use seedwarden::config::policy::Policy;
use seedwarden::ports::{LockGuard, Ports};
use seedwarden::shell::daemon::Crew;
use seedwarden_sim::alldebrid::AllDebrid;
use seedwarden_sim::discord::{Discord, Webhook};
use seedwarden_sim::qbittorrent::{Server, Settings};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// A world.
pub struct World {
    /// What its parts share.
    pub hub: Hub,
    /// The disk.
    pub disk: WorldDisk,
    setup: Setup,
    policy: Policy,
    config: tempfile::TempDir,
    /// The clock of the process, which people can set.
    clock: SimClock,
    /// Minutes by which it is far ahead for a while.
    ahead: Option<i64>,
    /// The time of everybody else.
    time: SimClock,
    ports: Ports,
    alldebrid: Arc<Mutex<Service<AllDebrid>>>,
    discord: Arc<Mutex<Service<Discord>>>,
    servers: BTreeMap<String, Arc<Mutex<Service<Server>>>>,
    dice: Dice,
    process: Option<(Crew, LockGuard)>,
}
impl World {
    /// The world of a seed, with nothing running yet.
    pub fn new(seed: u64, echo: bool) -> Self {
        let mut world = Self::bare(seed, Setup::of(seed), echo);
        world.settle();
        world
    }

    /// A world of this making, without any items.
    pub fn bare(seed: u64, setup: Setup, echo: bool) -> Self {
        let begins = setup.begins.parse().expect("a time");
        let (clock, time) = (SimClock::starting(begins), SimClock::starting(begins));
        let mut oracle = Oracle::new(clock.clone(), time.clone());
        for webhook in &setup.webhooks {
            oracle.keep_secret("discord", &setup.token(*webhook));
        }
        oracle.announces_to(&setup.webhooks);
        for account in &setup.magnet_accounts {
            oracle.keep_secret("alldebrid", &setup.key(account));
        }
        let config = tempfile::tempdir().expect("a folder");
        let policy = setup.policy(config.path());
        oracle.configured(&policy);
        let hub = Hub::new(seed, time.clone(), oracle, echo);
        let dice = Dice::new(seed, "world");
        let disk = WorldDisk::new(&hub);
        let net = SimNet::new(time.clone());
        let mut service = AllDebrid::default();
        for account in &setup.magnet_accounts {
            service.add_account(account, &setup.key(account));
        }
        magnets::number_uploads_apart(&mut service, &setup.magnet_accounts);
        let alldebrid = Arc::new(Mutex::new(Service::new("alldebrid", service, &hub)));
        net.serve(ALLDEBRID, alldebrid.clone());
        let mut service = Discord::default();
        for webhook in &setup.webhooks {
            service.add(Webhook::new(*webhook, &setup.token(*webhook)));
        }
        let discord = Arc::new(Mutex::new(Service::new("discord", service, &hub)));
        net.serve(DISCORD, discord.clone());
        let below = disk.below.clone();
        below.with(|disk| {
            disk.put(&Path::new(LIBRARY).join("here"), b"");
        });
        for (name, server) in setup.servers.iter().rev() {
            let shares = setup.shares_folder && name == "attic";
            torrents::lay_out(&below, name, server.disk, shares.then_some("seedbox"));
        }
        hub.with(|core| {
            core.disk = Some(below.clone());
            for name in setup.servers.keys() {
                core.oracle.keep_secret(name, &setup.password(name));
                core.oracle.keep_secret(name, &passkey(name));
            }
            if setup.servers.len() > 1 {
                core.see("setup: two servers");
            }
            if setup.shares_folder {
                core.see("setup: two servers in one folder");
                core.oracle.shares_folder();
            }
        });
        let mut servers = BTreeMap::new();
        for (name, server) in &setup.servers {
            let mut settings = Settings::new(server.era);
            settings.password = setup.password(name);
            settings.save_path = downloads(name).display().to_string();
            settings.free_space_lag_ms = server.disk.lag_ms;
            settings.loading_ms = server.loading_ms;
            let shelf = Shelf::new(&below, name, server.disk.has_bin);
            let server = Server::with(settings, Box::new(shelf));
            let service = Arc::new(Mutex::new(Service::new(name, server, &hub)));
            net.serve(&address(name), service.clone());
            servers.insert(name.clone(), service);
        }
        let ports = Ports {
            transport: Arc::new(net),
            disk: Arc::new(disk.clone()),
            clock: Arc::new(clock.clone()),
        };
        Self {
            hub,
            disk,
            setup,
            policy,
            config,
            clock,
            ahead: None,
            time,
            ports,
            alldebrid,
            discord,
            servers,
            dice,
            process: None,
        }
    }

    /// The first items.
    fn settle(&mut self) {
        let now = self.time.now_ms();
        for account in self.setup.magnet_accounts.clone() {
            for _ in 0..self.dice.between(0, 14) {
                let id = magnets::number(&account, &mut self.dice);
                let code = *self.dice.of(&[4, 4, 4, 4, 1, 15, 11, 7]);
                // Long enough ago that one which gets its number today is another one by its time.
                let magnet = magnets::magnet(id, &mut self.dice, now - 3_600_000).code(code);
                self.with_alldebrid(|service, _| service.add(&account, magnet));
            }
        }
        let hub = self.hub.clone();
        for (name, setup) in self.setup.servers.clone() {
            // Rules that make room need something to choose from.
            let most = if setup.until.is_some() { 18 } else { 12 };
            self.with_server(&name, |server, dice| {
                for _ in 0..dice.between(0, most) {
                    torrents::add(server, &name, &hub, dice, now);
                }
                for _ in 0..8 {
                    torrents::happen(server, &name, &hub, dice, now);
                }
            });
        }
    }

    /// Changes AllDebrid.
    pub fn with_alldebrid<T>(&mut self, work: impl FnOnce(&mut AllDebrid, &mut Dice) -> T) -> T {
        let mut service = self
            .alldebrid
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        work(service.model(), &mut self.dice)
    }

    /// Changes a server.
    pub fn with_server<T>(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Server, &mut Dice) -> T,
    ) -> T {
        let mut service = self.servers[name]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        work(service.model(), &mut self.dice)
    }

    fn with_discord<T>(&mut self, work: impl FnOnce(&mut Discord, &mut Dice) -> T) -> T {
        let mut service = self.discord.lock().unwrap_or_else(PoisonError::into_inner);
        work(service.model(), &mut self.dice)
    }

    fn note(&self, line: &str) {
        self.hub.with(|core| core.note(line));
    }

    /// Milliseconds of the world's time.
    pub fn now_ms(&self) -> i64 {
        self.time.now_ms()
    }

    /// Sets how often things go wrong from here on.
    pub fn set_rates(&self, rates: Rates) {
        self.hub.with(|core| core.rates = rates);
    }

    /// The rates of its setup.
    pub fn rates(&self) -> Rates {
        self.setup.rates
    }

    /// Whether an invariant was broken.
    pub fn is_broken(&self) -> bool {
        self.hub.with(|core| !core.oracle.breaches.is_empty())
    }
}
