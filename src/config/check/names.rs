//! Lists of names: categories, tags, hosts, tracker messages, rules.

use std::collections::BTreeSet;

use crate::config::policy::{CategoryFilter, CategorySet};
use crate::config::raw::{Names, OneOrMany};
use crate::config::text::Path;

use super::Check;

/// Stands for every category.
const ALL: &str = "All";
/// Stands for torrents without a category.
const UNCATEGORIZED: &str = "Uncategorized";

/// The entries of a list that could be decoded, with their paths.
pub fn present<'r, T>(list: &'r [Option<T>], path: &Path) -> Vec<(Path, &'r T)> {
    let numbered = list.iter().enumerate();
    numbered
        .filter_map(|(index, entry)| Some((path.index(index), entry.as_ref()?)))
        .collect()
}

/// The one entry, or those of the list, with their paths.
pub fn one_or_many<'r, T>(raw: &'r OneOrMany<T>, path: &Path) -> Vec<(Path, &'r T)> {
    match raw {
        OneOrMany::One(entry) => vec![(path.clone(), entry)],
        OneOrMany::Many(list) => present(list, path),
    }
}

/// May a list be empty?
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Empty {
    /// It says what leaving it out says.
    Allowed,
    /// It would select nothing, which can only be a mistake.
    Refused,
}

impl Check<'_> {
    /// A set of texts; `what` says what each is.
    pub fn names(
        &mut self,
        raw: Option<&Names>,
        path: &Path,
        empty: Empty,
        what: &str,
    ) -> BTreeSet<String> {
        let Some(raw) = raw else {
            return BTreeSet::new();
        };
        if matches!(raw, OneOrMany::Many(list) if list.is_empty()) && empty == Empty::Refused {
            let expected = format!("at least one entry: {what}");
            self.refuse(
                path,
                "an empty list",
                &expected,
                Some("leave the key out to select everything"),
            );
        }
        let mut names = BTreeSet::new();
        for (path, name) in one_or_many(raw, path) {
            if let Some(name) = self.proper_text(Some(name), &path, what) {
                names.insert(name.to_owned());
            }
        }
        names
    }

    /// Tags; qBittorrent separates them by commas.
    pub fn tags(&mut self, raw: Option<&Names>, path: &Path, empty: Empty) -> BTreeSet<String> {
        let tags = self.names(raw, path, empty, "a tag");
        for (path, tag) in raw.map(|raw| one_or_many(raw, path)).unwrap_or_default() {
            if tag.contains(',') {
                let advice = Some("write several tags as a list: [\"a\", \"b\"]");
                self.refuse(&path, "a text with a comma", "one tag", advice);
            }
        }
        tags
    }

    /// Categories, of which "All" is refused: it would exclude or protect everything.
    pub fn category_set(&mut self, raw: Option<&Names>, path: &Path) -> CategorySet {
        let mut names = self.names(raw, path, Empty::Allowed, "a category");
        for (path, _) in raw
            .map(|raw| one_or_many(raw, path))
            .unwrap_or_default()
            .iter()
            .filter(|(_, name)| *name == ALL)
        {
            self.refuse(
                path,
                "\"All\"",
                "categories by name",
                Some("remove the account to leave everything alone"),
            );
        }
        CategorySet {
            uncategorized: names.remove(UNCATEGORIZED),
            names,
        }
    }

    /// The categories that are selected.
    pub fn category_filter(&mut self, raw: Option<&Names>, path: &Path) -> CategoryFilter {
        let mut names = self.names(raw, path, Empty::Refused, "a category");
        if raw.is_none() || names.contains(ALL) {
            return CategoryFilter::All;
        }
        CategoryFilter::Only(CategorySet {
            uncategorized: names.remove(UNCATEGORIZED),
            names,
        })
    }

    /// Host names, in lower case.
    pub fn hosts(&mut self, raw: Option<&Names>, path: &Path) -> BTreeSet<String> {
        let what = "a tracker's host, such as \"tracker.example.org\"";
        let mut hosts = BTreeSet::new();
        for name in self.names(raw, path, Empty::Refused, what) {
            hosts.insert(name.to_lowercase());
        }
        for (path, host) in raw.map(|raw| one_or_many(raw, path)).unwrap_or_default() {
            let is_host = url::Host::parse(host).is_ok();
            if !is_host && !host.trim().is_empty() {
                // An address may hold a passkey, so it is not repeated.
                let advice = Some("only the host, without \"https://\", port and path");
                self.refuse(&path, "a text that is no host", what, advice);
            }
        }
        hosts
    }

    /// Texts in the order of the file.
    pub fn texts(&mut self, raw: &[Option<String>], path: &Path, what: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for (path, text) in present(raw, path) {
            if text.trim().is_empty() {
                let advice = Some("an empty text would match everything");
                self.refuse(&path, "an empty text", what, advice);
            } else {
                texts.push(text.clone());
            }
        }
        texts
    }
}
