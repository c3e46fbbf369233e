//! `seedwarden run`: the daemon, one cycle of it, or a rehearsal.

use super::setup::{block_on, config_file, policy, policy_of, state_folder, unless_interrupted};
use super::{FAILED, FINE, Places};
use crate::config::policy::{LogLevel, Policy};
use crate::ports::{LockGuard, Ports};
use crate::shell::daemon::{self, Stopped};
use crate::shell::kept::{self, Kept, OpenError};
use crate::shell::lasting::Lasting;
use crate::shell::ledger::LedgerError;
use crate::shell::logging::{self, Level, Story};
use crate::shell::once;
use crate::shell::rehearsal;
use crate::shell::service::{self, Signal, Signals};
use crate::shell::store::lock_folder;
use crate::shell::watchdog::Watchdog;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// A ledger that cannot be read is looked at again after this pause.
const LEDGER_AGAIN: Duration = Duration::from_secs(60);

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
    let lasting = Lasting::default();
    let process = Process {
        places,
        ports,
        lasting: &lasting,
        folder: &folder,
        log: &log,
    };
    let is_dry = args.dry_run || policy.dry_run;
    let ended = block_on(async {
        let work = process.run(policy, is_dry, args.once);
        let ended = match args.once {
            true => unless_interrupted(work).await,
            false => Ok(work.await),
        };
        lasting.sessions.end().await;
        ended
    });
    log.finish();
    match ended? {
        Ok(code) => code,
        Err(interruption) => Ok(interruption.end()),
    }
}

/// What a run works with, whatever configuration is in force.
struct Process<'a> {
    places: &'a Places,
    ports: Ports,
    lasting: &'a Lasting,
    folder: &'a Path,
    log: &'a logging::Logging,
}

fn stop(error: &dyn std::fmt::Display) -> u8 {
    Story::default().error(&error.to_string());
    FAILED
}

impl Process<'_> {
    async fn run(&self, policy: Policy, is_dry: bool, once: bool) -> Result<u8, u8> {
        if is_dry {
            let _watchdog = (!once).then(|| Watchdog::fed_by(&self.lasting.pulses));
            return Ok(self.rehearse(&policy, once).await);
        }
        let (ports, folder) = (&self.ports, self.folder);
        let now = ports.clock.now();
        let lock = lock_folder(&*ports.disk, folder, now).await;
        let lock = lock.map_err(|error| stop(&error))?;
        if once {
            let opened = kept::open(ports, folder, &policy, now).await;
            let (kept, _) = opened.map_err(|error| stop(&error))?;
            let fine = once::run(&policy, ports.clone(), self.lasting, kept).await;
            return Ok(if fine { FINE } else { FAILED });
        }
        self.keep(policy, lock).await
    }

    async fn rehearse(&self, policy: &Policy, once: bool) -> u8 {
        let ports = self.ports.clone();
        let fine = rehearsal::run(policy, ports, self.lasting, self.folder, once).await;
        if fine { FINE } else { FAILED }
    }

    /// The daemon, until it is told to stop.
    async fn keep(&self, mut policy: Policy, lock: LockGuard) -> Result<u8, u8> {
        let mut signals = Signals::listen().map_err(|error| stop(&error))?;
        let _watchdog = Watchdog::fed_by(&self.lasting.pulses);
        let opened = self.open(&mut policy, &mut signals).await;
        let Some(mut kept) = opened.map_err(|error| stop(&error))? else {
            return Ok(FINE);
        };
        loop {
            if policy.dry_run {
                drop((kept, lock, signals));
                return Ok(self.rehearse(&policy, false).await);
            }
            service::ready();
            let mut judge = || reload(self.places, self.log);
            let (ports, lasting) = (self.ports.clone(), self.lasting);
            let (stopped, back) =
                daemon::run(&policy, ports, lasting, kept, &mut signals, &mut judge).await;
            match stopped {
                Stopped::Asked => return Ok(FINE),
                Stopped::Reload(new) => policy = *new,
            }
            kept = match back {
                Some(kept) => kept,
                None => {
                    let opened = self.open(&mut policy, &mut signals).await;
                    match opened.map_err(|error| stop(&error))? {
                        Some(kept) => kept,
                        None => return Ok(FINE),
                    }
                }
            };
        }
    }

    /// Opens the records. While a line of the ledger cannot be read nothing is done at all: limits, unsettled deletions
    /// and treatments are unknown. It is said once, and tried again now and then. `None`: told to stop meanwhile.
    async fn open(
        &self,
        policy: &mut Policy,
        signals: &mut Signals,
    ) -> Result<Option<Kept>, OpenError> {
        let mut said = String::new();
        loop {
            let now = self.ports.clock.now();
            let why = match kept::open(&self.ports, self.folder, policy, now).await {
                Ok((kept, _)) => {
                    if !said.is_empty() {
                        Story::default().info("the ledger can be read again; work begins");
                    }
                    return Ok(Some(kept));
                }
                Err(OpenError::Ledger(error @ LedgerError::Damaged { .. })) => error.to_string(),
                Err(error) => return Err(error),
            };
            if why != said {
                let text = format!("nothing is done: {why}. It is looked at again every minute");
                Story::default().error(&text);
                service::status(&text);
                service::ready();
                said = why;
            }
            if !self.pause(policy, signals).await {
                return Ok(None);
            }
        }
    }

    /// Lets a minute pass, or less where a signal asks for it. False: told to stop.
    async fn pause(&self, policy: &mut Policy, signals: &mut Signals) -> bool {
        let until = Instant::now() + LEDGER_AGAIN;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            tokio::select! {
                biased;
                signal = signals.next() => match signal {
                    Signal::Stop => {
                        service::stopping();
                        return false;
                    }
                    Signal::Reload => {
                        service::reloading();
                        if let Some(new) = reload(self.places, self.log) {
                            *policy = new;
                        }
                        service::ready();
                        return true;
                    }
                    Signal::CycleNow => return true,
                },
                () = sleep(left) => {}
            }
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
