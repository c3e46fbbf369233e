//! Model of AllDebrid's magnet API: accounts, magnets, and everything that its documents and clients tell about
//! them. What is inferred or unknown is a switch in [`Switches`]. It knows nothing of the product's decoding.
//!
//! First door, for simulations, with the time as a parameter:
//! ```
//! use seedwarden_sim::{Answer, Model, alldebrid::*};
//! let mut service = AllDebrid::default();
//! service.add_account("main", "key");
//! service.add("main", Magnet::new(7).code(15).then([Outcome::Ready(std::time::Duration::from_secs(600))]));
//! let request = http::Request::post("/v4/magnet/restart")
//!     .header("authorization", "Bearer key")
//!     .header("content-type", "application/x-www-form-urlencoded")
//!     .body(bytes::Bytes::from("id=7"))?;
//! let Answer::Reply(reply) = service.answer(&request, 1_000) else { panic!("no reply") };
//! assert_eq!(service.restarted("main"), [7]);
//! service.advance(601_000);
//! assert_eq!(service.magnet("main", 7).and_then(|magnet| magnet.code), Some(4));
//! # Ok::<(), http::Error>(())
//! ```
//! Second door, for programs, on the real clock:
//! ```no_run
//! use seedwarden_sim::{alldebrid::*, door::{Door, DoorOptions}, faults::*};
//! use std::sync::{Arc, Mutex};
//! let (faults, log) = (Faults::default(), Log::default());
//! let service = Arc::new(Mutex::new(Faulty::new(AllDebrid::default(), faults.clone(), log)));
//! let door = Door::open(service.clone(), DoorOptions::default())?;
//! faults.next(1, "magnet/delete", Fault::CloseAfter); // deleted, and the answer is lost
//! println!("{}", door.url()); // what the client is to take for https://api.alldebrid.com
//! # Ok::<(), std::io::Error>(())
//! ```

mod account;
mod book;
mod effect;
mod envelope;
mod field;
mod limiter;
mod live;
mod magnet;
mod outcome;
mod params;
mod restart;
mod script;
mod status;
mod switches;
mod upload;

pub use account::{Account, Forced};
pub use book::Change;
pub use effect::{Effect, What};
pub use field::status_text;
pub use limiter::{Limiter, ThrottleBody};
pub use magnet::{Magnet, Torrent};
pub use outcome::{IN_QUEUE, Outcome, UPLOADING};
pub use switches::{BatchOrder, ExistingId, Shape, Switches, Texts, UnknownFilter};
pub use upload::Torrents;

use crate::{Answer, Model, NowMs};
use bytes::Bytes;
use envelope::Refusal;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use params::Params;
use serde_json::{Value, json};
use std::collections::VecDeque;

/// The service with all its accounts.
#[derive(Debug, Clone, Default)]
pub struct AllDebrid {
    /// What is inferred or unknown about the service.
    pub switches: Switches,
    /// The rate limit.
    pub limiter: Limiter,
    /// Path before `/v4`, as behind a proxy; empty or beginning with a slash.
    pub base_path: String,
    accounts: Vec<Account>,
    torrents: Torrents,
    book: book::Book,
    next_shapes: VecDeque<Shape>,
    sessions: live::Sessions,
}

/// The calls that the model knows; others are answered with 404.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// `ping`: needs no key, proves nothing about one.
    Ping,
    /// `user`.
    User,
    /// `magnet/status`, at `/v4.1` only.
    Status,
    /// `magnet/files`.
    Files,
    /// `magnet/restart`.
    Restart,
    /// `magnet/delete`.
    Delete,
    /// `magnet/upload`.
    Upload,
    /// `magnet/upload/file`.
    UploadFile,
}

impl Endpoint {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "ping" => Self::Ping,
            "user" => Self::User,
            "magnet/status" => Self::Status,
            "magnet/files" => Self::Files,
            "magnet/restart" => Self::Restart,
            "magnet/delete" => Self::Delete,
            "magnet/upload" => Self::Upload,
            "magnet/upload/file" => Self::UploadFile,
            _ => return None,
        })
    }
}

impl Model for AllDebrid {
    fn answer(&mut self, request: &Request<Bytes>, now: NowMs) -> Answer {
        self.advance(now);
        Answer::Reply(self.reply(request, now))
    }
}

