//! Recheck, start, stop and restart: what becomes of a torrent, with and without its data, differs from version
//! to version, and some of it costs the data or hangs. The tests hold the table of what real servers did.

use super::Era;
use super::effect::What;
use super::server::Server;
use super::torrent::{Check, Torrent, Trouble};
use crate::NowMs;

/// A torrent in `missingFiles` that is started without its data stays so from 4.5 on; of several that are started
/// within this time most become running downloads instead (26 of 27 on 5.3.0, 25 on 5.1.0 and 4.5.2).
const TOGETHER_MS: i64 = 10_000;

impl Server {
    pub(super) fn recheck(&mut self, hash: &str) {
        let begins_at = self.now + self.settings.stale_ms;
        if self
            .torrents
            .get(hash)
            .is_none_or(|torrent| !torrent.has_metadata)
        {
            return;
        }
        self.effect(hash, What::RecheckAsked);
        self.clockwork.check_queue.retain(|queued| queued != hash);
        if self.clockwork.checking.as_deref() == Some(hash) {
            self.clockwork.checking = None;
            self.next_check();
        }
        self.edit(hash, |torrent| {
            let from = torrent.trouble;
            torrent.check = Some(Check {
                begins_at,
                running: None,
                is_hung: false,
                from,
            });
        });
        self.clockwork.at(begins_at, hash);
    }

    pub(super) fn start(&mut self, hash: &str) {
        let Some(torrent) = self.torrents.get(hash) else {
            return;
        };
        let (check, trouble) = (torrent.check, torrent.trouble);
        self.effect(hash, What::Started);
        let there = self.there(hash);
        let (era, now) = (self.settings.era, self.now);
        let last = self.clockwork.missing_started_at;
        let is_lone = last.is_none_or(|last| now - last >= TOGETHER_MS);
        if check.is_none() && trouble == Some(Trouble::MissingFiles) {
            self.clockwork.missing_started_at = Some(now);
        }
        self.edit(hash, |torrent| {
            torrent.is_stopped = false;
            let is_whole = has_all(torrent, &there);
            match (check, trouble) {
                (Some(_), _) | (None, None) => {}
                (None, Some(Trouble::MissingFiles)) => {
                    if is_whole || !is_lone || era < Era::V4_5_2 {
                        found(torrent, &there, now);
                    }
                }
                // Whatever is on the disk: the server forgets it all.
                (None, Some(Trouble::PeerRead | Trouble::DuringCheck)) => found(torrent, &[], now),
                (None, Some(Trouble::DiskFull)) => torrent.trouble = None,
            }
        });
        let is_unchecked = self
            .torrents
            .get(hash)
            .is_some_and(|torrent| torrent.is_unchecked);
        if is_unchecked && check.is_none() {
            first_check(self, hash, self.now);
        }
        if check.is_some_and(|check| check.is_hung) {
            self.edit(hash, |torrent| {
                torrent.check = check.map(|check| Check {
                    is_hung: false,
                    from: None,
                    ..check
                });
            });
            self.clockwork.check_queue.push_back(hash.to_owned());
            self.next_check();
        }
    }

    pub(super) fn stop(&mut self, hash: &str) {
        if !self.torrents.contains_key(hash) {
            return;
        }
        self.effect(hash, What::Stopped);
        let forgets_trackers = self.settings.era.has_new_names();
        self.edit(hash, |torrent| {
            torrent.is_stopped = true;
            torrent.is_forced = false;
            super::announce::hush(torrent, forgets_trackers);
        });
    }

    /// Restarts the server: sessions, answers' numbers and unfinished checks are gone, and torrents whose data is
    /// not there are found to be in `missingFiles`.
    pub fn restart(&mut self, now: NowMs) {
        self.step(now);
        self.effect("", What::Restarted);
        self.sessions.clear();
        self.has_answered = false;
        let loading_ms = self.settings.loading_ms;
        self.loads_until = (loading_ms > 0).then(|| self.now + loading_ms);
        self.clockwork.check_queue.clear();
        self.clockwork.checking = None;
        let now = self.now;
        let hashes: Vec<String> = self.torrents.keys().cloned().collect();
        for hash in hashes {
            let there = self.there(&hash);
            let keeps =
                self.settings.keeps_missing_over_restart || stays_missing(&hash, self.settings.era);
            self.edit(&hash, |torrent| {
                torrent.check = None;
                super::announce::hush(torrent, true);
                torrent
                    .trackers
                    .iter_mut()
                    .for_each(|t| t.has_worked = false);
                let had = torrent.files.iter().zip(&there);
                let lacks = had.into_iter().any(|(file, there)| file.have > *there);
                match torrent.trouble {
                    Some(Trouble::MissingFiles) if !keeps => {
                        found(torrent, &there, now);
                        torrent.lost_at_restart = torrent.lost > 0;
                    }
                    Some(Trouble::MissingFiles) => {}
                    Some(Trouble::PeerRead | Trouble::DuringCheck | Trouble::DiskFull) | None => {
                        torrent.trouble = lacks.then_some(Trouble::MissingFiles);
                    }
                }
            });
        }
    }

    /// A check whose turn or end has come.
    pub(super) fn step_check(&mut self, hash: &str) {
        let Some(check) = self.torrents.get(hash).and_then(|torrent| torrent.check) else {
            return;
        };
        let is_queued = self
            .clockwork
            .check_queue
            .iter()
            .any(|queued| queued == hash);
        match check.running {
            Some((_, end)) if end <= self.now => self.end_check(hash, check),
            None if check.begins_at <= self.now && !check.is_hung && !is_queued => {
                self.begin_check(hash, check)
            }
            Some(_) | None => {}
        }
    }

