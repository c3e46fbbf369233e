//! Models behind the transport port, called directly: no sockets, and waiting is tokio's, so that time can be paused.

use super::clock::SimClock;
use bytes::Bytes;
use seedwarden::ports::{
    Body, BoxFuture, Method, Part, Request, RequestBody, Response, Transport, TransportError,
};
use seedwarden_sim::{Answer, Model};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use url::{Position, Url};

/// Bodies arrive in pieces of this size, which no value of theirs is sure to fit in.
const PIECE: usize = 700;

/// A handle: clones are the same network.
#[derive(Clone)]
pub struct SimNet {
    clock: SimClock,
    hosts: Arc<Mutex<Hosts>>,
}

#[derive(Default)]
struct Hosts {
    models: BTreeMap<String, Arc<Mutex<dyn Model>>>,
    refusing: BTreeSet<String>,
}

impl SimNet {
    /// A network without hosts; models see the time of this clock.
    pub fn new(clock: SimClock) -> Self {
        Self {
            clock,
            hosts: Arc::default(),
        }
    }

    /// Puts a model at an address (`http://seedbox:8080`); its path plays no role.
    pub fn serve<M: Model>(&self, address: &str, model: Arc<Mutex<M>>) {
        self.hosts().models.insert(origin(&parse(address)), model);
    }

    /// Refuses connections to an address, or accepts them again.
    pub fn refuse(&self, address: &str, refuse: bool) {
        let origin = origin(&parse(address));
        match refuse {
            true => self.hosts().refusing.insert(origin),
            false => self.hosts().refusing.remove(&origin),
        };
    }

    fn hosts(&self) -> MutexGuard<'_, Hosts> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(&self, request: Request) -> Result<Response, TransportError> {
        let deadline = Instant::now() + request.timeout;
        let timed_out = TransportError::Timeout(request.timeout);
        let model = {
            let hosts = self.hosts();
            let origin = origin(&request.url);
            let refuses = hosts.refusing.contains(&origin);
            hosts.models.get(&origin).filter(|_| !refuses).cloned()
        };
        let Some(model) = model else {
            return Err(TransportError::NotSent(
                "Connection refused (os error 111)".to_owned(),
            ));
        };
        let sent = wire(&request);
        let answer = {
            let mut model = model.lock().unwrap_or_else(PoisonError::into_inner);
            model.answer(&sent, self.clock.now_ms())
        };
        let (reply, torn_at, piece, pause) = match answer {
            Answer::Close => return Err(TransportError::Lost("connection closed".to_owned())),
            Answer::Silence => {
                sleep_until(deadline).await;
                return Err(timed_out);
            }
            Answer::Late(after, reply) => {
                sleep_until(deadline.min(Instant::now() + after)).await;
                if Instant::now() >= deadline {
                    return Err(timed_out);
                }
                (reply, None, PIECE, Duration::ZERO)
            }
            Answer::Reply(reply) => (reply, None, PIECE, Duration::ZERO),
            Answer::Torn(reply, bytes) => (reply, Some(bytes), PIECE, Duration::ZERO),
            Answer::Drip(reply, bytes, pause) => (reply, None, bytes.max(1), pause),
        };
        let (head, body) = reply.into_parts();
        let rest = body.slice(..torn_at.unwrap_or(body.len()).min(body.len()));
        let headers = head.headers.iter().map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        });
        Ok(Response {
            status: head.status.as_u16(),
            headers: headers.collect(),
            body: Box::new(SimBody {
                rest,
                piece,
                pause,
                torn: torn_at.is_some(),
                deadline,
                timeout: request.timeout,
            }),
        })
    }
}

impl Transport for SimNet {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(self.answer(request))
    }
}

struct SimBody {
    rest: Bytes,
    piece: usize,
    pause: Duration,
    torn: bool,
    deadline: Instant,
    timeout: Duration,
}

impl SimBody {
    async fn next(&mut self) -> Result<Option<Bytes>, TransportError> {
        if self.rest.is_empty() {
            return match self.torn {
                true => Err(TransportError::Lost(
                    "end of file before message length reached".to_owned(),
                )),
                false => Ok(None),
            };
        }
        if !self.pause.is_zero() {
            sleep_until(self.deadline.min(Instant::now() + self.pause)).await;
        }
        if Instant::now() >= self.deadline {
            return Err(TransportError::Timeout(self.timeout));
        }
        let piece = self.piece.min(self.rest.len());
        Ok(Some(self.rest.split_to(piece)))
    }
}

impl Body for SimBody {
    fn chunk(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        Box::pin(self.next())
    }
}

fn parse(address: &str) -> Url {
    Url::parse(address).expect("an address")
}

/// `seedbox:8080`.
fn origin(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    format!("{host}:{}", url.port_or_known_default().unwrap_or(0))
}

/// The request as it would be on the wire.
fn wire(request: &Request) -> http::Request<Bytes> {
    let method = match request.method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
    };
    let path = &request.url[Position::BeforePath..Position::AfterQuery];
    let mut builder = http::Request::builder().method(method).uri(path);
    builder = builder.header(
        "host",
        &request.url[Position::BeforeHost..Position::AfterPort],
    );
    for (name, value) in &request.headers {
        builder = builder.header(*name, value);
    }
    let (kind, body) = match &request.body {
        RequestBody::Empty => (None, Bytes::new()),
        RequestBody::Json(text) => (Some("application/json"), text.clone().into()),
        RequestBody::Form(fields) => {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(fields);
            (
                Some("application/x-www-form-urlencoded"),
                form.finish().into(),
            )
        }
        RequestBody::Multipart(parts) => (
            Some("multipart/form-data; boundary=boundary-of-a-simulation"),
            multipart(parts),
        ),
    };
    if let Some(kind) = kind {
        builder = builder.header("content-type", kind);
    }
    if !body.is_empty() || request.method == Method::Post {
        builder = builder.header("content-length", body.len());
    }
    builder.body(body).expect("a request that HTTP allows")
}

fn multipart(parts: &[Part]) -> Bytes {
    let mut body = Vec::new();
    for Part {
        name,
        file_name,
        content,
    } in parts
    {
        let file = match file_name {
            Some(file) => {
                format!("; filename=\"{file}\"\r\nContent-Type: application/octet-stream")
            }
            None => String::new(),
        };
        let head = format!(
            "--boundary-of-a-simulation\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--boundary-of-a-simulation--\r\n");
    body.into()
}
