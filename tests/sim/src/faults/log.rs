//! The requests that a model was sent, without the secrets in them.

use super::Fault;
use crate::{Answer, NowMs, form};
use bytes::Bytes;
use http::Request;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Parameters whose values are never kept.
const SECRET: [&str; 6] = ["password", "apikey", "api_key", "token", "auth", "key"];
/// Longer values are cut: the log is for reading.
const VALUE_CHARS: usize = 400;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// When it arrived.
    pub now: NowMs,
    /// `GET`, `POST`, …
    pub method: String,
    /// The path without the query; tokens of webhooks are left out.
    pub path: String,
    /// Query and form parameters in order; secrets are `…`, files their number of bytes.
    pub params: Vec<(String, String)>,
    /// The fault that it met.
    pub fault: Option<Fault>,
    /// Status of the answer, if it got one.
    pub status: Option<u16>,
}

impl Call {
    /// First value of a parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            now,
            method,
            path,
            params,
            fault,
            status,
        } = self;
        write!(f, "{now} {method} {path}")?;
        for (name, value) in params {
            write!(f, " {name}={value}")?;
        }
        if let Some(fault) = fault {
            write!(f, " !{fault:?}")?;
        }
        match status {
            Some(status) => write!(f, " -> {status}"),
            None => f.write_str(" -> no answer"),
        }
    }
}

/// The requests so far. A handle: clones share the same log.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Vec<Call>>>);

impl Log {
    /// All calls in order.
    pub fn all(&self) -> Vec<Call> {
        self.calls().clone()
    }

    /// Calls whose path contains `path_part`, in order.
    pub fn of(&self, path_part: &str) -> Vec<Call> {
        let calls = self.calls();
        let found = calls.iter().filter(|call| call.path.contains(path_part));
        found.cloned().collect()
    }

    /// Number of calls whose path contains `path_part`.
    pub fn count(&self, path_part: &str) -> usize {
        let calls = self.calls();
        calls
            .iter()
            .filter(|call| call.path.contains(path_part))
            .count()
    }

    /// Whether calls with these path parts came in this order (others may lie between them).
    pub fn in_order(&self, path_parts: &[&str]) -> bool {
        let calls = self.calls();
        let mut calls = calls.iter();
        path_parts
            .iter()
            .all(|part| calls.any(|call| call.path.contains(part)))
    }

    /// Forgets all calls so far.
    pub fn clear(&self) {
        self.calls().clear();
    }

    pub(super) fn add(
        &self,
        request: &Request<Bytes>,
        now: NowMs,
        fault: Option<Fault>,
        answer: &Answer,
    ) {
        let mut params = form::query(request);
        params.extend(form::body(request).unwrap_or_default());
        self.calls().push(Call {
            now,
            method: request.method().to_string(),
            path: shown_path(request.uri().path()),
            params: params.iter().map(shown_param).collect(),
            fault,
            status: status(answer),
        });
    }

    fn calls(&self) -> MutexGuard<'_, Vec<Call>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.calls()
            .iter()
            .try_for_each(|call| writeln!(f, "{call}"))
    }
}

fn shown_path(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    if let Some(at) = parts.iter().position(|part| *part == "webhooks")
        && let Some(token) = parts.get_mut(at + 2)
    {
        *token = "…";
    }
    parts.join("/")
}

fn shown_param(param: &form::Param) -> (String, String) {
    let name = param.name.clone();
    let value = match &param.file {
        _ if SECRET.contains(&name.to_ascii_lowercase().as_str()) => "…".to_owned(),
        Some(_) => format!("{} bytes", param.value.len()),
        None => {
            let text = param.text();
            let cut = text.char_indices().nth(VALUE_CHARS);
            cut.map_or(text.clone(), |(at, _)| format!("{}…", &text[..at]))
        }
    };
    (name, value)
}

fn status(answer: &Answer) -> Option<u16> {
    match answer {
        Answer::Reply(reply)
        | Answer::Late(_, reply)
        | Answer::Torn(reply, _)
        | Answer::Drip(reply, _, _) => Some(reply.status().as_u16()),
        Answer::Silence | Answer::Close => None,
    }
}
