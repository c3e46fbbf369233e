//! Configurations and inputs that are wrong: answered at once by something that a person can act on.

use super::world::World;
use crate::product::Product;
use crate::real::until;
use rustix::process::Signal;
use serde_json::json;
use std::fs;
use std::time::{Duration, Instant};

/// A person waits no longer than this for an answer; the machine of the tests is busy.
const AT_ONCE: Duration = Duration::from_secs(2);

/// In every configuration here that can hold one; never in an answer.
const SECRET: &str = "sEcReT1234567890";

/// Writes the text as the configuration, runs each command that reads it, and looks for these parts in the answer.
#[track_caller]
fn check(text: impl AsRef<[u8]>, parts: &[&str]) {
    let product = Product::configured(&json!({}));
    fs::write(product.configuration(), text).expect("a configuration");
    for arguments in [&["run"][..], &["check"], &["plan"]] {
        let started = Instant::now();
        let outcome = product.run(arguments);
        let told = format!("{}{}", outcome.stdout, outcome.stderr);
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {told}");
        assert!(
            started.elapsed() < AT_ONCE,
            "{arguments:?} took {:?}",
            started.elapsed()
        );
        for part in parts {
            assert!(told.contains(part), "{part:?} is missing in\n{told}");
        }
        assert!(
            !told.contains("panicked") && !told.contains(SECRET),
            "{told}"
        );
        assert!(!product.state_dir().exists(), "nothing is begun");
    }
}

/// One AllDebrid account with these further keys.
fn account(more: &str) -> String {
    format!(
        "{{\n  \"accounts\": [\n    {{ \"name\": \"a\", \"type\": \"alldebrid\", \"api_key\": \"{SECRET}\"{more} }}\n  ]\n}}\n"
    )
}

#[test]
fn text_that_is_no_json_is_refused_with_its_place() {
    check("", &["config.json"]);
    check("hello", &["config.json:1:1"]);
    check("{ \"accounts\": [", &["config.json:1:"]);
    check("[]", &["config.json:1:1"]);
    check([0xff, 0xfe, 0x00, 0x01], &["config.json"]);
    check("[".repeat(200_000), &["config.json:1:"]);
    check(
        format!("{{ \"accounts\": \"{SECRET}\" }}"),
        &["config.json:1:", "accounts"],
    );
}

#[test]
fn misspelt_and_unknown_keys_are_refused_with_the_nearest_one() {
    check(
        account(", \"faild\": {}"),
        &["config.json:3:", "faild", "failed"],
    );
    check(
        account("").replace("accounts", "acounts"),
        &["config.json:2:", "acounts", "accounts"],
    );
    check(
        account("").replace("\"alldebrid\"", "\"aldebrid\""),
        &["config.json:3:", "alldebrid"],
    );
    check(account(&format!(", \"{SECRET}\": 1")), &["config.json:3:"]);
}

#[test]
fn values_that_make_no_sense_are_refused_with_what_is_expected() {
    check(
        account(", \"failed\": { \"max_failures\": 0 }"),
        &["config.json:3:", "max_failures"],
    );
    check(
        account(", \"failed\": { \"max_failures\": \"five\" }"),
        &["config.json:3:", "max_failures"],
    );
    check(
        account(", \"failed\": { \"max_failures\": 1e99 }"),
        &["config.json:3:", "max_failures"],
    );
    check(account(", \"cycle\": \"0s\""), &["config.json:3:", "cycle"]);
    check(
        account(", \"cycle\": \"thirty minutes\""),
        &["config.json:3:", "cycle", "30m"],
    );
    check(
        account(", \"cycle\": \"1s\", \"cycle\": \"2s\""),
        &["config.json:3:", "cycle"],
    );
    check(
        account(", \"url\": \"not an address\""),
        &["config.json:3:", "url"],
    );
    check(
        account(", \"rules\": [\"nobody\"]"),
        &["config.json:3:", "the name of a rule"],
    );
}

#[test]
fn mistakes_are_told_all_at_once() {
    check(
        account(", \"cycle\": 5, \"failed\": { \"last_resort\": \"explode\" }, \"protct\": {}"),
        &["cycle", "last_resort", "protct"],
    );
    let twice = account("").replace(
        "]\n",
        &format!(", {{ \"name\": \"a\", \"type\": \"alldebrid\", \"api_key\": \"{SECRET}\" }} ]\n"),
    );
    check(twice, &["config.json:4:", "name", "earlier account"]);
}

