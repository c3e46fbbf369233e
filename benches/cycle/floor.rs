//! The floor: the same list, asked for, read and decoded by a bare program with the same libraries, and nothing kept.

use crate::{Fallible, median};
use rustix::time::{ClockId, clock_gettime};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::process::Command;

/// Processor time of this process so far, milliseconds.
pub fn own_ms() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

#[derive(Deserialize)]
struct List<'a> {
    rid: i64,
    #[serde(borrow)]
    torrents: BTreeMap<&'a str, Row<'a>>,
}

/// What the rules of the benchmark read, and little more.
#[derive(Deserialize)]
#[allow(dead_code)]
struct Row<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    category: Cow<'a, str>,
    tags: Cow<'a, str>,
    tracker: Cow<'a, str>,
    state: Cow<'a, str>,
    save_path: Cow<'a, str>,
    size: i64,
    progress: f64,
    ratio: f64,
    uploaded: i64,
    upspeed: i64,
    added_on: i64,
    completion_on: i64,
    seeding_time: i64,
    num_leechs: i64,
}

/// The role of the bare program: prints processor time of the whole process, and its highest memory in MiB.
pub fn run(url: &str) -> Fallible<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let torrents = runtime.block_on(read(url, None))?;
    let (_, peak) = crate::meter::memory_mib(std::process::id());
    println!("{} {peak} {torrents}", own_ms());
    Ok(())
}

/// Logs in and reads the list; keeps its text in a file if one is named.
pub async fn read(url: &str, keep: Option<&std::path::Path>) -> Fallible<usize> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .no_gzip()
        .no_proxy()
        .tls_certs_only([])
        .build()?;
    let login = client
        .post(format!("{url}/api/v2/auth/login"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("username=admin&password=adminadmin")
        .send()
        .await?;
    let cookie = login
        .headers()
        .get("set-cookie")
        .and_then(|value| value.to_str().ok()?.split(';').next())
        .ok_or("no session")?
        .to_owned();
    let answer = client
        .get(format!("{url}/api/v2/sync/maindata?rid=0"))
        .header("cookie", cookie)
        .send()
        .await?;
    let body = answer.bytes().await?;
    if let Some(keep) = keep {
        std::fs::write(keep, &body)?;
    }
    let list: List<'_> = serde_json::from_slice(&body)?;
    assert!(list.rid > 0, "a list");
    Ok(list.torrents.len())
}

/// What the bare program needs, median of five processes: milliseconds and MiB.
pub fn measure(url: &str) -> Fallible<(f64, f64)> {
    let (mut times, mut peaks) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let out = Command::new(std::env::current_exe()?)
            .args(["role", "floor", url])
            .output()?;
        let text = String::from_utf8(out.stdout)?;
        let numbers: Vec<f64> = text
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        let [ms, peak, _] = numbers[..] else {
            return Err(format!(
                "the bare program failed: {}",
                String::from_utf8_lossy(&out.stderr)
            )
            .into());
        };
        times.push(ms);
        peaks.push(peak);
    }
    Ok((median(&times), median(&peaks)))
}
