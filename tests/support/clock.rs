//! A clock that goes with tokio's timers, so that paused time moves it.

use jiff::{SignedDuration, Timestamp};
use seedwarden::ports::Clock;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A handle: clones are the same clock.
#[derive(Clone)]
pub struct SimClock {
    begun: Instant,
    start: Arc<Mutex<Timestamp>>,
}

impl SimClock {
    /// A clock that shows `start` now.
    pub fn starting(start: Timestamp) -> Self {
        Self {
            begun: Instant::now(),
            start: Arc::new(Mutex::new(start)),
        }
    }

    /// The wall clock alone jumps (a suspended machine, a corrected clock); timers do not notice.
    pub fn jump(&self, by: SignedDuration) {
        let mut start = self.start.lock().unwrap_or_else(PoisonError::into_inner);
        *start = start.checked_add(by).expect("a time of this age");
    }

    /// Milliseconds since the epoch, as models take the time.
    pub fn now_ms(&self) -> i64 {
        self.now().as_millisecond()
    }

    fn elapsed(&self) -> Duration {
        Instant::now().saturating_duration_since(self.begun)
    }
}

impl Default for SimClock {
    /// A day in the life of this program.
    fn default() -> Self {
        Self::starting("2026-11-20T08:00:00Z".parse().expect("a time"))
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        let start = *self.start.lock().unwrap_or_else(PoisonError::into_inner);
        start
            .checked_add(self.elapsed())
            .expect("a time of this age")
    }
}
