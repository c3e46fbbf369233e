//! HTTP by reqwest: no cookies kept, no redirects, no retries. Errors say honestly whether the request may have
//! reached the server, and never hold its address.

use super::tls;
use crate::ports::{
    Body, BoxFuture, Method, Part, Request, RequestBody, Response, Transport, TransportError,
};
use bytes::Bytes;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Client, ClientBuilder, RequestBuilder, multipart};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;
use url::Url;

/// qBittorrent closes idle connections after 7 s; a request on a closed one is lost.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// A server that has not accepted the connection by then will not.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Requests to one server come one after another.
const IDLE_PER_HOST: usize = 2;

/// Sends requests over the network.
#[derive(Debug, Default)]
pub struct HttpTransport {
    clients: Mutex<BTreeMap<Kind, Client>>,
}

/// What decides how a client is set up; those for plain HTTP need no certificates, which take time to load and
/// may not be there at all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    tls: bool,
    /// This machine itself: no proxy, and compressing would only cost time.
    local: bool,
    ca_file: Option<PathBuf>,
}

impl HttpTransport {
    /// A transport without connections.
    pub fn new() -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Fails only if the process has one already, which then is used.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        Self::default()
    }

    async fn client(&self, kind: Kind) -> Result<Client, TransportError> {
        if let Some(client) = self.clients().get(&kind) {
            return Ok(client.clone());
        }
        let wanted = kind.clone();
        let built = tokio::task::spawn_blocking(move || build(&wanted)).await;
        let client = built.map_err(|error| TransportError::NotSent(error.to_string()))??;
        Ok(self.clients().entry(kind).or_insert(client).clone())
    }

    fn clients(&self) -> std::sync::MutexGuard<'_, BTreeMap<Kind, Client>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send_request(&self, request: Request) -> Result<Response, TransportError> {
        let timeout = request.timeout;
        let local = is_local(&request.url);
        let tls = request.url.scheme() == "https";
        let client = self
            .client(Kind {
                tls,
                local,
                ca_file: request.ca_file.filter(|_| tls),
            })
            .await?;
        let mut builder = match request.method {
            Method::Get => client.get(request.url),
            Method::Post => client.post(request.url),
        };
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        if local {
            builder = builder.header(ACCEPT_ENCODING, "identity");
        }
        let builder = with_body(builder, request.body)?.timeout(timeout);
        let answer = builder.send().await.map_err(|e| map(&e, timeout))?;
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        Ok(Response {
            status: answer.status().as_u16(),
            headers,
            body: Box::new(HttpBody { answer, timeout }),
        })
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(self.send_request(request))
    }
}

struct HttpBody {
    answer: reqwest::Response,
    timeout: Duration,
}

impl Body for HttpBody {
    fn chunk(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        Box::pin(async {
            let timeout = self.timeout;
            self.answer.chunk().await.map_err(|e| map(&e, timeout))
        })
    }
}

fn build(kind: &Kind) -> Result<Client, TransportError> {
    let mut builder = ClientBuilder::new()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .referer(false);
    if kind.local {
        builder = builder.no_proxy();
    }
    if !kind.tls {
        builder = builder.tls_certs_only([]);
    }
    if let Some(path) = &kind.ca_file {
        builder = builder.tls_backend_preconfigured(trusting_file(path)?);
    }
    builder
        .build()
        .map_err(|error| TransportError::NotSent(innermost(&error)))
}

fn trusting_file(path: &Path) -> Result<rustls::ClientConfig, TransportError> {
    let pem = std::fs::read(path).map_err(|error| error.to_string());
    pem.and_then(|pem| tls::trusting(&pem)).map_err(|why| {
        let path = path.display();
        TransportError::NotSent(format!("cannot use the certificates in {path}: {why}"))
    })
}

fn with_body(builder: RequestBuilder, body: RequestBody) -> Result<RequestBuilder, TransportError> {
    Ok(match body {
        RequestBody::Empty => builder,
        RequestBody::Form(fields) => {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(fields);
            text_body(builder, "application/x-www-form-urlencoded", form.finish())
        }
        RequestBody::Json(text) => text_body(builder, "application/json", text),
        RequestBody::Multipart(parts) => {
            let mut form = multipart::Form::new();
            for part in parts {
                form = form.part(part.name, file_part(part)?);
            }
            builder.multipart(form)
        }
    })
}

/// The length is given even where it is 0, which would else be left away.
fn text_body(builder: RequestBuilder, kind: &'static str, text: String) -> RequestBuilder {
    builder
        .header(CONTENT_TYPE, kind)
        .header(CONTENT_LENGTH, text.len())
        .body(text)
}

/// Parts of known length, so that the request has a `Content-Length`: qBittorrent refuses chunked bodies.
fn file_part(part: Part) -> Result<multipart::Part, TransportError> {
    let length = part.content.len() as u64;
    let content = multipart::Part::stream_with_length(part.content, length);
    match part.file_name {
        None => Ok(content),
        Some(name) => content
            .file_name(name)
            .mime_str("application/octet-stream")
            .map_err(|error| TransportError::NotSent(innermost(&error))),
    }
}

/// Whether the address names this machine itself.
fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

fn map(error: &reqwest::Error, timeout: Duration) -> TransportError {
    if error.is_connect() || error.is_builder() {
        TransportError::NotSent(innermost(error))
    } else if error.is_timeout() {
        TransportError::Timeout(timeout)
    } else {
        TransportError::Lost(innermost(error))
    }
}

/// The cause at the bottom, which says most and, unlike the top, never holds the address.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause: &(dyn Error + 'static) = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    match cause.downcast_ref::<reqwest::Error>() {
        // Without a cause below it its text names the address: say what kind it is instead.
        Some(own) if own.is_builder() => "the request cannot be built".to_owned(),
        Some(own) if own.is_timeout() => "timed out".to_owned(),
        Some(_) => "the request failed".to_owned(),
        None => cause.to_string(),
    }
}

#[cfg(test)]
mod tests;
