//! Counting failures: the one idea for every kind of trouble.

use crate::core::model::{Fact, Unknown};
use crate::core::state::Failures;
use jiff::{SignedDuration, Timestamp};

/// What was seen of one ailment in one cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    /// Whether the sign shows.
    pub sign: Fact,
    /// The sign in words (a state, a status, a tracker's message), without addresses.
    pub status: String,
    /// It is certainly well: without the sign, and not under treatment.
    pub well: bool,
    /// Being well once is enough (a magnet that is ready).
    pub well_at_once: bool,
}

impl Sight {
    /// The sign shows.
    pub fn sick(status: impl Into<String>) -> Sight {
        Sight {
            sign: Fact::Yes,
            status: status.into(),
            well: false,
            well_at_once: false,
        }
    }

    /// The sign does not show, and nothing is left to wait for.
    pub fn well() -> Sight {
        Sight {
            sign: Fact::No,
            status: String::new(),
            well: true,
            well_at_once: false,
        }
    }

    /// Neither sick nor well yet: nothing changes.
    pub fn between(status: impl Into<String>) -> Sight {
        Sight {
            sign: Fact::No,
            status: status.into(),
            well: false,
            well_at_once: false,
        }
    }

    /// Nobody can say.
    pub fn unknown(why: Unknown) -> Sight {
        Sight {
            sign: Fact::Unknown(why),
            status: String::new(),
            well: false,
            well_at_once: false,
        }
    }
}

/// What follows from a sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Nothing,
    /// Try the remedy.
    Remedy,
    /// The limit is reached.
    LastResort,
}

/// How a sight is counted.
#[derive(Debug, Clone, Copy)]
pub struct Counting {
    /// The cycle's time.
    pub now: Timestamp,
    /// The sighting at which the last resort is due.
    pub max_failures: u32,
    /// Whether this cycle adds failures (one that follows the last within half a cycle does not).
    pub adds: bool,
}

/// The new count, and what follows. `None` means that nothing is kept of this ailment.
pub fn count(
    before: Option<&Failures>,
    sight: &Sight,
    counting: Counting,
) -> (Option<Failures>, Step) {
    match sight.sign {
        Fact::Yes if !counting.adds => {
            let failures = before.map_or(0, |f| f.failures);
            (before.cloned(), next_step(failures, counting))
        }
        Fact::Yes => {
            let (failures, step) = one_more(before, sight, counting);
            (Some(failures), step)
        }
        Fact::No if sight.well => (recovering(before, sight), Step::Nothing),
        Fact::No | Fact::Unknown(_) => {
            let kept = before.map(|f| Failures {
                well_once: false,
                ..f.clone()
            });
            (kept, Step::Nothing)
        }
    }
}

fn one_more(before: Option<&Failures>, sight: &Sight, counting: Counting) -> (Failures, Step) {
    let mut after = before.cloned().unwrap_or_default();
    after.well_once = false;
    after.last_status = sight.status.clone();
    if after.failures == 0 {
        after.since = Some(counting.now);
    }
    if after.remedy_refused {
        after.remedy_refused = false;
    } else {
        // A limit that was lowered does not lower the count.
        let one_more = after.failures.saturating_add(1).min(counting.max_failures);
        after.failures = after.failures.max(one_more);
    }
    let step = next_step(after.failures, counting);
    (after, step)
}

fn next_step(failures: u32, counting: Counting) -> Step {
    if failures >= counting.max_failures {
        Step::LastResort
    } else {
        Step::Remedy
    }
}

fn recovering(before: Option<&Failures>, sight: &Sight) -> Option<Failures> {
    let before = before?;
    if sight.well_at_once || before.well_once {
        return None;
    }
    Some(Failures {
        well_once: true,
        ..before.clone()
    })
}

