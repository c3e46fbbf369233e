//! What systemd and people at a keyboard say and hear: readiness, status line, watchdog, signals.

use crate::core::plan::on_one_line;
use futures_core::Stream;
use sd_notify::NotifyState;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::flag;
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll};
use std::time::Duration;

/// Exit code after a second SIGTERM or SIGINT: the work was not ended in order.
const EXIT_AT_ONCE: i32 = 1;

/// What a signal asks for, in the order in which signals that wait together are followed: a cycle that is asked for right
/// after a reload is one of the new configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// SIGTERM or SIGINT: stop at the next safe point. A second one ends the process at once.
    Stop,
    /// SIGHUP: read the configuration again.
    Reload,
    /// SIGUSR1: run a cycle now.
    CycleNow,
}

/// Signals as they arrive.
pub struct Signals {
    arriving: signal_hook_tokio::Signals,
    waiting: BTreeSet<Signal>,
}

impl Signals {
    /// Starts to listen. Needs a tokio runtime.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn listen() -> io::Result<Signals> {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            // In this order: the first one finds the flag unset and sets it, the second one ends the process.
            flag::register_conditional_shutdown(signal, EXIT_AT_ONCE, Arc::clone(&asked))?;
            flag::register(signal, Arc::clone(&asked))?;
        }
        let arriving = signal_hook_tokio::Signals::new([SIGTERM, SIGINT, SIGHUP, SIGUSR1])?;
        Ok(Signals {
            arriving,
            waiting: BTreeSet::new(),
        })
    }

    /// The next signal. May be dropped and called again.
    pub async fn next(&mut self) -> Signal {
        poll_fn(|context| {
            self.collect(context);
            self.waiting.pop_first().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Waits for [`Signal::Stop`]; others wait for [`Signals::next`].
    pub async fn stop(&mut self) {
        poll_fn(|context| {
            self.collect(context);
            match self.waiting.contains(&Signal::Stop) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
    }

    /// Takes all that have arrived.
    fn collect(&mut self, context: &mut Context<'_>) {
        while let Poll::Ready(Some(number)) = Pin::new(&mut self.arriving).poll_next(context) {
            let signal = match number {
                SIGTERM | SIGINT => Signal::Stop,
                SIGHUP => Signal::Reload,
                SIGUSR1 => Signal::CycleNow,
                _ => continue,
            };
            self.waiting.insert(signal);
        }
    }
}

/// Says to the service manager that the daemon is ready (after start, and after a reload).
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// Says that a reload has begun; end it with [`ready`]. With the time, without which `Type=notify-reload` waits in vain.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(time) => tell(&[NotifyState::Reloading, time]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// Says that the daemon is about to end.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Sets the status line of `systemctl status`.
pub fn status(line: &str) {
    tell(&[NotifyState::Status(&on_one_line(line))]);
}

/// Feeds the watchdog; to be called by the loop that makes progress.
pub fn ping() {
    tell(&[NotifyState::Watchdog]);
}

/// How often the watchdog wants to be fed: half of its limit. `None` if there is none.
pub fn ping_every() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|limit| limit / 2)
}

/// Without a service manager this does nothing; and one that does not listen is no reason to stop working.
fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!("the service manager does not listen: {error}");
    }
}

#[cfg(test)]
mod tests;
