//! How a plan reads: what goes first, what is held back and by what, then remedies and outages, and at the end one
//! line for every item that stays.

use super::words::{bytes_text, counted, cut, width};
use super::{Change, Deletion, Guard, Held, Kept, KeptReason, Plan, Remedy, TrackerRemoval};
use crate::core::model::foreign::on_one_line;
use crate::core::state::Outage;
use std::collections::BTreeSet;
use std::fmt;

/// Names are cut at this many cells of a terminal where they stand in a column.
const WIDEST_NAME: usize = 44;

/// This many items that one outage holds back are listed; the rest is a number.
const MOST_OF_AN_OUTAGE: usize = 5;

impl fmt::Display for Deletion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "    {}", on_one_line(&self.name))?;
        if let Some(size) = self.size_bytes {
            write!(f, "  ({})", bytes_text(size))?;
        }
        write!(
            f,
            "\n      why: {}: {}",
            self.cause,
            on_one_line(&self.reason)
        )?;
        if let Some((have, most)) = self.failures {
            write!(f, " ({have} of {})", counted(most, "failure", "failures"))?;
        }
        match (&self.files_kept_because, self.delete_files) {
            (Some(why), _) => write!(f, "\n      files: stay, {}", on_one_line(why)),
            (None, true) => write!(f, "\n      files: deleted with it"),
            // A magnet of AllDebrid has no files of ours.
            (None, false) if self.item.is_magnet() => Ok(()),
            (None, false) => write!(f, "\n      files: stay"),
        }
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (have, most) = self.failures;
        write!(
            f,
            "    {:<10}  {}\n      why: {} {have} of {most}: {}",
            self.kind.word(),
            on_one_line(&self.name),
            self.ailment,
            on_one_line(&self.sign)
        )
    }
}

impl fmt::Display for TrackerRemoval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (have, most) = self.failures;
        write!(
            f,
            "    {}  of {}\n      why: failed_trackers {have} of {most}: {}",
            self.host,
            on_one_line(&self.name),
            on_one_line(&self.reason)
        )
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "    {:<10}  {}\n      why: rule {}: {}",
            self.kind.to_string(),
            on_one_line(&self.name),
            self.rule,
            on_one_line(&self.reason)
        )
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "    {}\n      why: {}: {}\n      held: {}",
            on_one_line(&self.name),
            self.cause,
            on_one_line(&self.reason),
            on_one_line(&self.guard.to_string())
        )
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&on_one_line(&self.name))?;
        write!(f, ": {}", self.why())
    }
}

