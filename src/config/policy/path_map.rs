//! From the server's paths to paths of this machine.

use std::path::PathBuf;

/// Pairs of folders; the longest one that matches on whole path components wins.
/// Without entries every absolute path stands for itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathMap {
    entries: Vec<PathMapEntry>,
}

/// One pair of folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathMapEntry {
    /// Folder as the server names it, without a slash at its end (empty for the root).
    pub from: String,
    /// The same folder on this machine, absolute.
    pub to: PathBuf,
}

impl PathMap {
    /// A map of these pairs; slashes at the end of `from` do not matter.
    #[must_use]
    pub fn new(pairs: impl IntoIterator<Item = (String, PathBuf)>) -> Self {
        let mut entries: Vec<PathMapEntry> = pairs
            .into_iter()
            .map(|(from, to)| PathMapEntry {
                from: from.trim_end_matches(['/', '\\']).to_owned(),
                to,
            })
            .collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.from.len()));
        Self { entries }
    }

    /// The entries, longest `from` first.
    #[must_use]
    pub fn entries(&self) -> &[PathMapEntry] {
        &self.entries
    }

    /// The path on this machine of a server's path; `None` if no entry covers it, if it is relative, or if
    /// it climbs out by `..`. A Windows server's `C:\…` needs an entry; its backslashes are separators then.
    #[must_use]
    pub fn map(&self, server_path: &str) -> Option<PathBuf> {
        if self.entries.is_empty() {
            let is_plain =
                server_path.starts_with('/') && !server_path.split('/').any(|part| part == "..");
            return is_plain.then(|| PathBuf::from(server_path));
        }
        let (entry, rest) = self
            .entries
            .iter()
            .find_map(|entry| Some((entry, rest_below(&entry.from, server_path)?)))?;
        let is_windows = is_windows(&entry.from);
        let mut path = entry.to.clone();
        for part in rest.split(|c| c == '/' || (is_windows && c == '\\')) {
            match part {
                "" | "." => {}
                ".." => return None,
                part => path.push(part),
            }
        }
        Some(path)
    }
}

impl PathMap {
    /// The folder on this machine that holds what a server's folder holds. `None` if its files have to be mapped one
    /// by one: an entry may be about something in it, or it is no folder that [`PathMap::map`] knows.
    #[must_use]
    pub fn map_folder(&self, folder: &str) -> Option<PathBuf> {
        let is_parted = self
            .entries
            .iter()
            .any(|entry| entry.from.len() > folder.len() && entry.from.starts_with(folder));
        if is_parted || folder.is_empty() {
            return None;
        }
        self.map(folder)
    }

    /// Whether this name of a file, put behind a folder, is one more component of the path and nothing else.
    #[must_use]
    pub fn is_plain_name(name: &str) -> bool {
        !matches!(name, "" | "." | "..") && !name.contains(['/', '\\'])
    }
}

/// What follows `from` in `path`, if `from` covers it on whole components.
fn rest_below<'a>(from: &str, path: &'a str) -> Option<&'a str> {
    let rest = path.strip_prefix(from)?;
    let is_whole =
        rest.is_empty() || rest.starts_with('/') || (is_windows(from) && rest.starts_with('\\'));
    is_whole.then_some(rest)
}

/// Does this path begin with a drive letter or a double backslash?
fn is_windows(path: &str) -> bool {
    path.starts_with("\\\\") || path.as_bytes().get(1) == Some(&b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn file_lies_in_the_folder_that_its_folder_is_mapped_to(
            pairs in proptest::collection::vec(("(/[ab]){0,3}/?", "(/[xy]){1,2}"), 0..4),
            folder in "(/[ab]){0,3}/?",
            name in "[ab.]{1,2}",
        ) {
            let map = PathMap::new(pairs.into_iter().map(|(from, to)| (from, PathBuf::from(to))));
            if let Some(here) = map.map_folder(&folder).filter(|_| PathMap::is_plain_name(&name)) {
                let file = crate::core::server_path::join(&folder, &name);
                proptest::prop_assert_eq!(map.map(&file), Some(here.join(&name)));
            }
        }
    }

    #[track_caller]
    fn check(pairs: &[(&str, &str)], path: &str, expected: Option<&str>) {
        let map = PathMap::new(
            pairs
                .iter()
                .map(|(from, to)| ((*from).to_owned(), PathBuf::from(to))),
        );
        assert_eq!(map.map(path), expected.map(PathBuf::from));
    }

    #[test]
    fn maps_whole_components_only() {
        let pairs = [("/downloads", "/srv/dl")];
        check(&pairs, "/downloads/a/b.mkv", Some("/srv/dl/a/b.mkv"));
        check(&pairs, "/downloads", Some("/srv/dl"));
        check(&pairs, "/downloads/", Some("/srv/dl"));
        check(&pairs, "/downloads2/a", None);
        check(&pairs, "/other", None);
        check(&pairs, "downloads/a", None);
    }

    #[test]
    fn takes_longest_match_whatever_the_order() {
        let pairs = [("/", "/root"), ("/data", "/a"), ("/data/tv/", "/b")];
        check(&pairs, "/data/tv/x", Some("/b/x"));
        check(&pairs, "/data/tvx", Some("/a/tvx"));
        check(&pairs, "/x", Some("/root/x"));
    }

    #[test]
    fn stands_for_itself_without_entries() {
        check(&[], "/downloads/x", Some("/downloads/x"));
        check(&[], "relative/x", None);
        check(&[], "C:\\x", None);
        check(&[], "/downloads/../etc", None);
    }

    #[test]
    fn never_climbs_out() {
        check(
            &[("/downloads", "/srv/dl")],
            "/downloads/../etc/passwd",
            None,
        );
    }

    #[test]
    fn splits_windows_paths_at_backslashes_only_there() {
        check(&[("D:\\dl", "/mnt/d")], "D:\\dl\\a\\b", Some("/mnt/d/a/b"));
        check(&[("D:/dl", "/mnt/d")], "D:/dl/a\\b", Some("/mnt/d/a/b"));
        check(&[("/dl", "/mnt/d")], "/dl/a\\b", Some("/mnt/d/a\\b"));
    }
}
