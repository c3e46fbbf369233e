//! Paths as a server names them: joined, compared and nested as plain text, never looked up on a disk.

use super::model::Torrent;

/// The file `name` (as `torrents/files` says it) of a torrent saved in `folder`.
pub fn join(folder: &str, name: &str) -> String {
    if folder.ends_with('/') || folder.ends_with('\\') {
        format!("{folder}{name}")
    } else {
        format!("{folder}/{name}")
    }
}

/// One spelling for one path: no empty and "." components, no slash at the end; a Windows server's path with "/"
/// and in lower case, as its disks know no other difference.
pub fn normal(path: &str) -> String {
    let is_windows = path.starts_with("\\\\") || path.as_bytes().get(1) == Some(&b':');
    let path = if is_windows {
        path.replace('\\', "/").to_lowercase()
    } else {
        path.to_owned()
    };
    let mut whole = String::with_capacity(path.len());
    for part in path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
    {
        if !is_windows || !whole.is_empty() {
            whole.push('/');
        }
        whole.push_str(part);
    }
    whole
}

/// One spelling for all paths that a disk which does not tell case apart takes for one.
pub fn folded(path: &str) -> String {
    fold(&normal(path))
}

/// The same for one name.
pub fn fold(name: &str) -> String {
    match name.is_ascii() {
        true => name.to_ascii_lowercase(),
        // "ß" and "SS" are one only by way of the upper case.
        false => name.to_uppercase().to_lowercase(),
    }
}

/// Whether `inner` is `outer` or lies below it, on whole components; both in their [`normal`] spelling.
pub fn covers(outer: &str, inner: &str) -> bool {
    outer.is_empty()
        || inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The folders in which files of a torrent may lie: its save path, and the folder of incomplete data while it has one.
pub fn folders(torrent: &Torrent) -> impl Iterator<Item = &str> {
    let incomplete = torrent
        .download_path
        .as_deref()
        .filter(|_| !torrent.is_complete());
    std::iter::once(&*torrent.save_path)
        .chain(incomplete)
        .filter(|folder| !folder.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_one_path_in_one_way() {
        for (path, expected) in [
            ("/a//b/./c/", "/a/b/c"),
            ("/", ""),
            ("C:\\Dl\\X", "c:/dl/x"),
            ("c:/DL/x/", "c:/dl/x"),
            ("/a\\b", "/a\\b"),
        ] {
            assert_eq!(normal(path), expected, "{path}");
        }
    }

    #[test]
    fn folds_what_differs_only_in_case() {
        assert_eq!(folded("/Dl//Film.MKV"), folded("/dl/film.mkv"));
        assert_eq!(folded("/dl/Straße/É"), folded("/DL/STRASSE/é"));
        assert_ne!(folded("/dl/a"), folded("/dl/b"));
    }

    #[test]
    fn nests_on_whole_components() {
        for (outer, inner, expected) in [
            ("/a", "/a/b", true),
            ("/a", "/a", true),
            ("/a", "/ab", false),
            ("/a/b", "/a", false),
            ("", "/a", true),
            ("", "c:/a", true),
        ] {
            assert_eq!(covers(outer, inner), expected, "{outer} {inner}");
        }
    }

    #[test]
    fn joins_with_and_without_slash() {
        assert_eq!(join("/dl/", "a/b"), "/dl/a/b");
        assert_eq!(join("/dl", "a/b"), "/dl/a/b");
    }
}
