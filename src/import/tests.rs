//! Whole files in, whole configurations and remarks out. The samples and what they become are in tests/data/import;
//! `UPDATE_EXPECTED=1 cargo test import` writes the latter anew.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::config::load;

use super::*;

/// Stands for the check of the real engine: a script must not end in an operator.
fn check_script(_: &str, script: &str) -> Result<(), String> {
    match script.trim_end().ends_with('>') {
        true => Err("unexpected end".to_owned()),
        false => Ok(()),
    }
}

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/import")
}

fn sources(files: &[&str]) -> Vec<Source> {
    let mut sources = Vec::new();
    for file in files {
        let path = data().join(file);
        let mut paths = vec![path.clone()];
        if path.is_dir() {
            let entries = fs::read_dir(&path).unwrap();
            paths = entries.map(|entry| entry.unwrap().path()).collect();
            paths.sort();
        }
        for path in paths {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).unwrap();
            sources.push(Source { name, text });
        }
    }
    sources
}

/// Import the files and compare with `expected/NAME.json` and `.txt`; what comes out must load, and no remark may
/// hold a secret (each sample's have "secret" in them).
#[track_caller]
fn check(tool: Tool, name: &str, files: &[&str]) -> Imported {
    let imported = import(tool, &sources(files), &check_script).unwrap();
    let lines: String = imported
        .remarks
        .iter()
        .map(|remark| format!("{remark}\n"))
        .collect();
    assert!(
        !lines.to_lowercase().contains("secret"),
        "a secret in {lines}"
    );
    for (ending, got) in [("json", &imported.config), ("txt", &lines)] {
        let file = data().join("expected").join(format!("{name}.{ending}"));
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&file, got).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap();
        assert_eq!(*got, expected, "{}", file.display());
    }
    assert!(
        imported.config.starts_with("{\n  \"dry_run\": true,\n"),
        "nothing happens before its owner has looked"
    );
    loads(&imported.config);
    imported
}

/// What comes out is accepted as `check --offline` does, without doubts but those that a remark speaks of.
#[track_caller]
fn loads(config: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.json");
    fs::write(&file, config).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let loaded = match load(&file, true, &check_script) {
        Ok(loaded) => loaded,
        Err(errors) => panic!("{errors}"),
    };
    for warning in loaded.warnings {
        let is_expected = ["the secret is missing", "no account uses the rule"]
            .iter()
            .any(|part| warning.problem.contains(part));
        assert!(is_expected, "{}: {}", warning.path, warning.problem);
    }
}

#[test]
fn carries_the_usual_hardlink_checker_over() {
    check(
        Tool::HardlinksChecker,
        "hardlinks-usual",
        &["hardlinks-checker/usual"],
    );
}

#[test]
fn carries_every_setting_of_the_hardlink_checker_over() {
    check(
        Tool::HardlinksChecker,
        "hardlinks-full",
        &["hardlinks-checker/full"],
    );
}

#[test]
fn takes_odd_settings_of_the_hardlink_checker_as_they_were_meant() {
    check(
        Tool::HardlinksChecker,
        "hardlinks-odd",
        &["hardlinks-checker/odd"],
    );
}

#[test]
fn puts_files_for_one_server_together_by_the_more_careful_setting() {
    check(
        Tool::HardlinksChecker,
        "hardlinks-two",
        &["hardlinks-checker/two"],
    );
}

#[test]
fn a_hardlink_checker_that_did_nothing_deletes_nothing() {
    let imported = check(
        Tool::HardlinksChecker,
        "hardlinks-nothing",
        &["hardlinks-checker/no-orphans.yaml"],
    );
    let config: serde_json::Value = serde_json::from_str(&imported.config).unwrap();
    assert_eq!(config["accounts"][0].get("unregistered"), None);
}

#[test]
fn carries_the_magnet_watcher_over() {
    check(
        Tool::ManageMagnets,
        "magnets-usual",
        &["manage-magnets/usual"],
    );
}

#[test]
fn takes_odd_settings_of_the_magnet_watcher_as_they_worked() {
    check(Tool::ManageMagnets, "magnets-odd", &["manage-magnets/odd"]);
}

#[test]
fn carries_a_vertex_client_and_its_rules_over() {
    let files = ["vertex/usual/data/client", "vertex/usual/data/rule/delete"];
    check(Tool::Vertex, "vertex-usual", &files);
}

#[test]
fn explains_each_vertex_rule_that_is_a_mine() {
    let files = ["vertex/mines/data/client", "vertex/mines/data/rule/delete"];
    check(Tool::Vertex, "vertex-mines", &files);
}

#[test]
fn lets_no_vertex_rule_act_without_its_client() {
    let imported = check(Tool::Vertex, "vertex-rules-only", &["vertex/rules-only"]);
    let config: serde_json::Value = serde_json::from_str(&imported.config).unwrap();
    assert_eq!(config["accounts"][0].get("rules"), None);
    assert_eq!(config["rules"][1]["name"], "done (2)");
}

#[test]
fn refuses_files_of_something_else() {
    let check = |tool, text: &str, part: &str| {
        let source = Source {
            name: "it".to_owned(),
            text: text.to_owned(),
        };
        let error = import(tool, &[source], &check_script)
            .unwrap_err()
            .to_string();
        assert!(error.contains(part), "{error}");
    };
    check(Tool::HardlinksChecker, "a: b", "it: found no qbt_host");
    check(
        Tool::HardlinksChecker,
        "a: [",
        "it: found text that is no YAML",
    );
    check(Tool::HardlinksChecker, "text", "it: found no settings");
    check(
        Tool::ManageMagnets,
        "{\"a\": 1}",
        "it: found settings of something else",
    );
    check(Tool::ManageMagnets, "{}", "found nothing to import");
    check(
        Tool::ManageMagnets,
        "{\"api_keys\": []}",
        "it: found no key in api_keys",
    );
    check(Tool::ManageMagnets, "[", "it: found text that is no JSON");
    check(Tool::Vertex, "{\"a\": 1}", "found nothing to import");
    check(Tool::Vertex, "nonsense", "it: found text that is no JSON");
}

#[test]
fn never_panics_on_damaged_files() {
    let whole = sources(&[
        "vertex/mines/data/rule/delete",
        "manage-magnets/usual",
        "hardlinks-checker/full",
    ]);
    for source in whole {
        for tool in [Tool::HardlinksChecker, Tool::ManageMagnets, Tool::Vertex] {
            for end in source.text.char_indices().map(|(at, _)| at) {
                let source = Source {
                    name: source.name.clone(),
                    text: source.text[..end].to_owned(),
                };
                let _ = import(tool, &[source], &check_script);
            }
        }
    }
}
