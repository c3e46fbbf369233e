//! Finds other torrents that hold the same files: at the same server path, or at one place that two paths lead to.

use super::aliases::{Aliases, id_of};
use super::links::NameId;
use super::{FactStore, Fetch};
use crate::core::facts::{Fetched, SharedWith};
use crate::core::hardlinks::FileId;
use crate::core::model::{ItemId, Torrent, TorrentFile};
use crate::core::server_path::{join, normal};
use crate::core::shared_files::{Places, WithFiles, shared_by_path};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

impl FactStore {
    /// Finds what these torrents share. File lists are asked for only where contents may overlap.
    pub(super) async fn fetch_shared(&mut self, wanted: &BTreeSet<ItemId>, fetch: &mut Fetch<'_>) {
        if wanted.is_empty() {
            return;
        }
        let places = Places::new(fetch.library);
        let aliases = self.aliases(fetch).await;
        for id in wanted {
            let found = self.shared_with(id, &places, &aliases, fetch).await;
            self.facts.shared.insert(id.clone(), found);
        }
    }

    async fn shared_with(
        &mut self,
        id: &ItemId,
        places: &Places,
        aliases: &Aliases,
        fetch: &mut Fetch<'_>,
    ) -> Fetched<Vec<SharedWith>> {
        let library = fetch.library;
        let Some(torrent) = library.torrents.get(id) else {
            return Err("the server no longer lists this torrent".to_owned());
        };
        let by_path = places.overlapping(id, torrent);
        let by_alias = aliased(id, torrent, aliases, fetch);
        let mut shared = Vec::new();
        if by_path.is_empty() && by_alias.is_empty() {
            return Ok(shared);
        }
        let own = self.files_of(id, fetch).await?;
        for other in by_path.union(&by_alias) {
            let Some(other_torrent) = library.torrents.get(other) else {
                continue;
            };
            let files = match self.files_of(other, fetch).await {
                Ok(files) => files,
                Err(why) => {
                    let title = other_torrent.title(other);
                    return Err(format!(
                        "files of {title}, which lies at the same place, are not known: {why}"
                    ));
                }
            };
            let one = WithFiles {
                torrent,
                files: &own,
            };
            let two = WithFiles {
                torrent: other_torrent,
                files: &files,
            };
            let file = match shared_by_path(one, two) {
                Some(file) => Some(file),
                None if by_alias.contains(other) => {
                    self.shared_by_name((torrent, &own), (other_torrent, &files), fetch)
                        .await
                }
                None => None,
            };
            shared.extend(file.map(|file| SharedWith {
                other: other.clone(),
                name: other_torrent.title(other).to_owned(),
                file,
            }));
        }
        Ok(shared)
    }

    /// The first file of the one torrent whose very name on disk, not only its content, the other one has too.
    async fn shared_by_name(
        &mut self,
        (own, own_files): (&Torrent, &Arc<[TorrentFile]>),
        (other, other_files): (&Torrent, &Arc<[TorrentFile]>),
        fetch: &Fetch<'_>,
    ) -> Option<String> {
        let base = |file: &TorrentFile| {
            (
                file.size_bytes,
                file.name.rsplit('/').next().map(str::to_owned),
            )
        };
        let others: BTreeSet<_> = other_files.iter().map(base).collect();
        let owns: BTreeSet<_> = own_files.iter().map(base).collect();
        let mapped = |torrent: &Torrent, file: &TorrentFile| {
            fetch
                .policy
                .path_map
                .map(&join(&torrent.save_path, &file.name))
        };
        let paths_of = |torrent: &Torrent,
                        files: &[TorrentFile],
                        only: &BTreeSet<_>|
         -> Vec<(String, PathBuf)> {
            let same = files.iter().filter(|file| only.contains(&base(file)));
            same.filter_map(|file| {
                Some((join(&torrent.save_path, &file.name), mapped(torrent, file)?))
            })
            .collect()
        };
        let own_paths = paths_of(own, own_files, &others);
        let other_paths = paths_of(other, other_files, &owns);
        let own_names = self.names_at(&own_paths).await;
        let other_names: BTreeSet<_> = self
            .names_at(&other_paths)
            .await
            .into_iter()
            .flatten()
            .collect();
        let is_same =
            |name: &Option<_>| name.as_ref().is_some_and(|name| other_names.contains(name));
        let found = own_names.iter().position(is_same)?;
        own_paths
            .into_iter()
            .nth(found)
            .map(|(server_path, _)| server_path)
    }

    /// File and name behind each path, where it is visible.
    async fn names_at(&mut self, paths: &[(String, PathBuf)]) -> Vec<Option<(FileId, NameId)>> {
        let paths: Vec<&PathBuf> = paths.iter().map(|(_, path)| path).collect();
        let seen = self
            .looker
            .look(paths.iter().map(|path| (*path).clone()).collect())
            .await;
        let names = self.name_ids(&paths).await;
        let both = seen
            .iter()
            .zip(names)
            .map(|(seen, name)| id_of(seen).zip(name));
        both.collect()
    }
}

/// Torrents at save paths that are aliases of this torrent's.
fn aliased(
    id: &ItemId,
    torrent: &Torrent,
    aliases: &Aliases,
    fetch: &Fetch<'_>,
) -> BTreeSet<ItemId> {
    let Some(others) = aliases.get(&normal(&torrent.save_path)) else {
        return BTreeSet::new();
    };
    let torrents = fetch.library.torrents.iter();
    let at_alias = torrents
        .filter(|(other, torrent)| *other != id && others.contains(&normal(&torrent.save_path)));
    at_alias.map(|(other, _)| other.clone()).collect()
}
