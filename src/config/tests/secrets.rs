//! Secrets: where they come from, and that no output ever holds one.

use std::path::PathBuf;

use crate::config::policy::{SecretSource, Service};

use super::World;

fn with_key(key: &str) -> String {
    format!(r#"{{ "accounts": [{{ "name": "a", "type": "alldebrid", "api_key": {key} }}] }}"#)
}

/// The value and source of the key, or the problem.
fn key_of(world: &World, key: &str) -> Result<(String, SecretSource), String> {
    let loaded = world
        .load(with_key(key))
        .map_err(|errors| errors.findings[0].problem.clone())?;
    match &loaded.policy.accounts[0].service {
        Service::Alldebrid(policy) => Ok((
            policy.api_key.expose().to_owned(),
            policy.api_key.source().clone(),
        )),
        Service::Qbittorrent(_) => panic!("not asked for"),
    }
}

#[test]
fn reads_every_source_and_drops_the_last_line_end() {
    let mut world = World::complete();
    for (path, text) in [
        ("/a", "x\n"),
        ("/b", "x\r\n"),
        ("/c", "x"),
        ("/run/credentials/d", "x\n"),
    ] {
        world.files.insert(path.into(), text.into());
    }
    world.env.insert("E".into(), "x".into());
    let file = |path: &str| SecretSource::File(PathBuf::from(path));
    for (key, source) in [
        (r#""x""#, SecretSource::Text),
        (r#"{ "file": "/a" }"#, file("/a")),
        (r#"{ "file": "/b" }"#, file("/b")),
        (r#"{ "file": "../../c" }"#, file("/etc/seedwarden/../../c")),
        (
            r#"{ "credential": "d" }"#,
            SecretSource::Credential("d".into()),
        ),
        (r#"{ "env": "E" }"#, SecretSource::Env("E".into())),
    ] {
        world
            .files
            .insert("/etc/seedwarden/../../c".into(), "x".into());
        assert_eq!(key_of(&world, key), Ok(("x".to_owned(), source)), "{key}");
    }
}

#[test]
fn names_what_is_missing() {
    let mut world = World::complete();
    world.files.insert("/empty".into(), "\n".into());
    world.files.insert("/two".into(), "a\nb".into());
    world.files.insert("/latin1".into(), vec![0xe4]);
    for (key, words) in [
        (r#"{ "env": "NONE" }"#, "no environment variable NONE"),
        (r#"{ "file": "/none" }"#, "no readable file /none"),
        (r#"{ "file": "/empty" }"#, "nothing in file /empty"),
        (r#"{ "file": "/latin1" }"#, "other than UTF-8"),
        (r#"{ "file": "/two" }"#, "an API key with blanks"),
        (
            r#"{ "credential": "none" }"#,
            "no readable systemd credential none",
        ),
        (r#"{ "credential": "../x" }"#, "with \"/\""),
        (r#"{ "env": "" }"#, "an empty text"),
        (r#"{ }"#, "no source, expected exactly one of"),
        (r#"{ "env": "A", "file": "/b" }"#, "more than one source"),
        (r#""""#, "an empty text, expected a secret"),
        (
            r#"[]"#,
            "an empty list, expected a secret: a text, {\"env\"",
        ),
        (r#"{ "environment": "A" }"#, "found an unknown key"),
    ] {
        let problem = key_of(&world, key).expect_err(key);
        assert!(problem.contains(words), "{key}: {problem}");
    }
    world.env.remove("CREDENTIALS_DIRECTORY");
    let problem = key_of(&world, r#"{ "credential": "d" }"#).expect_err("no folder");
    assert!(problem.contains("no $CREDENTIALS_DIRECTORY"), "{problem}");
}

#[test]
fn offline_a_missing_source_is_a_warning() {
    let world = World {
        is_offline: true,
        ..World::default()
    };
    let loaded = world.load(with_key(r#"{ "env": "NONE" }"#)).expect("loads");
    let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        ["accounts[0].api_key: no environment variable NONE; the secret is missing"]
    );
    assert_eq!(
        key_of(&world, r#"{ "env": "NONE" }"#),
        Ok((String::new(), SecretSource::Env("NONE".into())))
    );
}

/// What stands in for a secret: it reads like no word of a configuration.
const CANARY: &str = "hunter2-apikey-oops";

#[test]
fn no_output_holds_a_value_from_the_wrong_place() {
    for text in [
        with_key(&format!("[\"{CANARY}\"]")),
        with_key(&format!("{{ \"{CANARY}\": 1 }}")),
        with_key(&format!("{{ \"value\": \"{CANARY}\" }}")),
        with_key(&format!("\"{CANARY}\", \"api_key\": \"{CANARY}\"")),
        with_key(&format!(
            "\"{CANARY}\", \"apikey\": \"{CANARY}\", \"failed\": {{ \"max_failures\": 0 }}"
        )),
        with_key(&format!(
            "\"{CANARY}\", \"failed\": {{ \"max_failures\": \"{CANARY}\" }}"
        )),
        with_key(&format!(
            "\"{CANARY}\", \"failed\": {{ \"last_resort\": \"{CANARY}\" }}"
        )),
        with_key(&format!(
            "\"{CANARY}\", \"cycle\": \"{CANARY}\", \"rules\": [\"{CANARY}\"]"
        )),
        with_key(&format!("\"{CANARY}\", \"type\": \"{CANARY}\"")),
        with_key(&format!(
            "\"{CANARY}\", \"url\": \"http://u:{CANARY}@host\""
        )),
        with_key(&format!("\"{CANARY}\", \"url\": \"{CANARY}\"")),
        with_key(&format!(
            "\"{CANARY}\", \"protect\": {{ \"rules\": \"{CANARY}\" }}"
        )),
        format!("{{ \"{CANARY}\": \"{CANARY}\", \"accounts\": [\"{CANARY}\"] }} // {CANARY}"),
        format!(
            "{{ \"log_level\": \"{CANARY}\", \"time_zone\": \"{CANARY}\", \"discord\": \"{CANARY}\" }}"
        ),
        format!(
            "{{ \"discord\": {{ \"webhook_url\": \"{CANARY}\" }}, \"limits\": {{ \"outage_share\": \"{CANARY}\" }} }}"
        ),
        format!("{{ \"api_key\": \"{CANARY}\", \"cycle\": \"{CANARY}\" \"x\": 1 }}"),
        format!("{{ \"api_key\": {CANARY} }}"),
        format!(
            "{{ \"rules\": [{{ \"name\": \"r\", \"conditions\": \"{CANARY}\", \"action\": \"{CANARY}\" }}] }}"
        ),
        format!("\"{CANARY}\""),
        CANARY.to_owned(),
    ] {
        let errors = World::complete().load(&text).expect_err(&text);
        let output = format!(
            "{}{errors:?}{}",
            errors.report(true),
            errors.findings[0].on_one_line(&errors.file)
        );
        assert!(
            !output.contains("hunter2") && !output.contains("oops"),
            "{text}\n{output}"
        );
    }
}

#[test]
fn debug_output_of_a_policy_holds_no_secret() {
    let text = format!(
        r#"{{ "discord": {{ "webhook_url": "https://d/{CANARY}" }}, "accounts": [
            {{ "name": "a", "type": "alldebrid", "api_key": "{CANARY}" }},
            {{ "name": "q", "type": "qbittorrent", "url": "http://h", "username": "u", "password": "{CANARY}" }} ] }}"#
    );
    let world = World {
        is_readable_by_others: true,
        ..World::complete()
    };
    let loaded = world.load(text).expect("loads");
    assert_eq!(loaded.warnings.len(), 3);
    assert!(!format!("{loaded:?}").contains(CANARY));
}

#[test]
fn another_login_has_another_mark_that_does_not_give_it_away() {
    let mark = |key: &str| {
        let loaded = World::complete().load(with_key(&format!("{key:?}")));
        let loaded = loaded.unwrap_or_else(|errors| panic!("{}", errors.report(false)));
        loaded.policy.accounts[0].login_mark()
    };
    assert_eq!(mark("one"), mark("one"));
    assert_ne!(mark("one"), mark("two"));
    assert_eq!(mark("one").len(), 4);
}
