//! The objects behave as plain ones, and are as the documentation of Vertex says.

use crate::world::*;
use seedwarden::core::model::ItemId;
use seedwarden::core::rules::Outcome::{self, Error, No, Yes};
use serde_json::{Value as Json, json};

fn torrent() -> Json {
    json!({
        "name": "Show", "upspeed": 10, "dlspeed": 0, "size": 100, "total_size": 200, "progress": 0.5,
        "tracker": "https://user:pw@T.Example:443/announce?passkey=x", "completed": 50, "uploaded": 20, "downloaded": 40, "ratio": 0.5,
        "category": "tv", "state": "downloading", "added_on": 1714500000, "completion_on": -1, "save_path": "/d",
        "num_seeds": 1, "num_leechs": 2, "num_complete": 3, "num_incomplete": 4, "tags": "a, b", "availability": 1.5,
        "private": null, "auto_tmm": true, "list": [1, {"x": 2}],
    })
}

#[track_caller]
fn same(got: &Outcome, expected: Outcome, text: &str) {
    assert_eq!(*got, expected, "{text}");
}

async fn check(text: &str, expected: Outcome) {
    let explanation = ask(text, torrent()).await;
    let shown = format!("{text}: {:?}", explanation.answer.failure);
    same(&outcome(&explanation), expected, &shown);
}

#[tokio::test]
async fn expressions_hold_on_torrent_and_maindata() {
    let held = [
        "t.hash === 'aa' && t.name === 'Show' && t.uploadSpeed === 10 && t.totalSize === 200",
        "t.tracker === 't.example' && t.originProp.tracker.includes('passkey')",
        "t.addedTime === 1714500000 && t.completedTime === -1 && t.savePath === '/d'",
        "t.seeder === 1 && t.leecher === 2 && t.totalSeeder === 3 && t.totalLeecher === 4 && t.tags === 'a, b'",
        "t.trackerStatus === '' && t.nope === undefined && !('nope' in t)",
        "t.originProp.auto_tmm === true && t.originProp.private === null && t.originProp.list[1].x === 2",
        "t.originProp === t.originProp && t.originProp.list === t.originProp.list",
        "m.torrents.length === 2 && m.torrents[0] === t && m.torrents[1].name === 'other'",
        "m.torrents === m.torrents && m.torrents.find(x => x.hash === t.hash) === t",
        "m.uploadSpeed === 5 && m.downloadSpeed === 6 && m.freeSpaceOnDisk === 1000 && m.allTimeUpload === 7",
        "m.leechingCount === 1 && m.seedingCount === 1 && m.usedSpace === 55 && m.queuedIO === 1",
        "m.readCacheOverload === 0.5 && Number.isNaN(m.writeCacheOverload)",
        "m.serverState.up_info_speed === 5 && m.originProp.up_info_speed === 5",
        // Plain objects in every respect.
        "(({ name, ...rest }) => name === 'Show' && rest.category === 'tv' && !('name' in rest))(t)",
        "({ ...t }).uploadSpeed === 10 && Object.assign({}, t.originProp).upspeed === 10",
        "Object.keys(t).includes('hash') && Object.keys(t).includes('originProp') && Object.keys(t).length === 25",
        "Object.keys(t.originProp)[0] === 'added_on' && Object.entries(t.originProp).length === 25",
        "(() => { const k = []; for (const x in t) k.push(x); return k.length === 25; })()",
        "JSON.parse(JSON.stringify(t)).originProp.size === 100 && JSON.stringify(t.originProp).includes('\"ratio\":0.5')",
        "t.hasOwnProperty('name') && !t.hasOwnProperty('toString') && Object.hasOwn(t, 'size') && 'toString' in t",
        "String(t) === '[object Object]' && typeof t === 'object' && t instanceof Object && t.constructor === Object",
        "Object.getPrototypeOf(t) === Object.prototype && `${t.propertyIsEnumerable('name')}` === 'true'",
        "Object.getOwnPropertyDescriptor(t, 'size').value === 100",
        "Reflect.ownKeys(m).includes('torrents') && 'freeSpaceOnDisk' in m",
        // Writing works on the object at hand.
        "(t.mark = 1, t.name = 'x', t.mark === 1 && t.name === 'x' && Object.keys(t).filter(k => k === 'name').length === 1)",
        "(delete t.name, t.name === undefined && !('name' in t) && !Object.keys(t).includes('name'))",
        "(Object.defineProperty(t, 'size', { value: 7 }), t.size === 7)",
        "(() => { const o = Object.create(t); o.name = 'mine'; return o.size === 100 && o.name === 'mine' && t.name === 'Show'; })()",
        "(m.torrents.sort((a, b) => a.name < b.name ? 1 : -1), m.torrents[0].name === 'other')",
        "m.torrents.map(x => x.completed).reduce((a, b) => a + b, 0) === 55",
        // The clock and the helpers.
        "Date.now() === 1714529000000 - 16000 + 0 || Date.now() === Date.parse('2024-05-01T02:03:04Z')",
        "new Date().getHours() === 10 && new Date().getTimezoneOffset() === -480",
        "new Date(0).getTime() === 0 && new Date() instanceof Date && Date.UTC(1970, 0, 2) === 86400000",
        "typeof Date() === 'string' && new Date().constructor === Date && Date.length === 7",
        "util.calSize(2, 'KiB') === 2048 && util.calSize('3', 'GiB') === 3 * 2 ** 30 && util.calSize(5) === 5 && util.calSize(5, 'kib') === 5",
        "util.formatSize(12) === '12.00 Byte' && util.formatSize(1536) === '1.50 KiB' && util.formatSize(2 ** 30) === '1.000 GiB'",
        "util.formatSize(-5000) === '-5000.00 Byte' && util.formatSize(2 ** 60) === undefined && util.formatSize(1024 ** 2 * 3) === '3.00 MiB'",
        "this === undefined && typeof process === 'undefined' && typeof setTimeout === 'undefined'",
        "typeof host === 'undefined' && typeof RealDate === 'undefined' && typeof performance === 'undefined'",
    ];
    for text in held {
        check(&format!("(m, t) => {text}"), Yes).await;
    }
}

