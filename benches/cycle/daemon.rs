//! The real program, configured and running, with the meters on it and its rule worker.

use crate::Fallible;
use crate::meter::{Meter, children, ended_children_ms, memory_mib, wait_for_rest};
use crate::world::World;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The program that is measured.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_seedwarden");

/// An account of the simulated server.
pub fn account(name: &str, url: &str, more: &Value) -> Value {
    let mut account = json!({
        "name": name, "type": "qbittorrent", "url": url, "username": "admin", "password": "adminadmin",
    });
    if let (Some(account), Some(more)) = (account.as_object_mut(), more.as_object()) {
        account.extend(more.clone());
    }
    account
}

/// A configuration in a folder of its own.
pub struct Configured {
    folder: TempDir,
}

impl Configured {
    /// Writes it.
    pub fn new(configuration: &Value) -> Fallible<Configured> {
        let folder = tempfile::Builder::new()
            .prefix("seedwarden-bench-")
            .tempdir()?;
        let configured = Configured { folder };
        let file = configured.file();
        fs::write(&file, configuration.to_string())?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        Ok(configured)
    }

    /// The file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("config.json")
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The state folder.
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The program with these arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .arg("--config")
            .arg(self.file())
            .arg("--state-dir")
            .arg(self.state())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

/// Processor time so far, milliseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Used {
    /// The daemon, with what it has started and what has ended.
    pub daemon: f64,
    /// Its rule worker.
    pub worker: f64,
}

impl Used {
    /// Both.
    pub fn all(self) -> f64 {
        self.daemon + self.worker
    }

    /// What came after `before`.
    pub fn since(self, before: Used) -> Used {
        Used {
            daemon: self.daemon - before.daemon,
            worker: self.worker - before.worker,
        }
    }
}

/// The running daemon.
pub struct Daemon {
    child: Child,
    meter: Meter,
    workers: BTreeMap<u32, Meter>,
}

impl Daemon {
    /// Starts it with an empty state.
    pub fn start(configured: &Configured) -> Fallible<Daemon> {
        let _ = fs::remove_dir_all(configured.state());
        Daemon::go_on(configured)
    }

    /// Starts it with the state that is there.
    pub fn go_on(configured: &Configured) -> Fallible<Daemon> {
        let child = configured.command(&["run"]).spawn()?;
        let meter = Meter::new(child.id());
        Ok(Daemon {
            child,
            meter,
            workers: BTreeMap::new(),
        })
    }

    /// What it has used so far.
    pub fn used(&mut self) -> Used {
        let pid = self.child.id();
        for worker in children(pid) {
            self.workers
                .entry(worker)
                .or_insert_with(|| Meter::new(worker));
        }
        let alive = children(pid);
        self.workers.retain(|worker, _| alive.contains(worker));
        Used {
            daemon: self.meter.used_ms() + ended_children_ms(pid),
            worker: self.workers.values_mut().map(Meter::used_ms).sum(),
        }
    }

    /// Waits until the server was asked for more than `lists` lists and everything is at rest again.
    pub fn after_cycle(&mut self, world: &mut World, lists: u64) -> Fallible<Used> {
        let until = Instant::now() + Duration::from_secs(120);
        while world.counts()?.0 <= lists {
            if Instant::now() > until {
                return Err("the daemon runs no cycle".into());
            }
            sleep(Duration::from_millis(20));
        }
        wait_for_rest(|| self.used().all());
        Ok(self.used())
    }

    /// Asks for a full cycle now.
    pub fn cycle_now(&self) -> Fallible<()> {
        kill_process(Pid::from_child(&self.child), Signal::USR1)?;
        Ok(())
    }

    /// Resident memory of the daemon, MiB: now and highest.
    pub fn memory(&self) -> (f64, f64) {
        memory_mib(self.child.id())
    }

    /// The same of its worker.
    pub fn worker_memory(&self) -> (f64, f64) {
        let worker = self.workers.keys().next().copied();
        worker.map_or((0.0, 0.0), memory_mib)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.child.wait();
    }
}
