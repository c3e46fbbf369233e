use super::*;
use crate::config::policy::{AdPolicy, Failed, Limits, LogLevel, Secret, SecretSource};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

fn policy() -> Policy {
    let service = AdPolicy {
        url: "https://api.example/".parse().unwrap(),
        api_key: Secret::missing(SecretSource::Text),
        failed: Some(Failed::default()),
    };
    Policy {
        cycle: HOUR,
        log_level: LogLevel::Info,
        dry_run: false,
        webhooks: Vec::new(),
        limits: Limits::default(),
        trash_keep_for: HOUR,
        time_zone: jiff::tz::TimeZone::UTC,
        accounts: vec![AccountPolicy {
            name: "debrid".into(),
            cycle: HOUR,
            rule_cycle: HOUR,
            protect_rules: Vec::new(),
            rules: Vec::new(),
            service: Service::Alldebrid(service),
        }],
    }
}

fn status(account: &str) -> Status {
    with(account, &Book::default())
}

fn with(account: &str, book: &Book) -> Status {
    let state = format!(r#"{{"accounts": {{"debrid": {account}}}}}"#);
    let state: State = serde_json::from_str(&state).unwrap();
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    Status::of(&policy(), &state, book, &[], now)
}

/// An intended deletion at nine, and its outcome a second later.
fn deletion(book: &mut Book, id: u64, item: &str, failures: &str, result: &str) {
    let intent = format!(
        r#"{{"record": "intent", "id": {id}, "at": "2026-11-20T09:00:00Z", "account": "debrid", "item": "{item}",
        "name": "n", "size_bytes": 1000, "cause": "failed", "reason": "r", "failures": {failures},
        "delete_files": true, "kept": "nothing"}}"#
    );
    let outcome = format!(
        r#"{{"record": "outcome", "intent": {id}, "at": "2026-11-20T09:00:01Z", "result": "{result}"}}"#
    );
    for line in [intent, outcome] {
        book.apply(serde_json::from_str(&line).unwrap());
    }
}

#[test]
fn what_was_deleted_since_the_last_reading_does_not_fail_any_more() {
    let mut book = Book::default();
    deletion(&mut book, 1, "1", "[5, 5]", "done");
    deletion(&mut book, 2, "2", "[5, 5]", "refused");
    for (read_at, expected) in [("09:00:00", vec!["2"]), ("09:30:00", vec!["1", "2"])] {
        let account = format!(
            r#"{{"last_cycle_at": "2026-11-20T{read_at}Z", "last_attempt_at": "2026-11-20T{read_at}Z", "last_rules_at": "2026-11-20T{read_at}Z",
                "items": {{"1": {{"failed": {{"failures": 5}}}}, "2": {{"failed": {{"failures": 5}}}}}}}}"#
        );
        let status = with(&account, &book);
        let failing: Vec<&str> = status.failing.iter().map(|one| one.item.as_str()).collect();
        assert_eq!(failing, expected, "read at {read_at}");
    }
}

#[test]
fn items_nearest_to_their_limit_come_first() {
    let status = status(
        r#"{"items": {"1": {"failed": {"failures": 2}}, "2": {"failed": {"failures": 4, "remedy_at": "2026-11-20T11:00:00Z"}},
                "3": {"failed": {"failures": 0, "accepted": true}}}}"#,
    );
    let order: Vec<&str> = status.failing.iter().map(|one| one.item.as_str()).collect();
    assert_eq!(order, ["2", "1"]);
    assert_eq!(status.failing[0].max_failures, Some(5));
    assert_eq!(
        (status.accounts[0].failing, status.last_day.retried),
        (2, 1)
    );
}

#[test]
fn an_account_is_unreadable_only_if_its_last_reading_failed() {
    let failed = r#"{"last_cycle_at": "2026-11-20T10:00:00Z", "last_rules_at": "2026-11-20T10:00:00Z",
            "last_attempt_at": "2026-11-20T11:00:00Z"}"#;
    assert!(status(failed).accounts[0].is_unreadable);
    // A cycle that a person asked for soon after another one adds nothing, but has read.
    let extra = r#"{"last_cycle_at": "2026-11-20T10:00:00Z", "last_rules_at": "2026-11-20T10:10:00Z",
            "last_attempt_at": "2026-11-20T10:10:00Z"}"#;
    assert!(!status(extra).accounts[0].is_unreadable);
    assert!(!status("{}").accounts[0].is_unreadable);
}

#[test]
fn summary_counts_each_item_once_that_was_retried_got_well_or_was_deleted() {
    let state: State = serde_json::from_str(
        r#"{"accounts": {"debrid": {
            "items": {"1": {"failed": {"failures": 2, "remedy_at": "2026-11-20T11:00:00Z"}},
                      "2": {"failed": {"failures": 2, "remedy_at": "2026-11-18T11:00:00Z"}},
                      "3": {"failed": {"failures": 1, "remedy_at": "2026-11-20T11:30:00Z"}}},
            "recovered": {"3": "2026-11-20T11:00:00Z", "4": "2026-11-20T10:00:00Z", "5": "2026-11-19T11:00:00Z"}}}}"#,
    )
    .unwrap();
    let mut book = Book::default();
    deletion(&mut book, 1, "6", "[5, 5]", "done");
    deletion(&mut book, 2, "7", "[1, 1]", "done");
    deletion(&mut book, 3, "1", "[2, 2]", "refused");
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let expected = LastDay {
        deleted: 2,
        freed_bytes: 2000,
        not_deleted: 1,
        retried: 4, // 1, 3, 4 and 6
        recovered: 2,
        restored: 0,
    };
    assert_eq!(LastDay::of(&state, &book, now), expected);
}
