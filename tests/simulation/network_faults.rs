//! What goes wrong between the process and a service, by chance.

use super::hub::Hub;
use bytes::Bytes;
use http::Request;
use seedwarden_sim::faults::Fault;
use std::time::Duration;

/// The fault that a request meets, if it meets one.
pub fn fault(hub: &Hub, service: &str, request: &Request<Bytes>) -> Option<Fault> {
    hub.with(|core| {
        let rate = core.rates.network;
        if !core.dice.per_million(rate) {
            return None;
        }
        let dice = &mut core.dice;
        let fault = match dice.below(14) {
            // Somebody's page in place of Discord's answer is what a client is likeliest to take for one.
            7..=9 if service == "discord" => Fault::Html200,
            0 => Fault::Status(500, "Internal Server Error".to_owned()),
            1 => Fault::Status(403, "Forbidden".to_owned()),
            2 => Fault::Empty503,
            3 => Fault::Html200,
            4 => Fault::Html502,
            5 => Fault::TruncatedJson,
            6 => Fault::Torn(dice.below(900)),
            7 => Fault::Silence,
            8 => Fault::SilenceAfter,
            9 => Fault::CloseBefore,
            10 => Fault::CloseAfter,
            11 => Fault::Late(Duration::from_secs(*dice.of(&[1, 10, 18]))),
            12 => Fault::Late(Duration::from_secs(600)),
            _ => Fault::Drip(200, Duration::from_millis(*dice.of(&[1, 30, 200_000]))),
        };
        let text = format!("{fault:?}");
        let kind = text.split(['(', ' ']).next().unwrap_or_default().to_owned();
        core.see(&format!("fault: {kind}"));
        core.note(&format!(
            "{service} {} meets {text}",
            request
                .uri()
                .path()
                .split("/webhooks/")
                .next()
                .unwrap_or_default()
        ));
        Some(fault)
    })
}
