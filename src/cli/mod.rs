//! The command line: one file per command. Commands print for people on a terminal and as JSON where asked.

mod accept;
mod check;
mod columns;
mod daemon;
mod explain;
mod history;
mod import;
mod init;
mod notify_test;
mod paint;
mod papers;
mod plan;
mod reading;
mod records;
mod reset;
mod restore;
mod rules;
mod run;
mod setup;
mod status;

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

/// The options of every command stand last in its help.
const FILES: &str = "Where the files are";

const AFTER_HELP: &str = "\
First steps: `seedwarden init`, edit what it wrote, `seedwarden check`, `seedwarden plan`, `seedwarden run --dry-run`.
Exit codes: 0 fine, 1 the work failed (an account unreadable, something found broken), 2 wrong usage or configuration.";

/// Keep qBittorrent and AllDebrid accounts clean.
///
/// Seedwarden retries what failed, deletes what is beyond help or what your rules name, explains every deletion, and
/// can take it back.
#[derive(Parser)]
#[command(version, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Cli {
    /// Configuration file [default: $CONFIGURATION_DIRECTORY/config.json, else config.json in your configuration folder, else that of the service]
    #[arg(long, global = true, value_name = "FILE", help_heading = FILES)]
    config: Option<PathBuf>,
    /// Folder of state, ledger and trash [default: $STATE_DIRECTORY, else your state folder; that of the service with its configuration]
    #[arg(long, global = true, value_name = "DIR", help_heading = FILES)]
    state_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Args),
    Plan(plan::Args),
    Explain(explain::Args),
    Check(check::Args),
    Status(status::Args),
    History(history::Args),
    Restore(restore::Args),
    Reset(reset::Args),
    Accept(accept::Args),
    Init(init::Args),
    Import(import::Args),
    Rules(rules::Args),
    NotifyTest(notify_test::Args),
    Schema(papers::SchemaArgs),
    Completions(papers::CompletionsArgs),
    Man(papers::ManArgs),
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
        Command::Explain(args) => explain::run(&places, &args),
        Command::Check(args) => check::run(&places, &args),
        Command::Status(args) => status::run(&places, &args),
        Command::History(args) => history::run(&places, &args),
        Command::Restore(args) => restore::run(&places, &args),
        Command::Reset(args) => reset::run(&places, &args),
        Command::Accept(args) => accept::run(&places, &args),
        Command::Init(args) => init::run(&places, &args),
        Command::Import(args) => import::run(&args),
        Command::Rules(args) => rules::run(&places, &args),
        Command::NotifyTest(args) => notify_test::run(&places, &args),
        Command::Schema(args) => papers::schema(&args),
        Command::Completions(args) => papers::completions(&args),
        Command::Man(args) => papers::man(&args),
    };
    ExitCode::from(code)
}
