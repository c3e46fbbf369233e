//! Which torrents of an account are acted on.

use std::collections::BTreeSet;

/// What the user lets Seedwarden act on. All parts must hold.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Categories that are selected.
    pub categories: CategoryFilter,
    /// Categories that are left out, whatever `categories` says.
    pub exclude_categories: CategorySet,
    /// At least one of these tags must be there; empty means no such demand.
    pub tags: BTreeSet<String>,
    /// None of these tags may be there.
    pub exclude_tags: BTreeSet<String>,
    /// At least one tracker must have one of these hosts (lower case); empty means no such demand.
    pub trackers: BTreeSet<String>,
    /// Private, public, or both.
    pub torrent_type: TorrentType,
}

/// Every category, or named ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CategoryFilter {
    /// Every category, and torrents without one.
    #[default]
    All,
    /// These only.
    Only(CategorySet),
}

impl CategoryFilter {
    /// Does the filter let this category through? Torrents without one have `""`.
    #[must_use]
    pub fn contains(&self, category: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(set) => set.contains(category),
        }
    }
}

/// Named categories, and perhaps "Uncategorized".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CategorySet {
    /// Exact names.
    pub names: BTreeSet<String>,
    /// Torrents without a category belong to the set.
    pub uncategorized: bool,
}

impl CategorySet {
    /// Is this category in the set? Torrents without one have `""`.
    #[must_use]
    pub fn contains(&self, category: &str) -> bool {
        if category.is_empty() {
            self.uncategorized
        } else {
            self.names.contains(category)
        }
    }

    /// Is this category in the set, or one of the set's names but for upper and lower case, or a subcategory of one? A
    /// server that is asked for a category lists its subcategories too.
    #[must_use]
    pub fn contains_or_holds_in_any_case(&self, category: &str) -> bool {
        let lower = category.to_lowercase();
        let is_or_holds = |name: &String| {
            let below = lower.strip_prefix(&name.to_lowercase());
            below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
        };
        self.contains(category) || self.names.iter().any(is_or_holds)
    }

    /// Is nothing in the set?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && !self.uncategorized
    }
}

/// Private torrents, public ones, or both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TorrentType {
    /// Both, and those whose privacy is unknown.
    #[default]
    Any,
    /// Torrents known to be private.
    Private,
    /// Torrents known to be public.
    Public,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uncategorized_is_no_name() {
        let set = CategorySet {
            names: BTreeSet::from(["tv".to_owned()]),
            uncategorized: false,
        };
        assert!(set.contains("tv") && !set.contains("") && !set.contains("TV"));
        for (category, expected) in [
            ("TV", true),
            ("tv/Anime/old", true),
            ("tvs", false),
            ("films/tv", false),
            ("", false),
        ] {
            assert_eq!(set.contains_or_holds_in_any_case(category), expected);
        }
        let set = CategorySet {
            names: BTreeSet::new(),
            uncategorized: true,
        };
        assert!(set.contains("") && !set.contains("Uncategorized"));
    }
}
