//! How errors speak of what they found. A secret can stand anywhere by mistake, so a text is quoted only if it is
//! close to a word that belongs there, or a number with a unit; everything else is named by its kind.

use super::text::{Kind, Node};

/// Units that make a text harmless to show, when it is otherwise a number.
const UNITS: &[&str] = &[
    "second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks",
    "month", "months", "year", "years", "byte", "bytes",
];

/// The kind of a value, never the value itself.
pub fn kind_of(node: &Node) -> String {
    let words = match &node.kind {
        Kind::Null => "null",
        Kind::Bool(true) => "true",
        Kind::Bool(false) => "false",
        Kind::Number(_) => "a number",
        Kind::Text(text) if text.is_empty() => "an empty text",
        Kind::Text(_) => "a text",
        Kind::List(nodes) if nodes.is_empty() => "an empty list",
        Kind::List(_) => "a list",
        Kind::Object(_) => "an object",
    };
    words.to_owned()
}

/// A number or a number with a unit as it is, anything else by its kind. Not for secrets.
pub fn measure_of(node: &Node) -> String {
    match &node.kind {
        Kind::Number(number) => format!("the number {number}"),
        Kind::Text(text) if is_measure(text) => format!("{text:?}"),
        Kind::Null | Kind::Bool(_) | Kind::Text(_) | Kind::List(_) | Kind::Object(_) => {
            kind_of(node)
        }
    }
}

/// A text that is close to one of `known` as it is, anything else by its kind. Not for secrets.
pub fn word_of(node: &Node, known: &[&str]) -> String {
    match &node.kind {
        Kind::Text(text) if nearest(text, known).is_some() => format!("{text:?}"),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Text(_)
        | Kind::List(_)
        | Kind::Object(_) => kind_of(node),
    }
}

/// Is this text a number with a unit, such as `30x`?
pub fn is_measure(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = &text[..text.len() - unit.len()];
    let unit = unit.trim();
    let is_known_unit = unit.len() <= 3 || nearest(unit, UNITS).is_some();
    (1..=8).contains(&number.len())
        && is_known_unit
        && unit.chars().all(|c| c.is_ascii_alphabetic())
}

/// The candidate nearest to a misspelt word, at most a third of its letters away.
pub fn nearest<'a>(misspelt: &str, candidates: &[&'a str]) -> Option<&'a str> {
    // Longer texts are no misspelt words, and comparing them would cost time without bound.
    if misspelt.len() > 60 {
        return None;
    }
    let lower = misspelt.to_lowercase();
    candidates
        .iter()
        .map(|word| (strsim::osa_distance(&lower, &word.to_lowercase()), *word))
        .min()
        .filter(|(distance, word)| *distance <= word.chars().count().max(lower.chars().count()) / 3)
        .map(|(_, word)| word)
}

/// Does this key read like a word of a configuration, so that it can be shown?
pub fn is_showable_key(key: &str) -> bool {
    let upper = key.chars().filter(char::is_ascii_uppercase).count();
    let has_digits = key.chars().any(|c| c.is_ascii_digit());
    // `ratio3` is a key of conditions.
    let is_word = key
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$'));
    is_word
        && (1..=32).contains(&key.len())
        && upper * 3 <= key.len()
        && (!has_digits || key == "ratio3")
}

/// Words in quotes: `"a", "b" or "c"`.
pub fn one_of<S: AsRef<str>>(words: &[S]) -> String {
    let quoted: Vec<String> = words
        .iter()
        .map(|word| format!("{:?}", word.as_ref()))
        .collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_only_what_is_near() {
        assert_eq!(
            nearest("max_failurs", &["cycle", "max_failures"]),
            Some("max_failures")
        );
        assert_eq!(
            nearest("Delete-Files", &["delete_files", "keep"]),
            Some("delete_files")
        );
        assert_eq!(nearest("hunter2", &["delete_files", "keep", "any"]), None);
        assert_eq!(nearest("", &["any"]), None);
    }

    #[test]
    fn shows_measures_but_no_secrets() {
        for text in ["30x", "5M", "1.5 Gib", "10 minuts", "0s"] {
            assert!(is_measure(text), "{text}");
        }
        for text in [
            "hunter2",
            "1234abcdef",
            "0123456789",
            "apikey-oops",
            "",
            "12geheim",
        ] {
            assert!(!is_measure(text), "{text}");
        }
    }

    #[test]
    fn shows_keys_that_read_like_words() {
        for key in ["max_failurs", "minSeedingTime", "$schema", "ratio3"] {
            assert!(is_showable_key(key), "{key}");
        }
        for key in [
            "hunter2",
            "aBcDeFgHiJkLmNoP",
            "https://x/y",
            "",
            "SECRETSECRET",
            "a b",
        ] {
            assert!(!is_showable_key(key), "{key}");
        }
    }

    #[test]
    fn lists_words() {
        assert_eq!(one_of(&["a", "b", "c"]), "\"a\", \"b\" or \"c\"");
        assert_eq!(one_of(&["a"]), "\"a\"");
    }
}
