//! Facts that cost requests: privacy, trackers, file lists.

use super::source::BULK;
use super::{FactStore, Fetch, has_metadata, place_of};
use crate::core::facts::Fetched;
use crate::core::model::{ApiVersion, ItemId, Torrent, TorrentFile, Tracker};
use std::collections::BTreeSet;
use std::sync::Arc;

/// From this many torrents on their trackers are read in bulk, where the server can.
const BULK_FROM: usize = 4;
/// Most torrents whose trackers are asked for one by one in one fetch: enough to see an outage of a large tracker whole.
const ONE_BY_ONE: usize = 5_000;

impl FactStore {
    /// Asks for the privacy of torrents once; it cannot change. Without metadata the answer is not remembered for ever.
    pub(super) async fn fetch_private(&mut self, wanted: &BTreeSet<ItemId>, fetch: &mut Fetch<'_>) {
        for id in wanted {
            let Some(torrent) = fetch.library.torrents.get(id) else {
                continue;
            };
            if !has_metadata(torrent) {
                self.without_metadata.insert(id.clone());
                self.facts.private.insert(id.clone(), Ok(None));
                continue;
            }
            let answer = match fetch.budget.take() {
                Ok(()) => fetch.budget.note(fetch.source.is_private(id).await),
                Err(why) => Err(why),
            };
            self.facts.private.insert(id.clone(), answer);
        }
    }

    /// Reads trackers, for this cycle only.
    pub(super) async fn fetch_trackers(
        &mut self,
        wanted: &BTreeSet<ItemId>,
        fetch: &mut Fetch<'_>,
    ) {
        let can_bulk = fetch.library.api >= ApiVersion::INCLUDE_TRACKERS;
        if can_bulk && wanted.len() >= BULK_FROM && self.fetch_trackers_in_bulk(wanted, fetch).await
        {
            return;
        }
        self.fetch_trackers_one_by_one(wanted, fetch).await;
    }

    /// False if the server turns out not to offer it.
    async fn fetch_trackers_in_bulk(
        &mut self,
        wanted: &BTreeSet<ItemId>,
        fetch: &mut Fetch<'_>,
    ) -> bool {
        let ids: Vec<ItemId> = wanted.iter().cloned().collect();
        for chunk in ids.chunks(BULK) {
            let answer = match fetch.budget.take() {
                Ok(()) => fetch
                    .budget
                    .note(fetch.source.trackers_of_many(chunk).await),
                Err(why) => Err(why),
            };
            let mut rows = match answer {
                Ok(Some(rows)) => Ok(rows),
                Ok(None) => return false,
                Err(why) => Err(why),
            };
            for id in chunk {
                let trackers = match &mut rows {
                    Ok(rows) => rows
                        .remove(id)
                        .ok_or_else(|| "the server did not list its trackers".to_owned()),
                    Err(why) => Err(why.clone()),
                };
                self.set_trackers(id, trackers, fetch);
            }
        }
        true
    }

    /// Goes on behind the torrent at which the last fetch had to stop, so that each has its turn.
    async fn fetch_trackers_one_by_one(
        &mut self,
        wanted: &BTreeSet<ItemId>,
        fetch: &mut Fetch<'_>,
    ) {
        let cursor = self.tracker_cursor.take();
        let is_behind = |id: &&ItemId| cursor.as_ref().is_none_or(|cursor| *id > cursor);
        let (first, last): (Vec<&ItemId>, Vec<&ItemId>) = wanted.iter().partition(is_behind);
        for (place, id) in first.into_iter().chain(last).enumerate() {
            let taken = match place {
                0..ONE_BY_ONE => fetch.budget.take(),
                _ => Err(format!(
                    "not read in this cycle: trackers of {} torrents are in question, {ONE_BY_ONE} are read per cycle",
                    wanted.len()
                )),
            };
            let answer = match taken {
                Ok(()) => {
                    if place + 1 == ONE_BY_ONE {
                        self.tracker_cursor = Some(id.clone());
                    }
                    fetch.budget.note(fetch.source.trackers(id).await)
                }
                Err(why) => Err(why),
            };
            self.set_trackers(id, answer, fetch);
        }
    }

    fn set_trackers(&mut self, id: &ItemId, answer: Fetched<Vec<Tracker>>, fetch: &Fetch<'_>) {
        if let Ok(trackers) = &answer {
            // Trackers of lower tiers are not contacted while one above works.
            let is_well = |tracker: &Tracker| matches!(tracker.status, 0..=2) && !tracker.updating;
            let works = |tracker: &Tracker| tracker.status == 2;
            if trackers.iter().all(is_well) && (trackers.is_empty() || trackers.iter().any(works)) {
                self.facts.clean_trackers.insert(id.clone(), fetch.now);
            } else {
                self.facts.clean_trackers.remove(id);
            }
        }
        self.facts.trackers.insert(id.clone(), answer);
    }

    /// The files of another torrent that may share. The list of torrents does not tell that a file in a folder was renamed,
    /// so that what is remembered does for a plan, and is asked for again before anything is deleted.
    pub(super) async fn files_of_other(
        &mut self,
        id: &ItemId,
        torrent: &Torrent,
        fetch: &mut Fetch<'_>,
    ) -> Fetched<Arc<[TorrentFile]>> {
        if let Some(listed) = &mut self.listed_again
            && listed.insert(id.clone())
        {
            self.facts.files.remove(id);
        }
        self.files_of(id, torrent, fetch).await
    }

    /// The files of a torrent: remembered while its paths stay, else asked for.
    pub(super) async fn files_of(
        &mut self,
        id: &ItemId,
        torrent: &Torrent,
        fetch: &mut Fetch<'_>,
    ) -> Fetched<Arc<[TorrentFile]>> {
        let place = place_of(torrent);
        let is_same_place = self.places.get(id) == Some(&place);
        if let Some(Ok(files)) = self.facts.files.get(id).filter(|_| is_same_place) {
            return Ok(Arc::clone(files));
        }
        let answer = match fetch.budget.take() {
            Ok(()) => fetch.budget.note(fetch.source.files(id).await),
            Err(why) => Err(why),
        };
        let files: Fetched<Arc<[TorrentFile]>> = answer.map(Arc::from);
        self.places.insert(id.clone(), place);
        self.facts.files.insert(id.clone(), files.clone());
        files
    }
}
