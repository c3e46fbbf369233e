//! Rules that do their worst cost one failure each, and hurt nothing else.

use crate::world::*;
use seedwarden::core::model::ItemId;
use seedwarden::core::rules::Outcome;
use seedwarden::core::rules::script::{Answer, Failed};
use seedwarden::shell::script_host::Limits;
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};

fn library(count: usize) -> Json {
    let torrents: serde_json::Map<String, Json> = (0..count)
        .map(|n| {
            (
                format!("h{n:05}"),
                json!({"name": format!("n{n}"), "completed": 1}),
            )
        })
        .collect();
    json!({"server_state": {}, "torrents": torrents})
}

fn message(answer: &Answer) -> &str {
    answer
        .failure
        .as_ref()
        .map_or("", |failure| &failure.message)
}

/// A hostile rule between two good ones: it fails, they do not, in this cycle and in the next.
async fn contained(text: &str, part: &str) {
    let rules = [
        ("before", "() => true"),
        ("bad", text),
        ("after", "() => true"),
    ];
    let limits = Limits {
        call_ms: 50,
        rule_ms: 500,
        ..Limits::default()
    };
    let mut host = host_with(&rules, &library(2), limits).await;
    for _ in 0..2 {
        let answers = judge(&mut host, &["before", "bad", "after"]).await;
        assert_eq!(answers["before"].matched.len(), 2, "{text}");
        assert_eq!(
            answers["after"].matched.len(),
            2,
            "{text}: {}",
            message(&answers["after"])
        );
        assert_eq!(
            answers["bad"].outcome(&ItemId::from("h00000")),
            Outcome::Error,
            "{text}"
        );
        assert!(
            message(&answers["bad"]).contains(part),
            "{text}: {}",
            message(&answers["bad"])
        );
    }
}

#[tokio::test]
async fn endless_loops_are_stopped() {
    for text in [
        "() => { while (true) {} }",
        "() => { try { while (true) {} } catch (e) { return false; } finally { while (true) {} } }",
        "() => { for (;;) { try { for (;;); } catch {} } }",
        "() => /^(a+)+$/.test('a'.repeat(40) + '!')",
        "(m, t) => { const p = new Proxy({}, { get() { for (;;); } }); return p.x; }",
        "() => { let s = ''; for (;;) s = JSON.stringify(s.length); }",
    ] {
        contained(text, "took too long").await;
    }
}

#[tokio::test]
async fn memory_and_stack_are_bounded() {
    for (text, part) in [
        (
            "() => { const a = []; for (;;) a.push(new Array(1000).fill(1)); }",
            "",
        ),
        ("() => 'a'.repeat(2 ** 30)", ""),
        ("() => { let s = 'x'; for (;;) s += s; }", ""),
        ("() => new Array(2 ** 27).fill(0).length > 0", ""),
        (
            "() => { const f = () => f() + 1; return f(); }",
            "RangeError",
        ),
        ("() => JSON.parse('['.repeat(1e6))", ""),
        ("() => eval('('.repeat(1e5))", ""),
    ] {
        contained(text, part).await;
    }
}

#[tokio::test]
async fn work_left_over_does_not_pile_up() {
    contained("async () => { for (;;) await null; }", "Promise").await;
    contained("() => { Promise.resolve().then(function f() { Promise.resolve().then(f); }); throw new Error('x'); }", "x").await;
}

#[tokio::test]
async fn tampering_with_the_language_fools_nobody() {
    contained(
        "() => { Error.prototype.toString = () => { for (;;); }; throw new Error('mine'); }",
        "mine",
    )
    .await;
    contained("() => { const e = new Error('x'); Object.defineProperty(e, 'message', { get() { for (;;); } }); throw e; }", "").await;
    contained("() => { Object.prototype.toJSON = () => { throw 1; }; Function.prototype.call = null; throw 'done'; }", "done").await;
}

/// The engine cannot interrupt this one: the worker is killed, the guilty rule is named and left out, and the
/// others go on as soon as the worker has its data again.
#[tokio::test]
async fn a_rule_that_cannot_be_interrupted_costs_the_worker_and_is_left_out() {
    let rules = [
        ("before", "() => true"),
        (
            "bad",
            "() => Array.prototype.reverse.call({ length: 2 ** 53 - 1 })",
        ),
        ("after", "() => true"),
    ];
    let limits = Limits {
        call_ms: 20,
        ..Limits::default()
    };
    let mut host = host_with(&rules, &library(2), limits).await;
    let begun = Instant::now();
    let answers = judge(&mut host, &["before", "bad", "after"]).await;
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(answers["before"].matched.len(), 2);
    assert!(
        message(&answers["bad"]).contains("cannot be interrupted"),
        "{}",
        message(&answers["bad"])
    );
    assert_eq!(answers["bad"].failed, Failed::Everything);
    assert!(
        message(&answers["after"]).contains("\"bad\""),
        "{}",
        message(&answers["after"])
    );
    assert!(!host.has_data(ACCOUNT));

    feed(&mut host, &library(2)).await;
    let begun = Instant::now();
    let answers = judge(&mut host, &["before", "bad", "after"]).await;
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(answers["after"].matched.len(), 2);
    assert_eq!(answers["bad"].failed, Failed::Everything);
}

#[tokio::test]
async fn a_worker_that_dies_is_replaced() {
    let mut host = host(&[("rule", "() => true")], &library(2)).await;
    let id = host
        .worker_id()
        .and_then(|id| rustix::process::Pid::from_raw(id as i32))
        .expect("it runs");
    rustix::process::kill_process(id, rustix::process::Signal::KILL).expect("it is ours");
    let answers = judge(&mut host, &["rule"]).await;
    assert_eq!(answers["rule"].failed, Failed::Everything);
    feed(&mut host, &library(2)).await;
    let answers = judge(&mut host, &["rule"]).await;
    assert_eq!(answers["rule"].matched.len(), 2);
}

#[tokio::test]
async fn without_data_every_item_is_failed() {
    let mut host = host(&[("rule", "() => true")], &library(2)).await;
    let answers = host
        .judge("another", now(), &["rule", "no such"], None)
        .await;
    assert_eq!(answers["rule"].failed, Failed::Everything);
    assert!(message(&answers["no such"]).contains("not loaded"));
}

#[tokio::test]
async fn a_rule_that_walks_all_torrents_on_every_call_is_stopped_by_its_budget_and_advised() {
    let walk = "(m, t) => m.torrents.filter(x => x.completed > 0).length > 1e9";
    let once = "let sum; (m, t) => { sum ??= m.torrents.reduce((a, x) => a + x.completed, 0); return sum === 5000; }";
    let limits = Limits {
        rule_ms: 300,
        ..Limits::default()
    };
    let mut host = host_with(&[("walk", walk), ("once", once)], &library(5000), limits).await;
    let answers = judge(&mut host, &["walk", "once"]).await;
    assert_eq!(answers["walk"].failed, Failed::Everything);
    assert!(
        message(&answers["walk"]).contains("once per cycle"),
        "{}",
        message(&answers["walk"])
    );
    assert_eq!(answers["once"].matched.len(), 5000);
}

#[tokio::test]
async fn logs_are_bounded() {
    let text =
        "() => { for (let i = 0; i < 100; i++) console.log('x'.repeat(1e5)); return false; }";
    let mut host = host(&[("rule", text)], &library(2)).await;
    let answers = judge(&mut host, &["rule"]).await;
    let log = &answers["rule"].log;
    assert_eq!(log.len(), 51);
    assert!(log.iter().all(|line| line.text.len() <= 2_000));
    assert!(log[50].text.contains("150 more"));
}
