//! Posts over the model of Discord, which knows its limits.

use super::*;
use crate::config::policy::SecretSource;
use crate::support::clock::SimClock;
use crate::support::raw::RawTransport;
use crate::support::transport::SimNet;
use seedwarden_sim::discord::{Discord as Model, Forced, Webhook};
use seedwarden_sim::faults::{Fault, Faults, Faulty, Log};
use std::sync::Mutex;

const ADDRESS: &str = "https://discord.com/";

struct World {
    client: Discord,
    net: SimNet,
    faults: Faults,
    log: Log,
    webhook: Secret,
    model: Arc<Mutex<Faulty<Model>>>,
}

impl World {
    fn new() -> Self {
        let net = SimNet::new(SimClock::default());
        let (faults, log) = (Faults::default(), Log::default());
        let mut model = Model::default();
        model.add(Webhook::new(1, "token"));
        let model = Arc::new(Mutex::new(Faulty::new(model, faults.clone(), log.clone())));
        net.serve(ADDRESS, Arc::clone(&model));
        let webhook = secret("https://discord.com/api/webhooks/1/token");
        let client = Discord::new(Arc::new(net.clone()));
        Self {
            client,
            net,
            faults,
            log,
            webhook,
            model,
        }
    }

    fn set(&self, set: impl FnOnce(&mut Webhook)) {
        set(self.model.lock().unwrap().model.webhook(1));
    }

    async fn post(&self, text: &str) -> Posted {
        self.client
            .post(&self.webhook, &Message::text(text, Some("Warden")))
            .await
    }

    /// Texts that Discord kept.
    fn kept(&self) -> Vec<String> {
        let model = self.model.lock().unwrap();
        model
            .model
            .messages(1)
            .iter()
            .map(|message| message.content.clone())
            .collect()
    }
}

fn secret(text: &str) -> Secret {
    Secret::new(text, SecretSource::Text)
}

#[tokio::test(start_paused = true)]
async fn posts_and_knows_that_it_was_kept() {
    let world = World::new();
    world.set(|webhook| webhook.loses_unwaited = true);
    assert_eq!(world.post("hello").await, Posted::Ok);
    assert_eq!(world.kept(), ["hello"]);
    assert_eq!(world.client.check(&world.webhook).await, Posted::Ok);
    let message = world.model.lock().unwrap().model.messages(1)[0].clone();
    assert_eq!(
        (message.username.as_str(), message.waited),
        ("Warden", true)
    );
    assert_eq!(
        message.allowed_mentions,
        Some(serde_json::json!({ "parse": [] }))
    );
    assert!(
        world
            .log
            .all()
            .iter()
            .all(|call| call.path.starts_with("/api/v10/webhooks/1/"))
    );
}

#[tokio::test(start_paused = true)]
async fn long_embeds_are_accepted() {
    let world = World::new();
    let embed = Embed {
        title: escape(&"[x_y] ".repeat(90)),
        description: escape(&"*é* ".repeat(3000)),
        fields: vec![Field::wide(escape(&"n~".repeat(300)), escape(&"v|".repeat(900))); 30],
        footer: "f".repeat(5000),
        color: Some(0xff_0000),
        timestamp: Some(jiff::Timestamp::UNIX_EPOCH),
    };
    let embeds = vec![embed; 3];
    let (message, count) = Message::of_first(&embeds, None);
    assert_eq!(count, 1);
    assert_eq!(
        world.client.post(&world.webhook, &message).await,
        Posted::Ok
    );
    let small = vec![
        Embed {
            title: "t".to_owned(),
            ..Embed::default()
        };
        12
    ];
    let (message, count) = Message::of_first(&small, None);
    assert_eq!(
        (count, world.client.post(&world.webhook, &message).await),
        (10, Posted::Ok)
    );
}

