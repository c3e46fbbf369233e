//! The model through its first door.

use super::*;
use serde_json::{Value, json};

type Build = fn(String) -> Value;

const T0: NowMs = 1_800_000_000_000;
const AGENT: &str = "DiscordBot (https://example.com/seedwarden, 0.1.0)";

fn service() -> Discord {
    let mut service = Discord::default();
    service.add(Webhook::new(77, "secret"));
    service
}

fn send(service: &mut Discord, path: &str, body: &Value, now: NowMs) -> Response<Bytes> {
    let request = Request::post(path)
        .header("user-agent", AGENT)
        .header("content-type", "application/json");
    match service.answer(&request.body(Bytes::from(body.to_string())).unwrap(), now) {
        Answer::Reply(reply) => reply,
        other => panic!("no plain reply: {other:?}"),
    }
}

fn json_of(reply: &Response<Bytes>) -> Value {
    serde_json::from_slice(reply.body()).unwrap_or_else(|e| panic!("{e}: {:?}", reply.body()))
}

/// Status and code of a fresh service's answer to one message.
fn check(body: &Value, status: u16, code: u32) -> Value {
    let mut service = service();
    let reply = send(
        &mut service,
        "/api/v10/webhooks/77/secret?wait=true",
        body,
        T0,
    );
    let answer = json_of(&reply);
    assert_eq!(reply.status().as_u16(), status, "{answer}");
    if status != 200 {
        assert_eq!(answer["code"], code, "{answer}");
    }
    assert_eq!(service.messages(77).len(), usize::from(status == 200));
    answer
}

#[test]
fn keeps_messages_in_order_and_returns_them_when_waited_for() {
    let mut service = service();
    let path = service.webhook(77).path();
    let body =
        json!({"content": "one", "embeds": [{"title": "t"}], "allowed_mentions": {"parse": []}});
    let waited = send(&mut service, &format!("{path}?wait=true"), &body, T0);
    assert_eq!(
        (
            waited.status().as_u16(),
            &json_of(&waited)["embeds"][0]["title"]
        ),
        (200, &json!("t"))
    );
    let other = send(
        &mut service,
        "/api/v10/webhooks/77/secret",
        &json!({"content": "two", "username": "W"}),
        T0,
    );
    assert_eq!((other.status().as_u16(), other.body().len()), (204, 0));
    let [one, two] = service.messages(77) else {
        panic!()
    };
    assert_eq!(
        (one.text().as_str(), one.waited, one.username.as_str()),
        ("one\nt", true, "Captain Hook")
    );
    assert_eq!(one.allowed_mentions, Some(json!({"parse": []})));
    assert_eq!(
        (two.content.as_str(), two.waited, two.username.as_str()),
        ("two", false, "W")
    );
    assert!(one.id < two.id);
}

#[test]
fn holds_every_text_to_its_limit_in_code_points() {
    let embed = |embed: Value| json!({"embeds": [embed]});
    let text = |length: usize| "é".repeat(length);
    let message: [(&str, usize, Build); 3] = [
        ("content", CONTENT, |text| json!({"content": text})),
        (
            "username",
            USERNAME,
            |text| json!({"content": "x", "username": text}),
        ),
        ("title", TITLE, |text| json!({"embeds": [{"title": text}]})),
    ];
    for (name, most, build) in message {
        check(&build(text(most)), 200, 0);
        check(&build(format!("  {}\n", text(most))), 200, 0);
        let answer = check(&build(text(most + 1)), 400, 50035);
        assert!(
            answer["errors"]
                .to_string()
                .contains("BASE_TYPE_MAX_LENGTH"),
            "{name}: {answer}"
        );
    }
    let in_embed: [(usize, Build); 5] = [
        (DESCRIPTION, |text| json!({"description": text})),
        (FOOTER, |text| json!({"footer": {"text": text}})),
        (TITLE, |text| json!({"author": {"name": text}})),
        (
            TITLE,
            |text| json!({"fields": [{"name": text, "value": "v"}]}),
        ),
        (
            FIELD_VALUE,
            |text| json!({"fields": [{"name": "n", "value": text}]}),
        ),
    ];
    for (most, build) in in_embed {
        check(&embed(build(text(most))), 200, 0);
        check(&embed(build(text(most + 1))), 400, 50035);
    }
}

