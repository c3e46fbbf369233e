//! Broken configurations: each error is found at its line and column, under its key, in words a person can act on.

mod accounts;
mod rules;
mod values;

use crate::config::tests::World;

/// A text with marks: `§` stands right before each place where an error is expected, in the order of the file.
/// Each error is given as `key: words` that must occur in what is shown, `…` standing for anything.
#[track_caller]
fn check(marked: &str, expected: &[&str]) {
    let mut places = Vec::new();
    let (mut line, mut column) = (1, 1);
    for c in marked.chars() {
        match c {
            '§' => places.push((line, column)),
            '\n' => (line, column) = (line + 1, 1),
            _ => column += 1,
        }
    }
    let Err(errors) = World::complete().load(marked.replace('§', "")) else {
        panic!("it loads");
    };
    let found: Vec<_> = errors
        .findings
        .iter()
        .filter_map(|finding| finding.place)
        .collect();
    assert_eq!(found, places, "{errors}");
    assert_eq!(errors.findings.len(), expected.len(), "{errors}");
    for (finding, expected) in errors.findings.iter().zip(expected) {
        let (path, words) = expected.split_once(": ").unwrap_or(("", expected));
        assert_eq!(finding.path, path, "{errors}");
        let shown = format!(
            "{} = {}",
            finding.problem,
            finding.advice.as_deref().unwrap_or_default()
        );
        let mut rest = shown.as_str();
        for part in words.split('…') {
            let at = rest
                .find(part)
                .unwrap_or_else(|| panic!("{part:?} is not in {rest:?}"));
            rest = &rest[at + part.len()..];
        }
    }
}

/// One account of qBittorrent with these keys besides what it needs.
#[track_caller]
fn check_qbittorrent(keys: &str, expected: &[&str]) {
    let account = r#""name": "q", "type": "qbittorrent", "url": "http://h", "username": "u", "password": "p""#;
    check(
        &format!("{{ \"accounts\": [ {{ {account},\n{keys} }} ] }}"),
        expected,
    );
}

/// One account of AllDebrid with these keys besides what it needs.
#[track_caller]
fn check_alldebrid(keys: &str, expected: &[&str]) {
    let account = r#""name": "a", "type": "alldebrid", "api_key": "k""#;
    check(
        &format!("{{ \"accounts\": [ {{ {account},\n{keys} }} ] }}"),
        expected,
    );
}

/// These keys at the top, beside one account that uses the rules "r" and "s".
#[track_caller]
fn check_top(keys: &str, expected: &[&str]) {
    let account = r#"{ "name": "q", "type": "qbittorrent", "url": "http://h", "api_key": "x" }"#;
    check(
        &format!("{{ \"accounts\": [{account}],\n{keys} }}"),
        expected,
    );
}

#[test]
fn names_slips_of_syntax() {
    check("§", &["found the end of the file"]);
    check(
        "{ \"cycle\": \"30m\"§\n  \"accounts\": [] }",
        &["no comma…put a comma between"],
    );
    check("{ §cycle: 1 }", &["a word without quotes…double quotes"]);
    check(
        "{ \"accounts\": [{ \"name\": §“q” }] }",
        &["a typographic quote"],
    );
    check("{ \"cycle\": §30m }", &["a plain number…in double quotes"]);
}

#[test]
fn names_wrong_types_of_the_whole() {
    check("§[]", &["found an empty list, expected an object"]);
    check("§{}", &["accounts: missing, expected a list of accounts"]);
    check(
        "{ \"accounts\": §[] }",
        &["accounts: an empty list…at least one account"],
    );
    check(
        "{ \"accounts\": §{ } }",
        &["accounts: an object…a list…square brackets"],
    );
    check(
        "{ \"accounts\": [§5] }",
        &["accounts[0]: found a number, expected an object"],
    );
    check(
        "{ \"accounts\": §null }",
        &["accounts: null…leave the key out"],
    );
}

#[test]
fn suggests_the_nearest_key() {
    check_top(
        "§\"cycel\": \"30m\"",
        &["cycel: unknown key…did you mean \"cycle\""],
    );
    check_top(
        "\"limits\": { §\"deletions_per_cylce\": 5 }",
        &["limits.deletions_per_cylce: did you mean"],
    );
    check_qbittorrent(
        "\"errored\": { §\"max_failure\": 5 }",
        &[
            "accounts[0].errored.max_failure: expected \"max_failures\" or \"last_resort\"…did you mean \"max_failures\"",
        ],
    );
    check_top(
        "§\"xyzzy\": 1",
        &["xyzzy: found an unknown key, expected \"cycle\", \"log_level\""],
    );
}

#[test]
fn refuses_keys_given_twice() {
    check_top(
        "\"cycle\": \"1h\",\n§\"cycle\": \"2h\"",
        &["cycle: given before…the first one is in line 2"],
    );
    check_qbittorrent(
        "§\"name\": \"z\"",
        &["accounts[0].name: given before…in line 1"],
    );
    let rule = r#"{ "name": "r", "conditions": [{ "key": "ratio", "compareType": "bigger", "value": "1",
        §"value": "2" }] }"#;
    check_top(
        &format!("\"rules\": [{rule}]"),
        &["rules[0].conditions[0].value: given before"],
    );
}

#[test]
fn reports_all_errors_at_once() {
    check(
        "{ \"cycle\": §30,\n  \"log_level\": §\"inof\",\n  \"dry_run\": §\"yes\",\n  §\"foo\": {},\n  \"accounts\": [ §7,
           { \"name\": §\"\", \"type\": §\"qbitorrent\" } ] }",
        &[
            "cycle: the number 30, expected a duration…\"30s\" for seconds, \"30m\" for minutes",
            "log_level: \"inof\"…did you mean \"info\"",
            "dry_run: found a text, expected true or false",
            "foo: unknown key",
            "accounts[0]: a number",
            "accounts[1].name: an empty text",
            "accounts[1].type: \"qbitorrent\"…did you mean \"qbittorrent\"",
        ],
    );
}

#[test]
fn report_shows_line_and_caret() {
    let text = "{\n  \"accounts\": [{ \"name\": \"q\", \"type\": \"qbittorrent\", \"url\": \"http://h\",\n    \"api_key\": \"hunter2\", \"errored\": { \"max_failures\": 0 } }]\n}";
    let errors = World::default().load(text).expect_err("0 is refused");
    let expected = "\
error: accounts[0].errored.max_failures: found the number 0, expected a whole number from 1 on
 --> /etc/seedwarden/config.json:3:56
3 |     \"api_key\": \"…\", \"errored\": { \"max_failures\": 0 } }]
  |                                                  ^
  = with 1 the first sighting already meets the last resort; leave the block out to switch it off

1 error in /etc/seedwarden/config.json
";
    assert_eq!(errors.report(false), expected);
    assert!(errors.report(true).contains("\u{1b}["));
    assert!(
        errors.findings[0]
            .on_one_line(&errors.file)
            .starts_with("/etc/seedwarden/config.json:3:56: accounts")
    );
}
