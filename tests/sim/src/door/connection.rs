//! One connection: reads requests, asks the model, and carries out what the [`Answer`] says.

use super::body::Pieces;
use super::{DoorOptions, wall_clock};
use crate::{Answer, Model};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::sleep;

/// What all connections of a door have in common.
pub(super) struct Shared<M> {
    model: Arc<Mutex<M>>,
    options: DoorOptions,
    shift: Arc<AtomicI64>,
    turn: tokio::sync::Mutex<()>,
}

impl<M> Shared<M> {
    pub(super) fn new(model: Arc<Mutex<M>>, options: DoorOptions, shift: Arc<AtomicI64>) -> Self {
        Self {
            model,
            options,
            shift,
            turn: tokio::sync::Mutex::new(()),
        }
    }
}

/// The connection is to be cut without an answer.
#[derive(Debug)]
struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the model closes this connection")
    }
}

impl std::error::Error for Cut {}

/// Serves one connection until either side closes it.
pub(super) async fn serve<M: Model>(stream: TcpStream, peer: SocketAddr, shared: Arc<Shared<M>>) {
    let idle_close = shared.options.idle_close;
    // Requests begun and bodies finished: idle is when nothing has changed for a while and none is open.
    let (open, mut open_seen) = watch::channel(0_usize);
    let service = service_fn(move |request: Request<Incoming>| {
        let (shared, open) = (shared.clone(), Open::begin(&open));
        async move { answer(request, peer, &shared, open).await }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .keep_alive(true)
        .max_headers(200)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let Some(idle_close) = idle_close else {
        let _ = connection.await;
        return;
    };
    loop {
        let is_idle = *open_seen.borrow_and_update() == 0;
        tokio::select! {
            biased;
            _ = connection.as_mut() => return,
            _ = open_seen.changed() => {}
            () = sleep(idle_close), if is_idle => {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
                return;
            }
        }
    }
}

/// Counts a request as open from its head to the end of its answer's body.
pub(super) struct Open(watch::Sender<usize>);

impl Open {
    fn begin(open: &watch::Sender<usize>) -> Self {
        open.send_modify(|n| *n += 1);
        Self(open.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|n| *n -= 1);
    }
}

async fn answer<M: Model>(
    request: Request<Incoming>,
    peer: SocketAddr,
    shared: &Shared<M>,
    open: Open,
) -> Result<Response<Pieces>, Cut> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, shared.options.body_limit)
        .collect()
        .await
        .map_err(|_| Cut)?;
    let mut request = Request::from_parts(head, body.to_bytes());
    request.extensions_mut().insert(peer);
    let _turn = match shared.options.one_at_a_time {
        true => Some(shared.turn.lock().await),
        false => None,
    };
    let now = wall_clock() + shared.shift.load(Ordering::SeqCst);
    let answer = match shared.model.lock() {
        Ok(mut model) => model.answer(&request, now),
        Err(_) => return Err(Cut),
    };
    match answer {
        Answer::Reply(reply) => Ok(reply.map(|body| Pieces::whole(body, open))),
        Answer::Late(after, reply) => {
            sleep(after).await;
            Ok(reply.map(|body| Pieces::whole(body, open)))
        }
        Answer::Silence => match std::future::pending::<Infallible>().await {},
        Answer::Close => Err(Cut),
        Answer::Torn(reply, bytes) => {
            Ok(with_length(reply).map(|body| Pieces::torn(body, bytes, open)))
        }
        Answer::Drip(reply, bytes, pause) => {
            Ok(with_length(reply).map(|body| Pieces::drip(body, bytes, pause, open)))
        }
    }
}

/// The head promises the whole body, also where less of it will come.
fn with_length(mut reply: Response<Bytes>) -> Response<Bytes> {
    let length = http::HeaderValue::from(reply.body().len());
    reply
        .headers_mut()
        .entry(http::header::CONTENT_LENGTH)
        .or_insert(length);
    reply
}
