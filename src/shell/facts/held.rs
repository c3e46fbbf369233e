//! Counts the names of files that torrents hold, of this account and of others in the same folders.

use super::links::{
    INCOMPLETE_SUFFIX, Looked, NameId, Place, file_of, size_of, size_up_to, with_several_names,
};
use super::looking::Batches;
use super::spots::{Spot, Spots};
use super::{FactStore, Fetch};
use crate::core::hardlinks::{FileId, LinkResult, judge};
use crate::core::model::{ItemId, Torrent, TorrentFile};
use crate::core::server_path::folders;
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// What torrents hold of some files.
#[derive(Default)]
pub(super) struct Held {
    /// How many names of each file torrents hold, in the order of the files.
    counts: Vec<(FileId, u64)>,
    /// Files up to this size may have names that could not be counted, and why.
    uncounted: Option<(u64, String)>,
}

/// A name that a torrent may hold, beyond those that were looked at for their own sake.
struct Candidate {
    list: Arc<[TorrentFile]>,
    place: Place,
    is_unfinished: bool,
}

impl Candidate {
    fn name(&self) -> Cow<'_, str> {
        let name = &*self.list[self.place.file as usize].name;
        match self.is_unfinished {
            true => Cow::Owned(format!("{name}{INCOMPLETE_SUFFIX}")),
            false => Cow::Borrowed(name),
        }
    }
}

/// A name that was found to lead to a file: the file, and the name in its folder.
type Found<'a> = (FileId, Spot, Cow<'a, str>);

impl Held {
    /// Judges a torrent that has files with several names.
    pub fn judge(&self, looked: &Looked<'_>, spots: &Spots<'_>) -> LinkResult {
        let path = |place: &Place| spots.path_of(place.spot, looked.name(place));
        // Files of a torrent mostly were made one after another, and follow each other here too.
        let next = Cell::new(0);
        let count = |file: FileId| {
            let guess = self
                .counts
                .get(next.get())
                .filter(|(known, _)| *known == file);
            let place = match guess {
                Some(_) => next.get(),
                None => match self.counts.binary_search_by_key(&file, |(known, _)| *known) {
                    Ok(place) => place,
                    Err(_) => return 0,
                },
            };
            next.set(place + 1);
            self.counts[place].1
        };
        let result = judge(&looked.files, path, count);
        if let (LinkResult::Seen(share), Some((up_to, why))) = (&result, &self.uncounted) {
            let mut several = looked.files.iter().filter_map(with_several_names);
            if share.linked_bytes > 0 && several.any(|(_, size)| size <= *up_to) {
                return LinkResult::Unknown(why.clone());
            }
        }
        result
    }
}

impl FactStore {
    /// Counts the names that torrents hold of the files with several names in `looked`. All wanted files of the
    /// torrents in `done` were looked at in this fetch, and are not again.
    pub(super) async fn held_names(
        &mut self,
        looked: &[Looked<'_>],
        done: &BTreeSet<&ItemId>,
        spots: &mut Spots<'_>,
        fetch: &mut Fetch<'_>,
    ) -> Held {
        let mut held = Held::default();
        let all = || looked.iter().flat_map(|one| one.files.iter());
        let mut sizes: Vec<u64> = all()
            .filter_map(with_several_names)
            .map(|(_, size)| size)
            .collect();
        if sizes.is_empty() {
            return held;
        }
        sizes.sort_unstable();
        sizes.dedup();
        let candidates = self.candidates(&sizes, done, spots, &mut held, fetch).await;
        let mut batches = Batches::default();
        for candidate in &candidates {
            spots.put(batches.next(), candidate.place.spot, &candidate.name());
        }
        let seen = self.looker.look_at_names(batches).await;
        let others = self.names_of_others(&sizes, &mut held, fetch).await;

        let mut found: Vec<Found<'_>> = Vec::new();
        for one in looked {
            let several = one
                .files
                .iter()
                .filter_map(|file| Some((file, with_several_names(file)?.0)));
            let same = several.filter(|(file, _)| sizes.binary_search(&file.size_bytes).is_ok());
            found.extend(same.map(|(file, id)| {
                let name = spots.name_of(file.place.spot, one.name(&file.place));
                (id, file.place.spot, Cow::Borrowed(name))
            }));
        }
        if !candidates.is_empty() {
            let several: BTreeSet<FileId> = all()
                .filter_map(with_several_names)
                .map(|(id, _)| id)
                .collect();
            let files = candidates.iter().zip(&seen);
            found.extend(files.filter_map(|(candidate, seen)| {
                let (id, spot) = (file_of(seen)?.0, candidate.place.spot);
                let name = spots.name_of(spot, &candidate.name()).to_owned();
                several
                    .contains(&id)
                    .then_some((id, spot, Cow::Owned(name)))
            }));
        }
        let folders = self.folder_ids(&found, spots).await;
        held.counts = counted(&found, &folders, others);
        held
    }

    /// Where torrents of this account may hold names of files with one of these sizes. What cannot be told because a
    /// file list could not be had is noted.
    async fn candidates(
        &mut self,
        sizes: &[u64],
        done: &BTreeSet<&ItemId>,
        spots: &mut Spots<'_>,
        held: &mut Held,
        fetch: &mut Fetch<'_>,
    ) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        let smallest = sizes.first().copied().unwrap_or(0);
        for (id, torrent) in &fetch.library.torrents {
            let Some(largest) = size_up_to(torrent).filter(|size| *size >= smallest) else {
                continue;
            };
            match self.files_of(id, torrent, fetch).await {
                Ok(files) => {
                    let is_done = done.contains(id);
                    let same = |file: &TorrentFile| sizes.binary_search(&size_of(file)).is_ok();
                    for (number, file) in (0..).zip(&*files) {
                        let is_known = is_done && file.priority > 0;
                        if (is_known && torrent.is_complete()) || !same(file) {
                            continue;
                        }
                        for (spot, is_unfinished) in places_of(torrent, file, is_known, spots) {
                            candidates.push(Candidate {
                                list: Arc::clone(&files),
                                place: Place { spot, file: number },
                                is_unfinished,
                            });
                        }
                    }
                }
                Err(why) => {
                    let before = held.uncounted.as_ref().map_or(0, |(size, _)| *size);
                    let why = format!("files of another torrent may be the same: {why}");
                    held.uncounted = Some((before.max(largest), why));
                }
            }
        }
        candidates
    }