#[test]
fn holds_counts_and_the_sum_to_their_limits() {
    let embeds = |count: usize, length: usize| json!({"embeds": vec![json!({"title": "t".repeat(length)}); count]});
    check(&embeds(EMBEDS, 1), 200, 0);
    check(&embeds(EMBEDS + 1, 1), 400, 50035);
    let fields = |count: usize| json!({"embeds": [{"fields": vec![json!({"name": "n", "value": "v"}); count]}]});
    check(&fields(FIELDS), 200, 0);
    check(&fields(FIELDS + 1), 400, 50035);
    let sum = |last: usize| {
        let mut all = vec![json!({"description": "d".repeat(2000)}); 2];
        all.push(json!({"description": "d".repeat(1000), "footer": {"text": "f".repeat(last)}}));
        json!({"embeds": all, "content": "does not count"})
    };
    check(&sum(1000), 200, 0);
    let answer = check(&sum(1001), 400, 50035);
    assert_eq!(
        answer["errors"]["embeds"]["_errors"][0]["code"],
        "MAX_EMBED_SIZE_EXCEEDED"
    );
}

#[test]
fn refuses_what_cannot_be_a_message() {
    check(&json!({}), 400, 50006);
    check(&json!({"content": "  ", "embeds": []}), 400, 50006);
    check(&json!({"embeds": [{}]}), 400, 50006);
    check(&json!(["x"]), 400, 50109);
    for (bad, place) in [
        (
            json!({"content": "x", "username": "My Discord"}),
            "/errors/username/_errors/0/code",
        ),
        (
            json!({"content": "x", "username": "cLyDe"}),
            "/errors/username/_errors/0/code",
        ),
        (
            json!({"content": "x", "username": " "}),
            "/errors/username/_errors/0/code",
        ),
        (
            json!({"content": "x", "embeds": {}}),
            "/errors/embeds/_errors/0/code",
        ),
        (
            json!({"embeds": [{"title": "x", "color": 0x100_0000}]}),
            "/errors/embeds/0/color/_errors/0/code",
        ),
        (
            json!({"embeds": [{"title": "x", "timestamp": "now"}]}),
            "/errors/embeds/0/timestamp/_errors/0/code",
        ),
        (
            json!({"embeds": [{"title": "x", "url": "ftp://x"}]}),
            "/errors/embeds/0/url/_errors/0/code",
        ),
        (
            json!({"embeds": [{"fields": [{"name": "n"}]}]}),
            "/errors/embeds/0/fields/0/value/_errors/0/code",
        ),
        (
            json!({"content": "x", "allowed_mentions": {"parse": ["all"]}}),
            "/errors/allowed_mentions/parse/0/_errors/0/code",
        ),
    ] {
        let answer = check(&bad, 400, 50035);
        assert!(answer.pointer(place).is_some(), "{place}: {answer}");
    }
}

#[test]
fn tells_removed_unknown_and_forbidden_apart() {
    let mut service = service();
    let body = json!({"content": "x"});
    let mut answer = |path: &str| {
        let reply = send(&mut service, path, &body, T0);
        (
            reply.status().as_u16(),
            json_of(&reply)["code"].as_u64().unwrap(),
        )
    };
    assert_eq!(answer("/api/webhooks/77/wrong"), (401, 50027));
    assert_eq!(answer("/api/webhooks/78/secret"), (404, 10015));
    for path in [
        "/api/v5/webhooks/77/secret",
        "/webhooks/77/secret",
        "/api/webhooks/77/secret/slack",
    ] {
        assert_eq!(answer(path), (404, 0), "{path}");
    }
    service.webhook(77).is_removed = true;
    assert_eq!(
        send(&mut service, "/api/webhooks/77/secret", &body, T0).status(),
        404
    );
    assert_eq!(service.webhook(77).calls_after_removal, 1);
    for agent in [
        "curl/8",
        "DiscordBot",
        "DiscordBot (seedwarden)",
        "Mozilla DiscordBot (https://x, 1)",
    ] {
        let request = Request::get("/api/webhooks/77/secret").header("user-agent", agent);
        let Answer::Reply(reply) = service.answer(&request.body(Bytes::new()).unwrap(), T0) else {
            panic!()
        };
        assert_eq!(
            (reply.status().as_u16(), &json_of(&reply)["code"]),
            (403, &json!(40333)),
            "{agent}"
        );
    }
}

