//! Follows paths on disk name by name, through symbolic links at every level, and notes which names they lead to.

use super::looking::{Looker, Seen};
use crate::config::policy::PathMap;
use crate::core::hardlinks::{FileId, shown_path, trouble};
use crate::core::server_path::fold;
use crate::ports::FileKind;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

/// As many links as Linux follows.
const MOST_LINKS: usize = 40;

/// A name in a folder, whichever way leads to the folder. Names that differ only in case may be one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    /// The folder.
    pub folder: FileId,
    /// The name there, folded where it is text.
    pub name: OsString,
}

/// A name as it is spelt, and the file behind it, where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// Where it stands.
    pub entry: Entry,
    /// As it is spelt.
    pub spelt: OsString,
    /// What stands there; a link itself, not what it leads to.
    pub file: Option<FileId>,
}

impl Named {
    /// Whether both are one name of one folder.
    pub fn is(&self, other: &Named) -> bool {
        let is_one_file = || self.file.is_some() && self.file == other.file;
        self.entry == other.entry && (self.spelt == other.spelt || is_one_file())
    }
}

/// A folder by its path without links.
pub(super) type Real = (PathBuf, FileId);

/// Where a path leads.
#[derive(Debug, Clone, Default)]
pub(super) struct Way {
    /// The symbolic links on it.
    pub links: Vec<Named>,
    /// The names at its ends: more than one where an absolute link leads elsewhere for the server than for us.
    pub ends: Vec<Named>,
    /// The folder at its end.
    pub folder: Option<Real>,
    /// Why it could not be followed, though it may be another time: a disk that does not answer.
    pub failed: Option<String>,
    /// Why this process cannot tell where it leads, though the server may.
    pub hidden: Option<String>,
}

impl Way {
    /// Whether it leads to something that is there.
    pub fn is_seen(&self) -> bool {
        self.folder.is_some() || self.ends.iter().any(|end| end.file.is_some())
    }
}

/// What is left of a path to follow: the components, the next one last.
struct Rest {
    at: Real,
    parts: Vec<OsString>,
}

/// Follows paths, and looks at each name once while it lives.
pub(super) struct Ways<'a> {
    map: &'a PathMap,
    seen: BTreeMap<PathBuf, Seen>,
}

