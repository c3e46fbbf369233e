//! A disk in memory that forgets what was not synced. Content and names become durable one by one, as POSIX
//! promises and no more; each call is one step, before, within or after which the process can die.
//!
//! ```
//! use seedwarden_sim::disk::*;
//! use std::path::Path;
//! let mut disk = DiskModel::default();
//! disk.make_folder(Path::new("/state")).unwrap();
//! disk.write(Path::new("/state/a"), b"new").unwrap();
//! disk.sync_file(Path::new("/state/a")).unwrap();
//! disk.restart(Loss::Unsynced); // its name was never made durable
//! assert!(disk.read(Path::new("/state/a")).is_err());
//! ```

mod calls;
mod names;
mod outside;
mod table;
#[cfg(test)]
mod tests;

pub use calls::{Called, Kind, Stat};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use table::Names;

/// Calls that are kept in the log; enough for a readable trace of one cycle.
const LOG_LENGTH: usize = 2_000;

/// What one name leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Folder,
    File(u64),
    Link(PathBuf),
}

#[derive(Debug, Clone, Default)]
struct Inode {
    content: Vec<u8>,
    durable: Vec<u8>,
    /// Length to report for files whose content does not matter.
    pretended_size: Option<u64>,
}

/// What goes wrong at one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// An error, and no effect.
    Fail(io::ErrorKind),
    /// The effect, and an error all the same.
    FailAfter(io::ErrorKind),
    /// So many bytes of a write or append arrive, then an error. Other calls fail without effect.
    Torn(usize, io::ErrorKind),
    /// The process dies before the effect.
    DieBefore,
    /// The process dies after so many bytes of a write or append (other calls: before the effect).
    DieWithin(usize),
    /// The process dies after the effect.
    DieAfter,
}

/// Why a call gave nothing.
#[derive(Debug)]
pub enum Stop {
    /// The call failed.
    Error(io::Error),
    /// The process is dead; nobody is there to see a result.
    Dead,
}

/// What is lost between the death of a process and the next start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Only the process died (`kill -9`): nothing.
    Nothing,
    /// Power: every name and every content that was not synced.
    Unsynced,
    /// Power, on a file system that writes names early: only content that was not synced.
    Contents,
    /// Power, on a file system that writes content early: only names that were not synced.
    Names,
    /// Power: by this seed, some names, and contents in part.
    Chance(u64),
}

/// Every [`Loss`] that a test of all crash points should go through.
pub const LOSSES: [Loss; 6] = [
    Loss::Nothing,
    Loss::Unsynced,
    Loss::Contents,
    Loss::Names,
    Loss::Chance(1),
    Loss::Chance(2),
];

