//! Each fault: what the client sees, and whether the effect happened.

use super::*;

/// Counts its calls and answers with JSON.
#[derive(Default)]
struct Counter(u32);

impl Model for Counter {
    fn answer(&mut self, _: &Request<Bytes>, _: NowMs) -> Answer {
        self.0 += 1;
        Answer::Reply(Response::new(Bytes::from_static(b"{\"a\":1}")))
    }
}

fn faulty() -> Faulty<Counter> {
    Faulty::new(Counter::default(), Faults::default(), Log::default())
}

fn get(model: &mut Faulty<Counter>, path: &str) -> Answer {
    model.answer(&Request::get(path).body(Bytes::new()).unwrap(), 7)
}

/// One call with this fault: how the answer looks, and whether the model saw it.
fn check(fault: Fault, looks: &str, has_effect: bool) {
    let mut model = faulty();
    model.faults.next(1, "x", fault.clone());
    let seen = match get(&mut model, "/x") {
        Answer::Reply(reply) => format!("{} {:?}", reply.status(), reply.body()),
        answer => format!("{answer:?}"),
    };
    assert!(seen.contains(looks), "{fault:?}: {seen}");
    assert_eq!(model.model.0, u32::from(has_effect), "{fault:?}");
    assert_eq!(model.faults.carried_out(), 1);
    assert!(
        matches!(get(&mut model, "/x"), Answer::Reply(reply) if reply.body().as_ref() == b"{\"a\":1}")
    );
}

#[test]
fn each_fault_looks_and_acts_as_it_says() {
    let second = Duration::from_secs(1);
    check(
        Fault::Status(500, "oops".into()),
        "500 Internal Server Error b\"oops\"",
        false,
    );
    check(Fault::Empty503, "503 Service Unavailable b\"\"", false);
    check(Fault::Html200, "200 OK b\"<!DOCTYPE", false);
    check(Fault::Html502, "502 Bad Gateway b\"<!DOCTYPE", false);
    check(Fault::TruncatedJson, "200 OK b\"{\\\"a\"", true);
    check(Fault::Torn(2), "Torn(", true);
    check(Fault::Silence, "Silence", false);
    check(Fault::SilenceAfter, "Silence", true);
    check(Fault::CloseBefore, "Close", false);
    check(Fault::CloseAfter, "Close", true);
    check(Fault::Late(second), "Late(1s", true);
    check(Fault::Drip(2, second), "Drip(", true);
}

#[test]
fn rules_count_skip_and_match_paths() {
    let mut model = faulty();
    model.faults.after(1, 2, "delete", Fault::Empty503);
    let paths = ["/delete", "/info", "/delete", "/delete", "/info", "/delete"];
    for path in paths {
        get(&mut model, path);
    }
    let statuses: Vec<_> = model
        .log
        .all()
        .iter()
        .filter_map(|call| call.status)
        .collect();
    assert_eq!(statuses, [200, 200, 503, 503, 200, 200]);
}

#[test]
fn always_lasts_until_cleared_and_the_chooser_gets_the_rest() {
    let mut model = faulty();
    model.faults.always("a", Fault::CloseBefore);
    model
        .faults
        .choose(|request, _| (request.uri().path() == "/b").then_some(Fault::Silence));
    for _ in 0..3 {
        assert!(matches!(get(&mut model, "/a"), Answer::Close));
        assert!(matches!(get(&mut model, "/b"), Answer::Silence));
    }
    model.faults.clear();
    assert!(matches!(get(&mut model, "/a"), Answer::Reply(_)));
    assert!(matches!(get(&mut model, "/b"), Answer::Reply(_)));
}

#[test]
fn the_log_keeps_order_and_parameters_but_no_secrets() {
    let mut model = faulty();
    let login = Request::post("/api/v2/auth/login?x=1")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from_static(b"username=u&password=geheim"))
        .unwrap();
    model.answer(&login, 5);
    get(&mut model, "/api/webhooks/12/geheim?wait=true");
    let shown = model.log.to_string();
    assert_eq!(
        shown,
        "5 POST /api/v2/auth/login x=1 username=u password=… -> 200\n\
         7 GET /api/webhooks/12/… wait=true -> 200\n"
    );
    assert!(model.log.in_order(&["auth", "webhooks"]));
    assert!(!model.log.in_order(&["webhooks", "auth"]));
    assert_eq!(model.log.of("auth")[0].param("username"), Some("u"));
    assert_eq!(model.log.count("delete"), 0);
}
