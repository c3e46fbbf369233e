//! The rate limit: sliding windows over the time of the calls, and the form in which a refusal comes.

use super::envelope;
use crate::NowMs;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::RETRY_AFTER};
use std::collections::{BTreeMap, VecDeque};

/// Documented: 12 requests a second and 600 a minute. Scope, form and `Retry-After` are not, hence settable.
#[derive(Debug, Clone)]
pub struct Limiter {
    /// Windows: most requests within so many milliseconds. Empty: no limit.
    pub windows: Vec<(usize, NowMs)>,
    /// One count for each key, or (default) one for all, as if counted by address.
    pub per_key: bool,
    /// HTTP status of a refusal: 429 or 503.
    pub status: StatusCode,
    /// Body of a refusal.
    pub body: ThrottleBody,
    /// Value of `Retry-After`; no source shows it being sent.
    pub retry_after_seconds: Option<u64>,
    /// Whether refused requests count as well.
    pub refused_count: bool,
    seen: BTreeMap<String, VecDeque<NowMs>>,
    /// Requests refused so far.
    pub refusals: u64,
}

/// Body of a throttled answer; all three were met by clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThrottleBody {
    /// No bytes at all.
    Empty,
    /// A web page.
    Html,
    /// An error envelope; its code is not documented.
    Envelope,
}

impl Default for Limiter {
    fn default() -> Self {
        Self {
            windows: vec![(12, 1_000), (600, 60_000)],
            per_key: false,
            status: StatusCode::TOO_MANY_REQUESTS,
            body: ThrottleBody::Html,
            retry_after_seconds: None,
            refused_count: false,
            seen: BTreeMap::new(),
            refusals: 0,
        }
    }
}

impl Limiter {
    /// Counts a request and says whether it may pass.
    pub(crate) fn admits(&mut self, key: &str, now: NowMs) -> bool {
        let scope = if self.per_key { key } else { "" };
        let longest = self.windows.iter().map(|window| window.1).max();
        let times = self.seen.entry(scope.to_owned()).or_default();
        // A clock that was set back must not lock everybody out.
        times.retain(|&at| at <= now && longest.is_some_and(|length| now - at < length));
        let full = |&(most, length): &(usize, NowMs)| {
            times.iter().filter(|&&at| now - at < length).count() >= most
        };
        let admitted = !self.windows.iter().any(full);
        if admitted || self.refused_count {
            times.push_back(now);
        }
        self.refusals += u64::from(!admitted);
        admitted
    }

    /// The refusal in the chosen form.
    pub(crate) fn refusal(&self) -> Response<Bytes> {
        let mut response = match self.body {
            ThrottleBody::Empty => Response::new(Bytes::new()),
            ThrottleBody::Html => {
                envelope::html("<html><body><h1>Too Many Requests</h1></body></html>")
            }
            ThrottleBody::Envelope => {
                envelope::error("TOO_MANY_REQUESTS", "Too many requests, slow down")
            }
        };
        *response.status_mut() = self.status;
        if let Some(seconds) = self.retry_after_seconds {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(limiter: &mut Limiter, times: impl IntoIterator<Item = NowMs>) -> usize {
        times
            .into_iter()
            .filter(|&at| limiter.admits("k", at))
            .count()
    }

    #[test]
    fn twelve_pass_in_any_second_and_six_hundred_in_any_minute() {
        assert_eq!(passed(&mut Limiter::default(), (0..20).map(|n| n * 10)), 12);
        // Eleven a second stay below the first limit and meet the second.
        assert_eq!(
            passed(&mut Limiter::default(), (0..660).map(|n| n * 91)),
            600
        );
        assert_eq!(
            passed(&mut Limiter::default(), (0..900).map(|n| n * 101)),
            600 + 300
        );
    }

    #[test]
    fn refused_requests_count_only_if_asked() {
        let mut strict = Limiter {
            refused_count: true,
            ..Limiter::default()
        };
        assert_eq!(passed(&mut strict, (0..200).map(|n| n * 50)), 12);
        assert_eq!(passed(&mut Limiter::default(), (0..40).map(|n| n * 50)), 24);
    }

    #[test]
    fn keys_share_one_count_unless_told_apart() {
        let mut limiter = Limiter::default();
        assert_eq!(passed(&mut limiter, [0; 12]), 12);
        assert!(!limiter.admits("other", 0));
        let mut apart = Limiter {
            per_key: true,
            ..Limiter::default()
        };
        assert_eq!(passed(&mut apart, [0; 13]), 12);
        assert!(apart.admits("other", 0));
    }
}
