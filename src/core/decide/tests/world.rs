//! A small world for decisions: one account, its items, what is known of them, and time.

use crate::config::policy::Policy;
use crate::core::audit::audit;
use crate::core::decide::{Ailment, Decision, Input, Mode, Saved, Seen, decide, second_look};
use crate::core::facts::{Facts, Mount};
use crate::core::hardlinks::{LinkFinding, LinkResult, LinkShare};
use crate::core::ledger::Book;
use crate::core::model::{ApiVersion, ItemId, Library, Magnet, State, Torrent, Tracker};
use crate::core::plan::{Deletion, Plan};
use crate::core::rules::script::Answers;
use crate::core::state::AccountState;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

pub const FULL: Mode = Mode::Full {
    adds: true,
    last_resorts: true,
};

/// The world.
pub struct World {
    pub policy: Policy,
    pub library: Library,
    pub magnets: BTreeMap<ItemId, Magnet>,
    pub facts: Facts,
    pub book: Book,
    pub state: AccountState,
    pub now: Timestamp,
    pub scripts: Answers,
    pub whole: bool,
    pub mode: Mode,
}

impl World {
    /// A qBittorrent account with these further keys of its configuration.
    pub fn of_torrents(keys: &str) -> World {
        let account = format!(
            r#"{{ "name": "box", "type": "qbittorrent", "url": "http://127.0.0.1:1", "username": "u", "password": "p", {keys} }}"#
        );
        World::of(&account, "")
    }

