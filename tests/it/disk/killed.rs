//! `kill -9` at any moment, and system calls that fail.

use super::{ROUNDS, Records, child, said};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Deaths; each at another moment after the child is ready.
const DEATHS: u64 = 40;

/// The last numbers in what a child said: state and ledger.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Kept {
    state: u32,
    ledger: u64,
    errors: u32,
}

impl Kept {
    fn hear(&mut self, line: &str) {
        let Some((what, number)) = said(line).and_then(|said| said.split_once(' ')) else {
            return;
        };
        match what {
            "state" => self.state = number.parse().expect("a number"),
            "ledger" => self.ledger = number.parse().expect("a number"),
            _ => self.errors += 1,
        }
    }

    /// Nothing that was said is lost, and no more than the one under way came on top. Goes on from what is there.
    async fn check(&mut self, folder: &Path) {
        let records = Records::open(folder).await;
        let (state, ledger) = (records.count().await, records.last_intent());
        assert!(
            state >= self.state && state <= self.state + 1,
            "state: {self:?}, found {state}"
        );
        assert!(
            ledger >= self.ledger && ledger <= self.ledger + 1,
            "ledger: {self:?}, found {ledger}"
        );
        (self.state, self.ledger) = (state, ledger);
    }
}

#[tokio::test]
async fn keeps_every_number_it_has_said_when_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Kept::default();
    for death in 0..DEATHS {
        let mut child = child(&[], "commits_and_says_so", folder.path())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.find(|line| line.as_deref().ok().and_then(said) == Some("ready"));
        assert!(ready.is_some(), "the child loads what the last one left");
        // Not a time that anything has to be done in: the moment of death is to vary.
        std::thread::sleep(Duration::from_micros(death * 977 % 20_000));
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said before it died is still in the pipe; its last line may be torn.
        for line in lines.map_while(Result::ok) {
            kept.hear(&line);
        }
        kept.check(folder.path()).await;
    }
    assert!(kept.state > 20, "it got something done: {kept:?}");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    for name in ["state.json", "ledger.jsonl", "write.lock"] {
        assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
    }
    let count = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(count, 3, "no strays");
}

#[tokio::test]
async fn makes_its_folder_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("state/seedwarden");
    Records::open(&below).await;
    for path in [&below, &folder.path().join("state")] {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
}

/// Whether processes can be traced here.
fn can_trace() -> bool {
    let mut strace = Command::new("strace");
    let quiet = strace
        .args(["-qq", "-o", "/dev/null", "true"])
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

#[tokio::test]
async fn goes_on_when_a_system_call_fails() {
    if !can_trace() {
        println!("left out: strace is not installed, or may not trace here");
        return;
    }
    let mut injected = 0;
    for (calls, error) in [("fsync", "EIO"), ("rename,renameat,renameat2", "ENOSPC")] {
        // Each thread counts its own calls.
        for when in ["1", "2", "3", "4", "5", "2..4"] {
            let folder = tempfile::tempdir().unwrap();
            let log = folder.path().join("strace.log");
            let log = log.to_str().unwrap();
            let inject = format!("inject={calls}:error={error}:when={when}");
            let trace = format!("trace={calls}");
            let before = [
                "strace", "-f", "-qq", "-o", log, "-e", &trace, "-e", &inject,
            ];
            let state = folder.path().join("state");
            let mut child = child(&before, "commits_and_says_so", &state);
            let output = child.env(ROUNDS, "6").output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success(), "{inject}: {text}");
            let mut kept = Kept::default();
            text.lines().for_each(|line| kept.hear(line));
            let log = std::fs::read_to_string(log).unwrap();
            let failed = log.matches("(INJECTED)").count();
            assert_eq!(kept.errors > 0, failed > 0, "{inject}: {kept:?}");
            injected += failed;
            kept.check(&state).await;
        }
    }
    assert!(injected > 8, "{injected} calls failed");
}
