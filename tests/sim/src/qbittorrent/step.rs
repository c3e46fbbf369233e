//! The passing of time: what should have happened by `now` is worked out when a call comes, in the order in
//! which it happened. Nothing here waits.

use super::effect::What;
use super::server::{Change, Server};
use super::torrent::Torrent;
use crate::NowMs;
use std::collections::{BTreeSet, VecDeque};

/// Traffic is brought up to date at most this often, as real servers refresh their list.
const TRAFFIC_MS: i64 = 1000;

/// Everything that is to happen later.
#[derive(Debug, Default)]
pub(super) struct Clockwork {
    due: BTreeSet<(NowMs, String)>,
    /// Torrents that wait for their check, and the one that is being checked.
    pub(super) check_queue: VecDeque<String>,
    pub(super) checking: Option<String>,
    /// Torrents with traffic.
    live: BTreeSet<String>,
    /// When the progress of the check was last put into the deltas.
    check_told_at: NowMs,
    /// Files to be removed: when, path, save path.
    pub(super) removals: Vec<(NowMs, String, String)>,
    /// When a torrent in `missingFiles` was last started.
    pub(super) missing_started_at: Option<NowMs>,
    last_seen: NowMs,
    behind: i64,
}

impl Clockwork {
    /// The server's clock goes on when the caller's jumps back.
    fn forwards(&mut self, now: NowMs) -> NowMs {
        if now < self.last_seen {
            self.behind += self.last_seen - now;
        }
        self.last_seen = now;
        now + self.behind
    }

    pub(super) fn at(&mut self, at: NowMs, hash: &str) {
        self.due.insert((at, hash.to_owned()));
    }

    pub(super) fn forget(&mut self, hash: &str) {
        self.check_queue.retain(|queued| queued != hash);
        if self.checking.as_deref() == Some(hash) {
            self.checking = None;
        }
        self.live.remove(hash);
    }
}

impl Server {
    /// Lets everything happen that is due by `now`. Each request does so; tests call it to see effects that no
    /// request has come for.
    pub fn step(&mut self, now: NowMs) {
        let now = self.clockwork.forwards(now);
        self.look_at_free_space(now);
        while let Some((at, hash)) = self.clockwork.due.first().cloned() {
            if at > now {
                break;
            }
            self.clockwork.due.pop_first();
            self.now = self.now.max(at);
            self.step_check(&hash);
            self.step_trackers(&hash);
        }
        self.now = self.now.max(now);
        if self.loads_until.is_some_and(|until| until <= self.now) {
            self.loads_until = None;
            let hashes: Vec<String> = self.torrents.keys().cloned().collect();
            hashes
                .into_iter()
                .for_each(|hash| self.log(Change::Added(hash)));
        }
        self.step_traffic();
        let (due, later) = self
            .clockwork
            .removals
            .drain(..)
            .partition(|removal| removal.0 <= now);
        self.clockwork.removals = later;
        let due: Vec<(NowMs, String, String)> = due;
        for (_, path, save_path) in due {
            self.disk.remove(&path, &save_path);
        }
    }

    /// A disk that knows its free space is looked at when a look is due, before what the request at hand does to it.
    fn look_at_free_space(&mut self, now: NowMs) {
        let look = now / self.settings.free_space_lag_ms.max(1);
        if self.free_seen.is_none_or(|(last, _)| last != look) {
            self.free_seen = self.disk.free().map(|free| (look, free));
        }
    }

