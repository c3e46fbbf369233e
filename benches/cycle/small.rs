//! What a small box notices: the start, memory while nothing happens, and the size of the program.

use crate::cycles::{Rules, configuration};
use crate::daemon::{Configured, Daemon, PROGRAM, account};
use crate::meter::ended_children_ms;
use crate::world::World;
use crate::{Fallible, median, verdict};
use serde_json::json;
use std::fs;
use std::time::Instant;

/// Starts, for processor time in whole ticks.
const STARTS: usize = 40;

/// Measures, and gives the table.
pub fn measure() -> Fallible<String> {
    eprintln!("start, idle memory, size");
    let (wall, processor) = start()?;
    let idle = idle()?;
    let size = fs::metadata(PROGRAM)?.len() as f64 / f64::from(1 << 20);
    Ok(format!(
        "## Start, idle, size\n\n| | | at most | |\n|---|---|---|---|\n\
         | `check --offline`, ms on the clock (median) | {wall:.0} | 20 | {} |\n\
         | the same, processor time | {processor:.1} | | |\n\
         | resident memory with four accounts of ten torrents, MiB | {idle:.1} | 15 | {} |\n\
         | program, MiB | {size:.1} | 12 | {} |\n",
        verdict(wall, 20.0),
        verdict(idle, 15.0),
        verdict(size, 12.0),
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

fn idle() -> Fallible<f64> {
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
    let mut daemon = Daemon::start(&configured)?;
    for world in &mut worlds {
        daemon.after_cycle(world, 0)?;
    }
    Ok(daemon.memory().0)
}
