//! What a small box notices: the start, memory while nothing happens, and the size of the program.

use crate::cycles::{Rules, configuration};
use crate::daemon::{Configured, Daemon, PROGRAM, account};
use crate::meter::ended_children_ms;
use crate::world::World;
use crate::{Fallible, median, verdict};
use jiff::{SignedDuration, Timestamp};
use seedwarden::core::ledger::{DeletionIntent, IntentId, KeptAs, Outcome, OutcomeKind, Record};
use seedwarden::core::model::{AccountId, ItemId};
use serde_json::json;
use std::fs;
use std::time::Instant;

/// Starts, for processor time in whole ticks.
const STARTS: usize = 40;
/// As many as a busy week can bring.
const DELETIONS: usize = 1_500;

/// Measures, and gives the table.
pub fn measure() -> Fallible<String> {
    eprintln!("start, idle memory, size");
    let (wall, processor) = start()?;
    let (idle, after_many) = (idle(0)?, idle(DELETIONS)?);
    let size = fs::metadata(PROGRAM)?.len() as f64 / f64::from(1 << 20);
    Ok(format!(
        "## Start, idle, size\n\n| | | at most | |\n|---|---|---|---|\n\
         | `check --offline`, ms on the clock (median) | {wall:.0} | 20 | {} |\n\
         | the same, processor time | {processor:.1} | | |\n\
         | resident memory with four accounts of ten torrents, MiB | {idle:.1} | 15 | {} |\n\
         | the same with a ledger of {DELETIONS} deletions, MiB | {after_many:.1} | 15 | {} |\n\
         | program, MiB | {size:.1} | 12 | {} |\n",
        verdict(wall <= 20.0),
        verdict(idle <= 15.0),
        verdict(after_many <= 15.0),
        verdict(size <= 12.0),
    ))
}

fn start() -> Fallible<(f64, f64)> {
    let configured = Configured::new(&configuration("http://127.0.0.1:1", Rules::Clock, "1m"))?;
    let before = ended_children_ms(std::process::id());
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let began = Instant::now();
        let status = configured.command(&["check", "--offline"]).status()?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
        if !status.success() {
            return Err("check --offline failed".into());
        }
    }
    let processor = ended_children_ms(std::process::id()) - before;
    Ok((median(&times), processor / STARTS as f64))
}

/// Memory of a daemon with four small accounts and a ledger of so many deletions of the last days.
fn idle(deletions: usize) -> Fallible<f64> {
    let mut worlds = Vec::new();
    for _ in 0..4 {
        worlds.push(World::start(10)?);
    }
    let more = json!({ "errored": {}, "unregistered": {} });
    let accounts = worlds.iter().enumerate();
    let accounts: Vec<_> = accounts
        .map(|(number, world)| account(&format!("box-{number}"), &world.url, &more))
        .collect();
    let configured = Configured::new(&json!({ "log_level": "error", "accounts": accounts }))?;
    fs::create_dir_all(configured.state())?;
    let lines: Result<String, _> = (0..deletions).map(deletion).collect();
    fs::write(configured.state().join("ledger.jsonl"), lines?)?;
    let mut daemon = Daemon::go_on(&configured)?;
    for world in &mut worlds {
        daemon.after_cycle(world, 0)?;
    }
    Ok(daemon.memory().0)
}

/// A deletion that is done, as the ledger has it.
fn deletion(number: usize) -> Result<String, serde_json::Error> {
    let id = IntentId(number as u64 + 1);
    let at = Timestamp::now() - SignedDuration::from_hours(48);
    let intent = DeletionIntent {
        id,
        at,
        account: AccountId::from("box-0"),
        item: ItemId::from(format!("{number:040x}")),
        name: format!("Some.Title.Of.The.Usual.Length.{number:05}.1080p.WEB.x264-GROUP"),
        size_bytes: Some(700 << 20),
        added_on: Some(1_789_000_000),
        ratio: Some(1.5),
        progress: Some(1.0),
        cause: "hardlinks".to_owned(),
        reason: "not hardlinked: every file has one name, and has seeded for 10d (at least 10d)"
            .to_owned(),
        failures: None,
        delete_files: true,
        files_kept_because: None,
        began: None,
        frees_bytes: None,
        kept: KeptAs::Torrent(format!("{number}.torrent")),
        webhooks: Vec::new(),
    };
    let outcome = Outcome {
        intent: id,
        at,
        result: OutcomeKind::Done,
        detail: String::new(),
        freed_bytes: None,
    };
    let intent = serde_json::to_string(&Record::Intent(intent.into()))?;
    let outcome = serde_json::to_string(&Record::Outcome(outcome))?;
    Ok(format!("{intent}\n{outcome}\n"))
}
