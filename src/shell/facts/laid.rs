//! Where the contents of all torrents of an account lie, as the disk has them: found by their folders alone, without
//! asking the server for their files.

use super::shared::Torrents;
use super::ways::{Entry, Named, Real, Way, Ways};
use super::{FactStore, Fetch, place_of};
use crate::core::hardlinks::{FileId, shown_path, trouble};
use crate::core::model::{ItemId, Torrent};
use crate::core::server_path::{folders, join};
use crate::core::shared_files::contents;
use crate::ports::Inside;
use crate::shell::facts::links::INCOMPLETE_SUFFIX;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// Folders within folders are followed so deep.
const DEPTH: usize = 64;

/// Where one torrent lies.
#[derive(Debug, Clone, Default)]
pub(super) struct Laid {
    /// The names of its top file or folder, and of the links below its save path on the way there.
    pub names: Vec<Named>,
    /// The names of links in its save path.
    pub links_above: BTreeSet<Entry>,
    /// The folders in it.
    pub folders: BTreeSet<FileId>,
    /// It holds anything but plain files and folders.
    pub has_links: bool,
    /// Why it could not be looked at.
    pub failed: Option<String>,
}

impl Laid {
    /// Whether the two may have a name in common: one of the tops is the other's or stands in it, or a folder is both's.
    pub fn touches(&self, other: &Laid) -> bool {
        self.reaches(other) || other.reaches(self) || !self.folders.is_disjoint(&other.folders)
    }

    fn reaches(&self, other: &Laid) -> bool {
        self.names.iter().any(|name| {
            other.folders.contains(&name.entry.folder)
                || other.links_above.contains(&name.entry)
                || other.names.iter().any(|theirs| theirs.entry == name.entry)
        })
    }
}

/// By torrent and by all that its paths depend on.
pub(super) type LaidById = BTreeMap<(ItemId, u64), Laid>;

/// A torrent that is about to be looked at.
struct Fresh {
    key: (ItemId, u64),
    laid: Laid,
    /// The folders at the top of it.
    tops: Vec<PathBuf>,
}

impl FactStore {
    /// Looks at the contents of all torrents that were not looked at in this cycle where they lie now.
    pub(super) async fn lay_out(
        &mut self,
        torrents: &Torrents<'_>,
        ways: &mut Ways<'_>,
        fetch: &mut Fetch<'_>,
    ) {
        let mut fresh = Vec::new();
        let mut below: BTreeMap<PathBuf, Way> = BTreeMap::new();
        let mut roots = Vec::new();
        for (key, torrent) in torrents {
            if !self.laid.contains_key(key) {
                roots.push((key, *torrent, self.roots_of(&key.0, torrent, fetch).await));
            }
        }
        let all = roots.iter().filter_map(|(.., roots)| roots.as_ref().ok());
        let ahead: Vec<PathBuf> = all.flatten().map(|(_, root)| root.clone()).collect();
        ways.look_ahead(&mut self.looker, ahead.into_iter()).await;
        for (key, _, roots) in roots {
            let mut one = Fresh {
                key: key.clone(),
                laid: Laid::default(),
                tops: Vec::new(),
            };
            match roots {
                Ok(roots) => {
                    for (base, root) in roots {
                        self.add_root(&mut one, &base, &root, &mut below, ways)
                            .await;
                    }
                }
                Err(why) => one.laid.failed = Some(why),
            }
            fresh.push(one);
        }
        let inside = self.look_inside(&fresh, ways).await;
        for mut one in fresh {
            gather(&mut one, &inside);
            self.laid.insert(one.key, one.laid);
        }
    }

    /// The tops of a torrent's content on this machine, each with the folder that the torrent is kept in.
    async fn roots_of(
        &mut self,
        id: &ItemId,
        torrent: &Torrent,
        fetch: &mut Fetch<'_>,
    ) -> Result<Vec<(PathBuf, PathBuf)>, String> {
        let mut tops: Vec<(String, String)> = Vec::new();
        match contents(torrent) {
            Some(contents) => {
                let parent = |path: &str| match path.rfind(['/', '\\']) {
                    Some(slash) => path[..slash].to_owned(),
                    None => String::new(),
                };
                for content in contents {
                    let holds = |folder: &&str| {
                        let rest = content.strip_prefix(folder.trim_end_matches('/'));
                        rest.is_some_and(|rest| rest.starts_with('/'))
                    };
                    let base = folders(torrent).find(holds);
                    let base = base.map_or_else(|| parent(&content), str::to_owned);
                    tops.push((base, content));
                }
            }
            None => {
                let files = self.files_of(id, torrent, fetch).await?;
                let first = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
                let firsts: BTreeSet<String> = files.iter().map(|file| first(&file.name)).collect();
                for folder in folders(torrent) {
                    let top = |name: &String| (folder.to_owned(), join(folder, name));
                    tops.extend(firsts.iter().map(top));
                }
            }
        }
        if !torrent.is_complete() {
            let unfinished = |(base, top): &(String, String)| {
                (base.clone(), format!("{top}{INCOMPLETE_SUFFIX}"))
            };
            tops.extend(tops.iter().map(unfinished).collect::<Vec<_>>());
        }
        let map = &fetch.policy.path_map;
        let mapped = |(base, top): &(String, String)| Some((map.map(base)?, map.map(top)?));
        Ok(tops.iter().filter_map(mapped).collect())
    }

