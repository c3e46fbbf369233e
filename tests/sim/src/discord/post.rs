//! A post to a webhook: limits first, then forced answers, then the message itself.

use super::{
    message::{self, Refused},
    reply::{self, Style, Throttle},
    time,
    webhook::{Message, Webhook},
};
use crate::NowMs;
use bytes::Bytes;
use http::{Request, Response, header::CONTENT_TYPE};
use serde_json::Value;

/// Posts a message, with the headers of the bucket.
pub(crate) fn post(
    webhook: &mut Webhook,
    request: &Request<Bytes>,
    style: Style,
    sequence: u64,
    now: NowMs,
) -> Response<Bytes> {
    let full = webhook
        .bucket
        .wait(now)
        .map(|wait| (Throttle::Bucket, wait));
    let hidden = || {
        webhook
            .channel
            .wait(now)
            .map(|wait| (Throttle::Channel, wait))
    };
    let mut reply = match full.or_else(hidden) {
        Some((throttle, wait)) => reply::throttled(throttle, wait, style),
        None => {
            webhook.bucket.count(now);
            match webhook.take_forced() {
                Some(forced) => reply::forced(forced, style),
                None => keep(webhook, request, style, sequence, now),
            }
        }
    };
    webhook.bucket.write(reply.headers_mut(), now);
    reply
}

fn keep(
    webhook: &mut Webhook,
    request: &Request<Bytes>,
    style: Style,
    sequence: u64,
    now: NowMs,
) -> Response<Bytes> {
    let kind = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let is_json = kind.is_some_and(|kind| kind.starts_with("application/json"));
    // Other bodies are taken for empty here; Discord reads multipart forms too.
    let read = if is_json {
        message::read(request.body())
    } else {
        Err(Refused::Empty)
    };
    let sent = match read {
        Ok(sent) => sent,
        Err(Refused::NotJson) => {
            return reply::error(400, 50109, "The request body contains invalid JSON.");
        }
        Err(Refused::Empty) => return reply::error(400, 50006, "Cannot send an empty message"),
        Err(Refused::Form(wrongs)) => return reply::bad_form(&wrongs, style),
    };
    let waited = asks_to_wait(request);
    if webhook.loses_unwaited && !waited {
        webhook.lost += 1;
        return reply::no_content();
    }
    webhook.channel.count(now);
    let text = |name: &str| sent[name].as_str().map(str::to_owned);
    let message = Message {
        at: now,
        id: time::snowflake(now, sequence),
        content: text("content").unwrap_or_default(),
        username: text("username").unwrap_or_else(|| webhook.name.clone()),
        embeds: sent["embeds"].as_array().cloned().unwrap_or_default(),
        allowed_mentions: sent
            .get("allowed_mentions")
            .filter(|value: &&Value| !value.is_null())
            .cloned(),
        waited,
        sent,
    };
    let reply = if waited {
        reply::json(200, &reply::message(webhook, &message))
    } else {
        reply::no_content()
    };
    webhook.messages.push(message);
    reply
}

fn asks_to_wait(request: &Request<Bytes>) -> bool {
    let query = crate::form::query(request);
    query.iter().any(|param| {
        param.name == "wait" && ["true", "1"].contains(&param.text().to_lowercase().as_str())
    })
}
