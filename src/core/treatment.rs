//! The safe recheck: stop, recheck, wait, and start again only what is as complete as it was and had been running.
//!
//! A plain recheck of a running torrent whose data is gone turns it into a download from zero, on every server
//! version, and can hang for ever (qbittorrent-api.md, section 13). This is the only order that does neither.

use super::decide::has_what_it_had;
use super::ledger::{TreatmentBegun, TreatmentResult, Was};
use super::model::Torrent;
use super::plan::bytes_text;
use jiff::{SignedDuration, Timestamp};

/// Until this long after the recheck the API may show the state before it.
pub const JUDGE_AFTER: SignedDuration = SignedDuration::from_secs(3);

/// How many looks in a row must show that no check runs.
pub const QUIET_LOOKS: u32 = 2;

/// What comes next for a torrent under treatment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Look again later.
    Wait,
    /// It has what it had: start it, then the treatment has ended.
    Start,
    /// The treatment has ended (or, for `FoundIncomplete`, rests until the next failure).
    End(TreatmentResult),
}

/// What a torrent is before its treatment. A treatment that is already open keeps what it began from. `meant_to_run` is the
/// server's word, which is asked for where the state hides it. Where nothing tells, the torrent stays stopped.
pub fn was(torrent: &Torrent, meant_to_run: Option<bool>, now_s: i64) -> Was {
    let good = torrent.last_good.as_deref();
    let shown = torrent.completed.unwrap_or(0).max(0);
    // Where nothing better is known nine tenths of what was downloaded: some of it may have been thrown away.
    let downloaded = torrent.downloaded.unwrap_or(0).max(0) / 10 * 9;
    let most = torrent.size.unwrap_or(i64::MAX);
    let had_bytes = good
        .map_or(downloaded, |good| good.completed)
        .max(shown)
        .min(most);
    // A torrent that never had anything has no missing files: where nothing is known, only all of it will do.
    let complete = torrent.completed_at(now_s).is_some() || torrent.is_complete() || had_bytes == 0;
    let running = if torrent.state.hides_stop() {
        let before = good.map(|good| !good.stopped);
        meant_to_run.or(before).unwrap_or(false)
    } else {
        !torrent.state.is_stopped()
    };
    Was {
        state: torrent.state.as_str().to_owned(),
        running,
        complete,
        had_bytes,
    }
}

/// How much is there of a torrent that was found incomplete, beside what it had.
pub fn what_is_there(was: &Was, torrent: &Torrent) -> String {
    let has = torrent.completed.unwrap_or(0).max(0);
    match (has, was.had_bytes) {
        (0, 0) => "nothing of it is there, and perhaps nothing ever was".to_owned(),
        (has, 0) => format!("only {} of it is there", bytes_text(has)),
        (0, had) => format!("nothing is there of the {} it had", bytes_text(had)),
        (has, had) => format!("{} of the {} it had", bytes_text(has), bytes_text(had)),
    }
}