/// In the shapes in which rules are published: comments in front, early returns, the helpers, a look at all torrents.
#[tokio::test]
async fn rules_as_people_publish_them_judge_as_they_read() {
    let rules = [
        (
            "// Gets maindata and torrent.\n// true deletes.\n(maindata, torrent) => {\n  return false;\n}\n",
            Outcome::No,
        ),
        (
            "(maindata, torrent) => {
  const { leechingCount } = maindata; // how many download
  const { addedTime, uploadSpeed, totalSize } = torrent;
  if (leechingCount > 5) return false;
  /* in its first hour it stays */
  if (moment().unix() - addedTime < 60 * 60) { return false; }
  return uploadSpeed < util.calSize(1, 'MiB') && totalSize < util.calSize(10, 'GiB');
};",
            Outcome::Yes,
        ),
        (
            "(maindata, torrent) => {
  const hour = moment().hour();
  const slowest = [...maindata.torrents].sort((a, b) => a.uploadSpeed - b.uploadSpeed)[0];
  logger.info('slowest at', hour, slowest.name);
  return maindata.freeSpaceOnDisk < util.calSize(5, 'GiB') && torrent.originProp.state !== 'queuedDL'
    && maindata.torrents.filter(t => t.category === torrent.category).length > 0 && Date.now() > 0;
}",
            Outcome::Yes,
        ),
        (
            "(function (maindata, torrent) { return torrent.name.indexOf('Show') !== -1 && !torrent.tags.split(', ').includes('keep') })",
            Outcome::Yes,
        ),
    ];
    for (text, expected) in rules {
        check(text, expected).await;
    }
}

#[tokio::test]
async fn the_last_expression_must_be_a_function() {
    for text in [
        "(m, t) => true",
        "// note\n(m, t) => { return true; };",
        "(function (m, t) { return true; })",
        "const limit = 5; const f = (m, t) => limit === 5; f",
        "let x = 1; x += 1; (m, t) => x === 2",
        "\u{feff}(m, t) => true",
    ] {
        check(text, Yes).await;
    }
}

#[tokio::test]
async fn truth_is_that_of_javascript() {
    for text in [
        "[]",
        "({})",
        "'false'",
        "new Boolean(false)",
        "1",
        "-1",
        "Infinity",
        "1n",
        "Symbol()",
    ] {
        check(&format!("() => {text}"), Yes).await;
    }
    for text in ["undefined", "null", "0", "-0", "NaN", "''", "0n", "false"] {
        check(&format!("() => {text}"), No).await;
    }
}

#[tokio::test]
async fn faults_are_errors_with_a_line() {
    for (text, message, line) in [
        ("(m, t) =>\n  t.nope.x", "TypeError", Some(2)),
        (
            "(m, t) => {\n\n  throw new Error('mine'); }",
            "Error: mine",
            Some(3),
        ),
        ("async () => false", "Promise", None),
        ("() => Promise.resolve(1)", "Promise", None),
        (
            "() => { throw 'text http://t.example/key'; }",
            "threw \"text http://t.example/…\"",
            None,
        ),
        ("() => { throw { message: 'x' }; }", "threw a value", None),
        ("() => { undeclared = 1; }", "ReferenceError", Some(1)),
        ("() => require('fs')", "not offered", None),
        (
            "() => { throw new Error('https://t.example/announce?passkey=secret'); }",
            "https://t.example/…",
            None,
        ),
    ] {
        let explanation = ask(text, torrent()).await;
        same(&outcome(&explanation), Error, text);
        let failure = explanation.answer.failure.expect("a failure");
        assert!(failure.message.contains(message), "{text}: {failure}");
        if line.is_some() {
            assert_eq!(failure.line, line, "{text}");
        }
    }
}

