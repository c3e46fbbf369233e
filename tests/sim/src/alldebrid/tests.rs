//! The model through its first door: protocol, accounts, listings, limits.

mod actions;

use super::*;
use std::time::Duration;

const T0: NowMs = 1_800_000_000_000;
const FORM: &str = "application/x-www-form-urlencoded";

struct World {
    service: AllDebrid,
    now: NowMs,
}

fn world(magnets: impl IntoIterator<Item = Magnet>) -> World {
    let mut service = AllDebrid::default();
    service.add_account("a", "KEY");
    for magnet in magnets {
        service.add("a", magnet);
    }
    World { service, now: T0 }
}

impl World {
    fn send(&mut self, request: http::request::Builder, body: &'static str) -> Response<Bytes> {
        // Far enough apart that the rate limit stays out of the way.
        self.now += 200;
        let request = request.body(Bytes::from(body)).unwrap();
        match self.service.answer(&request, self.now) {
            Answer::Reply(reply) => reply,
            other => panic!("no plain reply: {other:?}"),
        }
    }

    fn post(&mut self, path: &str, form: &'static str) -> Value {
        let request = Request::post(path)
            .header("authorization", "Bearer KEY")
            .header("content-type", FORM);
        json_of(&self.send(request, form))
    }

    fn get(&mut self, path: &str) -> Value {
        json_of(&self.send(Request::get(path).header("authorization", "Bearer KEY"), ""))
    }

    /// Ids that a status call lists, or its error code.
    fn list(&mut self, form: &'static str) -> String {
        let answer = self.post("/v4.1/magnet/status", form);
        let magnets = answer["data"]["magnets"].as_array();
        let ids = magnets.map(|list| {
            list.iter()
                .map(|one| one["id"].to_string())
                .collect::<Vec<_>>()
        });
        ids.map_or_else(|| code(&answer), |ids| ids.join(" "))
    }

    fn wait(&mut self, seconds: u64) {
        self.now += outcome::millis(Duration::from_secs(seconds));
        self.service.advance(self.now);
    }

    fn code_of(&self, id: u64) -> Option<i64> {
        self.service.magnet("a", id).and_then(|magnet| magnet.code)
    }
}

fn json_of(reply: &Response<Bytes>) -> Value {
    serde_json::from_slice(reply.body()).unwrap_or_else(|e| panic!("{e}: {:?}", reply.body()))
}

fn code(answer: &Value) -> String {
    answer["error"]["code"]
        .as_str()
        .unwrap_or("no error")
        .to_owned()
}

fn every_code() -> World {
    world((0..=16).map(|id| Magnet::new(id).code(i64::try_from(id).unwrap())))
}

#[test]
fn answers_by_both_prefixes_and_methods() {
    let mut world = world([Magnet::new(1).code(15), Magnet::new(2).code(15)]);
    assert_eq!(world.get("/v4/user")["data"]["user"]["isPremium"], true);
    assert_eq!(world.get("/v4.1/user")["status"], "success");
    assert_eq!(
        world.get("/v4.1/magnet/status?id=2")["data"]["magnets"]["id"],
        2
    );
    assert_eq!(world.get("/v4/magnet/delete?id=1")["status"], "success");
    assert_eq!(
        world.post("/v4.1/magnet/delete", "id=2")["status"],
        "success"
    );
    let old = world.post("/v4/magnet/status", "");
    assert_eq!(
        (code(&old), &old["deprecated"]),
        ("DISCONTINUED".to_owned(), &json!(true))
    );
    world.service.switches.v41_everywhere = false;
    assert_eq!(code(&world.get("/v4.1/user")), "404");
}

#[test]
fn unknown_paths_are_404_with_a_text_for_a_code() {
    let mut world = world([]);
    for path in [
        "/v4/magnet/instant",
        "/v3/user",
        "/",
        "/v4/",
        "/v4.1/magnet",
    ] {
        let reply = world.send(Request::get(path), "");
        assert_eq!(
            (reply.status().as_u16(), code(&json_of(&reply)).as_str()),
            (404, "404"),
            "{path}"
        );
    }
    assert_eq!(world.send(Request::put("/v4/ping"), "").status(), 404);
    world.service.base_path = "/ad".to_owned();
    assert_eq!(world.get("/ad/v4/ping")["data"]["ping"], "pong");
    assert_eq!(code(&world.get("/v4/ping")), "404");
}

