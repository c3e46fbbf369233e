//! Where files lie on this machine, worked out once for all files of a folder.

use crate::config::policy::PathMap;
use crate::core::server_path::join;
use crate::ports::Names;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The place of a folder in [`Spots`].
pub(super) type Spot = u32;

/// Folders of files, by the server's paths.
pub(super) struct Spots<'a> {
    map: &'a PathMap,
    /// Also by how much of a file's name is about the folder.
    by_server: BTreeMap<(String, usize), Option<Spot>>,
    all: Vec<Here>,
    /// The folder asked for last: the files of a torrent mostly lie together.
    last: (String, String, Option<Spot>),
}

/// A folder of this machine.
struct Here {
    folder: PathBuf,
    /// Bytes of a file's name in its torrent's list that are about the folder.
    within: usize,
    /// The only file that this is about, where a folder's files had to be mapped one by one.
    only: Option<String>,
}

/// The last component of a file's name, and what comes before.
fn parted(name: &str) -> (&str, &str) {
    match name.rfind('/') {
        Some(slash) => (&name[..slash], &name[slash + 1..]),
        None => ("", name),
    }
}

impl<'a> Spots<'a> {
    /// No folders yet.
    pub fn new(map: &'a PathMap) -> Spots<'a> {
        Spots {
            map,
            by_server: BTreeMap::new(),
            all: Vec::new(),
            last: (String::new(), String::new(), None),
        }
    }

    /// The folder of the file `name` of a torrent saved in `folder`; `None` if no entry of the map covers it.
    pub fn of(&mut self, folder: &str, name: &str) -> Option<Spot> {
        let (within, base) = parted(name);
        let (last_folder, last_within, last) = &self.last;
        let known = if last_folder == folder && last_within == within && !self.all.is_empty() {
            *last
        } else {
            self.folder(folder, within)
        };
        if let Some(spot) = known.filter(|_| PathMap::is_plain_name(base)) {
            return Some(spot);
        }
        let path = self.map.map(&join(folder, name))?;
        let only = path.file_name()?.to_str()?.to_owned();
        let folder = path.parent()?.to_owned();
        self.add(folder, 0, Some(only))
    }

    fn folder(&mut self, folder: &str, within: &str) -> Option<Spot> {
        let whole = match within {
            "" => folder.to_owned(),
            within => join(folder, within),
        };
        let part = match within {
            "" => 0,
            within => within.len() + 1,
        };
        let key = (whole, part);
        let found = match self.by_server.get(&key) {
            Some(known) => *known,
            None => {
                let here = self.map.map_folder(&key.0);
                let spot = here.and_then(|here| self.add(here, part, None));
                self.by_server.insert(key, spot);
                spot
            }
        };
        self.last = (folder.to_owned(), within.to_owned(), found);
        found
    }

    fn add(&mut self, folder: PathBuf, within: usize, only: Option<String>) -> Option<Spot> {
        let spot = Spot::try_from(self.all.len()).ok()?;
        self.all.push(Here {
            folder,
            within,
            only,
        });
        Some(spot)
    }

    /// The folder of this machine.
    pub fn folder_of(&self, spot: Spot) -> &Path {
        &self.all[spot as usize].folder
    }

    /// The name of a file there.
    pub fn name_of<'n>(&'n self, spot: Spot, name: &'n str) -> &'n str {
        let here = &self.all[spot as usize];
        match &here.only {
            Some(only) => only,
            // What comes before is the folder's part, and as long in all of its files.
            None => name.get(here.within..).unwrap_or(name),
        }
    }

    /// The whole path of a file.
    pub fn path_of(&self, spot: Spot, name: &str) -> PathBuf {
        self.folder_of(spot).join(self.name_of(spot, name))
    }

    /// Adds a file to what is to be looked at.
    pub fn put(&self, names: &mut Names, spot: Spot, name: &str) {
        names.add(self.folder_of(spot), self.name_of(spot, name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pairs: &[(&str, &str)], files: &[(&str, &str, Option<&str>)]) {
        let map = PathMap::new(
            pairs
                .iter()
                .map(|(from, to)| ((*from).to_owned(), PathBuf::from(to))),
        );
        let mut spots = Spots::new(&map);
        for (folder, name, expected) in files {
            assert_eq!(
                map.map(&join(folder, name)).as_deref(),
                expected.map(Path::new)
            );
            let spot = spots.of(folder, name);
            let found = spot.map(|spot| spots.path_of(spot, name));
            assert_eq!(found.as_deref(), expected.map(Path::new), "{folder} {name}");
        }
    }

    #[test]
    fn files_of_a_folder_lie_together() {
        check(
            &[("/dl", "/srv")],
            &[
                ("/dl", "a/1", Some("/srv/a/1")),
                ("/dl", "a/2", Some("/srv/a/2")),
                ("/dl/", "b", Some("/srv/b")),
                ("/dl/a", "3", Some("/srv/a/3")),
                ("/dl/a", "c/1", Some("/srv/a/c/1")),
                ("/dl", "a/c/2", Some("/srv/a/c/2")),
                ("/dl", "a/../b", None),
                ("/dl", "..", None),
                ("/elsewhere", "x", None),
                ("/elsewhere", "y", None),
            ],
        );
    }

    #[test]
    fn entry_about_a_part_of_a_folder_counts() {
        check(
            &[
                ("/dl", "/srv"),
                ("/dl/a/2", "/other/file"),
                ("/dl/b", "/more"),
            ],
            &[
                ("/dl", "a/1", Some("/srv/a/1")),
                ("/dl", "a/2", Some("/other/file")),
                ("/dl", "a/22", Some("/srv/a/22")),
                ("/dl", "b", Some("/more")),
                ("/dl", "b/c", Some("/more/c")),
            ],
        );
    }

    #[test]
    fn backslashes_part_the_names_of_a_windows_server() {
        check(
            &[("C:\\dl", "/srv")],
            &[
                ("C:\\dl", "a/1", Some("/srv/a/1")),
                ("C:\\dl", "a\\1", Some("/srv/a/1")),
                ("C:\\dl", "a/2", Some("/srv/a/2")),
            ],
        );
    }

    #[test]
    fn without_entries_every_path_stands_for_itself() {
        check(
            &[],
            &[
                ("/dl", "a/1", Some("/dl/a/1")),
                ("/dl", "1", Some("/dl/1")),
                ("", "1", Some("/1")),
                ("dl", "1", None),
            ],
        );
    }
}
