//! How a world begins: which accounts there are, how they are configured, and how bad the times will be.

mod knobs;
mod rates;

pub use knobs::Knobs;

use super::dice::Dice;
use super::discord::WEBHOOKS;
use super::hub::Rates;
use seedwarden::config::load;
use seedwarden::config::policy::Policy;
use seedwarden_sim::qbittorrent::Era;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Where AllDebrid is.
pub const ALLDEBRID: &str = "http://alldebrid.test:80";
/// Where Discord is.
pub const DISCORD: &str = "http://discord.test:80";

/// Free bytes with which the rule that makes room has enough.
pub const ENOUGH_BYTES: i64 = 16 << 30;
/// Of fewer seeding torrents than this the rule that leaves few has enough.
pub const ENOUGH_SEEDING: i64 = 6;

/// What a world is made of.
#[derive(Debug, Clone)]
pub struct Setup {
    /// AllDebrid accounts by name.
    pub magnet_accounts: Vec<String>,
    /// Servers by account name.
    pub servers: BTreeMap<String, ServerSetup>,
    /// Discord's webhooks; each is told of everything.
    pub webhooks: Vec<u64>,
    /// The torrents of both servers lie in one folder.
    pub shares_folder: bool,
    /// How often things go wrong.
    pub rates: Rates,
    /// When the world begins.
    pub begins: &'static str,
    /// Zone of the rules' clock.
    pub zone: &'static str,
    /// Settings that people change now and then.
    pub knobs: Knobs,
    secret: u64,
}

/// A qBittorrent server and what is done on it.
#[derive(Debug, Clone)]
pub struct ServerSetup {
    /// Its version.
    pub era: Era,
    /// Last resort of torrents in error.
    pub errored: &'static str,
    unregistered: bool,
    failed_trackers: bool,
    hardlinks: Option<&'static str>,
    rules: bool,
    /// A protect rule asks for links, so that what cannot be seen is protected.
    pub protects_linked: bool,
    /// A protect rule asks for a tracker.
    pub protects_tracker: bool,
    /// A protect rule asks for a field that old versions do not send.
    pub protects_unsent: bool,
    /// A rule asks that such a field is not large.
    deletes_unsent: bool,
    /// A rule acts until there is enough: `space` on the disk, or so `few` torrents.
    pub until: Option<&'static str>,
    /// What its disk is like.
    pub disk: DiskSetup,
    /// How long it loads its torrents after a start.
    pub loading_ms: i64,
}

/// What is special about the disk of a server.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiskSetup {
    /// It does not tell the case of letters apart.
    pub folds_case: bool,
    /// Its file system shows no links.
    pub is_linkless: bool,
    /// What is deleted goes to a recycle bin, which frees nothing.
    pub has_bin: bool,
    /// Milliseconds by which the server's figure of the free space is late.
    pub lag_ms: i64,
}

impl DiskSetup {
    fn any(dice: &mut Dice) -> Self {
        Self {
            folds_case: dice.percent(25),
            is_linkless: dice.percent(15),
            has_bin: dice.percent(25),
            lag_ms: *dice.of(&[0, 30_000, 45_000]),
        }
    }
}

impl ServerSetup {
    fn any(dice: &mut Dice) -> Self {
        Self {
            era: *dice.of(&Era::ALL),
            errored: *dice.of(&["delete_torrent", "delete_torrent", "delete_files", "keep"]),
            unregistered: dice.percent(60),
            failed_trackers: dice.percent(60),
            hardlinks: dice
                .percent(65)
                .then(|| *dice.of(&["delete_files", "delete_torrent"])),
            rules: dice.percent(65),
            protects_linked: dice.percent(15),
            protects_tracker: dice.percent(20),
            protects_unsent: dice.percent(12),
            deletes_unsent: dice.percent(25),
            until: *dice.of(&[None, Some("space"), Some("few")]),
            disk: DiskSetup::any(dice),
            loading_ms: *dice.of(&[0, 3_000, 20_000]),
        }
    }
}

