//! Announces: when trackers are asked, what their rows show meanwhile and after, and when they are asked again.

use super::Era;
use super::effect::What;
use super::server::Server;
use super::torrent::{Torrent, Tracker, TrackerResult, TrackerStatus};
use crate::NowMs;

/// A torrent that starts asks its trackers after this time.
const FIRST_MS: i64 = 200;
/// A tracker that does not answer is given up after this time.
const TIMEOUT_MS: i64 = 30_000;
/// Between announces, after a failure reason as after a success.
const INTERVAL_S: i64 = 1800;
/// After failures in a row at the level of HTTP or transport, as timed over an hour on real servers.
const RETRY_S: [i64; 7] = [17, 55, 117, 205, 317, 455, 617];

impl Server {
    pub(super) fn reannounce(&mut self, hash: &str) {
        let Some(torrent) = self.torrents.get(hash) else {
            return;
        };
        let is_running = torrent.is_running();
        self.effect(hash, What::Reannounced);
        if is_running {
            let now = self.now;
            self.edit(hash, |torrent| {
                let asked = |tracker: &&mut Tracker| tracker.status != TrackerStatus::NotContacted;
                torrent
                    .trackers
                    .iter_mut()
                    .filter(asked)
                    .for_each(|tracker| tracker.next_at = Some(now));
                if let Some(first) = torrent.trackers.first_mut() {
                    first.next_at = Some(now);
                }
            });
            self.step_trackers(hash);
        }
    }

    /// Shows at once what each tracker would answer, as if it had been asked before.
    pub(super) fn settle_trackers(&mut self, hash: &str) {
        let (now, era) = (self.now, self.settings.era);
        self.edit(hash, |torrent| show_all(torrent, era, now));
    }

    /// A running torrent asks its first tracker, and the next one when all before it fail.
    pub(super) fn settle_announces(&mut self, hash: &str) {
        let now = self.now;
        let Some(torrent) = self.torrents.get_mut(hash) else {
            return;
        };
        if torrent.is_stopped || torrent.check.is_some() || torrent.trouble.is_some() {
            return;
        }
        for tracker in &mut torrent.trackers {
            if tracker.status == TrackerStatus::Working || tracker.ends_at.is_some() {
                break;
            }
            if tracker.next_at.is_none() {
                tracker.next_at = Some(now + FIRST_MS);
            }
            if tracker.status == TrackerStatus::NotContacted {
                break;
            }
        }
        let times = torrent
            .trackers
            .iter()
            .flat_map(|tracker| [tracker.next_at, tracker.ends_at]);
        if let Some(at) = times.flatten().min() {
            self.clockwork.at(at, hash);
        }
    }

    /// Announces that begin or end.
    pub(super) fn step_trackers(&mut self, hash: &str) {
        let (now, era, takes) = (self.now, self.settings.era, self.settings.announce_ms);
        let is_due = |at: Option<NowMs>| at.is_some_and(|at| at <= now);
        let Some(torrent) = self.torrents.get(hash) else {
            return;
        };
        let mut trackers = torrent.trackers.iter();
        if torrent.is_stopped
            || !trackers.any(|tracker| is_due(tracker.next_at) || is_due(tracker.ends_at))
        {
            return;
        }
        self.edit(hash, |torrent| {
            let (is_running, is_complete) = (torrent.is_running(), torrent.is_complete());
            torrent.count_time(now, is_running, is_complete);
            for tracker in &mut torrent.trackers {
                if is_due(tracker.ends_at) {
                    show(tracker, era, now);
                } else if is_due(tracker.next_at) {
                    ask(tracker, era, now, takes);
                }
            }
        });
    }
}

/// Shows what each tracker would answer, down to the first that works.
pub(super) fn show_all(torrent: &mut Torrent, era: Era, now: NowMs) {
    if torrent.is_stopped && era.has_new_names() {
        return;
    }
    for tracker in &mut torrent.trackers {
        show(tracker, era, now);
        if tracker.result.is_good() {
            break;
        }
    }
}

fn ask(tracker: &mut Tracker, era: Era, now: NowMs, takes: i64) {
    tracker.next_at = None;
    tracker.ends_at = Some(match tracker.result {
        TrackerResult::Silent => now + TIMEOUT_MS,
        TrackerResult::Working
        | TrackerResult::Warning(_)
        | TrackerResult::Failure(_)
        | TrackerResult::Http(_)
        | TrackerResult::BadAnswer
        | TrackerResult::Transport(_) => now + takes,
    });
    // The old message stays. Before 4.5 the old status does so too, from 5.2 on it is a field of its own.
    let is_first = tracker.status == TrackerStatus::NotContacted;
    if era < Era::V5_2 && (is_first || era >= Era::V4_5_2) {
        tracker.status = TrackerStatus::Updating;
    }
}

fn show(tracker: &mut Tracker, era: Era, now: NowMs) {
    let (status, msg, retries) = match &tracker.result {
        TrackerResult::Working => (TrackerStatus::Working, "", false),
        TrackerResult::Warning(text) => (TrackerStatus::Working, text.as_str(), false),
        TrackerResult::Failure(text) => (TrackerStatus::Refused, text.as_str(), false),
        TrackerResult::Http(reason) => (TrackerStatus::NotWorking, reason.as_str(), true),
        TrackerResult::BadAnswer => (TrackerStatus::NotWorking, BAD_ANSWER, false),
        TrackerResult::Transport(text) => (TrackerStatus::NotWorking, text.as_str(), true),
        TrackerResult::Silent => (TrackerStatus::NotWorking, "timed out", true),
    };
    let is_told = match tracker.result {
        TrackerResult::Failure(_) | TrackerResult::Http(_) | TrackerResult::Working => true,
        TrackerResult::Warning(_)
        | TrackerResult::BadAnswer
        | TrackerResult::Transport(_)
        | TrackerResult::Silent => era >= Era::V4_5_2,
    };
    tracker.msg = if is_told {
        msg.to_owned()
    } else {
        String::new()
    };
    tracker.status = status;
    tracker.has_worked |= status == TrackerStatus::Working;
    let after = match retries {
        true => RETRY_S[tracker.failures.min(RETRY_S.len() - 1)],
        false => INTERVAL_S,
    };
    tracker.failures = if retries { tracker.failures + 1 } else { 0 };
    tracker.ends_at = None;
    tracker.next_at = Some(now + after * 1000);
}

/// What libtorrent says of an answer that is no bencoding.
const BAD_ANSWER: &str = "expected value (list, dict, int or string) in bencoded string";

/// No more announces; from 5.0 on the rows of a stopped torrent forget what was.
pub(super) fn hush(torrent: &mut Torrent, forgets: bool) {
    for tracker in &mut torrent.trackers {
        tracker.ends_at = None;
        tracker.next_at = None;
        if forgets || tracker.status == TrackerStatus::Updating {
            tracker.status = TrackerStatus::NotContacted;
        }
        if forgets {
            tracker.msg.clear();
            tracker.failures = 0;
        }
    }
}

#[cfg(test)]
mod tests;
