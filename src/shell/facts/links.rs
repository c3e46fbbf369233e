//! Looks at the files of torrents on disk, and at the names of the same files that other torrents hold.

use super::looking::Seen;
use super::mounts::Visible;
use super::{FactStore, Fetch, mark_of, place_of};
use crate::config::policy::QbtPolicy;
use crate::core::facts::Fetched;
use crate::core::hardlinks::{FileId, LinkFinding, LinkResult, LookedAt, judge};
use crate::core::model::{ItemId, Library, Torrent, TorrentFile};
use crate::core::server_path::{folders, join};
use crate::ports::{FileKind, FileStat};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// Paths that are held in memory at a time; torrents are looked at in groups of about so many files.
const GROUP_FILES: usize = 50_000;
/// What qBittorrent may append to the names of unfinished files.
const INCOMPLETE_SUFFIX: &str = ".!qB";

/// One name of a file: the folder it stands in, whatever way led there, and the name there.
pub(super) type NameId = (FileId, OsString);

/// What other torrents hold of some files.
#[derive(Default)]
struct HeldNames {
    names: BTreeMap<FileId, BTreeSet<NameId>>,
    /// Files up to this size may have names that could not be counted, and why.
    uncounted: Option<(u64, String)>,
}

impl FactStore {
    /// Looks at the files of these torrents.
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
        let mut group: Vec<(ItemId, Vec<(PathBuf, u64)>)> = Vec::new();
        let mut files = 0;
        for id in wanted {
            match self.wanted_paths(id, fetch).await {
                Ok(paths) => {
                    files += paths.len();
                    group.push((id.clone(), paths));
                }
                Err(why) => self.set_links(id, LinkResult::Unknown(why), fetch),
            }
            if files >= GROUP_FILES {
                self.look_at_group(std::mem::take(&mut group), fetch).await;
                files = 0;
            }
        }
        self.look_at_group(group, fetch).await;
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

    /// Paths and sizes of the files that a torrent wants, on this machine.
    async fn wanted_paths(
        &mut self,
        id: &ItemId,
        fetch: &mut Fetch<'_>,
    ) -> Fetched<Vec<(PathBuf, u64)>> {
        let files = self.files_of(id, fetch).await?;
        let Some(torrent) = fetch.library.torrents.get(id) else {
            return Err("the server no longer lists this torrent".to_owned());
        };
        let wanted = files.iter().filter(|file| file.priority > 0);
        wanted
            .map(|file| {
                let server_path = join(&torrent.save_path, &file.name);
                let path = fetch.policy.path_map.map(&server_path);
                let unmapped = || format!("{server_path}: no entry of path_map covers it");
                Ok((path.ok_or_else(unmapped)?, size_of(file)))
            })
            .collect()
    }

    async fn look_at_group(
        &mut self,
        group: Vec<(ItemId, Vec<(PathBuf, u64)>)>,
        fetch: &mut Fetch<'_>,
    ) {
        let mut looked = Vec::with_capacity(group.len());
        let all: Vec<PathBuf> = group
            .iter()
            .flat_map(|(_, paths)| paths.iter().map(|(path, _)| path.clone()))
            .collect();
        let mut stats = self.looker.look(all).await.into_iter();
        for (id, paths) in group {
            let one = |(path, size_bytes)| LookedAt {
                path,
                size_bytes,
                stat: stats.next().unwrap_or(Err(io::ErrorKind::Other)),
            };
            let files: Vec<LookedAt> = paths.into_iter().map(one).collect();
            looked.push((id, files));
        }
        let several: BTreeMap<FileId, u64> = looked
            .iter()
            .flat_map(|(_, files)| files.iter().filter_map(with_several_names))
            .collect();
        let held = self.held_names(&several, fetch).await;
        let counts = held
            .names
            .iter()
            .map(|(file, names)| (*file, names.len() as u64))
            .collect();
        for (id, files) in looked {
            let mut result = judge(&files, &counts);
            if let (LinkResult::Seen(share), Some((up_to, why))) = (&result, &held.uncounted) {
                let is_in_doubt = files
                    .iter()
                    .filter_map(with_several_names)
                    .any(|(_, size)| size <= *up_to);
                if share.linked_bytes > 0 && is_in_doubt {
                    result = LinkResult::Unknown(why.clone());
                }
            }
            self.set_links(&id, result, fetch);
        }
    }

