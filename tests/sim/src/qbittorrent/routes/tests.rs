//! The HTTP layer: methods, bodies, missing parameters, unknown endpoints, gzip.

use super::super::testing::{Client, START};
use super::super::*;
use bytes::Bytes;
use http::Request;

/// Status and body of a request in 4.2.5, 4.5.2, 5.1 and 5.3.
fn check(method: &str, path: &str, body: Option<(&str, &str)>, expected: [(u16, &str); 4]) {
    let eras = [Era::V4_2_5, Era::V4_5_2, Era::V5_1, Era::V5_3];
    for (era, expected) in eras.into_iter().zip(expected) {
        let mut client = Client::logged_in(era);
        let mut request = Request::builder().method(method).uri(path);
        if let Some((kind, _)) = body.filter(|(kind, _)| !kind.is_empty()) {
            request = request.header("content-type", kind);
        }
        let body = Bytes::copy_from_slice(body.map_or("", |(_, body)| body).as_bytes());
        let reply = client.send(request.body(body).unwrap());
        let found = (
            reply.status().as_u16(),
            String::from_utf8_lossy(reply.body()).into_owned(),
        );
        assert_eq!(
            found,
            (expected.0, expected.1.to_owned()),
            "{era:?} {method} {path}"
        );
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
const BAD: (u16, &str) = (400, "Bad Request");
const NOT_FOUND: (u16, &str) = (404, "Not Found");

#[test]
fn actions_take_post_only_from_4_5_on() {
    let method = (405, "Method Not Allowed");
    check(
        "GET",
        "/api/v2/torrents/recheck?hashes=zz",
        None,
        [(200, ""), method, method, method],
    );
    check(
        "HEAD",
        "/api/v2/app/version",
        None,
        [(200, ""), (405, ""), (200, ""), (200, "")],
    );
    check(
        "PUT",
        "/api/v2/torrents/info",
        None,
        [(400, ""), (400, ""), (501, ""), (501, "")],
    );
}

#[test]
fn bodies_must_be_forms_and_the_query_of_a_post_is_ignored() {
    check(
        "POST",
        "/api/v2/torrents/recheck",
        Some(("application/json", "{}")),
        [(400, ""); 4],
    );
    check(
        "POST",
        "/api/v2/torrents/recheck",
        Some(("", "hashes=zz")),
        [(400, ""); 4],
    );
    check(
        "POST",
        "/api/v2/torrents/recheck",
        Some((FORM, "hashes=zz")),
        [(200, ""); 4],
    );
    let missing = (400, "Missing required parameters: hashes");
    check(
        "POST",
        "/api/v2/torrents/recheck?hashes=zz",
        None,
        [(400, ""), BAD, BAD, missing],
    );
}

#[test]
fn chunked_bodies_are_refused() {
    let mut client = Client::logged_in(Era::V5_1);
    let request = Request::post("/api/v2/torrents/recheck")
        .header("content-type", FORM)
        .header("transfer-encoding", "chunked");
    assert_eq!(
        client
            .send(request.body("hashes=zz".into()).unwrap())
            .status(),
        400
    );
}

#[test]
fn missing_parameters_are_named_from_5_2_on() {
    let missing = (400, "Missing required parameters: deleteFiles");
    check(
        "POST",
        "/api/v2/torrents/delete",
        Some((FORM, "hashes=zz")),
        [(400, ""), BAD, BAD, missing],
    );
    let missing = (400, "Missing required parameters: hash");
    check(
        "GET",
        "/api/v2/torrents/properties",
        None,
        [(400, ""), BAD, BAD, missing],
    );
}

#[test]
fn unknown_endpoints_and_hashes() {
    let none = (404, "Endpoint does not exist");
    check(
        "GET",
        "/api/v2/torrents/nope",
        None,
        [(404, ""), NOT_FOUND, NOT_FOUND, none],
    );
    check(
        "GET",
        "/api/v2/nope/nope",
        None,
        [(404, ""), NOT_FOUND, NOT_FOUND, NOT_FOUND],
    );
    check(
        "GET",
        "/prefix/api/v2/app/version",
        None,
        [(404, ""), NOT_FOUND, NOT_FOUND, NOT_FOUND],
    );
    check(
        "GET",
        "/api/v2/torrents/files?hash=zz",
        None,
        [(404, ""), NOT_FOUND, NOT_FOUND, NOT_FOUND],
    );
    check(
        "POST",
        "/api/v2/torrents/stop",
        Some((FORM, "hashes=zz")),
        [(404, ""), NOT_FOUND, (200, ""), (200, "")],
    );
    check(
        "POST",
        "/api/v2/torrents/pause",
        Some((FORM, "hashes=zz")),
        [(200, ""), (200, ""), NOT_FOUND, none],
    );
}

#[test]
fn gzip_is_given_on_request_for_larger_bodies() {
    let mut client = Client::logged_in(Era::V5_1);
    client.server.add(START, TorrentSpec::new("A"));
    for (accepts, path, packs) in [
        ("gzip, br", "torrents/info", true),
        ("br", "torrents/info", false),
        ("gzip", "app/version", false),
    ] {
        let request = Request::get(format!("/api/v2/{path}")).header("accept-encoding", accepts);
        let reply = client.send(request.body(Bytes::new()).unwrap());
        let is_packed = reply
            .headers()
            .get("content-encoding")
            .is_some_and(|coding| coding == "gzip");
        assert_eq!(is_packed, packs, "{accepts} {path}");
        assert_eq!(reply.body().starts_with(&[0x1f, 0x8b]), packs);
    }
}
