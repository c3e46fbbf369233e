//! What the program says to a real journal: a stand-alone journald in namespaces of its own.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::product::Product;

const JOURNALD: &str = "/lib/systemd/systemd-journald";

/// Starts journald, runs the program with standard error in the journal, and prints its entries of the account. Older
/// versions of systemd-cat do not set JOURNAL_STREAM.
const SCRIPT: &str = r#"
mount -t tmpfs none /run; mount -t tmpfs none /var/log; mkdir -p /run/systemd/journal
/lib/systemd/systemd-journald 2>/dev/null & journald=$!
n=0; while [ ! -S /run/systemd/journal/stdout ]; do sleep 0.05; n=$((n+1)); [ $n -lt 200 ] || exit 9; done
systemd-cat -t wrong sh -c 'JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2) exec "$@"' sh "$@" </dev/null
journalctl --sync; journalctl --no-pager -o json ACCOUNT=seedbox
kill $journald
"#;

/// The command that runs a script as root of namespaces of its own; `None` where that is not possible.
fn apart() -> Option<Command> {
    let command = || {
        let mut command = Command::new("unshare");
        command.args(["-rm", "--fork", "--pid", "--mount-proc", "sh", "-c"]);
        command
    };
    let quiet = command()
        .arg("mount -t tmpfs none /run")
        .stderr(Stdio::null())
        .status();
    let can = quiet.is_ok_and(|status| status.success());
    (can && Path::new(JOURNALD).exists()).then(command)
}

#[test]
fn the_journal_gets_native_fields() {
    let Some(mut command) = apart() else {
        println!("left out: no journald here, or no namespaces");
        return;
    };
    // Nothing listens there.
    let product = Product::configured(&json!({ "accounts": [{
        "name": "seedbox", "type": "qbittorrent",
        "url": "http://127.0.0.1:1", "username": "u", "password": {"env": "SEEDWARDEN_TEST_PASSWORD"},
    }]}));
    let run = product.command(&["run", "--once"]);
    command
        .arg(SCRIPT)
        .arg("sh")
        .arg(run.get_program())
        .args(run.get_args());
    command
        .env("SEEDWARDEN_TEST_PASSWORD", "x")
        .stdin(Stdio::null());
    let output = command.output().expect("unshare");
    let text = String::from_utf8_lossy(&output.stdout);
    let entries: Vec<Value> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let [entry] = &entries[..] else {
        panic!("one entry of the account was expected: {text}");
    };
    for (field, value) in [
        ("ACCOUNT", "seedbox"),
        ("CYCLE", "1"),
        ("PRIORITY", "4"),
        ("SYSLOG_IDENTIFIER", "seedwarden"),
        ("_TRANSPORT", "journal"),
    ] {
        assert_eq!(entry[field], value, "{field} of {entry}");
    }
    let message = entry["MESSAGE"].as_str().expect("a message");
    assert!(
        message.starts_with("seedbox: could not be read"),
        "{message}"
    );
}
