//! The judge. It hears of every effect when it happens and of every answer when it is given, follows `state.json` as it is
//! replaced, and holds both against the invariants. It never asks the daemon.

mod absent;
mod counts;
mod file;
mod limits;
mod magnets;
mod notices;
mod outage;
mod pace;
mod room;
mod secrets;
mod sharing;
mod terms;
mod torrent_counts;
mod torrents;
mod treatments;

pub use magnets::MagnetListing;
pub use notices::Deleted;
pub use terms::{Blocks, Terms};
pub use treatments::Remedy;

use crate::support::clock::SimClock;
use crate::torrents::Shown;
use jiff::{SignedDuration, Timestamp};
use seedwarden::config::policy::{Limits, Policy};
use seedwarden::core::state::{AccountState, State};
use seedwarden::ports::Clock;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// An item that goes so long after its deletion, by the clock of the process, may have been removed by somebody else.
const LATE_MINUTES: i64 = 50;

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
    pub torrents_again: BTreeMap<String, (u64, Option<Shown>)>,
    /// The same between the last commit and the latest listing.
    pub torrents_before: BTreeMap<String, (u64, Option<Shown>)>,
    /// When its last counted cycle was committed.
    pub counted_at: Option<Timestamp>,
    /// The last counted cycle came after a long gap: it had no last resorts.
    pub after_gap: bool,
    /// What the trackers of torrents showed when they were last read.
    pub trackers: BTreeMap<String, Vec<seedwarden_sim::qbittorrent::Tracker>>,
    /// Lengths of the last two complete listings of magnets.
    pub lengths: [usize; 2],
    /// The whole list was read after all that was done there.
    pub is_list_fresh: bool,
    /// Causes that are on record for deletions, by item.
    pub claims: BTreeMap<String, String>,
    /// How many torrents seeded by the last listings.
    pub seeding: Vec<room::Seeding>,
    /// Whether the last remedy of an item got through, since the last counted cycle.
    pub remedies: BTreeMap<(Remedy, String), bool>,
    /// Deletions in a row without an answer, since the last listing.
    pub unanswered: u32,
    /// Since when torrents show the sign of an ailment, by counted cycles.
    pub sick_since: BTreeMap<(&'static str, String), Timestamp>,
    /// When it was last listed without any trouble of its own since.
    pub listed_at: Option<Timestamp>,
    /// When somebody asked for a cycle between the due times, by the clock of the process.
    pub asked_at: Option<Timestamp>,
}

/// The judge of one world.
pub struct Oracle {
    /// What was broken, in order.
    pub breaches: Vec<String>,
    /// The process rehearses: nothing may change.
    pub is_dry: bool,
    /// Names of the items that are there, by account.
    pub present: BTreeMap<String, BTreeSet<String>>,
    /// What people took back, and when by the clock of the process.
    restored: BTreeMap<(String, String), Option<Timestamp>>,
    /// What people were to be told.
    pub deleted: Vec<Deleted>,
    webhooks: Vec<u64>,
    /// Somebody restores something, so that magnets are uploaded.
    is_restoring: bool,
    /// What came back since that began: account and name by number or hash.
    came_back: BTreeMap<String, (String, String)>,
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
    /// Requests before the last edit.
    edited_after: u64,
    /// Accounts that committed a cycle since then, so that they know of the edit.
    know_of_edit: BTreeSet<String>,
    disk_failures: u64,
    requests: u64,
    has_jumped: bool,
    /// Somebody runs one cycle by hand.
    is_once: bool,
    /// When the clock was last set back: times of the future are ignored then.
    set_back_at: Option<Timestamp>,
    /// Times at which a person wrote what is no state.
    garbled: u64,
    /// When the clock was last set, and how far ahead.
    last_jump: Option<(Timestamp, SignedDuration)>,
    links_changed_at: Option<Timestamp>,
    started: BTreeSet<String>,
    owners: treatments::Owners,
    rooms: BTreeMap<String, room::Room>,
    away: absent::Away,
    /// The mount with the data is away from the process; and when that changed last.
    mount: (bool, Option<Timestamp>),
    /// Files that torrents of any server held, where all lie in one folder.
    held_by_all: Option<BTreeSet<PathBuf>>,
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
            restored: BTreeMap::new(),
            deleted: Vec::new(),
            webhooks: Vec::new(),
            is_restoring: false,
            came_back: BTreeMap::new(),
            accounts: BTreeMap::new(),
            terms: BTreeMap::new(),
            limits: None,
            secrets: Vec::new(),
            state: State::default(),
            bytes: None,
            older: Vec::new(),
            undo: None,
            before_edit: None,
            edited_after: 0,
            know_of_edit: BTreeSet::new(),
            disk_failures: 0,
            requests: 0,
            has_jumped: false,
            is_once: false,
            set_back_at: None,
            garbled: 0,
            last_jump: None,
            links_changed_at: None,
            started: BTreeSet::new(),
            owners: treatments::Owners::default(),
            rooms: BTreeMap::new(),
            away: absent::Away::new(),
            mount: (false, None),
            held_by_all: None,
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
            self.terms.insert(name, Terms::of(account));
        }
    }

    /// The clock of the process was set.
    pub fn clock_jumped(&mut self, minutes: i64) {
        self.has_jumped = true;
        if minutes < 0 {
            self.set_back_at = Some(self.time.now());
        }
        // Times in the future count as now.
        let now = self.clock.now();
        for deleted in &mut self.deleted {
            deleted.clock_at = deleted.clock_at.min(now);
        }
        if minutes.abs() >= LATE_MINUTES {
            for deleted in self.deleted.iter_mut().filter(|deleted| deleted.lingers) {
                deleted.excused.extend(&self.webhooks);
            }
        }
        self.last_jump = Some((self.time.now(), SignedDuration::from_mins(minutes)));
        self.all_disturbed();
    }

    /// A cycle was asked for.
    pub fn cycle_asked(&mut self) {
        for eye in self.accounts.values_mut() {
            eye.asked_at = Some(self.clock.now());
            // What is asked for is another cycle than the first one after a gap.
            eye.after_gap = false;
        }
    }

    /// Somebody runs one cycle by hand from here on, or it is over.
    pub fn runs_once(&mut self, is_once: bool) {
        self.is_once = is_once;
        self.all_disturbed();
        if is_once {
            self.cycle_asked();
        }
    }

    /// A call of the disk failed.
    pub fn disk_failed(&mut self) {
        self.disk_failures += 1;
        self.all_disturbed();
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

    fn account_state<'s>(&self, state: &'s State, account: &str) -> Option<&'s AccountState> {
        state
            .accounts
            .iter()
            .find(|(name, _)| name.as_str() == account)
            .map(|(_, state)| state)
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
