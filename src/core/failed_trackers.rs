//! Which trackers of a public torrent fail, and which of them may be removed. It asks nothing and counts nothing.

use super::model::{ApiVersion, Fact, Tracker, Unknown};
use super::unregistered::{Messages, TrackerVerdict, shown, tracker_verdict};

/// One tracker of a torrent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackerFinding {
    /// Its place in the list that was judged.
    pub index: usize,
    /// Its name for records ([`Tracker::key`]).
    pub key: String,
    /// Its host, for people.
    pub host: String,
    /// Whether it fails: status 4, 5 or 6. Unknown while it was not contacted, an announce is in flight, or the torrent is stopped.
    pub failing: Fact,
    /// Its text, fit for people.
    pub text: String,
    /// Whether another tracker of the torrent works or might, so that this failing one can be spared.
    pub is_removable: bool,
}

/// Judges every tracker of a torrent. A disabled one neither fails nor helps; of two rows with one address only the
/// first is judged.
///
/// While no tracker works or might, none is removable: the whole line may be down, and the torrent keeps them all.
pub fn failed_trackers(
    trackers: &[Tracker],
    api: ApiVersion,
    stopped: bool,
) -> Vec<TrackerFinding> {
    let messages = Messages::default();
    let verdicts: Vec<TrackerVerdict> = trackers
        .iter()
        .map(|tracker| tracker_verdict(tracker, api, &messages))
        .collect();
    let has_other = trackers
        .iter()
        .zip(&verdicts)
        .any(|(tracker, verdict)| !is_pseudo(tracker) && verdict.works_or_might());
    trackers
        .iter()
        .zip(&verdicts)
        .enumerate()
        .filter(|(index, (tracker, _))| !is_pseudo(tracker) && is_first(trackers, *index))
        .map(|(index, (tracker, verdict))| {
            let failing = is_failing(verdict, stopped);
            TrackerFinding {
                index,
                key: tracker.key(),
                host: tracker.host(),
                is_removable: has_other && failing.is_yes(),
                failing,
                text: shown(tracker),
            }
        })
        .collect()
}

/// Whether a verdict is a failure.
fn is_failing(verdict: &TrackerVerdict, stopped: bool) -> Fact {
    if stopped {
        return Fact::Unknown(Unknown::no_answer(
            "the torrent is stopped, its trackers are not asked",
        ));
    }
    match verdict {
        TrackerVerdict::Works => Fact::No,
        TrackerVerdict::Gone(_) | TrackerVerdict::Down(_) | TrackerVerdict::Other(_) => Fact::Yes,
        TrackerVerdict::Pending => Fact::Unknown(Unknown::no_answer("it has not answered yet")),
        TrackerVerdict::Disabled => Fact::Unknown(Unknown::no_answer("it is disabled")),
    }
}

/// The rows of DHT, PeX and LSD; clients leave them out, and one that slipped through is no tracker either.
fn is_pseudo(tracker: &Tracker) -> bool {
    tracker.url.starts_with("** [")
}

/// Whether no row before it has the same address.
fn is_first(trackers: &[Tracker], index: usize) -> bool {
    trackers[..index]
        .iter()
        .all(|other| other.url != trackers[index].url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, status: i64) -> Tracker {
        Tracker {
            url: format!("udp://{name}.example:6969/announce").into(),
            status,
            updating: false,
            message: "timed out".into(),
        }
    }

    /// `rows`: name and status; `expected`: one word per finding, "!" for removable.
    #[track_caller]
    fn check(rows: &[(&str, i64)], expected: &str) {
        let rows: Vec<Tracker> = rows.iter().map(|(n, s)| row(n, *s)).collect();
        check_rows(&rows, false, expected);
    }

    #[track_caller]
    fn check_rows(rows: &[Tracker], stopped: bool, expected: &str) {
        let found: Vec<String> = failed_trackers(rows, ApiVersion(2, 13, 0), stopped)
            .iter()
            .map(|finding| {
                let word = match &finding.failing {
                    Fact::Yes => "fails",
                    Fact::No => "works",
                    Fact::Unknown(_) => "unknown",
                };
                format!("{word}{}", if finding.is_removable { "!" } else { "" })
            })
            .collect();
        assert_eq!(found.join(" "), expected);
    }

    #[test]
    fn failing_one_beside_working_one_is_removable() {
        check(&[("a", 4), ("b", 2)], "fails! works");
        check(&[("a", 5), ("b", 6), ("c", 2)], "fails! fails! works");
    }

    #[test]
    fn failing_one_beside_one_that_might_work_is_removable() {
        check(&[("a", 4), ("b", 1)], "fails! unknown");
        check(&[("a", 4), ("b", 3)], "fails! unknown");
    }

    #[test]
    fn keeps_all_while_none_works() {
        check(&[("a", 4)], "fails");
        check(&[("a", 4), ("b", 5), ("c", 0)], "fails fails unknown");
        check(&[], "");
    }

    #[test]
    fn judges_an_address_once_and_no_pseudo_row() {
        check(&[("a", 4), ("a", 4), ("b", 2)], "fails! works");
        let mut pseudo = row("x", 2);
        pseudo.url = "** [DHT] **".into();
        check_rows(&[pseudo, row("a", 4)], false, "fails");
    }

    #[test]
    fn waits_for_announce_in_flight_and_for_stopped_torrent() {
        let mut in_flight = row("a", 4);
        in_flight.updating = true;
        check_rows(&[in_flight, row("b", 2)], false, "unknown works");
        check_rows(&[row("a", 4), row("b", 2)], true, "unknown unknown");
    }
}
