//! The machine that was measured on.

use std::fs;
use std::process::Command;

/// Head of the table: what was measured where.
pub fn head() -> String {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("unknown processor", |(_, name)| name.trim());
    let threads = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = memory
        .lines()
        .next()
        .and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("?").to_owned();
    format!(
        "# Measured\n\nWritten by `cargo bench` at commit {}. {model}, {threads} threads, {} GiB, Linux {}, {}; load average \
         at the start: {load}.\n\nProcessor time (user and system) of the real program, medians of five. The floor is a \
         bare program\nin the same run. Times are in milliseconds, memory in MiB.\n\n",
        told_by("git", &["describe", "--always", "--dirty"]),
        kib.unwrap_or(0) >> 20,
        kernel.trim(),
        told_by("rustc", &["--version"]),
    )
}

/// What a command says; `?` where there is none.
fn told_by(command: &str, arguments: &[&str]) -> String {
    let told = Command::new(command).args(arguments).output();
    let told = told.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned());
    told.ok()
        .filter(|told| !told.is_empty())
        .unwrap_or_else(|| "?".to_owned())
}
