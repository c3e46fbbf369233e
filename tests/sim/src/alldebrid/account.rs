//! An account: its key, its magnets, and answers that a test forces on it.

use super::{
    Endpoint,
    envelope::{self, Refusal},
    limiter::Limiter,
    magnet::Magnet,
    switches::Switches,
};
use crate::NowMs;
use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An account with its magnets.
#[derive(Debug, Clone)]
pub struct Account {
    /// Name by which tests and effects call it; never sent.
    pub name: String,
    /// API key.
    pub key: String,
    /// Premium accounts may upload.
    pub is_premium: bool,
    /// Unix seconds, 0 when not premium.
    pub premium_until: i64,
    /// Envelopes carry `"demo": "true"`, as those of the public demo keys.
    pub is_demo: bool,
    /// A deleted magnet goes only after so many more listings.
    pub lingers_for: u32,
    /// Magnets by id.
    pub magnets: BTreeMap<u64, Magnet>,
    /// Answers forced on every call, or on those to one endpoint; the first that fits applies.
    pub forced: Vec<(Option<Endpoint>, Forced)>,
}

/// An answer that the whole account gets instead of what it asked for. Nothing is changed then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Forced {
    /// `AUTH_MISSING_APIKEY`.
    MissingKey,
    /// `AUTH_BAD_APIKEY`.
    BadKey,
    /// `AUTH_BLOCKED` with a `token` in the error and HTML in the message.
    Blocked,
    /// `AUTH_USER_BANNED`.
    Banned,
    /// `NO_SERVER`; on uploads `MAGNET_NO_SERVER`.
    NoServer,
    /// `MAINTENANCE` with this HTTP status: 200 or 503.
    Maintenance(u16),
    /// An error envelope with this code, HTTP 200.
    Code(String),
    /// 200, JSON, but without `status`.
    NoStatus,
    /// A success without `data`.
    NoData,
    /// 200 and nothing else.
    Empty,
    /// Too many requests, whatever the pace.
    Throttled,
    /// A JSON body that is not UTF-8.
    InvalidUtf8,
    /// A success whose list is followed by this many spaces.
    Huge(usize),
}

impl Account {
    /// A premium account without magnets.
    pub fn new(name: &str, key: &str) -> Self {
        Self {
            name: name.to_owned(),
            key: key.to_owned(),
            is_premium: true,
            premium_until: 1_900_000_000,
            is_demo: false,
            lingers_for: 0,
            magnets: BTreeMap::new(),
            forced: Vec::new(),
        }
    }

    /// Magnets in codes 0 to 3.
    pub(crate) fn active(&self) -> usize {
        self.magnets
            .values()
            .filter(|magnet| magnet.is_active())
            .count()
    }

    pub(crate) fn forced_for(&self, endpoint: Endpoint) -> Option<&Forced> {
        let fits = |scope: &Option<Endpoint>| scope.is_none_or(|only| only == endpoint);
        self.forced
            .iter()
            .find(|(scope, _)| fits(scope))
            .map(|(_, forced)| forced)
    }

    pub(crate) fn advance(&mut self, now: NowMs) -> Vec<(NowMs, u64, Option<i64>, i64)> {
        let mut changes = Vec::new();
        self.magnets
            .retain(|_, magnet| magnet.lingers_for != Some(0));
        for magnet in self.magnets.values_mut() {
            let id = magnet.id;
            changes.extend(
                magnet
                    .advance(now)
                    .into_iter()
                    .map(|(at, from, to)| (at, id, from, to)),
            );
        }
        changes.sort_unstable();
        changes
    }

    /// All magnets were listed: those that were deleted go some time, before a later call.
    pub(crate) fn was_listed(&mut self) {
        let left = self.magnets.values_mut();
        left.filter_map(|magnet| magnet.lingers_for.as_mut())
            .for_each(|left| *left = left.saturating_sub(1));
    }

    /// The answer of `user`.
    pub(crate) fn user(&self, switches: &Switches) -> Value {
        let until = if switches.premium_until_is_text {
            json!(self.premium_until.to_string())
        } else {
            json!(self.premium_until)
        };
        json!({"user": {
            "username": self.name,
            "email": format!("{}@example.com", self.name),
            "isPremium": self.is_premium,
            "isSubscribed": false,
            "isTrial": false,
            "premiumUntil": if self.is_premium { until } else { json!(0) },
            "lang": "en",
            "preferedDomain": "com",
            "fidelityPoints": 0,
            "limitedHostersQuotas": [],
            "notifications": [],
        }})
    }
}

impl Forced {
    /// The answer in full.
    pub(crate) fn reply(&self, endpoint: Endpoint, switches: &Switches) -> Response<Bytes> {
        let auth = |code: &str| auth_error(&Refusal::new(code), switches);
        match self {
            Self::MissingKey => auth("AUTH_MISSING_APIKEY"),
            Self::BadKey => auth("AUTH_BAD_APIKEY"),
            Self::Blocked => blocked(switches),
            Self::Banned => auth("AUTH_USER_BANNED"),
            Self::NoServer if endpoint == Endpoint::Upload => refusal("MAGNET_NO_SERVER"),
            Self::NoServer => refusal("NO_SERVER"),
            Self::Maintenance(status) => with_status(refusal("MAINTENANCE"), *status),
            Self::Code(code) => refusal(code),
            Self::NoStatus => envelope::json_reply(&json!({"data": {"magnets": []}})),
            Self::NoData => envelope::json_reply(&json!({"status": "success"})),
            Self::Empty => Response::new(Bytes::new()),
            Self::Throttled => Limiter::default().refusal(),
            Self::InvalidUtf8 => {
                envelope::json_reply(&json!({})).map(|_| Bytes::from_static(INVALID))
            }
            Self::Huge(bytes) => envelope::json_reply(&json!({})).map(|_| {
                let spaces = " ".repeat(*bytes);
                Bytes::from(format!(
                    r#"{{"status":"success","data":{{"magnets":[]{spaces}}}}}"#
                ))
            }),
        }
    }
}

const INVALID: &[u8] =
    b"{\"status\":\"success\",\"data\":{\"magnets\":[{\"id\":1,\"filename\":\"\xff\xfe\"}]}}";

/// An authentication error, as HTTP 200 or 401.
pub(crate) fn auth_error(refused: &Refusal, switches: &Switches) -> Response<Bytes> {
    let reply = envelope::error(&refused.code, &refused.message);
    with_status(
        reply,
        if switches.auth_errors_are_401 {
            401
        } else {
            200
        },
    )
}

fn blocked(switches: &Switches) -> Response<Bytes> {
    let mut error = Refusal::new("AUTH_BLOCKED").json();
    error["token"] = json!("a1b2c3d4e5");
    let reply = envelope::json_reply(&json!({"status": "error", "error": error}));
    with_status(
        reply,
        if switches.auth_errors_are_401 {
            401
        } else {
            200
        },
    )
}

fn refusal(code: &str) -> Response<Bytes> {
    let refused = Refusal::new(code);
    envelope::error(&refused.code, &refused.message)
}

fn with_status(mut reply: Response<Bytes>, status: u16) -> Response<Bytes> {
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    reply
}
