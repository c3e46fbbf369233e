//! AllDebrid in a world: what its witness tells, and what happens to magnets without us.

use super::dice::Dice;
use super::hub::Hub;
use super::service::Subject;
use bytes::Bytes;
use http::Request;
use seedwarden_sim::alldebrid::{
    AllDebrid, Change, Endpoint, Forced, Magnet, Outcome, Shape, What,
};
use seedwarden_sim::{NowMs, form};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// Account and magnets at the moment of an answer.
pub type Truth = Option<(String, BTreeMap<u64, Magnet>)>;

impl Subject for AllDebrid {
    type Truth = Truth;

    fn witness(&mut self, _name: &str, hub: &Hub, request: &Request<Bytes>, _status: u16) -> Truth {
        for effect in self.take_effects() {
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
                        core.see("effect: magnet deleted");
                        core.oracle.magnet_deleted(account, magnet);
                    }
                    What::Moved { id, from, to } => core.note(&format!(
                        "{account}: magnet {id} goes from {from:?} to {to:?}"
                    )),
                    What::Vanished(magnet) => {
                        core.note(&format!("{account}: {} vanishes", magnet.filename))
                    }
                    What::Uploaded(magnet) => {
                        core.note(&format!("{account}: {} is uploaded", magnet.filename))
                    }
                }
            });
        }
        let account = account_of(request)?;
        let magnets = self.account(&account).magnets.clone();
        let names = magnets
            .values()
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
    let ids: Vec<Option<u64>> = entries.iter().map(|entry| id_of(entry)).collect();
    let is_whole = ids.iter().all(Option::is_some);
    let magnets: BTreeMap<u64, Magnet> = ids
        .iter()
        .flatten()
        .map(|id| {
            (
                *id,
                truth
                    .get(id)
                    .cloned()
                    .unwrap_or_else(|| Magnet::new(*id).without_code()),
            )
        })
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

/// A magnet with a name of its own.
pub fn magnet(id: u64, dice: &mut Dice, now: NowMs) -> Magnet {
    let name = format!("M{id}q{:06x}", dice.below(1 << 24));
    let hash = format!("{:016x}{:016x}{:08x}", dice.next(), dice.next(), id);
    let magnet = Magnet::new(id)
        .named(&name)
        .hashed(&hash)
        .added_at(now / 1000)
        .sized(1 << (20 + dice.below(20)));
    destined(magnet, dice)
}

/// What restarts of a magnet will lead to.
fn destined(magnet: Magnet, dice: &mut Dice) -> Magnet {
    let minutes = |dice: &mut Dice| Duration::from_secs(60 * dice.between(1, 45) as u64);
    match dice.below(10) {
        0 => magnet.then([Outcome::Ready(minutes(dice))]),
        1 => {
            let first = Outcome::Fails(code(dice), minutes(dice));
            magnet.then([first, Outcome::Ready(minutes(dice))])
        }
        2 => magnet.then([Outcome::Stuck]),
        3 => magnet.then([Outcome::Cached]),
        _ => {
            let (code, after) = (code(dice), minutes(dice));
            magnet.then([Outcome::Fails(code, after)])
        }
    }
}

fn code(dice: &mut Dice) -> i64 {
    *dice.of(&[5, 6, 7, 8, 9, 10, 11, 15])
}

/// A number for a magnet of an account: no two accounts share one, and there are few, so that they come up again.
pub fn number(account: &str, dice: &mut Dice) -> u64 {
    let first = if account == "second" { 120 } else { 100 };
    first + dice.below(20) as u64
}

