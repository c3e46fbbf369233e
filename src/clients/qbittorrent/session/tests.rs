//! Logins, refusals and renewals over the model of every version, and over prepared answers.

use super::super::{FieldSet, testing::*};
use super::*;
use crate::clients::ActionOutcome;
use crate::core::model::Library;
use crate::ports::TransportError;
use crate::support::raw::RawTransport;
use LoginProblem::{Address, Credentials};
use seedwarden_sim::faults::Fault;
use seedwarden_sim::qbittorrent::{Era, TorrentSpec};

async fn kind(client: &Qbittorrent) -> Option<ReadErrorKind> {
    refresh(client, &mut Library::default())
        .await
        .err()
        .map(|error| error.kind)
}

#[tokio::test(start_paused = true)]
async fn logs_in_once_on_every_version() {
    for era in Era::ALL {
        let world = World::new(era);
        let item = world.add(TorrentSpec::new("a"));
        let client = world.client();
        let mut library = Library::default();
        for _ in 0..3 {
            refresh(&client, &mut library).await.unwrap();
            client.trackers(&item).await.unwrap();
            assert!(client.recheck(&item).await.is_done());
        }
        assert_eq!(world.log.count("auth/login"), 1, "{era:?}");
        assert_eq!(world.log.count("app/webapiVersion"), 1, "{era:?}");
        assert_eq!(world.server(|server| server.session_count()), 1, "{era:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn tries_a_wrong_password_once_per_reading() {
    for era in Era::ALL {
        let world = World::new(era);
        let item = world.add(TorrentSpec::new("a"));
        let client = world.client_with(password("wrong"));
        assert_eq!(
            kind(&client).await,
            Some(ReadErrorKind::Login(Credentials)),
            "{era:?}"
        );
        let outcome = client.delete(&item, true).await;
        assert!(matches!(outcome, ActionOutcome::NotSent(_)), "{outcome:?}");
        assert!(client.trackers(&item).await.is_err());
        assert_eq!(world.log.count("auth/login"), 1, "{era:?}");
        assert!(client.version().await.is_err());
        assert_eq!(world.log.count("auth/login"), 2, "{era:?}");
        // A right one, set by the owner, is not held against it.
        world.server(|server| server.settings.password = "wrong".to_owned());
        assert_eq!(kind(&client).await, None, "{era:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn tells_a_ban_from_a_wrong_password() {
    for era in Era::ALL {
        let world = World::new(era).set(|settings| settings.max_failures = 2);
        let client = world.client_with(password("wrong"));
        for _ in 0..2 {
            assert_eq!(
                kind(&client).await,
                Some(ReadErrorKind::Login(Credentials)),
                "{era:?}"
            );
        }
        assert_eq!(kind(&client).await, Some(ReadErrorKind::Banned), "{era:?}");
        assert_eq!(
            kind(&world.client()).await,
            Some(ReadErrorKind::Banned),
            "{era:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn tells_a_refused_address_from_a_wrong_password() {
    for era in Era::ALL {
        let world = World::new(era).set(|settings| {
            settings.webui_port = 9090;
            settings.checks_host = true;
        });
        assert_eq!(
            kind(&world.client()).await,
            Some(ReadErrorKind::Login(Address)),
            "{era:?}"
        );
        let error = world.client().version().await.unwrap_err();
        assert!(error.message.contains("port"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn renews_an_expired_session_once_and_repeats_the_call() {
    for era in Era::ALL {
        let world = World::new(era);
        let item = world.add(TorrentSpec::new("a"));
        let client = world.client();
        let mut library = Library::default();
        refresh(&client, &mut library).await.unwrap();
        world.server(|server| server.expire_sessions());
        assert!(client.delete(&item, false).await.is_done(), "{era:?}");
        assert_eq!(world.server(|server| server.torrents().len()), 0, "{era:?}");
        world.server(|server| server.expire_sessions());
        let got = refresh(&client, &mut library).await.unwrap();
        assert!(got.full && library.torrents.is_empty(), "{era:?}");
        assert_eq!(world.log.count("auth/login"), 3, "{era:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn gives_up_after_one_renewal() {
    let (raw, client) = raw_client("2.11.4");
    raw.then(200, "[]");
    client.trackers(&HASH.into()).await.unwrap();
    raw.then(403, "Forbidden")
        .then(200, "Ok.")
        .then(200, "2.11.4")
        .then(403, "Forbidden");
    let error = client.trackers(&HASH.into()).await.unwrap_err();
    assert_eq!(error.kind, ReadErrorKind::Refused);
    assert_eq!(raw.left(), 0);
    // A session that was opened for this very call is not renewed.
    let (raw, client) = raw_client("2.11.4");
    raw.then(403, "Forbidden");
    assert!(client.trackers(&HASH.into()).await.is_err());
    assert_eq!(raw.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn uses_an_api_key_without_any_login() {
    for era in [Era::V5_2, Era::V5_3] {
        let world = World::new(era).set(|settings| settings.api_key = Some("qbt_k".to_owned()));
        let item = world.add(TorrentSpec::new("a"));
        let client = world.client_with(api_key("qbt_k"));
        let mut library = Library::default();
        assert!(refresh(&client, &mut library).await.unwrap().full);
        assert!(
            !refresh(&client, &mut library).await.unwrap().full,
            "{era:?}"
        );
        assert!(client.stop(&item).await.is_done());
        assert_eq!(world.log.count("auth/"), 0);
        let wrong = world.client_with(api_key("qbt_other"));
        assert_eq!(kind(&wrong).await, Some(ReadErrorKind::Login(Credentials)));
    }
    let old = World::new(Era::V5_1).client_with(api_key("qbt_k"));
    assert_eq!(kind(&old).await, Some(ReadErrorKind::Login(Credentials)));
}

#[tokio::test(start_paused = true)]
async fn keeps_one_session_where_the_login_is_switched_off() {
    for era in Era::ALL {
        let world = World::new(era).set(|settings| settings.bypasses_auth = true);
        let client = world.client_with(password("any"));
        let mut library = Library::default();
        assert!(refresh(&client, &mut library).await.unwrap().full);
        assert!(
            !refresh(&client, &mut library).await.unwrap().full,
            "{era:?}"
        );
        assert!(
            world.server(|server| server.session_count()) <= 2,
            "{era:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn understands_answers_to_a_login() {
    #[track_caller]
    fn check(found: Option<ReadErrorKind>, expected: Option<ReadErrorKind>, what: &str) {
        assert_eq!(found, expected, "{what}");
    }
    let list = r#"{"rid":1,"full_update":true}"#;
    for (status, body) in [
        (200, "Ok."),
        (200, ""),
        (204, ""),
        (200, "Ok.\n"),
        (200, "Welcome"),
    ] {
        let raw = RawTransport::default();
        raw.then(status, body).then(200, "2.11.4").then(200, list);
        check(kind(&raw_login(&raw, password("pw"))).await, None, body);
    }
    let refused = [
        (200, "Fails.", ReadErrorKind::Login(Credentials)),
        (
            403,
            "Your IP address has been banned",
            ReadErrorKind::Banned,
        ),
        (200, "<html>Log in</html>", ReadErrorKind::Malformed),
        (302, "", ReadErrorKind::Malformed),
        (404, "", ReadErrorKind::Malformed),
        (502, "<html>", ReadErrorKind::Unreachable),
        (429, "", ReadErrorKind::Throttled { retry_after: None }),
    ];
    for (status, body, expected) in refused {
        let raw = RawTransport::default();
        raw.then(status, body);
        check(
            kind(&raw_login(&raw, password("pw"))).await,
            Some(expected),
            body,
        );
        assert_eq!(raw.left(), 0);
    }
    let raw = RawTransport::default();
    raw.then(401, "Unauthorized").then(403, "Forbidden");
    check(
        kind(&raw_login(&raw, password("pw"))).await,
        Some(ReadErrorKind::Login(Credentials)),
        "401",
    );
    let raw = RawTransport::default();
    raw.then(401, "Unauthorized").then(401, "Unauthorized");
    check(
        kind(&raw_login(&raw, password("pw"))).await,
        Some(ReadErrorKind::Login(Address)),
        "401, 401",
    );
}

#[tokio::test(start_paused = true)]
async fn never_repeats_a_login_whose_answer_was_lost() {
    let raw = RawTransport::default();
    raw.then_fail(TransportError::Lost("reset".to_owned()));
    assert_eq!(
        kind(&raw_login(&raw, password("pw"))).await,
        Some(ReadErrorKind::Unreachable)
    );
    assert_eq!(raw.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn sends_cookies_back_verbatim_and_nothing_that_betrays_another_origin() {
    let raw = RawTransport::default();
    raw.then_with(
        204,
        "set-cookie",
        "QBT_SID_8080=a/+b=; HttpOnly; SameSite=Lax; path=/",
        "",
    )
    .then(200, "2.15.1")
    .then_with(200, "set-cookie", "QBT_SID_8080=new==; path=/", "[]")
    .then(200, "[]");
    let client = raw_login(&raw, password("p&w"));
    client.trackers(&HASH.into()).await.unwrap();
    assert_eq!(
        raw.last_header("cookie").as_deref(),
        Some("QBT_SID_8080=a/+b=")
    );
    client.trackers(&HASH.into()).await.unwrap();
    assert_eq!(
        raw.last_header("cookie").as_deref(),
        Some("QBT_SID_8080=new==")
    );
    for name in ["host", "origin", "referer"] {
        assert_eq!(raw.last_header(name), None);
    }
    let requests = raw.requests();
    assert_eq!(
        requests[0],
        "POST http://h:1/base/api/v2/auth/login username=admin&password=p&w"
    );
    assert_eq!(
        requests[2],
        format!("GET http://h:1/base/api/v2/torrents/trackers?hash={HASH}")
    );
}

#[tokio::test(start_paused = true)]
async fn repeats_readings_once_on_a_closed_connection_but_no_actions() {
    let world = World::new(Era::V5_1);
    let item = world.add(TorrentSpec::new("a"));
    let client = world.client();
    client.version().await.unwrap();
    for call in [
        "torrents/trackers",
        "torrents/info",
        "sync/maindata",
        "torrents/delete",
    ] {
        world.faults.next(1, call, Fault::CloseBefore);
    }
    client.trackers(&item).await.unwrap();
    assert_eq!(
        client
            .info(std::slice::from_ref(&item), &FieldSet::none())
            .await
            .unwrap()
            .len(),
        1
    );
    refresh(&client, &mut Library::default()).await.unwrap();
    let outcome = client.delete(&item, true).await;
    assert!(matches!(outcome, ActionOutcome::Unknown(_)), "{outcome:?}");
    assert_eq!(world.log.count("torrents/delete"), 1);
    world
        .faults
        .next(2, "torrents/trackers", Fault::CloseBefore);
    assert_eq!(
        client.trackers(&item).await.unwrap_err().kind,
        ReadErrorKind::Unreachable
    );
}

#[tokio::test(start_paused = true)]
async fn asks_for_the_version_again_after_it_could_not_be_read() {
    let world = World::new(Era::V4_5_2);
    let client = world.client();
    world.faults.next(1, "webapiVersion", Fault::Html502);
    assert_eq!(kind(&client).await, Some(ReadErrorKind::Unreachable));
    let mut library = Library::default();
    refresh(&client, &mut library).await.unwrap();
    assert_eq!(library.api, ApiVersion(2, 8, 19));
    assert_eq!(world.log.count("auth/login"), 1);
}

#[test]
fn calls_can_run_on_any_thread() {
    fn is_send<T: Send>(_: &T) {}
    let (_, client) = raw_client("2.0");
    let mut library = Library::default();
    is_send(&refresh(&client, &mut library));
    is_send(&client.version());
}
