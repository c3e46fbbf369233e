//! Envelopes and codes.

use super::*;
use crate::clients::LoginProblem::{Blocked, Closed, Credentials};

#[track_caller]
fn check(status: u16, body: &str, expected: ReadErrorKind) {
    match open(status, body.as_bytes()) {
        Ok(success) => panic!("{status} {body}: {success:?}"),
        Err(failure) => assert_eq!(failure.kind(), expected, "{status} {body}"),
    }
}

fn error(code: &str) -> String {
    format!(r#"{{"status":"error","error":{{"code":{code},"message":"m","token":"t"}}}}"#)
}

#[test]
fn believes_the_envelope_before_the_status() {
    let unreachable = ReadErrorKind::Unreachable;
    let throttled = ReadErrorKind::Throttled { retry_after: None };
    for status in [200, 400, 401, 403, 500, 503] {
        check(
            status,
            &error(r#""AUTH_BAD_APIKEY""#),
            ReadErrorKind::Login(Credentials),
        );
        check(
            status,
            &error(r#""MAINTENANCE""#),
            ReadErrorKind::Maintenance,
        );
    }
    for body in [
        "",
        "<html>",
        r#"{"status":"success","data":{}}"#,
        "[]",
        r#"{"data":{}}"#,
    ] {
        check(429, body, throttled);
        check(503, body, unreachable);
        check(500, body, unreachable);
        check(404, body, ReadErrorKind::Malformed);
        check(302, body, ReadErrorKind::Malformed);
    }
    for body in [
        "",
        "<html>",
        "null",
        "{}",
        "[]",
        r#"{"status":"success""#,
        r#"{"status":7}"#,
    ] {
        check(200, body, ReadErrorKind::Malformed);
    }
    let success = open(
        200,
        br#"{"status":"success","deprecated":true,"data":{"a":1},"demo":"true"}"#,
    );
    let expected = Success {
        data: serde_json::json!({ "a": 1 }),
        deprecated: true,
    };
    assert_eq!(success, Ok(expected));
    assert_eq!(
        open(200, br#"{"status":"success"}"#).map(|s| s.data),
        Ok(Value::Null)
    );
}

#[test]
fn sorts_codes_by_whom_they_concern() {
    let cases = [
        ("AUTH_MISSING_APIKEY", ReadErrorKind::Login(Credentials)),
        ("AUTH_BLOCKED", ReadErrorKind::Login(Blocked)),
        ("NO_SERVER", ReadErrorKind::Login(Blocked)),
        ("AUTH_USER_BANNED", ReadErrorKind::Login(Closed)),
        ("ACCOUNT_INVALID", ReadErrorKind::Login(Closed)),
        ("404", ReadErrorKind::Malformed),
        ("DISCONTINUED", ReadErrorKind::Malformed),
        ("MAGNET_INVALID_ID", ReadErrorKind::Gone),
        ("MUST_BE_PREMIUM", ReadErrorKind::Refused),
        ("GENERIC", ReadErrorKind::Refused),
        ("SOMETHING_NEW", ReadErrorKind::Refused),
    ];
    for (code, expected) in cases {
        check(200, &error(&format!("\"{code}\"")), expected);
    }
    check(404, &error("404"), ReadErrorKind::Malformed);
    check(200, r#"{"status":"error"}"#, ReadErrorKind::Refused);
    check(
        200,
        r#"{"status":"error","error":"x"}"#,
        ReadErrorKind::Refused,
    );
}

#[test]
fn tells_errors_in_one_plain_line() {
    let body = r#"{"status":"error","error":{"code":"AUTH_BLOCKED","message":"Approve <a href='x'>here</a>\n\u001b[1m!","token":"secret"}}"#;
    let text = open(200, body.as_bytes())
        .unwrap_err()
        .text(&Secrets::default());
    assert!(
        text.starts_with("AUTH_BLOCKED (Approve here [1m!); AllDebrid refuses"),
        "{text}"
    );
    assert!(!text.contains("secret"), "{text}");
}