    /// What other accounts in the same folders hold of files with these sizes; they are told what this one holds.
    async fn names_of_others(
        &mut self,
        sizes: &[u64],
        held: &mut Held,
        fetch: &mut Fetch<'_>,
    ) -> Vec<(FileId, NameId)> {
        if !self.names().has_neighbours(&self.account) {
            return Vec::new();
        }
        let sizes: BTreeSet<u64> = sizes.iter().copied().collect();
        let (own, _) = self.names_by_size(&sizes, fetch).await;
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
        let seen = self.looker.look_at(others.paths).await;
        let (files, paths): (Vec<FileId>, Vec<&PathBuf>) = seen
            .iter()
            .filter_map(|(path, seen)| Some((file_of(seen)?.0, path)))
            .unzip();
        let names = self.name_ids(&paths).await;
        let both = files.into_iter().zip(names);
        both.filter_map(|(file, name)| Some((file, name?)))
            .collect()
    }

    /// The folders behind the spots, by spot: two ways to one folder lead to one name. None where it cannot be looked at.
    async fn folder_ids(&mut self, found: &[Found<'_>], spots: &Spots<'_>) -> Vec<Option<FileId>> {
        let used: BTreeSet<Spot> = found.iter().map(|(_, spot, _)| *spot).collect();
        // The "." makes the disk follow a link at the end of the folder's path.
        let paths = used.iter().map(|spot| spots.folder_of(*spot).join("."));
        let seen = self.looker.look(paths.collect()).await;
        let mut ids = vec![None; used.last().map_or(0, |last| *last as usize + 1)];
        for (spot, seen) in used.iter().zip(seen) {
            ids[*spot as usize] = seen.ok().map(|stat| (stat.device, stat.inode));
        }
        ids
    }
}

/// Where a file of a torrent may lie, finished or not; without the one place of it that is `known`.
fn places_of(
    torrent: &Torrent,
    file: &TorrentFile,
    is_known: bool,
    spots: &mut Spots<'_>,
) -> Vec<(Spot, bool)> {
    let mut places = Vec::new();
    for folder in folders(torrent) {
        if !torrent.is_complete() || file.priority <= 0 {
            let unfinished = format!("{}{INCOMPLETE_SUFFIX}", file.name);
            places.extend(spots.of(folder, &unfinished).map(|spot| (spot, true)));
        }
        if !is_known || folder != &*torrent.save_path {
            places.extend(spots.of(folder, &file.name).map(|spot| (spot, false)));
        }
    }
    places
}

/// How many different names each file has. Names that differ in the case of their letters only count as one: on a disk that
/// does not tell case apart they are. Where they are two a link is seen that is none, which deletes nothing.
fn counted(
    found: &[Found<'_>],
    folders: &[Option<FileId>],
    others: Vec<(FileId, NameId)>,
) -> Vec<(FileId, u64)> {
    let mut order: Vec<(FileId, usize)> = found
        .iter()
        .enumerate()
        .map(|(number, (file, ..))| (*file, number))
        .collect();
    order.sort_unstable();
    let mut of_others: BTreeMap<FileId, BTreeSet<(FileId, String)>> = BTreeMap::new();
    for (file, (folder, name)) in others {
        if let Ok(name) = name.into_string() {
            let name = (folder, name.to_lowercase());
            of_others.entry(file).or_default().insert(name);
        }
    }
    let one = |number: usize| {
        let (_, spot, name) = &found[number];
        Some((folders[*spot as usize]?, name.to_lowercase()))
    };
    let mut counts = Vec::with_capacity(order.len());
    for same in order.chunk_by(|(one, _), (other, _)| one == other) {
        let file = same[0].0;
        let count = match (same, of_others.get(&file)) {
            ([(_, only)], None) => u64::from(one(*only).is_some()),
            (several, others) => {
                let mut names: BTreeSet<(FileId, String)> = several
                    .iter()
                    .filter_map(|(_, number)| one(*number))
                    .collect();
                names.extend(others.into_iter().flatten().cloned());
                names.len() as u64
            }
        };
        counts.push((file, count));
    }
    counts
}
