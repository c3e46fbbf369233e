//! A qBittorrent server, an AllDebrid account and a Discord webhook behind sockets, and the program configured for them.

use crate::product::{Outcome, Product};
use crate::real::until;
use bytes::Bytes;
use http::Request;
use seedwarden_sim::alldebrid::{Account, AllDebrid, Magnet};
use seedwarden_sim::discord::{Discord, Webhook};
use seedwarden_sim::door::{Door, DoorOptions, wall_clock};
use seedwarden_sim::faults::{Faults, Faulty, Log};
use seedwarden_sim::qbittorrent::{Era, Server, TorrentSpec, Trouble};
use seedwarden_sim::{Answer, Model, NowMs};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard};

/// Name and key of the AllDebrid account.
const KEY: &str = "apikeyapikey";
const WEBHOOK: u64 = 77;
const OTHER_WEBHOOK: u64 = 78;
const TOKEN: &str = "tokentokentoken";

/// The services and the program.
pub struct World {
    /// The program.
    pub product: Product,
    server: Arc<Mutex<Server>>,
    debrid: Arc<Mutex<AllDebrid>>,
    discord: Arc<Mutex<Discord>>,
    /// What goes wrong with requests to qBittorrent.
    pub faults: Faults,
    /// Doors of qBittorrent, AllDebrid and Discord.
    pub doors: [Door; 3],
}

/// The server as it stands behind its faults.
struct Behind(Arc<Mutex<Server>>);

impl Model for Behind {
    fn answer(&mut self, request: &Request<Bytes>, now: NowMs) -> Answer {
        self.0.lock().expect("the server").answer(request, now)
    }
}

impl World {
    /// Services without items, and a program that watches them: `seedbox` and `debrid`.
    pub fn new() -> World {
        World::of(Era::V5_1)
    }

    /// The same with a server of this version.
    pub fn of(era: Era) -> World {
        let server = Arc::new(Mutex::new(Server::new(era)));
        let mut model = AllDebrid::default();
        model.add_account("debrid", KEY);
        let debrid = Arc::new(Mutex::new(model));
        let mut model = Discord::default();
        model.add(Webhook::new(WEBHOOK, TOKEN));
        model.add(Webhook::new(OTHER_WEBHOOK, TOKEN));
        let discord = Arc::new(Mutex::new(model));
        let faults = Faults::default();
        let behind = Behind(server.clone());
        let faulty = Faulty::new(behind, faults.clone(), Log::default());
        let faulty = Arc::new(Mutex::new(faulty));
        let doors = [
            Door::open(faulty, DoorOptions::qbittorrent()).expect("a door"),
            Door::open(debrid.clone(), DoorOptions::default()).expect("a door"),
            Door::open(discord.clone(), DoorOptions::default()).expect("a door"),
        ];
        let mut world = World {
            product: Product::configured(&json!({})),
            server,
            debrid,
            discord,
            faults,
            doors,
        };
        world.configure(|_| {});
        world
    }

    /// Writes the configuration with changes. Each [`World::cycle`] counts.
    pub fn configure(&mut self, change: impl FnOnce(&mut Value)) {
        let [server, debrid, discord] = &self.doors;
        let mut config = json!({
            "cycle": "10ms",
            "discord": { "webhook_url": format!("{}/api/webhooks/{WEBHOOK}/{TOKEN}", discord.url()) },
            "accounts": [
                { "name": "seedbox", "type": "qbittorrent", "url": server.url(),
                  "username": "admin", "password": "adminadmin",
                  "errored": { "max_failures": 2 } },
                { "name": "debrid", "type": "alldebrid", "url": debrid.url(), "api_key": KEY,
                  "failed": { "max_failures": 2 } },
            ],
            "rules": [],
        });
        change(&mut config);
        self.product.configure(&config);
    }

    /// The qBittorrent server.
    pub fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().expect("the server")
    }

    /// AllDebrid.
    pub fn debrid(&self) -> MutexGuard<'_, AllDebrid> {
        self.debrid.lock().expect("AllDebrid")
    }

    /// The account at AllDebrid.
    pub fn with_account(&self, change: impl FnOnce(&mut Account)) {
        change(self.debrid().account("debrid"));
    }

    /// What the webhook got, as text.
    pub fn announced(&self) -> Vec<String> {
        self.announced_to(WEBHOOK)
    }

    /// What the other webhook got, as text.
    pub fn announced_to_other(&self) -> Vec<String> {
        self.announced_to(OTHER_WEBHOOK)
    }

    /// The address of the other webhook, from that of the usual one.
    pub fn other_webhook(usual: &str) -> String {
        usual.replace(&format!("/{WEBHOOK}/"), &format!("/{OTHER_WEBHOOK}/"))
    }

    fn announced_to(&self, webhook: u64) -> Vec<String> {
        let discord = self.discord.lock().expect("Discord");
        discord
            .messages(webhook)
            .iter()
            .map(|message| message.text())
            .collect()
    }

    /// Adds a torrent; gives its info-hash.
    pub fn add(&self, torrent: TorrentSpec) -> String {
        self.server().add(wall_clock(), torrent)
    }

    /// Adds a magnet.
    pub fn add_magnet(&self, magnet: Magnet) {
        self.debrid().add("debrid", magnet);
    }

    /// A complete torrent whose data gets lost, and is missed by the server.
    pub fn add_broken(&self, torrent: TorrentSpec) -> String {
        let hash = self.add(torrent);
        self.server().lose_data(&hash);
        self.server().trouble(&hash, Trouble::MissingFiles);
        hash
    }

    /// Runs cycles until this holds. Between two of them the restarts of magnets come to nothing.
    #[track_caller]
    pub fn cycles_until(&self, holds: impl Fn(&World) -> bool) {
        until("cycles come to their end", || {
            self.doors[1].advance(40 * 60 * 1000);
            self.cycle();
            holds(self).then_some(())
        });
    }

    /// Runs cycles until the torrent is gone.
    #[track_caller]
    pub fn cycles_until_gone(&self, hash: &str) {
        self.cycles_until(|world| world.server().torrent(hash).is_none());
    }

    /// Runs cycles until there are no magnets.
    #[track_caller]
    pub fn cycles_until_no_magnets(&self) {
        self.cycles_until(|world| world.debrid().ids("debrid").is_empty());
    }

    /// Runs a command, which has to end with this code.
    #[track_caller]
    pub fn run(&self, code: i32, arguments: &[&str]) -> Outcome {
        let outcome = self.product.run(arguments);
        assert_eq!(outcome.code, Some(code), "{arguments:?}: {outcome:#?}");
        outcome
    }

    /// Runs a command that prints JSON.
    #[track_caller]
    pub fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let outcome = self.run(code, arguments);
        serde_json::from_str(&outcome.stdout)
            .unwrap_or_else(|error| panic!("{error}: {outcome:#?}"))
    }

    /// Runs a cycle of every account now.
    #[track_caller]
    pub fn cycle(&self) -> Outcome {
        self.run(0, &["run", "--once"])
    }
}
