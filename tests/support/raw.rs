//! A transport that gives prepared answers in order and keeps the requests, for what no model would say.

use bytes::Bytes;
use seedwarden::ports::{
    Body, BoxFuture, Method, Request, RequestBody, Response, Transport, TransportError,
};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is answered to one request.
pub type Prepared = Result<(u16, Vec<(String, String)>, Bytes), TransportError>;

/// A handle: clones are the same transport.
#[derive(Clone, Default)]
pub struct RawTransport(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    answers: VecDeque<Prepared>,
    requests: Vec<Request>,
}

impl RawTransport {
    /// Answers this status and body to the next request.
    pub fn then(&self, status: u16, body: impl Into<Bytes>) -> &Self {
        self.prepare(Ok((status, Vec::new(), body.into())))
    }

    /// Answers with one header more.
    pub fn then_with(&self, status: u16, name: &str, value: &str, body: impl Into<Bytes>) -> &Self {
        let headers = vec![(name.to_owned(), value.to_owned())];
        self.prepare(Ok((status, headers, body.into())))
    }

    /// Fails the next request.
    pub fn then_fail(&self, error: TransportError) -> &Self {
        self.prepare(Err(error))
    }

    /// The requests so far, as `GET address` or `POST address body`.
    pub fn requests(&self) -> Vec<String> {
        self.inner().requests.iter().map(shown).collect()
    }

    /// Value of a header of the last request.
    pub fn last_header(&self, name: &str) -> Option<String> {
        let inner = self.inner();
        let headers = &inner.requests.last()?.headers;
        headers
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, v)| v.clone())
    }

    /// Answers that nobody has asked for yet.
    pub fn left(&self) -> usize {
        self.inner().answers.len()
    }

    fn prepare(&self, answer: Prepared) -> &Self {
        self.inner().answers.push_back(answer);
        self
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for RawTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let answer = {
            let mut inner = self.inner();
            inner.requests.push(request);
            inner.answers.pop_front()
        };
        Box::pin(async move {
            let (status, headers, body) =
                answer.unwrap_or_else(|| panic!("one request more than there are answers"))?;
            Ok(Response {
                status,
                headers,
                body: Box::new(RawBody(Some(body))),
            })
        })
    }
}

struct RawBody(Option<Bytes>);

impl Body for RawBody {
    fn chunk(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        let body = self.0.take().filter(|body| !body.is_empty());
        Box::pin(async move { Ok(body) })
    }
}

fn shown(request: &Request) -> String {
    let url = request.url.as_str();
    match (request.method, &request.body) {
        (Method::Get, _) => format!("GET {url}"),
        (Method::Post, RequestBody::Form(fields)) => {
            let fields: Vec<String> = fields.iter().map(|(n, v)| format!("{n}={v}")).collect();
            format!("POST {url} {}", fields.join("&"))
        }
        (Method::Post, RequestBody::Json(text)) => format!("POST {url} {text}"),
        (Method::Post, RequestBody::Multipart(parts)) => {
            let names: Vec<&str> = parts.iter().map(|part| part.name).collect();
            format!("POST {url} multipart {}", names.join(" "))
        }
        (Method::Post, RequestBody::Empty) => format!("POST {url}"),
    }
}
