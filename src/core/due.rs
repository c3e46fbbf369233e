//! When an account's next cycle is due, and of which kind it is.

use super::decide::Mode;
use super::state::AccountState;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// The next cycle of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// When. Not later than now means at once.
    pub at: Timestamp,
    /// Of which kind.
    pub mode: Mode,
}

/// A gap of more than this many cycles means that the daemon was away.
const GAP_CYCLES: u32 = 3;

/// The next cycle by the state and by when rules last ran: full cycles keep their spacing across restarts, also those that
/// could not read; rule cycles go between them. A time in the future (a clock that jumped back) counts as now.
pub fn due(
    state: &AccountState,
    rules_at: Option<Timestamp>,
    cycle: Duration,
    rule_cycle: Duration,
    has_rules: bool,
    now: Timestamp,
) -> Due {
    let past = |at: Option<Timestamp>| at.map(|at| at.min(now));
    let full_at = match past(state.last_cycle_at.max(state.last_attempt_at)) {
        Some(last) => last + signed(cycle),
        None => now,
    };
    let full_at = full_at.max(state.left_alone_until.unwrap_or(full_at));
    let rules_at = match past(rules_at) {
        Some(last) => last + signed(rule_cycle),
        None => now,
    };
    let rules_at = rules_at.max(state.left_alone_until.unwrap_or(rules_at));
    if has_rules && rule_cycle < cycle && rules_at < full_at {
        return Due {
            at: rules_at,
            mode: Mode::Rules,
        };
    }
    Due {
        at: full_at,
        mode: full(state, cycle, full_at.max(now)),
    }
}

/// The kind of a full cycle that runs at `at`: after a long gap it has no last resorts; soon after another one (asked for
/// by a person) it adds no failures.
pub fn full(state: &AccountState, cycle: Duration, at: Timestamp) -> Mode {
    let Some(last) = state.last_cycle_at else {
        return Mode::Full {
            adds: true,
            last_resorts: true,
        };
    };
    let since = at.duration_since(last);
    let is_soon = since >= SignedDuration::ZERO && since < signed(cycle / 2);
    let was_away = since > signed(cycle.saturating_mul(GAP_CYCLES));
    let could_not_read = state.last_attempt_at.is_some_and(|attempt| {
        at.duration_since(attempt) <= signed(cycle.saturating_mul(GAP_CYCLES))
    });
    let is_away = was_away && !could_not_read;
    // One that is asked for soon after that gives remedies no more time than the first.
    let is_still_the_first = is_soon && state.after_gap;
    Mode::Full {
        adds: !is_soon,
        last_resorts: !(state.was_away || is_away || is_still_the_first),
    }
}

/// The kind of a full cycle that `run --once` asks for: it has last resorts after a gap, too. With it comes how long ago the
/// last one was, where that is so soon that it adds no failures.
pub fn once(state: &AccountState, cycle: Duration, at: Timestamp) -> (Mode, Option<Duration>) {
    let adds = full(state, cycle, at).adds();
    let mode = Mode::Full {
        adds,
        last_resorts: true,
    };
    let since = state.last_cycle_at.map(|last| at.duration_since(last));
    let since = since.and_then(|since| Duration::try_from(since).ok());
    (mode, since.filter(|_| !adds))
}

