//! How calls end: actions as [`ActionOutcome`], readings as a value or a [`ReadError`].

use crate::ports::TransportError;
use std::fmt;
use std::time::Duration;

/// How a changing call ended. The texts are fit for people and hold no secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionOutcome {
    /// The server says that it was done (qBittorrent says so for unknown hashes too: read back).
    Done,
    /// The server answered, and did not do it, for a reason that lies in the item or the request.
    Refused(String),
    /// There is no such item.
    Gone,
    /// Not done for a reason outside of the item (AllDebrid: processing, cooldown, too many active): later.
    Busy(String),
    /// Certainly not carried out: no connection, no login, throttled, maintenance.
    NotSent(String),
    /// May have happened: the answer was lost or is not the server's.
    Unknown(String),
}

impl ActionOutcome {
    /// Whether the server carried it out.
    pub fn is_done(&self) -> bool {
        *self == ActionOutcome::Done
    }

    /// What the server or the connection said; empty for `Done` and `Gone`.
    pub fn detail(&self) -> &str {
        match self {
            ActionOutcome::Done | ActionOutcome::Gone => "",
            ActionOutcome::Refused(text)
            | ActionOutcome::Busy(text)
            | ActionOutcome::NotSent(text)
            | ActionOutcome::Unknown(text) => text,
        }
    }
}

impl fmt::Display for ActionOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ActionOutcome::Done => f.write_str("done"),
            ActionOutcome::Refused(text) => write!(f, "refused: {text}"),
            ActionOutcome::Gone => f.write_str("no such item any more"),
            ActionOutcome::Busy(text) => write!(f, "not yet: {text}"),
            ActionOutcome::NotSent(text) => write!(f, "not carried out: {text}"),
            ActionOutcome::Unknown(text) => write!(f, "outcome unknown: {text}"),
        }
    }
}

/// Why a reading failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ReadError {
    /// For deciding.
    pub kind: ReadErrorKind,
    /// For people: what was asked, what came, what to do. Holds no secrets.
    pub message: String,
}

/// Kinds of failed readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadErrorKind {
    /// The server refuses us until its owner changes something. Do not try again soon.
    Login(LoginProblem),
    /// Too many bad logins from here (qBittorrent: an hour by default). Every further try prolongs it.
    Banned,
    /// Too many requests; the server may have said when to come back.
    Throttled {
        /// The server's own word, if it gave one.
        retry_after: Option<Duration>,
    },
    /// The service is under maintenance.
    Maintenance,
    /// No connection, no whole answer, or a proxy or server in trouble.
    Unreachable,
    /// An answer, but not one that can be understood.
    Malformed,
    /// There is no such item.
    Gone,
    /// The server answered and refused this call.
    Refused,
}

/// What is wrong with a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginProblem {
    /// Wrong user name, password or key.
    Credentials,
    /// The address by which we came is refused, whatever the credentials (qBittorrent: host or port).
    Address,
    /// Waiting for the owner: a new place to be approved, an address of a data centre (AllDebrid).
    Blocked,
    /// The account is banned or closed.
    Closed,
}

impl ReadError {
    /// An error of this kind.
    pub fn new(kind: ReadErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind, message }
    }

    /// An answer that cannot be understood.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(ReadErrorKind::Malformed, message)
    }

    /// A list in the answer that is longer than any of a real account.
    pub fn too_many(what: &str, most: usize) -> Self {
        Self::malformed(format!(
            "{what}: more than {most} entries in one list; is this the right server?"
        ))
    }

    /// No whole answer to `what`.
    pub fn unreachable(what: &str, error: &TransportError) -> Self {
        Self::new(ReadErrorKind::Unreachable, format!("{what}: {error}"))
    }

    /// Whether there is no such item.
    pub fn is_gone(&self) -> bool {
        self.kind == ReadErrorKind::Gone
    }

    /// Whether trying again before the owner has changed something is useless, or does harm.
    pub fn needs_owner(&self) -> bool {
        match self.kind {
            ReadErrorKind::Login(_) | ReadErrorKind::Banned => true,
            ReadErrorKind::Throttled { .. }
            | ReadErrorKind::Maintenance
            | ReadErrorKind::Unreachable
            | ReadErrorKind::Malformed
            | ReadErrorKind::Gone
            | ReadErrorKind::Refused => false,
        }
    }
}
