//! `seedwarden run`: the daemon, one cycle of it, or a rehearsal.

use super::setup::{block_on, config_file, policy, policy_of, state_folder};
use super::{FAILED, FINE, Places};
use crate::config::policy::{LogLevel, Policy};
use crate::ports::Ports;
use crate::shell::daemon::{self, Stopped};
use crate::shell::kept;
use crate::shell::logging::{self, Level, Story};
use crate::shell::rehearsal;
use crate::shell::service::{self, Signals};
use crate::shell::store::lock_folder;
use std::path::Path;

/// Run the daemon.
///
/// Keeps every account of the configuration clean until it is stopped. SIGHUP reads the configuration again, SIGUSR1
/// runs a cycle now, SIGTERM stops.
#[derive(clap::Args)]
pub struct Args {
    /// Run one full cycle of every account now, then exit: 0, or 1 if any account could not be read
    #[arg(long)]
    once: bool,
    /// Only log what would be done: nothing is changed, announced or written [default: as the configuration says]
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command.
pub fn run(places: &Places, args: &Args) -> u8 {
    match start(places, args) {
        Ok(code) | Err(code) => code,
    }
}

fn start(places: &Places, args: &Args) -> Result<u8, u8> {
    let policy = policy(places)?;
    let folder = state_folder(places)?;
    let log = logging::start(level(policy.log_level));
    let ports = crate::sys::ports();
    let code = if args.dry_run || policy.dry_run {
        block_on(rehearsal::run(&policy, ports, &folder, args.once))
            .map(|fine| if fine { FINE } else { FAILED })
    } else {
        block_on(keep(places, policy, ports, &folder, args.once, &log))?
    };
    log.finish();
    code
}

async fn keep(
    places: &Places,
    mut policy: Policy,
    ports: Ports,
    folder: &Path,
    once: bool,
    log: &logging::Logging,
) -> Result<u8, u8> {
    let now = ports.clock.now();
    let stop = |error: &dyn std::fmt::Display| {
        Story::default().error(&error.to_string());
        FAILED
    };
    let lock = lock_folder(&*ports.disk, folder, now)
        .await
        .map_err(|error| stop(&error))?;
    let (mut kept, _) = kept::open(&ports, folder, &policy, now)
        .await
        .map_err(|error| stop(&error))?;
    if once {
        return Ok(if daemon::once(&policy, ports, kept).await {
            FINE
        } else {
            FAILED
        });
    }
    let mut signals = Signals::listen().map_err(|error| stop(&error))?;
    loop {
        service::ready();
        let mut judge = || reload(places, log);
        let (stopped, back) =
            daemon::run(&policy, ports.clone(), kept, &mut signals, &mut judge).await;
        match stopped {
            Stopped::Asked => return Ok(FINE),
            Stopped::Reload(new) => policy = *new,
        }
        kept = match back {
            Some(kept) => kept,
            None => {
                let now = ports.clock.now();
                let (kept, _) = kept::open(&ports, folder, &policy, now)
                    .await
                    .map_err(|error| stop(&error))?;
                kept
            }
        };
        if policy.dry_run {
            drop((kept, lock, signals));
            return Ok(if rehearsal::run(&policy, ports, folder, false).await {
                FINE
            } else {
                FAILED
            });
        }
    }
}

/// The configuration as it is on disk now. One that is wrong is refused, and the old one stays in force.
fn reload(places: &Places, log: &logging::Logging) -> Option<Policy> {
    let read = config_file(places)
        .map_err(|_| "there is no configuration file".to_owned())
        .and_then(|f| policy_of(&f));
    match read {
        Ok(new) => {
            log.set_level(level(new.log_level));
            Story::default().info("configuration read again");
            Some(new)
        }
        Err(report) => {
            Story::default().error(&format!(
                "the new configuration is refused, the old one stays in force\n{report}"
            ));
            None
        }
    }
}

fn level(level: LogLevel) -> Level {
    match level {
        LogLevel::Debug => Level::Debug,
        LogLevel::Info => Level::Info,
        LogLevel::Warn => Level::Warn,
        LogLevel::Error => Level::Error,
    }
}
