//! How `seedwarden status` reads.

use crate::cli::columns::{Cell, columns};
use crate::cli::daemon::Daemon;
use crate::cli::paint::Paint;
use crate::core::plan::{bytes_text, counted, cut, duration_text, on_one_line};
use crate::core::status::{AccountStatus, Failing, LastDay, Running, Status};
use jiff::Timestamp;
use std::path::Path;
use std::time::Duration;

/// Failures are drawn in bars of at most this many cells.
const WIDEST_BAR: u32 = 10;

/// Names are cut at this many characters.
const WIDEST_NAME: usize = 40;

/// What is to be told, and how.
pub(super) struct View<'a> {
    pub status: &'a Status,
    pub paint: Paint,
    /// Most lines of one list.
    pub most: usize,
    pub now: Timestamp,
}

impl View<'_> {
    pub fn text(&self, folder: &Path, daemon: &Daemon) -> String {
        let Status {
            at: _,
            accounts,
            failing,
            old_counts,
            timers,
            treatments,
            outages,
            undelivered,
            unsettled,
            last_day,
        } = self.status;
        let daemon = match daemon {
            Daemon::Runs(holder) => self.paint.green(&format!("runs ({holder})")),
            Daemon::Absent => self.paint.yellow("does not run"),
            Daemon::Unknown => "unknown".to_owned(),
        };
        let mut text = format!("Daemon: {daemon}\nState folder: {}\n", folder.display());
        self.section(&mut text, "Accounts", accounts, |a| self.account(a));
        self.section(&mut text, "Outages", outages, |one| {
            let outage = &one.outage;
            let items = counted(outage.items.len(), "item", "items");
            let what = format!("{items} {} ({})", outage.ailment, outage.scope);
            vec![
                one.account.to_string().into(),
                Cell::painted(what, |text| self.paint.yellow(text)),
                format!("since {}", self.ago(outage.since)).into(),
                format!("`seedwarden accept {}` ends it", one.account).into(),
            ]
        });
        self.section(
            &mut text,
            "Failures, nearest to their limit first",
            failing,
            |f| self.failing(f),
        );
        self.section(
            &mut text,
            "Counts of an old retry_counts.json, for the AllDebrid account that lists the magnet",
            old_counts,
            |one| {
                let failures = counted(one.failures as usize, "failure", "failures");
                vec![format!("magnet {}", one.item).into(), failures.into()]
            },
        );
        self.section(&mut text, "Rule timers", timers, |t| self.timer(t));
        self.section(&mut text, "Treatments", treatments, |one| {
            let what = if one.found_incomplete {
                "found incomplete, stays stopped until its data is back"
            } else {
                "recheck under way"
            };
            vec![
                one.account.to_string().into(),
                cut(one.item.as_str(), 12).into(),
                what.into(),
                format!("since {}", self.ago(one.since)).into(),
            ]
        });
        self.section(&mut text, "Notices not delivered", undelivered, |one| {
            let oldest = one.oldest_at.map(|at| format!("oldest {}", self.ago(at)));
            vec![
                format!("webhook {}", one.webhook).into(),
                counted(one.notices, "notice", "notices").into(),
                oldest.unwrap_or_default().into(),
            ]
        });
        if *unsettled > 0 {
            let sent = counted(*unsettled, "deletion", "deletions");
            text += &format!("\n{sent} sent, with no settled outcome yet\n");
        }
        text += &format!(
            "\n{}\n  {}\n",
            self.paint.bold("Last 24 hours"),
            day(last_day)
        );
        text
    }

    fn section<T>(
        &self,
        text: &mut String,
        title: &str,
        items: &[T],
        row: impl Fn(&T) -> Vec<Cell>,
    ) {
        if items.is_empty() {
            return;
        }
        let rows: Vec<Vec<Cell>> = items.iter().take(self.most).map(row).collect();
        text.push_str(&format!("\n{}\n", self.paint.bold(title)));
        for line in columns(&rows) {
            text.push_str(&format!("{line}\n"));
        }
        if items.len() > self.most {
            text.push_str(&format!(
                "  … and {} more (--all)\n",
                items.len() - self.most
            ));
        }
    }

    fn account(&self, account: &AccountStatus) -> Vec<Cell> {
        let last = match (account.last_cycle_at, account.is_unreadable) {
            (_, true) => {
                let at = account.last_attempt_at.map(|at| self.ago(at));
                let text = format!("could not be read {}", at.unwrap_or_default());
                Cell::painted(text, |text| self.paint.red(text))
            }
            (Some(at), false) => format!("last cycle {}", self.ago(at)).into(),
            (None, false) => "never read".into(),
        };
        let next = if account.next_cycle_at <= self.now {
            "next one due".to_owned()
        } else {
            format!("next one in {}", self.until(account.next_cycle_at))
        };
        let mut counts = Vec::new();
        if account.failing > 0 {
            counts.push(format!("{} failing", account.failing));
        }
        if account.timers > 0 {
            counts.push(counted(account.timers, "timer", "timers"));
        }
        if account.left_alone_until.is_some() {
            counts.push("left alone until then".to_owned());
        }
        vec![
            account.account.to_string().into(),
            account.service.into(),
            last,
            next.into(),
            counts.join(", ").into(),
        ]
    }

    fn failing(&self, one: &Failing) -> Vec<Cell> {
        let bar = match one.max_failures {
            Some(most) => self.bar(one.failures, most),
            None => format!("{} (switched off)", one.failures).into(),
        };
        let ailment = match &one.tracker {
            Some(tracker) => format!("{} {}", one.ailment, on_one_line(tracker)),
            None => one.ailment.to_owned(),
        };
        vec![
            one.account.to_string().into(),
            cut(&one.name, WIDEST_NAME).into(),
            bar,
            ailment.into(),
            cut(&one.last_status, WIDEST_NAME).into(),
            one.since
                .map_or(String::new(), |at| format!("since {}", self.ago(at)))
                .into(),
        ]
    }

    /// `███░░ 3 of 5`; red when the next sighting is the last.
    fn bar(&self, have: u32, most: u32) -> Cell {
        let cells = most.clamp(1, WIDEST_BAR);
        let full = (u64::from(have.min(most)) * u64::from(cells)).div_ceil(u64::from(most.max(1)));
        let full = usize::try_from(full).unwrap_or(0);
        let empty = (cells as usize).saturating_sub(full);
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(empty));
        let text = format!("{bar} {have} of {most}");
        if have.saturating_add(1) >= most {
            Cell::painted(text, |text| self.paint.red(text))
        } else {
            text.into()
        }
    }

    fn timer(&self, timer: &Running) -> Vec<Cell> {
        let held = duration_text(since(timer.since, self.now));
        let of = match timer.for_seconds {
            Some(seconds) => format!("{held} of {}", duration_text(Duration::from_secs(seconds))),
            None => held,
        };
        vec![
            timer.account.to_string().into(),
            cut(&timer.name, WIDEST_NAME).into(),
            format!("rule {}", timer.rule).into(),
            of.into(),
        ]
    }

    fn ago(&self, at: Timestamp) -> String {
        format!("{} ago", duration_text(since(at, self.now)))
    }

    fn until(&self, at: Timestamp) -> String {
        duration_text(since(self.now, at))
    }
}

fn since(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or(Duration::ZERO)
}

fn day(day: &LastDay) -> String {
    let LastDay {
        deleted,
        freed_bytes,
        not_deleted,
        retried,
        recovered,
        restored,
    } = day;
    let mut parts = vec![
        format!(
            "{} retried, {recovered} recovered",
            counted(*retried, "item", "items")
        ),
        format!("{deleted} deleted ({} freed)", bytes_text(*freed_bytes)),
    ];
    if *not_deleted > 0 {
        let deletions = counted(*not_deleted, "deletion", "deletions");
        parts.push(format!("{deletions} refused or saved"));
    }
    if *restored > 0 {
        parts.push(format!("{restored} restored"));
    }
    parts.join(", ")
}
