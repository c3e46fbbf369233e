//! Discord's rate limits over the time of the calls: the bucket that headers tell about, the hidden one of the channel,
//! the one for all webhooks, and the ban after too many invalid requests (notes on Discord, 4.4).

use crate::NowMs;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::collections::VecDeque;

/// So many requests within so many milliseconds.
#[derive(Debug, Clone)]
pub struct Limit {
    /// Most requests of a window.
    pub most: usize,
    /// Length of the window in milliseconds.
    pub window_ms: NowMs,
    seen: VecDeque<NowMs>,
}

impl Limit {
    /// A limit of which nothing is used yet.
    pub fn new(most: usize, window_ms: NowMs) -> Self {
        Self {
            most,
            window_ms,
            seen: VecDeque::new(),
        }
    }

    /// Milliseconds until one more request is let through; `None` when it is at once.
    pub(crate) fn wait(&mut self, now: NowMs) -> Option<NowMs> {
        // A clock that was set back must not lock everybody out.
        let window = self.window_ms;
        self.seen.retain(|&at| at <= now && now - at < window);
        if self.seen.len() < self.most {
            return None;
        }
        let frees = self.seen.get(self.seen.len() - self.most)?;
        Some((frees + window - now).max(1))
    }

    pub(crate) fn count(&mut self, now: NowMs) {
        self.seen.push_back(now);
    }

    /// Requests left in the window.
    fn remaining(&self) -> usize {
        self.most.saturating_sub(self.seen.len())
    }

    /// Milliseconds until the window is empty.
    fn resets_in(&self, now: NowMs) -> NowMs {
        self.seen
            .back()
            .map_or(0, |last| last + self.window_ms - now)
    }

    /// The headers that tell about this bucket.
    pub(crate) fn write(&mut self, headers: &mut HeaderMap, now: NowMs) {
        let reset = self.resets_in(now);
        put(headers, "x-ratelimit-limit", &self.most.to_string());
        put(
            headers,
            "x-ratelimit-remaining",
            &self.remaining().to_string(),
        );
        put(headers, "x-ratelimit-reset", &seconds(now + reset));
        put(headers, "x-ratelimit-reset-after", &seconds(reset));
        put(
            headers,
            "x-ratelimit-bucket",
            "80c17d2f203122d936070c88c8d10f33",
        );
    }
}

/// Milliseconds as seconds with three decimals.
pub(crate) fn seconds(ms: NowMs) -> String {
    format!("{}.{:03}", ms.div_euclid(1000), ms.rem_euclid(1000))
}

/// Sets a header.
pub(crate) fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_long_to_wait() {
        let mut limit = Limit::new(2, 1_000);
        for at in [0, 400] {
            assert_eq!(limit.wait(at), None);
            limit.count(at);
        }
        assert_eq!(limit.wait(500), Some(500));
        assert_eq!(limit.wait(1_000), None);
        limit.count(1_000);
        assert_eq!(limit.wait(1_000), Some(400));
        assert_eq!(limit.wait(-5_000), None);
    }

    #[test]
    fn writes_the_headers() {
        let mut limit = Limit::new(5, 2_000);
        limit.count(10_000);
        let mut headers = HeaderMap::new();
        limit.write(&mut headers, 10_500);
        assert_eq!(headers["x-ratelimit-remaining"], "4");
        assert_eq!(headers["x-ratelimit-reset"], "12.000");
        assert_eq!(headers["x-ratelimit-reset-after"], "1.500");
    }
}
