//! Names of files that torrents hold, known to all accounts, so that accounts in the same folders count together.

use super::mark_of;
use crate::core::model::{AccountId, ItemId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What the qBittorrent accounts tell one another. Only names of sizes that somebody asked for are kept.
#[derive(Debug, Default)]
pub struct NameIndex {
    accounts: BTreeMap<AccountId, Held>,
    generation: u64,
}

/// What one account told.
#[derive(Debug, Default)]
struct Held {
    /// Save paths of its torrents, on this machine.
    folders: BTreeSet<PathBuf>,
    /// Marks of the files and top folders of its torrents, on this machine, in order.
    contents: Vec<u64>,
    /// Sizes of files with several names that it has looked at.
    asked: BTreeSet<u64>,
    /// Sizes for which all its names are in `names`.
    answered: BTreeSet<u64>,
    /// By size and torrent.
    names: BTreeMap<u64, BTreeMap<ItemId, Vec<PathBuf>>>,
}

/// Names of other accounts for one question.
#[derive(Debug, Default)]
pub(super) struct OtherNames {
    /// Paths to look at.
    pub paths: Vec<PathBuf>,
    /// An account in the same folders that has not told its names yet.
    pub missing: Option<AccountId>,
}

impl NameIndex {
    /// Grows with each change that may alter what an account found earlier.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// Forgets an account that left the configuration.
    pub fn remove(&mut self, account: &AccountId) {
        if self.accounts.remove(account).is_some() {
            self.generation += 1;
        }
    }

    /// Notes the save paths of an account's torrents, and drops the names of torrents that `is_there` denies.
    pub(super) fn set_folders(
        &mut self,
        account: &AccountId,
        folders: BTreeSet<PathBuf>,
        is_there: impl Fn(&ItemId) -> bool,
    ) {
        let is_alone = self.accounts.keys().all(|other| other == account);
        let held = self.accounts.entry(account.clone()).or_default();
        let mut changed = false;
        if held.folders != folders {
            held.folders = folders;
            changed = !is_alone;
        }
        for by_item in held.names.values_mut() {
            let before = by_item.len();
            by_item.retain(|item, _| is_there(item));
            changed |= by_item.len() != before;
        }
        self.generation += u64::from(changed);
    }

    /// Notes where the contents of an account's torrents lie.
    pub(super) fn set_contents(&mut self, account: &AccountId, mut contents: Vec<u64>) {
        contents.sort_unstable();
        self.accounts.entry(account.clone()).or_default().contents = contents;
    }

    /// Another account with a torrent at this place, in it or around it.
    pub(super) fn holder(&self, account: &AccountId, content: &Path) -> Option<&AccountId> {
        let places: Vec<u64> = content.ancestors().map(|place| mark_of(&place)).collect();
        let holds = |held: &Held| {
            let is_there = |place: &u64| held.contents.binary_search(place).is_ok();
            let below = held.folders.range(content.to_owned()..).next();
            places.iter().any(is_there) || below.is_some_and(|next| next.starts_with(content))
        };
        let mut others = self.accounts.iter().filter(|(other, _)| *other != account);
        others.find(|(_, held)| holds(held)).map(|(other, _)| other)
    }

    /// Torrents were added or their files changed: what was told is no longer all.
    pub(super) fn reopen(&mut self, account: &AccountId) {
        if let Some(held) = self.accounts.get_mut(account) {
            held.answered.clear();
        }
    }

    /// Whether another account's torrents lie in the same folders.
    pub(super) fn has_neighbours(&self, account: &AccountId) -> bool {
        let Some(own) = self.accounts.get(account) else {
            return false;
        };
        let mut others = self.accounts.iter().filter(|(other, _)| *other != account);
        others.any(|(_, held)| share_folders(own, held))
    }

    /// Asks all accounts for names of files of these sizes.
    pub(super) fn ask(&mut self, account: &AccountId, sizes: &BTreeSet<u64>) {
        let held = self.accounts.entry(account.clone()).or_default();
        held.asked.extend(sizes);
    }

    /// Tells all names of this account's torrents for these sizes.
    pub(super) fn tell(
        &mut self,
        account: &AccountId,
        sizes: &BTreeSet<u64>,
        names: &BTreeMap<u64, BTreeMap<ItemId, Vec<PathBuf>>>,
    ) {
        let held = self.accounts.entry(account.clone()).or_default();
        let mut changed = false;
        for size in sizes {
            let told = names.get(size).cloned().unwrap_or_default();
            changed |= held.answered.insert(*size);
            changed |= held.names.get(size).is_some_and(|before| *before != told);
            held.names.insert(*size, told);
        }
        self.generation += u64::from(changed && self.accounts.len() > 1);
    }

    /// Sizes that other accounts in the same folders ask this one for, and that it has not answered.
    pub(super) fn questions(&self, account: &AccountId) -> BTreeSet<u64> {
        let Some(own) = self.accounts.get(account) else {
            return BTreeSet::new();
        };
        self.accounts
            .iter()
            .filter(|(other, held)| *other != account && share_folders(held, own))
            .flat_map(|(_, held)| held.asked.difference(&own.answered).copied())
            .collect()
    }

    /// What other accounts hold in the folders of this one.
    pub(super) fn others(&self, account: &AccountId, sizes: &BTreeSet<u64>) -> OtherNames {
        let mut found = OtherNames::default();
        let Some(own) = self.accounts.get(account) else {
            return found;
        };
        let others = self.accounts.iter().filter(|(other, _)| *other != account);
        for (other, held) in others.filter(|(_, held)| share_folders(own, held)) {
            if !sizes.is_subset(&held.answered) {
                found.missing = Some(other.clone());
            }
            let paths = sizes
                .iter()
                .filter_map(|size| held.names.get(size))
                .flat_map(|by_item| by_item.values().flatten())
                .filter(|path| own.folders.iter().any(|folder| path.starts_with(folder)));
            found.paths.extend(paths.cloned());
        }
        found
    }
}

/// Whether torrents of `other` lie in a folder of `own`, or around one.
fn share_folders(own: &Held, other: &Held) -> bool {
    own.folders.iter().any(|folder| {
        other.folders.contains(folder)
            || other
                .folders
                .range(folder.clone()..)
                .next()
                .is_some_and(|next| next.starts_with(folder))
            || ancestors(folder).any(|around| other.folders.contains(around))
    })
}

fn ancestors(path: &Path) -> impl Iterator<Item = &Path> {
    path.ancestors().skip(1)
}
