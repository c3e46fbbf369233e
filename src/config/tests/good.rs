//! Configurations that load, and what they mean.

use std::time::Duration;

use crate::config::STARTER;
use crate::config::policy::*;

use super::{World, load};

const DESIGN: &str = include_str!("design.json");

fn qbittorrent(account: &AccountPolicy) -> &QbtPolicy {
    match &account.service {
        Service::Qbittorrent(policy) => policy,
        Service::Alldebrid(_) => panic!("{} is on AllDebrid", account.name),
    }
}

fn alldebrid(account: &AccountPolicy) -> &AdPolicy {
    match &account.service {
        Service::Alldebrid(policy) => policy,
        Service::Qbittorrent(_) => panic!("{} is on qBittorrent", account.name),
    }
}

#[test]
fn loads_the_example_of_the_design() {
    let loaded = load(DESIGN);
    assert_eq!(loaded.warnings, []);
    let policy = loaded.policy;
    assert_eq!(policy.cycle, Duration::from_secs(1800));
    assert_eq!(policy.limits, Limits::default());
    assert_eq!(policy.trash_keep_for, Duration::from_secs(30 * 86_400));
    assert_eq!(
        policy.webhooks[0].url.expose(),
        "https://discord.com/api/webhooks/1/abc"
    );
    let [seedbox, debrid] = &policy.accounts[..] else {
        panic!("{} accounts", policy.accounts.len())
    };
    assert_eq!(
        (seedbox.cycle, seedbox.rule_cycle),
        (Duration::from_secs(600), Duration::from_secs(10))
    );
    assert_eq!(debrid.rule_cycle, Duration::from_secs(1800));
    let names: Vec<&str> = seedbox
        .rules
        .iter()
        .map(|rule| rule.name.as_str())
        .collect();
    assert_eq!(names, ["free-rider", "slow"]);
    assert_eq!(seedbox.protect_rules[0].name, "young");
    assert_eq!(seedbox.rules[1].hold_for, Some(Duration::from_secs(30)));
    let origin = std::path::PathBuf::from("/etc/seedwarden/rules/free-rider.js");
    assert!(
        matches!(&seedbox.rules[0].body, RuleBody::Script { origin: Some(path), .. } if *path == origin)
    );

    let qbt = qbittorrent(seedbox);
    assert_eq!(qbt.url.as_str(), "http://127.0.0.1:8080/");
    assert!(matches!(&qbt.login, Login::Password { username, password }
        if username == "admin" && password.expose() == "pass"));
    assert!(qbt.select.categories.contains("tv") && !qbt.select.categories.contains(""));
    assert!(qbt.protect_categories.contains("keep") && qbt.protect_tags.contains("forever"));
    assert_eq!(
        qbt.path_map.map("/downloads/x"),
        Some("/srv/downloads/x".into())
    );
    let hardlinks = qbt.hardlinks.as_ref().expect("on");
    assert_eq!(hardlinks.recheck_every, Duration::from_secs(6 * 3600));
    assert_eq!(
        alldebrid(debrid).failed.as_ref().expect("on").max_failures,
        5
    );
    assert_eq!(alldebrid(debrid).url.as_str(), "https://api.alldebrid.com/");
}

#[test]
fn loads_the_example_and_the_starter_without_a_warning() {
    let example = load(include_str!("../../../config.example.json"));
    assert_eq!(example.warnings, []);
    assert_eq!(example.policy.accounts.len(), 3);
    let starter = load(STARTER);
    assert_eq!(starter.warnings, []);
    assert!(starter.policy.dry_run, "a starter must not change anything");
}

#[test]
fn absent_blocks_are_off_but_failed_is_on() {
    let policy = load(
        r#"{ "accounts": [
            { "name": "q", "type": "qbittorrent", "url": "http://h/qb", "username": "u", "password": "p",
              "errored": true, "hardlinks": false },
            { "name": "a", "type": "alldebrid", "api_key": "k" },
            { "name": "b", "type": "alldebrid", "api_key": "l", "failed": false } ] }"#,
    )
    .policy;
    let q = qbittorrent(&policy.accounts[0]);
    assert_eq!(q.url.as_str(), "http://h/qb/");
    assert!(q.errored.is_some() && q.hardlinks.is_none() && q.unregistered.is_none());
    assert_eq!(q.select.categories, CategoryFilter::All);
    assert!(alldebrid(&policy.accounts[1]).failed.is_some());
    assert!(alldebrid(&policy.accounts[2]).failed.is_none());
    assert!(policy.webhooks.is_empty() && !policy.dry_run);
}

