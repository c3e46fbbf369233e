//! What the names and link counts of a torrent's files say about its use elsewhere.

use crate::core::model::foreign::is_harmful;
use crate::ports::{FileKind, FileStat};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// What was found when the files of a complete torrent were looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkFinding {
    /// When they were looked at.
    pub at: Timestamp,
    /// The result.
    pub result: LinkResult,
}

/// Result of a look at a torrent's files.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkResult {
    /// Every wanted file was seen.
    Seen(LinkShare),
    /// Something could not be seen; the text names the path tried and what happened. Never deletes.
    Unknown(String),
}

/// How much of a torrent has names outside of what the account's torrents hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkShare {
    /// Bytes of wanted files with a name outside.
    pub linked_bytes: u64,
    /// Bytes of all wanted files.
    pub total_bytes: u64,
    /// The largest number of names that any of its files has (key `linkCount`).
    pub link_count: u64,
    /// One file as evidence: the largest linked outside, else the largest with more than one name.
    pub evidence: Option<LinkedFile>,
    /// Its names of files that have several names, all of them held by torrents. A snapshot does without.
    #[serde(skip)]
    pub own_names: Box<[OwnName]>,
}

/// A name of a file that has no name outside of what torrents hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnName {
    /// The file.
    pub file: FileId,
    /// How many names it has.
    pub names: u64,
    /// Its size.
    pub size_bytes: u64,
}

/// One file with several names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkedFile {
    /// Path on this machine.
    pub path: String,
    /// How many names it has.
    pub names: u64,
    /// How many of them belong to torrents of this account (and of accounts in the same folders).
    pub held_by_torrents: u64,
}

impl LinkShare {
    /// Whether at least `min_share` (0 to 1) of the bytes have a name outside.
    pub fn is_linked(&self, min_share: f64) -> bool {
        self.linked_bytes > 0 && self.linked_bytes as f64 >= min_share * self.total_bytes as f64
    }

    /// Bytes of files with this one name: the disk gets them back when the torrent goes with its files.
    pub fn bytes_with_one_name(&self) -> u64 {
        let own: u64 = self.own_names.iter().map(|own| own.size_bytes).sum();
        let more = self.linked_bytes.saturating_add(own);
        self.total_bytes.saturating_sub(more)
    }
}

/// A wanted file of a torrent, as it was looked at. `P` leads to its path on this machine, which is seldom needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedAt<P> {
    /// Where it lies.
    pub place: P,
    /// Bytes that the torrent says it has.
    pub size_bytes: u64,
    /// What the disk said. `TimedOut` stands for a disk that did not answer.
    pub stat: Result<FileStat, io::ErrorKind>,
}

/// Device and inode: one file, whatever its names.
pub type FileId = (u64, u64);

/// Judges the wanted files of a complete torrent. `held` tells how many names of a file belong to torrents, those
/// of this torrent included. A torrent that has two names of one file counts its bytes twice, in both sums.
///
/// Anything that was not seen as the torrent describes it makes the whole result unknown, with the path that was tried.
pub fn judge<P>(
    files: &[LookedAt<P>],
    path_of: impl Fn(&P) -> PathBuf,
    held: impl Fn(FileId) -> u64,
) -> LinkResult {
    let mut share = LinkShare {
        linked_bytes: 0,
        total_bytes: 0,
        link_count: 0,
        evidence: None,
        own_names: Box::default(),
    };
    let mut own_names = Vec::new();
    let mut best: Option<((bool, u64), &LookedAt<P>, LinkedFile)> = None;
    for file in files {
        // An empty file has no space to free and no content to share.
        if file.size_bytes == 0 {
            continue;
        }
        let stat = match seen(file, &path_of) {
            Ok(Some(stat)) => stat,
            Ok(None) => continue,
            Err(why) => return LinkResult::Unknown(why),
        };
        let held_by_torrents = held((stat.device, stat.inode));
        let is_linked = stat.links > held_by_torrents.max(1);
        share.total_bytes = share.total_bytes.saturating_add(file.size_bytes);
        share.link_count = share.link_count.max(stat.links);
        if is_linked {
            share.linked_bytes = share.linked_bytes.saturating_add(file.size_bytes);
        } else if stat.links > 1 {
            own_names.push(OwnName {
                file: (stat.device, stat.inode),
                names: stat.links,
                size_bytes: file.size_bytes,
            });
        }
        let rank = (is_linked, file.size_bytes);
        if stat.links > 1 && best.as_ref().is_none_or(|(before, ..)| *before < rank) {
            let evidence = LinkedFile {
                path: String::new(),
                names: stat.links,
                held_by_torrents,
            };
            best = Some((rank, file, evidence));
        }
    }
    if share.total_bytes == 0 {
        return LinkResult::Unknown("it has no files to look at".to_owned());
    }
    share.own_names = own_names.into();
    share.evidence = best.map(|(_, file, evidence)| LinkedFile {
        path: shown_path(&path_of(&file.place)),
        ..evidence
    });
    LinkResult::Seen(share)
}

