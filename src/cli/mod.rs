//! The command line: one file per command. Commands print for people on a terminal and as JSON where asked.

mod import;
mod plan;
mod run;
mod setup;

use crate::shell::script_host;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Everything went well.
pub const FINE: u8 = 0;
/// The work failed: an account could not be read, a check found something.
pub const FAILED: u8 = 1;
/// Wrong usage or configuration.
pub const WRONG: u8 = 2;

/// Keep qBittorrent and AllDebrid accounts clean.
///
/// Seedwarden retries what failed, deletes what is beyond help or what your rules name, explains every deletion, and
/// can take it back. Begin with `seedwarden init`, then `seedwarden check` and `seedwarden plan`.
#[derive(Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// Configuration file [default: $CONFIGURATION_DIRECTORY/config.json, else config.json in your configuration folder, else that of the service]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of state, ledger and trash [default: $STATE_DIRECTORY, else your state folder; that of the service with its configuration]
    #[arg(long, global = true, value_name = "DIR")]
    state_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Args),
    Plan(plan::Args),
    Import(import::Args),
}

/// Where the files are, as given on the command line.
#[derive(Debug, Clone)]
pub struct Places {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--state-dir`.
    pub state_dir: Option<PathBuf>,
}

/// Parses the command line and runs the command.
pub fn main() -> ExitCode {
    // The rule worker is this program again, and has no use for anything else of it.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|argument| argument == script_host::SUBCOMMAND)
    {
        return match script_host::worker::run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    let cli = Cli::parse();
    let places = Places {
        config: cli.config,
        state_dir: cli.state_dir,
    };
    let code = match cli.command {
        Command::Run(args) => run::run(&places, &args),
        Command::Plan(args) => plan::run(&places, &args),
        Command::Import(args) => import::run(&args),
    };
    ExitCode::from(code)
}
