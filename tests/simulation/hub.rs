//! What all parts of one world share: whether the process lives, chance, the oracle, the trace, and what rare things occurred.

use super::dice::Dice;
use super::oracle::Oracle;
use crate::support::clock::SimClock;
use crate::support::disk::SimDisk;
use seedwarden::ports::Clock;
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Lines of the trace that are kept; the digest covers all of them.
const LINES_KEPT: usize = 4000;

/// Rare things by what the trace says of them.
const TOLD: [(&str, &str); 6] = [
    (": a portion of ", "event: a portion fails"),
    ("drop a portion of ", "event: a portion is dropped"),
    ("the recycle bin is emptied", "event: bin emptied"),
    ("is stopped by its owner", "event: owner stops"),
    ("the next listing is Empty", "event: listing of nothing"),
    (
        "the next listing is Undated",
        "event: listing without dates",
    ),
];

/// How often things go wrong, in a million calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    /// Faults of the network.
    pub network: u32,
    /// Faults of the disk.
    pub disk: u32,
    /// Deaths of the process, at any call.
    pub death: u32,
    /// Things that happen outside right before a call.
    pub interference: u32,
}

/// When the process is to die: at the call with this number, counted over all ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeathAt {
    /// Number of the call, from 0.
    pub call: u64,
    /// Before its effect, or after.
    pub after: bool,
}

/// What is shared. Lock it for moments only, and never while calling a model or the disk.
pub struct Core {
    /// Chance.
    pub dice: Dice,
    /// How often things go wrong.
    pub rates: Rates,
    /// A death planned for a scenario.
    pub death_at: Option<DeathAt>,
    /// Calls of all ports so far.
    pub calls: u64,
    /// The process is dead: none of its calls is carried out any more.
    pub is_dead: bool,
    /// The judge.
    pub oracle: Oracle,
    /// The mount with the torrents' data cannot be seen by the process.
    pub is_mount_away: bool,
    /// The folder whose disk does not answer, and the account it is of.
    pub hanging: Option<(PathBuf, String)>,
    /// The disk, for people who change files.
    pub disk: Option<SimDisk>,
    /// How often each rare thing occurred.
    pub seen: BTreeMap<String, u64>,
    clock: SimClock,
    lines: VecDeque<String>,
    digest: u64,
    echo: bool,
}

/// A handle: clones are the same world.
#[derive(Clone)]
pub struct Hub {
    core: Arc<Mutex<Core>>,
    died: Arc<Notify>,
}

impl Hub {
    /// The middle of a new world.
    pub fn new(seed: u64, clock: SimClock, oracle: Oracle, echo: bool) -> Self {
        let core = Core {
            dice: Dice::new(seed, "hub"),
            rates: Rates::default(),
            death_at: None,
            calls: 0,
            is_dead: false,
            oracle,
            is_mount_away: false,
            hanging: None,
            disk: None,
            seen: BTreeMap::new(),
            clock,
            lines: VecDeque::new(),
            digest: 0xcbf2_9ce4_8422_2325,
            echo,
        };
        Self {
            core: Arc::new(Mutex::new(core)),
            died: Arc::default(),
        }
    }

    /// Looks at what is shared, or changes it.
    pub fn with<T>(&self, look: impl FnOnce(&mut Core) -> T) -> T {
        look(&mut self.lock())
    }

    /// Ends when the process has died.
    pub async fn death(&self) {
        while !self.with(|core| core.is_dead) {
            self.died.notified().await;
        }
    }

    /// The process dies here and now.
    pub fn kill(&self, how: &str) {
        self.with(|core| {
            core.is_dead = true;
            core.note(how);
            core.see(&format!("death: {how}"));
        });
        self.died.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Core {
    /// Writes a line of the trace.
    pub fn note(&mut self, line: &str) {
        for (words, what) in TOLD {
            if line.contains(words) {
                self.see(what);
            }
        }
        let line = format!("{:.3} {line}", self.clock.now());
        for byte in line.bytes() {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if self.echo {
            eprintln!("{line}");
        }
        if self.lines.len() == LINES_KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    /// Counts something rare.
    pub fn see(&mut self, what: &str) {
        match self.seen.get_mut(what) {
            Some(times) => *times += 1,
            None => {
                self.seen.insert(what.to_owned(), 1);
            }
        }
    }

    /// One more call; answers whether the process dies before or after it.
    pub fn call(&mut self) -> Option<DeathAt> {
        let call = self.calls;
        self.calls += 1;
        if let Some(planned) = self.death_at {
            return (planned.call == call).then_some(planned);
        }
        let dies = self.dice.per_million(self.rates.death);
        dies.then(|| DeathAt {
            call,
            after: self.dice.percent(50),
        })
    }

    /// The trace so far.
    pub fn trace(&self) -> (u64, Vec<String>) {
        (self.digest, self.lines.iter().cloned().collect())
    }
}
