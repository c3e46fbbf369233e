//! Which torrents may hold the same file, and whether they do, by the paths that the server names.
//!
//! Two hard links of one content are two files here: each torrent keeps its own name. What is shared is one name.

use super::model::{ItemId, Library, Torrent, TorrentFile};
use super::server_path::{covers, folded, folders, join, normal};
use std::collections::{BTreeMap, BTreeSet};

/// The torrents whose files a deletion could touch: those of the latest list, and those of the cycle's own reading
/// that are missing there or lay elsewhere. A server that is just starting lists too few.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    latest: &'a Library,
    cycle: &'a Library,
}

impl<'a> Listed<'a> {
    /// By the latest list and the one that the cycle began with; they may be the same.
    pub fn new(latest: &'a Library, cycle: &'a Library) -> Listed<'a> {
        Listed { latest, cycle }
    }

    /// All of them. One that moved meanwhile comes twice.
    pub fn iter(self) -> impl Iterator<Item = (&'a ItemId, &'a Torrent)> {
        let (latest, cycle) = (&self.latest.torrents, &self.cycle.torrents);
        let is_one = std::ptr::eq(latest, cycle);
        let earlier = cycle.iter().filter(move |_| !is_one);
        let lies_elsewhere = |(id, torrent): &(&ItemId, &Torrent)| {
            latest
                .get(*id)
                .is_none_or(|now| paths_of(now) != paths_of(torrent))
        };
        latest.iter().chain(earlier.filter(lies_elsewhere))
    }
}

/// What tells where a torrent lies.
fn paths_of(torrent: &Torrent) -> (&str, Option<&str>, Option<&str>) {
    let (content, incomplete) = (&torrent.content_path, &torrent.download_path);
    (
        &torrent.save_path,
        content.as_deref(),
        incomplete.as_deref(),
    )
}

/// Where each torrent of an account lies, to find those whose contents overlap without comparing all with all. Names
/// that differ only in case overlap: whether the disk tells them apart is another question.
#[derive(Debug, Default)]
pub struct Places {
    by_path: BTreeMap<String, Vec<ItemId>>,
}

impl Places {
    /// Notes the places of every torrent.
    pub fn new<'a>(torrents: impl Iterator<Item = (&'a ItemId, &'a Torrent)>) -> Places {
        let mut by_path: BTreeMap<String, Vec<ItemId>> = BTreeMap::new();
        for (id, torrent) in torrents {
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

/// The contents of a torrent or, where the server does not tell them, the folders in which they lie.
fn places_of(torrent: &Torrent) -> BTreeSet<String> {
    match contents(torrent) {
        Some(contents) => contents.iter().map(|path| folded(path)).collect(),
        None => folders(torrent).map(folded).collect(),
    }
}

/// The file or top folder of a torrent and, as an unfinished torrent moves there, its place in the save path. `None`
/// where the server does not list it (before 4.3.1), or the files have no top folder.
pub fn contents(torrent: &Torrent) -> Option<Vec<String>> {
    let content = torrent.content_path.as_deref()?;
    let place = normal(content);
    let save_path = normal(&torrent.save_path);
    if content.is_empty() || place == save_path {
        return None;
    }
    let mut contents = vec![content.to_owned()];
    if !covers(&save_path, &place) {
        let incomplete = torrent.download_path.as_deref().map(normal);
        let inside = incomplete.and_then(|folder| place.strip_prefix(&folder));
        let inside = inside.unwrap_or_default().trim_start_matches('/');
        contents.push(match inside {
            "" => torrent.save_path.to_string(),
            inside => join(&torrent.save_path, inside),
        });
    }
    Some(contents)
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
    first_same(own, other, normal)
}

/// The first file whose path differs at most in case from one of the other torrent's.
pub fn shared_but_for_case(own: WithFiles<'_>, other: WithFiles<'_>) -> Option<String> {
    first_same(own, other, folded)
}

fn first_same(
    own: WithFiles<'_>,
    other: WithFiles<'_>,
    spelt: fn(&str) -> String,
) -> Option<String> {
    let others: BTreeSet<String> = paths(other).map(|path| spelt(&path)).collect();
    paths(own).find(|path| others.contains(&spelt(path)))
}

/// Where the server may keep the files of a torrent.
fn paths(one: WithFiles<'_>) -> impl Iterator<Item = String> {
    folders(one.torrent)
        .flat_map(move |folder| one.files.iter().map(move |file| join(folder, &file.name)))
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
        let found = Places::new(library.torrents.iter()).overlapping(&id, &library.torrents[&id]);
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
                ("/DL", "/DL/Show"),
            ],
            "1 4 5 7",
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
        let found = Places::new(library.torrents.iter()).overlapping(&id, &library.torrents[&id]);
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
        let other = files(&["e3.mkv", "E2.MKV"]);
        let two = WithFiles {
            torrent: &b,
            files: &other,
        };
        let found = shared_but_for_case(one, two);
        assert_eq!(found.as_deref(), Some("/dl/show/e2.mkv"));
    }

    #[test]
    fn what_is_missing_or_moved_in_the_latest_list_counts_as_before() {
        let mut latest = library(&[("/dl", "/dl/a"), ("/tv", "/tv/b"), ("/dl", "/dl/c")]);
        let cycle = library(&[
            ("/dl", "/dl/a"),
            ("/dl", "/dl/b"),
            ("/dl", "/dl/c"),
            ("/dl", "/dl/d"),
        ]);
        latest.torrents.remove("2");
        let paths = |listed: Listed<'_>| -> Vec<String> {
            let content = |(_, torrent): (&ItemId, &Torrent)| {
                torrent.content_path.as_deref().map(str::to_owned)
            };
            listed.iter().filter_map(content).collect()
        };
        let expected = ["/dl/a", "/tv/b", "/dl/b", "/dl/c", "/dl/d"];
        assert_eq!(paths(Listed::new(&latest, &cycle)), expected);
        assert_eq!(paths(Listed::new(&cycle, &cycle)).len(), 4);
    }
}