/// One call: what was asked for, and where.
pub type Chooser = Box<dyn FnMut(&'static str, &Path) -> Option<Trouble> + Send>;
type Edit = Box<dyn FnOnce(&mut DiskModel) + Send>;

/// The disk, with all its mounts.
#[derive(Default)]
pub struct DiskModel {
    names: Names,
    durable_names: Names,
    inodes: BTreeMap<u64, Inode>,
    last_inode: u64,
    locks: BTreeMap<PathBuf, u64>,
    last_lock: u64,
    steps: u64,
    is_dead: bool,
    troubles: BTreeMap<u64, Trouble>,
    edits: BTreeMap<u64, Vec<Edit>>,
    chooser: Option<Chooser>,
    capacity_bytes: Option<u64>,
    is_read_only: bool,
    hidden: Vec<PathBuf>,
    denied: Vec<PathBuf>,
    devices: BTreeMap<PathBuf, u64>,
    folding: Vec<PathBuf>,
    linkless: Vec<PathBuf>,
    file_systems: BTreeMap<PathBuf, String>,
    log: VecDeque<String>,
}

impl DiskModel {
    /// How many steps were taken; the next one has this number.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The step with this number goes wrong.
    pub fn trouble_at(&mut self, step: u64, trouble: Trouble) {
        self.troubles.insert(step, trouble);
    }

    /// No trouble is planned any more.
    pub fn end_troubles(&mut self) {
        self.troubles.clear();
        self.chooser = None;
    }

    /// Somebody else does something right before the step with this number.
    pub fn edit_at(&mut self, step: u64, edit: impl FnOnce(&mut DiskModel) + Send + 'static) {
        self.edits.entry(step).or_default().push(Box::new(edit));
    }

    /// Decides at each step, after troubles planned by number.
    pub fn choose(&mut self, chooser: Option<Chooser>) {
        self.chooser = chooser;
    }

    /// Whether the process has died.
    pub fn is_dead(&self) -> bool {
        self.is_dead
    }

    /// The process dies here and now.
    pub fn kill(&mut self) {
        self.is_dead = true;
    }

    /// The last calls, one line each: step, call, path and what became of it.
    pub fn log(&self) -> impl Iterator<Item = &str> {
        self.log.iter().map(String::as_str)
    }

    /// Bytes that fit; `None`: no bound.
    pub fn set_capacity(&mut self, bytes: Option<u64>) {
        self.capacity_bytes = bytes;
    }

    /// Whether every change fails with `ReadOnlyFilesystem`.
    pub fn set_read_only(&mut self, is_read_only: bool) {
        self.is_read_only = is_read_only;
    }

    /// A new process starts after the old one died (or is killed by this): locks are gone, and `loss` happens.
    pub fn restart(&mut self, loss: Loss) {
        self.is_dead = false;
        self.locks.clear();
        let mut dice = match loss {
            Loss::Chance(seed) => Some(Dice(seed)),
            Loss::Nothing | Loss::Unsynced | Loss::Contents | Loss::Names => None,
        };
        if loss != Loss::Nothing {
            self.lose_names(loss, dice.as_mut());
            self.lose_contents(loss, dice.as_mut());
        }
        self.log
            .push_back(format!("{:>5} restart {loss:?}", self.steps));
        // What survived is on the disk.
        self.durable_names = self.names.clone();
        for inode in self.inodes.values_mut() {
            inode.durable = inode.content.clone();
        }
        self.forget_unnamed();
    }

    fn lose_names(&mut self, loss: Loss, dice: Option<&mut Dice>) {
        match (loss, dice) {
            (Loss::Nothing | Loss::Contents, _) => {}
            (Loss::Unsynced | Loss::Names, _) => self.names = self.durable_names.clone(),
            // The journal of a file system keeps the order of changes of names: all of them or none.
            (Loss::Chance(_), dice) => {
                if dice.is_some_and(Dice::coin) {
                    self.names = self.durable_names.clone();
                }
            }
        }
    }

    fn lose_contents(&mut self, loss: Loss, mut dice: Option<&mut Dice>) {
        for inode in self.inodes.values_mut() {
            if inode.content == inode.durable {
                continue;
            }
            match loss {
                Loss::Nothing | Loss::Names => {}
                Loss::Unsynced | Loss::Contents => inode.content = inode.durable.clone(),
                Loss::Chance(_) => {
                    let Some(dice) = dice.as_mut() else { continue };
                    inode.content = torn(&inode.durable, &inode.content, dice);
                }
            }
        }
    }

    fn forget_unnamed(&mut self) {
        let (names, durable) = (&self.names, &self.durable_names);
        let named: std::collections::BTreeSet<u64> = names
            .values()
            .chain(durable.values())
            .filter_map(|name| match name {
                Name::File(inode) => Some(*inode),
                Name::Folder | Name::Link(_) => None,
            })
            .collect();
        self.inodes.retain(|inode, _| named.contains(inode));
    }

    fn used_bytes(&self) -> u64 {
        self.inodes.values().map(|i| i.content.len() as u64).sum()
    }
}

/// Old content, new content, or the first part of new content.
fn torn(old: &[u8], new: &[u8], dice: &mut Dice) -> Vec<u8> {
    if dice.coin() {
        return old.to_vec();
    }
    // Appended bytes go one by one; what was there before does not.
    let safe = if new.starts_with(old) { old.len() } else { 0 };
    let length = safe + dice.below(new.len() - safe + 1);
    new[..length].to_vec()
}

/// A small generator (splitmix64): the same seed, the same losses.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn coin(&mut self) -> bool {
        self.next() & 1 == 1
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
