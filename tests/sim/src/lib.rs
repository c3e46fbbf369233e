//! Models of the services that Seedwarden talks to, each with two doors: [`Model::answer`] is called
//! directly in simulations, and [`door`] puts the same model behind a socket.

pub mod alldebrid;
pub mod discord;
pub mod disk;
pub mod door;
pub mod faults;
pub mod form;
pub mod qbittorrent;

use bytes::Bytes;
use std::time::Duration;

/// Milliseconds since the Unix epoch, as the model is to see the time.
pub type NowMs = i64;

/// One service: it takes a whole request and says what comes back. It never reads a clock or waits.
pub trait Model: Send + 'static {
    /// Carries the request out at time `now` and answers it.
    fn answer(&mut self, request: &http::Request<Bytes>, now: NowMs) -> Answer;
}

/// What a client sees of an answer.
#[derive(Debug, Clone)]
pub enum Answer {
    /// An ordinary answer, at once.
    Reply(http::Response<Bytes>),
    /// An ordinary answer after some time. The effect happened at once.
    Late(Duration, http::Response<Bytes>),
    /// Nothing ever comes; the connection stays open.
    Silence,
    /// The connection is closed without a byte of an answer.
    Close,
    /// Head and the first `usize` bytes of the body, then the connection is closed.
    Torn(http::Response<Bytes>, usize),
    /// Head at once, then the body in pieces of the given size with a pause between two.
    Drip(http::Response<Bytes>, usize, Duration),
}
