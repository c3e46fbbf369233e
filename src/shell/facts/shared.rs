//! Finds other torrents that would lose files with one that is deleted: those that hold the same names, by whatever
//! path, link or letter case.

use super::laid::{Laid, key_of};
use super::links::INCOMPLETE_SUFFIX;
use super::ways::{Entry, Named, Real, Way, Ways, named};
use super::{FactStore, Fetch};
use crate::core::facts::{Fetched, SharedWith};
use crate::core::model::{ItemId, Torrent, TorrentFile};
use crate::core::server_path::{folders, join};
use crate::core::shared_files::{Places, WithFiles, contents, shared_but_for_case, shared_by_path};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// All torrents that may share, each with its key in what was laid out.
pub(super) type Torrents<'a> = Vec<((ItemId, u64), &'a Torrent)>;

/// The names that would go with a torrent.
#[derive(Default)]
struct Removed {
    /// By where they stand, each with the server's path of the file.
    names: BTreeMap<Entry, Vec<(Named, String)>>,
    /// Some of its files lie where nothing can be seen.
    is_hidden: bool,
}

impl Removed {
    fn add(&mut self, name: Named, file: &str) {
        let same = self.names.entry(name.entry.clone()).or_default();
        same.push((name, file.to_owned()));
    }

    /// Where these names stand.
    fn laid(&self) -> Laid {
        let names = self.names.values().flatten().map(|(name, _)| name.clone());
        Laid {
            names: names.collect(),
            ..Laid::default()
        }
    }

    /// The file that goes by this name.
    fn file_at(&self, name: &Named) -> Option<&str> {
        let same = self.names.get(&name.entry)?;
        let (_, file) = same.iter().find(|(removed, _)| removed.is(name))?;
        Some(file)
    }
}

/// What another torrent's ways to its files showed.
enum Reach {
    /// One of them passes a name that would be removed, of this file.
    Shares(String),
    /// That cannot be ruled out.
    May(String),
    /// All of them lead elsewhere.
    Not,
}

impl FactStore {
    /// Finds what these torrents share. File lists are asked for only where contents may overlap.
    pub(super) async fn fetch_shared(&mut self, wanted: &BTreeSet<ItemId>, fetch: &mut Fetch<'_>) {
        if wanted.is_empty() {
            return;
        }
        let places = Places::new(fetch.listed.iter());
        let listed = fetch.listed.iter();
        let torrents: Torrents<'_> = listed.map(|(id, t)| (key_of(id, t), t)).collect();
        let mut ways = Ways::new(&fetch.policy.path_map);
        self.lay_out(&torrents, &mut ways, fetch).await;
        for id in wanted {
            let found = self
                .shared_with(id, &places, &torrents, &mut ways, fetch)
                .await;
            let found = match found {
                Ok(shared) if shared.is_empty() => self.with_other_accounts(id, fetch).await,
                found => found,
            };
            self.facts.shared.insert(id.clone(), found);
        }
    }

    /// What other accounts hold at the same place, as they were read last: their lists are not asked for.
    async fn with_other_accounts(
        &mut self,
        id: &ItemId,
        fetch: &Fetch<'_>,
    ) -> Fetched<Vec<SharedWith>> {
        let torrent = fetch.library.torrents.get(id);
        let places = torrent.and_then(contents).unwrap_or_default();
        for file in places {
            let Some(path) = fetch.policy.path_map.map(&file) else {
                continue;
            };
            let holder = self.names().holder(&self.account, &path).cloned();
            let Some(holder) = holder else { continue };
            // Servers on other machines may have the same paths.
            if self.looker.look(vec![path]).await.iter().any(Result::is_ok) {
                return Ok(vec![SharedWith {
                    other: ItemId::from(holder.as_str()),
                    name: format!("one of account {holder}"),
                    file,
                }]);
            }
        }
        Ok(Vec::new())
    }