impl<'a> Ways<'a> {
    /// Nothing was looked at yet.
    pub fn new(map: &'a PathMap) -> Ways<'a> {
        Ways {
            map,
            seen: BTreeMap::new(),
        }
    }

    /// Looks at many names at once, which costs less than one by one.
    pub async fn look_ahead(&mut self, looker: &mut Looker, paths: impl Iterator<Item = PathBuf>) {
        let new = paths.filter(|path| !self.seen.contains_key(path));
        let seen = looker.look_at(new.collect::<Vec<_>>()).await;
        self.seen.extend(seen);
    }

    /// What stands at a path; a link is not followed.
    pub async fn stat(&mut self, looker: &mut Looker, path: &Path) -> Seen {
        if let Some(seen) = self.seen.get(path) {
            return *seen;
        }
        let seen = looker.look(vec![path.to_owned()]).await;
        let seen = seen.first().copied();
        let seen = seen.unwrap_or(Err(io::ErrorKind::Other));
        self.seen.insert(path.to_owned(), seen);
        seen
    }

    /// Follows an absolute path.
    pub async fn follow(&mut self, looker: &mut Looker, path: &Path) -> Way {
        let root = PathBuf::from("/");
        match self.stat(looker, &root).await {
            Ok(stat) => {
                let root = (root, (stat.device, stat.inode));
                self.follow_from(looker, &root, path).await
            }
            Err(kind) => Way {
                failed: Some(format!("/: {}", trouble(kind))),
                ..Way::default()
            },
        }
    }

    /// Follows a path that begins in a folder.
    pub async fn follow_from(&mut self, looker: &mut Looker, from: &Real, path: &Path) -> Way {
        let mut way = Way::default();
        let mut rests = vec![Rest {
            at: from.clone(),
            parts: parts(path),
        }];
        while let Some(rest) = rests.pop() {
            self.walk(looker, rest, &mut way, &mut rests).await;
        }
        way
    }

    async fn walk(
        &mut self,
        looker: &mut Looker,
        mut rest: Rest,
        way: &mut Way,
        rests: &mut Vec<Rest>,
    ) {
        while let Some(part) = rest.parts.pop() {
            if part == ".." {
                rest.at.0.pop();
                let Ok(stat) = self.stat(looker, &rest.at.0.clone()).await else {
                    return;
                };
                rest.at.1 = (stat.device, stat.inode);
                continue;
            }
            let path = rest.at.0.join(&part);
            let seen = self.stat(looker, &path).await;
            let name = named(rest.at.1, part, &seen);
            let is_last = rest.parts.is_empty();
            match seen {
                Ok(stat) => match stat.kind {
                    FileKind::Folder => {
                        rest.at = (path, (stat.device, stat.inode));
                        if is_last {
                            way.ends.push(name);
                        }
                    }
                    FileKind::File => {
                        if is_last {
                            way.ends.push(name);
                        }
                        return;
                    }
                    FileKind::Other => match looker.read_link(&path).await {
                        Ok(target) if way.links.len() < MOST_LINKS => {
                            way.links.push(name);
                            self.turn(&mut rest, &target, way, rests);
                        }
                        // No file can be at the end of so many links.
                        Ok(_) => return,
                        Err(io::ErrorKind::InvalidInput) => {
                            if is_last {
                                way.ends.push(name);
                            }
                            return;
                        }
                        Err(kind) => return trouble_at(&path, kind, way),
                    },
                },
                Err(io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                    if is_last {
                        way.ends.push(name);
                    }
                    return;
                }
                Err(kind) => return trouble_at(&path, kind, way),
            }
        }
        way.folder.get_or_insert(rest.at);
    }

    /// Goes on where a link points. An absolute one is read as this machine has it, and as the server may.
    fn turn(&self, rest: &mut Rest, target: &Path, way: &mut Way, rests: &mut Vec<Rest>) {
        let onward = |target: &Path| {
            let mut all = rest.parts.clone();
            all.extend(parts(target));
            all
        };
        if target.is_absolute() && !self.map.entries().is_empty() {
            let is_ours = |target: &Path| {
                let mut entries = self.map.entries().iter();
                entries.any(|entry| target.starts_with(&entry.to))
            };
            match target.to_str().and_then(|target| self.map.map(target)) {
                Some(mapped) if mapped != target => rests.push(Rest {
                    at: root_of(rest, &self.seen),
                    parts: onward(&mapped),
                }),
                None if !is_ours(target) => {
                    let target = shown_path(target);
                    way.hidden = Some(format!("{target}: no entry of path_map covers it"));
                }
                Some(_) | None => {}
            }
        }
        let parts = onward(target);
        if target.is_absolute() {
            rest.at = root_of(rest, &self.seen);
        }
        rest.parts = parts;
    }
}

/// The root folder, which every way begins at.
fn root_of(rest: &Rest, seen: &BTreeMap<PathBuf, Seen>) -> Real {
    let root = PathBuf::from("/");
    let id = seen.get(&root).and_then(|seen| seen.ok());
    let id = id.map_or(rest.at.1, |stat| (stat.device, stat.inode));
    (root, id)
}

fn trouble_at(path: &Path, kind: io::ErrorKind, way: &mut Way) {
    let why = format!("{}: {}", shown_path(path), trouble(kind));
    match kind {
        io::ErrorKind::PermissionDenied => way.hidden = Some(why),
        _ => way.failed = Some(why),
    }
}

/// Components of a path, the first one last.
fn parts(path: &Path) -> Vec<OsString> {
    path.components()
        .rev()
        .filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir))
        .map(|part| part.as_os_str().to_owned())
        .collect()
}

/// A name of a folder, with what was seen there.
pub(super) fn named(folder: FileId, spelt: OsString, seen: &Seen) -> Named {
    let name = match spelt.to_str() {
        Some(text) => fold(text).into(),
        None => spelt.clone(),
    };
    Named {
        entry: Entry { folder, name },
        spelt,
        file: seen.ok().map(|stat| (stat.device, stat.inode)),
    }
}
