//! The simulated server in a process of its own, and the handle on it.

use crate::Fallible;
use bytes::Bytes;
use seedwarden_sim::door::{Door, DoorOptions, wall_clock};
use seedwarden_sim::qbittorrent::{Era, Server, Settings, TorrentSpec, TrackerResult};
use seedwarden_sim::{Answer, Model, NowMs};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

/// A server that counts requests, and changes some torrents before each delta.
struct Busy {
    server: Server,
    hashes: Vec<String>,
    changes: usize,
    next: usize,
    lists: u64,
    requests: u64,
}

impl Model for Busy {
    fn answer(&mut self, request: &http::Request<Bytes>, now: NowMs) -> Answer {
        self.requests += 1;
        if request.uri().path().ends_with("/sync/maindata") {
            self.lists += 1;
            if request.uri().query() != Some("rid=0") {
                self.change();
            }
        }
        self.server.answer(request, now)
    }
}

impl Busy {
    fn change(&mut self) {
        for _ in 0..self.changes {
            let hash = &self.hashes[self.next % self.hashes.len()];
            self.next += 1;
            self.server.edit(hash, |torrent| {
                torrent.uploaded += 1 << 20;
                torrent.num_leechs += 1;
            });
        }
    }
}

/// The role of the server: prints its address, then answers commands from standard input until that ends.
pub fn serve(torrents: usize) -> Fallible<()> {
    let settings = Settings {
        delta_lag_ms: 0,
        ..Settings::new(Era::V5_3)
    };
    let disk = Box::new(seedwarden_sim::qbittorrent::MemoryDisk::default());
    let mut server = Server::with(settings, disk);
    let hashes = server.add_all(wall_clock(), (0..torrents).map(spec));
    let busy = Arc::new(Mutex::new(Busy {
        server,
        hashes,
        changes: 0,
        next: 0,
        lists: 0,
        requests: 0,
    }));
    let door = Door::open(busy.clone(), DoorOptions::qbittorrent())?;
    println!("{}", door.url());
    for line in std::io::stdin().lines() {
        let line = line?;
        let mut busy = busy.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(changes) = line.strip_prefix("change ") {
            busy.changes = changes.parse()?;
        }
        println!("{} {}", busy.lists, busy.requests);
    }
    Ok(())
}

/// A torrent that is well: complete, seeding, with a tracker that works.
fn spec(number: usize) -> TorrentSpec {
    let category = ["movies", "tv", "music", "books"][number % 4];
    let host = ["one.example", "two.example", "three.example"][number % 3];
    let url = format!("https://tracker.{host}/0123456789abcdef0123456789abcdef/announce");
    let name = format!("Some.Title.Of.The.Usual.Length.{number:05}.1080p.WEB.x264-GROUP");
    let spec = TorrentSpec::new(&name)
        .category(category)
        .save_path(&format!("/downloads/{category}"))
        .tag(["cross-seed", "archive"][number % 2])
        .size((700 << 20) + number as u64 * 4096)
        .completed_ago(86_400 + number as i64 * 60)
        .uploaded(number as u64 * 1_000_000)
        .num_complete(12)
        .tracker(&url, TrackerResult::Working);
    if number.is_multiple_of(2) {
        spec.private()
    } else {
        spec
    }
}

/// The running server.
pub struct World {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    /// Its address.
    pub url: String,
}

impl World {
    /// Starts one with so many torrents.
    pub fn start(torrents: usize) -> Fallible<World> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["role", "server", &torrents.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (to, from) = (child.stdin.take(), child.stdout.take());
        let (to, from) = (to.ok_or("no input")?, from.ok_or("no output")?);
        let mut from = BufReader::new(from);
        let mut url = String::new();
        from.read_line(&mut url)?;
        let url = url.trim().to_owned();
        Ok(World {
            child,
            to,
            from,
            url,
        })
    }

    /// From now on so many torrents change before each delta. Answers lists and requests so far.
    pub fn change(&mut self, torrents: usize) -> Fallible<(u64, u64)> {
        self.ask(&format!("change {torrents}"))
    }

    /// Lists asked for so far, and requests in all.
    pub fn counts(&mut self) -> Fallible<(u64, u64)> {
        self.ask("counts")
    }

    fn ask(&mut self, command: &str) -> Fallible<(u64, u64)> {
        writeln!(self.to, "{command}")?;
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        let (lists, requests) = line.trim().split_once(' ').ok_or("the server has ended")?;
        Ok((lists.parse()?, requests.parse()?))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