impl Kept {
    /// Why it stays, on one line: what is nearest to deleting it first, nothing twice.
    pub fn why(&self) -> String {
        let mut reasons: Vec<&KeptReason> = self.reasons.iter().collect();
        reasons.sort_by_key(|reason| distance(reason));
        let is_plain =
            |reason: &&KeptReason| matches!(reason, KeptReason::Healthy | KeptReason::NothingAsks);
        if reasons.iter().any(|reason| !is_plain(reason)) {
            reasons.retain(|reason| !is_plain(reason));
        }
        let mut texts: Vec<String> = Vec::new();
        for reason in reasons {
            let text = on_one_line(&reason.to_string()).into_owned();
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts.join("; ")
    }
}

/// How far a reason is from a deletion; lower is nearer.
fn distance(reason: &KeptReason) -> u8 {
    match reason {
        KeptReason::Failing { .. } => 0,
        KeptReason::KeepsForEver(_) => 1,
        KeptReason::RuleWaits { .. } => 2,
        KeptReason::RuleLimit { .. } => 3,
        KeptReason::Guarded(_) => 4,
        KeptReason::TooYoung { .. } => 5,
        KeptReason::Unknown { .. } => 6,
        KeptReason::RuleNo { .. } => 7,
        KeptReason::Unfinished => 8,
        KeptReason::NotSelected(_) => 9,
        KeptReason::Healthy => 10,
        KeptReason::NothingAsks => 11,
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan {
            account,
            at: _,
            items,
            deletions,
            remedies,
            tracker_removals,
            changes,
            held,
            kept,
            outages_begun,
            outages_ended,
            absent_disks,
            warnings,
        } = self;
        writeln!(f, "{account}: {}", summary(self, *items))?;
        for warning in warnings {
            writeln!(f, "  warning: {}", on_one_line(warning))?;
        }
        for disk in absent_disks {
            writeln!(f, "  warning: {}", on_one_line(&disk.to_string()))?;
        }
        section(f, "Delete", deletions)?;
        held_section(f, held)?;
        section(f, "Remedies", remedies)?;
        section(f, "Trackers to remove", tracker_removals)?;
        section(f, "Other actions of rules", changes)?;
        outages(f, outages_begun, outages_ended)?;
        let treated: BTreeSet<_> = remedies.iter().map(|remedy| &remedy.item).collect();
        let kept: Vec<&Kept> = kept
            .iter()
            .filter(|kept| !treated.contains(&kept.item))
            .collect();
        kept_section(f, &kept)
    }
}

fn summary(plan: &Plan, items: usize) -> String {
    let mut text = counted(items, "item", "items");
    let others = plan.tracker_removals.len() + plan.changes.len();
    let parts = [
        (plan.deletions.len(), "to delete", "to delete"),
        (plan.held.len(), "held back", "held back"),
        (plan.remedies.len(), "remedy", "remedies"),
        (others, "other action", "other actions"),
    ];
    for (count, one, many) in parts.into_iter().filter(|(count, _, _)| *count > 0) {
        text += &format!(", {}", counted(count, one, many));
    }
    if plan.is_idle() && plan.held.is_empty() {
        text += ", nothing to do";
    }
    text
}

fn section(f: &mut fmt::Formatter<'_>, title: &str, lines: &[impl fmt::Display]) -> fmt::Result {
    if !lines.is_empty() {
        writeln!(f, "\n  {title}")?;
    }
    for line in lines {
        writeln!(f, "{line}")?;
    }
    Ok(())
}

/// Items of an outage can be hundreds, and all say the same.
fn held_section(f: &mut fmt::Formatter<'_>, held: &[Held]) -> fmt::Result {
    if held.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n  Held back")?;
    let mut listed = 0;
    let mut left_out = 0;
    for one in held {
        if matches!(one.guard, Guard::Outage { .. }) {
            listed += 1;
            if listed > MOST_OF_AN_OUTAGE {
                left_out += 1;
                continue;
            }
        }
        writeln!(f, "{one}")?;
    }
    if left_out > 0 {
        writeln!(f, "    … and {left_out} more of the same outage")?;
    }
    Ok(())
}

fn outages(f: &mut fmt::Formatter<'_>, begun: &[Outage], ended: &[Outage]) -> fmt::Result {
    if begun.is_empty() && ended.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n  Outages")?;
    for outage in begun {
        writeln!(f, "    begins  {}", on_one_line(&outage.to_string()))?;
    }
    for outage in ended {
        let scope = on_one_line(&outage.scope);
        writeln!(f, "    ends    {} ({scope})", outage.ailment)?;
    }
    Ok(())
}

fn kept_section(f: &mut fmt::Formatter<'_>, kept: &[&Kept]) -> fmt::Result {
    if kept.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n  Stay")?;
    let names: Vec<String> = kept
        .iter()
        .map(|kept| cut(&kept.name, WIDEST_NAME))
        .collect();
    let widest = names.iter().map(|name| width(name)).max().unwrap_or(0);
    for (name, one) in names.iter().zip(kept) {
        let gap = " ".repeat(widest - width(name));
        writeln!(f, "    {name}{gap}  {}", one.why())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::plan::KeptReason;

    fn kept(reasons: Vec<KeptReason>) -> String {
        Kept {
            item: "12".into(),
            name: "Film".to_owned(),
            reasons,
        }
        .why()
    }

    #[test]
    fn nearest_reason_comes_first_and_none_twice() {
        let failing = KeptReason::Failing {
            ailment: "errored",
            sign: "missingFiles".to_owned(),
            failures: (2, 5),
        };
        let why = kept(vec![
            KeptReason::Healthy,
            KeptReason::Unfinished,
            KeptReason::Unfinished,
            failing,
        ]);
        assert_eq!(why, "errored 2 of 5 (missingFiles); not complete");
        assert_eq!(
            kept(vec![KeptReason::Healthy, KeptReason::Healthy]),
            "healthy"
        );
    }

    #[test]
    fn deletions_say_what_becomes_of_files_where_there_are_any() {
        let mut deletion = Deletion {
            item: "a".repeat(40).into(),
            name: "Film".to_owned(),
            cause: crate::core::plan::Cause::Errored,
            reason: "seen 5 times: error".to_owned(),
            failures: Some((5, 5)),
            delete_files: false,
            files_kept_because: None,
            began: None,
            frees_bytes: 0,
            size_bytes: Some(3 << 30),
            added_on: None,
            ratio: None,
            progress: None,
            reannounce: false,
        };
        let head = "    Film  (3.0 GiB)\n      why: errored: seen 5 times: error (5 of 5 failures)";
        assert_eq!(deletion.to_string(), format!("{head}\n      files: stay"));
        deletion.delete_files = true;
        assert!(deletion.to_string().ends_with("files: deleted with it"));
        deletion.item = "403207307".into();
        deletion.delete_files = false;
        assert_eq!(deletion.to_string(), head);
    }
}