/// What was seen of one file; nothing for the padding that some torrents have between files and that is not on disk.
fn seen<'f, P>(
    file: &'f LookedAt<P>,
    path_of: &impl Fn(&P) -> PathBuf,
) -> Result<Option<&'f FileStat>, String> {
    let path = || shown_path(&path_of(&file.place));
    match &file.stat {
        Ok(stat) => match stat.kind {
            FileKind::File if stat.size_bytes == file.size_bytes => Ok(Some(stat)),
            FileKind::File => Err(format!(
                "{} has {} bytes, the torrent's file has {}",
                path(),
                stat.size_bytes,
                file.size_bytes
            )),
            FileKind::Folder => Err(format!("{} is a folder, not the torrent's file", path())),
            FileKind::Other => Err(format!(
                "{} is no regular file (symbolic links are not followed)",
                path()
            )),
        },
        Err(io::ErrorKind::NotFound) if is_padding(&path_of(&file.place)) => Ok(None),
        Err(kind) => Err(format!("{}: {}", path(), trouble(*kind))),
    }
}

/// Padding files (BEP 47) lie in a folder `.pad`.
fn is_padding(path: &Path) -> bool {
    path.parent()
        .and_then(Path::file_name)
        .is_some_and(|folder| folder == ".pad")
}

/// Why a path could not be looked at, with what may be behind it.
pub fn trouble(kind: io::ErrorKind) -> String {
    match kind {
        io::ErrorKind::NotFound => {
            "not found (gone, another path map needed, not mounted, or hidden from the service)"
                .to_owned()
        }
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::TimedOut => "the disk does not answer".to_owned(),
        other => other.to_string(),
    }
}

