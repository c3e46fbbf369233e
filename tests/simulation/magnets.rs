//! AllDebrid in a world: what its witness tells, and what happens to magnets without us.

mod events;

pub use events::{calm_down, happen, magnet, number, number_uploads_apart};

use super::hub::Hub;
use super::oracle::Remedy;
use super::service::Subject;
use bytes::Bytes;
use http::Request;
use seedwarden_sim::alldebrid::{AllDebrid, Magnet, What};
use seedwarden_sim::{NowMs, form};
use serde_json::Value;
use std::collections::BTreeMap;

/// Account and magnets at the moment of an answer.
pub type Truth = Option<(String, BTreeMap<u64, Magnet>)>;

impl Subject for AllDebrid {
    type Truth = Truth;

    fn witness(&mut self, _name: &str, hub: &Hub, request: &Request<Bytes>, _status: u16) -> Truth {
        for effect in self.take_effects() {
            let lingers = self.account(&effect.account).lingers_for > 0;
            hub.with(|core| {
                let account = &effect.account;
                match &effect.what {
                    What::Restarted(magnet) => {
                        core.note(&format!("{account}: {} is restarted", magnet.filename));
                        core.see("effect: restart");
                        core.oracle.magnet_restarted(account, magnet);
                    }
                    What::Deleted(magnet) => {
                        core.note(&format!("{account}: {} is DELETED", magnet.filename));
                        core.see(match lingers {
                            true => "effect: magnet deleted and still listed",
                            false => "effect: magnet deleted",
                        });
                        core.oracle.magnet_deleted(account, magnet, lingers);
                    }
                    What::Moved { id, from, to } => core.note(&format!(
                        "{account}: magnet {id} goes from {from:?} to {to:?}"
                    )),
                    What::Vanished(magnet) => {
                        core.note(&format!("{account}: {} vanishes", magnet.filename))
                    }
                    What::Uploaded(magnet) => {
                        core.note(&format!("{account}: {} is uploaded", magnet.filename));
                        core.see("effect: magnet uploaded");
                        core.oracle.magnet_uploaded(account, magnet);
                    }
                }
            });
        }
        let account = account_of(request)?;
        let magnets = self.account(&account).magnets.clone();
        let names = magnets
            .values()
            // Those without metadata all have one name.
            .filter(|magnet| magnet.has_metadata)
            .map(|magnet| magnet.filename.clone())
            .collect();
        hub.with(|core| core.oracle.present.insert(account.clone(), names));
        Some((account, magnets))
    }

    fn delivered(
        _name: &str,
        hub: &Hub,
        request: &Request<Bytes>,
        answer: Option<&Bytes>,
        truth: Truth,
    ) {
        if let Some((account, _)) = &truth {
            act_answered(account, hub, request, answer.is_some());
        }
        let Some((account, truth)) =
            truth.filter(|_| request.uri().path().ends_with("magnet/status"))
        else {
            return;
        };
        let params = form::body(request).unwrap_or_default();
        let id = params
            .iter()
            .find(|param| param.name == "id")
            .and_then(|param| param.text().parse().ok());
        let body: Option<Value> =
            answer.and_then(|body| serde_json::from_str(&String::from_utf8_lossy(body)).ok());
        hub.with(|core| match id {
            Some(id) => {
                if let Some(read) = body.and_then(|body| one(&body, id, &truth)) {
                    core.oracle.magnet_read(&account, id, read);
                }
            }
            None => {
                let was_empty = !core.oracle.had_items(&account);
                core.oracle.magnets_listed(
                    &account,
                    body.and_then(|body| listing(&body, &truth, was_empty)),
                );
                if core.oracle.is_listing_doubtful(&account) {
                    core.see("listing: much shorter than the last");
                }
            }
        });
    }

    fn account(_name: &str, request: &Request<Bytes>) -> Option<String> {
        account_of(request)
    }

    fn is_second_look(request: &Request<Bytes>) -> bool {
        request.uri().path().ends_with("magnet/status") && !request.body().is_empty()
    }