fn signed(duration: Duration) -> SignedDuration {
    // A century is longer than any cycle, and still added without overflow.
    SignedDuration::try_from(duration)
        .unwrap_or(SignedDuration::MAX)
        .min(SignedDuration::from_hours(24 * 36_500))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF_HOUR: Duration = Duration::from_secs(1800);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn state(last_cycle: Option<i64>, last_rules: Option<i64>) -> AccountState {
        AccountState {
            last_cycle_at: last_cycle.map(at),
            last_rules_at: last_rules.map(at),
            ..AccountState::default()
        }
    }

    fn next(state: &AccountState, rule_cycle: Duration, has_rules: bool, now: i64) -> Due {
        let rules_at = state.last_rules_at;
        due(state, rules_at, HALF_HOUR, rule_cycle, has_rules, at(now))
    }

    #[test]
    fn first_cycle_is_due_at_once() {
        let due = next(&state(None, None), HALF_HOUR, true, 5000);
        assert_eq!(
            due,
            Due {
                at: at(5000),
                mode: Mode::Full {
                    adds: true,
                    last_resorts: true
                }
            }
        );
    }

    #[test]
    fn spacing_survives_a_restart_also_of_cycles_that_could_not_read() {
        assert_eq!(
            next(&state(Some(1000), None), HALF_HOUR, false, 1010).at,
            at(2800)
        );
        let tried = AccountState {
            last_attempt_at: Some(at(2000)),
            ..state(Some(1000), None)
        };
        assert_eq!(next(&tried, HALF_HOUR, false, 2100).at, at(3800));
    }

    #[test]
    fn rule_cycles_go_between_full_ones() {
        let ten = Duration::from_secs(10);
        assert_eq!(
            next(&state(Some(1000), Some(1000)), ten, true, 1003),
            Due {
                at: at(1010),
                mode: Mode::Rules
            }
        );
        assert!(matches!(
            next(&state(Some(1000), Some(2795)), ten, true, 2796).mode,
            Mode::Full { .. }
        ));
        assert_eq!(
            next(&state(Some(1000), Some(1000)), ten, false, 1003).at,
            at(2800)
        );
    }

    #[test]
    fn account_is_left_alone_as_long_as_asked() {
        let state = AccountState {
            left_alone_until: Some(at(9000)),
            ..state(Some(1000), Some(1000))
        };
        assert_eq!(
            next(&state, Duration::from_secs(10), true, 3000).at,
            at(9000)
        );
    }

    #[test]
    fn cycle_soon_after_the_last_adds_no_failures() {
        let state = state(Some(1000), None);
        assert_eq!(
            full(&state, HALF_HOUR, at(1899)),
            Mode::Full {
                adds: false,
                last_resorts: true
            }
        );
        assert_eq!(
            full(&state, HALF_HOUR, at(1900)),
            Mode::Full {
                adds: true,
                last_resorts: true
            }
        );
    }

    #[test]
    fn first_cycle_after_a_gap_has_no_last_resorts() {
        let state = state(Some(1000), None);
        assert_eq!(
            full(&state, HALF_HOUR, at(1000 + 5400)),
            Mode::Full {
                adds: true,
                last_resorts: true
            }
        );
        assert_eq!(
            full(&state, HALF_HOUR, at(1000 + 5401)),
            Mode::Full {
                adds: true,
                last_resorts: false
            }
        );
        let tried = AccountState {
            last_attempt_at: Some(at(6000)),
            ..state.clone()
        };
        assert_eq!(
            full(&tried, HALF_HOUR, at(7000)),
            Mode::Full {
                adds: true,
                last_resorts: true
            }
        );
    }

    #[test]
    fn cycle_that_is_asked_for_soon_after_a_gap_has_no_last_resorts_either() {
        let state = AccountState {
            after_gap: true,
            ..state(Some(1000), None)
        };
        for (second, adds, last_resorts) in [(1899, false, false), (1900, true, true)] {
            let expected = Mode::Full { adds, last_resorts };
            assert_eq!(full(&state, HALF_HOUR, at(second)), expected, "{second}");
        }
        let (mode, soon) = once(&state, HALF_HOUR, at(1010));
        assert_eq!(soon, Some(Duration::from_secs(10)));
        assert!(matches!(
            mode,
            Mode::Full {
                adds: false,
                last_resorts: true
            }
        ));
        assert_eq!(once(&state, HALF_HOUR, at(1900)).1, None);
    }

    #[test]
    fn first_cycle_that_can_read_after_a_gap_has_no_last_resorts() {
        let state = AccountState {
            last_attempt_at: Some(at(90_000)),
            was_away: true,
            ..state(Some(1000), None)
        };
        assert_eq!(
            full(&state, HALF_HOUR, at(91_800)),
            Mode::Full {
                adds: true,
                last_resorts: false
            }
        );
    }

    #[test]
    fn clock_that_jumped_back_delays_no_longer_than_a_cycle() {
        assert_eq!(
            next(&state(Some(99_000), None), HALF_HOUR, false, 1000).at,
            at(2800)
        );
    }
}
