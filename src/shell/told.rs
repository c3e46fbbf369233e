//! Warnings that were told already. What is wrong for long is told once, and again when a day has passed.

mod tell;

use crate::core::decide::Mode;
use crate::core::model::ItemId;
use crate::core::plan::AbsentDisk;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// After this long a warning is told again, so that it is found in the log of each day.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// What was told, and when.
#[derive(Debug, Default)]
pub struct Told {
    /// Warnings of plans, by their gist.
    warnings: BTreeMap<String, Timestamp>,
    /// Save paths whose disk is not there.
    absent_disks: BTreeMap<Box<str>, Timestamp>,
    /// Torrents whose links are unknown.
    unknown_links: BTreeSet<ItemId>,
    /// Actions that failed.
    failures: BTreeMap<String, Timestamp>,
}

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
            self.warnings.retain(|gist, _| holding.contains(gist));
        }
        let known = &mut self.warnings;
        let news = warnings
            .iter()
            .filter(|warning| note(known, gist(warning), now));
        news.collect()
    }

    /// Those of a cycle's absent disks that are new, and the save paths for which no torrent waits any more. Only full
    /// cycles look for disks.
    pub fn disks<'d>(
        &mut self,
        absent: &'d [AbsentDisk],
        mode: Mode,
        now: Timestamp,
    ) -> (Vec<&'d AbsentDisk>, Vec<Box<str>>) {
        let known = &mut self.absent_disks;
        let mut over: Vec<Box<str>> = Vec::new();
        if let Mode::Full { .. } = mode {
            let is_over = |path: &str| absent.iter().all(|disk| *disk.save_path != *path);
            over = known.keys().filter(|path| is_over(path)).cloned().collect();
            known.retain(|path, _| !over.contains(path));
        }
        let new = absent
            .iter()
            .filter(|disk| note(known, disk.save_path.clone(), now));
        (new.collect(), over)
    }

    /// Whether this failure of an action was not told within a day. The key names action, item and answer.
    pub fn is_new(&mut self, key: &str, now: Timestamp) -> bool {
        self.failures.retain(|_, at| !is_old(*at, now));
        note(&mut self.failures, key.to_owned(), now)
    }
}

/// Notes it as told now, if it is not known or old.
fn note<K: Ord>(known: &mut BTreeMap<K, Timestamp>, text: K, now: Timestamp) -> bool {
    let is_new = known.get(&text).is_none_or(|at| is_old(*at, now));
    if is_new {
        known.insert(text, now);
    }
    is_new
}

fn is_old(told_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(told_at) >= AGAIN_AFTER
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

    #[test]
    fn failure_of_an_action_is_told_once_a_day_and_each_answer_anew() {
        let at = |hour: i64| Timestamp::from_second(hour * 3600).unwrap();
        let mut told = Told::default();
        assert!(told.is_new("tag a: refused", at(0)));
        assert!(told.is_new("tag b: refused", at(0)));
        assert!(!told.is_new("tag a: refused", at(23)));
        assert!(told.is_new("tag a: no answer", at(23)));
        assert!(told.is_new("tag a: refused", at(24)));
    }

    /// Save paths of the disks that are absent in a cycle of this hour; expects the hours of news, and those of ends.
    #[track_caller]
    fn check_disks(cycles: &[(i64, Mode, &[&str])], news: &[i64], ends: &[i64]) {
        let mut told = Told::default();
        let (mut new_at, mut over_at) = (Vec::new(), Vec::new());
        for (hour, mode, paths) in cycles {
            let disk = |path: &&str| AbsentDisk {
                save_path: (*path).into(),
                why: "empty".to_owned(),
                torrents: 3,
            };
            let disks: Vec<AbsentDisk> = paths.iter().map(disk).collect();
            let now = Timestamp::from_second(hour * 3600).unwrap();
            let (new, over) = told.disks(&disks, *mode, now);
            new_at.extend(new.iter().map(|_| *hour));
            over_at.extend(over.iter().map(|_| *hour));
        }
        assert_eq!((&*new_at, &*over_at), (news, ends));
    }

    #[test]
    fn absent_disk_is_told_when_it_begins_once_a_day_and_when_it_is_over() {
        let gone: &[&str] = &["/a"];
        check_disks(
            &[
                (0, FULL, gone),
                (1, FULL, gone),
                (1, Mode::Rules, &[]),
                (24, FULL, gone),
                (25, FULL, &[]),
                (26, FULL, &[]),
                (27, FULL, gone),
            ],
            &[0, 24, 27],
            &[25],
        );
    }

    #[test]
    fn second_disk_is_news_of_its_own() {
        check_disks(
            &[
                (0, FULL, &["/a"]),
                (1, FULL, &["/a", "/b"]),
                (2, FULL, &["/b"]),
            ],
            &[0, 1],
            &[2],
        );
    }
}
