//! Feeds the watchdog of the service manager for as long as all that works makes progress. A task of its own does it, so
//! that nothing else that happens can delay it.

use super::service;
use crate::ports::{BoxFuture, Request, Response, Transport, TransportError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

/// What has made no progress for this long is stuck. Longer than anything that an account waits for without an answer.
const STUCK_AFTER: Duration = Duration::from_secs(15 * 60);

/// One that has nothing to do says so this often.
const REST: Duration = Duration::from_secs(60);

/// Beats with each progress of one piece of work. Clones are the same pulse; with the last of them the work is over.
#[derive(Clone)]
pub struct Pulse(Arc<Mutex<Instant>>);

impl Default for Pulse {
    /// One that nobody watches.
    fn default() -> Pulse {
        Pulse(Arc::new(Mutex::new(Instant::now())))
    }
}

impl Pulse {
    /// There was progress.
    pub fn beat(&self) {
        *self.last() = Instant::now();
    }

    /// Lets this time pass, in which nothing is to be done.
    pub async fn rest(&self, wait: Duration) {
        let until = Instant::now() + wait;
        self.beat();
        while Instant::now() < until {
            sleep_until(until.min(Instant::now() + REST)).await;
            self.beat();
        }
    }

    fn last(&self) -> MutexGuard<'_, Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pulses of a process. Clones are the same.
#[derive(Clone, Default)]
pub struct Pulses(Arc<Mutex<Vec<Weak<Mutex<Instant>>>>>);

impl Pulses {
    /// A pulse that is watched from here on, until it is dropped.
    pub fn begin(&self) -> Pulse {
        let pulse = Pulse::default();
        self.all().push(Arc::downgrade(&pulse.0));
        pulse
    }

    /// Whether each of them beat not long ago.
    pub fn all_beat(&self) -> bool {
        let mut all = self.all();
        all.retain(|pulse| pulse.strong_count() > 0);
        let mut living = all.iter().filter_map(Weak::upgrade).map(Pulse);
        living.all(|pulse| pulse.last().elapsed() < STUCK_AFTER)
    }

    fn all(&self) -> MutexGuard<'_, Vec<Weak<Mutex<Instant>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Feeds the watchdog until it is dropped, if the service manager wants that.
pub struct Watchdog(Option<JoinHandle<()>>);

impl Watchdog {
    /// Begins to feed it.
    pub fn fed_by(pulses: &Pulses) -> Watchdog {
        let pulses = pulses.clone();
        Watchdog(service::ping_every().map(|every| tokio::spawn(feed(pulses, every))))
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

async fn feed(pulses: Pulses, every: Duration) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if pulses.all_beat() {
            service::ping();
        }
    }
}

/// A transport that takes the end of each request for progress: an answer, or an error in its place.
pub struct Beating {
    transport: Arc<dyn Transport>,
    pulse: Pulse,
}

impl Beating {
    /// The same transport for work with this pulse.
    pub fn new(transport: Arc<dyn Transport>, pulse: Pulse) -> Beating {
        Beating { transport, pulse }
    }
}

impl Transport for Beating {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async {
            let answer = self.transport.send(request).await;
            self.pulse.beat();
            answer
        })
    }
}

#[cfg(test)]
mod tests;