/// Something happens to an account; says what. `may_replace`: another magnet may get the number of one.
pub fn happen(
    service: &mut AllDebrid,
    account: &str,
    dice: &mut Dice,
    now: NowMs,
    may_replace: bool,
) -> String {
    let ids = service.ids(account);
    let one = (!ids.is_empty()).then(|| *dice.of(&ids));
    match (dice.below(100), one) {
        (0..30, Some(id)) => {
            let code = code(dice);
            service.set_code(account, id, code, now);
            format!("magnet {id} fails with {code}")
        }
        (30..42, Some(id)) => {
            service.set_code(account, id, 4, now);
            format!("magnet {id} is ready")
        }
        (42..45, Some(id)) => {
            let code = *dice.of(&[0, 1, 2, 3]);
            service.set_code(account, id, code, now);
            format!("magnet {id} goes to {code}")
        }
        (45..49, Some(id)) => {
            service.vanish(account, id, now);
            format!("magnet {id} is removed by somebody else")
        }
        (49..53, Some(id)) if may_replace => {
            service.vanish(account, id, now);
            let again = magnet(id, dice, now).code(code(dice));
            service.add(account, again);
            format!("magnet {id} is added anew under its old number")
        }
        (53..57, _) => {
            for id in &ids {
                if dice.percent(80) {
                    service.set_code(account, *id, 15, now);
                }
            }
            "most magnets fail together".to_owned()
        }
        (57..60, _) => {
            for id in &ids {
                service.set_code(account, *id, 4, now);
            }
            "all magnets are ready".to_owned()
        }
        (60..68, _) => {
            let forced = match dice.below(12) {
                0 => Forced::BadKey,
                1 => Forced::Blocked,
                2 => Forced::Banned,
                3 => Forced::NoServer,
                4 => Forced::Maintenance(*dice.of(&[200, 503])),
                5 => Forced::Code("GENERIC".to_owned()),
                6 => Forced::NoStatus,
                7 => Forced::NoData,
                8 => Forced::Empty,
                9 => Forced::Code("NO_SERVER".to_owned()),
                10 => Forced::MissingKey,
                _ => Forced::Code("AUTH_BAD_APIKEY".to_owned()),
            };
            let text = format!("{forced:?}");
            match dice.percent(50) {
                true => service.force(account, forced),
                false => service.force_on(
                    account,
                    *dice.of(&[Endpoint::Status, Endpoint::Restart, Endpoint::Delete]),
                    forced,
                ),
            }
            format!("the service answers {text}")
        }
        (68..80, _) => {
            service.unforce(account);
            "the service answers as usual".to_owned()
        }
        (80..86, _) => {
            let code = *dice.of(&[
                "MAGNET_PROCESSING_COOLDOWN",
                "MAGNET_PROCESSING",
                "MAGNET_TOO_MANY_ACTIVE",
                "GENERIC",
                "MAGNET_INVALID_ID",
            ]);
            let endpoint = *dice.of(&[Endpoint::Restart, Endpoint::Delete]);
            let times = dice.between(1, 3) as u32;
            service.refuse(account, endpoint, None, code, times);
            format!("the next {times} {endpoint:?} are refused with {code}")
        }
        (86..90, _) => {
            let shape = *dice.of(&[
                Shape::Keyed,
                Shape::ListWithJunk,
                Shape::Null,
                Shape::Missing,
                Shape::Text,
            ]);
            service.shape_next([shape]);
            format!("the next listing is {shape:?}")
        }
        (90..92, Some(id)) => {
            service.before_next(Endpoint::Delete, account, Change::Vanish(id));
            format!("magnet {id} will vanish right before the next deletion")
        }
        (92..94, Some(id)) => {
            service.before_next(Endpoint::Delete, account, Change::Code(id, 4));
            format!("magnet {id} will be ready right before the next deletion")
        }
        (94..96, _) => {
            service.limiter.retry_after_seconds = *dice.of(&[None, Some(3), Some(7200)]);
            service.limiter.windows = dice
                .of(&[vec![(12, 1_000), (600, 60_000)], vec![(2, 10_000)]])
                .clone();
            "the rate limit changes".to_owned()
        }
        _ => {
            let id = number(account, dice);
            if service.magnet(account, id).is_some() {
                return "nothing".to_owned();
            }
            let code = *dice.of(&[0, 1, 4, 4, 5, 11, 15]);
            let new = magnet(id, dice, now).code(code);
            service.add(account, new);
            format!("magnet {id} is added with {code}")
        }
    }
}

/// Everybody behaves from here on; what fails will fail for ever or get well for ever. Answers the ones that are beyond help.
pub fn calm_down(service: &mut AllDebrid, account: &str, dice: &mut Dice) -> Vec<u64> {
    service.unforce(account);
    service.forget_scripts();
    service.limiter = Default::default();
    let mut hopeless = Vec::new();
    for (id, magnet) in &mut service.account(account).magnets {
        let is_sick = magnet.says_expired() || magnet.code.is_some_and(|code| code >= 5);
        if is_sick && dice.percent(70) {
            let after = Duration::from_secs(60 * dice.between(1, 40) as u64);
            magnet.outcomes = [Outcome::Fails(15, after)].into();
            hopeless.push(*id);
        } else {
            magnet.outcomes = [Outcome::Ready(Duration::from_secs(300))].into();
        }
    }
    hopeless
}
