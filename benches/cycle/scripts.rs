//! A JavaScript rule at 20,000 torrents, beside the same function in Node where that is installed.

use crate::cycles::{Rules, SCRIPT, configuration};
use crate::daemon::{Configured, Daemon};
use crate::world::World;
use crate::{Fallible, floor, median, verdict};
use std::fs;
use std::process::Command;

/// Parses the list and asks the function about each torrent, as a program of its own would: the first time, then again.
const NODE: &str = r#"
const cpu = () => { const used = process.cpuUsage(); return (used.user + used.system) / 1000; };
const maindata = JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8'));
const rule = eval(process.argv[3]);
const ask = () => { let yes = 0; for (const hash in maindata.torrents) if (rule(maindata, maindata.torrents[hash])) yes++; return yes; };
ask();
const first = cpu();
const times = [];
for (let i = 0; i < 5; i++) { const before = cpu(); ask(); times.push(cpu() - before); }
times.sort((a, b) => a - b);
console.log(first + ' ' + times[2]);
"#;

/// Measures, and gives the table.
pub fn measure(torrents: usize) -> Fallible<String> {
    eprintln!("a JavaScript rule with {torrents} torrents");
    let mut world = World::start(torrents)?;
    let configured = Configured::new(&configuration(&world.url, Rules::Script, "2s"))?;
    let (mut firsts, mut nexts) = (Vec::new(), Vec::new());
    for round in 0..5 {
        let lists = world.change(torrents / 100)?.0;
        let mut daemon = Daemon::start(&configured)?;
        let mut before = daemon.after_cycle(&mut world, lists)?;
        firsts.push(before.worker);
        for _ in 0..if round == 4 { 5 } else { 0 } {
            let lists = world.counts()?.0;
            let now = daemon.after_cycle(&mut world, lists)?;
            let cycles = (world.counts()?.0 - lists).max(1);
            nexts.push(now.since(before).worker / cycles as f64);
            before = now;
        }
    }
    let (first, next) = (median(&firsts), median(&nexts));
    let (node_first, node_next) = node(&world, &configured)?;
    Ok(format!(
        "## JavaScript\n\nProcessor time of the rule worker with {torrents} torrents: one rule that reads ten fields; \
         started and fed, then 1 % changed.\nNode parses the same list from a file; it is not started for each \
         cycle in the second row.\n\n\
         | | worker | Node | at most | |\n|---|---|---|---|---|\n\
         | first cycle | {first:.0} | {node_first} | 400 | {} |\n\
         | following | {next:.0} | {node_next} | 120 | {} |\n",
        verdict(first <= 400.0),
        verdict(next <= 120.0),
    ))
}

fn node(world: &World, configured: &Configured) -> Fallible<(String, String)> {
    let (list, program) = (
        configured.folder().join("list.json"),
        configured.folder().join("rule.cjs"),
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(floor::read(&world.url, Some(&list)))?;
    fs::write(&program, NODE)?;
    let out = Command::new("node")
        .arg(&program)
        .arg(&list)
        .arg(format!("({SCRIPT})"))
        .output();
    let nothing = || ("not installed".to_owned(), "not installed".to_owned());
    let Ok(out) = out else { return Ok(nothing()) };
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let numbers: Vec<f64> = text
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    Ok(match numbers[..] {
        [first, next] => (format!("{first:.0}"), format!("{next:.1}")),
        _ => nothing(),
    })
}
