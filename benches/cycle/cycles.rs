//! Whole cycles of a growing library: the first one, those on deltas, their requests and their memory.

use crate::daemon::{Configured, Daemon, Used, account};
use crate::world::World;
use crate::{Fallible, floor, median, verdict};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// One rule with JavaScript. It reads all its ten fields of every torrent: only the last one says no.
pub const SCRIPT: &str = "(maindata, torrent) => torrent.ratio >= 0 && torrent.progress == 1 && \
    torrent.state != 'error' && torrent.downloaded >= 0 && torrent.category != '' && torrent.size > 0 && \
    torrent.uploaded >= 0 && torrent.completed >= 0 && torrent.name.length > 0 && torrent.tags == 'none'";

/// The library whose cycles have bounds.
const BOUND_AT: usize = 20_000;

/// What rules an account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// Two with conditions.
    Conditions,
    /// The same, and one on the clock.
    Clock,
    /// The two, and one in JavaScript.
    Script,
}

/// An account with ailments and rules, none of which finds anything.
pub fn configuration(url: &str, rules: Rules, rule_cycle: &str) -> Value {
    let mut all = vec![
        json!({ "name": "slow", "conditions": [
            { "key": "state", "compareType": "equals", "value": "downloading" },
            { "key": "uploadSpeed", "compareType": "smaller", "value": "550 KiB" } ] }),
        json!({ "name": "shared", "conditions": [
            { "key": "size", "compareType": "bigger", "value": "1 MiB" },
            { "key": "ratio", "compareType": "bigger", "value": "1000" },
            { "key": "category", "compareType": "contain", "value": "movies" },
            { "key": "progress", "compareType": "equals", "value": "1" },
            { "key": "leecher", "compareType": "smaller", "value": "1" } ] }),
    ];
    match rules {
        Rules::Conditions => {}
        Rules::Clock => all.push(json!({ "name": "old", "conditions": [
            { "key": "addedTime", "compareType": "bigger", "value": "9000d" } ] })),
        Rules::Script => all.push(json!({ "name": "script", "javascript": SCRIPT })),
    }
    let names: Vec<&Value> = all.iter().map(|rule| &rule["name"]).collect();
    let more =
        json!({ "rule_cycle": rule_cycle, "errored": {}, "unregistered": {}, "rules": names });
    json!({ "cycle": "12h", "log_level": "error", "accounts": [account("box", url, &more)], "rules": all })
}

/// What was found at one size.
struct Found {
    torrents: usize,
    floor: (f64, f64),
    first: Used,
    warm: f64,
    requests: f64,
    memory: (f64, f64),
    worker_memory: (f64, f64),
    script: [f64; 2],
    conditions: [f64; 2],
    clock: f64,
}

impl Found {
    /// Whether bounds are kept that hold for one size only.
    fn verdict(&self, is_reached: bool) -> &'static str {
        if self.torrents == BOUND_AT {
            verdict(is_reached)
        } else {
            ""
        }
    }
}

/// Measures, and gives the tables.
pub fn measure(sizes: &[usize]) -> Fallible<Vec<String>> {
    let mut found = Vec::new();
    for &torrents in sizes {
        eprintln!("cycles with {torrents} torrents");
        found.push(measure_one(torrents)?);
    }
    Ok(vec![
        first_table(&found),
        delta_table(&found),
        memory_table(&found),
    ])
}

