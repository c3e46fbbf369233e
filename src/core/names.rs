//! Names in `select` and `protect` that an account does not have. Most are misspelt, and select or protect nothing.

use super::model::Library;
use super::rules::key::nearest_of;
use crate::config::policy::{CategoryFilter, QbtPolicy};
use std::collections::BTreeSet;

/// The names that an account has. A kind of which they are not all known is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Categories.
    pub categories: Option<BTreeSet<String>>,
    /// Tags.
    pub tags: Option<BTreeSet<String>>,
    /// Hosts of trackers, in lower case.
    pub hosts: Option<BTreeSet<String>>,
}

impl Known {
    /// The names that the listing shows. There can be more: labels that no torrent has, trackers that are not listed.
    pub fn of_listing(library: &Library) -> Known {
        let torrents = || library.torrents.values();
        let tags = torrents().flat_map(|torrent| torrent.tags.split(',').map(str::trim));
        Known {
            categories: Some(torrents().map(|t| t.category.to_string()).collect()),
            tags: Some(tags.map(str::to_owned).collect()),
            hosts: Some(
                torrents()
                    .map(|t| t.tracker_host().to_lowercase())
                    .collect(),
            ),
        }
    }
}

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A category.
    Category,
    /// A tag.
    Tag,
    /// The host of a tracker.
    Host,
}

/// A name that the account does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// What it is of.
    pub kind: Kind,
    /// Where it stands, and the nearest name that the account has.
    pub sentence: String,
}

/// The names of the configuration that are not among the known ones.
pub fn absent(policy: &QbtPolicy, known: &Known) -> Vec<Absent> {
    let select = &policy.select;
    let nothing = BTreeSet::new();
    let selected = match &select.categories {
        CategoryFilter::All => &nothing,
        CategoryFilter::Only(set) => &set.names,
    };
    let (categories, tags, hosts) = (
        (Kind::Category, &known.categories),
        (Kind::Tag, &known.tags),
        (Kind::Host, &known.hosts),
    );
    let settings = [
        ("select.categories", selected, categories),
        (
            "select.exclude_categories",
            &select.exclude_categories.names,
            categories,
        ),
        (
            "protect.categories",
            &policy.protect_categories.names,
            categories,
        ),
        ("select.tags", &select.tags, tags),
        ("select.exclude_tags", &select.exclude_tags, tags),
        ("protect.tags", &policy.protect_tags, tags),
        ("select.trackers", &select.trackers, hosts),
    ];
    let mut found = Vec::new();
    for (setting, names, (kind, known)) in settings {
        let Some(known) = known else { continue };
        for name in names.difference(known) {
            let twin = known
                .iter()
                .find(|known| known.to_lowercase() == name.to_lowercase());
            let lower = name.to_ascii_lowercase();
            let near = || nearest_of(&lower, known.iter().map(String::as_str));
            let rest = match (twin, near()) {
                (Some(twin), _) if setting.starts_with("protect") => {
                    format!("; it protects {twin:?}, which differs in case only")
                }
                (Some(twin), _) => format!("; did you mean {twin:?}?"),
                (None, Some(near)) => format!("; did you mean {near:?}?"),
                (None, None) => String::new(),
            };
            found.push(Absent {
                kind,
                sentence: format!(
                    "{setting} names {name:?}, which this account does not have{rest}"
                ),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::policy::Service;
    use crate::core::decide::tests::world::World;

    #[track_caller]
    fn check(keys: &str, expected: &[&str]) {
        let world = World::of_torrents(keys);
        let Service::Qbittorrent(policy) = &world.policy.accounts[0].service else {
            panic!("a qBittorrent account");
        };
        let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        let known = Known {
            categories: names(&["keep", "movies", "tv"]),
            tags: names(&["forever"]),
            hosts: names(&["t.example"]),
        };
        let found = absent(policy, &known);
        let sentences: Vec<&str> = found.iter().map(|one| one.sentence.as_str()).collect();
        assert_eq!(sentences, expected);
        let unknown = Known {
            categories: None,
            tags: None,
            hosts: None,
        };
        assert_eq!(absent(policy, &unknown), []);
    }

    #[test]
    fn names_that_the_account_does_not_have_are_told_with_the_nearest_one() {
        check(
            r#""select": { "categories": ["movis", "tv", "Uncategorized"], "exclude_tags": ["Forever"], "trackers": ["T.exmple"] }"#,
            &[
                "select.categories names \"movis\", which this account does not have; did you mean \"movies\"?",
                "select.exclude_tags names \"Forever\", which this account does not have; did you mean \"forever\"?",
                "select.trackers names \"t.exmple\", which this account does not have; did you mean \"t.example\"?",
            ],
        );
        check(
            r#""protect": { "categories": ["Keep", "tv"], "tags": ["zzzzzzzz"] }"#,
            &[
                "protect.categories names \"Keep\", which this account does not have; it protects \"keep\", which differs in case only",
                "protect.tags names \"zzzzzzzz\", which this account does not have",
            ],
        );
        check(
            r#""select": { "categories": "All" }, "protect": { "categories": ["Uncategorized"] }"#,
            &[],
        );
    }
}
