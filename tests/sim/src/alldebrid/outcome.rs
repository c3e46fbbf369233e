//! What becomes of a magnet after it was started: the steps it takes by itself as time goes by.

use crate::NowMs;
use std::{collections::VecDeque, time::Duration};

/// How long a started magnet stays in code 0 (2 to 13 s were seen live; API notes, section 7).
pub const IN_QUEUE: Duration = Duration::from_secs(5);
/// How long a downloaded magnet stays in code 3.
pub const UPLOADING: Duration = Duration::from_secs(20);

/// The end of one attempt, beginning with a restart or an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Codes 0, 1, 3 and, this long after the start, 4.
    Ready(Duration),
    /// Codes 0 and 1 and, this long after the start, this code (5 to 15).
    Fails(i64, Duration),
    /// Code 0, then 1 with all counters at zero, for ever.
    Stuck,
    /// The code never leaves 0: what a bare hash of a private torrent does.
    NeverStarts,
    /// Code 4 at once, as cached content does.
    Cached,
}

impl Outcome {
    /// A verdict "no peer" half an hour later, which is what hopeless magnets do.
    pub const NO_PEER: Self = Self::Fails(15, Duration::from_secs(30 * 60));

    /// The codes to come, each with the time from which it holds.
    pub(crate) fn steps(self, started: NowMs) -> VecDeque<(NowMs, i64)> {
        let at = |after: Duration| started.saturating_add(millis(after));
        match self {
            Self::Ready(after) => VecDeque::from([
                (started, 0),
                (at(IN_QUEUE.min(after)), 1),
                (
                    at(after.saturating_sub(UPLOADING).max(IN_QUEUE).min(after)),
                    3,
                ),
                (at(after), 4),
            ]),
            Self::Fails(code, after) => VecDeque::from([
                (started, 0),
                (at(IN_QUEUE.min(after)), 1),
                (at(after), code),
            ]),
            Self::Stuck => VecDeque::from([(started, 0), (at(IN_QUEUE), 1)]),
            Self::NeverStarts => VecDeque::from([(started, 0)]),
            Self::Cached => VecDeque::from([(started, 4)]),
        }
    }
}

pub(crate) fn millis(duration: Duration) -> NowMs {
    NowMs::try_from(duration.as_millis()).unwrap_or(NowMs::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_follow_each_other_in_time() {
        let seconds = Duration::from_secs;
        for outcome in [
            Outcome::Ready(seconds(600)),
            Outcome::Ready(seconds(22)),
            Outcome::Ready(seconds(1)),
            Outcome::Fails(7, seconds(1)),
            Outcome::NO_PEER,
        ] {
            let times: Vec<NowMs> = outcome.steps(100).iter().map(|step| step.0).collect();
            assert!(times.is_sorted(), "{outcome:?}: {times:?}");
        }
        let steps = Outcome::Ready(seconds(600)).steps(0);
        assert_eq!(steps, [(0, 0), (5_000, 1), (580_000, 3), (600_000, 4)]);
    }
}