fn measure_one(torrents: usize) -> Fallible<Found> {
    let mut world = World::start(torrents)?;
    let floor = floor::measure(&world.url)?;
    let rule_cycle = if torrents > 20_000 { "2s" } else { "1s" };
    let slow = Configured::new(&configuration(&world.url, Rules::Script, "6h"))?;
    let (mut first, mut memory, mut worker_memory) = (Vec::new(), (0.0, 0.0), (0.0, 0.0));
    let (mut warm, mut requests) = (Vec::new(), Vec::new());
    for round in 0..5 {
        let lists = world.counts()?.0;
        let mut daemon = Daemon::start(&slow)?;
        let used = daemon.after_cycle(&mut world, lists)?;
        first.push(used);
        (memory, worker_memory) = (daemon.memory(), daemon.worker_memory());
        for _ in 0..if round == 4 { 5 } else { 0 } {
            let (before, (lists, sent)) = (daemon.used(), world.counts()?);
            daemon.cycle_now()?;
            warm.push(daemon.after_cycle(&mut world, lists)?.since(before).all());
            requests.push((world.counts()?.1 - sent) as f64);
        }
    }
    first.sort_by(|one, other| one.all().total_cmp(&other.all()));
    let mut cycles = |rules, changes: &[usize]| -> Fallible<Vec<f64>> {
        let configured = Configured::new(&configuration(&world.url, rules, rule_cycle))?;
        let mut daemon = Daemon::start(&configured)?;
        let mut medians = Vec::new();
        for &changes in changes {
            let lists = world.change(changes)?.0;
            let mut before = daemon.after_cycle(&mut world, lists + 1)?;
            let mut times = Vec::new();
            for _ in 0..5 {
                let lists = world.counts()?.0;
                let now = daemon.after_cycle(&mut world, lists)?;
                let cycles = (world.counts()?.0 - lists).max(1);
                times.push(now.since(before).all() / cycles as f64);
                before = now;
            }
            medians.push(median(&times));
        }
        world.change(0)?;
        Ok(medians)
    };
    let one_percent = torrents / 100;
    let script = cycles(Rules::Script, &[0, one_percent])?;
    let conditions = cycles(Rules::Conditions, &[0, one_percent])?;
    let clock = cycles(Rules::Clock, &[0])?;
    Ok(Found {
        torrents,
        floor,
        first: first[2],
        warm: median(&warm),
        requests: median(&requests),
        memory,
        worker_memory,
        script: [script[0], script[1]],
        conditions: [conditions[0], conditions[1]],
        clock: clock[0],
    })
}

fn first_table(found: &[Found]) -> String {
    let mut text = String::from(
        "## First full cycle\n\nFrom the start of the program: login, the whole list, two rules with conditions and \
         one in JavaScript, ailments,\nnothing to do. Bound at 20,000: a ratio of 2.\n\n\
         | torrents | floor | daemon | worker | ratio | |\n|---|---|---|---|---|---|\n",
    );
    for one in found {
        let ratio = one.first.all() / one.floor.0;
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.0} | {:.0} | {ratio:.1} | {} |",
            one.torrents,
            one.floor.0,
            one.first.daemon,
            one.first.worker,
            one.verdict(ratio <= 2.0)
        );
    }
    text
}

fn delta_table(found: &[Found]) -> String {
    let mut text = String::from(
        "## Cycles on deltas\n\nFull: a full cycle with JavaScript and nothing changed, and its requests. The others \
         are rule cycles. Ratios are to the\nfloor of the same size. Bounds at 20,000: 5 with nothing changed, 15 \
         with a rule on the clock, 30 with 1 % changed.\n\n\
         | torrents | full | ratio | requests | conditions | ratio | on the clock | 1 % changed | ratio | JavaScript | 1 % changed | |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for one in found {
        let [still, changed] = one.conditions;
        let is_reached = still <= 5.0 && changed <= 30.0 && one.clock <= 15.0;
        let _ = writeln!(
            text,
            "| {} | {:.1} | {:.2} | {:.0} | {still:.1} | {:.2} | {:.1} | {changed:.1} | {:.2} | {:.1} | {:.1} | {} |",
            one.torrents,
            one.warm,
            one.warm / one.floor.0,
            one.requests,
            still / one.floor.0,
            one.clock,
            changed / one.floor.0,
            one.script[0],
            one.script[1],
            one.verdict(is_reached)
        );
    }
    text
}

fn memory_table(found: &[Found]) -> String {
    let mut text = String::from(
        "## Memory\n\nResident, in MiB; the floor is the highest of the bare program, which holds the answer whole.\n\n\
         | torrents | floor | highest | ratio | between cycles | a torrent, KiB | worker | at most | |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for one in found {
        let (rest, peak) = one.memory;
        let (most_rest, most_peak) = if one.torrents > 20_000 {
            (90.0, 160.0)
        } else {
            (40.0, 80.0)
        };
        let is_reached = rest <= most_rest && peak <= most_peak;
        let _ = writeln!(
            text,
            "| {} | {:.0} | {peak:.0} | {:.2} | {rest:.0} | {:.2} | {:.0} | {most_rest:.0} and {most_peak:.0} | {} |",
            one.torrents,
            one.floor.1,
            peak / one.floor.1,
            rest * 1024.0 / one.torrents as f64,
            one.worker_memory.0,
            verdict(is_reached)
        );
    }
    text
}
