//! Which torrents may hold the same file, and whether they do, by the paths that the server names.
//!
//! Two hard links of one content are two files here: each torrent keeps its own name. What is shared is one name.

use super::model::{ItemId, Library, Torrent, TorrentFile};
use super::server_path::{covers, folders, join, normal};
use std::collections::{BTreeMap, BTreeSet};

/// Where each torrent of an account lies, to find those whose contents overlap without comparing all with all.
#[derive(Debug, Default)]
pub struct Places {
    by_path: BTreeMap<String, Vec<ItemId>>,
}

impl Places {
    /// Notes the places of every torrent.
    pub fn new(library: &Library) -> Places {
        let mut by_path: BTreeMap<String, Vec<ItemId>> = BTreeMap::new();
        for (id, torrent) in &library.torrents {
            for place in places_of(torrent) {
                by_path.entry(place).or_default().push(id.clone());
            }
        }
        Places { by_path }
    }

    /// Other torrents whose content lies in, around or at the content of this one. Only they can hold its files.
    pub fn overlapping(&self, id: &ItemId, torrent: &Torrent) -> BTreeSet<ItemId> {
        let mut found = BTreeSet::new();
        for place in places_of(torrent) {
            let below = self
                .by_path
                .range(place.clone()..)
                .take_while(|(path, _)| path.starts_with(&place))
                .filter(|(path, _)| covers(&place, path));
            found.extend(below.flat_map(|(_, ids)| ids.iter().cloned()));
            found.extend(
                above(&place)
                    .filter_map(|path| self.by_path.get(path))
                    .flatten()
                    .cloned(),
            );
        }
        found.remove(id);
        found
    }
}

/// The content path and, as an unfinished torrent moves there, its place in the save path. Where the server
/// does not list content paths (before 4.3.1) the whole save path.
fn places_of(torrent: &Torrent) -> BTreeSet<String> {
    let Some(content) = torrent
        .content_path
        .as_deref()
        .filter(|path| !path.is_empty())
    else {
        return folders(torrent).map(normal).collect();
    };
    let content = normal(content);
    let save_path = normal(&torrent.save_path);
    let mut places = BTreeSet::new();
    if !covers(&save_path, &content) {
        let incomplete = torrent.download_path.as_deref().map(normal);
        let inside = incomplete.and_then(|folder| content.strip_prefix(&folder).map(str::to_owned));
        places.insert(format!("{save_path}{}", inside.unwrap_or_default()));
    }
    places.insert(content);
    places
}

/// The folders around a path, nearest first, the root last.
fn above(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = path;
    std::iter::from_fn(move || {
        rest = &rest[..rest.rfind('/')?];
        Some(rest)
    })
}

/// One torrent with its files.
#[derive(Debug, Clone, Copy)]
pub struct WithFiles<'a> {
    /// The torrent.
    pub torrent: &'a Torrent,
    /// Its files.
    pub files: &'a [TorrentFile],
}

/// The first file that both torrents hold at the same path, as the first one's server path names it. Files that a
/// torrent does not want count too: pieces at the edges of its wanted ones may lie in them.
pub fn shared_by_path(own: WithFiles<'_>, other: WithFiles<'_>) -> Option<String> {
    let paths = |one: WithFiles<'_>| -> Vec<String> {
        folders(one.torrent)
            .flat_map(|folder| {
                one.files
                    .iter()
                    .map(|file| join(folder, &file.name))
                    .collect::<Vec<_>>()
            })
            .collect()
    };
    let others: BTreeSet<String> = paths(other).iter().map(|path| normal(path)).collect();
    paths(own)
        .into_iter()
        .find(|path| others.contains(&normal(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn torrent(save_path: &str, content_path: &str) -> Torrent {
        Torrent {
            save_path: save_path.into(),
            content_path: (content_path != "-").then(|| content_path.into()),
            progress: Some(1.0),
            size: Some(1),
            ..Torrent::default()
        }
    }

    fn library(places: &[(&str, &str)]) -> Library {
        let torrents = places
            .iter()
            .enumerate()
            .map(|(i, (save, content))| (ItemId::from(i.to_string()), torrent(save, content)))
            .collect();
        Library {
            torrents,
            ..Library::default()
        }
    }

    /// Which torrents overlap the first one.
    #[track_caller]
    fn check(places: &[(&str, &str)], expected: &str) {
        let library = library(places);
        let id = ItemId::from("0");
        let found = Places::new(&library).overlapping(&id, &library.torrents[&id]);
        let found: Vec<&str> = found.iter().map(ItemId::as_str).collect();
        assert_eq!(found.join(" "), expected);
    }

    #[test]
    fn overlaps_are_same_above_and_below() {
        check(
            &[
                ("/dl", "/dl/show"),
                ("/dl/", "/dl//show/"),
                ("/dl", "/dl/show 2"),
                ("/dl", "/dl/show-x"),
                ("/dl/show", "/dl/show/e1.mkv"),
                ("/dl", "/dl"),
                ("/", "/other"),
            ],
            "1 4 5",
        );
    }

    #[test]
    fn old_server_without_content_paths_overlaps_by_save_path() {
        check(
            &[("/dl/", "-"), ("/dl", "-"), ("/tv", "-"), ("/dl/sub", "-")],
            "1 3",
        );
    }

    #[test]
    fn unfinished_torrent_overlaps_where_it_moves_to() {
        let mut library = library(&[("/dl", "/dl/show"), ("/dl", "/tmp/show")]);
        let other = ItemId::from("1");
        if let Some(unfinished) = library.torrents.get_mut(&other) {
            unfinished.download_path = Some("/tmp".into());
            unfinished.progress = Some(0.5);
        }
        let id = ItemId::from("0");
        let found = Places::new(&library).overlapping(&id, &library.torrents[&id]);
        assert_eq!(found, BTreeSet::from([other]));
    }

    fn files(names: &[&str]) -> Vec<TorrentFile> {
        let file = |name: &&str| TorrentFile {
            name: (*name).into(),
            size_bytes: 1,
            progress: 1.0,
            priority: 1,
        };
        names.iter().map(file).collect()
    }

    #[test]
    fn shares_a_file_only_at_the_same_path() {
        let (a, b) = (torrent("/dl", "-"), torrent("/dl/show/", "-"));
        let own = files(&["show/e1.mkv", "show/e2.mkv"]);
        let one = WithFiles {
            torrent: &a,
            files: &own,
        };
        for (names, expected) in [
            (vec!["e3.mkv", "e2.mkv"], Some("/dl/show/e2.mkv")),
            (vec!["e3.mkv"], None),
            (vec!["E2.mkv"], None),
        ] {
            let other = files(&names);
            let found = shared_by_path(
                one,
                WithFiles {
                    torrent: &b,
                    files: &other,
                },
            );
            assert_eq!(found.as_deref(), expected);
        }
    }
}