    /// An AllDebrid account with these further keys.
    pub fn of_magnets(keys: &str) -> World {
        World::of(
            &format!(r#"{{ "name": "box", "type": "alldebrid", "api_key": "k" {keys} }}"#),
            "",
        )
    }

    /// An account as configured, and further top-level keys.
    pub fn of(account: &str, top: &str) -> World {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.json");
        std::fs::write(&file, format!(r#"{{ {top} "accounts": [ {account} ] }}"#)).unwrap();
        let loaded = crate::config::load(&file, false, &|_, _| Ok(()));
        let policy = loaded
            .unwrap_or_else(|errors| panic!("{}", errors.report(false)))
            .policy;
        World {
            policy,
            library: Library {
                api: ApiVersion(2, 16, 2),
                ..Library::default()
            },
            magnets: BTreeMap::new(),
            facts: Facts::default(),
            book: Book::default(),
            state: AccountState::default(),
            now: Timestamp::from_second(1_800_000_000).unwrap(),
            scripts: Answers::new(),
            whole: true,
            mode: FULL,
        }
    }

    /// Adds a healthy, complete torrent that has seeded for 20 days; its facts are known and let it be deleted.
    pub fn torrent(&mut self, id: &str, change: impl FnOnce(&mut Torrent)) -> &mut Self {
        let mut torrent = Torrent {
            name: id.into(),
            category: "tv".into(),
            state: State::new("stalledUP"),
            save_path: "/downloads".into(),
            content_path: Some(format!("/downloads/{id}").into()),
            size: Some(1000),
            total_size: Some(1000),
            progress: Some(1.0),
            completed: Some(1000),
            downloaded: Some(1000),
            uploaded: Some(10),
            ratio: Some(0.01),
            added_on: Some(self.now.as_second() - 30 * 86_400),
            completion_on: Some(self.now.as_second() - 29 * 86_400),
            seeding_time: Some(20 * 86_400),
            num_leechs: Some(0),
            private: Some(false),
            has_tracker_error: Some(false),
            has_other_announce_error: Some(false),
            ..Torrent::default()
        };
        change(&mut torrent);
        self.facts
            .mounts
            .insert((&*torrent.save_path).into(), Mount::Present);
        self.facts.shared.insert(id.into(), Ok(Vec::new()));
        self.facts.links.insert(id.into(), not_linked(self.now));
        self.library.torrents.insert(id.into(), torrent);
        self
    }

    /// Many torrents, named by their numbers.
    pub fn torrents(&mut self, count: usize, change: impl Fn(&mut Torrent)) -> &mut Self {
        for number in 0..count {
            self.torrent(&format!("t{number:03}"), &change);
        }
        self
    }

    /// Changes a torrent.
    pub fn change(&mut self, id: &str, change: impl FnOnce(&mut Torrent)) -> &mut Self {
        change(self.library.torrents.get_mut(&ItemId::from(id)).unwrap());
        self
    }

    /// Adds a magnet with this status code.
    pub fn magnet(&mut self, id: &str, code: i64, status: &str) -> &mut Self {
        let magnet = Magnet {
            filename: format!("magnet {id}").into(),
            hash: Some("a".repeat(40).into()),
            size: Some(1000),
            status: status.into(),
            status_code: Some(code),
            upload_date: Some(1_700_000_000),
            ..Magnet::default()
        };
        self.magnets.insert(id.into(), magnet);
        self
    }

    /// What the trackers of a torrent say; the listing then shows that something fails.
    pub fn trackers(&mut self, id: &str, rows: &[(&str, i64, &str)]) -> &mut Self {
        let tracker = |(url, status, message): &(&str, i64, &str)| Tracker {
            url: (*url).into(),
            status: *status,
            updating: false,
            message: (*message).into(),
        };
        self.facts
            .trackers
            .insert(id.into(), Ok(rows.iter().map(tracker).collect()));
        self.change(id, |t| t.has_tracker_error = Some(true))
    }

    pub fn input(&self) -> Input<'_> {
        let account = &self.policy.accounts[0];
        Input {
            policy: account,
            limits: &self.policy.limits,
            seen: match account.service {
                crate::config::policy::Service::Qbittorrent(_) => Seen::Torrents(&self.library),
                crate::config::policy::Service::Alldebrid(_) => Seen::Magnets(&self.magnets),
            },
            facts: &self.facts,
            book: &self.book,
            scripts: &self.scripts,
            smoothed_speeds: (0.0, 0.0),
            now: self.now,
            zone: &self.policy.time_zone,
            mode: self.mode,
            whole: self.whole,
            explain: true,
        }
    }

    /// Decides, and audits what was decided.
    pub fn decide(&self) -> Decision {
        let input = self.input();
        let decision = decide(&input, &self.state);
        if let Err(breach) = audit(&input, &self.state, &decision) {
            panic!("{breach}\n{}", decision.plan);
        }
        decision
    }

    /// One cycle: decides, takes the state over, and lets half an hour pass. Remedies reach their items; nothing else is
    /// carried out.
    pub fn cycle(&mut self) -> Plan {
        let plan = self.cycle_without_remedies();
        for remedy in &plan.remedies {
            let ailment = Ailment::of(remedy.ailment).expect("an ailment");
            self.state.remedied(&remedy.item, ailment);
        }
        plan
    }

    /// The same, with remedies of which nobody knows whether they reached their items.
    pub fn cycle_without_remedies(&mut self) -> Plan {
        let decision = self.decide();
        self.state = decision.state;
        self.now += SignedDuration::from_mins(30);
        decision.plan
    }

    /// So many cycles; the plan of the last.
    pub fn cycles(&mut self, count: usize) -> Plan {
        (0..count).map(|_| self.cycle()).last().unwrap()
    }

    /// Judges a deletion again, in the world as it is now.
    pub fn look_again(&self, deletion: &Deletion) -> Saved {
        second_look(&self.input(), &self.state, deletion)
    }
}

/// A finding that nothing else uses the files.
pub fn not_linked(now: Timestamp) -> LinkFinding {
    LinkFinding {
        at: now,
        result: LinkResult::Seen(LinkShare {
            linked_bytes: 0,
            total_bytes: 1000,
            link_count: 1,
            evidence: None,
            own_names: Box::default(),
        }),
    }
}

/// A finding that so many of 1000 bytes have a name outside.
pub fn linked(now: Timestamp, bytes: u64) -> LinkFinding {
    LinkFinding {
        at: now,
        result: LinkResult::Seen(LinkShare {
            linked_bytes: bytes,
            total_bytes: 1000,
            link_count: 2,
            evidence: None,
            own_names: Box::default(),
        }),
    }
}

/// The items that a plan deletes.
pub fn deleted(plan: &Plan) -> Vec<&str> {
    plan.deletions
        .iter()
        .map(|deletion| deletion.item.as_str())
        .collect()
}

/// The items that a plan holds back, with the guard's word.
pub fn held(plan: &Plan) -> Vec<(&str, &'static str)> {
    plan.held
        .iter()
        .map(|held| (held.item.as_str(), held.guard.word()))
        .collect()
}

/// The remedies of a plan.
pub fn remedies(plan: &Plan) -> Vec<(&str, &'static str)> {
    plan.remedies
        .iter()
        .map(|remedy| (remedy.item.as_str(), remedy.kind.word()))
        .collect()
}

/// Why an item stays, as `plan` prints it.
pub fn why_kept(plan: &Plan, id: &str) -> String {
    let kept = plan.kept.iter().find(|kept| kept.item.as_str() == id);
    kept.map_or(String::new(), |kept| {
        kept.reasons
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ")
    })
}
