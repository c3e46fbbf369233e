//! Warnings that were told already. What is wrong for long is told once, and again when a day has passed.

use crate::core::decide::Mode;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// After this long a warning is told again, so that it is found in the log of each day.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// What was told, by its gist, and when.
#[derive(Debug, Default)]
pub struct Told(BTreeMap<String, Timestamp>);

impl Told {
    /// Those of a cycle's warnings that are new. One that a full cycle does not have any more is forgotten; rule cycles
    /// do not look at everything.
    pub fn news<'w>(
        &mut self,
        warnings: &'w [String],
        mode: Mode,
        now: Timestamp,
    ) -> Vec<&'w String> {
        if let Mode::Full { .. } = mode {
            let holding: BTreeSet<String> = warnings.iter().map(|warning| gist(warning)).collect();
            self.0.retain(|gist, _| holding.contains(gist));
        }
        let is_new = |warning: &&String| {
            let told_at = self.0.get(&gist(warning));
            let is_new = told_at.is_none_or(|at| now.duration_since(*at) >= AGAIN_AFTER);
            if is_new {
                self.0.insert(gist(warning), now);
            }
            is_new
        };
        warnings.iter().filter(is_new).collect()
    }
}

/// The text without its numbers, which differ from cycle to cycle.
fn gist(warning: &str) -> String {
    warning.chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Mode = Mode::Full {
        adds: true,
        last_resorts: true,
    };

    /// Each cycle with its hour and its one warning, if any; expects the hours at which something was told.
    #[track_caller]
    fn check(cycles: &[(i64, Mode, &str)], expected: &[i64]) {
        let mut told = Told::default();
        let mut hours = Vec::new();
        for (hour, mode, warning) in cycles {
            let warnings: Vec<String> = Some((*warning).to_owned())
                .filter(|warning| !warning.is_empty())
                .into_iter()
                .collect();
            let now = Timestamp::from_second(hour * 3600).unwrap();
            if !told.news(&warnings, *mode, now).is_empty() {
                hours.push(*hour);
            }
        }
        assert_eq!(hours, expected);
    }

    #[test]
    fn warning_that_holds_is_told_once_whatever_its_numbers() {
        let cycles = [
            (0, FULL, "rule a failed on 3 items"),
            (1, Mode::Rules, "rule a failed on 4 items"),
            (2, FULL, "rule a failed on 5 items"),
        ];
        check(&cycles, &[0]);
    }

    #[test]
    fn warning_that_changes_or_comes_back_is_told() {
        check(
            &[(0, FULL, "a"), (1, FULL, "b"), (2, FULL, "a")],
            &[0, 1, 2],
        );
        check(&[(0, FULL, "a"), (1, FULL, ""), (2, FULL, "a")], &[0, 2]);
    }

    #[test]
    fn rule_cycle_without_a_warning_says_nothing_of_its_end() {
        check(
            &[(0, FULL, "a"), (1, Mode::Rules, ""), (2, FULL, "a")],
            &[0],
        );
    }

    #[test]
    fn warning_is_told_once_a_day() {
        check(
            &[
                (0, FULL, "a"),
                (23, FULL, "a"),
                (24, FULL, "a"),
                (25, FULL, "a"),
            ],
            &[0, 24],
        );
    }
}
