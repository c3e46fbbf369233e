//! Processor time and memory of processes, by what the kernel tells below `/proc`.

use std::collections::BTreeMap;
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Milliseconds of a clock tick in `/proc/*/stat`: 100 a second on every Linux of today.
const TICK_MS: f64 = 10.0;

/// A process is at rest when it uses less than this many milliseconds in [`REST`].
const NOTHING_MS: f64 = 0.2;
const REST: Duration = Duration::from_millis(250);

/// The processor time of one process, also of its threads that have ended since it was first looked at.
#[derive(Debug)]
pub struct Meter {
    pid: u32,
    threads: BTreeMap<String, f64>,
}

impl Meter {
    /// Of a process that has just begun.
    pub fn new(pid: u32) -> Meter {
        let threads = BTreeMap::new();
        Meter { pid, threads }
    }

    /// Milliseconds so far: by the scheduler's own count if the kernel shows it, else in ticks.
    pub fn used_ms(&mut self) -> f64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.pid));
        for task in tasks.into_iter().flatten().flatten() {
            if let Some(used) = fs::read_to_string(task.path().join("sched"))
                .ok()
                .and_then(|text| run_time(&text))
            {
                let thread = task.file_name().to_string_lossy().into_owned();
                self.threads.insert(thread, used);
            }
        }
        if self.threads.is_empty() {
            return ticks_ms(self.pid, [11, 12]);
        }
        self.threads.values().sum()
    }
}

fn run_time(sched: &str) -> Option<f64> {
    let line = sched
        .lines()
        .find(|line| line.starts_with("se.sum_exec_runtime"))?;
    line.rsplit(':').next()?.trim().parse().ok()
}

fn fields(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything.
    let rest = text.rsplit_once(')')?.1;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

fn ticks_ms(pid: u32, places: [usize; 2]) -> f64 {
    let fields = fields(pid).unwrap_or_default();
    let ticks = places
        .iter()
        .filter_map(|place| fields.get(*place)?.parse::<f64>().ok());
    ticks.sum::<f64>() * TICK_MS
}

/// Milliseconds of the children that ended, in ticks.
pub fn ended_children_ms(pid: u32) -> f64 {
    ticks_ms(pid, [13, 14])
}

/// The processes that this one has started and that run.
pub fn children(pid: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers
        .filter(|child| fields(*child).is_some_and(|f| f.get(1) == Some(&pid.to_string())))
        .collect()
}

/// Resident memory in MiB: now, and the highest so far.
pub fn memory_mib(pid: u32) -> (f64, f64) {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kib = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
        number.unwrap_or(f64::NAN)
    };
    (kib("VmRSS:") / 1024.0, kib("VmHWM:") / 1024.0)
}

/// Waits until `used` grows no more.
pub fn wait_for_rest(mut used: impl FnMut() -> f64) {
    let until = Instant::now() + Duration::from_secs(120);
    let mut before = used();
    while Instant::now() < until {
        sleep(REST);
        let now = used();
        if now - before < NOTHING_MS {
            return;
        }
        before = now;
    }
}
