//! All names of the disk, in the order of their bytes: far cheaper to look up than paths compared part by part.

use super::Name;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Names by their path, which has no links, no `..` and no `/` at its end.
#[derive(Clone, Default)]
pub(super) struct Names(BTreeMap<OsString, Name>);

impl Names {
    pub(super) fn get(&self, path: &Path) -> Option<&Name> {
        self.0.get(path.as_os_str())
    }

    pub(super) fn insert(&mut self, path: PathBuf, name: Name) {
        self.0.insert(path.into_os_string(), name);
    }

    pub(super) fn remove(&mut self, path: &Path) -> Option<Name> {
        self.0.remove(path.as_os_str())
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&Path) -> bool) {
        self.0.retain(|path, _| keep(Path::new(path)));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Path, &Name)> {
        self.0.iter().map(|(path, name)| (Path::new(path), name))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(Path::new)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Name> {
        self.0.values()
    }
}
