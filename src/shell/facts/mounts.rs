//! Whether the disks of save paths are there.

use super::{FactStore, Fetch};
use crate::core::hardlinks::{shown_path, trouble};
use crate::core::model::{ItemId, Torrent, TorrentFile};
use crate::core::mounts::{FolderState, MountLook, judge, sample};
use crate::core::server_path::join;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

impl FactStore {
    /// Looks at samples of these save paths, all at once.
    pub(super) async fn fetch_mounts(
        &mut self,
        wanted: &BTreeSet<Box<str>>,
        fetch: &mut Fetch<'_>,
    ) {
        if wanted.is_empty() {
            return;
        }
        let any_visible = self.visible(fetch).await == Visible::Yes;
        let map = &fetch.policy.path_map;
        let must_be_visible = !map.entries().is_empty() || fetch.policy.hardlinks.is_some();
        let mut samples: BTreeMap<&str, Vec<PathBuf>> = BTreeMap::new();
        for save_path in wanted {
            let torrents = sample(fetch.library, save_path, |_| true);
            samples.insert(save_path, self.contents_of(torrents, fetch).await);
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
    pub(super) async fn visible(&mut self, fetch: &mut Fetch<'_>) -> Visible {
        if let Some(known) = &self.visible {
            return known.clone();
        }
        let found = self.look_for_any(fetch).await;
        self.visible = Some(found.clone());
        found
    }

    async fn look_for_any(&mut self, fetch: &mut Fetch<'_>) -> Visible {
        let map = &fetch.policy.path_map;
        let place = |torrent: &Torrent| match torrent.content_path.as_deref() {
            Some(content) => map.map(content),
            None => map.map(&torrent.save_path),
        };
        let torrents = sample(fetch.library, "/", |torrent| place(torrent).is_some());
        let paths = self.contents_of(torrents, fetch).await;
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

    /// Where the contents of these torrents lie on this machine. Where the server does not list it (before 4.3.1), one of
    /// the files tells.
    async fn contents_of(
        &mut self,
        torrents: Vec<(&ItemId, &Torrent)>,
        fetch: &mut Fetch<'_>,
    ) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        for (id, torrent) in torrents {
            let path = match torrent.content_path.as_deref() {
                Some(content) => Some(content.to_owned()),
                None => {
                    let files = self.files_of(id, torrent, fetch).await.unwrap_or_default();
                    let is_there = |file: &&TorrentFile| file.priority > 0 && file.size_bytes > 0;
                    let file = files.iter().find(is_there);
                    file.map(|file| join(&torrent.save_path, &file.name))
                }
            };
            paths.extend(path.and_then(|path| fetch.policy.path_map.map(&path)));
        }
        paths
    }
}

/// Whether content of an account can be seen from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Visible {
    /// Some of the sample is there.
    Yes,
    /// None of it is; the text names a path that was tried.
    No(String),
    /// There is no complete torrent whose path maps.
    NothingToSee,
}
