//! Spaces requests evenly. AllDebrid allows 12 a second and 600 a minute, without saying whether by key or by
//! address, and other programs use the same account.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// Five a second, 300 a minute: half of what is allowed.
const SPACING: Duration = Duration::from_millis(200);

/// Gives turns to everybody who shares it, in the order in which they ask.
#[derive(Debug)]
pub struct Limiter {
    spacing: Duration,
    next: Mutex<Option<Instant>>,
    /// Until when the service wants to hear nothing of an account, by the mark of its key.
    held: std::sync::Mutex<BTreeMap<u32, Instant>>,
}

impl Default for Limiter {
    fn default() -> Self {
        Self::new(SPACING)
    }
}

impl Limiter {
    /// A limiter with this time between two requests.
    pub fn new(spacing: Duration) -> Self {
        Self {
            spacing,
            next: Mutex::new(None),
            held: std::sync::Mutex::default(),
        }
    }

    /// The service wants to hear nothing of this account for a while.
    pub fn hold(&self, key: u32, pause: Duration) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(key, Instant::now() + pause);
    }

    /// How long it still wants that; zero if it does not.
    pub fn held_for(&self, key: u32) -> Duration {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let until = held.get(&key).copied();
        until.map_or(Duration::ZERO, |until| {
            until.saturating_duration_since(Instant::now())
        })
    }

    /// Waits for the next turn.
    pub async fn turn(&self) {
        let turn = {
            let mut next = self.next.lock().await;
            let now = Instant::now();
            let turn = next.map_or(now, |next| next.max(now));
            *next = Some(turn + self.spacing);
            turn
        };
        sleep_until(turn).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test(start_paused = true)]
    async fn spaces_requests_of_all_who_share_it() {
        let limiter = Arc::new(Limiter::new(Duration::from_millis(200)));
        let begin = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..3 {
            let limiter = Arc::clone(&limiter);
            tasks.spawn(async move {
                limiter.turn().await;
                let first = begin.elapsed();
                limiter.turn().await;
                [first, begin.elapsed()]
            });
        }
        let mut turns = tasks.join_all().await.concat();
        turns.sort();
        let expected = [0, 200, 400, 600, 800, 1000].map(Duration::from_millis);
        assert_eq!(turns, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn saves_up_no_turns_while_idle() {
        let limiter = Limiter::new(Duration::from_millis(200));
        limiter.turn().await;
        tokio::time::sleep(Duration::from_secs(60)).await;
        let begin = Instant::now();
        for _ in 0..3 {
            limiter.turn().await;
        }
        assert_eq!(begin.elapsed(), Duration::from_millis(400));
    }
}
