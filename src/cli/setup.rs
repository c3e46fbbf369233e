//! What most commands begin with: the configuration, the folders, the runtime, the real ports.

use super::{FAILED, Places, WRONG};
use crate::config::policy::{AccountPolicy, Policy};
use crate::config::{load, paths};
use crate::core::model::foreign::is_harmful;
use crate::core::plan::on_one_line;
use crate::shell::lasting::Lasting;
use futures_core::Stream;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::future::{Future, poll_fn};
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::Poll;

/// Prints an error, which may have several lines, and gives the exit code.
pub fn fail(code: u8, text: impl std::fmt::Display) -> u8 {
    let text = text.to_string();
    let lines: Vec<_> = text.split('\n').map(on_one_line).collect();
    eprintln!("seedwarden: {}", lines.join("\n"));
    code
}

/// The configuration file.
///
/// # Errors
/// The exit code, after saying why.
pub fn config_file(places: &Places) -> Result<PathBuf, u8> {
    paths::config_file(places.config.clone()).ok_or_else(|| {
        fail(
            WRONG,
            "no configuration folder is known for this user; give --config FILE",
        )
    })
}

/// The state folder.
///
/// # Errors
/// The exit code, after saying why.
pub fn state_folder(places: &Places) -> Result<PathBuf, u8> {
    paths::state_folder(places.state_dir.clone(), places.config.as_deref()).ok_or_else(|| {
        fail(
            WRONG,
            "no state folder is known for this user; give --state-dir DIR",
        )
    })
}

/// Loads the configuration; its warnings and errors go to standard error.
///
/// # Errors
/// The exit code, after the report.
pub fn policy(places: &Places) -> Result<Policy, u8> {
    let file = config_file(places)?;
    policy_of(&file).map_err(|report| {
        eprint!("{report}");
        WRONG
    })
}

/// Loads a configuration; warnings go to standard error, errors are the report.
///
/// # Errors
/// The report of everything that is wrong with it.
pub fn policy_of(file: &Path) -> Result<Policy, String> {
    let with_colours = std::io::stderr().is_terminal();
    match load(file, false, &crate::shell::scripts::check) {
        Ok(loaded) => {
            eprint!(
                "{}",
                crate::config::report_warnings(file, &loaded.warnings, with_colours)
            );
            Ok(loaded.policy)
        }
        Err(errors) => Err(errors.report(with_colours)),
    }
}

/// The configuration for commands that send nothing: secrets that cannot be had here do not matter, and warnings are
/// not repeated.
///
/// # Errors
/// The exit code, after the report.
pub fn policy_offline(places: &Places) -> Result<Policy, u8> {
    let file = config_file(places)?;
    match load(&file, true, &|_, _| Ok(())) {
        Ok(loaded) => Ok(loaded.policy),
        Err(errors) => {
            eprint!("{}", errors.report(io::stderr().is_terminal()));
            Err(WRONG)
        }
    }
}

/// Prints to standard output. A reader that has gone away is no error.
pub fn print(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

/// Prints JSON. What would be harmful in a terminal is escaped, which changes nothing for those who parse it.
pub fn print_json(value: &serde_json::Value) {
    print(&format!("{}\n", json_text(value)));
}

fn json_text(value: &serde_json::Value) -> String {
    let mut text = String::new();
    // Between values there are line ends and blanks only; within texts serde escapes what is below a blank.
    for c in format!("{value:#}").chars() {
        if c != '\n' && is_harmful(c) {
            let units = &mut [0; 2];
            for unit in c.encode_utf16(units) {
                text += &format!("\\u{unit:04x}");
            }
        } else {
            text.push(c);
        }
    }
    text
}

/// Writes a file that only its owner can read.
///
/// # Errors
/// What went wrong, with the path.
pub fn save(file: &Path, text: &str) -> Result<(), String> {
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| format!("cannot write {}: {error}", file.display()))
}

/// The accounts that a command is about.
///
/// # Errors
/// The exit code, after saying that there is no such account.
pub fn accounts<'p>(policy: &'p Policy, only: Option<&str>) -> Result<Vec<&'p AccountPolicy>, u8> {
    let chosen: Vec<_> = policy
        .accounts
        .iter()
        .filter(|a| only.is_none_or(|name| a.name.as_str() == name))
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = policy.accounts.iter().map(|a| a.name.as_str()).collect();
        let text = format!(
            "there is no account \"{}\"; configured are: {}",
            only.unwrap_or(""),
            names.join(", ")
        );
        return Err(fail(WRONG, text));
    }
    Ok(chosen)
}

/// Runs a command that logs in, and ends its sessions afterwards, also when it is interrupted.
pub fn block_on_logged_in(work: impl AsyncFnOnce(&Lasting) -> Result<u8, u8>) -> u8 {
    let lasting = Lasting::default();
    let ended = block_on(async {
        let ended = unless_interrupted(work(&lasting)).await;
        lasting.sessions.end().await;
        ended
    });
    match ended {
        Err(code) => code,
        Ok(Ok(Ok(code) | Err(code))) => code,
        Ok(Err(interruption)) => interruption.end(),
    }
}

/// A signal that ends a command.
pub struct Interruption(i32);

impl Interruption {
    /// Ends the process as the signal would have done; gives the exit code if that cannot be.
    pub fn end(self) -> u8 {
        let _ = signal_hook::low_level::emulate_default_handler(self.0);
        FAILED
    }
}

/// Works until it is done, or until Ctrl-C, SIGTERM or a closed terminal, which then leaves time for what must follow.
///
/// # Errors
/// The interruption; the work was dropped where it was.
pub async fn unless_interrupted<T>(work: impl Future<Output = T>) -> Result<T, Interruption> {
    let mut signals = signal_hook_tokio::Signals::new([SIGINT, SIGTERM, SIGHUP]).ok();
    let interrupted = poll_fn(|context| match &mut signals {
        Some(signals) => Pin::new(signals).poll_next(context),
        None => Poll::Pending,
    });
    tokio::select! {
        biased;
        Some(signal) = interrupted => Err(Interruption(signal)),
        done = work => Ok(done),
    }
}

/// Runs a future to its end on a small runtime.
///
/// # Errors
/// The exit code, if the operating system gives no threads.
pub fn block_on<T>(future: impl Future<Output = T>) -> Result<T, u8> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(8)
        .enable_all()
        .build()
        .map_err(|error| fail(FAILED, format!("cannot start: {error}")))?;
    let result = runtime.block_on(future);
    // A disk that hangs must not hold the end of the program.
    runtime.shutdown_background();
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_commands_no_terminal_and_says_the_same() {
        let value = json!({ "name": "a\u{202e}b\u{9b}c\nd\u{e0041}é漢" });
        let text = json_text(&value);
        assert!(!text.replace('\n', "").chars().any(is_harmful), "{text}");
        let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(parsed, value);
    }
}
