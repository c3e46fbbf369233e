//! The eyes on a qBittorrent server: one merged view of its torrents, kept up to date by deltas.

use super::{Optics, Presence, wanted_fields};
use crate::clients::qbittorrent::{FieldSet, Qbittorrent, Refresh};
use crate::clients::{ReadError, ReadErrorKind};
use crate::config::policy::{AccountPolicy, QbtPolicy};
use crate::core::decide::{Seen, asks_free_space, free_space_reading};
use crate::core::facts::{Facts, Wanted};
use crate::core::free_space::{OurDeletions, Reading};
use crate::core::model::{ItemId, Library, Unknown};
use crate::core::rules::subject::smoothed;
use crate::shell::facts::FactStore;
use crate::shell::script_host::Shape;
use crate::shell::scripts::Scripts;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Link findings are looked at again after this time where the `hardlinks` block is absent (keys of rules).
const RECHECK_EVERY: Duration = Duration::from_secs(6 * 60 * 60);

/// A list that may be of a server that has just started is read again after this pause before it is believed.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// A whole list is read this often though deltas would do, as a check.
const WHOLE_EVERY: Duration = Duration::from_secs(12 * 60 * 60);

/// So many other torrents, from all over the list, show that a server lists what it has: one that loads its list in any
/// order is hardly ever done with all of these before the one that is looked for.
const MOST_OTHERS: usize = 32;

/// The eyes on a qBittorrent server.
pub struct TorrentEyes {
    /// Its client.
    pub client: Arc<Qbittorrent>,
    /// The JavaScript rules.
    pub scripts: Scripts,
    policy: QbtPolicy,
    library: Library,
    /// The list as it was brought up to date within the cycle, which goes on being judged by `library`.
    latest: Option<Library>,
    facts: FactStore,
    keep: FieldSet,
    smoothed_speeds: (f64, f64),
    read_at: Option<Instant>,
    /// Whether any rule looks at free space, and what we deleted, as of this cycle.
    asks_free_space: bool,
    ours: OurDeletions,
    now: Timestamp,
    began_at: Instant,
    /// When the last request for the list was sent.
    asked_at: Option<Timestamp>,
    whole_at: Option<Instant>,
    /// Places of torrents changed since the facts were last told.
    moved: bool,
    /// The last reading told anything new of any torrent.
    changed: bool,
    /// Torrents of the last reading that were seen gone since.
    gone: BTreeSet<ItemId>,
}

impl TorrentEyes {
    /// Opens the eyes; nothing is sent yet.
    pub fn new(policy: &AccountPolicy, service: &QbtPolicy, optics: &Optics) -> TorrentEyes {
        TorrentEyes {
            client: optics
                .sessions
                .of(Qbittorrent::new(optics.ports.transport.clone(), service)),
            scripts: Scripts::new(policy, &optics.zone),
            policy: service.clone(),
            library: Library::default(),
            latest: None,
            facts: FactStore::new(
                policy.name.clone(),
                optics.ports.disk.clone(),
                optics.names.clone(),
            )
            .knowing(optics.looks.clone(), optics.pulse.clone()),
            keep: wanted_fields::of(policy),
            smoothed_speeds: (0.0, 0.0),
            read_at: None,
            asks_free_space: asks_free_space(policy),
            ours: OurDeletions::default(),
            now: Timestamp::MIN,
            began_at: Instant::now(),
            asked_at: None,
            whole_at: None,
            moved: true,
            changed: true,
            gone: BTreeSet::new(),
        }
    }

    /// See [`super::Eyes::keep_all_fields`].
    pub fn keep_all_fields(&mut self) {
        self.keep = wanted_fields::all();
    }

    /// The torrents as listed last.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// What is known beyond the listing.
    pub fn facts(&self) -> &Facts {
        self.facts.facts()
    }

    /// Smoothed speeds of the server, upload and download.
    pub fn smoothed_speeds(&self) -> (f64, f64) {
        self.smoothed_speeds
    }

    /// See [`super::Eyes::is_as_before`].
    pub fn is_as_before(&self) -> bool {
        !self.changed
    }

    /// The server's free space, as rules may see it.
    pub fn free_bytes(&self) -> Result<i64, Unknown> {
        self.ours
            .free_space(&self.free_space_reading(), self.now)
            .bytes
    }

    fn free_space_reading(&self) -> Reading {
        free_space_reading(Seen::Torrents(&self.library), self.facts.facts())
    }

