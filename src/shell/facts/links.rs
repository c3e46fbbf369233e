//! Looks at the files of torrents on disk, and at the names of the same files that other torrents hold.

use super::looking::{Batches, Seen};
use super::mounts::Visible;
use super::spots::{Spot, Spots};
use super::systems::Doubtful;
use super::{FactStore, Fetch, mark_of, place_of};
use crate::config::policy::QbtPolicy;
use crate::core::facts::Fetched;
use crate::core::hardlinks::{FileId, LinkFinding, LinkResult, LookedAt, judge};
use crate::core::model::{ItemId, Library, Torrent, TorrentFile};
use crate::core::server_path::{folders, join};
use crate::core::shared_files::contents;
use crate::ports::{FileKind, FileStat};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Names that are held in memory at a time; torrents are looked at in groups of about so many files.
const GROUP_FILES: usize = 50_000;
/// What qBittorrent may append to the names of unfinished files.
pub(super) const INCOMPLETE_SUFFIX: &str = ".!qB";

/// One name of a file: the folder it stands in, whatever way led there, and the name there.
pub(super) type NameId = (FileId, OsString);

/// A torrent with its files, and what was seen of those that it wants.
pub(super) struct Looked<'a> {
    pub id: &'a ItemId,
    pub list: Arc<[TorrentFile]>,
    pub files: Vec<LookedAt<Place>>,
}

/// A file of a torrent: its folder, and its number in the torrent's list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub spot: Spot,
    pub file: u32,
}

impl Looked<'_> {
    /// The name of a file in the torrent's list.
    pub fn name(&self, place: &Place) -> &str {
        &self.list[place.file as usize].name
    }
}

impl FactStore {
    /// Looks at the files of these torrents, each once.
    pub(super) async fn fetch_links(&mut self, wanted: &BTreeSet<ItemId>, fetch: &mut Fetch<'_>) {
        if wanted.is_empty() {
            return;
        }
        if let Visible::No(why) = self.visible(fetch).await {
            let why = format!("no content of this account is visible, not even {why}");
            for id in wanted {
                self.set_links(id, LinkResult::Unknown(why.clone()), fetch);
            }
            return;
        }
        let (policy, library) = (fetch.policy, fetch.library);
        let mut spots = Spots::new(&policy.path_map);
        let mut waiting = Vec::new();
        let mut group: Vec<Looked<'_>> = Vec::new();
        let mut done = BTreeSet::new();
        let mut doubtful = Vec::new();
        let mut files = 0;
        for id in wanted {
            let Some(torrent) = library.torrents.get(id) else {
                continue;
            };
            let list = self.files_of(id, torrent, fetch).await;
            let looked = list.and_then(|list| wanted_files(id, torrent, list, &mut spots));
            match looked {
                Ok(looked) => {
                    files += looked.files.len();
                    done.insert(id);
                    group.push(looked);
                }
                Err(why) => self.set_links(id, LinkResult::Unknown(why), fetch),
            }
            if files >= GROUP_FILES {
                let group = std::mem::take(&mut group);
                let group = self.look_at_group(group, &mut doubtful, &spots, fetch);
                waiting.extend(group.await);
                files = 0;
            }
        }
        let group = self.look_at_group(group, &mut doubtful, &spots, fetch);
        waiting.extend(group.await);
        let held = self.held_names(&waiting, &done, &mut spots, fetch).await;
        for looked in waiting {
            let result = held.judge(&looked, &spots);
            self.set_links(looked.id, result, fetch);
        }
        for one in doubtful {
            if let Some(why) = one.why(&self.systems) {
                self.set_links(one.id, LinkResult::Unknown(why), fetch);
            }
        }
    }

    fn set_links(&mut self, id: &ItemId, result: LinkResult, fetch: &Fetch<'_>) {
        if let Some(torrent) = fetch.library.torrents.get(id) {
            let place = place_of(torrent);
            self.places.insert(id.clone(), place);
        }
        let at = fetch.now;
        self.facts
            .links
            .insert(id.clone(), LinkFinding { at, result });
    }

