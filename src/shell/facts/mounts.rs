//! Whether the disks of save paths are there.

use super::{FactStore, Fetch};
use crate::core::hardlinks::{shown_path, trouble};
use crate::core::model::Torrent;
use crate::core::mounts::{FolderState, MountLook, judge, sample};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

impl FactStore {
    /// Looks at samples of these save paths, all at once.
    pub(super) async fn fetch_mounts(&mut self, wanted: &BTreeSet<Box<str>>, fetch: &Fetch<'_>) {
        if wanted.is_empty() {
            return;
        }
        let any_visible = self.visible(fetch).await == Visible::Yes;
        let map = &fetch.policy.path_map;
        let must_be_visible = !map.entries().is_empty() || fetch.policy.hardlinks.is_some();
        let mut samples: BTreeMap<&str, Vec<PathBuf>> = BTreeMap::new();
        for save_path in wanted {
            let torrents = sample(fetch.library, save_path, |_| true);
            let paths = torrents
                .iter()
                .filter_map(|(_, torrent)| content(torrent, fetch));
            samples.insert(save_path, paths.collect());
        }
        let seen = self
            .looker
            .look_at(samples.values().flatten().cloned())
            .await;
        for (save_path, paths) in samples {
            let of = |path: PathBuf| {
                let seen = seen
                    .get(&path)
                    .copied()
                    .unwrap_or(Err(io::ErrorKind::Other));
                (path, seen.map(drop))
            };
            let sample: Vec<_> = paths.into_iter().map(of).collect();
            let folder = map.map(save_path);
            let state = match &folder {
                Some(folder) if sample.is_empty() => match self.looker.is_filled(folder).await {
                    Ok(true) => FolderState::Filled,
                    Ok(false) => FolderState::Empty,
                    Err(kind) => FolderState::Invisible(kind),
                },
                Some(_) | None => FolderState::Invisible(io::ErrorKind::NotFound),
            };
            let look = MountLook {
                folder,
                state,
                sample,
            };
            let mount = judge(save_path, &look, must_be_visible, any_visible);
            self.facts.mounts.insert(save_path.into(), mount);
        }
    }

    /// Whether a sample of the account's complete torrents is visible; looked at once per cycle.
    pub(super) async fn visible(&mut self, fetch: &Fetch<'_>) -> Visible {
        if let Some(known) = &self.visible {
            return known.clone();
        }
        let found = self.look_for_any(fetch).await;
        self.visible = Some(found.clone());
        found
    }

    async fn look_for_any(&mut self, fetch: &Fetch<'_>) -> Visible {
        let is_mapped = |torrent: &Torrent| content(torrent, fetch).is_some();
        let torrents = sample(fetch.library, "/", is_mapped);
        let contents = torrents
            .iter()
            .filter_map(|(_, torrent)| content(torrent, fetch));
        let paths: Vec<PathBuf> = contents.collect();
        let seen = self.looker.look(paths.clone()).await;
        if seen.iter().any(Result::is_ok) {
            return Visible::Yes;
        }
        match paths.first().zip(seen.first()) {
            Some((path, Err(kind))) => {
                Visible::No(format!("{}: {}", shown_path(path), trouble(*kind)))
            }
            Some((_, Ok(_))) | None => Visible::NothingToSee,
        }
    }
}

/// Whether content of an account can be seen from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Visible {
    /// Some of the sample is there.
    Yes,
    /// None of it is; the text names a path that was tried.
    No(String),
    /// No complete torrent shows where its content lies (servers before 4.3.1 do not say), or no path maps.
    NothingToSee,
}

/// Where a torrent's content lies on this machine.
fn content(torrent: &Torrent, fetch: &Fetch<'_>) -> Option<PathBuf> {
    fetch.policy.path_map.map(torrent.content_path.as_deref()?)
}