    fn begin_check(&mut self, hash: &str, check: Check) {
        let is_any_there = self.there(hash).iter().any(|bytes| *bytes > 0);
        let Some(torrent) = self.torrents.get(hash) else {
            return;
        };
        let hangs = match check.from {
            Some(Trouble::MissingFiles) => self.settings.era == Era::V4_5_2,
            Some(Trouble::DuringCheck) => {
                self.settings.era >= Era::V4_5_2 && !torrent.is_unreadable
            }
            Some(Trouble::PeerRead | Trouble::DiskFull) | None => false,
        };
        if hangs && is_any_there && !torrent.is_stopped {
            self.edit(hash, |torrent| {
                torrent.trouble = None;
                torrent.was_finished = true;
                torrent.check = Some(Check {
                    is_hung: true,
                    ..check
                });
            });
            self.effect(hash, What::CheckHangs);
        } else {
            // From here on it shows as being checked, also while it waits for its turn.
            self.log_keys(hash, &["amount_left", "completed", "progress", "state"]);
            self.clockwork.check_queue.push_back(hash.to_owned());
            self.next_check();
        }
    }

    /// Servers check one torrent at a time.
    pub(super) fn next_check(&mut self) {
        while self.clockwork.checking.is_none() {
            let Some(hash) = self.clockwork.check_queue.pop_front() else {
                return;
            };
            let Some(torrent) = self.torrents.get(&hash) else {
                continue;
            };
            let reading =
                torrent.total_size().saturating_mul(1000) / self.settings.check_bytes_per_s.max(1);
            let takes = self.settings.check_ms + i64::try_from(reading).unwrap_or(0);
            let running = Some((self.now, self.now + takes.max(1)));
            self.edit(&hash, |torrent| {
                torrent.check = torrent.check.map(|check| Check { running, ..check })
            });
            self.clockwork.at(self.now + takes.max(1), &hash);
            self.clockwork.checking = Some(hash);
        }
    }

    fn end_check(&mut self, hash: &str, check: Check) {
        let there = self.there(hash);
        let now = self.now;
        let is_old = self.settings.era < Era::V4_5_2;
        let files = self
            .torrents
            .get(hash)
            .map(|torrent| torrent.files.as_slice());
        let found_files = files.unwrap_or_default().iter().zip(&there);
        let wanted = found_files.filter(|(file, _)| file.priority > 0);
        let have = wanted.map(|(_, bytes)| bytes).sum();
        self.effect(hash, What::Checked { have });
        self.edit(hash, |torrent| {
            torrent.check = None;
            let is_running = !torrent.is_stopped;
            let is_nothing_there = there.iter().all(|bytes| *bytes == 0);
            match check.from {
                _ if torrent.is_unreadable => torrent.trouble = Some(Trouble::DuringCheck),
                Some(Trouble::MissingFiles) if is_old && is_nothing_there => {}
                Some(Trouble::DiskFull) if is_running => {
                    found(torrent, &there, now);
                    torrent.trouble = Some(Trouble::DiskFull);
                }
                Some(Trouble::MissingFiles | Trouble::DuringCheck) if is_old => {
                    found(torrent, &there, now);
                    torrent.is_stopped |= torrent.is_complete();
                }
                Some(
                    Trouble::MissingFiles
                    | Trouble::PeerRead
                    | Trouble::DuringCheck
                    | Trouble::DiskFull,
                )
                | None => found(torrent, &there, now),
            }
        });
        self.clockwork.checking = None;
        self.next_check();
    }

    /// Bytes of each file that are really on the disk.
    pub(super) fn there(&mut self, hash: &str) -> Vec<u64> {
        let files = self.files_of(hash);
        files
            .iter()
            .map(|(path, size, _)| self.disk.size(path).unwrap_or(0).min(*size))
            .collect()
    }
}

fn has_all(torrent: &Torrent, there: &[u64]) -> bool {
    let mut files = torrent.files.iter().zip(there);
    files.all(|(file, there)| file.priority == 0 || *there == file.size)
}

/// The trouble is over, and this is what is there (files beyond the list have nothing).
fn found(torrent: &mut Torrent, there: &[u64], now: NowMs) {
    let mut there = there.iter();
    torrent.set_have(|_| there.next().copied().unwrap_or(0));
    torrent.trouble = None;
    torrent.is_unchecked = false;
    torrent.was_finished = torrent.is_complete();
    if torrent.was_finished && torrent.completion_on.is_none() {
        torrent.completion_on = Some(now / 1000);
    }
}

/// Of 100 torrents in `missingFiles` so many were still so after a restart, by version; the others had become
/// unfinished downloads. Which ones is settled by the info-hash here.
fn stays_missing(hash: &str, era: Era) -> bool {
    let percent = match era {
        Era::V4_2_5 => 2,
        Era::V4_5_2 | Era::V4_6 => 15,
        Era::V5_0 | Era::V5_1 => 49,
        Era::V5_2 | Era::V5_3 => 30,
    };
    let number = hash
        .get(..4)
        .and_then(|start| u32::from_str_radix(start, 16).ok());
    number.unwrap_or(0) % 100 < percent
}

/// Whether a torrent that is added unchecked finds all its files.
pub(super) fn is_whole(server: &mut Server, hash: &str) -> bool {
    let there = server.there(hash);
    server
        .torrents
        .get(hash)
        .is_some_and(|torrent| has_all(torrent, &there))
}

/// A torrent that was just added and is to be checked first.
pub(super) fn first_check(server: &mut Server, hash: &str, now: NowMs) {
    server.edit(hash, |torrent| {
        torrent.check = Some(Check {
            begins_at: now,
            running: None,
            is_hung: false,
            from: None,
        });
    });
    server.clockwork.at(now, hash);
    server.step_check(hash);
}

#[cfg(test)]
mod tests;
