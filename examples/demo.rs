//! The real daemon against simulated services, on sockets of this machine, in half a minute: failures are counted,
//! remedies tried, items deleted, Discord told, and the commands that show it all.
//!
//! `cargo run --release --example demo`

use seedwarden::core::plan::counted;
use seedwarden_sim::alldebrid::{AllDebrid, Magnet, Outcome};
use seedwarden_sim::discord::{Discord, Webhook};
use seedwarden_sim::door::{Door, DoorOptions};
use seedwarden_sim::qbittorrent::{Era, Server, TorrentSpec, TrackerResult};
use std::error::Error;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long the daemon runs; its cycles are two seconds, so failures reach their limits well within it.
const DAEMON_RUNS: Duration = Duration::from_secs(18);

fn main() -> ExitCode {
    // Started with arguments, this is the daemon itself, and its rule worker.
    if std::env::args_os().len() > 1 {
        return seedwarden::cli::main();
    }
    match demo() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The simulated services, each behind a socket.
struct Services {
    seedbox: Arc<Mutex<Server>>,
    debrid: Arc<Mutex<AllDebrid>>,
    discord: Arc<Mutex<Discord>>,
    doors: [Door; 3],
}

fn demo() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("seedwarden-demo-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let services = services()?;
    let config = folder.join("config.json");
    fs::write(&config, configuration(&services))?;
    // It holds secrets as text, so it is its owner's alone.
    fs::set_permissions(&config, fs::Permissions::from_mode(0o600))?;

    say(
        "A qBittorrent server, an AllDebrid account and a Discord webhook are simulated on this machine.",
    );
    say(&format!(
        "The configuration is {}. What would a cycle do now?",
        config.display()
    ));
    seedwarden(&folder, &["plan"])?.wait()?;

    say("Now the daemon runs, with cycles of two seconds instead of half an hour.");
    let daemon = seedwarden(&folder, &["run"])?;
    watch(&services, DAEMON_RUNS);
    stop(daemon)?;

    say("What came of it: status, and the history of deletions.");
    seedwarden(&folder, &["status"])?.wait()?;
    seedwarden(&folder, &["history"])?.wait()?;
    say("The state file, which you may edit at any time (`echo '{}'` into it resets all counts):");
    println!("{}", fs::read_to_string(folder.join("state/state.json"))?);
    say("A deletion is undone by one command:");
    if let Some(hash) = deleted_torrent(&services) {
        seedwarden(&folder, &["restore", &hash])?.wait()?;
    }
    let debrid = lock(&services.debrid);
    say(&format!(
        "AllDebrid saw {} and {}.",
        counted(debrid.restarted("demo").len(), "restart", "restarts"),
        counted(debrid.deleted("demo").len(), "deletion", "deletions")
    ));
    fs::remove_dir_all(&folder)?;
    Ok(())
}

fn services() -> Result<Services, Box<dyn Error>> {
    let seedbox = Arc::new(Mutex::new(Server::new(Era::V5_1)));
    let debrid = Arc::new(Mutex::new(AllDebrid::default()));
    let discord = Arc::new(Mutex::new(Discord::default()));
    let doors = [
        Door::open(seedbox.clone(), DoorOptions::qbittorrent())?,
        Door::open(debrid.clone(), DoorOptions::default())?,
        Door::open(discord.clone(), DoorOptions::default())?,
    ];
    fill_seedbox(&mut lock(&seedbox), doors[0].now());
    fill_debrid(&mut lock(&debrid));
    lock(&discord).add(Webhook::new(1, "token"));
    Ok(Services {
        seedbox,
        debrid,
        discord,
        doors,
    })
}

fn fill_seedbox(server: &mut Server, now: i64) {
    let works = || ("http://tracker.example/announce", TrackerResult::Working);
    let spec = |name: &str| {
        let (url, result) = works();
        TorrentSpec::new(name)
            .category("tv")
            .size(700 << 20)
            .tracker(url, result)
            .completed_ago(40 * 86_400)
    };
    server.add(now, spec("Healthy.Show.S01"));
    server.add(now, spec("Another.Healthy.Show.S02"));
    let lost = server.add(now, spec("Lost.Data.S03"));
    server.add(now, spec("Shared.Enough.S04").ratio(3.5));
    let gone = TorrentSpec::new("Removed.From.Tracker.S05")
        .category("tv")
        .size(300 << 20)
        .private();
    server.add(
        now,
        gone.tracker(
            "http://private.example/announce?passkey=secret",
            TrackerResult::failure("Unregistered torrent"),
        ),
    );
    server.lose_data(&lost);
    server.restart(now);
}

fn fill_debrid(debrid: &mut AllDebrid) {
    debrid.add_account("demo", "demokey");
    let magnet = |id: u64, name: &str| Magnet::new(id).named(name).sized(5 << 30);
    debrid.add("demo", magnet(1, "Ready.Film").code(4));
    debrid.add(
        "demo",
        magnet(2, "Dead.Film")
            .code(15)
            .then([Outcome::Fails(15, Duration::from_secs(1)); 9]),
    );
    debrid.add(
        "demo",
        magnet(3, "Slow.Film")
            .code(7)
            .then([Outcome::Ready(Duration::from_secs(3))]),
    );
}

fn configuration(services: &Services) -> String {
    let [seedbox, debrid, discord] = &services.doors;
    format!(
        r#"{{
  "cycle": "2s",
  "discord": {{ "webhook_url": "{}/api/webhooks/1/token" }},
  "accounts": [
    {{ "name": "seedbox", "type": "qbittorrent", "url": "{}", "username": "admin", "password": "adminadmin",
      "errored": {{ "max_failures": 4 }},
      "unregistered": {{ "max_failures": 3, "last_resort": "delete_torrent" }},
      "rules": ["shared-enough"] }},
    {{ "name": "debrid", "type": "alldebrid", "url": "{}", "api_key": "demokey", "failed": {{ "max_failures": 3 }} }}
  ],
  "rules": [
    {{ "name": "shared-enough", "for": "3s",
      "javascript": "(maindata, torrent) => torrent.ratio > 3 && torrent.progress == 1" }}
  ]
}}
"#,
        discord.url(),
        seedbox.url(),
        debrid.url()
    )
}

