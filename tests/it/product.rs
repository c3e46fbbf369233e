//! The program itself, as a person or systemd runs it: with a configuration and a state folder of its own.

// Each case uses its own part of the harness.
#![allow(dead_code)]

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::real::api::{PASSWORD, USER};
use crate::real::server::Server;
use crate::real::until;

/// A configured program. Its files are removed when it is dropped.
pub struct Product {
    folder: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub struct Outcome {
    /// Its exit code, or `None` if a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it printed beside that.
    pub stderr: String,
}

impl Product {
    /// Writes this configuration, readable by its owner alone.
    pub fn configured(configuration: &Value) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("seedwarden-")
            .tempdir()
            .expect("a folder");
        let product = Self { folder };
        product.configure(configuration);
        product
    }

    /// A program that looks after one account on a real server, with these further settings of the account, and with
    /// these of the whole. Each [`Product::cycle`] counts.
    pub fn watching(server: &Server, account: Value, whole: Value) -> Self {
        let mut configuration = json!({ "cycle": "10ms", "accounts": [{
            "name": "seedbox", "type": "qbittorrent",
            "url": server.url(), "username": USER, "password": PASSWORD,
        }]});
        merge(&mut configuration["accounts"][0], account);
        merge(&mut configuration, whole);
        Self::configured(&configuration)
    }

    /// Writes another configuration over the one that is there.
    pub fn configure(&self, configuration: &Value) {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options
            .open(self.configuration())
            .expect("the configuration is opened");
        let text = serde_json::to_vec_pretty(configuration).expect("JSON");
        file.write_all(&text).expect("the configuration is written");
    }

    /// The configuration file.
    pub fn configuration(&self) -> PathBuf {
        self.folder.path().join("config.json")
    }

    /// The state folder, which the program makes itself.
    pub fn state_dir(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The content of the state file.
    pub fn state(&self) -> Value {
        let text = fs::read_to_string(self.state_dir().join("state.json")).expect("a state file");
        serde_json::from_str(&text).expect("the state file is JSON")
    }

    /// A failure count in the state file, such as `("seedbox", HASH, "errored")`; 0 if there is none.
    pub fn failures(&self, account: &str, item: &str, ailment: &str) -> u64 {
        self.state()["accounts"][account]["items"][item][ailment]["failures"]
            .as_u64()
            .unwrap_or(0)
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        let output = self
            .command(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("the program runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output in UTF-8");
        Outcome {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Runs `run --once`, which has to go well.
    pub fn cycle(&self) -> Outcome {
        let outcome = self.run(&["run", "--once"]);
        assert_eq!(outcome.code, Some(0), "run --once: {outcome:#?}");
        outcome
    }

    /// Starts the daemon, which is killed when dropped.
    pub fn daemon(&self) -> Daemon {
        self.daemon_with(&[])
    }

    /// Starts the daemon with these variables in its environment.
    pub fn daemon_with(&self, variables: &[(&str, &str)]) -> Daemon {
        let path = self.folder.path().join("log");
        let log = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .expect("a log file");
        let mut command = self.command(&["run"]);
        command
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the log again"))
            .stderr(log);
        Daemon {
            child: command.spawn().expect("the program starts"),
            log: path,
        }
    }

    /// A command with this configuration and state folder, and nothing of the environment that tests run in.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_seedwarden"));
        command
            .args(arguments)
            .arg("--config")
            .arg(self.configuration());
        command.arg("--state-dir").arg(self.state_dir());
        command
            .env_clear()
            .env("TZ", "UTC")
            .env("HOME", self.folder.path());
        command.current_dir(self.folder.path());
        command
    }
}

/// A running daemon.
pub struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    /// All that it has logged, what daemons before it in the same folder logged included.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("a log in UTF-8")
    }

    /// Waits until it has logged this.
    pub fn wait_for_log(&self, text: &str) {
        until(&format!("the daemon logs {text:?}"), || {
            self.log().contains(text).then_some(())
        });
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("the id of a process"), signal)
            .expect("the daemon gets the signal");
    }

    /// Waits until it has ended by itself.
    pub fn wait(&mut self) -> ExitStatus {
        until("the daemon ends", || {
            self.child.try_wait().expect("a child of ours")
        })
    }

    /// Stops it as systemd would. It has to end well.
    pub fn stop(mut self) {
        self.signal(Signal::TERM);
        let status = self.wait();
        assert!(
            status.success(),
            "the daemon ended with {status}:\n{}",
            self.log()
        );
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child of ours").is_none()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            println!("the daemon logged:\n{}", self.log());
        }
    }
}

/// Puts each key of `more` into `into`.
fn merge(into: &mut Value, more: Value) {
    let Value::Object(more) = more else {
        panic!("settings are an object, not {more}")
    };
    for (key, value) in more {
        into[key] = value;
    }
}