#[test]
fn a_json_body_is_not_read() {
    let mut world = world([Magnet::new(1)]);
    let request = Request::post("/v4/magnet/delete").header("authorization", "Bearer KEY");
    let reply = world.send(
        request.header("content-type", "application/json"),
        r#"{"id":1}"#,
    );
    assert_eq!(code(&json_of(&reply)), "MAGNET_INVALID_ID");
}

#[test]
fn keys_open_only_their_own_account() {
    let mut world = world([Magnet::new(1)]);
    world.service.add_account("b", "OTHER");
    world.service.add("b", Magnet::new(1).named("theirs"));
    let name = |answer: &Value| answer["data"]["magnets"]["filename"].clone();
    assert_eq!(name(&world.get("/v4.1/magnet/status?id=1")), "Magnet.1");
    let other = world.send(
        Request::get("/v4.1/magnet/status?id=1&apikey=OTHER&agent=x"),
        "",
    );
    assert_eq!(name(&json_of(&other)), "theirs");
    let wrong = world.send(Request::get("/v4/user?apikey=WRONG"), "");
    assert_eq!(
        (wrong.status().as_u16(), code(&json_of(&wrong)).as_str()),
        (200, "AUTH_BAD_APIKEY")
    );
    world.service.switches.apikey_in_query = false;
    world.service.switches.auth_errors_are_401 = true;
    let missing = world.send(Request::get("/v4/user?apikey=OTHER"), "");
    assert_eq!(
        (missing.status().as_u16(), code(&json_of(&missing)).as_str()),
        (401, "AUTH_MISSING_APIKEY")
    );
    world.service.switches.content_type = "text/html";
    let ping = world.send(Request::get("/v4/ping"), "");
    assert_eq!(
        (ping.status().as_u16(), &ping.headers()["content-type"]),
        (200, &"text/html".parse().unwrap())
    );
}

#[test]
fn filters_share_the_codes_out() {
    let mut world = every_code();
    assert_eq!(world.list("status=active"), "0 1 2 3");
    assert_eq!(world.list("status=ready"), "4");
    assert_eq!(world.list("status=expired"), "11");
    assert_eq!(world.list("status=error"), "5 6 7 8 9 10 12 13 14 15");
    assert_eq!(world.list("").split(' ').count(), 17);
    world.service.add(
        "a",
        Magnet::new(40)
            .code(3)
            .text("Expired - files removed from cache"),
    );
    world.service.add("a", Magnet::new(41).without_code());
    world.service.add("a", Magnet::new(42).code(-1));
    assert_eq!(world.list("status=expired"), "11 40");
    assert_eq!(world.list("status=active"), "0 1 2 3");
    world.service.switches.filters_overlap = true;
    assert_eq!(world.list("status=error"), "5 6 7 8 9 10 11 12 13 14 15 40");
    world.service.switches.unknown_filter = UnknownFilter::Nothing;
    assert_eq!(world.list("status=odd"), "");
    world.service.switches.unknown_filter = UnknownFilter::Error;
    assert_eq!(world.list("status=odd"), "GENERIC");
}

