//! The texts by which a tracker says that it does not have a torrent.

/// Texts that mean "gone", compared as parts of the tracker's text without regard to case, spacing and addresses in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Messages {
    entries: Vec<String>,
}

/// The default list. Each entry speaks of the torrent itself: words that also stand in texts about accounts,
/// clients, networks or databases ("not found", "unregistered", "unknown", "other") are left to the user.
const DEFAULT: &[&str] = &[
    "unregistered torrent",
    "torrent unregistered",
    "torrent is unregistered",
    "torrent not registered",
    "torrent is not registered",
    "torrent not found",
    "torrent is not found",
    "torrent was not found",
    "torrent could not be found",
    "torrent does not exist",
    "torrent doesn't exist",
    "torrent not exist",
    "torrent deleted",
    "torrent has been deleted",
    "torrent was deleted",
    "torrent removed",
    "torrent has been removed",
    "torrent has been rejected",
    "torrent has been nuked",
    "torrent banned",
    "torrent is banned",
    "torrent was dead",
    "torrent is dead",
    "torrent unavailable",
    "unknown torrent",
    "unknown infohash",
    "unknown info hash",
    "unregistered infohash",
    "unregistered info hash",
    "infohash not found",
    "info hash not found",
    "infohash is not authorized",
    "info hash is not authorized",
    "torrent is not authorized for use",
    "requested download is not authorized for use",
    "trumped",
    "nuked:",
    "retitled:",
    "complete season uploaded",
    "season pack uploaded",
    "torrent existiert nicht",
    "torrent nicht gefunden",
    "torrent nicht registriert",
    "tracker nicht registriert",
    "torrent introuvable",
    "torrent não registrado",
    "torrent no registrado",
    "torrent no encontrado",
    "torrent nem található",
    "種子不存在",
    "种子不存在",
];

/// Words of texts that are about something else than the torrent. A text with one of them is no verdict, unless the
/// entry of the list that it matches has that word too.
const ABOUT_SOMETHING_ELSE: &[&str] = &[
    "account",
    "client",
    "database",
    "invalid passkey",
    "ip",
    "maintenance",
    "passkey",
    "peer id",
    "postponed",
    "rate limit",
    "sql",
    "temporarily",
    "tracker is down",
    "try again",
    "user not found",
    "whitelist",
];

impl Default for Messages {
    fn default() -> Self {
        Messages::new(None, &[])
    }
}

impl Messages {
    /// The default list or what replaces it, and `extra` on top. Empty entries would match everything and are dropped.
    pub fn new(replace: Option<&[String]>, extra: &[String]) -> Messages {
        let given = match replace {
            Some(texts) => texts.iter().map(|text| plain(text)).collect(),
            None => DEFAULT
                .iter()
                .map(|text| plain(text))
                .collect::<Vec<String>>(),
        };
        let entries = given
            .into_iter()
            .chain(extra.iter().map(|text| plain(text)))
            .filter(|entry| !entry.is_empty())
            .collect();
        Messages { entries }
    }

    /// Whether a tracker's own text says that the torrent is gone.
    pub fn names_gone(&self, text: &str) -> bool {
        let text = plain(text);
        self.entries
            .iter()
            .any(|entry| text.contains(entry.as_str()) && !is_about_something_else(&text, entry))
    }
}

/// Whether a text has a word that takes it away from the torrent, and that the matching entry lacks.
fn is_about_something_else(text: &str, entry: &str) -> bool {
    ABOUT_SOMETHING_ELSE
        .iter()
        .any(|word| has_words(text, word) && !has_words(entry, word))
}

/// Whether `words` stand in `text` as whole words.
fn has_words(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(start, found)| {
        let before = text[..start].chars().next_back();
        let after = text[start + found.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// Lower case, single spaces, straight apostrophes, "_" and "-" as spaces, addresses left out.
pub(super) fn plain(text: &str) -> String {
    let lower = text.to_lowercase().replace(['’', '`'], "'");
    lower
        .split_whitespace()
        .filter(|word| !word.contains("://"))
        .flat_map(|word| word.split(['_', '-']))
        .filter(|word| !word.is_empty())
        .collect::<Vec<&str>>()
        .join(" ")
}
