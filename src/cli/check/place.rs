//! The state folder: whether it could be written, found out without writing.

use super::report::Report;
use crate::cli::daemon::Daemon;
use crate::config::paths;
use crate::ports::Ports;
use crate::shell::store::Note;
use crate::shell::{ledger, store};
use rustix::fs::{Access, access};
use std::path::Path;

/// Checks the folder, and that what is in it can be read.
pub async fn state(report: &mut Report, folder: &Path, ports: &Ports) {
    let shown = folder.display();
    match access_of(folder) {
        Ok(is_there) => {
            let head = if is_there {
                format!("{shown}: writable")
            } else {
                format!("{shown}: not there yet, will be made")
            };
            let daemon = match Daemon::of(folder) {
                Daemon::Runs(holder) => format!("a daemon works in it ({holder})"),
                Daemon::Absent => "no daemon runs".to_owned(),
                Daemon::Unknown => "whether a daemon runs is unknown".to_owned(),
            };
            report.ok("state folder", &format!("{head}, {daemon}"));
        }
        // Before the first start not even the service's own user could make it.
        Err(why) if paths::is_of_service(folder) && !folder.exists() => report.warning(
            "state folder",
            &format!("{shown}: not there yet, is made when the service starts ({why})"),
        ),
        Err(why) => report.broken("state folder", &why),
    }
    let now = ports.clock.now();
    match store::read(&*ports.disk, folder, now).await {
        Ok(loaded) => {
            for note in &loaded.notes {
                if matches!(note, Note::Unreadable { .. }) {
                    report.broken("state file", &note.to_string());
                }
            }
        }
        Err(error) => report.broken("state file", &error.to_string()),
    }
    if let Err(error) = ledger::read(&*ports.disk, folder, ports.clock.now()).await {
        report.broken("ledger", &error.to_string());
    }
}

/// Whether the folder is there; an error if it, or the place where it would be made, cannot be written.
fn access_of(folder: &Path) -> Result<bool, String> {
    let needed = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
    let mut place = folder;
    let is_there = folder.exists();
    while !place.exists() {
        place = match place.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
    }
    if !place.is_dir() {
        return Err(format!("{} is no folder", place.display()));
    }
    access(place, needed).map(|()| is_there).map_err(|error| {
        format!(
            "{} cannot be written by this user: {error}",
            place.display()
        )
    })
}
