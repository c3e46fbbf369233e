//! Restarts and deletions over the model, judged by what they did there.

use super::super::testing::*;
use super::*;
use crate::clients::ReadErrorKind;
use crate::clients::alldebrid::Limiter;
use crate::config::policy::{Secret, SecretSource};
use crate::ports::TransportError;
use crate::support::raw::RawTransport;
use seedwarden_sim::alldebrid::{Endpoint, Forced, Magnet as M, Outcome};
use seedwarden_sim::faults::Fault;
use std::sync::Arc;
use std::time::Duration;

fn failed() -> World {
    World::new([M::new(7).code(15).then([Outcome::Stuck]), M::new(8).code(4)])
}

/// How an action ends, by the first words of its text.
#[track_caller]
fn check(ended: &ActionOutcome, expected: &str, what: &dyn std::fmt::Debug) {
    assert!(ended.to_string().starts_with(expected), "{what:?}: {ended}");
}

#[tokio::test(start_paused = true)]
async fn restarts_and_deletes() {
    let world = failed();
    assert!(world.client.restart(&id(7)).await.is_done());
    assert_eq!(world.service(|service| service.restarted("main")), [7]);
    check(
        &world.client.restart(&id(7)).await,
        "not yet",
        &"processing",
    );
    check(&world.client.restart(&id(8)).await, "not yet", &"ready");
    check(
        &world.client.restart(&id(9)).await,
        "no such item",
        &"unknown",
    );
    assert!(world.client.delete(&id(7)).await.is_done());
    assert_eq!(world.service(|service| service.deleted("main")), [7]);
    assert_eq!(world.client.delete(&id(7)).await, ActionOutcome::Gone);
    assert_eq!(world.service(|service| service.ids("main")), [8]);
}

#[tokio::test(start_paused = true)]
async fn tells_whose_fault_a_refusal_is() {
    let codes = [
        ("MAGNET_PROCESSING", "not yet"),
        ("MAGNET_PROCESSING_COOLDOWN", "not yet"),
        ("MAGNET_TOO_MANY_ACTIVE", "not yet"),
        ("GENERIC", "refused"),
        ("SOMETHING_NEW", "refused"),
        ("MAGNET_INVALID_ID", "no such item"),
        ("DISCONTINUED", "not carried out"),
        ("MAGNET_MUST_BE_PREMIUM", "not carried out"),
    ];
    for (code, expected) in codes {
        let world = failed();
        for endpoint in [Endpoint::Restart, Endpoint::Delete] {
            world.service(|service| service.refuse("main", endpoint, None, code, 1));
        }
        let restart = world.client.restart(&id(7)).await;
        check(&restart, expected, &code);
        assert_eq!(
            is_too_many_active(&restart),
            code == "MAGNET_TOO_MANY_ACTIVE"
        );
        check(&world.client.delete(&id(7)).await, expected, &code);
        assert_eq!(
            world.service(|service| service.ids("main")),
            [7, 8],
            "{code}"
        );
    }
    for forced in [
        Forced::BadKey,
        Forced::Blocked,
        Forced::Banned,
        Forced::Maintenance(503),
        Forced::NoServer,
    ] {
        let world = failed();
        world.service(|service| service.force("main", forced.clone()));
        check(
            &world.client.restart(&id(7)).await,
            "not carried out",
            &forced,
        );
        check(
            &world.client.delete(&id(7)).await,
            "not carried out",
            &forced,
        );
    }
}

