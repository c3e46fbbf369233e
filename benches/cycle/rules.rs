//! One rule of five conditions and one in JavaScript together, beside the same account without rules, and beside the
//! same judgements in Node where that is installed.

use crate::cycles::SCRIPT;
use crate::daemon::{Configured, Daemon, Used, account};
use crate::world::World;
use crate::{Fallible, floor, median, verdict};
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

/// Rounds; the two configurations take turns, so that a busy machine hits both.
const ROUNDS: usize = 5;

/// The same conditions and the same function in Node, as a program of its own would ask them of each torrent: the first
/// time with the list parsed, then again. `function`: compiled once; `eval`: read anew for each torrent, as Vertex does.
const NODE: &str = r#"
const cpu = () => { const used = process.cpuUsage(); return (used.user + used.system) / 1000; };
const maindata = JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8'));
const code = process.argv[3];
const compiled = eval(code);
const fits = torrent => torrent.size > 1024 * 1024 && torrent.ratio > 1000 && torrent.category.includes('movies')
  && torrent.progress === 1 && torrent.num_leechs < 1;
const ask = rule => {
  let yes = 0;
  for (const hash in maindata.torrents) {
    const torrent = maindata.torrents[hash];
    if (fits(torrent)) yes++;
    if (rule()(maindata, torrent)) yes++;
  }
  return yes;
};
const rule = process.argv[4] === 'eval' ? () => eval(code) : () => compiled;
ask(rule);
const first = cpu();
const times = [];
for (let i = 0; i < 5; i++) { const before = cpu(); ask(rule); times.push(cpu() - before); }
times.sort((a, b) => a - b);
console.log(first + ' ' + times[2]);
"#;

/// An account without ailments, so that nothing but rules makes the difference.
fn configuration(url: &str, with_rules: bool) -> Value {
    let rules = json!([
        { "name": "shared", "conditions": [
            { "key": "size", "compareType": "bigger", "value": "1 MiB" },
            { "key": "ratio", "compareType": "bigger", "value": "1000" },
            { "key": "category", "compareType": "contain", "value": "movies" },
            { "key": "progress", "compareType": "equals", "value": "1" },
            { "key": "leecher", "compareType": "smaller", "value": "1" } ] },
        { "name": "script", "javascript": SCRIPT },
    ]);
    let named = if with_rules {
        json!({ "rule_cycle": "2s", "rules": ["shared", "script"] })
    } else {
        json!({})
    };
    let accounts = json!([account("box", url, &named)]);
    json!({ "cycle": "12h", "log_level": "error", "accounts": accounts, "rules": if with_rules { rules } else { json!([]) } })
}

/// What one configuration costs.
#[derive(Default)]
struct Cost {
    firsts: Vec<Used>,
    following: Vec<f64>,
    /// Daemon and worker at rest, MiB.
    memory: Vec<f64>,
}

impl Cost {
    fn first(&self, of: impl Fn(&Used) -> f64) -> f64 {
        median(&self.firsts.iter().map(of).collect::<Vec<_>>())
    }
}

/// Measures, and gives the table.
pub fn measure(torrents: usize) -> Fallible<String> {
    eprintln!("a rule of conditions and one in JavaScript with {torrents} torrents");
    let mut world = World::start(torrents)?;
    let without = Configured::new(&configuration(&world.url, false))?;
    let with = Configured::new(&configuration(&world.url, true))?;
    let (mut bare, mut ruled) = (Cost::default(), Cost::default());
    for _ in 0..ROUNDS {
        one_round(&mut world, &without, &mut bare, 0)?;
        one_round(&mut world, &with, &mut ruled, torrents / 100)?;
    }
    let of_rules = ruled.first(|used| used.all()) - bare.first(|used| used.all());
    let following = median(&ruled.following);
    let (memory, memory_bare) = (median(&ruled.memory), median(&bare.memory));
    let node = node(&world, &with)?;
    Ok(table(
        torrents,
        &[
            (
                "first cycle, without rules",
                bare.first(|used| used.all()),
                None,
            ),
            ("first cycle: daemon", ruled.first(|used| used.daemon), None),
            (
                "first cycle: worker, started and fed",
                ruled.first(|used| used.worker),
                None,
            ),
            ("first cycle: what the rules add", of_rules, Some(400.0)),
            (
                "following, 1 % changed, with reading",
                following,
                Some(120.0),
            ),
            ("memory at rest without rules, MiB", memory_bare, None),
            (
                "what the rules add, worker included, MiB",
                memory - memory_bare,
                Some(40.0),
            ),
        ],
        &node,
    ))
}

fn one_round(
    world: &mut World,
    configured: &Configured,
    cost: &mut Cost,
    changes: usize,
) -> Fallible<()> {
    let lists = world.change(changes)?.0;
    let mut daemon = Daemon::start(configured)?;
    let mut before = daemon.after_cycle(world, lists)?;
    cost.firsts.push(before);
    for _ in 0..if changes == 0 { 0 } else { 3 } {
        let lists = world.counts()?.0;
        let now = daemon.after_cycle(world, lists)?;
        let cycles = (world.counts()?.0 - lists).max(1);
        cost.following.push(now.since(before).all() / cycles as f64);
        before = now;
    }
    cost.memory
        .push(daemon.memory().0 + daemon.worker_memory().0);
    Ok(())
}

fn table(torrents: usize, rows: &[(&str, f64, Option<f64>)], node: &[(&str, f64, f64)]) -> String {
    let mut text = format!(
        "## Conditions and JavaScript together\n\nProcessor time with {torrents} torrents, in ms: one rule of five conditions and \
         one in JavaScript that reads ten fields.\n\n| | | at most | |\n|---|---|---|---|\n"
    );
    for (what, figure, bound) in rows {
        let (most, verdict) = bound.map_or((String::new(), ""), |bound| {
            (format!("{bound:.0}"), verdict(*figure <= bound))
        });
        text += &format!("| {what} | {figure:.0} | {most} | {verdict} |\n");
    }
    text += "\nThe same judgements in Node, with the list parsed from a file the first time:\n\n\
             | Node | first | following |\n|---|---|---|\n";
    if node.is_empty() {
        text += "| not installed | | |\n";
    }
    for (what, first, following) in node {
        text += &format!("| {what} | {first:.0} | {following:.1} |\n");
    }
    text
}

fn node(world: &World, configured: &Configured) -> Fallible<Vec<(&'static str, f64, f64)>> {
    let folder = configured.folder();
    let (list, program) = (folder.join("list.json"), folder.join("rules.cjs"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(floor::read(&world.url, Some(&list)))?;
    fs::write(&program, NODE)?;
    let mut found = Vec::new();
    let ways = [
        ("function", "compiled once"),
        ("eval", "read anew for each torrent, as Vertex does"),
    ];
    for (way, what) in ways {
        let mut command = Command::new("node");
        command.arg(&program).arg(&list).arg(format!("({SCRIPT})"));
        let Ok(out) = command.arg(way).output() else {
            return Ok(found);
        };
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let numbers: Vec<f64> = text
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        if let [first, following] = numbers[..] {
            found.push((what, first, following));
        }
    }
    Ok(found)
}
