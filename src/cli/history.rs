//! `seedwarden history`: what was deleted, when and why. Reads files only, and sends nothing.

use super::paint::Paint;
use super::records::on_disk;
use super::setup::{accounts, block_on, fail, policy_offline, print, print_json, state_folder};
use super::{FAILED, FINE, Places, WRONG};
use crate::core::find::find;
use crate::core::history::{Entry, entries};
use crate::core::plan::on_one_line;
use crate::shell::trash::Trash;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::BTreeSet;

/// List deletions, newest first.
///
/// Says of each what, when and why with the values seen, whether its files went too, whether it was announced, and whether
/// it can be restored. Reads the state folder only.
#[derive(clap::Args)]
pub struct Args {
    /// Only what happened since then: a duration ("2d", "12h") or a date ("2026-11-20", with or without a time)
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only this account
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Only this item: its info-hash or the beginning of it, its magnet id, or its name
    #[arg(long, value_name = "ITEM")]
    item: Option<String>,
    /// List attempts too that deleted nothing: refused, not sent, saved by the second look
    #[arg(long)]
    all: bool,
    /// Print JSON: {"deletions": [{"at", "account", "item", "name", "cause", "reason", "outcome", …}]}
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(places: &Places, args: &Args) -> u8 {
    let done = block_on(history(places, args));
    match done.and_then(|done| done) {
        Ok(code) | Err(code) => code,
    }
}

async fn history(places: &Places, args: &Args) -> Result<u8, u8> {
    let folder = state_folder(places)?;
    let ports = crate::sys::ports();
    let now = ports.clock.now();
    let since = match &args.since {
        Some(text) => Some(moment(text, now).map_err(|why| fail(WRONG, why))?),
        None => None,
    };
    let (_, book) = on_disk(&ports, &folder, now).await?;
    let trash = Trash::new(ports.disk.clone(), &folder);
    // A state folder without a trash has deleted nothing yet.
    let kept: BTreeSet<String> = trash.list().await.unwrap_or_default().into_iter().collect();
    let mut found = entries(&book, &|name| kept.contains(name));
    found.retain(|entry| {
        (args.all || entry.is_deletion())
            && since.is_none_or(|since| entry.at >= since)
            && args
                .account
                .as_deref()
                .is_none_or(|account| entry.account.as_str() == account)
    });
    if let Some(account) = &args.account
        && !book
            .deletions
            .values()
            .any(|(intent, _)| intent.account.as_str() == account)
    {
        accounts(&policy_offline(places)?, Some(account))?;
    }
    if let Some(item) = &args.item {
        found = find(item, found, Entry::named);
        if found.is_empty() {
            return Err(fail(
                FAILED,
                format!(
                    "no deletion of an item \"{}\" is on record",
                    on_one_line(item)
                ),
            ));
        }
    }
    if args.json {
        print_json(&json!({ "deletions": found }));
    } else if found.is_empty() {
        print("no deletions\n");
    } else {
        let paint = Paint::stdout();
        let text: Vec<String> = found.iter().map(|entry| told(entry, paint)).collect();
        print(&text.join("\n"));
    }
    Ok(FINE)
}

/// One deletion, in four lines.
pub fn told(entry: &Entry, paint: Paint) -> String {
    let at = entry.at.to_zoned(TimeZone::system());
    let what = entry.what();
    let what = if entry.is_deletion() {
        paint.red(&what)
    } else {
        paint.yellow(&what)
    };
    let values = entry.values();
    let gap = if values.is_empty() { "" } else { "  " };
    format!(
        "{}  {}  {}{gap}{}\n  {}\n  {}\n  {}  {}\n",
        at.strftime("%F %T"),
        entry.account,
        paint.bold(&on_one_line(&entry.name)),
        paint.dim(&values),
        what,
        entry.why(),
        paint.dim(entry.item.as_str()),
        paint.dim(&entry.standing()),
    )
}

/// A duration before now, or a date with or without a time.
fn moment(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let text = text.trim();
    if let Ok(duration) = humantime::parse_duration(text) {
        let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        return Ok(now.checked_sub(duration).unwrap_or(Timestamp::MIN));
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let local = text
        .parse::<DateTime>()
        .or_else(|_| text.parse::<Date>().map(|date| date.at(0, 0, 0, 0)));
    local
        .ok()
        .and_then(|local| local.to_zoned(TimeZone::system()).ok())
        .map(|zoned| zoned.timestamp())
        .ok_or_else(|| {
            format!(
                "--since: found \"{}\", expected a duration such as \"2d\" or a date such as \"2026-11-20\"",
                on_one_line(text)
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_takes_durations_and_dates() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        assert_eq!(
            moment("2h", now).unwrap().to_string(),
            "2026-11-20T10:00:00Z"
        );
        assert_eq!(
            moment("2026-11-19T00:00:00Z", now).unwrap().to_string(),
            "2026-11-19T00:00:00Z"
        );
        let day = moment("2026-11-19", now).unwrap();
        assert!(now.duration_since(day) > SignedDuration::from_hours(20));
        assert!(moment("yesterday", now).unwrap_err().contains("\"2d\""));
        assert_eq!(moment("99999y", now).unwrap(), Timestamp::MIN);
    }
}
