//! `seedwarden restore`: undo a deletion.

use super::paint::{Paint, Progress};
use super::records::on_disk;
use super::setup::{accounts, block_on_logged_in, fail, policy, print, state_folder};
use super::{FAILED, FINE, Places, WRONG};
use crate::core::find::{Named, find};
use crate::core::ledger::{Book, DeletionIntent, KeptAs, TrackerRemoved};
use crate::core::model::{AccountId, ItemId};
use crate::core::plan::on_one_line;
use crate::ports::Ports;
use crate::shell::eyes::{Eyes, Optics};
use crate::shell::kept::Kept;
use crate::shell::lasting::Lasting;
use crate::shell::ledger::Ledger;
use crate::shell::restore::{Restored, Restoring, restore, trackers_again};
use crate::shell::store::Store;
use crate::shell::trash::Trash;
use std::collections::BTreeMap;
use std::path::Path;

/// Undo a deletion.
///
/// A torrent is added again with its category, tags, folder, limits and priorities: stopped, then checked, and started only
/// if all that it had is there. A magnet is added by its hash. Files that were deleted do not come back by themselves.
/// The item gets a fresh start and is left alone for limits.restore_grace. Also puts back trackers that were removed from a
/// torrent. Doing it twice is harmless.
#[derive(clap::Args)]
pub struct Args {
    /// The item: its info-hash or the beginning of it, its magnet id, or its name
    item: String,
    /// Look for it in this account only [default: all accounts]
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Only say what would be restored
    #[arg(long)]
    dry_run: bool,
}

/// What is on record of one item.
#[derive(Default)]
struct Found {
    name: String,
    deletion: Option<DeletionIntent>,
    trackers: Vec<TrackerRemoved>,
}

/// Runs the command.
pub fn run(places: &Places, args: &Args) -> u8 {
    block_on_logged_in(async |lasting| undo(places, args, lasting).await)
}

async fn undo(places: &Places, args: &Args, lasting: &Lasting) -> Result<u8, u8> {
    let policy = policy(places)?;
    accounts(&policy, args.account.as_deref())?;
    let folder = state_folder(places)?;
    let ports = crate::sys::ports();
    let (_, book) = on_disk(&ports, &folder, ports.clock.now()).await?;
    let ((account, item), found) = chosen(&book, args)?;
    let Some(account_policy) = policy.account(&account) else {
        let text = format!("account \"{account}\" of this item is no longer configured");
        return Err(fail(FAILED, text));
    };
    if args.dry_run {
        print(&rehearsal(&account, &item, &found));
        return Ok(FINE);
    }
    let kept = open(&ports, &folder).await?;
    let optics = Optics::of(lasting, ports.clone(), policy.time_zone.clone());
    let mut eyes = Eyes::new(account_policy, &optics);
    let mut restoring = Restoring {
        eyes: &mut eyes,
        kept: &kept,
        clock: ports.clock.clone(),
    };
    let head = format!("{account}: {}", on_one_line(&found.name));
    let progress = Progress::show(&format!("restoring {}", on_one_line(&found.name)));
    let mut is_there = found.deletion.is_none();
    let mut text = String::new();
    if let Some(intent) = &found.deletion {
        let once = Restoring {
            eyes: &mut *restoring.eyes,
            kept: &kept,
            clock: ports.clock.clone(),
        };
        match restore(once, intent).await {
            Ok(done) => {
                is_there = matches!(done, Restored::AlreadyThere(_));
                text += &told(&head, &item, &done);
            }
            Err(why) => {
                drop(progress);
                return Err(fail(FAILED, format!("{head}: not restored: {why}")));
            }
        }
    }
    // What was removed before the deletion belongs to the torrent as it was then.
    let again = if is_there && !found.trackers.is_empty() {
        Some(trackers_again(&mut restoring, &account, &item, &found.trackers).await)
    } else {
        None
    };
    drop(progress);
    print(&text);
    match again {
        None => Ok(FINE),
        Some(Err(why)) => Err(fail(FAILED, format!("{head}: {why}"))),
        Some(Ok((added, problems))) => {
            for host in &added {
                print(&format!("{head}: tracker {host} is back\n"));
            }
            if added.is_empty() && problems.is_empty() {
                print(&format!("{head}: it has all its trackers\n"));
            }
            let code = if problems.is_empty() { FINE } else { FAILED };
            for problem in problems {
                fail(FAILED, format!("{head}: tracker {problem}"));
            }
            Ok(code)
        }
    }
}

