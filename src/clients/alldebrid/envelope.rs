//! The envelope around every answer, and what its error codes mean. Most errors come with HTTP status 200.

use super::call::Failure;
use crate::clients::bounded::{MOST_MAGNETS, is_within};
use crate::clients::lenient::bool_of;
use crate::clients::said::Secrets;
use crate::clients::{LoginProblem, ReadErrorKind};
use crate::ports::TransportError;
use serde_json::Value;

/// The `data` of a success, and whether the endpoint is announced to go away.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Success {
    pub data: Value,
    pub deprecated: bool,
}

/// Reads an answer: first the body, then, if that is no envelope, the HTTP status.
pub(super) fn open(status: u16, body: &[u8]) -> Result<Success, Failure> {
    if status == 429 {
        return Err(Failure::Throttled { retry_after: None });
    }
    if !is_within(MOST_MAGNETS, body) {
        return Err(Failure::TooMany);
    }
    let mut envelope = match serde_json::from_str(&String::from_utf8_lossy(body)) {
        Ok(Value::Object(envelope)) => envelope,
        Ok(_) | Err(_) => return Err(without_envelope(status, body)),
    };
    match envelope.get("status").and_then(Value::as_str) {
        Some("success") if status == 200 => Ok(Success {
            data: envelope.remove("data").unwrap_or(Value::Null),
            deprecated: envelope.get("deprecated").and_then(bool_of) == Some(true),
        }),
        Some("error") => Err(failure_of(envelope.get("error").unwrap_or(&Value::Null))),
        _ => Err(without_envelope(status, body)),
    }
}

/// An error object, of a whole answer or of one item in it.
pub(super) fn failure_of(error: &Value) -> Failure {
    let code = match error.get("code") {
        Some(Value::String(code)) => code.clone(),
        Some(Value::Number(code)) => code.to_string(),
        _ => "no code".to_owned(),
    };
    let message = error
        .get("message")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Failure::Code {
        code,
        message: message.to_owned(),
    }
}

fn without_envelope(status: u16, body: &[u8]) -> Failure {
    match status {
        503 => Failure::Overloaded,
        500..=599 => Failure::Server(status),
        _ => Failure::NotTheApi(status, String::from_utf8_lossy(body).into_owned()),
    }
}

/// What a code says about whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CodeClass {
    /// The account cannot be used at all until its owner does something.
    Login(LoginProblem),
    /// Nothing goes, for a while.
    Maintenance,
    /// This call does not exist any more: the program is too old.
    ApiChanged,
    /// The account may not do this (no premium, trial at its end).
    Account,
    /// There is no such magnet.
    Gone,
    /// Not now, for a reason outside of the magnet.
    Busy,
    /// Anything else, unknown codes too.
    Other,
}

/// Sorts a code (section 9 of the API facts).
pub(super) fn class_of(code: &str) -> CodeClass {
    match code {
        "AUTH_MISSING_APIKEY" | "AUTH_BAD_APIKEY" | "AUTH_MISSING_AGENT" | "AUTH_BAD_AGENT" => {
            CodeClass::Login(LoginProblem::Credentials)
        }
        "AUTH_BLOCKED" | "NO_SERVER" | "MAGNET_NO_SERVER" => {
            CodeClass::Login(LoginProblem::Blocked)
        }
        "AUTH_USER_BANNED" | "ACCOUNT_INVALID" => CodeClass::Login(LoginProblem::Closed),
        "MAINTENANCE" => CodeClass::Maintenance,
        "404" | "DISCONTINUED" => CodeClass::ApiChanged,
        "MUST_BE_PREMIUM"
        | "MAGNET_MUST_BE_PREMIUM"
        | "FREE_TRIAL_LIMIT_REACHED"
        | "MAGNET_TOO_MANY" => CodeClass::Account,
        "MAGNET_INVALID_ID" => CodeClass::Gone,
        "MAGNET_PROCESSING" | "MAGNET_PROCESSING_COOLDOWN" | "MAGNET_TOO_MANY_ACTIVE" => {
            CodeClass::Busy
        }
        _ => CodeClass::Other,
    }
}

impl Failure {
    /// What it means for a reading.
    pub(super) fn kind(&self) -> ReadErrorKind {
        match self {
            Failure::Code { code, .. } => match class_of(code) {
                CodeClass::Login(problem) => ReadErrorKind::Login(problem),
                CodeClass::Maintenance => ReadErrorKind::Maintenance,
                CodeClass::ApiChanged => ReadErrorKind::Malformed,
                CodeClass::Gone => ReadErrorKind::Gone,
                CodeClass::Account | CodeClass::Busy | CodeClass::Other => ReadErrorKind::Refused,
            },
            Failure::Throttled { retry_after } => ReadErrorKind::Throttled {
                retry_after: *retry_after,
            },
            Failure::Overloaded | Failure::Server(_) => ReadErrorKind::Unreachable,
            Failure::NotTheApi(..)
            | Failure::TooMany
            | Failure::Transport(TransportError::TooLong(_)) => ReadErrorKind::Malformed,
            Failure::Transport(_) => ReadErrorKind::Unreachable,
        }
    }

    /// What to tell people, without these secrets, should the server have sent them back.
    pub(super) fn text(&self, secrets: &Secrets) -> String {
        match self {
            Failure::Code { code, message } => {
                let advice = match class_of(code) {
                    CodeClass::Login(LoginProblem::Credentials) => "; check the API key",
                    CodeClass::Login(LoginProblem::Blocked) => {
                        "; AllDebrid refuses this machine's address: look for an e-mail to approve it, and mind \
                         that addresses of data centres and VPNs are refused"
                    }
                    CodeClass::ApiChanged => {
                        "; AllDebrid has changed its API: look for a newer version"
                    }
                    CodeClass::Login(_)
                    | CodeClass::Maintenance
                    | CodeClass::Account
                    | CodeClass::Gone
                    | CodeClass::Busy
                    | CodeClass::Other => "",
                };
                let code = secrets.clean(code);
                match secrets.clean(message) {
                    message if message.is_empty() => format!("{code}{advice}"),
                    message => format!("{code} ({message}){advice}"),
                }
            }
            Failure::Throttled { .. } => "too many requests (HTTP 429)".to_owned(),
            Failure::Overloaded => "HTTP 503, too many requests or an outage".to_owned(),
            Failure::Server(status) => format!("HTTP {status}, the server is in trouble"),
            Failure::NotTheApi(status, sent) => {
                let shown = match secrets.clean(sent) {
                    shown if shown.is_empty() => "nothing".to_owned(),
                    shown => shown,
                };
                format!("HTTP {status} with no answer of the API, but: {shown}")
            }
            Failure::TooMany => {
                format!("more than {MOST_MAGNETS} entries in one list; is this AllDebrid?")
            }
            Failure::Transport(error) => error.to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
