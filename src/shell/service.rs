//! What systemd and people at a keyboard say and hear: readiness, status line, watchdog, signals.

use std::io;
use std::time::Duration;

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM or SIGINT: stop at the next safe point. A second one ends the process at once.
    Stop,
    /// SIGHUP: read the configuration again.
    Reload,
    /// SIGUSR1: run a cycle now.
    CycleNow,
}

/// Signals as they arrive.
pub struct Signals {}

impl Signals {
    /// Starts to listen.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn listen() -> io::Result<Signals> {
        todo!()
    }

    /// The next signal. May be dropped and called again.
    pub async fn next(&mut self) -> Signal {
        todo!()
    }
}

/// Says to the service manager that the daemon is ready (after start, and after a reload).
pub fn ready() {
    todo!()
}

/// Says that a reload has begun; end it with [`ready`].
pub fn reloading() {
    todo!()
}

/// Says that the daemon is about to end.
pub fn stopping() {
    todo!()
}

/// Sets the status line of `systemctl status`.
pub fn status(line: &str) {
    let _ = line;
    todo!()
}

/// Feeds the watchdog; to be called by the loop that makes progress.
pub fn ping() {
    todo!()
}

/// How often the watchdog wants to be fed: half of its limit. `None` if there is none.
pub fn ping_every() -> Option<Duration> {
    todo!()
}
