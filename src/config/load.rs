//! From the file to the policy, in three steps: text to tree, tree to raw types, raw types to policy. Errors of the
//! last two are collected, so that a user sees all of them at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path as FilePath;

use super::check::{Check, Outside, ScriptCheck, check};
use super::decode::{DecodeError, DecodeProblem, decode};
use super::finding::{ConfigErrors, Finding};
use super::raw::RawConfig;
use super::text::{Entry, Kind, Node, Path, SyntaxError, line_and_column, parse};
use super::{Policy, words};

/// Longer configurations, scripts and secrets can only be the wrong file.
const LONGEST_FILE: u64 = 8 * 1024 * 1024;

/// A configuration that can be used.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What it asks for.
    pub policy: Policy,
    /// What is doubtful in it.
    pub warnings: Vec<Finding>,
}

/// Read and check a configuration and what it refers to.
///
/// With `is_offline`, secrets whose source is missing are warnings, and empty in the policy.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn load(
    file: &FilePath,
    is_offline: bool,
    check_script: ScriptCheck<'_>,
) -> Result<Loaded, ConfigErrors> {
    let folder = file.parent().map(FilePath::to_path_buf).unwrap_or_default();
    let env = |name: &str| std::env::var(name).ok();
    let outside = Outside {
        env: &env,
        read: &read,
        check_script,
        is_offline,
        folder,
    };
    let bytes = read(file).map_err(|error| {
        let advice = match error.kind() {
            io::ErrorKind::NotFound => {
                Some("write one with `seedwarden init`, or name yours with --config")
            }
            io::ErrorKind::PermissionDenied => {
                Some("the user that runs Seedwarden must be able to read it")
            }
            _ => None,
        };
        let finding = Finding::of_file(format!("cannot read the configuration: {error}"), advice);
        ConfigErrors {
            file: file.to_path_buf(),
            findings: vec![finding],
        }
    })?;
    load_bytes(file, &bytes, &outside, is_readable_by_others(file))
}

/// The same for bytes that were read already.
pub(super) fn load_bytes(
    file: &FilePath,
    bytes: &[u8],
    outside: &Outside<'_>,
    is_readable_by_others: bool,
) -> Result<Loaded, ConfigErrors> {
    let errors = |findings| ConfigErrors {
        file: file.to_path_buf(),
        findings,
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|error| errors(vec![not_utf8(bytes, error.valid_up_to())]))?;
    let root = parse(text).map_err(|error| errors(vec![syntax(text, error)]))?;
    let mut cx = Check {
        text,
        root: &root,
        outside,
        errors: Vec::new(),
        warnings: Vec::new(),
        text_secrets: Vec::new(),
    };

    let mut cut = BTreeSet::new();
    refuse_nulls_and_twins(&mut cx, &root, &Path::root(), &mut cut);
    let (raw, decode_errors) = decode::<RawConfig>(&root, &mut cut);
    for error in decode_errors {
        let finding = explain(&cx, &error);
        cx.record(finding);
    }
    let Some(raw) = raw else {
        return Err(errors(sorted(cx.errors)));
    };
    let policy = check(&mut cx, &raw);
    if is_readable_by_others {
        for path in std::mem::take(&mut cx.text_secrets) {
            let advice = Some(
                "let nobody else read it (chmod o-r), or use {\"credential\": …}, {\"file\": …} or {\"env\": …}",
            );
            cx.warn(
                &path,
                "a secret as text in a file that everyone on this machine can read",
                advice,
            );
        }
    }
    if cx.errors.is_empty() {
        Ok(Loaded {
            policy,
            warnings: sorted(cx.warnings),
        })
    } else {
        Err(errors(sorted(cx.errors)))
    }
}

fn read(file: &FilePath) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?
        .take(LONGEST_FILE + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST_FILE {
        return Err(io::Error::other("it is larger than 8 MiB"));
    }
    Ok(bytes)
}

fn is_readable_by_others(file: &FilePath) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| finding.place);
    findings
}

fn not_utf8(bytes: &[u8], valid_up_to: usize) -> Finding {
    let valid = String::from_utf8_lossy(&bytes[..valid_up_to]);
    let mut finding = Finding::of_file(
        "found bytes that are no UTF-8, expected UTF-8 text",
        Some("save it as UTF-8"),
    );
    finding.place = Some(line_and_column(&valid, valid.len()));
    finding
}

fn syntax(text: &str, error: SyntaxError) -> Finding {
    let SyntaxError {
        at,
        found,
        expected,
        advice,
    } = error;
    let mut finding = Finding::of_file(format!("found {found}, expected {expected}"), advice);
    finding.place = Some(line_and_column(text, at));
    finding
}

