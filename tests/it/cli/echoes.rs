//! What a server or proxy can send back of what it was sent.

use super::world::World;
use bytes::Bytes;
use http::{Request, Response};
use seedwarden_sim::{Answer, Model, NowMs};
use serde_json::json;
use std::sync::{Arc, Mutex};

/// A proxy in trouble that shows all of what it was sent.
struct Echo;

impl Model for Echo {
    fn answer(&mut self, request: &Request<Bytes>, _: NowMs) -> Answer {
        let form = String::from_utf8_lossy(request.body()).into_owned();
        let value = |name: &str| {
            let mut fields = url::form_urlencoded::parse(form.as_bytes());
            let found = fields.find(|(key, _)| key == name);
            found
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        let password = value("password");
        let html = password.replace('&', "&amp;").replace('<', "&lt;");
        let page = format!(
            "<html>cannot pass on: {form} ({password}, {html}, {}) {:?}",
            json!(password),
            request.headers()
        );
        let mut reply = Response::new(Bytes::from(page));
        *reply.status_mut() = http::StatusCode::BAD_GATEWAY;
        Answer::Reply(reply)
    }
}

#[test]
fn echoed_secrets_are_not_shown() {
    const PASSWORD: &str = "s3<cr&t \"w/rd+9";
    const KEY: &str = "k3y0fTheAccount";
    let mut world = World::new();
    let door = |model| seedwarden_sim::door::Door::open(model, Default::default());
    let echo = door(Arc::new(Mutex::new(Echo))).expect("a door");
    world.configure(|config| {
        config["accounts"][0]["url"] = json!(echo.url());
        config["accounts"][0]["password"] = json!(PASSWORD);
        config["accounts"][1]["url"] = json!(echo.url());
        config["accounts"][1]["api_key"] = json!(KEY);
        config["discord"]["webhook_url"] =
            json!(format!("{}/api/webhooks/77/t0kenOfTheWebhook", echo.url()));
    });
    for arguments in [
        &["plan"][..],
        &["plan", "--json"],
        &["check"],
        &["run", "--once"],
        &["notify-test"],
        &["status"],
    ] {
        let ended = world.product.run(arguments);
        let told = format!("{}{}", ended.stdout, ended.stderr);
        for part in [
            "s3<", "s3%", "s3&", "cr&", "cr%26", "w/rd", "w%2Frd", "rd+9", "k3y0f", "t0ken",
        ] {
            assert!(!told.contains(part), "{part}: {told}");
        }
    }
    let plan = world.product.run(&["plan"]);
    assert!(plan.stderr.contains("cannot pass on"), "{plan:#?}");
}