/// Starts this program again as `seedwarden`, with the demo's folders.
fn seedwarden(folder: &Path, arguments: &[&str]) -> std::io::Result<Child> {
    println!("\n$ seedwarden {}", arguments.join(" "));
    Command::new(std::env::current_exe()?)
        .args(arguments)
        .arg("--config")
        .arg(folder.join("config.json"))
        .arg("--state-dir")
        .arg(folder.join("state"))
        .spawn()
}

/// Prints what reaches Discord while the daemon runs.
fn watch(services: &Services, time: Duration) {
    let until = Instant::now() + time;
    let mut seen = 0;
    while Instant::now() < until {
        let texts: Vec<String> = lock(&services.discord)
            .messages(1)
            .iter()
            .skip(seen)
            .map(|m| m.text())
            .collect();
        for text in &texts {
            println!("  Discord  {}", text.replace('\n', "\n           "));
        }
        seen += texts.len();
        sleep(Duration::from_millis(200));
    }
}

/// Stops the daemon as systemd would.
fn stop(mut daemon: Child) -> Result<(), Box<dyn Error>> {
    let id = rustix::process::Pid::from_child(&daemon);
    rustix::process::kill_process(id, rustix::process::Signal::TERM)?;
    daemon.wait()?;
    Ok(())
}

fn deleted_torrent(services: &Services) -> Option<String> {
    use seedwarden_sim::qbittorrent::What;
    let server = lock(&services.seedbox);
    server
        .effects()
        .iter()
        .find(|e| matches!(e.what, What::Deleted { .. }))
        .map(|e| e.hash.clone())
}

fn lock<T>(model: &Arc<Mutex<T>>) -> MutexGuard<'_, T> {
    model.lock().unwrap_or_else(PoisonError::into_inner)
}

fn say(text: &str) {
    println!("\n== {text}");
}
