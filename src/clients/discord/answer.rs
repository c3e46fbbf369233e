//! What Discord's answers mean.

use super::Posted;
use crate::clients::lenient::float_of;
use crate::clients::said::Secrets;
use serde_json::Value;
use std::fmt::Write;
use std::time::Duration;

/// When a 429 does not say how long.
const DEFAULT_WAIT: Duration = Duration::from_secs(10);
/// The longest wait that is believed.
const LONGEST_WAIT_S: f64 = 3600.0;
/// Wrong fields named in a message.
const SHOWN_FIELDS: usize = 3;

/// The answer to a message.
pub(super) fn read_posted(
    status: u16,
    retry_after: Option<&str>,
    body: &[u8],
    secrets: &Secrets,
) -> Posted {
    let told: Value = serde_json::from_slice(body).unwrap_or_default();
    match status {
        204 => Posted::Ok,
        // Portals and proxies answer everything with 200: only the message itself proves that it was kept.
        200 if body.is_empty() || told.get("id").is_some() => Posted::Ok,
        200 => Posted::TryLater("HTTP 200, but the answer is not Discord's".to_owned()),
        429 => Posted::RetryAfter(wait(retry_after, &told)),
        401 | 403 | 404 => match told.get("code").and_then(Value::as_i64) {
            // Refused for what it says, by the server's own rules (or the thread's).
            Some(200_000..=200_001 | 240_000) => {
                Posted::RefusedForGood(explain(status, &told, secrets))
            }
            _ => Posted::RemovedForGood,
        },
        // Proxies and portals on the way refuse anything, for a while; whoever read the message says so in JSON.
        400..=499 if status != 408 && told.is_object() => {
            Posted::RefusedForGood(explain(status, &told, secrets))
        }
        _ => Posted::TryLater(explain(status, &told, secrets)),
    }
}

/// The answer to a look at the webhook: only the webhook itself is proof that it is there.
pub(super) fn read_checked(
    status: u16,
    retry_after: Option<&str>,
    body: &[u8],
    secrets: &Secrets,
) -> Posted {
    if !matches!(status, 200 | 204) {
        return read_posted(status, retry_after, body, secrets);
    }
    let told: Value = serde_json::from_slice(body).unwrap_or_default();
    match told.get("id") {
        Some(_) => Posted::Ok,
        None => Posted::RefusedForGood("the answer is not Discord's".to_owned()),
    }
}

/// The header first: a 429 of the guards before Discord has no JSON.
fn wait(header: Option<&str>, told: &Value) -> Duration {
    let by_header = header.and_then(|text| text.trim().parse::<f64>().ok());
    let seconds = by_header.or_else(|| told.get("retry_after").and_then(float_of));
    match seconds.filter(|s| s.is_finite()) {
        Some(seconds) => Duration::from_secs_f64(seconds.clamp(0.0, LONGEST_WAIT_S)),
        None => DEFAULT_WAIT,
    }
}

fn explain(status: u16, told: &Value, secrets: &Secrets) -> String {
    let mut text = format!("HTTP {status}");
    let message = told
        .get("message")
        .and_then(Value::as_str)
        .map(|text| secrets.clean(text))
        .unwrap_or_default();
    if !message.is_empty() {
        let _ = write!(text, ", {message}");
    }
    if let Some(code) = told.get("code").and_then(Value::as_i64) {
        let _ = write!(text, " (code {code})");
    }
    let mut fields = Vec::new();
    if let Some(errors) = told.get("errors") {
        wrong_fields(errors, &mut String::new(), &mut fields, 8);
    }
    if !fields.is_empty() {
        let _ = write!(text, " at {}", secrets.clean(&fields.join(", ")));
    }
    text
}

/// Paths of the fields that were refused, out of a tree whose leaves are `_errors`.
fn wrong_fields(errors: &Value, path: &mut String, found: &mut Vec<String>, depth: usize) {
    let Some(members) = errors.as_object().filter(|_| depth > 0) else {
        return;
    };
    for (name, below) in members {
        if found.len() == SHOWN_FIELDS {
            return;
        }
        if name == "_errors" {
            found.push(path.clone());
            continue;
        }
        let length = path.len();
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(name);
        wrong_fields(below, path, found, depth - 1);
        path.truncate(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, header: Option<&str>, body: &str, expected: Posted) {
        assert_eq!(
            read_posted(status, header, body.as_bytes(), &Secrets::default()),
            expected
        );
    }

    #[test]
    fn tells_what_to_do_next() {
        check(204, None, "", Posted::Ok);
        check(200, None, r#"{"id":"1"}"#, Posted::Ok);
        for other in ["<html>Log in</html>", r#"{"id":"1","#, "{}"] {
            let no_proof = Posted::TryLater("HTTP 200, but the answer is not Discord's".to_owned());
            check(200, None, other, no_proof);
        }
        check(
            404,
            None,
            r#"{"code":10015,"message":"Unknown Webhook"}"#,
            Posted::RemovedForGood,
        );
        check(401, None, r#"{"code":50027}"#, Posted::RemovedForGood);
        check(403, None, "<html>", Posted::RemovedForGood);
        check(502, None, "<html>", Posted::TryLater("HTTP 502".to_owned()));
        check(302, None, "", Posted::TryLater("HTTP 302".to_owned()));
        for status in [400, 405, 407, 413, 451] {
            for page in ["<html>", "", "no"] {
                let text = format!("HTTP {status}");
                check(status, None, page, Posted::TryLater(text));
            }
        }
        check(
            413,
            None,
            r#"{"code":40005,"message":"Request entity too large"}"#,
            Posted::RefusedForGood("HTTP 413, Request entity too large (code 40005)".to_owned()),
        );
        check(
            403,
            None,
            r#"{"code":200000,"message":"Blocked"}"#,
            Posted::RefusedForGood("HTTP 403, Blocked (code 200000)".to_owned()),
        );
        check(
            400,
            None,
            r#"{"code":50035,"message":"Invalid Form Body","errors":{"embeds":{"0":{"title":{"_errors":[{}]}}}}}"#,
            Posted::RefusedForGood(
                "HTTP 400, Invalid Form Body (code 50035) at embeds.0.title".to_owned(),
            ),
        );
    }

    #[test]
    fn waits_as_long_as_it_is_told() {
        let after = |seconds| Posted::RetryAfter(Duration::from_secs_f64(seconds));
        check(429, Some("3"), r#"{"retry_after":9.5}"#, after(3.0));
        check(
            429,
            None,
            r#"{"retry_after":0.5,"global":true}"#,
            after(0.5),
        );
        check(429, None, "<html>", after(10.0));
        check(429, Some("soon"), "", after(10.0));
        check(429, Some("999999999"), "", after(3600.0));
        check(429, Some("-1"), "", after(0.0));
        check(429, Some("nan"), r#"{"retry_after":2}"#, after(10.0));
    }

    #[test]
    fn believes_only_a_webhook_to_be_one() {
        let none = Secrets::default();
        assert_eq!(
            read_checked(200, None, br#"{"id":"1","token":"x"}"#, &none),
            Posted::Ok
        );
        let page = read_checked(200, None, b"<html>", &none);
        assert!(matches!(page, Posted::RefusedForGood(_)));
        assert_eq!(read_checked(404, None, b"", &none), Posted::RemovedForGood);
    }
}