/// A path for people: whatever could spoil a line or a terminal is escaped.
pub fn shown_path(path: &Path) -> String {
    let mut shown = String::new();
    for c in path.to_string_lossy().chars() {
        if is_harmful(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn stat(inode: u64, links: u64, size_bytes: u64) -> FileStat {
        FileStat {
            kind: FileKind::File,
            device: 1,
            inode,
            links,
            size_bytes,
        }
    }

    fn file(name: &str, size_bytes: u64, inode: u64, links: u64) -> LookedAt<PathBuf> {
        LookedAt {
            place: PathBuf::from("/srv").join(name),
            size_bytes,
            stat: Ok(stat(inode, links, size_bytes)),
        }
    }

    /// `held`: inode and how many of its names belong to torrents. Expected: linked and all bytes, largest link count, evidence.
    #[track_caller]
    fn check(files: &[LookedAt<PathBuf>], held: &[(u64, u64)], expected: &str) {
        let held: BTreeMap<FileId, u64> = held.iter().map(|(i, n)| ((1, *i), *n)).collect();
        let held = |file| held.get(&file).copied().unwrap_or(0);
        let found = match judge(files, PathBuf::clone, held) {
            LinkResult::Seen(s) => {
                let evidence = s.evidence.map_or(String::new(), |e| {
                    format!(" {} {}/{}", e.path, e.held_by_torrents, e.names)
                });
                format!(
                    "{}/{} {}{evidence}",
                    s.linked_bytes, s.total_bytes, s.link_count
                )
            }
            LinkResult::Unknown(why) => why,
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn file_with_name_outside_is_linked() {
        check(&[file("a", 9, 1, 2)], &[(1, 1)], "9/9 2 /srv/a 1/2");
        check(&[file("a", 9, 1, 1)], &[(1, 1)], "0/9 1");
    }

    #[test]
    fn names_of_torrents_do_not_count() {
        check(&[file("a", 9, 1, 2)], &[(1, 2)], "0/9 2 /srv/a 2/2");
        check(&[file("a", 9, 1, 3)], &[(1, 2)], "9/9 3 /srv/a 2/3");
        // More names on record than there are: one was removed meanwhile.
        check(&[file("a", 9, 1, 2)], &[(1, 5)], "0/9 2 /srv/a 5/2");
    }

    #[test]
    fn linked_nfo_is_a_small_share() {
        let files = [file("a.mkv", 50_000_000, 1, 1), file("a.nfo", 4_000, 2, 2)];
        let LinkResult::Seen(share) = judge(&files, PathBuf::clone, |_| 0) else {
            panic!("seen")
        };
        assert!(!share.is_linked(0.1));
        assert_eq!(
            share.evidence.map(|e| e.path),
            Some("/srv/a.nfo".to_owned())
        );
    }

    #[test]
    fn two_names_in_one_torrent_count_both() {
        let files = [file("a", 9, 1, 2), file("b", 9, 1, 2), file("c", 2, 2, 1)];
        check(&files, &[(1, 2)], "0/20 2 /srv/a 2/2");
        let files = [file("a", 9, 1, 3), file("b", 9, 1, 3)];
        check(&files, &[(1, 2)], "18/18 3 /srv/a 2/3");
    }

    #[test]
    fn evidence_is_largest_linked_else_largest_with_several_names() {
        let files = [
            file("big", 90, 1, 2),
            file("lib", 10, 2, 2),
            file("lib2", 5, 3, 2),
        ];
        check(&files, &[(1, 2), (2, 1), (3, 1)], "15/105 2 /srv/lib 1/2");
    }

    #[test]
    fn anything_not_seen_as_described_is_unknown() {
        let odd = |stat: Result<FileStat, io::ErrorKind>| {
            let mut odd = file("a\nb", 9, 1, 1);
            odd.stat = stat;
            [file("z", 5, 7, 1), odd]
        };
        let kind = |kind| {
            Ok(FileStat {
                kind,
                ..stat(1, 1, 9)
            })
        };
        for (stat, expected) in [
            (
                Err(io::ErrorKind::NotFound),
                "not found (gone, another path map needed, not mounted, or hidden from the service)",
            ),
            (Err(io::ErrorKind::PermissionDenied), "permission denied"),
            (Err(io::ErrorKind::TimedOut), "the disk does not answer"),
            (Err(io::ErrorKind::NotADirectory), "not a directory"),
        ] {
            check(&odd(stat), &[], &format!("/srv/a\\nb: {expected}"));
        }
        check(
            &odd(Ok(stat(1, 1, 8))),
            &[],
            "/srv/a\\nb has 8 bytes, the torrent's file has 9",
        );
        check(
            &odd(kind(FileKind::Folder)),
            &[],
            "/srv/a\\nb is a folder, not the torrent's file",
        );
        let symlink = "/srv/a\\nb is no regular file (symbolic links are not followed)";
        check(&odd(kind(FileKind::Other)), &[], symlink);
    }

    #[test]
    fn empty_and_padding_files_do_not_bear_on_it() {
        let mut empty = file("empty", 0, 1, 1);
        empty.stat = Err(io::ErrorKind::NotFound);
        let mut pad = file(".pad/17", 17, 1, 1);
        pad.stat = Err(io::ErrorKind::NotFound);
        check(&[empty.clone(), pad, file("a", 9, 1, 1)], &[], "0/9 1");
        check(&[empty], &[], "it has no files to look at");
        check(&[], &[], "it has no files to look at");
    }

    proptest! {
        #[test]
        fn more_names_of_torrents_never_make_more_bytes_linked(
            files in proptest::collection::vec((1_u64..50, 0_u64..6, 1_u64..5), 1..12),
            inode in 0_u64..6,
            before in 0_u64..4,
        ) {
            let files: Vec<LookedAt<_>> = files.iter().map(|(size, inode, links)| file("x", *size, *inode, *links)).collect();
            let linked = |held: u64| match judge(&files, PathBuf::clone, |file| u64::from(file == (1, inode)) * held) {
                LinkResult::Seen(share) => (share.linked_bytes, share.total_bytes),
                LinkResult::Unknown(why) => panic!("{why}"),
            };
            let (few, more) = (linked(before), linked(before + 1));
            prop_assert!(more.0 <= few.0 && few.0 <= few.1 && few.1 == more.1);
        }
    }
}