impl AllDebrid {
    fn reply(&mut self, request: &Request<Bytes>, now: NowMs) -> Response<Bytes> {
        let params = Params::of(request);
        let key = self.key(request, &params);
        if !self.limiter.admits(key.as_deref().unwrap_or_default(), now) {
            return self.limiter.refusal();
        }
        let Some((endpoint, is_v41)) = self.endpoint(request) else {
            let mut reply = refused(&Refusal::new("404"));
            *reply.status_mut() = StatusCode::NOT_FOUND;
            return reply;
        };
        if endpoint == Endpoint::Ping {
            return self.success(json!({"ping": "pong"}), false);
        }
        let Some(key) = key else {
            return account::auth_error(&Refusal::new("AUTH_MISSING_APIKEY"), &self.switches);
        };
        let Some(index) = self.accounts.iter().position(|account| account.key == key) else {
            return account::auth_error(&Refusal::new("AUTH_BAD_APIKEY"), &self.switches);
        };
        if let Some(forced) = self.accounts[index].forced_for(endpoint) {
            return forced.reply(endpoint, &self.switches);
        }
        if endpoint == Endpoint::Status && !is_v41 {
            return discontinued();
        }
        let name = self.accounts[index].name.clone();
        self.interfere(endpoint, &name, now);
        let is_demo = self.accounts[index].is_demo;
        match self.carry_out(endpoint, index, &params, now) {
            Ok(data) => self.success(data, is_demo),
            Err(refusal) => refused(&refusal),
        }
    }

    fn carry_out(
        &mut self,
        endpoint: Endpoint,
        index: usize,
        params: &Params,
        now: NowMs,
    ) -> Result<Value, Refusal> {
        let (switches, book, torrents) = (&self.switches, &mut self.book, &self.torrents);
        let account = &mut self.accounts[index];
        match endpoint {
            Endpoint::Ping => Ok(json!({"ping": "pong"})),
            Endpoint::User => Ok(account.user(switches)),
            Endpoint::Status if params.one("session").is_some() => {
                Ok(self.sessions.answer(account, params, switches, now))
            }
            Endpoint::Status => {
                let shape = self.next_shapes.pop_front();
                let answer = status::status(account, params, switches, shape, now);
                if params.one("id").is_none() && params.one("status").is_none() {
                    account.was_listed();
                }
                answer
            }
            Endpoint::Files => Ok(status::files(account, params, switches)),
            Endpoint::Restart => restart::restart(account, params, switches, book, now),
            Endpoint::Delete => restart::delete(account, params, book, now),
            Endpoint::Upload => upload::upload(account, params, torrents, switches, book, now),
            Endpoint::UploadFile => {
                upload::upload_file(account, params, torrents, switches, book, now)
            }
        }
    }

    fn key(&self, request: &Request<Bytes>, params: &Params) -> Option<String> {
        let header = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let bearer = header.and_then(|value| value.strip_prefix("Bearer "));
        let in_query = || {
            params
                .one("apikey")
                .filter(|_| self.switches.apikey_in_query)
        };
        bearer
            .or_else(in_query)
            .filter(|key| !key.is_empty())
            .map(str::to_owned)
    }

    /// The endpoint, and whether it was called by the prefix `/v4.1`.
    fn endpoint(&self, request: &Request<Bytes>) -> Option<(Endpoint, bool)> {
        if request.method() != Method::GET && request.method() != Method::POST {
            return None;
        }
        let path = request.uri().path().strip_prefix(self.base_path.as_str())?;
        let (name, is_v41) = match path.strip_prefix("/v4.1/") {
            Some(name) => (name, true),
            None => (path.strip_prefix("/v4/")?, false),
        };
        let endpoint = Endpoint::named(name)?;
        let is_there = !is_v41 || self.switches.v41_everywhere || endpoint == Endpoint::Status;
        is_there.then_some((endpoint, is_v41))
    }

    fn success(&self, data: Value, is_demo: bool) -> Response<Bytes> {
        let mut body = json!({"status": "success", "data": data});
        if is_demo {
            body["demo"] = json!("true");
        }
        if self.switches.deprecated {
            body["deprecated"] = json!(true);
        }
        let mut reply = envelope::json_reply(&body);
        let content_type = HeaderValue::from_static(self.switches.content_type);
        reply.headers_mut().insert(CONTENT_TYPE, content_type);
        reply
    }
}

fn refused(refusal: &Refusal) -> Response<Bytes> {
    envelope::error(&refusal.code, &refusal.message)
}

fn discontinued() -> Response<Bytes> {
    let error = Refusal::new("DISCONTINUED").json();
    envelope::json_reply(&json!({"status": "error", "error": error, "deprecated": true}))
}

#[cfg(test)]
mod tests;
