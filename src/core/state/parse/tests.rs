use super::*;

const NOW: &str = "2026-11-20T10:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn parse(text: &str) -> Result<Parsed, ParseError> {
    State::parse(text.as_bytes(), now())
}

/// The text is read, and written again means this.
#[track_caller]
fn check(text: &str, expected: &str) -> Parsed {
    let parsed = parse(text).unwrap();
    let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
    assert_eq!(serde_json::to_value(&parsed.state).unwrap(), expected);
    let again = State::parse(&serde_json::to_vec(&parsed.state).unwrap(), now()).unwrap();
    assert_eq!(
        again.state, parsed.state,
        "what is written is read as the same"
    );
    parsed
}

const EMPTY: &str = r#"{"version": 1, "accounts": {}}"#;

#[test]
fn takes_nothing_and_an_empty_object_as_empty() {
    for text in [
        "",
        " \n",
        "{}",
        "{}\n",
        "\u{feff}{}",
        r#"{"version": 1}"#,
        r#"{"version": 0}"#,
    ] {
        let parsed = check(text, EMPTY);
        assert_eq!(
            (parsed.old_counts, parsed.future_times),
            (None, 0),
            "{text:?}"
        );
    }
}

#[test]
fn takes_old_flat_counts_over() {
    let parsed = check(
        r#"{"403207307": 3, "403207308": 0}"#,
        r#"{"version": 1, "accounts": {}, "retry_counts": {"403207307": 3, "403207308": 0}}"#,
    );
    assert_eq!(parsed.old_counts, Some(2));
}

#[test]
fn ignores_unknown_fields() {
    check(
        r#"{"note": "mine", "accounts": {"a": {"x": [1], "items": {"1": {"name": "n", "y": 0}}}}}"#,
        r#"{"version": 1, "accounts": {"a": {"items": {"1": {"name": "n"}}}}}"#,
    );
}

#[test]
fn reads_the_state_that_the_manual_shows() {
    let text = r#"{ "version": 1, "accounts": { "debrid": { "last_cycle_at": "2026-11-20T08:00:00Z",
        "items": { "403207307": { "name": "film", "failed": { "failures": 3, "last_status": "error",
        "since": "2026-11-20T06:30:00Z" } } } } } }"#;
    check(text, text);
}

#[test]
fn reads_old_counts_with_the_status_seen_last() {
    let text = r#"{"403207307": {"fails": 3, "last_status": "error"}, "402623513": {"fails": 0, "last_status": "expired"},
        "5": {"fails": "many"}, "7": 2, "403207307": {"fails": 4, "last_status": "error"}}"#;
    let parsed = parse(text).unwrap();
    let counts: Vec<(&str, u32)> = parsed
        .state
        .retry_counts
        .iter()
        .map(|(id, count)| (id.as_str(), *count))
        .collect();
    assert_eq!(counts, [("402623513", 0), ("403207307", 4), ("7", 2)]);
    assert_eq!(parsed.old_counts, Some(3));
}

#[test]
fn refuses_a_newer_version_even_if_it_looks_different() {
    for text in [r#"{"version": 2}"#, r#"{"version": 2, "accounts": [1, 2]}"#] {
        assert_eq!(parse(text), Err(ParseError::Newer(2)));
    }
}

#[test]
fn says_where_a_file_is_broken() {
    for (text, expected) in [
        ("{", "EOF while parsing"),
        ("[]", "does not begin with {"),
        ("null", "does not begin with {"),
        ("{\"x\": {}} {}", "trailing characters at line 1 column 11"),
        (r#"{"403207307": 3"#, "EOF while parsing"),
        (r#"{"version": "1"}"#, "at version: invalid type"),
        (r#"{"version": -1}"#, "at version: invalid value"),
        (
            r#"{"accounts": {"a": {"items": {"1": {"failed": {"failures": "3"}}}}}}"#,
            "at accounts.a.items.1.failed.failures: invalid type",
        ),
        (
            r#"{"accounts": {"a": {"last_cycle_at": "yesterday"}}}"#,
            "at accounts.a.last_cycle_at",
        ),
    ] {
        let Err(ParseError::Broken(why)) = parse(text) else {
            panic!("{text} was read");
        };
        assert!(why.contains(expected), "{text}: {why}");
    }
    assert!(matches!(
        State::parse(b"\xff\xfe{}", now()),
        Err(ParseError::Broken(_))
    ));
    let deep = "[".repeat(100_000);
    assert!(matches!(parse(&deep), Err(ParseError::Broken(_))));
}

#[test]
fn counts_times_in_the_future_as_now() {
    let text = |time: &str| {
        format!(
            r#"{{"accounts": {{"a": {{"last_cycle_at": "{time}", "last_attempt_at": "{time}", "last_rules_at": "{time}",
            "configured_at": "{time}", "items": {{"1": {{"errored": {{"failures": 2, "since": "{time}", "remedy_at": "{time}"}},
            "failed_trackers": {{"t": {{"failures": 1, "since": "{time}"}}}}, "rules": {{"slow": {{"since": "{time}"}}}}}}}},
            "outages": [{{"ailment": "errored", "scope": "account", "since": "{time}", "items": ["1"]}}]}}}}}}"#
        )
    };
    assert_eq!(parse(&text(NOW)).unwrap().future_times, 0);
    let parsed = parse(&text("2026-11-20T10:00:01Z")).unwrap();
    assert_eq!(parsed.future_times, 9);
    let account = &parsed.state.accounts["a"];
    assert_eq!(
        (account.last_cycle_at, account.last_rules_at),
        (Some(now()), Some(now()))
    );
    let item = &account.items["1"];
    assert_eq!(item.most_failures(), 2, "counts stay");
    assert_eq!(item.rules["slow"].since, now());
    assert_eq!(account.outages[0].since, now());
}

#[test]
fn believes_in_pauses_of_two_days_at_most() {
    for (until, is_kept) in [
        ("2026-11-22T10:00:00Z", true),
        ("2026-11-22T10:00:01Z", false),
    ] {
        let text = format!(r#"{{"accounts": {{"a": {{"left_alone_until": "{until}"}}}}}}"#);
        let parsed = parse(&text).unwrap();
        assert_eq!(
            parsed.state.accounts["a"].left_alone_until.is_some(),
            is_kept,
            "{until}"
        );
    }
}
