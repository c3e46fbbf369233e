//! What every judgement of one account needs, computed once per decision.

use super::ailment::Ailment;
use super::free_space;
use super::item::Seen;
use super::subject::surroundings;
use crate::config::policy::{AccountPolicy, Limits};
use crate::core::facts::{Facts, Fetched, Mount, SharedWith, Wanted};
use crate::core::free_space::{FreeSpace, OurDeletions};
use crate::core::hardlinks::{LinkFinding, LinkResult};
use crate::core::ledger::{Book, IntentId, OutcomeKind, TreatmentBegun};
use crate::core::model::{Doing, ItemId, Library, Torrent, Tracker, Unknown};
use crate::core::rules::Value;
use crate::core::rules::script::Answers;
use crate::core::rules::subject::Surroundings;
use crate::core::state::AccountState;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// What was read of trackers that all worked holds for so many cycles, where only a request for each torrent would
/// tell more (up to 5.0): a day at the usual spacing.
const CLEAN_FOR_CYCLES: u32 = 48;
/// And no longer than this, however far apart cycles are.
const CLEAN_FOR_AT_MOST: SignedDuration = SignedDuration::from_hours(24);

/// Everything that a decision is made from. Nothing else enters it: the same input gives the same plan.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The account's policy.
    pub policy: &'a AccountPolicy,
    /// Limits of all accounts.
    pub limits: &'a Limits,
    /// What was read.
    pub seen: Seen<'a>,
    /// What is known beyond the listing.
    pub facts: &'a Facts,
    /// What follows from the ledger.
    pub book: &'a Book,
    /// Answers of the JavaScript rules on this reading, made before the decision by the worker process.
    pub scripts: &'a Answers,
    /// Smoothed speeds of the server, bytes per second: upload and download.
    pub smoothed_speeds: (f64, f64),
    /// The cycle's time.
    pub now: Timestamp,
    /// Zone of the rules' clock.
    pub zone: &'a TimeZone,
    /// What kind of cycle it is.
    pub mode: Mode,
    /// The listing is known to hold every item; only then can an item be missing from it.
    pub whole: bool,
    /// Fill [`crate::core::plan::Plan::kept`], which costs time and memory.
    pub explain: bool,
}

/// Kinds of cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Ailments, hardlinks and rules.
    Full {
        /// Failures are added (not in a cycle that follows the last within half a cycle).
        adds: bool,
        /// Last resorts are applied (not in the first cycle after a long gap).
        last_resorts: bool,
    },
    /// Rules alone.
    Rules,
}

impl Mode {
    /// Whether failures are added.
    pub fn adds(self) -> bool {
        matches!(self, Mode::Full { adds: true, .. })
    }
}

/// The input, with what is computed once from it.
pub struct Context<'a> {
    /// The input.
    pub input: &'a Input<'a>,
    /// The account's state before this cycle.
    pub before: &'a AccountState,
    /// The cycle's time.
    pub now: Timestamp,
    /// The same in Unix seconds.
    pub now_s: i64,
    /// Open treatments: how they began, and whether the torrent was found incomplete.
    pub treatments: BTreeMap<&'a ItemId, (&'a TreatmentBegun, bool)>,
    /// Items restored from a deletion, and when.
    pub restored: BTreeMap<&'a ItemId, Timestamp>,
    /// Items with a deletion whose outcome is not settled.
    pub unsettled: BTreeSet<&'a ItemId>,
    /// Items whose last deletion did not happen: when it was intended, and what came of it.
    pub failed: BTreeMap<&'a ItemId, (Timestamp, OutcomeKind)>,
    /// Whether any rule looks at free space.
    pub asks_free_space: bool,
    /// What we deleted with files.
    pub ours: OurDeletions,
    /// The server's free space, with what it cannot show yet.
    pub free_space: FreeSpace,
    /// What we did last to items.
    doings: OnceCell<BTreeMap<ItemId, Doing>>,
    /// Values that are the same for all items.
    pub account: Surroundings,
    /// Whether any check of the account moved since the last cycle.
    pub checks_moved: bool,
    wanted: RefCell<Wanted>,
}

impl<'a> Context<'a> {
    /// Computes what is needed from the input.
    pub fn new(input: &'a Input<'a>, before: &'a AccountState) -> Context<'a> {
        Context::before_intent(input, before, None)
    }

    /// The same right before a deletion of the cycle is sent: those of the cycle that went before it are taken in.
    pub fn before_intent(
        input: &'a Input<'a>,
        before: &'a AccountState,
        next: Option<IntentId>,
    ) -> Context<'a> {
        let account = &input.policy.name;
        let mark = before.free_space.as_ref();
        let ours = OurDeletions::of(input.book, account, mark, input.now, next);
        let reading = free_space::reading(input.seen, input.facts);
        let of_account =
            |(key, value): (&'a (_, ItemId), &'a _)| (key.0 == *account).then_some((&key.1, value));
        let treatments = input
            .book
            .treatments
            .iter()
            .filter_map(|(key, (begun, found))| {
                (key.0 == *account).then_some((&key.1, (begun, *found)))
            })
            .collect();
        let restored = input
            .book
            .restored
            .iter()
            .filter_map(of_account)
            .map(|(id, at)| (id, *at))
            .collect();
        let checks_moved = match input.seen {
            Seen::Torrents(library) => super::errored::checks_moved(&library.torrents, before),
            Seen::Magnets(_) => true,
        };
        let mut context = Context {
            input,
            before,
            now: input.now,
            now_s: input.now.as_second(),
            treatments,
            restored,
            unsettled: input
                .book
                .open(account)
                .map(|intent| &intent.item)
                .collect(),
            failed: input.book.failed(account),
            asks_free_space: free_space::is_asked_for(input.policy),
            free_space: ours.free_space(&reading, input.now),
            ours,
            doings: OnceCell::new(),
            account: Surroundings {
                now_seconds: 0,
                second_from_zero: 0,
                free_space: Value::Undefined,
                leeching_count: Value::Undefined,
                seeding_count: Value::Undefined,
                upload_speed: 0.0,
                download_speed: 0.0,
            },
            checks_moved,
            wanted: RefCell::default(),
        };
        context.account = surroundings(&context);
        context
    }

