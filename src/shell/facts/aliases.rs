//! Save paths that lead to one folder by two ways: a symbolic link, a second mount, two entries of the path map.

use super::looking::Seen;
use super::{FactStore, Fetch};
use crate::core::hardlinks::FileId;
use crate::core::server_path::{covers, normal};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Most folders above a save path that are told apart.
const DEPTH: usize = 32;

/// Save paths that lead to the folder of another one, or into it or around it, by a way that their text does not tell.
pub(super) type Aliases = BTreeMap<String, BTreeSet<String>>;

/// One save path: the folders from it to the root as the disk has them, and as its text has them.
struct Chain {
    save_path: String,
    real: Vec<Option<FileId>>,
    text: Vec<Option<FileId>>,
}

impl FactStore {
    /// Finds aliases among all save paths of the account. What is not visible has none: there the server's paths
    /// decide alone.
    pub(super) async fn aliases(&mut self, fetch: &Fetch<'_>) -> Aliases {
        let chains = self.chains(fetch).await;
        let mut by_id: BTreeMap<FileId, Vec<&str>> = BTreeMap::new();
        for chain in &chains {
            if let Some(Some(id)) = chain.real.first() {
                by_id.entry(*id).or_default().push(&chain.save_path);
            }
        }
        let mut aliases = Aliases::new();
        for chain in &chains {
            let inner = &chain.save_path;
            for (up, id) in chain.real.iter().enumerate() {
                for outer in id.and_then(|id| by_id.get(&id)).into_iter().flatten() {
                    if *outer != inner && !is_plainly_above(outer, chain, up) {
                        aliases
                            .entry(inner.clone())
                            .or_default()
                            .insert((*outer).to_owned());
                        aliases
                            .entry((*outer).to_owned())
                            .or_default()
                            .insert(inner.clone());
                    }
                }
            }
        }
        aliases
    }

    async fn chains(&mut self, fetch: &Fetch<'_>) -> Vec<Chain> {
        let torrents = fetch.library.torrents.values();
        let save_paths: BTreeSet<&str> = torrents.map(|torrent| &*torrent.save_path).collect();
        let map = &fetch.policy.path_map;
        let mapped: Vec<(String, PathBuf)> = save_paths
            .iter()
            .filter_map(|path| Some((normal(path), map.map(path)?)))
            .collect();
        if mapped.len() < 2 {
            return Vec::new();
        }
        let folders = mapped.iter().map(|(_, folder)| folder);
        let all = folders.flat_map(|folder| real(folder).into_iter().chain(text(folder)));
        let seen = self.looker.look_at(all).await;
        let ids = |paths: Vec<PathBuf>| paths.iter().map(|path| id_of(seen.get(path)?)).collect();
        let chain = |(save_path, folder): (String, PathBuf)| Chain {
            save_path,
            real: ids(real(&folder)),
            text: ids(text(&folder)),
        };
        mapped.into_iter().map(chain).collect()
    }
}

/// A folder and the ones above it, as the disk finds them. The "." makes it follow a link at the end.
fn real(folder: &Path) -> Vec<PathBuf> {
    let depth = folder.components().count().min(DEPTH);
    (0..depth)
        .map(|up| folder.join(".").join("../".repeat(up)))
        .collect()
}

/// A folder and the ones above it, as its text says.
fn text(folder: &Path) -> Vec<PathBuf> {
    folder
        .ancestors()
        .take(DEPTH)
        .map(|folder| folder.join("."))
        .collect()
}

/// Whether the text of the paths says already that `outer` lies `up` folders above.
fn is_plainly_above(outer: &str, inner: &Chain, up: usize) -> bool {
    let depth = |path: &str| path.matches('/').count();
    covers(outer, &inner.save_path)
        && depth(&inner.save_path) - depth(outer) == up
        && inner.real.get(..=up) == inner.text.get(..=up)
}

/// The file or folder that was seen.
pub(super) fn id_of(seen: &Seen) -> Option<FileId> {
    seen.as_ref().ok().map(|stat| (stat.device, stat.inode))
}