#[test]
fn fields_depend_on_the_state() {
    let mut world = every_code();
    let fields = [
        "downloaded",
        "seeders",
        "nbLinks",
        "files",
        "hash",
        "statusCode",
    ];
    let mut present = |id: u64| {
        let answer = world.get(&format!("/v4.1/magnet/status?id={id}"));
        let magnet = answer["data"]["magnets"].clone();
        fields
            .iter()
            .filter(|name| magnet.get(name).is_some())
            .copied()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(present(1), "downloaded seeders hash statusCode");
    assert_eq!(present(4), "nbLinks files hash statusCode");
    assert_eq!(present(15), "hash statusCode");
    world.service.switches.undocumented_fields = false;
    world.service.switches.numbers_are_texts = true;
    world.service.add(
        "a",
        Magnet::new(20)
            .sized(5 << 40)
            .without_code()
            .with("extra", json!([1])),
    );
    let magnet = world.get("/v4.1/magnet/status?id=20")["data"]["magnets"].take();
    assert_eq!(magnet["id"], "20");
    assert_eq!(magnet["size"], (5_u64 << 40).to_string());
    assert_eq!((magnet.get("hash"), magnet.get("statusCode")), (None, None));
    assert_eq!(magnet["extra"], json!([1]));
}

#[test]
fn listings_come_in_every_shape() {
    let mut world = every_code();
    let magnets = |answer: Value| answer["data"].get("magnets").cloned();
    world.service.shape_next([
        Shape::Keyed,
        Shape::Null,
        Shape::Missing,
        Shape::Text,
        Shape::ListWithJunk,
    ]);
    let keyed = magnets(world.post("/v4.1/magnet/status", "status=expired")).unwrap();
    assert_eq!(keyed["11"]["statusCode"], 11);
    assert_eq!(
        magnets(world.post("/v4.1/magnet/status", "")),
        Some(Value::Null)
    );
    assert_eq!(magnets(world.post("/v4.1/magnet/status", "")), None);
    assert_eq!(
        magnets(world.post("/v4.1/magnet/status", "")),
        Some(json!("none"))
    );
    assert_eq!(
        magnets(world.post("/v4.1/magnet/status", ""))
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        17 + 4
    );
    assert_eq!(world.list("").split(' ').count(), 17);
    world.service.switches.by_id = Shape::List;
    assert_eq!(world.list("id=4"), "4");
    assert_eq!(world.list("id=99"), "MAGNET_INVALID_ID");
    world.service.switches.unknown_id_is_item_error = true;
    let item = magnets(world.post("/v4.1/magnet/status", "id=99")).unwrap();
    assert_eq!(item[0]["error"]["code"], "MAGNET_INVALID_ID");
}

#[test]
fn forced_answers_change_nothing() {
    let mut world = world([Magnet::new(1).code(15)]);
    for (forced, expected) in [
        (Forced::BadKey, "AUTH_BAD_APIKEY"),
        (Forced::Banned, "AUTH_USER_BANNED"),
        (Forced::NoServer, "NO_SERVER"),
        (Forced::Maintenance(503), "MAINTENANCE"),
        (Forced::Code("ODD".to_owned()), "ODD"),
    ] {
        world.service.force("a", forced);
        assert_eq!(code(&world.post("/v4/magnet/delete", "id=1")), expected);
    }
    world.service.force("a", Forced::Blocked);
    let blocked = world.post("/v4/magnet/restart", "id=1");
    assert!(
        blocked["error"]["token"].is_string()
            && blocked["error"]["message"]
                .as_str()
                .unwrap()
                .contains("<a ")
    );
    world.service.unforce("a");
    world
        .service
        .force_on("a", Endpoint::Delete, Forced::NoServer);
    assert_eq!(world.list(""), "1");
    assert_eq!(code(&world.post("/v4/magnet/delete", "id=1")), "NO_SERVER");
    assert_eq!(world.service.effects(), []);
}

#[test]
fn throttles_in_every_form() {
    let mut world = world([Magnet::new(1)]);
    world.service.limiter.windows = vec![(1, 1_000)];
    assert_eq!(world.list(""), "1");
    let ask = || Request::get("/v4/user?apikey=KEY");
    let html = world.send(ask(), "");
    assert_eq!(html.status(), 429);
    assert!(html.body().starts_with(b"<html>"));
    world.service.limiter.status = StatusCode::SERVICE_UNAVAILABLE;
    world.service.limiter.body = ThrottleBody::Empty;
    world.service.limiter.retry_after_seconds = Some(3);
    let empty = world.send(ask(), "");
    assert_eq!((empty.status().as_u16(), empty.body().len()), (503, 0));
    assert_eq!(empty.headers()["retry-after"], "3");
    world.service.limiter.body = ThrottleBody::Envelope;
    assert_eq!(json_of(&world.send(ask(), ""))["status"], "error");
    world.wait(1);
    assert_eq!(world.send(ask(), "").status(), 200);
    assert_eq!(world.service.limiter.refusals, 3);
}

#[test]
fn live_mode_sends_all_once_and_then_what_changed() {
    let mut world = world([Magnet::new(1).code(15), Magnet::new(2).code(15)]);
    let ask = |world: &mut World, counter| {
        world.get(&format!("/v4.1/magnet/status?session=5&counter={counter}"))["data"].take()
    };
    let first = ask(&mut world, 0);
    assert_eq!(
        (
            &first["fullsync"],
            first["magnets"].as_array().unwrap().len()
        ),
        (&json!(true), 2)
    );
    assert_eq!(ask(&mut world, 1)["magnets"], json!([]));
    world.service.set_code("a", 1, 4, T0);
    let changed = ask(&mut world, 2)["magnets"].take();
    assert_eq!(
        (changed.as_array().unwrap().len(), &changed[0]["statusCode"]),
        (1, &json!(4))
    );
    assert_eq!(changed[0].get("size"), None);
    world.service.vanish("a", 2, T0);
    assert_eq!(
        ask(&mut world, 3)["magnets"],
        json!([{"id": 2, "status": null}])
    );
    assert_eq!(ask(&mut world, 1)["fullsync"], true);
}
