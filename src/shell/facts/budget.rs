//! Bounds on what one fetch may ask of a server, and the end of asking when the server does not answer.

use crate::clients::{ReadError, ReadErrorKind};
use std::time::Duration;
use tokio::time::Instant;

/// Most requests of one fetch: a first look at a large account in one go (5,000 torrents take a server a few
/// seconds), and an end for accounts of any size.
const REQUESTS: usize = 6_000;
/// Longest time of one fetch; a server far away answers some 3,000 requests in it.
const TIME: Duration = Duration::from_secs(60);

/// What is left of one fetch.
pub(super) struct Budget {
    requests: usize,
    until: Instant,
    closed: Option<String>,
}

impl Budget {
    /// A whole budget, beginning when it is called.
    pub fn new() -> Budget {
        Budget {
            requests: REQUESTS,
            until: Instant::now() + TIME,
            closed: None,
        }
    }

    /// Takes one request.
    ///
    /// # Errors
    /// Why nothing more is asked, in words for people.
    pub fn take(&mut self) -> Result<(), String> {
        if let Some(why) = &self.closed {
            return Err(why.clone());
        }
        if self.requests == 0 || Instant::now() >= self.until {
            return Err(
                "not read in this cycle, others came first; the next one goes on".to_owned(),
            );
        }
        self.requests -= 1;
        Ok(())
    }

    /// Passes an answer on. After an error that the next request would meet too, nothing more is asked.
    ///
    /// # Errors
    /// The error's message.
    pub fn note<T>(&mut self, answer: Result<T, ReadError>) -> Result<T, String> {
        let error = match answer {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        match error.kind {
            ReadErrorKind::Gone | ReadErrorKind::Malformed | ReadErrorKind::Refused => {}
            ReadErrorKind::Login(_)
            | ReadErrorKind::Banned
            | ReadErrorKind::Throttled { .. }
            | ReadErrorKind::Maintenance
            | ReadErrorKind::Unreachable => self.closed = Some(error.message.clone()),
        }
        Err(error.message)
    }
}
