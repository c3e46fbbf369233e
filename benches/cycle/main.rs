//! What Seedwarden costs, beside the floor: a bare program that does no more than what cannot be left out. The real
//! program is measured against the simulator in a process of its own, by processor time (not the clock on the wall).
//!
//! `cargo bench` measures everything and writes `benches/results.md`; `cargo bench -- cycles 20000` a part of it, and
//! prints only. Themes: `cycles`, `links`, `real`, `rules`, `scripts`, `small`.

mod cycles;
mod daemon;
mod floor;
mod links;
mod machine;
mod meter;
mod real;
mod rules;
mod scripts;
mod small;
mod world;

use std::error::Error;
use std::fmt::Write as _;
use std::fs;

/// What goes wrong in a benchmark ends it.
type Fallible<T> = Result<T, Box<dyn Error>>;

/// Where the table goes, below the package.
const RESULTS: &str = "benches/results.md";

/// Sizes of the libraries.
const SIZES: [usize; 4] = [1_000, 5_000, 20_000, 50_000];

fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words = arguments.iter().map(String::as_str);
    let words: Vec<&str> = words.filter(|word| !word.starts_with('-')).collect();
    // The roles that this program plays in processes of their own.
    match words.as_slice() {
        ["role", "server", torrents] => return world::serve(torrents.parse()?),
        ["role", "floor", url] => return floor::run(url),
        ["role", "links", folder, links, cache] => {
            return links::run(folder, *links == "linked", *cache == "cold");
        }
        _ => {}
    }
    // `cargo test --all-targets` and the listing of tests start this program, too.
    if words.is_empty() && !arguments.iter().any(|word| word == "--bench") {
        return Ok(());
    }
    let sizes: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let themes: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| word.parse::<usize>().is_err())
        .collect();
    let is_whole = words.is_empty();
    let wants = |theme: &str| themes.is_empty() || themes.contains(&theme);
    let mut text = machine::head();
    let mut add = |part: String| {
        println!("{part}");
        let _ = writeln!(text, "{part}");
    };
    if wants("cycles") {
        let sizes = if sizes.is_empty() { &SIZES[..] } else { &sizes };
        for part in cycles::measure(sizes)? {
            add(part);
        }
    }
    if wants("scripts") {
        add(scripts::measure(20_000)?);
    }
    if wants("rules") {
        add(rules::measure(20_000)?);
    }
    if wants("links") {
        add(links::measure()?);
    }
    if wants("real") {
        add(real::measure().unwrap_or_else(|error| {
            format!("## Beside a real server\n\nNot measured: {error}.\n")
        }));
    }
    if wants("small") {
        add(small::measure()?);
    }
    if is_whole {
        fs::write(format!("{}/{RESULTS}", env!("CARGO_MANIFEST_DIR")), text)?;
    }
    Ok(())
}

/// The median of some measurements.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Whether figures keep their bounds, for the table.
fn verdict(is_reached: bool) -> &'static str {
    if is_reached { "reached" } else { "not reached" }
}