#[tokio::test]
async fn texts_that_give_no_function_are_refused_when_loaded() {
    use seedwarden::shell::script_host::{Limits, ScriptHost};
    let texts = [
        "const f = (m, t) => true;",
        "function f(m, t) { return true; }",
        "",
        "return true",
        "function (m, t) {}",
        "(m, t) => {\n  if (\n}",
        "5",
        "() => 010",
        "() => { with (Math) {} }",
    ];
    let sources = texts.iter().map(|text| source("rule", text)).collect();
    let mut host = ScriptHost::new(env!("CARGO_BIN_EXE_seedwarden"), "UTC", Limits::default());
    let mistakes = host.load(sources).await.expect("the worker starts");
    let rules: Vec<usize> = mistakes.iter().map(|mistake| mistake.rule).collect();
    assert_eq!(rules, (0..texts.len()).collect::<Vec<_>>());
    assert!(
        mistakes[0].message.contains("const name ="),
        "{}",
        mistakes[0].message
    );
    assert_eq!(mistakes[5].line, Some(3), "{}", mistakes[5].message);
}

#[tokio::test]
async fn what_a_rule_returned_and_logged_is_told_without_secrets() {
    let text = "(m, t) => { logger.info('seen', t.originProp.tracker, { a: 1 }); console.warn('w'); return { tracker: t.originProp.tracker }; }";
    let explanation = ask(text, torrent()).await;
    assert_eq!(
        explanation.returned,
        "{\"tracker\":\"https://T.Example:443/…\"}"
    );
    let lines: Vec<String> = explanation
        .answer
        .log
        .iter()
        .map(|line| format!("{} {}", line.level, line.text))
        .collect();
    assert_eq!(
        lines,
        ["info seen https://T.Example:443/… {\"a\":1}", "warn w"]
    );
}

#[tokio::test]
async fn an_unreadable_account_has_an_empty_maindata() {
    let listing = json!({"server_state": null, "torrents": {"aa": torrent()}});
    let mut host = host(
        &[(
            "rule",
            "(m) => Object.keys(m).length === 0 && m.torrents === undefined",
        )],
        &listing,
    )
    .await;
    let answers = judge(&mut host, &["rule"]).await;
    assert_eq!(answers["rule"].outcome(&ItemId::from("aa")), Yes);
}

fn library(count: usize) -> Json {
    let torrents: serde_json::Map<String, Json> = (0..count)
        .map(|n| {
            (
                format!("h{n:05}"),
                json!({"name": format!("n{n}"), "upspeed": n}),
            )
        })
        .collect();
    json!({"server_state": {}, "torrents": torrents})
}

#[tokio::test]
async fn deltas_change_what_the_worker_holds() {
    let mut host = host(
        &[(
            "rule",
            "(m, t) => t.uploadSpeed > 7 && t.name.startsWith('n') && m.torrents.length === 9",
        )],
        &library(10),
    )
    .await;
    let mut feed = seedwarden::shell::script_host::Feed::changes(ACCOUNT);
    feed.item("h00001", "{\"upspeed\":50}");
    feed.removed(vec!["h00009".to_owned(), "h00005".to_owned()]);
    feed.item("h00010", "{\"name\":\"n10\",\"upspeed\":60}");
    feed.server(&raw(&json!({"up_info_speed": 1})));
    host.send(&mut feed).await.expect("the worker reads");
    let answers = judge(&mut host, &["rule"]).await;
    let matched: Vec<String> = answers["rule"]
        .matched
        .iter()
        .map(ItemId::to_string)
        .collect();
    assert_eq!(matched, ["h00001", "h00008", "h00010"]);
}

#[tokio::test]
async fn rules_do_not_see_what_others_did() {
    let spoil = "(m, t) => { t.mark = 1; t.name = 'spoilt'; m.torrents.length = 0; Object.prototype.bad = 1; Array.prototype.map = null; globalThis.util = null; return false; }";
    let look = "(m, t) => t.mark === undefined && t.name !== 'spoilt' && m.torrents.length === 3 && ({}).bad === undefined && [1].map(x => x)[0] === 1 && util.calSize(1) === 1";
    let mut host = host(&[("spoil", spoil), ("look", look)], &library(3)).await;
    for _ in 0..2 {
        let answers = judge(&mut host, &["spoil", "look"]).await;
        assert_eq!(
            answers["look"].matched.len(),
            3,
            "{:?}",
            answers["look"].failure
        );
    }
}

