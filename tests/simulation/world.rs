//! One world: a process that keeps accounts, the services it talks to, its disk, and the people around it.

use super::dice::Dice;
use super::disk::{FOLDER, WorldDisk, edit_of};
use super::hub::{Hub, Rates};
use super::oracle::Oracle;
use super::service::Service;
use super::setup::{ALLDEBRID, DISCORD, Setup, address};
use super::torrents::{self, DOWNLOADS, LIBRARY, Shelf};
use super::{discord, magnets};
use crate::support::clock::SimClock;
use crate::support::transport::SimNet;
use jiff::SignedDuration;
use seedwarden::config::policy::Policy;
use seedwarden::ports::{Clock, LockGuard, Ports};
use seedwarden::shell::daemon::Crew;
use seedwarden::shell::store::{Note, Store, lock_folder};
use seedwarden::shell::{kept, rehearsal};
use seedwarden_sim::alldebrid::AllDebrid;
use seedwarden_sim::discord::{Discord, Webhook};
use seedwarden_sim::disk::Loss;
use seedwarden_sim::qbittorrent::{Server, Settings};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::sleep;

/// A process that ended is started again after this time.
const RESTART_AFTER: Duration = Duration::from_secs(5);

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
    /// Minutes by which it was set back in all: limits remember deletions of the future for so much longer.
    set_back: i64,
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
        let token = setup.token();
        oracle.keep_secret("discord", &token);
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
        let alldebrid = Arc::new(Mutex::new(Service::new("alldebrid", service, &hub)));
        net.serve(ALLDEBRID, alldebrid.clone());
        let mut service = Discord::default();
        service.add(Webhook::new(discord::WEBHOOK, &token));
        let discord = Arc::new(Mutex::new(Service::new("discord", service, &hub)));
        net.serve(DISCORD, discord.clone());
        let below = disk.below.clone();
        below.with(|disk| {
            disk.put(&Path::new(DOWNLOADS).join("here"), b"");
            disk.put(&Path::new(LIBRARY).join("here"), b"");
        });
        hub.with(|core| {
            core.disk = Some(below.clone());
            core.oracle.keep_secret("seedbox", &setup.password());
            core.oracle.keep_secret("seedbox", torrents::PASSKEY);
        });
        let mut servers = BTreeMap::new();
        for (name, server) in &setup.servers {
            let mut settings = Settings::new(server.era);
            settings.password = setup.password();
            settings.save_path = DOWNLOADS.to_owned();
            let server = Server::with(settings, Box::new(Shelf::new(&below)));
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
            set_back: 0,
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
                let magnet = magnets::magnet(id, &mut self.dice, now).code(code);
                self.with_alldebrid(|service, _| service.add(&account, magnet));
            }
        }
        let hub = self.hub.clone();
        for name in self.setup.servers.keys().cloned().collect::<Vec<_>>() {
            self.with_server(&name, |server, dice| {
                for _ in 0..dice.between(0, 12) {
                    let spec = torrents::torrent(dice);
                    server.add(now, spec);
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

    /// Lives for a while, with everything that happens on its own.
    pub async fn live(&mut self, hours: i64) {
        let until = self.time.now() + SignedDuration::from_hours(hours);
        while self.time.now() < until && !self.is_broken() {
            self.start().await;
            let pause = Duration::from_secs(self.dice.between(10, 14 * 60) as u64);
            if self.survives(pause).await {
                self.event().await;
            }
        }
    }

    /// Whether an invariant was broken.
    pub fn is_broken(&self) -> bool {
        self.hub.with(|core| !core.oracle.breaches.is_empty())
    }

    /// Lets time pass; false when the process died meanwhile, and is buried.
    pub async fn survives(&mut self, pause: Duration) -> bool {
        let hub = self.hub.clone();
        let died = tokio::select! {
            biased;
            () = hub.death() => true,
            () = sleep(pause) => false,
        };
        if died {
            self.bury().await;
        }
        !died
    }

    /// Starts the process, if none runs.
    pub async fn start(&mut self) {
        while self.process.is_none() && !self.is_broken() {
            let failures = self.hub.with(|core| core.oracle.disk_failures());
            let was_garbled = self.hub.with(|core| core.oracle.is_garbled());
            let (hub, ports, policy, now) = (
                self.hub.clone(),
                self.ports.clone(),
                self.policy.clone(),
                self.clock.now(),
            );
            let folder = Path::new(FOLDER);
            let opened = async {
                let lock = lock_folder(&*ports.disk, folder, now)
                    .await
                    .map_err(|error| error.to_string())?;
                let kept = kept::open(&ports, folder, &policy, now)
                    .await
                    .map_err(|error| error.to_string())?;
                Ok::<_, String>((kept, lock))
            };
            let opened = tokio::select! {
                biased;
                () = hub.death() => None,
                opened = opened => Some(opened),
            };
            match opened {
                None => self.bury().await,
                Some(Ok(((kept, loaded), lock))) => {
                    let is_lost = loaded
                        .notes
                        .iter()
                        .any(|note| matches!(note, Note::Unreadable { .. }));
                    let is_garbled = self.hub.with(|core| core.oracle.is_garbled());
                    if is_lost && !was_garbled && !is_garbled {
                        self.hub.with(|core| {
                            core.oracle
                                .breach(11, "the state file could not be read at start".to_owned())
                        });
                    }
                    self.note("the process runs");
                    self.process = Some((Crew::start(&self.policy, &self.ports, kept), lock));
                }
                Some(Err(why)) => {
                    let is_excused = self.hub.with(|core| core.oracle.disk_failures()) > failures;
                    if !is_excused {
                        self.hub.with(|core| {
                            core.oracle
                                .breach(11, format!("the process does not start: {why}"))
                        });
                    }
                    self.note(&format!("the process does not start: {why}"));
                    self.survives(Duration::from_secs(30)).await;
                }
            }
        }
    }

    /// The process is gone; the next one finds what its disk kept.
    async fn bury(&mut self) {
        self.process = None;
        // Tasks that were ended are dropped when the runtime comes round.
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        let loss = match self.dice.below(10) {
            0..=4 => Loss::Nothing,
            5 | 6 => Loss::Unsynced,
            7 => Loss::Contents,
            8 => Loss::Names,
            _ => Loss::Chance(self.dice.next()),
        };
        self.hub.with(|core| {
            core.see(&format!(
                "loss: {}",
                format!("{loss:?}").split('(').next().unwrap_or_default()
            ))
        });
        self.disk.restart(loss);
        // As the service manager does.
        sleep(RESTART_AFTER).await;
    }

    /// Stops the process as SIGTERM does.
    pub async fn stop(&mut self) {
        let Some((crew, lock)) = self.process.take() else {
            return;
        };
        let hub = self.hub.clone();
        let stopped = tokio::select! {
            biased;
            () = hub.death() => None,
            kept = crew.stop() => Some(kept),
        };
        match stopped {
            None => self.bury().await,
            Some(kept) => {
                drop((kept, lock));
                self.disk.restart(Loss::Nothing);
            }
        }
    }

    /// Something happens.
    async fn event(&mut self) {
        let now = self.time.now_ms();
        match self.dice.below(100) {
            0..=33 if !self.servers.is_empty() => {
                let names: Vec<String> = self.servers.keys().cloned().collect();
                let name = self.dice.of(&names).clone();
                let hub = self.hub.clone();
                let done = self.with_server(&name, |server, dice| {
                    torrents::happen(server, &name, &hub, dice, now)
                });
                self.note(&format!("{name}: {done}"));
            }
            0..=59 => {
                let accounts = self.setup.magnet_accounts.clone();
                let account = self.dice.of(&accounts).clone();
                let done = self.with_alldebrid(|service, dice| {
                    magnets::happen(service, &account, dice, now, true)
                });
                self.note(&format!("{account}: {done}"));
            }
            60..=67 => {
                let done = self.with_discord(discord::happen);
                self.note(&format!("Discord: {done}"));
            }
            68..=70 => {
                let content = edit_of(&mut self.dice);
                self.hub.with(|core| core.see("event: state edited"));
                self.disk.edit_state(content.as_deref());
            }
            71..=74 => self.accept().await,
            75..=80 => self.ask_for_a_cycle(),
            81..=86 => {
                self.hub.with(|core| core.see("event: restart"));
                self.note("the service is restarted");
                self.stop().await;
            }
            87..=89 => self.jump(),
            90..=92 => self.reconfigure().await,
            93..=94 => self.be_away().await,
            95 => self.rehearse().await,
            _ => {}
        }
    }

    fn ask_for_a_cycle(&mut self) {
        if let Some((crew, _)) = &self.process {
            self.hub.with(|core| {
                core.see("event: cycle asked for");
                core.note("a cycle is asked for");
                core.oracle.cycle_asked();
            });
            crew.cycle_now();
        }
    }

    /// The owner says that outages are none, as `seedwarden accept` does.
    async fn accept(&mut self) {
        if self.process.is_none() || !self.hub.with(|core| core.oracle.has_outage()) {
            return;
        }
        self.hub.with(|core| core.see("event: outage accepted"));
        self.note("outages are accepted");
        let (disk, hub, now) = (self.disk.clone(), self.hub.clone(), self.clock.now());
        let edit = disk.undisturbed(async {
            let (store, _) =
                Store::open(Arc::new(disk.below.clone()), Path::new(FOLDER), now).await?;
            store
                .edit(now, |state| {
                    let accounts = state.accounts.values_mut();
                    accounts
                        .map(|account| account.accept(now).len())
                        .sum::<usize>()
                })
                .await
        });
        let done = tokio::select! {
            biased;
            () = hub.death() => None,
            done = edit => Some(done),
        };
        match done {
            None => self.bury().await,
            Some(Ok(_)) => {
                let content = self.disk.state_bytes();
                self.hub
                    .with(|core| core.oracle.state_commanded(content.as_deref()));
            }
            Some(Err(error)) => self.note(&format!("not accepted: {error}")),
        }
    }

    fn jump(&mut self) {
        let minutes = *self.dice.of(&[-1500, -70, -20, -2, 2, 20, 70, 300, 1500]);
        self.clock.jump(SignedDuration::from_mins(minutes));
        self.set_back += (-minutes).max(0);
        self.hub.with(|core| {
            core.see("event: clock set");
            core.note(&format!("the clock is set by {minutes} minutes"));
            core.oracle.clock_jumped();
        });
    }

    /// The configuration is changed and read again.
    async fn reconfigure(&mut self) {
        self.setup.knobs.change(&mut self.dice);
        let policy = self.setup.policy(self.config.path());
        self.note(&format!(
            "the configuration changes: {:?}",
            self.setup.knobs
        ));
        self.hub.with(|core| core.see("event: reload"));
        self.stop().await;
        self.hub.with(|core| core.oracle.configured(&policy));
        self.policy = policy;
    }

    /// The machine is off for a long time.
    async fn be_away(&mut self) {
        self.hub.with(|core| core.see("event: long gap"));
        self.note("the service is stopped for long");
        self.stop().await;
        let hours = self.dice.between(1, 8);
        sleep(Duration::from_secs(3600 * hours.unsigned_abs())).await;
    }

    /// Somebody rehearses beside the service.
    async fn rehearse(&mut self) {
        self.stop().await;
        let calm = self.hub.with(|core| std::mem::take(&mut core.rates));
        self.hub.with(|core| {
            core.see("event: dry run");
            core.note("a dry run");
            core.oracle.is_dry = true;
        });
        rehearsal::run(&self.policy, self.ports.clone(), Path::new(FOLDER), true).await;
        self.hub.with(|core| {
            core.oracle.is_dry = false;
            core.rates = calm;
        });
    }

    /// Faults end, and nothing happens any more but what is on its way. Within a bounded time everything beyond help must
    /// be deleted and announced, and nothing else gone.
    pub async fn end(&mut self) {
        self.set_rates(Rates::default());
        let mut beyond_help: Vec<(String, u64)> = Vec::new();
        self.with_discord(|service, _| discord::calm_down(service));
        let may_delete = self.setup.knobs.deletes();
        let mut well = Vec::new();
        for account in self.setup.magnet_accounts.clone() {
            let hopeless = self.with_alldebrid(|service, dice| {
                let hopeless = magnets::calm_down(service, &account, dice);
                let ready = service
                    .account(&account)
                    .magnets
                    .values()
                    .filter(|magnet| magnet.code == Some(4) && !magnet.says_expired());
                well.extend(ready.map(|magnet| (account.clone(), magnet.id)));
                hopeless
            });
            beyond_help.extend(
                hopeless
                    .into_iter()
                    .filter(|_| may_delete)
                    .map(|id| (account.clone(), id)),
            );
        }
        let (hub, now) = (self.hub.clone(), self.time.now_ms());
        let mut lost: Vec<(String, String)> = Vec::new();
        for (name, server) in self.setup.servers.clone() {
            let hashes = self.with_server(&name, |server, _| {
                torrents::calm_down(server, &name, &hub, now)
            });
            if server.errored != "keep" {
                lost.extend(hashes.into_iter().map(|hash| (name.clone(), hash)));
            }
        }
        self.note(&format!("lost torrents: {lost:?}"));
        self.note(&format!("faults end; beyond help: {beyond_help:?}"));
        let deadline = self.time.now()
            + SignedDuration::from_hours(60 + 24 * (beyond_help.len() + lost.len()) as i64 / 3);
        let deadline = deadline + SignedDuration::from_mins(self.set_back);
        loop {
            self.start().await;
            self.survives(Duration::from_secs(10 * 60)).await;
            self.accept().await;
            let left: Vec<_> = self.with_alldebrid(|service, _| {
                beyond_help
                    .iter()
                    .filter(|(account, id)| service.magnet(account, *id).is_some())
                    .cloned()
                    .collect()
            });
            let mut still_lost = lost.clone();
            still_lost.retain(|(name, hash)| {
                self.with_server(name, |server, _| server.torrent(hash).is_some())
            });
            let untold = self.hub.with(|core| {
                core.oracle
                    .untold()
                    .into_iter()
                    .map(|d| d.name.clone())
                    .collect::<Vec<_>>()
            });
            if self.is_broken() || (left.is_empty() && still_lost.is_empty() && untold.is_empty()) {
                break;
            }
            if self.time.now() > deadline {
                self.hub.with(|core| {
                    core.oracle.breach(
                        12,
                        format!("still there: {left:?} {still_lost:?}, untold: {untold:?}"),
                    );
                });
                break;
            }
        }
        let gone: Vec<_> = self.with_alldebrid(|service, _| {
            well.into_iter()
                .filter(|(account, id)| service.magnet(account, *id).is_none())
                .collect()
        });
        if !gone.is_empty() {
            self.hub.with(|core| {
                core.oracle
                    .breach(1, format!("{gone:?} got well and are gone"))
            });
        }
        self.stop().await;
        self.look_for_secrets();
    }

    fn look_for_secrets(&self) {
        let files = self.disk.below.with(|disk| {
            let names = disk.names_below(Path::new(FOLDER));
            names
                .into_iter()
                .filter_map(|name| Some((disk.peek(&name)?.to_vec(), name)))
                .collect::<Vec<_>>()
        });
        for (content, name) in files {
            // What restores a torrent needs the address of its tracker.
            if name.components().any(|part| part.as_os_str() == "trash") {
                continue;
            }
            self.hub.with(|core| {
                core.oracle
                    .secrets_of_text(&name.display().to_string(), &content)
            });
        }
    }
}