    fn spoilt(_name: &str, hub: &Hub, request: &Request<Bytes>) {
        let is_listing =
            request.uri().path().ends_with("magnet/status") && request.body().is_empty();
        if let Some(account) = account_of(request) {
            act_answered(&account, hub, request, false);
        }
        if let (Some(account), true) = (account_of(request), is_listing) {
            hub.with(|core| core.oracle.magnets_listed(&account, None));
        }
    }

    fn interfere(&mut self, _name: &str, hub: &Hub, request: &Request<Bytes>, now: NowMs) {
        let Some(account) = account_of(request) else {
            return;
        };
        let mut dice = hub.with(|core| {
            core.see("interference: magnets change within a cycle");
            core.dice.fork()
        });
        // Between the last look and the deletion no client can see a number change hands.
        let may_replace = !request.uri().path().ends_with("magnet/delete");
        let done = happen(self, &account, &mut dice, now, may_replace);
        hub.with(|core| core.note(&format!("meanwhile {account}: {done}")));
    }
}

/// An action came back, or did not.
fn act_answered(account: &str, hub: &Hub, request: &Request<Bytes>, got_through: bool) {
    let path = request.uri().path();
    if path.ends_with("magnet/delete") {
        hub.with(|core| core.oracle.deletion_answered(account, got_through));
    } else if path.ends_with("magnet/restart") {
        let params = form::body(request).unwrap_or_default();
        let ids = params.iter().filter(|param| param.name.starts_with("id"));
        let ids: Vec<String> = ids.map(form::Param::text).collect();
        hub.with(|core| {
            core.oracle
                .remedy_answered(account, Remedy::Restart, &ids, got_through)
        });
    }
}

/// The account by its key: keys are `key-NAME-…`.
fn account_of(request: &Request<Bytes>) -> Option<String> {
    let bearer = request.headers().get("authorization")?.to_str().ok()?;
    bearer
        .strip_prefix("Bearer key-")?
        .split_once("--")
        .map(|(name, _)| name.to_owned())
}

/// What the client can know from a listing.
fn listing(
    body: &Value,
    truth: &BTreeMap<u64, Magnet>,
    was_empty: bool,
) -> Option<(BTreeMap<u64, Magnet>, bool)> {
    if body["status"] != "success" {
        return None;
    }
    let entries = match body["data"].get("magnets") {
        None | Some(Value::Null) if was_empty => {
            return Some((BTreeMap::new(), true));
        }
        Some(magnets) => entries(magnets)?,
        None => return None,
    };
    let ids: Vec<Option<u64>> = entries
        .iter()
        .map(|entry| id_of(entry).filter(|id| truth.contains_key(id)))
        .collect();
    let is_whole = ids.iter().all(Option::is_some);
    let magnets: BTreeMap<u64, Magnet> = ids
        .iter()
        .flatten()
        .filter_map(|id| Some((*id, truth.get(id)?.clone())))
        .collect();
    (!magnets.is_empty() || is_whole).then_some((magnets, is_whole))
}

/// What the client can know from an answer about one magnet: `Some(None)` that it is gone.
#[allow(clippy::option_option)]
fn one(body: &Value, id: u64, truth: &BTreeMap<u64, Magnet>) -> Option<Option<Magnet>> {
    if body["error"]["code"] == "MAGNET_INVALID_ID" {
        return Some(None);
    }
    let found = entries(&body["data"]["magnets"])?;
    match found[..] {
        [entry] if entry["error"]["code"] == "MAGNET_INVALID_ID" => Some(None),
        [entry] if id_of(entry) == Some(id) => Some(truth.get(&id).cloned()),
        _ => None,
    }
}

fn entries(magnets: &Value) -> Option<Vec<&Value>> {
    match magnets {
        Value::Array(list) => Some(list.iter().collect()),
        Value::Object(one) if one.contains_key("id") || one.contains_key("error") => {
            Some(vec![magnets])
        }
        Value::Object(keyed) => Some(keyed.values().collect()),
        _ => None,
    }
}

fn id_of(entry: &Value) -> Option<u64> {
    let id = entry.get("id")?;
    id.as_u64().or_else(|| id.as_str()?.parse().ok())
}
