//! Readings over the model, and over prepared answers.

use super::super::testing::*;
use super::*;
use crate::clients::LoginProblem;
use crate::clients::bounded::MOST_MAGNETS;
use crate::core::model::MagnetClass;
use crate::ports::TransportError;
use seedwarden_sim::alldebrid::{
    ExistingId, Forced, Magnet as M, Outcome, Shape, ThrottleBody, Torrent,
};
use seedwarden_sim::faults::Fault;
use std::time::Duration;
use tokio::time::Instant;

fn three() -> World {
    World::new([
        M::new(403_207_307)
            .code(4)
            .named("ready")
            .sized(5_000_000_000),
        M::new(2).code(15).named("bad"),
        M::new(3).code(11),
    ])
}

fn classes(listing: &Listing) -> Vec<(&str, MagnetClass)> {
    listing
        .magnets
        .iter()
        .map(|(id, magnet)| (id.as_str(), magnet.class()))
        .collect()
}

const THREE: [(&str, MagnetClass); 3] = [
    ("2", MagnetClass::Error),
    ("3", MagnetClass::Expired),
    ("403207307", MagnetClass::Ready),
];

#[tokio::test(start_paused = true)]
async fn lists_all_magnets_in_every_shape() {
    let world = three();
    for (shape, skipped) in [
        (Shape::List, 0),
        (Shape::Keyed, 0),
        (Shape::Single, 0),
        (Shape::ListWithJunk, 4),
    ] {
        world.service(|service| service.switches.listing = shape);
        for numbers_are_texts in [false, true] {
            world.service(|service| service.switches.numbers_are_texts = numbers_are_texts);
            let listing = world.client.list(false).await.unwrap();
            assert_eq!(classes(&listing), THREE, "{shape:?}");
            assert_eq!(listing.skipped, skipped, "{shape:?}");
            assert!(!listing.deprecated);
            let ready = &listing.magnets["403207307"];
            assert_eq!(
                (&*ready.filename, ready.size),
                ("ready", Some(5_000_000_000))
            );
            assert!(ready.raw.is_none());
        }
    }
    assert!(
        world
            .log
            .all()
            .iter()
            .all(|call| call.path == "/v4.1/magnet/status" && call.params.is_empty())
    );
}

#[tokio::test(start_paused = true)]
async fn no_magnets_in_a_success_is_a_reading_only_of_an_empty_account() {
    let world = World::new([]);
    let cases = [
        (Shape::Null, Some(0)),
        (Shape::Missing, Some(0)),
        (Shape::Text, None),
    ];
    assert_eq!(
        world
            .client
            .list(false)
            .await
            .map(|listing| listing.magnets.len()),
        Ok(0)
    );
    for (shape, if_empty) in cases {
        world.service(|service| service.switches.listing = shape);
        let error = world.client.list(false).await.unwrap_err();
        assert_eq!(error.kind, ReadErrorKind::Malformed, "{shape:?}");
        let empty = world
            .client
            .list(true)
            .await
            .ok()
            .map(|listing| listing.magnets.len());
        assert_eq!(empty, if_empty, "{shape:?}");
    }
    world.service(|service| service.force("main", Forced::NoData));
    assert!(world.client.list(false).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn takes_odd_entries_for_what_they_are() {
    let (raw, client) = raw_client();
    raw.then(
        200,
        r#"{"status":"success","deprecated":true,"data":{"magnets":[
            null, 7, "x", {"filename":"no id"}, {"id":null}, {"id":"x7"}, {"id":0}, {"id":-1}, {"id":"9","error":{"code":"X"}},
            {"id":1}, {"id":" 2 ","status":"Ready","statusCode":"4","size":"123456789012","unheard":{"of":[]}},
            {"id":3,"statusCode":-1}, {"id":4,"statusCode":true}, {"id":5,"statusCode":3,"status":"Expired - files removed"},
            {"id":6,"statusCode":15,"status":"x"}, {"id":"6","statusCode":4,"status":"Ready"},
            {"id":7,"statusCode":4,"status":"Ready"}, {"id":7,"statusCode":15,"status":"x"},
            {"id":8,"statusCode":8,"status":null,"hash":"","filename":5}]}}"#,
    );
    let listing = client.keeping_raw(true).list(false).await.unwrap();
    use MagnetClass::{Error, Expired, Ready, Unknown};
    let expected = [
        ("1", Unknown),
        ("2", Ready),
        ("3", Unknown),
        ("4", Unknown),
        ("5", Expired),
        ("6", Ready),
        ("7", Ready),
        ("8", Error),
    ];
    assert_eq!(classes(&listing), expected);
    assert_eq!((listing.skipped, listing.deprecated), (9, true));
    assert_eq!(listing.magnets["2"].size, Some(123_456_789_012));
    assert_eq!(listing.magnets["8"].hash, None);
    let raw = listing.magnets["2"].raw.as_deref();
    assert_eq!(
        raw.map(|raw| raw["unheard"].clone()),
        Some(serde_json::json!({ "of": [] }))
    );
}

