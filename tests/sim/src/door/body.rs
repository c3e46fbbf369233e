//! An answer's body as it goes out: whole, torn off, or piece by piece.

use super::connection::Open;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

/// Yields its bytes in pieces with pauses, and breaks off where it is told to.
pub(super) struct Pieces {
    rest: Bytes,
    piece: usize,
    pause: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    /// After the last piece the connection is cut, with or without all bytes sent.
    torn: bool,
    _open: Open,
}

impl Pieces {
    pub(super) fn whole(body: Bytes, open: Open) -> Self {
        let piece = body.len().max(1);
        Self {
            rest: body,
            piece,
            pause: Duration::ZERO,
            waiting: None,
            torn: false,
            _open: open,
        }
    }

    pub(super) fn torn(body: Bytes, bytes: usize, open: Open) -> Self {
        let rest = body.slice(..bytes.min(body.len()));
        // The pause lets the bytes before the tear leave; an error at once would take them along.
        let pause = Duration::from_millis(20);
        Self {
            piece: rest.len().max(1),
            rest,
            pause,
            waiting: None,
            torn: true,
            _open: open,
        }
    }

    pub(super) fn drip(body: Bytes, piece: usize, pause: Duration, open: Open) -> Self {
        Self {
            rest: body,
            piece: piece.max(1),
            pause,
            waiting: None,
            torn: false,
            _open: open,
        }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(waiting) = &mut self.waiting {
            ready!(waiting.as_mut().poll(cx));
            self.waiting = None;
        }
        if self.rest.is_empty() {
            return Poll::Ready(
                self.torn
                    .then(|| Err(io::Error::other("torn off as the model wants"))),
            );
        }
        let piece = self.piece.min(self.rest.len());
        let piece = self.rest.split_to(piece);
        if !self.pause.is_zero() && (self.torn || !self.rest.is_empty()) {
            let mut waiting = Box::pin(sleep(self.pause));
            // Registers the wake-up; a pause that is over already is noticed at the next call.
            let _ = waiting.as_mut().poll(cx);
            self.waiting = Some(waiting);
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && !self.torn
    }

    fn size_hint(&self) -> SizeHint {
        match self.torn {
            true => SizeHint::default(),
            false => SizeHint::with_exact(self.rest.len() as u64),
        }
    }
}