    /// Counts the names of these files that torrents hold: of this account, and of others in the same folders.
    async fn held_names(
        &mut self,
        several: &BTreeMap<FileId, u64>,
        fetch: &mut Fetch<'_>,
    ) -> HeldNames {
        let mut held = HeldNames::default();
        let sizes: BTreeSet<u64> = several.values().copied().collect();
        if sizes.is_empty() {
            return held;
        }
        let (own, unread) = self.names_by_size(&sizes, fetch).await;
        held.uncounted = unread;
        let others = {
            let mut index = self.names();
            index.ask(&self.account, &sizes);
            index.tell(&self.account, &sizes, &own);
            index.others(&self.account, &sizes)
        };
        if let Some(other) = others.missing {
            let why = format!(
                "the torrents of account {other} lie in the same folders and have not been read yet"
            );
            held.uncounted = Some((u64::MAX, why));
        }
        let own_paths = own.into_values().flat_map(BTreeMap::into_values).flatten();
        let seen = self.looker.look_at(own_paths.chain(others.paths)).await;
        let (files, paths): (Vec<FileId>, Vec<&PathBuf>) = seen
            .iter()
            .filter_map(|(path, seen)| Some((file_of(seen)?.0, path)))
            .filter(|(file, _)| several.contains_key(file))
            .unzip();
        let names = self.name_ids(&paths).await;
        for (file, name) in files.into_iter().zip(names) {
            held.names.entry(file).or_default().extend(name);
        }
        held
    }

    /// All names of this account's files with one of these sizes, by size and torrent, and up to which size there may
    /// be more because a file list could not be had.
    async fn names_by_size(
        &mut self,
        sizes: &BTreeSet<u64>,
        fetch: &mut Fetch<'_>,
    ) -> (
        BTreeMap<u64, BTreeMap<ItemId, Vec<PathBuf>>>,
        Option<(u64, String)>,
    ) {
        let mut names: BTreeMap<u64, BTreeMap<ItemId, Vec<PathBuf>>> = BTreeMap::new();
        let mut unread: Option<(u64, String)> = None;
        let smallest = sizes.first().copied().unwrap_or(0);
        for (id, torrent) in &fetch.library.torrents {
            let largest = torrent.total_size.or(torrent.size).unwrap_or(-1);
            let Some(largest) = u64::try_from(largest).ok().filter(|size| *size >= smallest) else {
                continue;
            };
            match self.files_of(id, fetch).await {
                Ok(files) => {
                    for file in files.iter().filter(|file| sizes.contains(&size_of(file))) {
                        let paths = possible_paths(torrent, file, fetch);
                        let by_item = names.entry(size_of(file)).or_default();
                        by_item.entry(id.clone()).or_default().extend(paths);
                    }
                }
                Err(why) => {
                    let up_to = unread.as_ref().map_or(0, |(size, _)| *size).max(largest);
                    unread = Some((
                        up_to,
                        format!("files of another torrent may be the same: {why}"),
                    ));
                }
            }
        }
        (names, unread)
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
        let (names, unread) = self.names_by_size(&sizes, fetch).await;
        if unread.is_none() {
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
        let world = torrents.iter().fold(0, |world: u64, (id, torrent)| {
            world
                .wrapping_mul(31)
                .wrapping_add(mark_of(&(id, place_of(torrent))))
        });
        let is_changed = std::mem::replace(&mut self.world, world) != world;
        let account = self.account.clone();
        let mut names = self.names();
        names.set_folders(&account, folders, |id| torrents.contains_key(id));
        if is_changed {
            names.reopen(&account);
        }
    }
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

fn size_of(file: &TorrentFile) -> u64 {
    u64::try_from(file.size_bytes).unwrap_or(0)
}

/// The file and its size, if it is a regular one with more than one name.
fn with_several_names(file: &LookedAt) -> Option<(FileId, u64)> {
    let (id, stat) = file_of(&file.stat)?;
    (stat.links > 1).then_some((id, stat.size_bytes))
}

fn file_of(seen: &Seen) -> Option<(FileId, FileStat)> {
    let stat = seen.as_ref().ok()?;
    (stat.kind == FileKind::File).then_some(((stat.device, stat.inode), *stat))
}