#[test]
fn shows_the_webhook_without_posting() {
    let mut service = service();
    let request = Request::get("/api/v10/webhooks/77/secret").header("user-agent", AGENT);
    let Answer::Reply(reply) = service.answer(&request.body(Bytes::new()).unwrap(), T0) else {
        panic!()
    };
    assert_eq!(json_of(&reply)["id"], "77");
    assert_eq!(service.messages(77), []);
}

#[test]
fn throttles_in_seconds_or_milliseconds() {
    let mut service = service();
    let body = json!({"content": "x"});
    for left in (0..5).rev() {
        let reply = send(&mut service, "/api/v10/webhooks/77/secret", &body, T0);
        assert_eq!(reply.headers()["x-ratelimit-remaining"], left.to_string());
    }
    let new = send(&mut service, "/api/v10/webhooks/77/secret", &body, T0 + 500);
    assert_eq!(
        (new.status().as_u16(), &json_of(&new)["retry_after"]),
        (429, &json!(1.5))
    );
    assert_eq!(new.headers()["retry-after"], "2");
    let old = send(&mut service, "/api/webhooks/77/secret", &body, T0 + 500);
    assert_eq!(
        (&json_of(&old)["retry_after"], &old.headers()["retry-after"]),
        (&json!(1500), &"1500".parse().unwrap())
    );
    assert_eq!(
        send(
            &mut service,
            "/api/v10/webhooks/77/secret",
            &body,
            T0 + 2000
        )
        .status(),
        204
    );
    assert_eq!(service.messages(77).len(), 6);
}

#[test]
fn the_channel_takes_thirty_a_minute_whatever_the_headers_say() {
    let mut service = service();
    let body = json!({"content": "x"});
    let post =
        |service: &mut Discord, at| send(service, "/api/v10/webhooks/77/secret", &body, T0 + at);
    for index in 0..30 {
        assert_eq!(post(&mut service, index * 500).status(), 204, "{index}");
    }
    let refused = post(&mut service, 20_000);
    assert_eq!(refused.headers()["x-ratelimit-remaining"], "5");
    assert_eq!(
        (refused.status().as_u16(), &json_of(&refused)["retry_after"]),
        (429, &json!(40.0))
    );
    assert_eq!(post(&mut service, 60_000).status(), 204);
}

#[test]
fn forced_answers_keep_nothing_and_end() {
    let mut service = service();
    let body = json!({"content": "x"});
    let expected = [
        (Forced::Server(502), 502),
        (Forced::AutoModeration, 400),
        (Forced::TooLarge, 413),
        (Forced::CloudflareThrottle(3), 429),
    ];
    for (forced, _) in expected {
        service.webhook(77).force(forced, 1);
    }
    for (forced, status) in expected {
        let reply = send(&mut service, "/api/v10/webhooks/77/secret", &body, T0);
        assert_eq!(reply.status().as_u16(), status, "{forced:?}");
    }
    service.webhook(77).loses_unwaited = true;
    assert_eq!(
        send(&mut service, "/api/v10/webhooks/77/secret", &body, T0).status(),
        204
    );
    assert_eq!(
        (service.webhook(77).lost, service.messages(77).len()),
        (1, 0)
    );
    assert_eq!(
        send(
            &mut service,
            "/api/v10/webhooks/77/secret?wait=true",
            &body,
            T0 + 3000
        )
        .status(),
        200
    );
    assert_eq!(service.messages(77).len(), 1);
}

#[test]
fn too_many_invalid_requests_ban_the_address() {
    let mut service = service();
    service.invalid = Limit::new(3, 600_000);
    let body = json!({"content": "x"});
    for _ in 0..3 {
        send(&mut service, "/api/v10/webhooks/77/wrong", &body, T0);
    }
    let banned = send(
        &mut service,
        "/api/v10/webhooks/77/secret",
        &body,
        T0 + 1000,
    );
    assert_eq!(
        (banned.status().as_u16(), &banned.headers()["retry-after"]),
        (429, &"599".parse().unwrap())
    );
    assert_eq!(
        send(
            &mut service,
            "/api/v10/webhooks/77/secret",
            &body,
            T0 + 600_000
        )
        .status(),
        204
    );
}