impl Setup {
    /// The world of a seed.
    pub fn of(seed: u64) -> Self {
        let dice = &mut Dice::new(seed, "setup");
        let magnet_accounts = ["debrid", "second"][..1 + dice.below(2)]
            .iter()
            .map(|&name| name.to_owned())
            .collect();
        let mut setup = Self {
            magnet_accounts,
            webhooks: WEBHOOKS[..1].to_vec(),
            shares_folder: false,
            servers: match dice.below(3) {
                0 => BTreeMap::new(),
                _ => BTreeMap::from([("seedbox".to_owned(), ServerSetup::any(dice))]),
            },
            rates: rates::rates(seed, dice),
            begins: *dice.of(&[
                "2026-11-20T08:00:00Z",
                "2026-10-24T21:30:00Z",
                "2026-03-28T22:00:00Z",
                "2026-12-31T20:00:00Z",
            ]),
            zone: *dice.of(&["Europe/Berlin", "UTC", "America/New_York"]),
            knobs: Knobs::any(dice),
            secret: dice.next(),
        };
        if !setup.servers.is_empty() && dice.below(4) == 0 {
            let mut server = ServerSetup::any(dice);
            setup.shares_folder = dice.percent(50);
            if setup.shares_folder {
                server.disk = DiskSetup::default();
            }
            setup.servers.insert("attic".to_owned(), server);
        }
        if dice.below(4) == 0 {
            setup.webhooks = WEBHOOKS.to_vec();
        }
        setup
    }

    /// A small world for going through every call: one account of each kind, everything deleted at the second failure.
    pub fn small(is_server: bool, era: Era) -> Self {
        let server = ServerSetup {
            era,
            errored: "delete_files",
            unregistered: false,
            failed_trackers: false,
            hardlinks: None,
            rules: false,
            protects_linked: false,
            protects_tracker: false,
            protects_unsent: false,
            deletes_unsent: false,
            until: None,
            disk: DiskSetup::default(),
            loading_ms: 0,
        };
        Self {
            magnet_accounts: if is_server {
                Vec::new()
            } else {
                vec!["debrid".to_owned()]
            },
            servers: is_server
                .then(|| ("seedbox".to_owned(), server))
                .into_iter()
                .collect(),
            webhooks: WEBHOOKS[..1].to_vec(),
            shares_folder: false,
            rates: Rates::default(),
            begins: "2026-11-20T08:00:00Z",
            zone: "UTC",
            knobs: Knobs {
                max_failures: 2,
                last_resort: "delete",
                cycle: "10m",
                per_cycle: 20,
                per_day: 200,
                outage_min_items: 9,
            },
            secret: 7,
        }
    }

    /// API key of an account.
    pub fn key(&self, account: &str) -> String {
        format!("key-{account}--{:016x}", self.secret)
    }

    /// Password of a server.
    pub fn password(&self, server: &str) -> String {
        format!("password-{server}-{:016x}", self.secret.rotate_left(23))
    }

    /// Secret part of a webhook's address.
    pub fn token(&self, webhook: u64) -> String {
        format!("token-{webhook}-{:016x}", self.secret.rotate_left(7))
    }

    /// The configuration, written to a folder and loaded as the program does.
    pub fn policy(&self, folder: &Path) -> Policy {
        let file = folder.join("config.json");
        std::fs::write(&file, self.json().to_string()).expect("a folder for the configuration");
        match load(&file, false, &|_, _| Ok(())) {
            Ok(loaded) => loaded.policy,
            Err(errors) => panic!("the configuration of a world is wrong: {errors:?}"),
        }
    }