#[tokio::test(start_paused = true)]
async fn reads_one_magnet_in_every_shape() {
    let world = three();
    for shape in [Shape::List, Shape::Keyed, Shape::Single] {
        world.service(|service| service.switches.by_id = shape);
        let magnet = world.client.by_id(&id(2)).await.unwrap();
        assert_eq!(
            (magnet.class(), &*magnet.filename),
            (MagnetClass::Error, "bad"),
            "{shape:?}"
        );
        for is_item_error in [false, true] {
            world.service(|service| service.switches.unknown_id_is_item_error = is_item_error);
            assert!(
                world.client.by_id(&id(99)).await.unwrap_err().is_gone(),
                "{shape:?}"
            );
        }
    }
    for shape in [Shape::Null, Shape::Missing, Shape::Text] {
        world.service(|service| service.switches.by_id = shape);
        let error = world.client.by_id(&id(2)).await.unwrap_err();
        assert_eq!(error.kind, ReadErrorKind::Malformed, "{shape:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn believes_no_answer_about_another_magnet() {
    let bodies = [
        r#"{"id":3,"statusCode":15,"status":"x"}"#,
        r#"[{"id":3,"statusCode":15}]"#,
        r#"[{"id":2,"statusCode":15},{"id":3,"statusCode":4}]"#,
        r#"{"statusCode":15,"status":"x"}"#,
        "[]",
        "{}",
    ];
    for body in bodies {
        let (raw, client) = raw_client();
        raw.then(
            200,
            format!(r#"{{"status":"success","data":{{"magnets":{body}}}}}"#),
        );
        let error = client.by_id(&id(2)).await.unwrap_err();
        assert_eq!(error.kind, ReadErrorKind::Malformed, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn account_errors_are_no_lists() {
    let cases = [
        (
            Forced::BadKey,
            ReadErrorKind::Login(LoginProblem::Credentials),
        ),
        (
            Forced::MissingKey,
            ReadErrorKind::Login(LoginProblem::Credentials),
        ),
        (Forced::Blocked, ReadErrorKind::Login(LoginProblem::Blocked)),
        (
            Forced::NoServer,
            ReadErrorKind::Login(LoginProblem::Blocked),
        ),
        (Forced::Banned, ReadErrorKind::Login(LoginProblem::Closed)),
        (Forced::Maintenance(200), ReadErrorKind::Maintenance),
        (Forced::Maintenance(503), ReadErrorKind::Maintenance),
        (Forced::NoStatus, ReadErrorKind::Malformed),
        (Forced::NoData, ReadErrorKind::Malformed),
        (Forced::Empty, ReadErrorKind::Malformed),
        (Forced::Huge(70 << 20), ReadErrorKind::Malformed),
        (Forced::Code("GENERIC".to_owned()), ReadErrorKind::Refused),
    ];
    for (forced, expected) in cases {
        let world = three();
        world.service(|service| service.force("main", forced.clone()));
        let error = world.client.list(false).await.unwrap_err();
        assert_eq!(error.kind, expected, "{forced:?}: {error}");
        assert!(!error.message.contains(KEY), "{error}");
    }
    let world = three();
    let wrong = client(&world.net, "wrong").user().await.unwrap_err();
    assert_eq!(wrong.kind, ReadErrorKind::Login(LoginProblem::Credentials));
}

#[tokio::test(start_paused = true)]
async fn repeats_readings_that_failed_in_passing() {
    let faults = [
        Fault::Empty503,
        Fault::Html502,
        Fault::Html200,
        Fault::TruncatedJson,
        Fault::Torn(5),
        Fault::CloseBefore,
        Fault::Status(429, String::new()),
        Fault::Status(500, "oops".to_owned()),
    ];
    for fault in faults {
        let world = three();
        world.faults.next(3, "magnet/status", fault.clone());
        let begin = Instant::now();
        assert_eq!(
            classes(&world.client.list(false).await.unwrap()),
            THREE,
            "{fault:?}"
        );
        let waited = begin.elapsed();
        // 1, 2 and 4 s, each with up to half of it on top.
        let expected = Duration::from_secs(7)..Duration::from_millis(11_300);
        assert!(expected.contains(&waited), "{fault:?}: {waited:?}");
        world.faults.next(4, "magnet/status", fault.clone());
        assert!(world.client.list(false).await.is_err(), "{fault:?}");
        assert_eq!(world.log.count("status"), 8, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn bounds_what_waiting_costs() {
    let world = three();
    world.faults.always("magnet/status", Fault::Silence);
    let begin = Instant::now();
    assert_eq!(
        world.client.list(false).await.unwrap_err().kind,
        ReadErrorKind::Unreachable
    );
    assert!(
        begin.elapsed() < Duration::from_secs(65),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(world.log.count("status"), 2);
}

#[tokio::test(start_paused = true)]
async fn waits_as_long_as_it_is_told_or_leaves_it_to_the_caller() {
    for (asked, calls) in [(5, 4), (30, 4), (31, 1), (7200, 1)] {
        let world = three();
        world.service(|service| {
            service.limiter.windows = vec![(0, 1_000)];
            service.limiter.body = ThrottleBody::Empty;
            service.limiter.retry_after_seconds = Some(asked);
        });
        let begin = Instant::now();
        let error = world.client.list(false).await.unwrap_err();
        let retry_after = Some(Duration::from_secs(asked));
        assert_eq!(error.kind, ReadErrorKind::Throttled { retry_after });
        assert_eq!(world.log.count("status"), calls, "{asked}");
        assert!(
            begin.elapsed() >= Duration::from_secs(asked) * (calls as u32 - 1),
            "{asked}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn many_calls_are_never_throttled() {
    let world = three();
    for _ in 0..400 {
        world.client.user().await.unwrap();
    }
    assert_eq!(world.service(|service| service.limiter.refusals), 0);
}

#[tokio::test(start_paused = true)]
async fn sends_the_key_only_where_it_belongs() {
    let (raw, client) = raw_client();
    raw.then(
        200,
        r#"{"status":"success","data":{"user":{"isPremium":true,"premiumUntil":"1700000000"}}}"#,
    );
    let user = client.user().await.unwrap();
    assert_eq!(
        user,
        User {
            is_premium: Some(true),
            premium_until: Some(1_700_000_000)
        }
    );
    assert_eq!(
        raw.last_header("authorization"),
        Some(format!("Bearer {KEY}"))
    );
    raw.then(
        200,
        format!(r#"{{"status":"error","error":{{"code":"X","message":"your key {KEY}"}}}}"#),
    );
    let error = client.by_id(&id(7)).await.unwrap_err();
    assert_eq!(error.message, "the magnet: X (your key …)");
    let expected = [
        "GET http://h:1/base/v4/user",
        "POST http://h:1/base/v4.1/magnet/status id=7",
    ];
    assert_eq!(raw.requests(), expected);
}

#[tokio::test(start_paused = true)]
async fn uploads_and_finds_again_what_is_there() {
    let hash = "0123456789abcdef0123456789abcdef01234567";
    let world = World::new([]);
    world.service(|service| {
        let torrent = Torrent {
            name: "Found".to_owned(),
            size: 9,
            is_private: false,
            outcome: Outcome::Cached,
            restarts: Default::default(),
            file: None,
        };
        service.know(hash, torrent);
    });
    let first = world.client.upload(hash).await.unwrap();
    assert_eq!((first.name.as_str(), first.ready), ("Found", true));
    let new = first.id.clone().unwrap();
    assert_eq!(
        world.client.by_id(&new).await.unwrap().class(),
        MagnetClass::Ready
    );
    assert_eq!(world.client.upload(hash).await.unwrap().id, Some(new));
    world.service(|service| service.switches.existing_id = ExistingId::Zero);
    assert_eq!(world.client.upload(hash).await.unwrap().id, None);
    let refused = world.client.upload("not a hash").await.unwrap_err();
    assert_eq!(refused.kind, ReadErrorKind::Refused);
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_is_tried_again() {
    let (raw, client) = raw_client();
    let refused = || TransportError::NotSent("refused".to_owned());
    raw.then_fail(refused())
        .then_fail(refused())
        .then(200, r#"{"status":"success","data":{"magnets":[]}}"#);
    assert!(client.list(false).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn refuses_more_magnets_than_any_account_has() {
    let (raw, client) = raw_client();
    let rows = vec![r#"{"id":1}"#; MOST_MAGNETS].join(",");
    let answer = |rows: &str| format!(r#"{{"status":"success","data":{{"magnets":[{rows}]}}}}"#);
    raw.then(200, answer(&rows));
    assert_eq!(client.list(false).await.unwrap().magnets.len(), 1);
    raw.then(200, answer(&format!("{rows},{{}}")));
    let error = client.list(false).await.unwrap_err();
    assert_eq!(error.kind, ReadErrorKind::Malformed);
    assert!(
        error.message.contains("more than 100000 entries"),
        "{error}"
    );
    assert_eq!(raw.left(), 0);
}
