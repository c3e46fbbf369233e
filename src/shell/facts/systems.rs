//! Which link counts are believed: those of file systems that are known to keep them, or were seen to.

use super::FactStore;
use super::links::{Looked, with_several_names};
use super::spots::Spots;
use crate::core::file_systems::{doubt, keeps_links};
use crate::core::hardlinks::{shown_path, trouble};
use crate::core::model::ItemId;
use crate::ports::FileKind;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the file systems that files lie on.
#[derive(Default)]
pub(super) struct Systems {
    /// By device, or why it is not known; asked for once per cycle, as another one can be mounted with the same number.
    names: BTreeMap<u64, Result<String, String>>,
    /// Those on which a file with several names was seen.
    with_links: BTreeSet<(u64, String)>,
}

impl Systems {
    /// Begins a cycle.
    pub fn drop_old(&mut self) {
        self.names.clear();
    }

    fn shows_links(&self, device: u64) -> Result<(), String> {
        match self.names.get(&device) {
            Some(Ok(name)) if keeps_links(name) => Ok(()),
            Some(Ok(name)) if self.with_links.contains(&(device, name.clone())) => Ok(()),
            Some(Ok(name)) => Err(doubt(name)),
            Some(Err(why)) => Err(why.clone()),
            None => Err("its file system is not known".to_owned()),
        }
    }
}

/// A torrent with files that seem to have but one name, on a device that has not shown a second name of any yet.
pub(super) struct Doubtful<'a> {
    /// The torrent.
    pub id: &'a ItemId,
    device: u64,
    /// One of the files.
    path: String,
}

impl Doubtful<'_> {
    /// Why its links are unknown, after all were looked at.
    pub fn why(&self, systems: &Systems) -> Option<String> {
        let why = systems.shows_links(self.device).err()?;
        Some(format!("{}: {why}", self.path))
    }
}

impl FactStore {
    /// Asks which file systems the files of a torrent lie on, notes second names, and finds what is in doubt.
    pub(super) async fn doubtful<'a>(
        &mut self,
        looked: &Looked<'a>,
        spots: &Spots<'_>,
    ) -> Vec<Doubtful<'a>> {
        let mut devices = BTreeMap::new();
        let mut doubtful = Vec::new();
        for file in &looked.files {
            let Ok(stat) = &file.stat else { continue };
            if stat.kind == FileKind::File && file.size_bytes > 0 {
                let several = with_several_names(file).is_some();
                let first = devices.entry(stat.device).or_insert((None, false));
                first.0 = first.0.or((!several).then_some(file.place));
                first.1 |= several;
            }
        }
        for (device, (single, has_links)) in devices {
            let Some(place) = single.or_else(|| looked.files.first().map(|file| file.place)) else {
                continue;
            };
            let path = spots.path_of(place.spot, looked.name(&place));
            if !self.systems.names.contains_key(&device) {
                let name = self.looker.file_system(&path).await;
                let name = name.map_err(trouble);
                self.systems.names.insert(device, name);
            }
            if has_links && let Some(Ok(name)) = self.systems.names.get(&device) {
                self.systems.with_links.insert((device, name.clone()));
            }
            if single.is_some() && self.systems.shows_links(device).is_err() {
                doubtful.push(Doubtful {
                    id: looked.id,
                    device,
                    path: shown_path(&path),
                });
            }
        }
        doubtful
    }
}