    async fn add_root(
        &mut self,
        one: &mut Fresh,
        base: &Path,
        root: &Path,
        below: &mut BTreeMap<PathBuf, Way>,
        ways: &mut Ways<'_>,
    ) {
        let (base, rest) = match root.strip_prefix(base) {
            Ok(rest) => (base, rest),
            // An entry of the map is about the top itself.
            Err(_) => match (root.parent(), root.file_name()) {
                (Some(parent), Some(name)) => (parent, Path::new(name)),
                _ => return,
            },
        };
        if !below.contains_key(base) {
            let way = ways.follow(&mut self.looker, base).await;
            below.insert(base.to_owned(), way);
        }
        let Some(to_base) = below.get(base) else {
            return;
        };
        one.laid.failed = one.laid.failed.take().or_else(|| to_base.failed.clone());
        let links = to_base.links.iter().map(|link| link.entry.clone());
        one.laid.links_above.extend(links);
        let Some(folder) = &to_base.folder else {
            return;
        };
        let way = ways.follow_from(&mut self.looker, folder, rest).await;
        one.laid.failed = one.laid.failed.take().or(way.failed);
        one.laid.has_links |= !way.links.is_empty();
        let is_there = |name: &Named| name.file.is_some();
        one.laid.names.extend(way.links);
        one.laid.names.extend(way.ends.into_iter().filter(is_there));
        if let Some((top, id)) = way.folder {
            one.laid.folders.insert(id);
            one.tops.push(top);
        }
    }

    /// What stands in the folders of these torrents, at every level.
    async fn look_inside(
        &mut self,
        fresh: &[Fresh],
        ways: &mut Ways<'_>,
    ) -> BTreeMap<PathBuf, Found> {
        let mut found = BTreeMap::new();
        let tops = fresh.iter().flat_map(|one| one.tops.iter().cloned());
        let mut level: BTreeSet<PathBuf> = tops.collect();
        for _ in 0..DEPTH {
            let folders: Vec<PathBuf> = level.into_iter().collect();
            let inside = self.looker.look_into(&folders).await;
            level = BTreeSet::new();
            let mut subfolders = Vec::new();
            for (folder, inside) in folders.iter().zip(&inside) {
                if let Ok(inside) = inside {
                    subfolders.extend(inside.folders.iter().map(|name| folder.join(name)));
                }
            }
            ways.look_ahead(&mut self.looker, subfolders.into_iter())
                .await;
            for (folder, inside) in folders.into_iter().zip(inside) {
                let one = self.found_in(&folder, inside, ways).await;
                level.extend(one.subfolders.iter().map(|(path, _)| path.clone()));
                found.insert(folder, one);
            }
            level.retain(|folder| !found.contains_key(folder));
            if level.is_empty() {
                break;
            }
        }
        found
    }

    async fn found_in(
        &mut self,
        folder: &Path,
        inside: Result<Inside, io::ErrorKind>,
        ways: &mut Ways<'_>,
    ) -> Found {
        let mut found = Found::default();
        match inside {
            Ok(inside) => {
                found.has_links = !inside.others.is_empty();
                for name in inside.folders {
                    let path = folder.join(&name);
                    if let Ok(stat) = ways.stat(&mut self.looker, &path).await {
                        found.subfolders.push((path, (stat.device, stat.inode)));
                    }
                }
            }
            // What cannot be seen, or is not there any more, is judged by the server's paths.
            Err(
                io::ErrorKind::NotFound
                | io::ErrorKind::NotADirectory
                | io::ErrorKind::PermissionDenied,
            ) => {}
            Err(kind) => {
                found.failed = Some(format!("{}: {}", shown_path(folder), trouble(kind)));
            }
        }
        found
    }
}

/// What stands in a folder.
#[derive(Default)]
struct Found {
    subfolders: Vec<Real>,
    has_links: bool,
    failed: Option<String>,
}

/// Adds what stands in the folders of a torrent.
fn gather(one: &mut Fresh, found: &BTreeMap<PathBuf, Found>) {
    let mut todo = std::mem::take(&mut one.tops);
    let mut seen = BTreeSet::new();
    while let Some(folder) = todo.pop() {
        let Some(inside) = found.get(&folder) else {
            let shown = shown_path(&folder);
            one.laid.failed = Some(format!("{shown}: more than {DEPTH} folders deep"));
            continue;
        };
        if !seen.insert(folder) {
            continue;
        }
        one.laid.has_links |= inside.has_links;
        let failed = || inside.failed.clone();
        one.laid.failed = one.laid.failed.take().or_else(failed);
        one.laid
            .folders
            .extend(inside.subfolders.iter().map(|(_, id)| *id));
        todo.extend(inside.subfolders.iter().map(|(path, _)| path.clone()));
    }
}

/// The key of a torrent where it lies now.
pub(super) fn key_of(id: &ItemId, torrent: &Torrent) -> (ItemId, u64) {
    (id.clone(), place_of(torrent))
}

#[cfg(test)]
mod tests {
    use super::super::ways::named;
    use super::*;

    #[test]
    fn tops_and_folders_in_common_touch() {
        let top = |folder: u64, name: &str| {
            named((1, folder), name.into(), &Err(io::ErrorKind::NotFound))
        };
        let laid = |names: &[(u64, &str)], folders: &[u64]| Laid {
            names: names
                .iter()
                .map(|(folder, name)| top(*folder, name))
                .collect(),
            folders: folders.iter().map(|folder| (1, *folder)).collect(),
            ..Laid::default()
        };
        let one = laid(&[(1, "Show")], &[2, 3]);
        for (other, expected) in [
            (laid(&[(1, "show")], &[9]), true),
            (laid(&[(1, "other")], &[9]), false),
            (laid(&[(3, "e1.mkv")], &[]), true),
            (laid(&[(8, "x")], &[1]), true),
            (laid(&[(8, "x")], &[3]), true),
            (laid(&[(8, "x")], &[]), false),
        ] {
            assert_eq!(
                (one.touches(&other), other.touches(&one)),
                (expected, expected)
            );
        }
    }
}