    fn json(&self) -> Value {
        let knobs = &self.knobs;
        let mut accounts: Vec<Value> = self
            .magnet_accounts
            .iter()
            .map(|name| {
                json!({
                    "name": name, "type": "alldebrid", "url": format!("{ALLDEBRID}/"), "api_key": self.key(name),
                    "failed": {"max_failures": knobs.max_failures, "last_resort": knobs.last_resort},
                })
            })
            .collect();
        accounts.extend(
            self.servers
                .iter()
                .map(|(name, server)| self.server_json(name, server)),
        );
        let webhooks: Vec<Value> = self
            .webhooks
            .iter()
            .map(|id| json!({"webhook_url": format!("{DISCORD}/api/webhooks/{id}/{}", self.token(*id))}))
            .collect();
        json!({
            "rules": [
                {"name": "young", "conditions": [{"key": "addedTime", "compareType": "smaller", "value": "3h"}]},
                {"name": "linked", "conditions": [{"key": "hardlinked", "compareType": "equals", "value": "true"}]},
                {"name": "shared enough", "limit": 2, "for": "7m", "action": "delete_files",
                 "conditions": [{"key": "ratio", "compareType": "bigger", "value": "3"}]},
                {"name": "of one", "conditions": [{"key": "tracker", "compareType": "contain", "value": "one.tracker"}]},
                {"name": "no trackers", "conditions": [{"key": "trackers_count", "compareType": "smaller", "value": "1"}]},
                {"name": "room", "limit": 10, "action": "delete_files",
                 "conditions": [{"key": "ratio", "compareType": "bigger", "value": "1"}],
                 "until": {"key": "freeSpace", "compareType": "bigger", "value": ENOUGH_BYTES.to_string()}},
                {"name": "few", "limit": 10, "action": "delete_torrent",
                 "conditions": [{"key": "ratio", "compareType": "bigger", "value": "1"}],
                 "until": {"key": "seedingCount", "compareType": "smaller", "value": ENOUGH_SEEDING.to_string()}},
                {"name": "few trackers", "limit": 2, "action": "delete_torrent",
                 "conditions": [{"key": "ratio", "compareType": "bigger", "value": "2.5"},
                                {"not": {"key": "trackers_count", "compareType": "bigger", "value": "90"}}]},
                {"name": "mark", "limit": 3, "action": {"tag": "seen"},
                 "conditions": [{"key": "ratio", "compareType": "bigger", "value": "2"},
                                {"not": {"key": "tags", "compareType": "contain", "value": "seen"}}]},
            ],
            "cycle": knobs.cycle,
            "time_zone": self.zone,
            "discord": webhooks,
            "limits": {
                "deletions_per_cycle": knobs.per_cycle,
                "deletions_per_day": knobs.per_day,
                "outage_min_items": knobs.outage_min_items,
                "restore_grace": "6h",
            },
            "accounts": accounts,
        })
    }
}

impl Setup {
    fn server_json(&self, name: &str, server: &ServerSetup) -> Value {
        let knobs = &self.knobs;
        let mut protect_rules = vec!["young"];
        let more = [
            (server.protects_linked, "linked"),
            (server.protects_tracker, "of one"),
            (server.protects_unsent, "no trackers"),
        ];
        protect_rules.extend(
            more.iter()
                .filter(|(is_on, _)| *is_on)
                .map(|(_, name)| name),
        );
        let mut json = json!({
            "name": name, "type": "qbittorrent", "url": address(name), "username": "admin", "password": self.password(name),
            "select": {"exclude_tags": ["untouched"]},
            "protect": {"categories": ["keep"], "tags": ["forever"], "rules": protect_rules},
            "errored": {"max_failures": knobs.max_failures, "last_resort": server.errored},
        });
        if server.unregistered {
            json["unregistered"] = json!({"max_failures": knobs.max_failures});
        }
        if server.failed_trackers {
            json["failed_trackers"] = json!({"max_failures": knobs.max_failures, "for": "20m"});
        }
        if let Some(action) = server.hardlinks {
            json["hardlinks"] = json!({"min_seeding_time": "3h", "action": action});
        }
        if server.rules {
            let mut rules = vec!["shared enough", "mark"];
            match server.until {
                Some("space") => rules.push("room"),
                Some(_) => rules.push("few"),
                None => {}
            }
            if server.deletes_unsent {
                rules.push("few trackers");
            }
            json["rules"] = json!(rules);
            json["rule_cycle"] = json!("3m");
        }
        json
    }
}

/// Where a server is.
pub fn address(name: &str) -> String {
    format!("http://{name}.test:8080")
}
