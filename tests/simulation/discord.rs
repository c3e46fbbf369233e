//! Discord in a world: every message that is kept is read by the oracle.

use super::dice::Dice;
use super::hub::Hub;
use super::service::Subject;
use bytes::Bytes;
use http::Request;
use seedwarden_sim::NowMs;
use seedwarden_sim::discord::{Discord, Forced};
use serde_json::Value;

/// The webhook of all worlds, and the second one of some.
pub const WEBHOOKS: [u64; 2] = [1_300_000_000_000_000_001, 1_300_000_000_000_000_002];

impl Subject for Discord {
    type Truth = ();

    fn witness(&mut self, _name: &str, hub: &Hub, request: &Request<Bytes>, status: u16) {
        let messages = self.ids().into_iter().flat_map(|id| {
            let messages = std::mem::take(&mut self.webhook(id).messages);
            messages.into_iter().map(move |message| (id, message))
        });
        for (webhook, message) in messages.collect::<Vec<_>>() {
            let titles: Vec<String> = message
                .embeds
                .iter()
                .filter_map(|embed| Some(embed["title"].as_str()?.to_owned()))
                .collect();
            hub.with(|core| {
                core.oracle
                    .secrets_of_text("a message", message.text().as_bytes());
                for title in &titles {
                    core.note(&format!("announced: {title}"));
                    core.see("effect: announced");
                    if webhook != WEBHOOKS[0] {
                        core.see("effect: announced to the second webhook");
                    }
                    core.oracle.announced(webhook, title);
                }
            });
        }
        if status == 400
            && let Some(webhook) = asked(request)
        {
            let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
            for embed in body["embeds"].as_array().into_iter().flatten() {
                let title = embed["title"].as_str().unwrap_or_default();
                hub.with(|core| {
                    core.see("effect: notice refused");
                    core.oracle.refused_notice(webhook, title);
                });
            }
        }
    }

    fn delivered(
        _name: &str,
        _hub: &Hub,
        _request: &Request<Bytes>,
        _answer: Option<&Bytes>,
        _truth: (),
    ) {
    }

    fn account(_name: &str, _request: &Request<Bytes>) -> Option<String> {
        None
    }

    fn is_second_look(_request: &Request<Bytes>) -> bool {
        false
    }

    fn spoilt(_name: &str, _hub: &Hub, _request: &Request<Bytes>) {}

    fn interfere(&mut self, _name: &str, hub: &Hub, _request: &Request<Bytes>, _now: NowMs) {
        let mut dice = hub.with(|core| core.dice.fork());
        let done = happen(self, &mut dice);
        hub.with(|core| core.note(&format!("meanwhile Discord: {done}")));
    }
}

/// The webhook that a request goes to.
fn asked(request: &Request<Bytes>) -> Option<u64> {
    let (_, rest) = request.uri().path().split_once("/webhooks/")?;
    rest.split('/').next()?.parse().ok()
}

/// Something happens to a webhook; says what.
pub fn happen(service: &mut Discord, dice: &mut Dice) -> String {
    let id = *dice.of(&service.ids());
    let webhook = service.webhook(id);
    match dice.below(12) {
        0 => {
            webhook.is_removed = true;
            "the webhook is removed".to_owned()
        }
        1..=3 => {
            webhook.is_removed = false;
            "the webhook is there".to_owned()
        }
        other => {
            let forced = match other {
                4 => Forced::Server(*dice.of(&[500, 502, 503, 504])),
                5 => Forced::WrongToken,
                6 => Forced::Blocked,
                7 => Forced::AutoModeration,
                8 => Forced::BadForm,
                9 => Forced::CloudflareThrottle(60),
                10 => Forced::GlobalThrottle(4_000),
                _ => Forced::SharedThrottle(1_500),
            };
            webhook.force(forced, dice.between(1, 4) as u32);
            format!("the next answers are {forced:?}")
        }
    }
}

/// It behaves from here on.
pub fn calm_down(service: &mut Discord) {
    for id in service.ids() {
        let webhook = service.webhook(id);
        webhook.is_removed = false;
        webhook.forced.clear();
    }
}
