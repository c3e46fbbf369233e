//! Public clients of the services against the models, through the socket: a check of the models that shares nothing
//! with the product. `tests/clients/install` gets the clients; without them a test says that it was skipped.

use seedwarden_sim::alldebrid::{AllDebrid, Magnet, Outcome, Shape, Torrent};
use seedwarden_sim::door::{Door, DoorOptions};
use seedwarden_sim::faults::{Fault, Faults, Faulty, Log};
use seedwarden_sim::qbittorrent::{Era, Server, TrackerResult};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

/// The folder of an installed client, or `None` with a word about it.
fn installed(client: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("SEEDWARDEN_CLIENTS") else {
        eprintln!(
            "SKIPPED {client}: set SEEDWARDEN_CLIENTS to the folder that tests/clients/install filled"
        );
        return None;
    };
    let folder = Path::new(&folder).join(client);
    if !folder.is_dir() {
        eprintln!(
            "SKIPPED {client}: {} does not exist; run tests/clients/install",
            folder.display()
        );
        return None;
    }
    Some(folder)
}

/// Runs a script of `tests/clients` with the client's folder in `variable`, and fails with its output.
fn run(program: &str, script: &str, variable: (&str, &Path), url: &str) {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../clients");
    // Clients may leave files in the current folder.
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!(
        "{script}-{}-{}",
        std::process::id(),
        url.rsplit(':').next().unwrap_or("")
    ));
    std::fs::create_dir_all(&scratch).unwrap();
    let output = Command::new(program)
        .arg(scripts.join(script).canonicalize().unwrap())
        .arg(url)
        .env(variable.0, variable.1)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(&scratch)
        .output()
        .unwrap_or_else(|error| panic!("{program} could not be started: {error}"));
    std::fs::remove_dir_all(&scratch).unwrap();
    let text = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{script}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&text)
    );
}

/// An account with a magnet of each kind. The rate limit is off, since the clients do not know it.
fn alldebrid() -> AllDebrid {
    let mut service = AllDebrid::default();
    service.limiter.windows.clear();
    service.add_account("public", "PUBLICCLIENTSKEY0001");
    for magnet in [
        Magnet::new(1).named("Ready.Thing").sized(5_000_000_000_000),
        Magnet::new(2).code(1),
        Magnet::new(3).code(15).then([Outcome::Stuck]),
        Magnet::new(4)
            .code(11)
            .named("Expired.Thing")
            .then([Outcome::Cached]),
        Magnet::new(5).code(7),
    ] {
        service.add("public", magnet);
    }
    let torrent = Torrent {
        name: "From.File".to_owned(),
        size: 7,
        is_private: true,
        outcome: Outcome::Cached,
        restarts: VecDeque::new(),
        file: Some(b"d4:infoe".as_slice().into()),
    };
    service.know(&"a".repeat(40), torrent);
    service
}

#[test]
fn npm_all_debrid_api_agrees_with_the_alldebrid_model() {
    let Some(client) = installed("all-debrid-api-1.4.2") else {
        return;
    };
    let (faults, log) = (Faults::default(), Log::default());
    // Calls that the model does not know stand for bad answers to any call.
    faults.always("hosts/domains", Fault::Empty503);
    faults.always("hosts/regexp", Fault::Html200);
    faults.always("hosts/priority", Fault::CloseBefore);
    let service = Arc::new(Mutex::new(Faulty::new(alldebrid(), faults, log.clone())));
    let door = Door::open(service.clone(), DoorOptions::default()).unwrap();
    run(
        "node",
        "alldebrid.js",
        ("NODE_PATH", &client.join("node_modules")),
        &door.url(),
    );
    let service = &service.lock().unwrap().model;
    assert_eq!(service.restarted("public"), [3], "{log}");
    assert_eq!(service.deleted("public"), [4], "{log}");
    assert_eq!(service.uploaded("public"), [6], "{log}");
}

#[test]
fn pypi_alldebrid_agrees_with_the_alldebrid_model_in_every_shape() {
    let Some(client) = installed("alldebrid-0.3.2") else {
        return;
    };
    for (listing, by_id) in [
        (Shape::List, Shape::Single),
        (Shape::Keyed, Shape::Keyed),
        (Shape::List, Shape::List),
    ] {
        let mut service = alldebrid();
        service.switches.listing = listing;
        service.switches.filtered = listing;
        service.switches.by_id = by_id;
        let service = Arc::new(Mutex::new(service));
        let door = Door::open(service.clone(), DoorOptions::default()).unwrap();
        run(
            "python3",
            "alldebrid.py",
            ("PYTHONPATH", &client),
            &door.url(),
        );
        let service = service.lock().unwrap();
        assert_eq!(service.deleted("public"), [5], "{listing:?}");
        assert_eq!(service.uploaded("public"), [6, 7], "{listing:?}");
    }
}

#[test]
fn pypi_qbittorrent_api_agrees_with_the_qbittorrent_model_of_every_version() {
    let Some(client) = installed("qbittorrent-api-2026.10.1") else {
        return;
    };
    // Most of the time goes by in waiting for checks and announces, as with real servers.
    let client = &client;
    std::thread::scope(|scope| {
        for era in Era::ALL {
            scope.spawn(move || {
                let server = Arc::new(Mutex::new(Server::new(era)));
                let door = Door::open(server.clone(), DoorOptions::qbittorrent()).unwrap();
                {
                    let settings = &mut server.lock().unwrap().settings;
                    settings.webui_port = door.addr.port();
                    settings.checks_host = true;
                    settings.added_tracker = TrackerResult::refused();
                }
                run(
                    "python3",
                    "qbittorrent.py",
                    ("PYTHONPATH", client),
                    &door.url(),
                );
            });
        }
    });
}
