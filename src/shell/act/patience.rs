//! Patience with a service: after a few calls in a row that came to nothing the others wait for the next cycle. Each can
//! take minutes, and a service in trouble is not helped by more of them.

use super::Acting;
use crate::clients::ActionOutcome;
use std::time::Duration;
use tokio::time::Instant;

/// Calls in a row after which a service is given up.
const MOST_SILENT: u32 = 3;

/// What takes this long and comes to nothing hangs, whatever the service says to other questions.
const HANGS_AFTER: Duration = Duration::from_secs(20);

/// Counts what came to nothing in a row.
pub struct Patience {
    silent: u32,
    hung: u32,
    since: Instant,
}

impl Patience {
    /// Nothing has been tried yet.
    pub fn new() -> Patience {
        Patience {
            silent: 0,
            hung: 0,
            since: Instant::now(),
        }
    }

    /// Something is about to be tried.
    pub fn begin(&mut self) {
        self.since = Instant::now();
    }

    /// What was begun came to an end; `answered` if that was by the service's own word.
    pub fn end(&mut self, answered: bool) {
        let is_slow = self.since.elapsed() >= HANGS_AFTER;
        self.hung = if is_slow { self.hung + 1 } else { 0 };
        self.silent = if answered && !is_slow {
            0
        } else {
            self.silent + 1
        };
    }

    /// Whether nothing more is to be tried in this cycle. Items that alone make a service fail must not keep the others
    /// waiting for ever, so it is asked something else first.
    pub async fn is_over(&mut self, acting: &Acting<'_>) -> bool {
        if self.silent < MOST_SILENT {
            return false;
        }
        if self.hung < MOST_SILENT && acting.eyes.does_answer().await {
            self.silent = 0;
            return false;
        }
        true
    }
}

/// Whether this outcome is the service's own word.
pub fn is_answer(outcome: &ActionOutcome) -> bool {
    match outcome {
        ActionOutcome::NotSent(_) | ActionOutcome::Unknown(_) => false,
        ActionOutcome::Done
        | ActionOutcome::Refused(_)
        | ActionOutcome::Gone
        | ActionOutcome::Busy(_) => true,
    }
}
