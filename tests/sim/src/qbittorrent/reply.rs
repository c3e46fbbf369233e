//! Answers, and the parameters of requests.

use super::Era;
use crate::form::Param;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use std::io::Write;

/// An answer in the making.
#[derive(Debug)]
pub(super) struct Reply {
    status: u16,
    kind: &'static str,
    body: Vec<u8>,
    headers: Vec<(HeaderName, String)>,
}

const TEXT: &str = "text/plain; charset=UTF-8";
/// Smaller bodies are not worth compressing.
const GZIP_FROM: usize = 1024;

/// A text answer.
pub(super) fn text(status: u16, body: &str) -> Reply {
    Reply {
        status,
        kind: TEXT,
        body: body.as_bytes().to_vec(),
        headers: Vec::new(),
    }
}

/// Success of an action.
pub(super) fn done() -> Reply {
    text(200, "")
}

/// A JSON answer of these bytes.
pub(super) fn json_bytes(body: Vec<u8>) -> Reply {
    Reply {
        status: 200,
        kind: "application/json",
        body,
        headers: Vec::new(),
    }
}

/// A JSON answer.
pub(super) fn json(value: &serde_json::Value) -> Reply {
    json_bytes(value.to_string().into_bytes())
}

impl Reply {
    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(super) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(super) fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    /// 4.2.5 gives refusals without any words.
    pub(super) fn era(mut self, era: Era) -> Self {
        if era < Era::V4_5_2 && self.status >= 400 {
            self.body.clear();
        }
        self
    }

    pub(super) fn finish(mut self, accepts_gzip: bool, is_head: bool) -> Response<Bytes> {
        if accepts_gzip && self.body.len() >= GZIP_FROM {
            let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
            if packed.write_all(&self.body).is_ok()
                && let Ok(body) = packed.finish()
            {
                self.body = body;
                self.headers
                    .push((header::CONTENT_ENCODING, "gzip".to_owned()));
            }
        }
        let body = if is_head {
            Bytes::new()
        } else {
            self.body.into()
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if self.status != 204 {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        }
        headers.insert(
            header::REFERRER_POLICY,
            HeaderValue::from_static("same-origin"),
        );
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.append(name, value);
            }
        }
        response
    }
}

/// The parameters of one request.
#[derive(Debug)]
pub(super) struct Params {
    pub(super) all: Vec<Param>,
    era: Era,
}

impl Params {
    pub(super) fn new(all: Vec<Param>, era: Era) -> Self {
        Self { all, era }
    }

    /// A parameter's text, if it is there.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.all
            .iter()
            .find(|param| param.name == name)
            .map(Param::text)
    }

    /// A parameter's text, or "".
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default()
    }

    /// Whether a parameter is one of the words for yes; `None` if it is not there or is no such word.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name)?.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" | "y" | "t" => Some(true),
            "false" | "0" | "no" | "off" | "n" | "f" => Some(false),
            _ => None,
        }
    }

    /// A parameter's number.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.trim().parse().ok()
    }

    /// 400 if one of these is missing; 5.2 and later name it.
    pub(super) fn need(&self, names: &[&str]) -> Result<(), Reply> {
        let is_missing = |name: &&&str| self.get(name).is_none();
        let missing: Vec<_> = names.iter().filter(is_missing).copied().collect();
        if missing.is_empty() {
            return Ok(());
        }
        let words = match self.era >= Era::V5_2 {
            true => format!("Missing required parameters: {}", missing.join(", ")),
            false => "Bad Request".to_owned(),
        };
        Err(text(400, &words))
    }

    /// Parts of a list that are not empty, without the blanks around them.
    pub(super) fn list(&self, name: &str, separator: char) -> Vec<String> {
        let list = self.text(name);
        let parts = list
            .split(separator)
            .map(str::trim)
            .filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    }
}
