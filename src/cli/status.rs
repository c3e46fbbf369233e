//! `seedwarden status`: where things stand. Reads files only, and sends nothing.

mod view;

use super::daemon::Daemon;
use super::paint::Paint;
use super::records::on_disk;
use super::setup::{block_on, policy_offline, print, print_json, state_folder};
use super::{FINE, Places};
use crate::core::ledger::Book;
use crate::core::status::Status;
use serde_json::json;
use std::collections::BTreeSet;
use view::View;

/// Most lines of one list; `--all` shows the rest.
const MOST_LINES: usize = 20;

/// Show accounts, failure counts, timers, outages, and the last day.
///
/// Reads the state folder only, and sends nothing; works beside a running daemon.
#[derive(clap::Args)]
pub struct Args {
    /// Print JSON: {"daemon", "accounts", "failing", "timers", "outages", "undelivered", "last_day", …}
    #[arg(long)]
    json: bool,
    /// List everything, not only the first 20 of each kind
    #[arg(long)]
    all: bool,
}

/// Runs the command.
pub fn run(places: &Places, args: &Args) -> u8 {
    let done = block_on(status(places, args));
    match done.and_then(|done| done) {
        Ok(code) | Err(code) => code,
    }
}

async fn status(places: &Places, args: &Args) -> Result<u8, u8> {
    let policy = policy_offline(places)?;
    let folder = state_folder(places)?;
    let ports = crate::sys::ports();
    let now = ports.clock.now();
    let (state, book) = on_disk(&ports, &folder, now).await?;
    let status = Status::of(&policy, &state, &book, &webhooks(&book), now);
    let daemon = Daemon::of(&folder);
    if args.json {
        let mut json = json!(status);
        json["daemon"] = json!(daemon.word());
        json["state_folder"] = json!(folder.display().to_string());
        print_json(&json);
        return Ok(FINE);
    }
    let view = View {
        status: &status,
        paint: Paint::stdout(),
        most: if args.all { usize::MAX } else { MOST_LINES },
        now,
    };
    print(&view.text(&folder, &daemon));
    Ok(FINE)
}

/// Every webhook that the ledger knows: of those that are no longer configured, or whose addresses cannot be had here, it is
/// worth knowing too what they have not got.
fn webhooks(book: &Book) -> Vec<String> {
    let of_deletions = book
        .deletions
        .values()
        .flat_map(|(intent, _)| &intent.webhooks);
    let of_texts = book.notices.values().flat_map(|notice| &notice.webhooks);
    let all: BTreeSet<&String> = of_deletions.chain(of_texts).collect();
    all.into_iter().cloned().collect()
}
