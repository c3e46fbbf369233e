//! Whether the data below a save path can be seen from here, judged from a sample of its torrents.

use super::facts::Mount;
use super::hardlinks::{shown_path, trouble};
use super::model::{ItemId, Library, Torrent};
use super::server_path::{covers, normal};
use std::io;
use std::path::PathBuf;

/// Most torrents looked at for one save path. Some may have lost their data unnoticed; that all of so many have is no accident.
pub const SAMPLE: usize = 8;

/// What was seen of one save path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountLook {
    /// The save path on this machine; `None` if no entry of the path map covers it.
    pub folder: Option<PathBuf>,
    /// What the folder is.
    pub state: FolderState,
    /// Paths of sampled content, and whether they are there.
    pub sample: Vec<(PathBuf, Result<(), io::ErrorKind>)>,
}

/// What a folder is on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderState {
    /// There, with something in it.
    Filled,
    /// There and empty, as a place is before its disk is mounted.
    Empty,
    /// Not there or not readable.
    Invisible(io::ErrorKind),
}

/// Torrents that prove by their content that the disk of a save path is there: complete, healthy, with content of their
/// own below it, and `is_mapped`. Evenly spread over the account, at most [`SAMPLE`].
pub fn sample<'a>(
    library: &'a Library,
    save_path: &str,
    is_mapped: impl Fn(&Torrent) -> bool,
) -> Vec<(&'a ItemId, &'a Torrent)> {
    let root = normal(save_path);
    let fit: Vec<(&ItemId, &Torrent)> = library
        .torrents
        .iter()
        .filter(|(_, torrent)| is_evidence(torrent, &root) && is_mapped(torrent))
        .collect();
    let step = fit.len().div_ceil(SAMPLE).max(1);
    fit.into_iter().step_by(step).collect()
}

/// Whether a torrent's content must be visible below `root`. A content path that is the folder itself proves nothing.
fn is_evidence(torrent: &Torrent, root: &str) -> bool {
    let state = &torrent.state;
    if !torrent.is_complete() || state.is_errored() || state.is_checking() || state.is_moving() {
        return false;
    }
    let save_path = normal(&torrent.save_path);
    match torrent.content_path.as_deref() {
        // Servers before 4.3.1 do not list it; the files lie below the save path.
        None => covers(root, &save_path),
        Some(content) => {
            let content = normal(content);
            content != root && covers(root, &content) && content != save_path
        }
    }
}

/// Judges one save path.
///
/// `must_be_visible`: a path map or the `hardlinks` block says that the server's paths are to be seen from here.
/// `any_visible`: anything else of the account was seen.
pub fn judge(save_path: &str, look: &MountLook, must_be_visible: bool, any_visible: bool) -> Mount {
    let is_expected = must_be_visible || any_visible;
    let Some(folder) = &look.folder else {
        return if is_expected {
            Mount::Absent(format!("{save_path}: no entry of path_map covers it"))
        } else {
            Mount::NotOurs
        };
    };
    if look.sample.iter().any(|(_, seen)| seen.is_ok()) {
        return Mount::Present;
    }
    if !is_expected {
        return Mount::NotOurs;
    }
    if let Some((path, Err(kind))) = look.sample.first() {
        return Mount::Absent(format!("{}: {}", shown_path(path), trouble(*kind)));
    }
    let folder = shown_path(folder);
    match look.state {
        FolderState::Filled => Mount::Present,
        FolderState::Empty => {
            Mount::Absent(format!("{folder} is empty, as before its disk is mounted"))
        }
        FolderState::Invisible(kind) => Mount::Absent(format!("{folder}: {}", trouble(kind))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::model::State;

    const GONE: Result<(), io::ErrorKind> = Err(io::ErrorKind::NotFound);
    const INVISIBLE: FolderState = FolderState::Invisible(io::ErrorKind::NotFound);

    #[track_caller]
    fn check(
        state: FolderState,
        sample: &[Result<(), io::ErrorKind>],
        must: bool,
        any: bool,
        expected: &str,
    ) {
        let sample = sample
            .iter()
            .enumerate()
            .map(|(i, seen)| (PathBuf::from(format!("/srv/{i}")), *seen));
        let look = MountLook {
            folder: Some("/srv".into()),
            state,
            sample: sample.collect(),
        };
        let found = match judge("/dl", &look, must, any) {
            Mount::Present => "present".to_owned(),
            Mount::NotOurs => "not ours".to_owned(),
            Mount::Absent(why) => why,
        };
        assert!(found.starts_with(expected), "{found}");
    }

    #[test]
    fn one_visible_torrent_of_the_sample_is_enough() {
        check(
            FolderState::Filled,
            &[GONE, Ok(()), GONE],
            true,
            false,
            "present",
        );
        check(FolderState::Filled, &[Ok(())], false, false, "present");
    }

    #[test]
    fn invisible_sample_is_absent_though_the_folder_is_there() {
        check(
            FolderState::Filled,
            &[GONE, GONE],
            true,
            false,
            "/srv/0: not found",
        );
        check(
            FolderState::Empty,
            &[GONE],
            false,
            true,
            "/srv/0: not found",
        );
    }

    #[test]
    fn without_sample_the_folder_decides() {
        check(FolderState::Filled, &[], true, false, "present");
        check(FolderState::Empty, &[], true, false, "/srv is empty");
        check(INVISIBLE, &[], false, true, "/srv: not found");
    }

    #[test]
    fn is_not_ours_if_nothing_says_it_should_be_visible() {
        check(INVISIBLE, &[GONE], false, false, "not ours");
        check(FolderState::Empty, &[], false, false, "not ours");
        check(FolderState::Filled, &[], false, false, "not ours");
    }

    #[test]
    fn unmapped_path_is_named() {
        let look = MountLook {
            folder: None,
            state: INVISIBLE,
            sample: Vec::new(),
        };
        let expected = Mount::Absent("/dl: no entry of path_map covers it".to_owned());
        assert_eq!(judge("/dl", &look, true, false), expected);
        assert_eq!(judge("/dl", &look, false, false), Mount::NotOurs);
    }

    #[test]
    fn sample_is_healthy_below_the_path_and_bounded() {
        let mut library = Library::default();
        for i in 0..100 {
            let torrent = Torrent {
                save_path: "/dl/tv".into(),
                content_path: Some(format!("/dl/tv/{i}").into()),
                size: Some(1),
                progress: Some(if i % 2 == 0 { 1.0 } else { 0.5 }),
                state: State::new(if i % 4 == 0 {
                    "stalledUP"
                } else {
                    "missingFiles"
                }),
                ..Torrent::default()
            };
            library
                .torrents
                .insert(ItemId::from(format!("{i:03}")), torrent);
        }
        let found = sample(&library, "/dl/tv/", |_| true);
        assert!((4..=SAMPLE).contains(&found.len()), "{}", found.len());
        assert!(
            found
                .iter()
                .all(|(_, t)| t.is_complete() && !t.state.is_errored())
        );
        assert_eq!(sample(&library, "/dl", |_| true).len(), found.len());
        assert!(
            sample(&library, "/dl/tv/4", |_| true).is_empty()
                && sample(&library, "/other", |_| true).is_empty()
        );
    }
}