#[test]
fn rules_that_are_wrong_are_refused_at_load() {
    let rule = |rule: &str| account("").replacen('{', &format!("{{ \"rules\": [ {rule} ],"), 1);
    check(
        rule(r#"{ "name": "r", "conditions": [] }"#),
        &["config.json:1:", "conditions"],
    );
    check(
        rule(
            r#"{ "name": "r", "conditions": [{ "key": "siez", "compareType": "bigger", "value": 1 }] }"#,
        ),
        &["config.json:1:", "size"],
    );
    check(
        rule(
            r#"{ "name": "r", "conditions": [{ "key": "name", "compareType": "regExp", "value": "(" }] }"#,
        ),
        &["config.json:1:"],
    );
    check(
        rule(r#"{ "name": "r", "javascript": "(maindata, torrent) => {" }"#),
        &["config.json:1:", "javascript"],
    );
    check(
        rule(r#"{ "name": "r", "javascript_file": "nowhere.js" }"#),
        &["config.json:1:", "nowhere.js"],
    );
}

#[test]
fn wrong_arguments_and_missing_files_are_answered_kindly() {
    let product = Product::configured(&json!({}));
    for arguments in [
        &["rnu"][..],
        &["run", "--onec"],
        &["history", "--since", "yesterday"],
        &["explain"],
        &["import", "nothing", "here"],
        &["reset", "--account"],
    ] {
        let outcome = product.run(arguments);
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {outcome:#?}");
        assert!(!outcome.stderr.contains("panicked"), "{outcome:#?}");
        assert!(!outcome.stderr.is_empty());
    }
    fs::remove_file(product.configuration()).expect("a configuration");
    let outcome = product.run(&["run"]);
    assert_eq!(outcome.code, Some(2), "{outcome:#?}");
    assert!(outcome.stderr.contains("seedwarden init"), "{outcome:#?}");
    fs::create_dir(product.configuration()).expect("a folder");
    let outcome = product.run(&["run"]);
    assert_eq!(outcome.code, Some(2), "{outcome:#?}");
}

#[test]
fn damaged_ledger_stops_all_work_until_it_is_mended() {
    let world = World::new();
    world.add_dead("one", 1);
    let ledger = world.product.state_dir().join("ledger.jsonl");
    fs::create_dir_all(world.product.state_dir()).expect("a folder");
    fs::write(&ledger, "{\"record\": 7}\n").expect("a ledger");
    let mut daemon = world.product.daemon();
    daemon.wait_for_log("line 1 of");
    let log = daemon.log();
    assert!(
        log.contains("ledger.jsonl") && log.contains("repair or remove that line"),
        "{log}"
    );
    assert!(daemon.is_running());
    assert_eq!(world.debrid.log.count("magnet/status"), 0);
    fs::write(&ledger, "").expect("a ledger");
    daemon.signal(Signal::USR1);
    until("the magnet is restarted", || {
        (world.restarts("one", 1) > 0).then_some(())
    });
    assert!(daemon.log().contains("can be read again"));
    daemon.stop();
    // Once is for scripts, which want to hear of it at once.
    fs::write(&ledger, "{\"record\": 7}\n").expect("a ledger");
    let outcome = world.product.run(&["run", "--once"]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
}

#[test]
fn dry_run_that_is_switched_on_while_the_ledger_is_damaged_holds() {
    let world = World::new();
    world.add_dead("one", 1);
    let ledger = world.product.state_dir().join("ledger.jsonl");
    fs::create_dir_all(world.product.state_dir()).expect("a folder");
    fs::write(&ledger, "{\"record\": 7}\n").expect("a ledger");
    let daemon = world.product.daemon();
    daemon.wait_for_log("line 1 of");
    world.configure(|config| config["dry_run"] = json!(true));
    daemon.signal(Signal::HUP);
    daemon.wait_for_log("configuration read again");
    fs::write(&ledger, "").expect("a ledger");
    daemon.signal(Signal::USR1);
    daemon.wait_for_log("one: dry run, 1 item,");
    assert_eq!(world.restarts("one", 1), 0);
    daemon.stop();
}
