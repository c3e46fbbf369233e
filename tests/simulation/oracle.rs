//! The judge. It hears of every effect when it happens and of every answer when it is given, follows `state.json` as it is
//! replaced, and holds both against the thirteen invariants. It never asks the daemon.

mod counts;
mod magnets;
mod notices;
mod secrets;
mod torrents;

pub use magnets::MagnetListing;
pub use notices::Deleted;

use crate::support::clock::SimClock;
use crate::torrents::Shown;
use jiff::{SignedDuration, Timestamp};
use seedwarden::config::policy::{
    DeleteAction, Limits, MagnetLastResort, Policy, QbtPolicy, Service, TorrentLastResort,
};
use seedwarden::core::state::{AccountState, State};
use seedwarden::ports::Clock;
use std::collections::{BTreeMap, BTreeSet};

/// A person's edit and a request can cross: nobody can look and send in one step. Requests this soon after an edit are
/// judged by the state before it.
const CROSSING: SignedDuration = SignedDuration::from_secs(2);

/// What the oracle knows of one account's configuration.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Spacing of its cycles.
    pub cycle: SignedDuration,
    /// Sighting at which the last resort of a failed magnet is due.
    pub max_failures: u32,
    /// That is its deletion.
    pub deletes: bool,
    /// What is deleted on a server.
    pub blocks: Blocks,
}

/// What is deleted on a server, and whether the files go too.
#[derive(Debug, Clone, Default)]
pub struct Blocks {
    /// It is a server.
    pub is_server: bool,
    /// Sighting at which the last resort of a torrent in error is due; counts never go beyond it.
    pub errored_most: u32,
    /// Failures at which torrents in error are deleted.
    pub errored: Option<(u32, bool)>,
    /// Failures at which unregistered torrents are deleted.
    pub unregistered: Option<(u32, bool)>,
    /// Seconds of seeding after which torrents without links are deleted.
    pub hardlinks: Option<(i64, bool)>,
    /// The rule that deletes what is shared enough.
    pub rules: bool,
}

/// What the oracle knows of one account.
#[derive(Debug, Clone, Default)]
pub struct AccountEye {
    /// What the last complete listing showed; `None` when it was spoilt, or the process is new.
    pub magnets: Option<MagnetListing>,
    /// What magnets showed when they were last read one by one, with the number of the request.
    pub again: BTreeMap<u64, (u64, Option<seedwarden_sim::alldebrid::Magnet>)>,
    /// What the last complete listing of a server showed.
    pub torrents: Option<BTreeMap<String, Shown>>,
    /// The listing before that.
    pub torrents_older: Option<BTreeMap<String, Shown>>,
    /// What torrents showed when they were last read one by one since then.
    pub torrents_again: BTreeMap<String, Option<Shown>>,
    /// The last counted cycle came after a long gap: it had no last resorts.
    pub after_gap: bool,
    /// Somebody asked for a cycle between the due times.
    pub was_asked: bool,
}

/// The judge of one world.
pub struct Oracle {
    /// What was broken, in order.
    pub breaches: Vec<String>,
    /// The process rehearses: nothing may change.
    pub is_dry: bool,
    /// Names of the items that are there, by account.
    pub present: BTreeMap<String, BTreeSet<String>>,
    /// What people were to be told.
    pub deleted: Vec<Deleted>,
    accounts: BTreeMap<String, AccountEye>,
    terms: BTreeMap<String, Terms>,
    limits: Option<Limits>,
    secrets: Vec<(String, String)>,
    state: State,
    bytes: Option<Vec<u8>>,
    /// Versions of the file that a loss of power may still bring back.
    older: Vec<Option<Vec<u8>>>,
    /// What the process took for committed before its last commit, which is not durable yet; and the account of that.
    undo: Option<(State, Option<String>)>,
    before_edit: Option<(Timestamp, State)>,
    /// Accounts that committed a cycle since then, so that they know of the edit.
    know_of_edit: BTreeSet<String>,
    disk_failures: u64,
    requests: u64,
    has_jumped: bool,
    links_changed_at: Option<Timestamp>,
    started: BTreeSet<String>,
    /// The clock of the process.
    clock: SimClock,
    /// The true time.
    time: SimClock,
}

impl Oracle {
    /// A judge of a process with this clock, in a world with this time.
    pub fn new(clock: SimClock, time: SimClock) -> Self {
        Self {
            breaches: Vec::new(),
            is_dry: false,
            present: BTreeMap::new(),
            deleted: Vec::new(),
            accounts: BTreeMap::new(),
            terms: BTreeMap::new(),
            limits: None,
            secrets: Vec::new(),
            state: State::default(),
            bytes: None,
            older: Vec::new(),
            undo: None,
            before_edit: None,
            know_of_edit: BTreeSet::new(),
            disk_failures: 0,
            requests: 0,
            has_jumped: false,
            links_changed_at: None,
            started: BTreeSet::new(),
            clock,
            time,
        }
    }

