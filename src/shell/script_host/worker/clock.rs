//! How long a rule may run. Limits are of processor time, so that a busy machine does not fail rules that are fine.

use std::cell::Cell;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// However busy the machine is, a call ends after this many times its limit.
pub(super) const MOST_WAITING: u32 = 20;

/// Processor time is looked at this often between calls: a look takes as long as a short call. A call may exceed its limit
/// by as much.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// Watches the call under way; the engine asks it now and then.
pub(super) struct Watch {
    limit: Cell<Duration>,
    /// When the processor time is worth a look.
    look_at: Cell<Instant>,
    /// When the call ends in any case.
    end_at: Cell<Instant>,
    /// The last look at the processor time: when, and what it was.
    looked: Cell<(Instant, Duration)>,
    has_expired: Cell<bool>,
}

/// Processor time of this thread.
pub(super) fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

impl Watch {
    pub(super) fn new() -> Watch {
        let now = Instant::now();
        Watch {
            limit: Cell::new(Duration::ZERO),
            look_at: Cell::new(now),
            end_at: Cell::new(now),
            looked: Cell::new((now, cpu_time())),
            has_expired: Cell::new(false),
        }
    }

    /// A call begins; the processor time of the last look before it is returned.
    pub(super) fn start(&self, limit: Duration) -> Duration {
        let now = Instant::now();
        if now.duration_since(self.looked.get().0) >= LOOK_EVERY {
            self.looked.set((now, cpu_time()));
        }
        self.limit.set(limit + LOOK_EVERY);
        self.look_at.set(now + limit);
        self.end_at.set(now + limit * MOST_WAITING);
        self.has_expired.set(false);
        self.looked.get().1
    }

    /// Whether the call must end.
    pub(super) fn must_end(&self) -> bool {
        let now = Instant::now();
        if now < self.look_at.get() {
            return false;
        }
        let used = cpu_time().saturating_sub(self.looked.get().1);
        let left = self.limit.get().saturating_sub(used);
        if left.is_zero() || now >= self.end_at.get() {
            self.has_expired.set(true);
            return true;
        }
        self.look_at.set(now + left);
        false
    }

    /// Whether the call was ended by its limit.
    pub(super) fn has_expired(&self) -> bool {
        self.has_expired.get()
    }
}
