//! `for`: how long a rule has matched an item without a break. Plain functions; the times are kept in the state.
//!
//! A cycle first judges with the timers as they were, then samples. So a rule that begins to match is first
//! remembered, and acts when a later cycle finds that more than `for` has passed since.

use std::time::Duration;

use jiff::Timestamp;

use super::condition::Outcome;

/// Samples may be missing for this many rule cycles; after a longer gap nobody knows whether a rule went on matching.
const MOST_MISSED: u32 = 3;

/// Whether a rule that matches since `since` has done so for longer than `hold_for`, strictly, as Vertex counts.
pub fn has_held(since: Option<Timestamp>, now: Timestamp, hold_for: Duration) -> bool {
    let Some(since) = since else {
        return false;
    };
    Duration::try_from(now.duration_since(since)).is_ok_and(|held| held > hold_for)
}

/// The start after a sample: kept or set while the rule matches, forgotten when it does not, failed, or is unknown.
/// A start in the future, from a clock that was wrong, is replaced.
pub fn sampled(since: Option<Timestamp>, outcome: Outcome, now: Timestamp) -> Option<Timestamp> {
    match outcome {
        Outcome::Yes => Some(since.filter(|since| *since <= now).unwrap_or(now)),
        Outcome::No | Outcome::Unknown | Outcome::Error => None,
    }
}

/// Whether so much time has passed since the last sample that all starts must be forgotten before judging.
pub fn is_gap(last_sample: Option<Timestamp>, now: Timestamp, rule_cycle: Duration) -> bool {
    let Some(last_sample) = last_sample else {
        return true;
    };
    match Duration::try_from(now.duration_since(last_sample)) {
        Ok(passed) => passed > rule_cycle.saturating_mul(MOST_MISSED),
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("in range")
    }

    #[test]
    fn holding_is_strictly_longer() {
        let minute = Duration::from_secs(60);
        assert!(!has_held(None, at(100), Duration::ZERO));
        assert!(!has_held(Some(at(0)), at(60), minute));
        assert!(has_held(Some(at(0)), at(61), minute));
        assert!(!has_held(Some(at(100)), at(100), Duration::ZERO));
        assert!(!has_held(Some(at(200)), at(100), Duration::ZERO));
    }

    #[test]
    fn a_start_is_kept_while_the_rule_matches() {
        assert_eq!(sampled(None, Outcome::Yes, at(5)), Some(at(5)));
        assert_eq!(sampled(Some(at(1)), Outcome::Yes, at(5)), Some(at(1)));
        assert_eq!(sampled(Some(at(9)), Outcome::Yes, at(5)), Some(at(5)));
        for outcome in [Outcome::No, Outcome::Unknown, Outcome::Error] {
            assert_eq!(sampled(Some(at(1)), outcome, at(5)), None);
        }
    }

    #[test]
    fn more_than_three_rule_cycles_are_a_gap() {
        let cycle = Duration::from_secs(10);
        assert!(!is_gap(Some(at(0)), at(30), cycle));
        assert!(is_gap(Some(at(0)), at(31), cycle));
        assert!(is_gap(Some(at(50)), at(31), cycle));
        assert!(is_gap(None, at(31), cycle));
    }
}
