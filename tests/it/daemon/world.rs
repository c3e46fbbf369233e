//! Two qBittorrent servers, an AllDebrid with two accounts and a Discord, each behind a socket with faults in front of it,
//! and the program configured for them.

use crate::product::Product;
use seedwarden_sim::alldebrid::{AllDebrid, Magnet, Outcome};
use seedwarden_sim::discord::{Discord, Webhook};
use seedwarden_sim::door::{Door, DoorOptions};
use seedwarden_sim::faults::{Faults, Faulty, Log};
use seedwarden_sim::qbittorrent::{Era, Server, TorrentSpec, Trouble, What};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

const WEBHOOK: u64 = 7;
const TOKEN: &str = "tokenOfTheWebhook";

/// Names of the AllDebrid accounts with their keys.
pub const KEYS: [(&str, &str); 2] = [("one", "keyOfAccountOne00"), ("two", "keyOfAccountTwo00")];

/// One service behind a socket.
pub struct Service<M: seedwarden_sim::Model> {
    model: Arc<Mutex<Faulty<M>>>,
    /// What goes wrong.
    pub faults: Faults,
    /// What was asked.
    pub log: Log,
    /// The socket.
    pub door: Door,
}

impl<M: seedwarden_sim::Model> Service<M> {
    fn open(model: M, options: DoorOptions) -> Self {
        let (faults, log) = (Faults::default(), Log::default());
        let model = Faulty::new(model, faults.clone(), log.clone());
        let model = Arc::new(Mutex::new(model));
        let door = Door::open(model.clone(), options).expect("a door");
        Self {
            model,
            faults,
            log,
            door,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Faulty<M>> {
        self.model.lock().expect("a model")
    }

    /// Looks at the model, or changes it.
    pub fn with<T>(&self, look: impl FnOnce(&mut M) -> T) -> T {
        look(&mut self.lock().model)
    }
}

impl Service<Server> {
    /// Adds a torrent; gives its info-hash.
    pub fn add(&self, torrent: TorrentSpec) -> String {
        self.with(|server| server.add(self.door.now(), torrent))
    }

    /// Adds a torrent whose data is lost for good.
    pub fn add_broken(&self, name: &str) -> String {
        self.add(TorrentSpec::new(name).trouble(Trouble::MissingFiles))
    }
}

/// The services and the program.
pub struct World {
    /// The program.
    pub product: Product,
    /// A server of 4.5, account `old`.
    pub old: Service<Server>,
    /// A server of 5.2, account `new`.
    pub new: Service<Server>,
    /// The AllDebrid of the accounts `one` and `two`.
    pub debrid: Service<AllDebrid>,
    /// Discord.
    pub discord: Service<Discord>,
}

impl World {
    /// Services without items. Failures reach their limit at the third; cycles follow each other by the second.
    pub fn new() -> World {
        let mut debrid = AllDebrid::default();
        for (name, key) in KEYS {
            debrid.add_account(name, key);
        }
        let mut discord = Discord::default();
        discord.add(Webhook::new(WEBHOOK, TOKEN));
        let world = World {
            product: Product::configured(&json!({})),
            old: Service::open(Server::new(Era::V4_5_2), DoorOptions::qbittorrent()),
            new: Service::open(Server::new(Era::V5_2), DoorOptions::qbittorrent()),
            debrid: Service::open(debrid, DoorOptions::default()),
            discord: Service::open(discord, DoorOptions::default()),
        };
        world.product.configure(&world.configuration());
        world
    }

    /// The configuration.
    pub fn configuration(&self) -> Value {
        let server = |name: &str, url: String| {
            json!({ "name": name, "type": "qbittorrent", "url": url, "username": "admin", "password": "adminadmin",
                    "errored": { "max_failures": 3 } })
        };
        let debrid = |(name, key): (&str, &str)| {
            json!({ "name": name, "type": "alldebrid", "url": self.debrid.door.url(), "api_key": key,
                    "failed": { "max_failures": 3 } })
        };
        let webhook = format!("{}/api/webhooks/{WEBHOOK}/{TOKEN}", self.discord.door.url());
        json!({
            "cycle": "1s",
            "discord": { "webhook_url": webhook },
            "accounts": [server("old", self.old.door.url()), server("new", self.new.door.url()), debrid(KEYS[0]), debrid(KEYS[1])],
        })
    }

    /// Writes the configuration with changes.
    pub fn configure(&self, change: impl FnOnce(&mut Value)) {
        let mut configuration = self.configuration();
        change(&mut configuration);
        self.product.configure(&configuration);
    }

    /// Adds a magnet that fails again soon after each restart.
    pub fn add_dead(&self, account: &str, id: u64) {
        let again = Outcome::Fails(15, Duration::from_millis(200));
        let magnet = Magnet::new(id).named(&format!("Dead.{id}")).code(15);
        self.add_magnet(account, magnet.then([again]));
    }

    /// Adds a magnet.
    pub fn add_magnet(&self, account: &str, magnet: Magnet) {
        self.debrid.with(|model| model.add(account, magnet));
    }

    /// Whether the magnet is still there.
    pub fn has_magnet(&self, account: &str, id: u64) -> bool {
        self.debrid
            .with(|model| model.magnet(account, id).is_some())
    }

    /// Restarts that the magnet got.
    pub fn restarts(&self, account: &str, id: u64) -> usize {
        let ids = self.debrid.with(|model| model.restarted(account));
        ids.iter().filter(|one| **one == id).count()
    }

    /// Names of all items that were deleted, with the account, and whether their files went too.
    pub fn deleted(&self) -> BTreeMap<(String, String), bool> {
        let mut deleted = BTreeMap::new();
        for (account, server) in [("old", &self.old), ("new", &self.new)] {
            for effect in server.with(|server| server.effects().to_vec()) {
                if let What::Deleted {
                    with_files,
                    torrent,
                    ..
                } = effect.what
                {
                    deleted.insert((account.to_owned(), torrent.name.clone()), with_files);
                }
            }
        }
        for (account, _) in KEYS {
            for id in self.debrid.with(|model| model.deleted(account)) {
                deleted.insert((account.to_owned(), format!("Dead.{id}")), true);
            }
        }
        deleted
    }

    /// How often a torrent was rechecked.
    pub fn rechecks(&self, server: &Service<Server>, hash: &str) -> usize {
        let of = |server: &mut Server| {
            let effects = server.effects_on(hash).into_iter();
            effects
                .filter(|what| matches!(what, What::RecheckAsked))
                .count()
        };
        server.with(of)
    }

    /// What the webhook got, all in one text.
    pub fn announced(&self) -> String {
        let messages = self
            .discord
            .with(|discord| discord.messages(WEBHOOK).to_vec());
        let texts: Vec<String> = messages.iter().map(|message| message.text()).collect();
        // Discord's markup is escaped; names in these tests have nothing else to escape.
        texts.join("\n").replace('\\', "")
    }

    /// Runs a command that prints JSON and ends well.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let outcome = self.product.run(arguments);
        assert_eq!(outcome.code, Some(0), "{arguments:?}: {outcome:#?}");
        serde_json::from_str(&outcome.stdout)
            .unwrap_or_else(|error| panic!("{error}: {outcome:#?}"))
    }

    /// Every notice is delivered, and no deletion is unsettled.
    pub fn all_told(&self) -> bool {
        let status = self.json(&["status", "--json"]);
        status["undelivered"] == json!([]) && status["unsettled"] == json!(0)
    }
}