fn told(head: &str, item: &ItemId, done: &Restored) -> String {
    let paint = Paint::stdout();
    match done {
        Restored::AlreadyThere(id) => format!("{head}: already there ({id})\n"),
        Restored::Done(id, notes) => {
            let renamed = if id == item {
                String::new()
            } else {
                format!(" as magnet {id}")
            };
            let mut text = format!("{head}: {}{renamed}\n", paint.green("restored"));
            for note in notes {
                text += &format!("  {}\n", on_one_line(note));
            }
            text
        }
    }
}

fn rehearsal(account: &AccountId, item: &ItemId, found: &Found) -> String {
    let head = format!("{account}: {} ({item})", on_one_line(&found.name));
    let mut text = String::new();
    if let Some(intent) = &found.deletion {
        let from = match &intent.kept {
            KeptAs::Torrent(_) => "would be added again from its .torrent",
            KeptAs::MagnetLink(_) => "would be added again from its magnet link",
            KeptAs::Hash(_) => "would be added again by its hash, under a new id",
            KeptAs::Nothing => "cannot come back: nothing could be kept of it",
        };
        let files = match (intent.delete_files, item.is_magnet()) {
            (_, true) => "",
            (true, false) => "; its files were deleted, so it would stay stopped",
            (false, false) => "; it would be checked first",
        };
        text += &format!("{head}: {from}{files}\n");
    }
    for tracker in &found.trackers {
        text += &format!("{head}: tracker {} would be added again\n", tracker.host);
    }
    text
}

/// The newest deletion of each item, and its removed trackers.
fn on_record(book: &Book) -> BTreeMap<(AccountId, ItemId), Found> {
    let mut all: BTreeMap<(AccountId, ItemId), Found> = BTreeMap::new();
    for (intent, outcome) in book.deletions.values() {
        let may_be_gone = outcome
            .as_ref()
            .is_none_or(|outcome| outcome.result.is_deletion());
        if !may_be_gone {
            continue;
        }
        let found = all
            .entry((intent.account.clone(), intent.item.clone()))
            .or_default();
        found.name.clone_from(&intent.name);
        found.deletion = Some((**intent).clone());
    }
    for removed in book.trackers.values() {
        let found = all
            .entry((removed.account.clone(), removed.item.clone()))
            .or_default();
        if found.name.is_empty() {
            found.name.clone_from(&removed.name);
        }
        found.trackers.push(removed.clone());
    }
    all
}

fn chosen(book: &Book, args: &Args) -> Result<((AccountId, ItemId), Found), u8> {
    let mut all = on_record(book);
    all.retain(|(account, _), _| {
        let wanted = args.account.as_deref();
        wanted.is_none_or(|wanted| account.as_str() == wanted)
    });
    let mut found = find(&args.item, all, |((_, id), found)| Named {
        id,
        name: &found.name,
        hash: found
            .deletion
            .as_ref()
            .and_then(|intent| intent.kept.hash()),
    });
    match found.len() {
        0 => Err(fail(
            FAILED,
            format!(
                "no deletion of an item \"{}\" is on record; `seedwarden history` lists them",
                on_one_line(&args.item)
            ),
        )),
        1 => found.pop().ok_or(FAILED),
        _ => {
            let list: String = found
                .iter()
                .map(|((account, item), found)| {
                    format!("\n  {account}  {item}  {}", on_one_line(&found.name))
                })
                .collect();
            let text = format!(
                "several items fit, nothing was restored; give one of these ids (and --account):{list}"
            );
            Err(fail(WRONG, text))
        }
    }
}

async fn open(ports: &Ports, folder: &Path) -> Result<Kept, u8> {
    let failed = |error: &dyn std::fmt::Display| fail(FAILED, error);
    let now = ports.clock.now();
    let (store, _) = Store::open(ports.disk.clone(), folder, now)
        .await
        .map_err(|error| failed(&error))?;
    let ledger = Ledger::open(ports.disk.clone(), folder)
        .await
        .map_err(|error| failed(&error))?;
    ledger
        .mend_times(now)
        .await
        .map_err(|error| failed(&error))?;
    let trash = Trash::new(ports.disk.clone(), folder);
    Ok(Kept {
        store,
        ledger,
        trash,
    })
}