#[tokio::test(start_paused = true)]
async fn sorts_answers_by_what_to_do_next() {
    let seconds = |s| Posted::RetryAfter(Duration::from_secs(s));
    let cases = [
        (Forced::WrongToken, Some(Posted::RemovedForGood)),
        (Forced::Blocked, Some(Posted::RemovedForGood)),
        (Forced::AutoModeration, None),
        (Forced::HarmfulLink, None),
        (Forced::TooLarge, None),
        (Forced::BadForm, None),
        (Forced::CloudflareThrottle(40), Some(seconds(40))),
        (Forced::GlobalThrottle(2000), Some(seconds(2))),
        (Forced::SharedThrottle(45_000), Some(seconds(45))),
    ];
    for (forced, expected) in cases {
        let world = World::new();
        world.set(|webhook| webhook.force(forced, 1));
        let posted = world.post("x").await;
        match expected {
            Some(expected) => assert_eq!(posted, expected, "{forced:?}"),
            None => assert!(
                matches!(posted, Posted::RefusedForGood(_)),
                "{forced:?}: {posted:?}"
            ),
        }
        assert!(world.kept().is_empty(), "{forced:?}");
        assert_eq!(world.post("y").await, Posted::Ok, "{forced:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_sent_after_the_wait_that_was_asked_for_arrives() {
    let world = World::new();
    let mut waits = 0;
    for i in 0..70 {
        loop {
            match world.post(&i.to_string()).await {
                Posted::Ok => break,
                Posted::RetryAfter(wait) => tokio::time::sleep(wait).await,
                other => panic!("{other:?}"),
            }
            waits += 1;
        }
    }
    assert_eq!(world.kept().len(), 70);
    assert!((1..70).contains(&waits), "{waits}");
}

#[tokio::test(start_paused = true)]
async fn a_removed_webhook_is_told_apart_from_trouble_on_the_way() {
    let world = World::new();
    world.set(|webhook| webhook.is_removed = true);
    assert_eq!(world.post("x").await, Posted::RemovedForGood);
    assert_eq!(
        world.client.check(&world.webhook).await,
        Posted::RemovedForGood
    );
    world.set(|webhook| webhook.is_removed = false);
    let faults = [
        Fault::Html502,
        Fault::Empty503,
        Fault::CloseBefore,
        Fault::Silence,
        Fault::CloseAfter,
    ];
    for fault in faults {
        world.faults.next(1, "", fault.clone());
        let posted = world.post("x").await;
        let Posted::TryLater(why) = &posted else {
            panic!("{fault:?}: {posted:?}");
        };
        assert!(!why.contains("token") && !why.contains("webhooks"), "{why}");
    }
    world.net.refuse(ADDRESS, true);
    assert!(matches!(
        world.client.check(&world.webhook).await,
        Posted::TryLater(_)
    ));
    // A kept message whose answer was cut off was kept all the same.
    let world = World::new();
    world.faults.next(1, "", Fault::Torn(3));
    assert_eq!(world.post("x").await, Posted::Ok);
}

#[tokio::test(start_paused = true)]
async fn keeps_the_thread_and_asks_to_wait_once() {
    let raw = RawTransport::default();
    let client = Discord::new(Arc::new(raw.clone()));
    raw.then(200, "{}").then(200, r#"{"id":"1"}"#);
    let webhook = secret("http://h:1/api/webhooks/1/t?thread_id=5&wait=false");
    client.post(&webhook, &Message::text("x", None)).await;
    assert_eq!(
        raw.last_header("user-agent")
            .map(|agent| agent.starts_with("DiscordBot (")),
        Some(true)
    );
    client.check(&webhook).await;
    let expected = [
        r#"POST http://h:1/api/v10/webhooks/1/t?thread_id=5&wait=true {"allowed_mentions":{"parse":[]},"content":"x"}"#,
        "GET http://h:1/api/v10/webhooks/1/t",
    ];
    assert_eq!(raw.requests(), expected);
}

#[test]
fn speaks_version_ten_whatever_the_address_says() {
    #[track_caller]
    fn check(webhook: &str, expected: Option<&str>) {
        let found = address(&secret(webhook)).map(|url| url.to_string());
        assert_eq!(found.as_deref(), expected);
    }
    check(
        "https://discord.com/api/webhooks/1/t",
        Some("https://discord.com/api/v10/webhooks/1/t"),
    );
    check(
        "https://discord.com/api/v6/webhooks/1/t",
        Some("https://discord.com/api/v10/webhooks/1/t"),
    );
    check(
        "http://127.0.0.1:8/proxy/api/webhooks/1/t?thread_id=5",
        Some("http://127.0.0.1:8/proxy/api/v10/webhooks/1/t?thread_id=5"),
    );
    check(
        "http://127.0.0.1/webhooks/1/t",
        Some("http://127.0.0.1/webhooks/1/t"),
    );
    check(
        "https://relay.example/hook?key=1",
        Some("https://relay.example/hook?key=1"),
    );
    check("", None);
}

#[test]
fn user_agent_has_the_form_that_discord_demands_and_names_no_stranger() {
    let agent = user_agent();
    assert!(agent.starts_with("DiscordBot (https://"), "{agent}");
    assert!(
        agent.ends_with(&format!(", {})", env!("CARGO_PKG_VERSION"))),
        "{agent}"
    );
    assert!(!agent.contains("crates.io"), "{agent}");
}