    /// An invariant is broken.
    pub fn breach(&mut self, invariant: u32, what: String) {
        let at = self.time.now();
        self.breaches
            .push(format!("invariant {invariant} at {at:.3}: {what}"));
    }

    /// The process runs with this configuration from here on.
    pub fn configured(&mut self, policy: &Policy) {
        self.limits = Some(policy.limits.clone());
        self.terms.clear();
        for account in &policy.accounts {
            let name = account.name.as_str().to_owned();
            self.accounts.entry(name.clone()).or_default();
            let failed = match &account.service {
                Service::Alldebrid(service) => service.failed.clone(),
                Service::Qbittorrent(_) => None,
            };
            let blocks = match &account.service {
                Service::Alldebrid(_) => Blocks::default(),
                Service::Qbittorrent(service) => blocks(service, !account.rules.is_empty()),
            };
            let terms = Terms {
                blocks,
                cycle: SignedDuration::try_from(account.cycle).expect("a cycle"),
                max_failures: failed
                    .as_ref()
                    .map_or(u32::MAX, |failed| failed.max_failures),
                deletes: failed
                    .is_some_and(|failed| failed.last_resort == MagnetLastResort::Delete),
            };
            self.terms.insert(name, terms);
        }
    }

    /// The clock of the process was set.
    pub fn clock_jumped(&mut self) {
        self.has_jumped = true;
    }

    /// A cycle was asked for.
    pub fn cycle_asked(&mut self) {
        for eye in self.accounts.values_mut() {
            eye.was_asked = true;
        }
    }

    /// Whether the last complete listing of an account held items, as the state file has it.
    pub fn had_items(&self, account: &str) -> bool {
        self.account_state(&self.state, account)
            .is_some_and(|state| state.had_items)
    }

    /// Whether what people wrote into the state file cannot be read.
    pub fn is_garbled(&self) -> bool {
        parse(self.bytes.as_deref()).is_err()
    }

    /// Whether the state file holds an outage.
    pub fn has_outage(&self) -> bool {
        self.state
            .accounts
            .values()
            .any(|account| !account.outages.is_empty())
    }

