//! A tracker's text as it may be shown: one bounded line without addresses and keys.

use crate::core::model::Tracker;
use crate::core::model::foreign::is_harmful;

/// Longest text shown, in characters: a line of a terminal or two, however long the tracker's page was.
const MAX_CHARS: usize = 200;
/// Runs of letters and digits with at least this length and both kinds in them are taken for keys
/// (passkeys have 32 as a rule, the shortest seen 16; hex info-hashes go too).
const KEY_CHARS: usize = 12;
/// Parts of the tracker's own address with at least this length are left out of its text.
const ADDRESS_PART_CHARS: usize = 5;
/// What stands for what was left out.
const LEFT_OUT: &str = "…";

/// The tracker's text for people; "no text" if it is empty.
pub fn shown(tracker: &Tracker) -> String {
    let line = without_secrets(tracker);
    if line.is_empty() {
        return "no text".to_owned();
    }
    if line.chars().count() <= MAX_CHARS {
        return line;
    }
    let cut: String = line.chars().take(MAX_CHARS - 1).collect();
    format!("{cut}{LEFT_OUT}")
}

/// The tracker's whole text on one line, without addresses and keys.
pub fn without_secrets(tracker: &Tracker) -> String {
    let mut text = one_line(&tracker.message);
    for part in secret_parts(&tracker.url) {
        text = text.replace(part, LEFT_OUT);
    }
    let words: Vec<&str> = text.split(' ').map(shown_word).collect();
    words.join(" ")
}

/// White space and harmful characters become single spaces.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || is_harmful(c))
        .filter(|word| !word.is_empty())
        .collect::<Vec<&str>>()
        .join(" ")
}

/// Parts of an announce address that may be keys: everything behind the host, cut at separators.
fn secret_parts(address: &str) -> impl Iterator<Item = &str> {
    let behind_scheme = address.split_once("://").map_or(address, |(_, rest)| rest);
    let path = behind_scheme
        .find('/')
        .map_or("", |at| &behind_scheme[at..]);
    let user = behind_scheme[..behind_scheme.len() - path.len()]
        .rsplit_once('@')
        .map_or("", |(user, _)| user);
    path.split(['/', '?', '&', '=', '.'])
        .chain(user.split(':'))
        .filter(|part| part.chars().count() >= ADDRESS_PART_CHARS)
        .filter(|part| !matches!(*part, "announce" | "tracker" | "passkey" | "torrent"))
}

/// The word itself, or the sign for what was left out.
fn shown_word(word: &str) -> &str {
    let is_address = word.contains("://") || word.to_ascii_lowercase().starts_with("www.");
    let has_value = word.split_once('=').is_some_and(|(_, v)| !v.is_empty());
    if is_address || has_value || has_key(word) {
        LEFT_OUT
    } else {
        word
    }
}

/// Whether a word holds a long run of letters and digits mixed.
fn has_key(word: &str) -> bool {
    word.split(|c: char| !c.is_ascii_alphanumeric()).any(|run| {
        run.len() >= KEY_CHARS
            && run.bytes().any(|b| b.is_ascii_digit())
            && run.bytes().any(|b| b.is_ascii_alphabetic())
    })
}