#[tokio::test]
async fn variables_outside_of_the_function_live_for_one_cycle() {
    let text = "let calls = 0; (m, t) => ++calls === 3";
    let mut host = host(&[("rule", text)], &library(4)).await;
    for _ in 0..2 {
        let answers = judge(&mut host, &["rule"]).await;
        assert_eq!(answers["rule"].matched.len(), 1);
    }
}

#[tokio::test]
async fn some_items_can_be_asked_about_alone() {
    let mut host = host(&[("rule", "() => true")], &library(4)).await;
    let items = [ItemId::from("h00002"), ItemId::from("gone")];
    let answers = host.judge(ACCOUNT, now(), &["rule"], Some(&items)).await;
    assert_eq!(answers["rule"].matched.len(), 1);
}

#[tokio::test]
async fn magnets_have_the_same_names() {
    use seedwarden::shell::script_host::{Feed, Shape};
    let text = "(m, t) => t.state === 'error' && t.name === 'f' && t.size === 5 && t.leecher === 0 && t.category === '' && t.addedTime === 9 && t.originProp.statusCode === 5 && m.torrents.length === 1 && m.usedSpace === 0";
    let mut host = host(&[("rule", text)], &json!({})).await;
    let mut feed = Feed::full("debrid", Shape::Alldebrid);
    feed.item(
        "17",
        r#"{"id":17,"filename":"f","size":5,"status":"Error","statusCode":5,"uploadDate":9}"#,
    );
    feed.complete();
    host.send(&mut feed).await.expect("the worker reads");
    let answers = host.judge("debrid", now(), &["rule"], None).await;
    assert_eq!(
        answers["rule"].outcome(&ItemId::from("17")),
        Yes,
        "{:?}",
        answers["rule"].failure
    );
}

#[tokio::test]
async fn a_live_feed_is_passed_on_while_it_is_filled() {
    use seedwarden::shell::script_host::{Feed, Shape};
    let mut host = host(
        &[("rule", "(m) => m.torrents.length === 3000")],
        &library(2),
    )
    .await;
    let mut feed = host.live(Feed::full(ACCOUNT, Shape::Qbittorrent));
    assert!(
        !host.has_data(ACCOUNT),
        "half of a listing counts for nothing"
    );
    let mut most_waiting = 0;
    for n in 0..3000 {
        feed.item(
            &format!("h{n}"),
            &json!({"name": "x".repeat(500)}).to_string(),
        );
        most_waiting = most_waiting.max(feed.waiting());
    }
    assert!(most_waiting < 300_000, "{most_waiting} bytes were kept");
    feed.server(&raw(&json!({})));
    feed.complete();
    host.send(&mut feed).await.expect("the worker reads");
    let answers = judge(&mut host, &["rule"]).await;
    assert_eq!(answers["rule"].matched.len(), 3000);
}

#[tokio::test]
async fn a_live_feed_whose_worker_is_gone_leaves_no_half_listing() {
    use seedwarden::shell::script_host::{Feed, Shape};
    let mut host = host(&[("rule", "() => true")], &library(2)).await;
    let mut feed = host.live(Feed::full(ACCOUNT, Shape::Qbittorrent));
    host.stop().await;
    feed.item("h0", "{}");
    feed.complete();
    assert!(host.send(&mut feed).await.is_err());
    assert!(!host.has_data(ACCOUNT));
}

#[tokio::test]
async fn free_space_that_is_not_known_fails_the_rules_that_read_it() {
    let listing = json!({
        "server_state": { "free_space_on_disk": "it did not grow", "up_info_speed": 5 },
        "torrents": { "aa": torrent() },
    });
    let rules = [
        ("reads", "(m, t) => m.freeSpaceOnDisk < 5"),
        ("turns", "(m, t) => !(m.freeSpaceOnDisk > 5)"),
        ("spreads", "(m, t) => ({ ...m }).uploadSpeed === 5"),
        ("reads not", "(m, t) => m.uploadSpeed === 5"),
    ];
    let mut host = host(&rules, &listing).await;
    for (rule, expected) in [
        ("reads", Error),
        ("turns", Error),
        ("spreads", Error),
        ("reads not", Yes),
    ] {
        let told = host
            .explain(ACCOUNT, now(), rule, &ItemId::from("aa"))
            .await;
        same(&outcome(&told), expected, rule);
        let failure = told.answer.failure.map(|failure| failure.to_string());
        let says_why =
            failure.is_some_and(|text| text.contains("free space is unknown: it did not grow"));
        assert_eq!(says_why, expected == Error, "{rule}");
    }
}