    fn account_state<'s>(&self, state: &'s State, account: &str) -> Option<&'s AccountState> {
        state
            .accounts
            .iter()
            .find(|(name, _)| name.as_str() == account)
            .map(|(_, state)| state)
    }

    /// The state that a request may rest on: that of the file, or the one before an edit that it crossed.
    fn resting_on(&self, account: &str) -> &State {
        match &self.before_edit {
            Some((at, state))
                if self.time.now().duration_since(*at) <= CROSSING
                    && !self.know_of_edit.contains(account) =>
            {
                state
            }
            _ => &self.state,
        }
    }

    /// A new process begins: what it finds in the state file must be what the last one left, or the version before if
    /// that was not durable yet.
    pub fn process_started(&mut self, found: Option<&[u8]>) {
        let is_known = found == self.bytes.as_deref()
            || self.older.iter().any(|older| older.as_deref() == found);
        if is_known {
            self.state = parse(found).unwrap_or_default();
            self.bytes = found.map(<[u8]>::to_vec);
        } else {
            // The process died right after it replaced the file.
            self.state_replaced(found);
        }
        self.folder_synced();
        for eye in self.accounts.values_mut() {
            eye.magnets = None;
            eye.again.clear();
            eye.torrents = None;
            eye.torrents_again.clear();
        }
    }

    /// The process replaced the state file (or may have).
    pub fn state_replaced(&mut self, content: Option<&[u8]>) {
        if content == self.bytes.as_deref() {
            return;
        }
        let state = match parse(content) {
            Ok(state) => state,
            Err(why) => {
                self.breach(11, format!("the state file cannot be read: {why}"));
                State::default()
            }
        };
        let changed = self.judge_commit(&state);
        let before = std::mem::replace(&mut self.state, state);
        self.older.push(std::mem::replace(
            &mut self.bytes,
            content.map(<[u8]>::to_vec),
        ));
        self.know_of_edit.extend(changed.clone());
        self.undo = Some((before, changed));
    }

    /// The call that was to replace the state file, or to make that durable, failed: the process takes nothing for
    /// committed, whatever the file holds.
    pub fn commit_failed(&mut self) {
        if let Some((before, _)) = self.undo.take() {
            self.state = before;
        }
    }

    /// The names of the state folder are durable.
    pub fn folder_synced(&mut self) {
        self.older.clear();
        self.undo = None;
    }

    /// The process read the state file.
    pub fn state_read(&mut self) {}

    /// A person wrote the state file.
    pub fn state_edited(&mut self, content: Option<&[u8]>) {
        let state = parse(content).unwrap_or_default();
        let before = std::mem::replace(&mut self.state, state);
        let (at, before) = match self.before_edit.take() {
            // Of two edits at once either may have been seen.
            Some((at, first)) if self.time.now().duration_since(at) <= CROSSING => (at, first),
            _ => (self.time.now(), before),
        };
        self.before_edit = Some((at, before));
        self.know_of_edit.clear();
        self.bytes = content.map(<[u8]>::to_vec);
        self.folder_synced();
    }

    /// A command of ours (`reset`, `accept`) wrote the state file.
    pub fn state_commanded(&mut self, content: Option<&[u8]>) {
        self.state_edited(content);
    }

    /// A call of the disk failed.
    pub fn disk_failed(&mut self) {
        self.disk_failures += 1;
    }

    /// Failed calls of the disk so far.
    pub fn disk_failures(&self) -> u64 {
        self.disk_failures
    }

    /// A changing request of an account was carried out: what it rests on must be durable, and no dry run may send one.
    pub fn changes(&mut self, account: &str, what: &str) {
        if self.is_dry {
            self.breach(7, format!("a dry run sends {what}"));
        }
        let rests_on_air = self
            .undo
            .as_ref()
            .is_some_and(|(_, changed)| changed.as_deref() == Some(account));
        if rests_on_air {
            self.breach(
                3,
                format!("{account}: {what} before the counts it rests on are durable"),
            );
        }
    }

    /// One more deletion: none above the limits.
    fn count_deletion(&mut self, account: &str) {
        let Some(limits) = self.limits.clone() else {
            return;
        };
        let now = self.clock.now();
        // An intent is written some time before its effect; the windows of the oracle are shorter by that.
        let slack = SignedDuration::from_mins(4);
        let within = |at: Timestamp, window: SignedDuration| at > now - (window - slack);
        let day = SignedDuration::from_hours(24);
        let cycle = self
            .terms
            .get(account)
            .map_or(SignedDuration::ZERO, |terms| terms.cycle);
        let in_day = self
            .deleted
            .iter()
            .filter(|d| within(d.clock_at, day))
            .count();
        let in_cycle = self
            .deleted
            .iter()
            .filter(|d| d.account == account && within(d.clock_at, cycle))
            .count();
        if in_day > limits.deletions_per_day as usize {
            self.breach(
                6,
                format!(
                    "{in_day} deletions in a day, the limit is {}",
                    limits.deletions_per_day
                ),
            );
        }
        if in_cycle > limits.deletions_per_cycle as usize {
            self.breach(
                6,
                format!(
                    "{account}: {in_cycle} deletions in a cycle, the limit is {}",
                    limits.deletions_per_cycle
                ),
            );
        }
    }
}

fn blocks(policy: &QbtPolicy, rules: bool) -> Blocks {
    let last = |resort: TorrentLastResort, most: u32| match resort {
        TorrentLastResort::DeleteTorrent => Some((most, false)),
        TorrentLastResort::DeleteFiles => Some((most, true)),
        TorrentLastResort::Keep => None,
    };
    Blocks {
        is_server: true,
        errored_most: policy
            .errored
            .as_ref()
            .map_or(u32::MAX, |block| block.max_failures),
        errored: policy
            .errored
            .as_ref()
            .and_then(|block| last(block.last_resort, block.max_failures)),
        unregistered: policy
            .unregistered
            .as_ref()
            .and_then(|block| last(block.last_resort, block.max_failures)),
        hardlinks: policy.hardlinks.as_ref().map(|block| {
            (
                block.min_seeding_time.as_secs() as i64,
                block.action == DeleteAction::DeleteFiles,
            )
        }),
        rules,
    }
}

/// Failures of a magnet in an account's state.
fn failures(account: Option<&AccountState>, id: &str) -> u32 {
    let item = account.and_then(|account| account.items.iter().find(|(key, _)| key.as_str() == id));
    item.and_then(|(_, item)| item.failed.as_ref())
        .map_or(0, |failed| failed.failures)
}

fn parse(content: Option<&[u8]>) -> Result<State, String> {
    let far = Timestamp::MAX;
    let parsed =
        State::parse(content.unwrap_or_default(), far).map_err(|error| format!("{error:?}"))?;
    Ok(parsed.state)
}
