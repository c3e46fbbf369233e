//! Login, sessions and refusals by version.

use super::super::testing::Client;
use super::super::*;
use super::*;
use http::Request;

const RIGHT: &str = "username=admin&password=adminadmin";
const WRONG: &str = "username=admin&password=no";

/// Status and body of a good login and of a bad one, and the cookie's name.
fn check(eras: &[Era], good: (u16, &str), bad: (u16, &str), cookie: &str) {
    for era in eras {
        let mut client = Client::new(*era);
        assert_eq!(client.get("app/version").0, 403, "{era:?}");
        assert_eq!(
            client.post("auth/login", WRONG),
            (bad.0, bad.1.to_owned()),
            "{era:?}"
        );
        assert_eq!(client.cookie, None);
        assert_eq!(
            client.post("auth/login", RIGHT),
            (good.0, good.1.to_owned()),
            "{era:?}"
        );
        assert!(
            client
                .cookie
                .as_ref()
                .unwrap()
                .starts_with(&format!("{cookie}=")),
            "{era:?}"
        );
        assert_eq!(client.get("app/version"), (200, era.version().to_owned()));
        // With a live session any password is good.
        assert_eq!(client.post("auth/login", WRONG).0, good.0);
        assert_eq!(client.post("auth/logout", "").0, 200);
        assert_eq!(client.get("app/version").0, 403, "{era:?}");
    }
}

#[test]
fn login_answers_by_version() {
    let old = [Era::V4_2_5, Era::V4_5_2, Era::V4_6, Era::V5_0, Era::V5_1];
    check(&old, (200, "Ok."), (200, "Fails."), "SID");
    check(
        &[Era::V5_2, Era::V5_3],
        (204, ""),
        (401, "Unauthorized"),
        "QBT_SID_8080",
    );
}

#[test]
fn the_attempt_after_five_failures_is_banned_even_with_the_right_password() {
    for era in Era::ALL {
        let mut client = Client::new(era);
        for _ in 0..5 {
            assert_ne!(client.post("auth/login", WRONG).0, 403);
        }
        assert_eq!(
            client.post("auth/login", RIGHT),
            (403, BANNED.to_owned()),
            "{era:?}"
        );
        client.wait(3_600_000);
        assert_ne!(client.post("auth/login", RIGHT).0, 403, "{era:?}");
    }
}

#[test]
fn a_good_login_forgives_failures() {
    let mut client = Client::new(Era::V5_1);
    for _ in 0..4 {
        client.post("auth/login", WRONG);
    }
    client.post("auth/login", RIGHT);
    client.cookie = None;
    client.post("auth/login", WRONG);
    assert_eq!(client.post("auth/login", RIGHT), (200, "Ok.".to_owned()));
}

#[test]
fn sessions_keep_working_during_a_ban() {
    let mut client = Client::logged_in(Era::V5_3);
    let cookie = client.cookie.take();
    for _ in 0..6 {
        client.post("auth/login", WRONG);
    }
    client.cookie = cookie;
    assert_eq!(client.get("app/version").0, 200);
}

#[test]
fn unused_sessions_end() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        for _ in 0..3 {
            client.wait(3_600_000);
            assert_eq!(client.get("app/version").0, 200, "{era:?}");
        }
        client.wait(3_601_000);
        let empty = if era == Era::V4_2_5 { "" } else { "Forbidden" };
        assert_eq!(
            client.get("app/version"),
            (403, empty.to_owned()),
            "{era:?}"
        );
    }
}

#[test]
fn the_newest_version_keeps_fifteen_sessions() {
    for (era, survives) in [(Era::V5_2, true), (Era::V5_3, false)] {
        let mut client = Client::logged_in(era);
        let first = client.cookie.clone();
        for _ in 0..16 {
            client.cookie = None;
            client.wait(1_000);
            client.post("auth/login", RIGHT);
        }
        client.cookie = first;
        assert_eq!(client.get("app/version").0 == 200, survives, "{era:?}");
        if !survives {
            assert_eq!(client.server.session_count(), 15);
        }
    }
}

/// The status of a request with one header more.
fn with(client: &mut Client, name: &str, value: &str) -> u16 {
    let request = Request::get("/api/v2/app/version")
        .header("host", "127.0.0.1:8080")
        .header(name, value);
    client
        .send(request.body(Bytes::new()).unwrap())
        .status()
        .as_u16()
}

#[test]
fn requests_from_other_pages_and_for_other_ports_are_refused() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        assert_eq!(
            with(&mut client, "origin", "http://evil.example"),
            401,
            "{era:?}"
        );
        assert_eq!(
            with(&mut client, "referer", "http://127.0.0.1:8080/x"),
            200,
            "{era:?}"
        );
        client.server.settings.checks_host = true;
        assert_eq!(with(&mut client, "x-nothing", "1"), 200);
        client.server.settings.webui_port = 9090;
        assert_eq!(with(&mut client, "x-nothing", "1"), 401, "{era:?}");
    }
}

#[test]
fn basic_and_keys_work_from_5_2_on() {
    for era in Era::ALL {
        let mut client = Client::new(era);
        client.server.settings.api_key = Some("qbt_k".to_owned());
        let expected = if era >= Era::V5_2 {
            [200, 401, 200, 403]
        } else {
            [403; 4]
        };
        let right = format!("Basic {}", base64(b"admin:adminadmin"));
        let values = [
            right.as_str(),
            "Basic bm86bm8=",
            "Bearer qbt_k",
            "Bearer qbt_x",
        ];
        for (value, status) in values.into_iter().zip(expected) {
            client.cookie = None;
            assert_eq!(
                with(&mut client, "authorization", value),
                status,
                "{era:?} {value}"
            );
        }
    }
}

#[test]
fn a_key_has_one_session_and_no_business_with_logins() {
    let mut client = Client::logged_in(Era::V5_3);
    let (_, body) = client.post("app/rotateAPIKey", "");
    let key = body.split('"').nth(3).unwrap().to_owned();
    client.cookie = None;
    client.wait(10_000_000);
    for path in ["app/version", "sync/maindata", "auth/login"] {
        let request = Request::get(format!("/api/v2/{path}"))
            .header("authorization", format!("Bearer {key}"));
        let status = client
            .send(request.body(Bytes::new()).unwrap())
            .status()
            .as_u16();
        assert_eq!(
            status,
            if path == "auth/login" { 403 } else { 200 },
            "{path}"
        );
        client.wait(10_000_000);
    }
    assert_eq!(client.server.session_count(), 1);
}

#[test]
fn with_bypass_each_request_without_cookie_gets_a_session() {
    let mut client = Client::new(Era::V4_5_2);
    client.server.settings.bypasses_auth = true;
    for sessions in 1..4 {
        client.cookie = None;
        assert_eq!(client.get("app/version").0, 200);
        assert_eq!(client.server.session_count(), sessions);
    }
    assert_eq!(client.post("auth/login", WRONG), (200, "Ok.".to_owned()));
    assert_eq!(client.server.session_count(), 3);
}

#[test]
fn base64_pads() {
    assert_eq!(
        ["", "f", "fo", "foo"].map(|text| base64(text.as_bytes())),
        ["", "Zg==", "Zm8=", "Zm9v"]
    );
}
