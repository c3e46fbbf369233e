//! The system's clock.

use crate::ports::Clock;
use jiff::Timestamp;

/// Tells the time of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