/// Whether the daily remedy of an item that is kept for ever (or guarded at its limit) is due.
pub fn daily_remedy_is_due(failures: &Failures, now: Timestamp) -> bool {
    failures
        .remedy_at
        .is_none_or(|at| now.duration_since(at) >= SignedDuration::from_hours(24))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Runs the sights one by one and gives the count after each with what followed: "2r" is two failures and a remedy.
    fn run(max_failures: u32, sights: &[Sight]) -> Vec<String> {
        let mut failures = None;
        let mut seen = Vec::new();
        for (cycle, sight) in sights.iter().enumerate() {
            let counting = Counting {
                now: at(cycle as i64),
                max_failures,
                adds: true,
            };
            let (after, step) = count(failures.as_ref(), sight, counting);
            let mark = match step {
                Step::Nothing => "",
                Step::Remedy => "r",
                Step::LastResort => "!",
            };
            seen.push(format!(
                "{}{mark}",
                after
                    .as_ref()
                    .map_or("-".into(), |f| f.failures.to_string())
            ));
            failures = after;
        }
        seen
    }

    #[test]
    fn fifth_sighting_is_the_last_after_four_remedies() {
        let sick = || Sight::sick("error");
        assert_eq!(
            run(5, &[sick(), sick(), sick(), sick(), sick(), sick()]),
            ["1r", "2r", "3r", "4r", "5!", "5!"]
        );
        assert_eq!(run(1, &[sick()]), ["1!"]);
    }

    #[test]
    fn count_is_dropped_when_well_twice_in_a_row() {
        let (sick, well) = (|| Sight::sick("error"), Sight::well);
        assert_eq!(
            run(5, &[sick(), well(), well(), sick()]),
            ["1r", "1", "-", "1r"]
        );
        assert_eq!(
            run(5, &[sick(), well(), sick(), well()]),
            ["1r", "1", "2r", "2"]
        );
        assert_eq!(
            run(
                5,
                &[
                    sick(),
                    well(),
                    Sight::unknown(Unknown::not_read("?")),
                    well(),
                    well()
                ]
            ),
            ["1r", "1", "1", "1", "-"]
        );
    }

    #[test]
    fn ready_magnet_is_well_at_once_and_a_queued_one_not_yet() {
        let ready = Sight {
            well_at_once: true,
            ..Sight::well()
        };
        assert_eq!(
            run(5, &[Sight::sick("error"), Sight::between("active"), ready]),
            ["1r", "1", "-"]
        );
    }

    #[test]
    fn unknown_counts_nothing_and_forgets_nothing() {
        assert_eq!(
            run(
                3,
                &[
                    Sight::unknown(Unknown::not_read("?")),
                    Sight::sick("e"),
                    Sight::unknown(Unknown::not_read("?")),
                    Sight::sick("e")
                ]
            ),
            ["-", "1r", "1", "2r"]
        );
    }

    /// One more sighting of an item that failed so often; in an extra cycle unless it `adds`.
    fn next(before: Failures, max_failures: u32, adds: bool) -> (Failures, Step) {
        let counting = Counting {
            now: at(9),
            max_failures,
            adds,
        };
        let (after, step) = count(Some(&before), &Sight::sick("error"), counting);
        (after.unwrap(), step)
    }

    fn failed(failures: u32) -> Failures {
        Failures {
            failures,
            ..Failures::default()
        }
    }

    #[test]
    fn count_does_not_fall_when_its_limit_is_lowered() {
        let (after, step) = next(failed(4), 2, true);
        assert_eq!((after.failures, step), (4, Step::LastResort));
    }

    #[test]
    fn sighting_after_a_refused_remedy_does_not_count() {
        let before = Failures {
            remedy_refused: true,
            ..failed(2)
        };
        let (after, step) = next(before, 5, true);
        assert_eq!(
            (after.failures, after.remedy_refused, step),
            (2, false, Step::Remedy)
        );
    }

    #[test]
    fn extra_cycle_adds_nothing_and_does_what_is_due() {
        let (after, step) = next(failed(4), 5, false);
        assert_eq!((after.failures, step), (4, Step::Remedy));
        let (after, step) = next(failed(5), 5, false);
        assert_eq!((after.failures, step), (5, Step::LastResort));
        let refused = Failures {
            remedy_refused: true,
            ..failed(2)
        };
        assert!(next(refused, 5, false).0.remedy_refused);
    }

    #[test]
    fn daily_remedy_waits_a_day() {
        let mut failures = Failures::default();
        assert!(daily_remedy_is_due(&failures, at(0)));
        failures.remedy_at = Some(at(0));
        assert!(!daily_remedy_is_due(&failures, at(86_399)));
        assert!(daily_remedy_is_due(&failures, at(86_400)));
    }
}