    /// See [`super::Eyes::read`].
    pub async fn read(
        &mut self,
        now: Timestamp,
        had_items: bool,
        ours: OurDeletions,
    ) -> Result<bool, ReadError> {
        self.changed = false;
        self.gone.clear();
        (self.now, self.began_at, self.ours) = (now, Instant::now(), ours);
        let refresh = self.refresh().await?;
        let mut is_whole = refresh.bad_rows == 0;
        if self.may_be_starting(&refresh, had_items) {
            is_whole &= self.has_settled().await?;
        }
        let reading = self.free_space_reading();
        if self.asks_free_space && self.ours.need_another_request(&reading, now) {
            is_whole &= self.has_settled().await?;
        }
        self.smooth();
        let recheck_every = self
            .policy
            .hardlinks
            .as_ref()
            .map_or(RECHECK_EVERY, |block| block.recheck_every);
        if std::mem::take(&mut self.moved) {
            self.facts
                .drop_stale(now, recheck_every, &self.library, &self.policy);
        } else {
            self.facts.drop_old(now, recheck_every);
        }
        self.answer(now).await;
        if self.scripts.are_there() {
            if self.scripts.read_tracker_status() {
                let all = self.library.torrents.keys().cloned().collect();
                self.tell_tracker_status(all, now).await;
            }
            self.scripts.judge(now).await;
        }
        Ok(is_whole)
    }

    /// Whether the list may be of a server that has just started and has not listed everything yet: it is empty against
    /// all expectation, it begins anew and lacks what was there, or data is still being loaded.
    fn may_be_starting(&self, refresh: &Refresh, had_items: bool) -> bool {
        let is_empty = self.library.torrents.is_empty();
        is_empty && had_items
            || refresh.full && (!refresh.removed.is_empty() || is_loading(&self.library))
    }

    /// Reads the list again after a pause. Answers whether nothing more has come: what is missing from a list that still
    /// grows is not gone.
    async fn has_settled(&mut self) -> Result<bool, ReadError> {
        tokio::time::sleep(AGAIN_AFTER).await;
        let before = self.library.torrents.len();
        let refresh = self.refresh().await?;
        let is_growing = self.library.torrents.len() + refresh.removed.len() > before;
        Ok(!is_growing && refresh.bad_rows == 0)
    }

    async fn refresh(&mut self) -> Result<Refresh, ReadError> {
        let refresh = self.exchange().await?;
        self.moved |= refresh.moved;
        self.changed |= refresh.full || refresh.bad_rows > 0;
        self.changed |= !refresh.changed.is_empty() || !refresh.removed.is_empty();
        Ok(refresh)
    }

