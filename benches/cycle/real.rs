//! What the daemon costs beside what a real server spends on answering it, at 5,000 torrents.

use crate::cycles::{Rules, configuration};
use crate::daemon::{Configured, Daemon};
use crate::meter::{Meter, children, wait_for_rest};
use crate::{Fallible, median, verdict};
use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

#[allow(dead_code)]
#[path = "../../tests/it/real/api.rs"]
mod api;
#[allow(dead_code)]
#[path = "../../tests/it/real/server.rs"]
mod server;
#[allow(dead_code)]
#[path = "../../tests/it/real/torrent.rs"]
mod torrent;

/// How long the server may take to start, or to take the torrents over.
const PATIENCE: Duration = Duration::from_secs(150);
const TORRENTS: usize = 5_000;
/// Answers asked for in one measurement of the server.
const ANSWERS: u32 = 10;
/// A daemon that has used this many milliseconds since a cycle was asked for has begun it.
const BEGUN_MS: f64 = 1.0;

/// Looks again and again for at most `limit`, and returns what was found, if anything.
fn within<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        let found = look();
        if found.is_some() || Instant::now() > deadline {
            return found;
        }
        sleep(Duration::from_millis(30));
    }
}

/// Measures, and gives the table.
pub fn measure() -> Fallible<String> {
    let head = format!("## Beside a real server, {TORRENTS} torrents\n\n");
    let Some(release) = server::servers()
        .into_iter()
        .rfind(|release| release.is_at_least(5, 0))
    else {
        return Ok(format!(
            "{head}Not measured: no qBittorrent 5 here (`tests/servers/fetch` makes one available).\n"
        ));
    };
    eprintln!("a real server with {TORRENTS} torrents");
    let server = server::Server::start(&release);
    fill(&server)?;
    let mut cost = Cost::of_server();
    let whole = cost.of_answers(|| drop(server.api().get("sync/maindata?rid=0")));
    let mut rid = server.api().get("sync/maindata?rid=0").json()["rid"].clone();
    let delta = cost.of_answers(|| {
        let answer = server.api().get(&format!("sync/maindata?rid={rid}")).json();
        rid = answer["rid"].clone();
    });
    let (first, next) = daemon(&server)?;
    let row = |what: &str, server: f64, ours: f64| {
        let share = ours / server;
        format!(
            "| {what} | {server:.1} | {ours:.1} | {share:.2} | 0.1 | {} |\n",
            verdict(share <= 0.1)
        )
    };
    Ok(format!(
        "{head}qBittorrent {}, all torrents stopped. Processor time in milliseconds: the server's for one answer without \
         what it\nuses while nobody asks, and that of daemon and worker for a cycle with one rule in JavaScript.\n\n\
         | | server | daemon and worker | share | at most | |\n|---|---|---|---|---|---|\n{}{}",
        release.version,
        row("first cycle, the whole list", whole, first),
        row("full cycle on a delta", delta, next),
    ))
}

fn fill(server: &server::Server) -> Fallible<()> {
    for number in 0..TORRENTS {
        let name = format!("Some.Title.Of.The.Usual.Length.{number:05}.1080p.WEB.x264-GROUP");
        let tracker = "https://tracker.one.invalid/0123456789abcdef0123456789abcdef/announce";
        let torrent = torrent::Torrent::named(&name)
            .file(&name, 1_000)
            .tracker(tracker)
            .private()
            .made();
        torrent.write_data(&server.downloads());
        let fields = [
            ("stopped", "true"),
            ("skip_checking", "true"),
            ("category", ["movies", "tv", "music", "books"][number % 4]),
        ];
        server.api().add(&torrent, &server.downloads(), &fields);
    }
    // Torrents in error would be an outage, and more to decide.
    let are_well = || {
        let list = server.api().get("torrents/info").json();
        let states = list.as_array()?.iter().map(|torrent| &torrent["state"]);
        let well = states.filter(|state| *state == "stoppedUP").count();
        (well == TORRENTS).then_some(())
    };
    Ok(within(PATIENCE, are_well)
        .ok_or("the server does not have all torrents complete and stopped")?)
}

/// Processor time of the real server.
struct Cost {
    meters: BTreeMap<u32, Meter>,
}

impl Cost {
    /// Of everything below this process: nothing else runs yet.
    fn of_server() -> Cost {
        let mut meters = BTreeMap::new();
        let mut parents = vec![std::process::id()];
        while let Some(parent) = parents.pop() {
            for child in children(parent) {
                meters.insert(child, Meter::new(child));
                parents.push(child);
            }
        }
        Cost { meters }
    }

    fn used_ms(&mut self) -> f64 {
        self.meters.values_mut().map(Meter::used_ms).sum()
    }

    /// Of one answer, median of five.
    fn of_answers(&mut self, mut ask: impl FnMut()) -> f64 {
        let mut times = Vec::new();
        for _ in 0..5 {
            let (before, began) = (self.used_ms(), Instant::now());
            sleep(Duration::from_secs(3));
            let idle = (self.used_ms() - before) / began.elapsed().as_secs_f64();
            let (before, began) = (self.used_ms(), Instant::now());
            for _ in 0..ANSWERS {
                ask();
            }
            let used = self.used_ms() - before - idle * began.elapsed().as_secs_f64();
            times.push(used / f64::from(ANSWERS));
        }
        median(&times)
    }
}

/// Waits until the state is kept, which the first cycle does at its end: the server can take long to answer, and meanwhile
/// the daemon rests.
fn after_first(configured: &Configured, daemon: &mut Daemon) -> Fallible<f64> {
    let path = configured.state().join("state.json");
    let is_kept =
        || std::fs::read_to_string(&path).is_ok_and(|text| text.contains("last_cycle_at"));
    within(PATIENCE, || is_kept().then_some(())).ok_or("the daemon ends no first cycle")?;
    wait_for_rest(|| daemon.used().all());
    Ok(daemon.used().all())
}

/// Asks for a cycle, and waits until it was made: an answer with nothing new takes the server no time.
fn after_next(daemon: &mut Daemon) -> Fallible<f64> {
    let before = daemon.used();
    daemon.cycle_now()?;
    let is_begun = || (daemon.used().since(before).all() > BEGUN_MS).then_some(());
    within(PATIENCE, is_begun).ok_or("the daemon runs no further cycle")?;
    wait_for_rest(|| daemon.used().all());
    Ok(daemon.used().since(before).all())
}

/// The first cycle, and a full one on a delta; medians of five.
fn daemon(server: &server::Server) -> Fallible<(f64, f64)> {
    let mut configuration = configuration(&server.url(), Rules::Script, "6h");
    configuration["accounts"][0]["username"] = api::USER.into();
    configuration["accounts"][0]["password"] = api::PASSWORD.into();
    let configured = Configured::new(&configuration)?;
    let (mut first, mut next) = (Vec::new(), Vec::new());
    for round in 0..5 {
        let mut daemon = Daemon::start(&configured)?;
        first.push(after_first(&configured, &mut daemon)?);
        for _ in 0..if round == 4 { 5 } else { 0 } {
            next.push(after_next(&mut daemon)?);
        }
    }
    Ok((median(&first), median(&next)))
}