#[tokio::test(start_paused = true)]
async fn never_repeats_a_deletion_that_may_have_happened() {
    let faults = [
        Fault::CloseBefore,
        Fault::CloseAfter,
        Fault::SilenceAfter,
        Fault::Torn(3),
        Fault::TruncatedJson,
        Fault::Html200,
        Fault::Html502,
        Fault::Empty503,
        Fault::Status(500, String::new()),
    ];
    for fault in faults {
        let world = failed();
        world.faults.always("magnet/delete", fault.clone());
        check(
            &world.client.delete(&id(7)).await,
            "outcome unknown",
            &fault,
        );
        assert_eq!(world.log.count("magnet/delete"), 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn repeats_a_deletion_that_was_throttled_only_soon() {
    let world = failed();
    world
        .faults
        .next(1, "magnet/delete", Fault::Status(429, String::new()));
    let began = tokio::time::Instant::now();
    assert!(world.client.delete(&id(7)).await.is_done());
    assert!(began.elapsed() < Duration::from_secs(2));
    world
        .faults
        .next(2, "magnet/delete", Fault::Status(429, String::new()));
    check(
        &world.client.delete(&id(8)).await,
        "not carried out",
        &"throttled",
    );
    assert_eq!(world.service(|service| service.ids("main")), [8]);
    world.net.refuse(ADDRESS, true);
    check(
        &world.client.delete(&id(8)).await,
        "not carried out",
        &"refused connection",
    );
}

#[tokio::test(start_paused = true)]
async fn a_restart_whose_answer_was_lost_is_done_if_it_is_processing_then() {
    for fault in [Fault::CloseAfter, Fault::SilenceAfter, Fault::TruncatedJson] {
        let world = failed();
        world.faults.next(1, "magnet/restart", fault.clone());
        assert!(world.client.restart(&id(7)).await.is_done(), "{fault:?}");
        assert_eq!(
            world.service(|service| service.restarted("main")),
            [7],
            "{fault:?}"
        );
    }
    let world = failed();
    world
        .faults
        .next(1, "magnet/restart", Fault::Status(429, String::new()));
    world.service(|service| service.set_code("main", 7, 1, 0));
    check(
        &world.client.restart(&id(7)).await,
        "not yet",
        &"somebody else's restart",
    );
    world.faults.always("magnet/restart", Fault::Empty503);
    check(
        &world.client.restart(&id(7)).await,
        "not carried out",
        &"overloaded",
    );
    world.faults.clear();
    world.faults.always("magnet/restart", Fault::Html502);
    check(
        &world.client.restart(&id(7)).await,
        "outcome unknown",
        &"a proxy in trouble",
    );
}

#[tokio::test(start_paused = true)]
async fn finds_an_error_about_the_item_inside_of_a_success() {
    let (raw, client) = raw_client();
    let body = r#"{"status":"success","data":{"magnets":[{"magnet":"7","error":{"code":"MAGNET_PROCESSING"}}]}}"#;
    raw.then(200, body);
    check(&client.restart(&id(7)).await, "not yet", &body);
    raw.then(200, r#"{"status":"success"}"#);
    assert!(client.delete(&id(7)).await.is_done());
    raw.then_fail(TransportError::Timeout(std::time::Duration::from_secs(30)));
    check(&client.delete(&id(7)).await, "outcome unknown", &"timeout");
    assert_eq!(raw.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn asked_to_wait_nothing_is_sent_by_any_client_of_the_key() {
    let raw = RawTransport::default();
    let limiter = Arc::new(Limiter::default());
    let client = |key: &str| {
        let key = Secret::new(key, SecretSource::Text);
        let url = "http://h:1/".parse().unwrap();
        Alldebrid::at(Arc::new(raw.clone()), url, key, limiter.clone(), 1)
    };
    raw.then_with(429, "retry-after", "90", "");
    let throttled = |found: ActionOutcome| matches!(found, ActionOutcome::NotSent(_));
    assert!(throttled(client(KEY).delete(&id(7)).await));
    // As after a reload.
    assert!(throttled(client(KEY).delete(&id(8)).await));
    let error = client(KEY).user().await.unwrap_err();
    let left = Duration::from_millis(90_000);
    assert!(
        matches!(error.kind, ReadErrorKind::Throttled { retry_after: Some(after) } if after <= left)
    );
    assert_eq!(raw.requests().len(), 1);
    // Another account goes its own way.
    raw.then(200, r#"{"status":"success","data":{}}"#);
    assert!(client("anotherKey").delete(&id(7)).await.is_done());
    tokio::time::sleep(left).await;
    raw.then(200, r#"{"status":"success","data":{}}"#);
    assert!(client(KEY).delete(&id(8)).await.is_done());
}
