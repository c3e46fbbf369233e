//! Running seeds: many at once, one twice, one with its trace.

use super::listener::Listener;
use super::rare::RARE;
use super::world::World;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Seeds of an ordinary test run.
const DEFAULT: Range<u64> = 0..300;

/// Seeds that once found something, and what. They run for ever; as worlds grow, a number stands for another world than then.
const FOUND: [(u64, &str); 8] = [
    (
        2,
        "an edit found at the end of a slow reading was read by the time at its beginning, so that cycles came twice",
    ),
    (
        10,
        "a page that is not Discord's, with HTTP 200, was taken for the delivery of a notice",
    ),
    (
        19,
        "an edit of the state file during the second look was noticed only after the deletion",
    ),
    (
        97,
        "a cycle that was waited for while the clock was set had last resorts in spite of the gap",
    ),
    (
        5052,
        "a magnet that was restored was not on record where its name could not be asked for, and was deleted soon after",
    ),
    (
        5653,
        "a deletion was repeated long after its second look, while the state file was edited",
    ),
    (
        6418,
        "an old list counted as the present where the whole list of a new session was lost",
    ),
    (
        19131,
        "an edit while a cycle was waited for did not put it off, and a failure was counted again after three minutes",
    ),
];

/// What came of a seed.
pub struct Report {
    /// Broken invariants.
    pub breaches: Vec<String>,
    /// Digest of the whole trace.
    pub digest: u64,
    /// The end of the trace.
    pub lines: Vec<String>,
    /// How often each rare thing occurred.
    pub seen: BTreeMap<String, u64>,
}

/// Runs one seed from the beginning of its world to the end.
pub fn run(seed: u64, echo: bool) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.expect("a runtime").block_on(async {
        let mut world = World::new(seed, echo);
        let listener = Listener::new(&world.hub, seed);
        let _heard = tracing::subscriber::set_default(listener);
        world.set_rates(world.rates());
        world.live(3).await;
        if !world.is_broken() {
            world.end().await;
        }
        let (digest, lines) = world.hub.with(|core| core.trace());
        world.hub.with(|core| Report {
            breaches: core.oracle.breaches.clone(),
            digest,
            lines,
            seen: core.seen.clone(),
        })
    })
}

fn seeds() -> Range<u64> {
    let Ok(text) = std::env::var("SEEDWARDEN_SEEDS") else {
        return DEFAULT;
    };
    let (from, to) = text.split_once("..").expect("SEEDWARDEN_SEEDS=FROM..TO");
    from.parse().expect("a number")..to.parse().expect("a number")
}

/// Runs all of these on every processor; gives what was seen, and the first seed that failed.
#[allow(clippy::type_complexity)]
fn run_all(seeds: Range<u64>) -> (BTreeMap<String, u64>, Option<(u64, Report)>) {
    let (next, seen, failed) = (
        AtomicU64::new(seeds.start),
        Mutex::new(BTreeMap::new()),
        Mutex::new(None),
    );
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let report = run(seed, false);
                    let mut seen = seen.lock().expect("no panic");
                    for (what, times) in &report.seen {
                        *seen.entry(what.clone()).or_insert(0) += times;
                    }
                    if !report.breaches.is_empty() {
                        next.store(seeds.end, Ordering::Relaxed);
                        let mut failed = failed.lock().expect("no panic");
                        if failed.as_ref().is_none_or(|(other, _)| *other > seed) {
                            *failed = Some((seed, report));
                        }
                    }
                }
            });
        }
    });
    (
        seen.into_inner().expect("no panic"),
        failed.into_inner().expect("no panic"),
    )
}

#[test]
fn holds_the_invariants_over_all_seeds() {
    if let Ok(seed) = std::env::var("SEEDWARDEN_SEED") {
        let report = run(seed.parse().expect("a number"), true);
        assert!(report.breaches.is_empty(), "{}", report.breaches.join("\n"));
        return;
    }
    let (seen, failed) = run_all(seeds());
    if let Some((seed, report)) = failed {
        let last = report.lines.len().saturating_sub(60);
        panic!(
            "the end of its trace:\n{}\n\nseed {seed}:\n{}\n\nreplay it with SEEDWARDEN_SEED={seed}",
            report.lines[last..].join("\n"),
            report.breaches.join("\n"),
        );
    }
    for (what, times) in &seen {
        println!("{times:>8} {what}");
    }
    if std::env::var_os("SEEDWARDEN_SEEDS").is_none() {
        let never: Vec<&&str> = RARE
            .iter()
            .copied()
            .flatten()
            .filter(|what| !seen.contains_key(**what))
            .collect();
        assert!(
            never.is_empty(),
            "over all seeds these never occurred: {never:?}"
        );
    }
}

#[test]
fn seeds_that_found_something_find_nothing_more() {
    for (seed, what) in FOUND {
        let report = run(seed, false);
        assert!(
            report.breaches.is_empty(),
            "seed {seed} ({what}): {}",
            report.breaches.join("\n")
        );
    }
}

#[test]
fn same_seed_gives_the_same_trace() {
    for seed in [1, 2, 5, 6, 7] {
        let (first, second) = (run(seed, false), run(seed, false));
        assert_eq!(first.digest, second.digest, "seed {seed}");
        assert_eq!(first.lines, second.lines, "seed {seed}");
    }
}
