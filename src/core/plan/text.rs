//! How a plan reads.

use super::{Deletion, Held, Kept, Plan, Remedy};
use std::fmt;
use std::time::Duration;

/// Bytes for people: `12.3 GiB`.
pub fn bytes_text(bytes: i64) -> String {
    bytesize::ByteSize(u64::try_from(bytes).unwrap_or(0))
        .display()
        .iec()
        .to_string()
}

/// A duration for people, in whole seconds: `2days 3h`. At most two units, so that it can be read at a glance.
pub fn duration_text(duration: Duration) -> String {
    let seconds = duration.as_secs().max(1);
    let text = humantime::format_duration(Duration::from_secs(seconds)).to_string();
    text.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

impl fmt::Display for Deletion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "delete  {}", self.name)?;
        if let Some(size) = self.size_bytes {
            write!(f, " ({})", bytes_text(size))?;
        }
        write!(f, "\n        why: {}: {}", self.cause, self.reason)?;
        match (&self.files_kept_because, self.delete_files) {
            (Some(why), _) => write!(f, "\n        files stay: {why}"),
            (None, true) => write!(f, "\n        with its files"),
            (None, false) => write!(f, "\n        the files stay"),
        }
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (have, most) = self.failures;
        write!(
            f,
            "{:<10} {}\n        why: {} {have} of {most} ({})",
            self.kind.word(),
            self.name,
            self.ailment,
            self.sign
        )
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "held    {}\n        wanted by: {}: {}\n        held by: {}",
            self.name, self.cause, self.reason, self.guard
        )
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "keep    {}: ", self.name)?;
        for (place, reason) in self.reasons.iter().enumerate() {
            write!(f, "{}{reason}", if place == 0 { "" } else { "; " })?;
        }
        Ok(())
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
            warnings,
        } = self;
        writeln!(
            f,
            "{account}: {items} items, {} to delete, {} held back, {} remedies, {} other actions",
            deletions.len(),
            held.len(),
            remedies.len(),
            tracker_removals.len() + changes.len()
        )?;
        for warning in warnings {
            writeln!(f, "  warning {warning}")?;
        }
        for outage in outages_begun {
            writeln!(
                f,
                "  outage  {} items {} together ({})",
                outage.items.len(),
                outage.ailment,
                outage.scope
            )?;
        }
        for outage in outages_ended {
            writeln!(
                f,
                "  outage of {} ({}) is over",
                outage.ailment, outage.scope
            )?;
        }
        for deletion in deletions {
            writeln!(f, "  {deletion}")?;
        }
        for held in held {
            writeln!(f, "  {held}")?;
        }
        for remedy in remedies {
            writeln!(f, "  {remedy}")?;
        }
        for removal in tracker_removals {
            writeln!(
                f,
                "  remove tracker {} of {}\n        why: {}",
                removal.host, removal.name, removal.reason
            )?;
        }
        for change in changes {
            writeln!(
                f,
                "  {}  {}\n        why: rule {}: {}",
                change.kind, change.name, change.rule, change.reason
            )?;
        }
        for kept in kept {
            writeln!(f, "  {kept}")?;
        }
        Ok(())
    }
}