/// `null` and keys given twice can only be mistakes; both are cut out.
fn refuse_nulls_and_twins(cx: &mut Check<'_>, node: &Node, path: &Path, cut: &mut BTreeSet<usize>) {
    match &node.kind {
        Kind::Null => {
            cut.insert(node.span.start);
            cx.refuse(path, "null", "a value", Some("leave the key out instead"));
        }
        Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => {}
        Kind::List(nodes) => {
            for (index, node) in nodes.iter().enumerate() {
                refuse_nulls_and_twins(cx, node, &path.index(index), cut);
            }
        }
        Kind::Object(entries) => {
            let mut first: BTreeMap<&str, &Entry> = BTreeMap::new();
            for entry in entries {
                let path = path.key(&entry.key);
                let Some(earlier) = first.get(entry.key.as_str()) else {
                    first.insert(&entry.key, entry);
                    refuse_nulls_and_twins(cx, &entry.value, &path, cut);
                    continue;
                };
                cut.insert(entry.value.span.start);
                if cx.is_full() {
                    continue;
                }
                let (line, _) = line_and_column(cx.text, earlier.key_span.start);
                let advice = format!("the first one is in line {line}");
                let problem =
                    "found a key that was given before, expected each key once".to_owned();
                let finding = cx.finding_at(entry.key_span, &path, problem, Some(&advice));
                cx.record(finding);
            }
        }
    }
}

/// What a user reads of an error of decoding.
fn explain(cx: &Check<'_>, error: &DecodeError) -> Finding {
    let path = error
        .at
        .and_then(|at| cx.root.path_to(at))
        .unwrap_or_default();
    let node = cx.root.get(&path).unwrap_or(cx.root);
    match &error.problem {
        DecodeProblem::UnknownKey(known) => unknown_key(cx, &path, known),
        DecodeProblem::UnknownWord(known) => {
            let Kind::Text(text) = &node.kind else {
                let problem = format!(
                    "found {}, expected {}",
                    words::kind_of(node),
                    words::one_of(known)
                );
                return cx.finding(&path, problem, None);
            };
            let nearest = words::nearest(text, known).map(|word| format!("did you mean {word:?}?"));
            let problem = format!(
                "found {}, expected {}",
                words::word_of(node, known),
                words::one_of(known)
            );
            cx.finding(&path, problem, nearest.as_deref())
        }
        DecodeProblem::Type(expected) => {
            let (expected, is_numeric) = in_plain_words(expected);
            // A number in place of a text may be a secret; in place of another number it is none.
            let found = if is_numeric {
                words::measure_of(node)
            } else {
                words::kind_of(node)
            };
            let advice = type_advice(node, &expected, is_numeric);
            cx.finding(
                &path,
                format!("found {found}, expected {expected}"),
                advice.as_deref(),
            )
        }
    }
}

fn unknown_key(cx: &Check<'_>, path: &Path, known: &[&str]) -> Finding {
    let written = path
        .segments()
        .last()
        .map_or(String::new(), |segment| match segment {
            super::text::Segment::Key(key) => key.clone(),
            super::text::Segment::Index(_) => String::new(),
        });
    let parent = cx.root.get(&path.parent());
    let entry =
        parent.and_then(|parent| parent.entries().iter().find(|entry| entry.key == written));
    let known: Vec<&str> = known
        .iter()
        .copied()
        .filter(|key| *key != "$schema")
        .collect();
    let problem = format!("found an unknown key, expected {}", words::one_of(&known));
    let advice = words::nearest(&written, &known).map(|key| format!("did you mean {key:?}?"));
    let span = entry.map_or(cx.root.span, |entry| entry.key_span);
    cx.finding_at(span, path, problem, advice.as_deref())
}

/// What serde expects, as people say it; and is it a number?
fn in_plain_words(expected: &str) -> (String, bool) {
    match expected {
        "a string" => ("a text".to_owned(), false),
        "a boolean" => ("true or false".to_owned(), false),
        "a sequence" => ("a list".to_owned(), false),
        "u32" => ("a whole number, 0 or more".to_owned(), true),
        "f64" => ("a number".to_owned(), true),
        other => (
            other.to_owned(),
            other.starts_with("a duration") || other.starts_with("a size"),
        ),
    }
}

fn type_advice(node: &Node, expected: &str, is_numeric: bool) -> Option<String> {
    match &node.kind {
        Kind::Text(text) if is_numeric && text.trim().parse::<f64>().is_ok() => {
            Some("leave out the quotes".to_owned())
        }
        Kind::Text(text) if expected == "true or false" && (text == "true" || text == "false") => {
            Some("leave out the quotes".to_owned())
        }
        Kind::Number(number) if expected.starts_with("a duration") => Some(format!(
            "add a unit: \"{number}s\" for seconds, \"{number}m\" for minutes"
        )),
        Kind::Number(_) if expected == "a text" => Some("put it in double quotes".to_owned()),
        Kind::Text(_) | Kind::Object(_) if expected == "a list" => {
            Some("put it in square brackets".to_owned())
        }
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Text(_)
        | Kind::List(_)
        | Kind::Object(_) => None,
    }
}