    /// The time by which the server is asked next.
    fn asking_at(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.began_at.elapsed()).unwrap_or_default();
        self.now.saturating_add(elapsed).unwrap_or(self.now)
    }

    /// A request of that time was answered: what the server says of itself is at least as new as the request before it.
    fn note_answer(&mut self, asked_at: Timestamp) {
        self.facts.asked_before(self.asked_at.replace(asked_at));
    }

    async fn exchange(&mut self) -> Result<Refresh, ReadError> {
        let asked_at = self.asking_at();
        let mut worker_has_data = !self.scripts.are_there() || self.scripts.begin().await;
        if let Some(latest) = self.latest.take() {
            self.library = latest;
            (self.moved, self.changed) = (true, true);
            // What came within the cycle was not passed on.
            worker_has_data &= !self.scripts.are_there();
        }
        let is_old = self.whole_at.is_none_or(|at| at.elapsed() > WHOLE_EVERY);
        if !worker_has_data || is_old {
            self.client.forget_list().await;
        }
        if !self.scripts.are_there() {
            let refresh = self
                .client
                .refresh(&mut self.library, &self.keep, None)
                .await?;
            self.note_answer(asked_at);
            self.whole_at = if refresh.full {
                Some(Instant::now())
            } else {
                self.whole_at
            };
            return Ok(refresh);
        }
        let mut feed = self.scripts.feed(!worker_has_data, Shape::Qbittorrent);
        match self
            .client
            .refresh(&mut self.library, &self.keep, Some(&mut feed))
            .await
        {
            Ok(refresh) => {
                self.note_answer(asked_at);
                self.whole_at = if refresh.full {
                    Some(Instant::now())
                } else {
                    self.whole_at
                };
                let free = self.free_bytes();
                self.scripts
                    .torrents_read(feed, &refresh.removed, &self.library.server, &free)
                    .await;
                Ok(refresh)
            }
            Err(error) => {
                self.scripts.reading_failed(feed).await;
                Err(error)
            }
        }
    }

    fn smooth(&mut self) {
        let elapsed = self.read_at.map_or(4.0, |at| at.elapsed().as_secs_f64());
        self.read_at = Some(Instant::now());
        let server = &self.library.server;
        let next = |average: f64, current: Option<i64>| {
            smoothed(average, current.unwrap_or(0) as f64, elapsed)
        };
        let (up, down) = self.smoothed_speeds;
        self.smoothed_speeds = (
            next(up, server.up_info_speed),
            next(down, server.dl_info_speed),
        );
    }

    /// Fetches what a decision lacked.
    pub async fn fetch(&mut self, wanted: &Wanted, now: Timestamp) {
        let latest = self.latest.as_ref().unwrap_or(&self.library);
        let both = (&self.library, latest);
        self.facts
            .fetch_beside(wanted, &*self.client, both, &self.policy, now)
            .await;
    }

    /// See [`super::Eyes::answer`].
    pub async fn answer(&mut self, now: Timestamp) {
        if self.facts.is_asked() {
            self.fetch(&Wanted::default(), now).await;
        }
    }

    /// See [`super::Eyes::forget_unanswered`].
    pub fn forget_unanswered(&mut self, now: Timestamp) {
        self.facts.drop_stale_links(now, RECHECK_EVERY);
    }

    /// See [`super::Eyes::read_neighbours`].
    pub async fn read_neighbours(&mut self, id: &ItemId) -> Result<bool, ReadError> {
        let latest = self.latest.get_or_insert_with(|| self.library.clone());
        let refresh = self.client.refresh(latest, &self.keep, None).await?;
        let is_lost = |id: &ItemId| !self.gone.contains(id);
        let is_short = refresh.full && refresh.removed.iter().any(is_lost);
        if refresh.bad_rows > 0
            || is_short
            || refresh.full && is_loading(latest)
            || !latest.torrents.contains_key(id)
        {
            let text = "it is not complete";
            return Err(ReadError::new(ReadErrorKind::Malformed, text));
        }
        if refresh.moved {
            self.facts.forget_shared(id);
        }
        Ok(refresh.moved)
    }

    /// Reads the trackers of torrents for JavaScript rules that look at their messages.
    async fn tell_tracker_status(&mut self, trackers: BTreeSet<ItemId>, now: Timestamp) {
        let wanted = Wanted {
            trackers,
            ..Wanted::default()
        };
        self.fetch(&wanted, now).await;
        self.scripts
            .trackers_read(&self.facts.facts().trackers)
            .await;
    }

    /// See [`super::Eyes::read_again`].
    pub async fn read_again(&mut self, now: Timestamp, id: &ItemId) -> Result<bool, ReadError> {
        let mut found = self
            .client
            .info(std::slice::from_ref(id), &self.keep)
            .await?;
        self.facts.forget(id);
        let Some(fresh) = found.remove(id) else {
            return Ok(false);
        };
        let fresh = fresh.with_what_only_deltas_tell(self.library.torrents.get(id));
        if self.scripts.are_there() {
            self.scripts.torrent_again(id, &fresh).await;
            if self.scripts.read_tracker_status() {
                let one = std::iter::once(id.clone()).collect();
                self.tell_tracker_status(one, now).await;
            }
            self.scripts.judge_again(now, id).await;
        }
        self.library.torrents.insert(id.clone(), fresh);
        (self.moved, self.changed) = (true, true);
        Ok(true)
    }

    /// See [`super::Eyes::presence`]. Others are asked for in the same request, because a server that is still loading its
    /// list answers as if the torrent was gone.
    pub async fn presence(&self, id: &ItemId) -> Result<Presence, ReadError> {
        let is_other = |other: &&ItemId| *other != id && !self.gone.contains(*other);
        let torrents = &self.library.torrents;
        let others = torrents.keys().filter(is_other);
        let step = (torrents.len() / MOST_OTHERS).max(1);
        let mut asked: Vec<ItemId> = others.step_by(step).take(MOST_OTHERS).cloned().collect();
        let others = asked.len();
        asked.push(id.clone());
        let found = self.client.info(&asked, &FieldSet::none()).await?;
        Ok(match found.contains_key(id) {
            true => Presence::Listed,
            false if others == 0 => Presence::NotShown,
            false if found.len() == others => Presence::Gone,
            false => Presence::Unsure,
        })
    }

    /// See [`super::Eyes::note_gone`].
    pub fn note_gone(&mut self, id: &ItemId) {
        self.gone.insert(id.clone());
    }
}

/// Whether the server is still loading its torrents.
fn is_loading(library: &Library) -> bool {
    let mut states = library
        .torrents
        .values()
        .map(|torrent| torrent.state.as_str());
    states.any(|state| state == "checkingResumeData")
}

#[cfg(test)]
mod tests;
