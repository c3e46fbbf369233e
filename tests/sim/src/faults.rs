//! Faults between a client and any model, by rules that tests script or by a chooser that a simulation
//! seeds, and a log of the requests. [`Faulty`] wraps a model and is a model itself.
//!
//! ```
//! # use seedwarden_sim::faults::*;
//! # fn wrap(model: impl seedwarden_sim::Model) {
//! let (faults, log) = (Faults::default(), Log::default()); // handles: keep clones of them
//! let model = Faulty::new(model, faults.clone(), log.clone());
//! faults.next(2, "torrents/delete", Fault::CloseAfter); // the next two deletions lose their answers
//! log.clear();
//! // … let the client work …
//! assert_eq!(log.count("torrents/delete"), 0, "{log}");
//! # }
//! ```

mod log;

pub use log::{Call, Log};

use crate::{Answer, Model, NowMs};
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What goes wrong with one request. "Before" means that the model never sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This status with this text, before the effect.
    Status(u16, String),
    /// 503 without a body, before the effect.
    Empty503,
    /// 200 with a page of HTML, before the effect (a proxy's login page).
    Html200,
    /// 502 with a page of HTML, before the effect (a proxy whose server is away).
    Html502,
    /// The effect happens; the body ends after its first half as if it were whole.
    TruncatedJson,
    /// The effect happens; the connection is cut after this many bytes of the body.
    Torn(usize),
    /// No effect, and no answer ever.
    Silence,
    /// The effect happens, and no answer ever comes.
    SilenceAfter,
    /// The connection is closed without effect or answer.
    CloseBefore,
    /// The effect happens; the connection is closed without an answer.
    CloseAfter,
    /// The effect happens at once; the answer comes after this time.
    Late(Duration),
    /// The effect happens; the body comes in pieces of so many bytes with this pause between two.
    Drip(usize, Duration),
}

type Chooser = Box<dyn FnMut(&Request<Bytes>, NowMs) -> Option<Fault> + Send>;

struct Rule {
    path_part: String,
    skip: u32,
    count: u32,
    fault: Fault,
}

#[derive(Default)]
struct Book {
    rules: Vec<Rule>,
    chooser: Option<Chooser>,
    carried_out: u64,
}

/// The faults to come. A handle: clones share the same rules.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Book>>);

impl Faults {
    /// The next `count` calls whose path contains `path_part` (`""`: any call) go wrong. Of several rules
    /// that match, the oldest applies and is used up.
    pub fn next(&self, count: u32, path_part: &str, fault: Fault) {
        self.after(0, count, path_part, fault);
    }

    /// As [`Faults::next`], but lets `skip` matching calls pass first.
    pub fn after(&self, skip: u32, count: u32, path_part: &str, fault: Fault) {
        let path_part = path_part.to_owned();
        self.book().rules.push(Rule {
            path_part,
            skip,
            count,
            fault,
        });
    }

    /// Every call whose path contains `path_part` goes wrong, until [`Faults::clear`].
    pub fn always(&self, path_part: &str, fault: Fault) {
        self.next(u32::MAX, path_part, fault);
    }

    /// Asks `chooser` for each call that no rule spoils.
    pub fn choose(
        &self,
        chooser: impl FnMut(&Request<Bytes>, NowMs) -> Option<Fault> + Send + 'static,
    ) {
        self.book().chooser = Some(Box::new(chooser));
    }

    /// Forgets all rules and the chooser.
    pub fn clear(&self) {
        let mut book = self.book();
        book.rules.clear();
        book.chooser = None;
    }

    /// Number of faults carried out so far, so that a test can tell that its fault really happened.
    pub fn carried_out(&self) -> u64 {
        self.book().carried_out
    }

    fn pick(&self, request: &Request<Bytes>, now: NowMs) -> Option<Fault> {
        let mut book = self.book();
        let path = request.uri().path();
        let mut picked = None;
        for rule in &mut book.rules {
            if !path.contains(&rule.path_part) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            if picked.is_none() && rule.count > 0 {
                rule.count = match rule.count {
                    u32::MAX => u32::MAX,
                    count => count - 1,
                };
                picked = Some(rule.fault.clone());
            }
        }
        book.rules.retain(|rule| rule.count > 0);
        if picked.is_none()
            && let Some(chooser) = &mut book.chooser
        {
            picked = chooser(request, now);
        }
        book.carried_out += u64::from(picked.is_some());
        picked
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let book = self.book();
        let rules = book
            .rules
            .iter()
            .map(|rule| (&rule.path_part, rule.skip, rule.count, &rule.fault));
        f.debug_list().entries(rules).finish()
    }
}

/// A model with faults in front of it and a log of what was asked.
#[derive(Debug)]
pub struct Faulty<M> {
    /// The model behind the faults.
    pub model: M,
    /// The faults to come.
    pub faults: Faults,
    /// The requests so far, those that went wrong included.
    pub log: Log,
}

impl<M: Model> Faulty<M> {
    /// Wraps `model`; the caller keeps clones of both handles.
    pub fn new(model: M, faults: Faults, log: Log) -> Self {
        Self { model, faults, log }
    }
}

impl<M: Model> Model for Faulty<M> {
    fn answer(&mut self, request: &Request<Bytes>, now: NowMs) -> Answer {
        let fault = self.faults.pick(request, now);
        let answer = match &fault {
            None => self.model.answer(request, now),
            Some(fault) => spoil(fault, || self.model.answer(request, now)),
        };
        self.log.add(request, now, fault, &answer);
        answer
    }
}

fn spoil(fault: &Fault, model: impl FnOnce() -> Answer) -> Answer {
    match fault {
        Fault::Status(status, text) => page(*status, "text/plain", text.clone().into()),
        Fault::Empty503 => page(503, "text/plain", Bytes::new()),
        Fault::Html200 => page(200, "text/html", HTML.into()),
        Fault::Html502 => page(502, "text/html", HTML.into()),
        Fault::Silence => Answer::Silence,
        Fault::CloseBefore => Answer::Close,
        Fault::SilenceAfter => {
            model();
            Answer::Silence
        }
        Fault::CloseAfter => {
            model();
            Answer::Close
        }
        Fault::TruncatedJson => with_reply(model(), |mut reply| {
            let half = reply.body().len() / 2;
            reply.headers_mut().remove(CONTENT_LENGTH);
            Answer::Reply(reply.map(|body| body.slice(..half)))
        }),
        Fault::Torn(bytes) => with_reply(model(), |reply| Answer::Torn(reply, *bytes)),
        Fault::Late(after) => with_reply(model(), |reply| Answer::Late(*after, reply)),
        Fault::Drip(bytes, pause) => {
            with_reply(model(), |reply| Answer::Drip(reply, *bytes, *pause))
        }
    }
}

/// Where the model itself gives no reply (silence, close), that stays as it is.
fn with_reply(answer: Answer, spoil: impl FnOnce(Response<Bytes>) -> Answer) -> Answer {
    match answer {
        Answer::Reply(reply)
        | Answer::Late(_, reply)
        | Answer::Torn(reply, _)
        | Answer::Drip(reply, _, _) => spoil(reply),
        Answer::Silence => Answer::Silence,
        Answer::Close => Answer::Close,
    }
}

const HTML: &str = "<!DOCTYPE html>\n<html><head><title>Gateway</title></head><body><h1>Not what you \
    asked for</h1></body></html>\n";

fn page(status: u16, kind: &'static str, body: Bytes) -> Answer {
    let mut reply = Response::new(body);
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Answer::Reply(reply)
}

#[cfg(test)]
mod tests;