    async fn shared_with(
        &mut self,
        id: &ItemId,
        places: &Places,
        torrents: &Torrents<'_>,
        ways: &mut Ways<'_>,
        fetch: &mut Fetch<'_>,
    ) -> Fetched<Vec<SharedWith>> {
        let Some(torrent) = fetch.library.torrents.get(id) else {
            return Err("the server no longer lists this torrent".to_owned());
        };
        let by_path = places.overlapping(id, torrent);
        // It may itself be listed where it lay before, too.
        let mut own_laid: Vec<Laid> = torrents
            .iter()
            .filter(|((one, _), _)| one == id)
            .filter_map(|(key, _)| self.laid.get(key).cloned())
            .collect();
        if own_laid.iter().any(|laid| laid.has_links) {
            let own = self.files_of(id, torrent, fetch).await?;
            let removed = self.removed(torrent, &own, ways, fetch).await;
            own_laid.push(removed.laid());
        }
        let mut others: Vec<(&ItemId, &Torrent, Laid)> = Vec::new();
        for (key, other) in torrents.iter().filter(|((other, _), _)| other != id) {
            let Some(laid) = self.laid.get(key) else {
                continue;
            };
            let touches = || own_laid.iter().any(|own| own.touches(laid));
            if by_path.contains(&key.0) || laid.has_links || laid.failed.is_some() || touches() {
                others.push((&key.0, other, laid.clone()));
            }
        }
        let mut shared = Vec::new();
        if others.is_empty() {
            return Ok(shared);
        }
        let own = self.files_of(id, torrent, fetch).await?;
        let removed = self.removed(torrent, &own, ways, fetch).await;
        let mut doubt = None;
        for (other, other_torrent, laid) in others {
            let title = other_torrent.title(other);
            let files = match self.files_of_other(other, other_torrent, fetch).await {
                Ok(files) => files,
                Err(why) => {
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
            let is_near = laid.has_links || own_laid.iter().any(|own| own.touches(&laid));
            let reach = match shared_by_path(one, two) {
                Some(file) => Reach::Shares(file),
                None if is_near || shared_but_for_case(one, two).is_some() => {
                    self.reach(&removed, laid.has_links, (one, two), ways, fetch)
                        .await
                }
                None => Reach::Not,
            };
            match (reach, laid.failed) {
                (Reach::Shares(file), _) => shared.push(SharedWith {
                    other: other.clone(),
                    name: title.to_owned(),
                    file,
                }),
                (Reach::May(why), _) | (Reach::Not, Some(why)) => {
                    doubt.get_or_insert(format!("{title} may hold the same files: {why}"));
                }
                (Reach::Not, None) => {}
            }
        }
        match doubt {
            Some(why) if shared.is_empty() => Err(why),
            Some(_) | None => Ok(shared),
        }
    }

    /// The names that the server would remove with a torrent.
    async fn removed(
        &mut self,
        torrent: &Torrent,
        files: &[TorrentFile],
        ways: &mut Ways<'_>,
        fetch: &Fetch<'_>,
    ) -> Removed {
        let map = &fetch.policy.path_map;
        let mut removed = Removed::default();
        let mut folders_seen: BTreeMap<(PathBuf, PathBuf), Way> = BTreeMap::new();
        let mut bases: BTreeMap<PathBuf, Option<Real>> = BTreeMap::new();
        for folder in folders(torrent) {
            for (file, server_path) in files.iter().flat_map(|f| names_of(torrent, folder, f)) {
                let Some(path) = map.map(&server_path) else {
                    removed.is_hidden = true;
                    continue;
                };
                let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
                    continue;
                };
                let base = map.map(folder).filter(|base| parent.starts_with(base));
                let base = base.unwrap_or_else(|| parent.to_owned());
                let rest = parent.strip_prefix(&base).unwrap_or(Path::new(""));
                let key = (base.clone(), rest.to_owned());
                if !folders_seen.contains_key(&key) {
                    if !bases.contains_key(&base) {
                        let way = ways.follow(&mut self.looker, &base).await;
                        bases.insert(base.clone(), way.folder);
                    }
                    let way = match bases.get(&base).cloned().flatten() {
                        Some(base) => ways.follow_from(&mut self.looker, &base, rest).await,
                        None => Way::default(),
                    };
                    folders_seen.insert(key.clone(), way);
                }
                let Some(way) = folders_seen.get(&key) else {
                    continue;
                };
                // Links among its own folders go with the folders.
                way.links
                    .iter()
                    .for_each(|link| removed.add(link.clone(), &file));
                match &way.folder {
                    Some((real, id)) => {
                        let seen = ways.stat(&mut self.looker, &real.join(name)).await;
                        removed.add(named(*id, name.to_owned(), &seen), &file);
                    }
                    None => removed.is_hidden = true,
                }
            }
        }
        removed
    }

    /// Whether any way to a file of the second torrent passes a name that goes with the first one.
    async fn reach(
        &mut self,
        removed: &Removed,
        has_links: bool,
        (one, two): (WithFiles<'_>, WithFiles<'_>),
        ways: &mut Ways<'_>,
        fetch: &Fetch<'_>,
    ) -> Reach {
        let map = &fetch.policy.path_map;
        let (mut is_unseen, mut doubt) = (false, None);
        for file in two.files {
            let mut is_seen = file.priority <= 0;
            let names = folders(two.torrent).flat_map(|folder| names_of(two.torrent, folder, file));
            for (server_path, on_disk) in names {
                let Some(path) = map.map(&on_disk) else {
                    continue;
                };
                let way = ways.follow(&mut self.looker, &path).await;
                let mut passed = way.links.iter().chain(&way.ends);
                if let Some(file) = passed.find_map(|name| removed.file_at(name)) {
                    return Reach::Shares(file.to_owned());
                }
                is_seen |= way.is_seen();
                let is_nothing = !way.is_seen() && has_links;
                let nothing = || {
                    let text = format!("{server_path} leads to nothing that can be seen");
                    (removed.is_hidden && !way.links.is_empty()).then_some(text)
                };
                let why = way.hidden.or_else(nothing).filter(|_| is_nothing);
                doubt = doubt.or(way.failed).or(why);
            }
            is_unseen |= !is_seen;
        }
        if let Some(why) = doubt {
            return Reach::May(why);
        }
        match shared_but_for_case(one, two) {
            Some(file) if is_unseen || removed.is_hidden => Reach::May(format!(
                "only the case of letters tells {file} apart, and it cannot be seen whether the disk does"
            )),
            Some(_) | None => Reach::Not,
        }
    }
}

/// The server's paths of a file in one of its torrent's folders: as it is called, and as it stands on disk.
fn names_of(torrent: &Torrent, folder: &str, file: &TorrentFile) -> Vec<(String, String)> {
    let path = join(folder, &file.name);
    let mut names = Vec::new();
    if !torrent.is_complete() || file.priority <= 0 {
        names.push((path.clone(), format!("{path}{INCOMPLETE_SUFFIX}")));
    }
    names.push((path.clone(), path));
    names
}
