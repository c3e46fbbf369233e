//! One call: in turn with all others of the process, and repeated a few times where that is safe.

use super::Alldebrid;
use super::envelope::{Success, open};
use crate::clients::{ReadError, USER_AGENT};
use crate::core::mark::mark;
use crate::ports::{Method, Request, RequestBody, TransportError};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Until the whole answer is there.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Two thousand magnets are about 1 MB; this holds as many as are read.
const BODY_LIMIT: usize = 64 << 20;
/// Pauses before repetitions, each with up to half of it on top.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];
/// A longer `Retry-After` is for the caller to keep.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// What was looked at right before a deletion is old after this: whoever wants it repeated later looks again.
const SOON: Duration = Duration::from_secs(1);
/// Each timeout costs half a minute: one more try is enough.
const TIMEOUTS: u32 = 2;

/// What a repetition could do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Nothing: readings, restarts (a second one meets a magnet that is processing), uploads.
    Always,
    /// It would hide what the first try did: only what certainly did nothing is repeated, and only soon.
    IfNotDone,
}

/// Why a call did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The server's own error.
    Code { code: String, message: String },
    /// HTTP 429.
    Throttled { retry_after: Option<Duration> },
    /// HTTP 503 without an answer of the API: throttled, or an outage; they look the same.
    Overloaded,
    /// HTTP 5xx without an answer of the API.
    Server(u16),
    /// Something else answered: the status, and what was sent.
    NotTheApi(u16, String),
    /// A list that is longer than any of a real account.
    TooMany,
    /// No whole answer.
    Transport(TransportError),
}

/// A call, and what is known about tries before the last.
pub(super) struct Ended {
    pub result: Result<Success, Failure>,
    /// A try before the last one may have been carried out.
    pub maybe_before: bool,
}

impl Failure {
    /// Whether the call may have been carried out all the same.
    pub fn may_have_happened(&self) -> bool {
        match self {
            Failure::Code { .. } | Failure::Throttled { .. } => false,
            Failure::Overloaded
            | Failure::Server(_)
            | Failure::NotTheApi(..)
            | Failure::TooMany => true,
            Failure::Transport(error) => error.may_have_happened(),
        }
    }

    /// Whether the same call may go better in some seconds.
    fn is_passing(&self) -> bool {
        match self {
            Failure::Throttled { .. } | Failure::Overloaded | Failure::Server(_) => true,
            Failure::NotTheApi(..) => true,
            Failure::Transport(TransportError::TooLong(_))
            | Failure::TooMany
            | Failure::Code { .. } => false,
            Failure::Transport(_) => true,
        }
    }
}

impl Alldebrid {
    /// Sends a call, waiting for its turn, until it succeeds, fails for good, or was repeated often enough.
    pub(super) async fn call(
        &self,
        path: &'static str,
        params: &[(&'static str, &str)],
        repeat: Repeat,
    ) -> Ended {
        let mut maybe_before = false;
        let mut timeouts = 0;
        let (longest_pause, longest_wait) = match repeat {
            Repeat::Always => (Duration::MAX, LONGEST_WAIT),
            Repeat::IfNotDone => (SOON, SOON),
        };
        let mut pauses = PAUSES.iter().filter(|pause| **pause <= longest_pause);
        let key = mark(self.key.expose().bytes());
        loop {
            let held = self.limiter.held_for(key);
            if held > longest_wait {
                let retry_after = Some(held);
                return Ended {
                    result: Err(Failure::Throttled { retry_after }),
                    maybe_before,
                };
            }
            tokio::time::sleep(held).await;
            self.limiter.turn().await;
            let result = self.send(path, params).await;
            let Err(failure) = &result else {
                return Ended {
                    result,
                    maybe_before,
                };
            };
            if let Failure::Throttled {
                retry_after: Some(asked),
            } = failure
            {
                self.limiter.hold(key, *asked);
            }
            timeouts += u32::from(matches!(
                failure,
                Failure::Transport(TransportError::Timeout(_))
            ));
            let may_repeat = failure.is_passing()
                && timeouts < TIMEOUTS
                && (repeat == Repeat::Always || !failure.may_have_happened());
            let Some(pause) = pauses.next().filter(|_| may_repeat) else {
                return Ended {
                    result,
                    maybe_before,
                };
            };
            let pause = match failure {
                Failure::Throttled {
                    retry_after: Some(asked),
                } if *asked > longest_wait => {
                    return Ended {
                        result,
                        maybe_before,
                    };
                }
                Failure::Throttled {
                    retry_after: Some(asked),
                } => (*asked).max(*pause),
                _ => *pause,
            };
            maybe_before |= failure.may_have_happened();
            tokio::time::sleep(pause + pause.mul_f64(self.jitter() / 2.0)).await;
        }
    }

    /// A call that reads.
    pub(super) async fn read(
        &self,
        path: &'static str,
        params: &[(&'static str, &str)],
        what: &str,
    ) -> Result<Success, ReadError> {
        let ended = self.call(path, params, Repeat::Always).await;
        ended
            .result
            .map_err(|failure| self.read_error(what, &failure))
    }

    pub(super) fn read_error(&self, what: &str, failure: &Failure) -> ReadError {
        ReadError::new(failure.kind(), self.tell(what, failure))
    }

    /// A failure in words.
    pub(super) fn tell(&self, what: &str, failure: &Failure) -> String {
        format!("{what}: {}", failure.text(&self.secrets))
    }

    async fn send(
        &self,
        path: &'static str,
        params: &[(&'static str, &str)],
    ) -> Result<Success, Failure> {
        let url = self
            .base
            .join(path)
            .map_err(|error| Failure::Transport(TransportError::NotSent(error.to_string())))?;
        let params = params
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        let (method, body) = match path {
            "v4/user" => (Method::Get, RequestBody::Empty),
            _ => (Method::Post, RequestBody::Form(params.collect())),
        };
        let request = Request {
            method,
            url,
            headers: vec![
                ("user-agent", USER_AGENT.to_owned()),
                ("authorization", format!("Bearer {}", self.key.expose())),
            ],
            body,
            timeout: TIMEOUT,
            ca_file: None,
        };
        let answer = self
            .transport
            .send(request)
            .await
            .map_err(Failure::Transport)?;
        let status = answer.status;
        let retry_after = answer.header("retry-after").and_then(seconds);
        let body = match answer.read_all(BODY_LIMIT).await {
            Ok(body) => body,
            // The status says enough: what was throttled was not carried out.
            Err(_) if status == 429 => Vec::new(),
            Err(error) => return Err(Failure::Transport(error)),
        };
        open(status, &body).map_err(|failure| match failure {
            Failure::Throttled { .. } => Failure::Throttled { retry_after },
            other => other,
        })
    }

    /// The next number from 0 to 1 of a fixed sequence (splitmix64).
    fn jitter(&self) -> f64 {
        let state = self
            .seed
            .fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A number of seconds, whole or not, up to a day.
fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.trim().parse().ok()?;
    (0.0..=86_400.0)
        .contains(&seconds)
        .then(|| Duration::from_secs_f64(seconds))
}