    /// Looks at a torrent after something about it changed: traffic, announces to come, and whether it
    /// downloads what it had.
    pub(super) fn settle(&mut self, hash: &str) {
        let now = self.now;
        let Some(torrent) = self.torrents.get_mut(hash) else {
            return;
        };
        let is_live = torrent.is_downloading() || torrent.is_running() && torrent.upspeed > 0;
        if is_live {
            if self.clockwork.live.insert(hash.to_owned()) {
                let (is_running, is_complete) = (torrent.is_running(), torrent.is_complete());
                torrent.count_time(now, is_running, is_complete);
            }
        } else {
            self.clockwork.live.remove(hash);
        }
        let (lost, by_restart) = (torrent.lost, torrent.lost_at_restart);
        let is_unfinished =
            torrent.is_running() && torrent.has_metadata && !torrent.is_complete() && lost > 0;
        let is_downloading = is_unfinished && torrent.is_downloading();
        let tell_unfinished = is_unfinished && !torrent.has_told_unfinished;
        let tell_download = is_downloading && !torrent.has_told_download;
        torrent.has_told_unfinished |= is_unfinished;
        torrent.has_told_download |= is_downloading;
        if tell_unfinished {
            self.effect(hash, What::RunsUnfinished { lost, by_restart });
        }
        if tell_download {
            self.effect(hash, What::DownloadedAgain { lost, by_restart });
        }
        self.settle_announces(hash);
    }

    fn step_traffic(&mut self) {
        let now = self.now;
        if let Some(hash) = self.clockwork.checking.clone()
            && now - self.clockwork.check_told_at >= TRAFFIC_MS
        {
            self.clockwork.check_told_at = now;
            self.log_keys(&hash, &["progress"]);
        }
        let all = !self.settings.freezes_idle_times;
        let is_old =
            |torrent: &&Torrent| torrent.is_running() && now - torrent.refreshed_at >= TRAFFIC_MS;
        let live: Vec<String> = match all {
            true => self
                .torrents
                .values()
                .filter(is_old)
                .map(|torrent| torrent.hash.clone())
                .collect(),
            false => {
                let live = self.clockwork.live.iter();
                live.filter(|hash| {
                    self.torrents
                        .get(*hash)
                        .is_some_and(|torrent| is_old(&torrent))
                })
                .cloned()
                .collect()
            }
        };
        for hash in live {
            let before = self.files_of(&hash);
            let mut written = Vec::new();
            self.edit(&hash, |torrent| written = flow(torrent, now));
            let has_moved = self.files_of(&hash) != before;
            for (path, _, folder) in before.into_iter().filter(|_| has_moved) {
                self.disk.remove(&path, &folder);
            }
            let Some(torrent) = self.torrents.get(&hash) else {
                continue;
            };
            let files = torrent.files.iter().enumerate();
            for (_, file) in
                files.filter(|(at, file)| written.contains(at) || has_moved && file.have > 0)
            {
                self.disk.write(&torrent.path_of(file), file.have);
            }
        }
    }
}

/// Lets the bytes flow since the last time; gives the numbers of the files that grew.
fn flow(torrent: &mut Torrent, now: NowMs) -> Vec<usize> {
    let passed = u64::try_from(now - torrent.refreshed_at).unwrap_or(0);
    let (was_running, was_complete) = (torrent.is_running(), torrent.is_complete());
    let (speed, began) = (torrent.dlspeed(), torrent.refreshed_at);
    torrent.count_time(now, was_running, was_complete);
    torrent.uploaded += torrent.upspeed * passed / 1000;
    if speed == 0 {
        if torrent.upspeed > 0 {
            torrent.last_activity = now / 1000;
        }
        return Vec::new();
    }
    torrent.last_activity = now / 1000;
    let missing = torrent.wanted() - torrent.have();
    let mut bytes = (speed * passed / 1000).min(missing);
    torrent.downloaded += bytes;
    torrent.lost = torrent.lost.saturating_sub(bytes);
    let mut grown = Vec::new();
    for (at, file) in torrent
        .files
        .iter_mut()
        .enumerate()
        .filter(|(_, file)| file.priority > 0)
    {
        let part = bytes.min(file.size - file.have);
        if part > 0 {
            file.have += part;
            bytes -= part;
            grown.push(at);
        }
    }
    if torrent.is_complete() {
        let took = i64::try_from(missing.saturating_mul(1000) / speed).unwrap_or(0);
        torrent.seeding_ms += (now - began - took).max(0);
        torrent.completion_on = Some((began + took) / 1000);
        torrent.was_finished = true;
        torrent.lost = 0;
        torrent.has_told_unfinished = false;
        torrent.has_told_download = false;
    }
    grown
}

#[cfg(test)]
mod tests;