    /// Looks at the files of some torrents. What all have but one name is judged at once, the others come back.
    async fn look_at_group<'a>(
        &mut self,
        group: Vec<Looked<'a>>,
        doubtful: &mut Vec<Doubtful<'a>>,
        spots: &Spots<'_>,
        fetch: &mut Fetch<'_>,
    ) -> Vec<Looked<'a>> {
        let mut names = Batches::default();
        for looked in &group {
            for file in &looked.files {
                spots.put(names.next(), file.place.spot, looked.name(&file.place));
            }
        }
        let mut stats = self.looker.look_at_names(names).await.into_iter();
        let mut waiting = Vec::new();
        for mut looked in group {
            for file in &mut looked.files {
                file.stat = stats.next().unwrap_or(Err(io::ErrorKind::Other));
            }
            doubtful.extend(self.doubtful(&looked, spots).await);
            if looked
                .files
                .iter()
                .any(|file| with_several_names(file).is_some())
            {
                waiting.push(looked);
                continue;
            }
            let path = |place: &Place| spots.path_of(place.spot, looked.name(place));
            let result = judge(&looked.files, path, |_| 0);
            self.set_links(looked.id, result, fetch);
        }
        waiting
    }

    /// The names of this account's files with one of these sizes, by size and torrent, and whether these are all: every
    /// file list could be had.
    pub(super) async fn names_by_size(
        &mut self,
        sizes: &BTreeSet<u64>,
        fetch: &mut Fetch<'_>,
    ) -> (BTreeMap<u64, BTreeMap<ItemId, Vec<PathBuf>>>, bool) {
        let mut names: BTreeMap<u64, BTreeMap<ItemId, Vec<PathBuf>>> = BTreeMap::new();
        let mut are_all = true;
        let smallest = sizes.first().copied().unwrap_or(0);
        for (id, torrent) in &fetch.library.torrents {
            if size_up_to(torrent).is_none_or(|largest| largest < smallest) {
                continue;
            }
            let Ok(files) = self.files_of(id, torrent, fetch).await else {
                are_all = false;
                continue;
            };
            for file in files.iter().filter(|file| sizes.contains(&size_of(file))) {
                let paths = possible_paths(torrent, file, fetch);
                let by_item = names.entry(size_of(file)).or_default();
                by_item.entry(id.clone()).or_default().extend(paths);
            }
        }
        (names, are_all)
    }

    /// Tells apart the names behind paths: two ways to one folder lead to one name. A name whose folder cannot be
    /// looked at is not told.
    pub(super) async fn name_ids(&mut self, paths: &[&PathBuf]) -> Vec<Option<NameId>> {
        // The "." makes the disk follow a link at the end of the folder's path.
        let folder = |path: &Path| path.parent().map(|folder| folder.join("."));
        let folders: BTreeSet<PathBuf> = paths.iter().filter_map(|path| folder(path)).collect();
        let seen = self.looker.look_at(folders).await;
        let one = |path: &&PathBuf| {
            let stat = seen.get(&folder(path)?)?.ok()?;
            Some(((stat.device, stat.inode), path.file_name()?.to_owned()))
        };
        paths.iter().map(one).collect()
    }

    /// Tells other accounts in the same folders the names that they ask for.
    pub(super) async fn answer_other_accounts(&mut self, fetch: &mut Fetch<'_>) {
        let sizes = self.names().questions(&self.account);
        if sizes.is_empty() {
            return;
        }
        let (names, are_all) = self.names_by_size(&sizes, fetch).await;
        if are_all {
            let account = self.account.clone();
            self.names().tell(&account, &sizes, &names);
        }
    }

    /// Notes where this account's torrents lie, for accounts in the same folders.
    pub(super) fn tell_folders(&mut self, library: &Library, policy: &QbtPolicy) {
        let torrents = &library.torrents;
        let save_paths: BTreeSet<&str> = torrents.values().map(|t| &*t.save_path).collect();
        let mapped = save_paths
            .iter()
            .filter_map(|path| policy.path_map.map(path));
        let folders = mapped.collect();
        let account = self.account.clone();
        {
            let mut names = self.names();
            names.set_folders(&account, folders, |id| torrents.contains_key(id));
            let places = torrents.values().filter_map(contents).flatten();
            let mapped = places.filter_map(|place| policy.path_map.map(&place));
            let marks = mapped.map(|place| mark_of(&place.as_path()));
            names.set_contents(&account, marks.collect());
            // Nobody was told anything, so that nothing of it can be out of date.
            if !names.has_neighbours(&account) {
                return;
            }
        }
        let world = torrents.iter().fold(0, |world: u64, (id, torrent)| {
            world
                .wrapping_mul(31)
                .wrapping_add(mark_of(&(id, place_of(torrent))))
        });
        if std::mem::replace(&mut self.world, world) != world {
            self.names().reopen(&account);
        }
    }
}

/// Where the files that a torrent wants lie on this machine; nothing is seen of them yet.
fn wanted_files<'a>(
    id: &'a ItemId,
    torrent: &'a Torrent,
    list: Arc<[TorrentFile]>,
    spots: &mut Spots<'_>,
) -> Fetched<Looked<'a>> {
    let mut files = Vec::with_capacity(list.len());
    for (number, file) in (0..).zip(list.iter()).filter(|(_, file)| file.priority > 0) {
        let Some(spot) = spots.of(&torrent.save_path, &file.name) else {
            let server_path = join(&torrent.save_path, &file.name);
            return Err(format!("{server_path}: no entry of path_map covers it"));
        };
        files.push(LookedAt {
            place: Place { spot, file: number },
            size_bytes: size_of(file),
            stat: Err(io::ErrorKind::Other),
        });
    }
    Ok(Looked { id, list, files })
}

/// Where a file of a torrent may lie on this machine, finished or not.
fn possible_paths(torrent: &Torrent, file: &TorrentFile, fetch: &Fetch<'_>) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for folder in folders(torrent) {
        let path = join(folder, &file.name);
        if !torrent.is_complete() || file.priority <= 0 {
            let unfinished = format!("{path}{INCOMPLETE_SUFFIX}");
            paths.extend(fetch.policy.path_map.map(&unfinished));
        }
        paths.extend(fetch.policy.path_map.map(&path));
    }
    paths
}

/// No file of the torrent is larger; none where its size is not known.
pub(super) fn size_up_to(torrent: &Torrent) -> Option<u64> {
    u64::try_from(torrent.total_size.or(torrent.size)?).ok()
}

pub(super) fn size_of(file: &TorrentFile) -> u64 {
    u64::try_from(file.size_bytes).unwrap_or(0)
}

/// The file and its size, if it is a regular one with more than one name.
pub(super) fn with_several_names<P>(file: &LookedAt<P>) -> Option<(FileId, u64)> {
    let (id, stat) = file_of(&file.stat)?;
    (stat.links > 1).then_some((id, stat.size_bytes))
}

pub(super) fn file_of(seen: &Seen) -> Option<(FileId, FileStat)> {
    let stat = seen.as_ref().ok()?;
    (stat.kind == FileKind::File).then_some(((stat.device, stat.inode), *stat))
}