/// What comes next. `found_incomplete` is the treatment's own mark, `quiet` the number of looks in a row without a check,
/// this one included; `shares_files` says that another torrent holds some of its files, or that nobody knows.
pub fn next(
    begun: &TreatmentBegun,
    found_incomplete: bool,
    torrent: Option<&Torrent>,
    quiet: u32,
    shares_files: bool,
    now: Timestamp,
) -> Next {
    let Some(torrent) = torrent else {
        return Next::End(TreatmentResult::Over);
    };
    if torrent.state.is_checking()
        || torrent.state.is_moving()
        || now.duration_since(begun.at) < JUDGE_AFTER
    {
        return Next::Wait;
    }
    if quiet < QUIET_LOOKS {
        return Next::Wait;
    }
    if torrent.state.is_errored() {
        return if found_incomplete {
            Next::Wait
        } else {
            Next::End(TreatmentResult::FoundIncomplete)
        };
    }
    if !torrent.state.is_stopped() {
        return Next::End(TreatmentResult::Over);
    }
    let is_whole = if shares_files {
        torrent.is_complete()
    } else {
        has_what_it_had(begun, torrent)
    };
    match (is_whole, found_incomplete) {
        (true, _) if begun.was.running => Next::Start,
        (true, _) => Next::End(TreatmentResult::Recovered),
        (false, true) => Next::Wait,
        (false, false) => Next::End(TreatmentResult::FoundIncomplete),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::model::State;

    fn torrent(state: &str, completed: i64) -> Torrent {
        Torrent {
            state: State::new(state),
            size: Some(100),
            completed: Some(completed),
            progress: Some(completed as f64 / 100.0),
            ..Torrent::default()
        }
    }

    fn begun(was: Was) -> TreatmentBegun {
        TreatmentBegun {
            at: Timestamp::UNIX_EPOCH,
            account: "a".into(),
            item: "i".into(),
            was,
        }
    }

    #[test]
    fn says_in_words_what_is_there() {
        for (has, had, expected) in [
            (0, 0, "nothing of it is there, and perhaps nothing ever was"),
            (
                -1,
                0,
                "nothing of it is there, and perhaps nothing ever was",
            ),
            (50, 0, "only 50 B of it is there"),
            (0, 100, "nothing is there of the 100 B it had"),
            (50, 100, "50 B of the 100 B it had"),
        ] {
            let was = Was {
                had_bytes: had,
                ..was_seeding()
            };
            assert_eq!(what_is_there(&was, &torrent("stoppedDL", has)), expected);
        }
    }

    fn was_seeding() -> Was {
        Was {
            state: "missingFiles".into(),
            running: true,
            complete: true,
            had_bytes: 100,
        }
    }

    #[track_caller]
    fn check(was: Was, incomplete: bool, now: &Torrent, expected: Next) {
        let at = Timestamp::from_second(60).unwrap();
        assert_eq!(
            next(&begun(was), incomplete, Some(now), QUIET_LOOKS, false, at),
            expected
        );
    }

    #[test]
    fn starts_only_what_is_as_complete_as_it_was() {
        check(was_seeding(), false, &torrent("pausedUP", 100), Next::Start);
        check(
            was_seeding(),
            false,
            &torrent("pausedDL", 0),
            Next::End(TreatmentResult::FoundIncomplete),
        );
        check(
            was_seeding(),
            false,
            &torrent("stoppedDL", 99),
            Next::End(TreatmentResult::FoundIncomplete),
        );
        let partial = Was {
            complete: false,
            had_bytes: 40,
            ..was_seeding()
        };
        check(
            partial.clone(),
            false,
            &torrent("stoppedDL", 40),
            Next::Start,
        );
        check(
            partial,
            false,
            &torrent("stoppedDL", 39),
            Next::End(TreatmentResult::FoundIncomplete),
        );
    }

    #[test]
    fn leaves_stopped_what_was_stopped() {
        let stopped = Was {
            running: false,
            ..was_seeding()
        };
        check(
            stopped,
            false,
            &torrent("pausedUP", 100),
            Next::End(TreatmentResult::Recovered),
        );
    }

    #[test]
    fn waits_for_the_check_and_does_not_trust_the_first_looks() {
        check(was_seeding(), false, &torrent("checkingUP", 0), Next::Wait);
        let at = Timestamp::from_second(60).unwrap();
        let whole = torrent("pausedUP", 100);
        assert_eq!(
            next(&begun(was_seeding()), false, Some(&whole), 1, false, at),
            Next::Wait
        );
        assert_eq!(
            next(
                &begun(was_seeding()),
                false,
                Some(&whole),
                9,
                false,
                Timestamp::UNIX_EPOCH
            ),
            Next::Wait
        );
    }

    #[test]
    fn ends_when_its_owner_starts_or_removes_it() {
        check(
            was_seeding(),
            true,
            &torrent("downloading", 10),
            Next::End(TreatmentResult::Over),
        );
        let at = Timestamp::from_second(60).unwrap();
        assert_eq!(
            next(&begun(was_seeding()), false, None, 9, false, at),
            Next::End(TreatmentResult::Over)
        );
    }

    #[test]
    fn torrent_of_which_nothing_is_known_must_be_complete_to_be_started() {
        let unknown = was(&torrent("missingFiles", 0), Some(true), 0);
        assert!(unknown.complete);
        check(
            unknown.clone(),
            false,
            &torrent("stoppedDL", 0),
            Next::End(TreatmentResult::FoundIncomplete),
        );
        check(unknown, false, &torrent("stoppedUP", 100), Next::Start);
    }

    #[test]
    fn waits_for_its_data_once_found_incomplete_and_starts_when_it_is_back() {
        check(was_seeding(), true, &torrent("pausedDL", 0), Next::Wait);
        check(was_seeding(), true, &torrent("missingFiles", 0), Next::Wait);
        check(was_seeding(), true, &torrent("pausedUP", 100), Next::Start);
    }

    #[test]
    fn does_not_start_a_partial_torrent_that_shares_files() {
        let partial = Was {
            complete: false,
            had_bytes: 40,
            ..was_seeding()
        };
        let at = Timestamp::from_second(60).unwrap();
        let next = next(
            &begun(partial),
            false,
            Some(&torrent("stoppedDL", 40)),
            9,
            true,
            at,
        );
        assert_eq!(next, Next::End(TreatmentResult::FoundIncomplete));
    }

    #[test]
    fn remembers_what_a_torrent_was_before_the_trouble() {
        let before = torrent("stoppedDL", 40);
        let mut one = torrent("missingFiles", 0);
        one.remember(&before.state, before.completed);
        assert_eq!(
            was(&one, None, 0),
            Was {
                state: "missingFiles".into(),
                running: false,
                complete: false,
                had_bytes: 40
            }
        );
    }

    #[test]
    fn starts_nothing_of_which_nobody_knows_that_it_was_running() {
        let hidden = ["missingFiles", "error", "checkingUP", "moving"];
        for state in hidden {
            let found = |meant_to_run| was(&torrent(state, 0), meant_to_run, 0).running;
            assert_eq!(
                [None, Some(false), Some(true)].map(found),
                [false, false, true],
                "{state}"
            );
        }
        let mut ran = torrent("missingFiles", 0);
        ran.remember(&State::new("stalledUP"), Some(100));
        assert!(was(&ran, None, 0).running);
        assert!(!was(&ran, Some(false), 0).running, "stopped since");
        assert!(was(&torrent("stalledUP", 100), None, 0).running);
        assert!(!was(&torrent("pausedUP", 100), None, 0).running);
    }
}
