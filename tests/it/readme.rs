//! README.md against the program: its configurations load, its commands and flags exist, its keys are all keys.

use crate::product::Product;
use seedwarden::core::model::{Magnet, Unknown};
use seedwarden::core::rules::items::MagnetItem;
use seedwarden::core::rules::{Key, Seen, Subject, Surroundings, Value};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

const README: &str = include_str!("../../README.md");

/// Options of every command.
const GLOBAL: [&str; 5] = ["--config", "--state-dir", "--help", "--version", "-h"];

/// The fenced blocks of this language.
fn blocks(language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let begun = README.split(&fence).skip(1);
    begun
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

/// The lines between this heading and the next of the same or a higher level.
fn section(heading: &str) -> &'static str {
    let at = README
        .find(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("no {heading}"));
    let rest = &README[at + heading.len() + 2..];
    rest.split("\n## ").next().unwrap_or_default()
}

/// The rows of the tables in a section, as cells.
fn rows(section: &str) -> Vec<Vec<&str>> {
    let lines = section.lines().filter(|line| line.starts_with("| "));
    lines
        .filter(|line| !line.starts_with("| ---"))
        .map(|line| {
            line.trim_matches(['|', ' '])
                .split(" | ")
                .map(str::trim)
                .collect()
        })
        .collect()
}

/// The words in backticks of a text.
fn code(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// A whole configuration around a fragment; `None` for what is no configuration (the state file).
fn whole(block: Json) -> Option<Json> {
    let mut account = json!({ "name": "box", "type": "qbittorrent", "url": "http://127.0.0.1:1",
        "username": "admin", "password": "secret" });
    let has = |key: &str| block.get(key).is_some();
    if has("version") {
        return None;
    }
    if has("accounts") && !has("name") {
        return Some(block);
    }
    if has("conditions") || has("javascript") {
        account["rules"] = json!([block["name"]]);
        return Some(json!({ "accounts": [account], "rules": [block] }));
    }
    let Json::Object(keys) = block else {
        panic!("a block is an object: {block}")
    };
    for (key, value) in keys {
        account[key] = value;
    }
    Some(json!({ "accounts": [account] }))
}

#[test]
fn every_configuration_of_the_readme_loads() {
    let mut loaded = 0;
    for text in blocks("json") {
        let block = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let Some(config) = whole(block) else { continue };
        let outcome = Product::configured(&config).run(&["check", "--offline"]);
        assert_eq!(outcome.code, Some(0), "{text}\n{outcome:#?}");
        loaded += 1;
    }
    assert!(loaded >= 6, "{loaded} configurations");
}

#[test]
fn every_command_of_the_readme_exists_and_every_command_is_in_it() {
    let product = Product::configured(&json!({}));
    let help = product.run(&["--help"]).stdout;
    let listed = help.split("Commands:\n").nth(1).expect("commands");
    let listed = listed.split("\n\n").next().expect("commands");
    let commands: BTreeSet<&str> = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| *word != "help")
        .collect();
    let shell: String = [blocks("sh"), blocks("console")].concat().concat();
    // `-u seedwarden -f` and `-g seedwarden FILE` name the service and its user.
    let is_command = |word: &&str| {
        word.starts_with(|letter: char| letter.is_ascii_lowercase())
            && word
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter == '-')
    };
    let named = shell
        .split("seedwarden ")
        .skip(1)
        .filter_map(|rest| rest.split_whitespace().next())
        .filter(is_command);
    for name in named {
        assert!(commands.contains(name), "seedwarden {name}");
    }
    let table: BTreeSet<&str> = rows(section("## Commands"))
        .iter()
        .flat_map(|row| code(row[0]))
        .filter_map(|text| text.split_whitespace().next())
        .collect();
    assert_eq!(table, commands);
}

#[test]
fn the_table_of_commands_has_the_flags_of_the_help() {
    let product = Product::configured(&json!({}));
    for row in rows(section("## Commands")).iter().skip(1) {
        let usage = code(row[0])[0];
        let words = usage.split_whitespace().take_while(|word| {
            word.chars()
                .all(|letter| letter.is_ascii_lowercase() || letter == '-')
        });
        let mut arguments: Vec<&str> = words.collect();
        arguments.push("--help");
        let help = product.run(&arguments).stdout;
        assert_eq!(flags(usage), flags(&help), "{usage}");
    }
}

/// The long flags of a text, those of every command left out.
fn flags(text: &str) -> BTreeSet<String> {
    // Descriptions name flags of other commands in backticks.
    let text: String = text.split('`').step_by(2).collect();
    let is_part = |letter: char| !(letter.is_ascii_lowercase() || letter == '-');
    text.split(is_part)
        .filter(|word| word.len() > 2 && word.starts_with("--"))
        .filter(|word| !GLOBAL.contains(word))
        .map(str::to_owned)
        .collect()
}

/// What AllDebrid knows under a key, in the words of the table.
fn on_alldebrid(key: Key) -> &'static str {
    let magnet = Magnet {
        filename: "name".into(),
        hash: Some("hash".into()),
        size: Some(100),
        status_code: Some(1),
        downloaded: Some(50),
        uploaded: Some(20),
        download_speed: Some(5),
        upload_speed: Some(6),
        seeders: Some(7),
        upload_date: Some(1_600_000_000),
        completion_date: Some(1_600_000_100),
        ..Magnet::default()
    };
    let surroundings = Surroundings {
        now_seconds: 1_700_000_000,
        second_from_zero: 10,
        free_space: Value::Unknown(Unknown::not_shown("AllDebrid does not report it")),
        leeching_count: Value::Number(1.0),
        seeding_count: Value::Number(1.0),
        upload_speed: 0.0,
        download_speed: 0.0,
    };
    let seen = Seen {
        item: &MagnetItem {
            magnet: &magnet,
            failures: 2,
        },
        surroundings: &surroundings,
    };
    match seen.value(key) {
        Value::Unknown(_) => "unknown",
        Value::Text(text) | Value::Set(text) if text.is_empty() => "empty",
        Value::Bool(false) => "false",
        Value::Number(0.0) => "0",
        Value::Text(_) | Value::Set(_) | Value::Bool(_) | Value::Number(_) => "known",
        Value::Undefined | Value::Null => "missing",
    }
}

#[test]
fn the_table_of_keys_has_every_key_and_what_alldebrid_knows_of_it() {
    let mut told = BTreeMap::new();
    let table = rows(section("## Rules"));
    for row in table.iter().filter(|row| row.len() == 3) {
        let names: Vec<&str> = code(row[0]);
        let cell = row[2].split(':').next().unwrap_or_default();
        if Key::from_name(names.first().unwrap_or(&"")).is_some() && row[2] != "needed" {
            told.extend(names.into_iter().map(|name| (name, cell)));
        }
    }
    let mut expected = BTreeMap::new();
    for key in Key::ALL {
        expected.extend(key.names().iter().map(|name| (*name, on_alldebrid(*key))));
    }
    assert_eq!(told, expected);
}