    /// Whether the owner of an item said that it really is that broken.
    pub fn is_accepted(&self, ailment: Ailment, id: &ItemId) -> bool {
        let item = self.before.items.get(id);
        item.is_some_and(|item| ailment.is_accepted(item))
    }

    /// Whether an item has failures or an acceptance of this ailment, or is part of an outage: the absence of bad news
    /// does not end these.
    pub fn is_watched(&self, ailment: Ailment, id: &ItemId) -> bool {
        let item = self.before.items.get(id);
        let mut outages = self.before.outages.iter();
        item.is_some_and(|item| !ailment.all_failures(item).is_empty())
            || outages.any(|o| o.ailment == ailment.word() && o.items.contains(id))
    }

    /// Whether its last deletion was refused, or did not happen though the server took it: such are tried last.
    pub fn was_refused(&self, id: &ItemId) -> bool {
        let last = self.failed.get(id).map(|(_, result)| *result);
        matches!(last, Some(OutcomeKind::Refused | OutcomeKind::StillThere))
    }

    /// What was lacking so far.
    pub fn into_wanted(self) -> Wanted {
        self.wanted.into_inner()
    }

    /// The server's library; `None` for AllDebrid.
    pub fn library(&self) -> Option<&'a Library> {
        match self.input.seen {
            Seen::Torrents(library) => Some(library),
            Seen::Magnets(_) => None,
        }
    }

    /// Whether the disk below a save path is there; `None` while it has not been looked at.
    pub fn mount(&self, save_path: &str) -> Option<&'a Mount> {
        let known = self.input.facts.mounts.get(save_path);
        if known.is_none() {
            self.wanted.borrow_mut().mounts.insert(save_path.into());
        }
        known
    }

    /// Whether a torrent is private: the list says so, or it was asked for. The error says why it is unknown.
    pub fn private(&self, id: &ItemId, torrent: &Torrent) -> Result<bool, Unknown> {
        if let Some(private) = torrent.private {
            return Ok(private);
        }
        match self.input.facts.private.get(id) {
            Some(Ok(Some(private))) => Ok(*private),
            Some(Ok(None)) => {
                let why = "this server does not tell whether a torrent is private";
                Err(Unknown::not_shown(why))
            }
            Some(Err(why)) => Err(Unknown::not_read(why.clone())),
            None => {
                self.wanted.borrow_mut().private.insert(id.clone());
                Err(Unknown::not_read("not known yet whether it is private"))
            }
        }
    }

    /// The trackers of a torrent, as read in this cycle.
    pub fn trackers(&self, id: &ItemId) -> Result<&'a [Tracker], Unknown> {
        let known = self.input.facts.trackers.get(id);
        match known {
            Some(Ok(trackers)) => Ok(trackers),
            Some(Err(why)) => Err(Unknown::not_read(why.clone())),
            None => {
                self.wanted.borrow_mut().trackers.insert(id.clone());
                Err(Unknown::not_read("its trackers have not been read yet"))
            }
        }
    }

    /// Whether the trackers of a torrent all worked when they were read, not long ago.
    pub fn had_clean_trackers(&self, id: &ItemId) -> bool {
        let keep_for =
            SignedDuration::try_from(self.input.policy.cycle.saturating_mul(CLEAN_FOR_CYCLES));
        let keep_for = keep_for.unwrap_or(CLEAN_FOR_AT_MOST).min(CLEAN_FOR_AT_MOST);
        let read_at = self.input.facts.clean_trackers.get(id);
        read_at.is_some_and(|at| self.now.duration_since(*at) < keep_for)
    }

    /// What was found of a torrent's hardlinks, since we last did something to it.
    pub fn links(&self, id: &ItemId) -> Option<&'a LinkFinding> {
        let of_account = || self.input.book.last_doings(&self.input.policy.name);
        let doings = self.doings.get_or_init(of_account);
        self.links_since(id, doings.get(id).copied())
    }

    /// A finding from before something that we did is none: the files are looked at again.
    fn links_since(&self, id: &ItemId, doing: Option<Doing>) -> Option<&'a LinkFinding> {
        let is_new = |finding: &&LinkFinding| {
            finding.at >= self.now || doing.is_none_or(|doing| finding.at > doing.at)
        };
        let known = self.input.facts.links.get(id).filter(is_new);
        if known.is_none() {
            self.wanted.borrow_mut().links.insert(id.clone());
        }
        known
    }

    /// The same, looked at again where it may tell of names that have gone with a deletion of ours since.
    pub fn links_since_our_deletions(&self, id: &ItemId) -> Option<&'a LinkFinding> {
        let finding = self.links(id)?;
        let tells_of_others = match &finding.result {
            LinkResult::Seen(share) => !share.own_names.is_empty(),
            LinkResult::Unknown(_) => false,
        };
        self.links_since(id, self.ours.last_done().filter(|_| tells_of_others))
    }

    /// Other torrents that hold some of its files.
    pub fn shared(&self, id: &ItemId) -> Option<&'a Fetched<Vec<SharedWith>>> {
        let known = self.input.facts.shared.get(id);
        if known.is_none() {
            self.wanted.borrow_mut().shared.insert(id.clone());
        }
        known
    }
}