#[test]
fn deleting_actions_of_a_shared_rule_mean_delete_on_alldebrid() {
    let policy = load(
        r#"{ "accounts": [
            { "name": "q", "type": "qbittorrent", "url": "http://h", "api_key": "x", "rules": ["r"] },
            { "name": "a", "type": "alldebrid", "api_key": "k", "rules": ["r", "again"] } ],
          "rules": [ { "name": "r", "javascript": "x", "action": "delete_torrent" },
            { "name": "again", "javascript": "x", "action": "restart" } ] }"#,
    )
    .policy;
    assert_eq!(policy.accounts[0].rules[0].action, Action::DeleteTorrent);
    assert_eq!(policy.accounts[1].rules[0].action, Action::Delete);
    assert_eq!(policy.accounts[1].rules[1].action, Action::Restart);
}

#[test]
fn accepts_bom_levels_in_any_case_and_single_names() {
    let text = "\u{feff}{ \"$schema\": \"x\", \"log_level\": \"WARNING\", \"time_zone\": \"UTC\", \"accounts\": [{
        \"name\": \"q\", \"type\": \"qbittorrent\", \"url\": \"http://h\", \"api_key\": \"x\",
        \"select\": { \"categories\": \"Uncategorized\", \"trackers\": \"Tracker.Example.ORG\" } }] }";
    let policy = load(text).policy;
    assert_eq!(policy.log_level, LogLevel::Warn);
    let select = &qbittorrent(&policy.accounts[0]).select;
    assert!(select.categories.contains("") && !select.categories.contains("tv"));
    assert!(select.trackers.contains("tracker.example.org"));
}

/// The warnings of a configuration, as `path: problem`.
#[track_caller]
fn check_warnings(world: &World, text: &str, expected: &[&str]) {
    let loaded = world.load(text).unwrap_or_else(|errors| panic!("{errors}"));
    let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings, expected);
}

#[test]
fn warns_of_what_is_doubtful() {
    let text = r#"{ "cycle": "10s", "accounts": [
        { "name": "a", "type": "alldebrid", "api_key": "k", "cycle": "59s", "protect": { "rules": ["p"] } } ],
      "rules": [ { "name": "p", "javascript": "x", "limit": 2 }, { "name": "idle", "javascript": "x" } ] }"#;
    let expected = [
        "cycle: cycles shorter than a minute",
        "accounts[0].cycle: cycles shorter than a minute",
        "rules[0].limit: the rule \"p\" only protects, so this has no effect",
        "rules[1]: no account uses the rule \"idle\"",
    ];
    check_warnings(&World::default(), text, &expected);
}

#[test]
fn warns_of_text_secrets_in_a_readable_file() {
    let text = r#"{ "accounts": [ { "name": "a", "type": "alldebrid", "api_key": "k" } ] }"#;
    let expected = "a secret as text in a file that everyone on this machine can read";
    let world = World {
        is_readable_by_others: true,
        ..World::default()
    };
    check_warnings(&world, text, &[&format!("accounts[0].api_key: {expected}")]);
    check_warnings(&World::default(), text, &[]);
}

#[test]
fn warns_of_a_key_sent_unencrypted() {
    let with = |url: &str| {
        format!(
            r#"{{ "accounts": [{{ "name": "a", "type": "alldebrid", "api_key": "k", "url": "{url}" }}] }}"#
        )
    };
    let expected = ["accounts[0].url: the API key goes to proxy.example unencrypted"];
    check_warnings(
        &World::default(),
        &with("http://proxy.example/ad"),
        &expected,
    );
    check_warnings(&World::default(), &with("http://127.0.0.1:9999"), &[]);
}

#[test]
fn loads_a_real_file_and_what_lies_beside_it() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a folder");
    let write =
        |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("key", "secret\n");
    write("rule.js", "() => true");
    let file = folder.path().join("config.json");
    let load = || crate::config::load(&file, false, &|name, _| Err(format!("checked {name}")));
    let missing = load().expect_err("no file yet");
    assert!(
        missing
            .to_string()
            .contains("cannot read the configuration"),
        "{missing}"
    );
    write(
        "config.json",
        r#"{ "accounts": [ { "name": "a", "type": "alldebrid", "api_key": { "file": "key" } },
            { "name": "b", "type": "alldebrid", "api_key": "text", "rules": ["r"] } ],
          "rules": [ { "name": "r", "javascript_file": "rule.js" } ] }"#,
    );
    let refused = load().expect_err("the script is refused");
    assert!(refused.to_string().contains("checked r"), "{refused}");
    for (mode, warnings) in [(0o640, 0), (0o644, 1)] {
        std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).expect("permissions");
        let loaded = crate::config::load(&file, false, &|_, _| Ok(())).expect("valid");
        assert_eq!(loaded.warnings.len(), warnings, "{mode:o}");
        assert_eq!(
            alldebrid(&loaded.policy.accounts[0]).api_key.expose(),
            "secret"
        );
    }
}
