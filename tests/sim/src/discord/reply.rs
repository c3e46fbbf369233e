//! Answers of Discord: errors with their codes, throttling in both styles, and the message object.

use super::{
    message::{self, Wrong},
    rate, time,
    webhook::{Forced, Message, Webhook},
};
use crate::NowMs;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use serde_json::{Map, Value, json};

/// How a version of the API tells times and form errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// From version 8 on: seconds, and a nested `errors` tree.
    Seconds,
    /// Version 6 and 7, and addresses without a version: milliseconds, and a flat list of errors.
    Milliseconds,
}

/// Which limit was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Throttle {
    Bucket,
    Channel,
    Global,
    Shared,
}

/// A JSON answer.
pub(crate) fn json(status: u16, body: &Value) -> Response<Bytes> {
    typed(status, "application/json", Bytes::from(body.to_string()))
}

/// 204.
pub(crate) fn no_content() -> Response<Bytes> {
    let mut reply = Response::new(Bytes::new());
    *reply.status_mut() = StatusCode::NO_CONTENT;
    reply
}

/// An error with its code.
pub(crate) fn error(status: u16, code: u32, message: &str) -> Response<Bytes> {
    json(status, &json!({"message": message, "code": code}))
}

/// 400 with code 50035, or in the old style a list of texts for each top name (inferred from version 6 clients).
pub(crate) fn bad_form(wrongs: &[Wrong], style: Style) -> Response<Bytes> {
    let tree = message::tree(wrongs);
    match style {
        Style::Seconds => json(
            400,
            &json!({"message": "Invalid Form Body", "code": 50035, "errors": tree}),
        ),
        Style::Milliseconds => {
            let mut flat: Map<String, Value> = Map::new();
            for wrong in wrongs {
                let name = wrong.path.first().map_or("_misc", String::as_str);
                match flat.get_mut(name).and_then(Value::as_array_mut) {
                    Some(texts) => texts.push(json!(wrong.message)),
                    None => {
                        flat.insert(name.to_owned(), json!([wrong.message]));
                    }
                }
            }
            json(400, &Value::Object(flat))
        }
    }
}

/// 429 with the time to wait in the style of the version.
pub(crate) fn throttled(throttle: Throttle, wait: NowMs, style: Style) -> Response<Bytes> {
    let is_global = throttle == Throttle::Global;
    let (body_time, header_time) = match style {
        // Both are exact in milliseconds, so no precision is lost.
        #[allow(clippy::cast_precision_loss)]
        Style::Seconds => (json!(wait as f64 / 1000.0), (wait + 999) / 1000),
        Style::Milliseconds => (json!(wait), wait),
    };
    let body = json!({"message": "You are being rate limited.", "retry_after": body_time, "global": is_global});
    let mut reply = json(429, &body);
    let scope = match throttle {
        Throttle::Bucket | Throttle::Channel => "user",
        Throttle::Global => "global",
        Throttle::Shared => "shared",
    };
    rate::put(reply.headers_mut(), "x-ratelimit-scope", scope);
    rate::put(reply.headers_mut(), "retry-after", &header_time.to_string());
    if is_global {
        rate::put(reply.headers_mut(), "x-ratelimit-global", "true");
    }
    reply
}

/// 429 from the proxy in front: a web page, whole seconds in the header.
pub(crate) fn cloudflare(wait: NowMs) -> Response<Bytes> {
    let page = "<html><title>Access denied | discord.com used Cloudflare to restrict access</title></html>";
    let mut reply = typed(
        429,
        "text/html; charset=UTF-8",
        Bytes::from_static(page.as_bytes()),
    );
    rate::put(
        reply.headers_mut(),
        "retry-after",
        &((wait + 999) / 1000).to_string(),
    );
    reply
}

/// An answer that a test forces.
pub(crate) fn forced(forced: Forced, style: Style) -> Response<Bytes> {
    match forced {
        Forced::Server(status) => typed(
            status,
            "text/html",
            Bytes::from_static(b"<html>server error</html>"),
        ),
        Forced::WrongToken => error(401, 50027, "Invalid Webhook Token"),
        Forced::Blocked => error(403, 40333, "internal network error"),
        Forced::AutoModeration => {
            error(400, 200_000, "Message was blocked by automatic moderation")
        }
        Forced::HarmfulLink => error(400, 240_000, "Message blocked by harmful links filter"),
        Forced::TooLarge => error(413, 40005, "Request entity too large"),
        Forced::BadForm => {
            let path = vec!["forced".to_owned()];
            let message = "This is refused because the test says so.".to_owned();
            bad_form(
                &[Wrong {
                    path,
                    code: "FORCED",
                    message,
                }],
                style,
            )
        }
        Forced::CloudflareThrottle(seconds) => cloudflare(NowMs::from(seconds) * 1000),
        Forced::GlobalThrottle(wait) => throttled(Throttle::Global, wait.into(), style),
        Forced::SharedThrottle(wait) => throttled(Throttle::Shared, wait.into(), style),
    }
}

/// The message object that `wait=true` gives.
pub(crate) fn message(webhook: &Webhook, message: &Message) -> Value {
    let embeds = message.embeds.iter().map(|embed| {
        let mut embed = embed.clone();
        embed["type"] = json!("rich");
        embed
    });
    json!({
        "id": message.id.to_string(),
        "type": 0,
        "content": message.content,
        "channel_id": webhook.channel_id().to_string(),
        "webhook_id": webhook.id.to_string(),
        "author": {
            "id": webhook.id.to_string(),
            "username": message.username,
            "avatar": null,
            "discriminator": "0000",
            "bot": true,
        },
        "embeds": embeds.collect::<Vec<_>>(),
        "attachments": [],
        "components": [],
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": false,
        "pinned": false,
        "tts": false,
        "flags": 0,
        "timestamp": time::iso8601(message.at),
        "edited_timestamp": null,
    })
}

fn typed(status: u16, kind: &'static str, body: Bytes) -> Response<Bytes> {
    let mut reply = Response::new(body);
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    reply
}
