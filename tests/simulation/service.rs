//! A model as the process meets it: faults and deaths in front of it, a witness right behind that tells the oracle of every
//! effect when it happens.

use super::disk::edit_at_once;
use super::hub::Hub;
use super::network_faults::fault;
use bytes::Bytes;
use http::Request;
use seedwarden_sim::faults::{Faults, Faulty, Log};
use seedwarden_sim::{Answer, Model, NowMs, form};
use std::time::Duration;

/// What the world must know of a model to judge its clients.
pub trait Subject: Model + Sized {
    /// The model's data as it stood when a request was answered.
    type Truth: Clone + Send + 'static;

    /// Right after a request was carried out: tell effects, and keep the truth that its answer shows.
    fn witness(
        &mut self,
        name: &str,
        hub: &Hub,
        request: &Request<Bytes>,
        status: u16,
    ) -> Self::Truth;

    /// The answer as the client got it: `None` if it got none, or a spoilt one.
    fn delivered(
        name: &str,
        hub: &Hub,
        request: &Request<Bytes>,
        answer: Option<&Bytes>,
        truth: Self::Truth,
    );

    /// The account that a request is of.
    fn account(name: &str, request: &Request<Bytes>) -> Option<String>;

    /// A request asks about one item anew, as before its deletion.
    fn is_second_look(request: &Request<Bytes>) -> bool;

    /// A request never reached the model: its answer, if any, told nothing.
    fn spoilt(name: &str, hub: &Hub, request: &Request<Bytes>);

    /// Somebody else does something right before a request.
    fn interfere(&mut self, name: &str, hub: &Hub, request: &Request<Bytes>, now: NowMs);
}

/// The model with its witness.
pub struct Witness<M: Subject> {
    /// The model.
    pub model: M,
    name: String,
    hub: Hub,
    truth: Option<M::Truth>,
}

impl<M: Subject> Model for Witness<M> {
    fn answer(&mut self, request: &Request<Bytes>, now: NowMs) -> Answer {
        let answer = self.model.answer(request, now);
        let status = match &answer {
            Answer::Reply(reply)
            | Answer::Late(_, reply)
            | Answer::Torn(reply, _)
            | Answer::Drip(reply, ..) => reply.status().as_u16(),
            Answer::Silence | Answer::Close => 0,
        };
        self.truth = Some(self.model.witness(&self.name, &self.hub, request, status));
        answer
    }
}

/// The model as the process meets it.
pub struct Service<M: Subject> {
    faulty: Faulty<Witness<M>>,
    name: String,
    hub: Hub,
}

impl<M: Subject> Service<M> {
    /// Puts faults, deaths and a witness around a model.
    pub fn new(name: &str, model: M, hub: &Hub) -> Self {
        let faults = Faults::default();
        let chooser = (hub.clone(), name.to_owned());
        faults.choose(move |request, _| fault(&chooser.0, &chooser.1, request));
        let witness = Witness {
            model,
            name: name.to_owned(),
            hub: hub.clone(),
            truth: None,
        };
        Self {
            faulty: Faulty::new(witness, faults, Log::default()),
            name: name.to_owned(),
            hub: hub.clone(),
        }
    }

    /// The model itself.
    pub fn model(&mut self) -> &mut M {
        &mut self.faulty.model.model
    }
}

impl<M: Subject> Model for Service<M> {
    fn answer(&mut self, request: &Request<Bytes>, now: NowMs) -> Answer {
        if self.hub.with(|core| core.is_dead) {
            return Answer::Silence;
        }
        let name = &self.name;
        let death = self.hub.with(|core| {
            core.oracle.secrets_of_request(name, request);
            core.call()
        });
        if death.is_some_and(|death| !death.after) {
            self.hub.kill("before a request");
            return Answer::Silence;
        }
        if self
            .hub
            .with(|core| core.dice.per_million(core.rates.interference))
        {
            let name = self.name.clone();
            let hub = self.hub.clone();
            if M::is_second_look(request) && self.hub.with(|core| core.dice.percent(40)) {
                self.hub
                    .with(|core| core.see("interference: state edited during a second look"));
                edit_at_once(&hub);
            } else {
                self.model().interfere(&name, &hub, request, now);
            }
        }
        self.faulty.model.truth = None;
        let answer = self.faulty.answer(request, now);
        self.faulty.log.clear();
        let truth = self.faulty.model.truth.take();
        let got = delivered(&answer);
        let is_prompt = got.is_some() && matches!(answer, Answer::Reply(_));
        self.hub
            .with(|core| core.note(&line(&self.name, request, &answer)));
        if let Some(truth) = truth {
            M::delivered(
                &self.name,
                &self.hub,
                request,
                got.filter(|_| death.is_none()),
                truth,
            );
        } else {
            M::spoilt(&self.name, &self.hub, request);
        }
        if !is_prompt && let Some(account) = M::account(&self.name, request) {
            self.hub.with(|core| core.oracle.disturbed(&account));
        }
        if death.is_some() {
            self.hub.kill("after a request");
            return Answer::Silence;
        }
        answer
    }
}

/// Shorter than every timeout of the product.
const IN_TIME: Duration = Duration::from_secs(19);

/// The body, if the client gets all of it.
fn delivered(answer: &Answer) -> Option<&Bytes> {
    match answer {
        Answer::Reply(reply) => Some(reply),
        Answer::Late(after, reply) if *after < IN_TIME => Some(reply),
        Answer::Drip(reply, bytes, pause) => {
            let pieces = reply.body().len().div_ceil((*bytes).max(1)) as u32;
            (*pause * pieces < IN_TIME).then_some(reply)
        }
        Answer::Late(..) | Answer::Torn(..) | Answer::Silence | Answer::Close => None,
    }
    .filter(|reply| reply.status().is_success())
    .map(http::Response::body)
}

fn line(name: &str, request: &Request<Bytes>, answer: &Answer) -> String {
    let mut path = request.uri().path();
    if let Some((before, _)) = path.split_once("/webhooks/") {
        path = before;
    }
    let became = match answer {
        Answer::Reply(reply) => format!("{} {} bytes", reply.status().as_u16(), reply.body().len()),
        Answer::Late(after, reply) => format!("{} after {after:?}", reply.status().as_u16()),
        Answer::Torn(_, bytes) => format!("torn after {bytes} bytes"),
        Answer::Drip(..) => "drips".to_owned(),
        Answer::Silence => "silence".to_owned(),
        Answer::Close => "closed".to_owned(),
    };
    let params = form::body(request).unwrap_or_default();
    let params: Vec<String> = params
        .iter()
        .filter(|param| {
            ["id", "hashes", "deleteFiles", "hash", "rid"].contains(&param.name.as_str())
        })
        .map(|param| format!("{}={}", param.name, param.text()))
        .collect();
    format!("{name} {path} {} -> {became}", params.join(" "))
}
