//! Model of Discord's webhooks: addresses with and without version, every limit on messages, rate limits, and the
//! messages that were kept, for tests to look at. Facts are those of Discord's documents; statuses that these do not
//! name are marked at [`Forced`].
//!
//! First door, for simulations, with the time as a parameter:
//! ```
//! use seedwarden_sim::{Answer, Model, discord::*};
//! let mut service = Discord::default();
//! service.add(Webhook::new(1, "token"));
//! let request = http::Request::post("/api/v10/webhooks/1/token?wait=true")
//!     .header("user-agent", "DiscordBot (https://example.com, 1.0)")
//!     .header("content-type", "application/json")
//!     .body(bytes::Bytes::from(r#"{"content":"hello"}"#))?;
//! let Answer::Reply(reply) = service.answer(&request, 1_800_000_000_000) else { panic!("no reply") };
//! assert_eq!(reply.status(), 200);
//! assert_eq!(service.messages(1)[0].content, "hello");
//! # Ok::<(), http::Error>(())
//! ```
//! Second door, for programs, on the real clock:
//! ```no_run
//! use seedwarden_sim::{discord::*, door::{Door, DoorOptions}, faults::*};
//! use std::sync::{Arc, Mutex};
//! let mut service = Discord::default();
//! service.add(Webhook::new(1, "token"));
//! let (faults, log) = (Faults::default(), Log::default());
//! let service = Arc::new(Mutex::new(Faulty::new(service, faults.clone(), log)));
//! let door = Door::open(service.clone(), DoorOptions::default())?;
//! faults.next(1, "webhooks", Fault::CloseAfter); // kept, and the answer is lost
//! println!("{}/api/webhooks/1/token", door.url()); // what a configuration holds
//! # Ok::<(), std::io::Error>(())
//! ```

mod message;
mod post;
mod rate;
mod reply;
mod time;
mod webhook;

pub use message::{
    CONTENT, DESCRIPTION, EMBED_SUM, EMBEDS, FIELD_VALUE, FIELDS, FOOTER, TITLE, USERNAME,
};
pub use rate::Limit;
pub use webhook::{Forced, Message, Webhook};

use crate::{Answer, Model, NowMs};
use bytes::Bytes;
use http::{Method, Request, Response, header::USER_AGENT};
use reply::{Style, Throttle};
use std::collections::BTreeMap;

/// The service with all its webhooks.
#[derive(Debug, Clone)]
pub struct Discord {
    /// The limit for all webhooks together: 50 a second by address.
    pub global: Limit,
    /// Answers of 401, 403 and 429 (scope `shared` excepted) before the address is banned: 10,000 in 10 minutes.
    pub invalid: Limit,
    webhooks: BTreeMap<u64, Webhook>,
    sequence: u64,
}

impl Default for Discord {
    fn default() -> Self {
        Self {
            global: Limit::new(50, 1_000),
            invalid: Limit::new(10_000, 600_000),
            webhooks: BTreeMap::new(),
            sequence: 0,
        }
    }
}

impl Discord {
    /// Adds a webhook, replacing one with the same id.
    pub fn add(&mut self, webhook: Webhook) {
        self.webhooks.insert(webhook.id, webhook);
    }

    /// Ids of the webhooks, ascending.
    pub fn ids(&self) -> Vec<u64> {
        self.webhooks.keys().copied().collect()
    }

    /// A webhook, to look at or change; one that was never added is a mistake in the test and panics.
    pub fn webhook(&mut self, id: u64) -> &mut Webhook {
        self.webhooks
            .get_mut(&id)
            .unwrap_or_else(|| panic!("the model has no webhook {id}"))
    }

    /// The messages that a webhook kept, oldest first.
    pub fn messages(&self, id: u64) -> &[Message] {
        self.webhooks
            .get(&id)
            .map(|webhook| webhook.messages.as_slice())
            .unwrap_or_default()
    }
}

impl Model for Discord {
    fn answer(&mut self, request: &Request<Bytes>, now: NowMs) -> Answer {
        if let Some(wait) = self.invalid.wait(now) {
            return Answer::Reply(reply::cloudflare(wait));
        }
        let reply = self.reply(request, now);
        let is_shared = reply
            .headers()
            .get("x-ratelimit-scope")
            .is_some_and(|scope| scope == "shared");
        if [401, 403, 429].contains(&reply.status().as_u16()) && !is_shared {
            self.invalid.count(now);
        }
        Answer::Reply(reply)
    }
}

/// Where a call goes.
struct Route {
    style: Style,
    id: u64,
    token: String,
}

impl Discord {
    fn reply(&mut self, request: &Request<Bytes>, now: NowMs) -> Response<Bytes> {
        if !is_bot(request) {
            return reply::error(403, 40333, "internal network error");
        }
        let Some(Route { style, id, token }) = route(request.uri().path()) else {
            return reply::error(404, 0, "404: Not Found");
        };
        if let Some(wait) = self.global.wait(now) {
            return reply::throttled(Throttle::Global, wait, style);
        }
        self.global.count(now);
        let Some(webhook) = self.webhooks.get_mut(&id) else {
            return reply::error(404, 10015, "Unknown Webhook");
        };
        if webhook.is_removed {
            webhook.calls_after_removal += 1;
            return reply::error(404, 10015, "Unknown Webhook");
        }
        if webhook.token != token {
            return reply::error(401, 50027, "Invalid Webhook Token");
        }
        match *request.method() {
            Method::GET => reply::json(200, &webhook.object()),
            Method::POST => {
                self.sequence += 1;
                post::post(webhook, request, style, self.sequence, now)
            }
            _ => reply::error(405, 0, "405: Method Not Allowed"),
        }
    }
}

/// `DiscordBot (URL, version)`, as the API reference demands.
fn is_bot(request: &Request<Bytes>) -> bool {
    let agent = request
        .headers()
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    let inner = agent.and_then(|agent| agent.strip_prefix("DiscordBot (")?.split_once(')'));
    inner.is_some_and(|(inner, _)| inner.contains(", ") && inner.starts_with("http"))
}

/// `/api/webhooks/ID/TOKEN` or `/api/vN/webhooks/ID/TOKEN`, N from 6 to 10.
fn route(path: &str) -> Option<Route> {
    let rest = path.strip_prefix("/api/")?;
    let (version, rest) = match rest.strip_prefix('v') {
        Some(rest) => {
            let (version, rest) = rest.split_once('/')?;
            (version.parse::<u32>().ok()?, rest)
        }
        None => (6, rest),
    };
    let (id, token) = rest.strip_prefix("webhooks/")?.split_once('/')?;
    if !(6..=10).contains(&version) || token.is_empty() || token.contains('/') {
        return None;
    }
    let style = if version >= 8 {
        Style::Seconds
    } else {
        Style::Milliseconds
    };
    Some(Route {
        style,
        id: id.parse().ok()?,
        token: token.to_owned(),
    })
}

#[cfg(test)]
mod tests;
