//! The store over a counted source and real files in a temporary folder.

mod cost;
mod hang;
mod links;
mod requests;
mod shared;
mod stat_only;

use super::*;
use crate::clients::{ReadError, ReadErrorKind};
use crate::config::policy::{
    Hardlinks, Login, PathMap, QbtPolicy, Secret, SecretSource, Selection,
};
use crate::core::hardlinks::LinkResult;
use crate::core::model::{ApiVersion, State, TorrentFile, Tracker};
use crate::ports::BoxFuture;
use crate::sys::SystemDisk;
use std::path::{Path, PathBuf};

/// A server that says what it was told, and counts.
#[derive(Default)]
struct Source {
    files: BTreeMap<ItemId, Vec<TorrentFile>>,
    trackers: BTreeMap<ItemId, Vec<Tracker>>,
    private: BTreeMap<ItemId, Option<bool>>,
    failing: Mutex<Option<ReadErrorKind>>,
    asked: Mutex<Vec<String>>,
}

impl Source {
    fn answer<'a, T: Send + 'a>(
        &'a self,
        what: &str,
        id: &str,
        value: Option<T>,
    ) -> BoxFuture<'a, Result<T, ReadError>> {
        self.asked.lock().unwrap().push(format!("{what} {id}"));
        let failing = *self.failing.lock().unwrap();
        let gone = ReadError::new(ReadErrorKind::Gone, "no such torrent");
        let answer = match failing {
            Some(kind) => Err(ReadError::new(kind, format!("{what} failed"))),
            None => value.ok_or(gone),
        };
        Box::pin(std::future::ready(answer))
    }

    /// What was asked since the last time.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl FactSource for Source {
    fn files<'a>(&'a self, id: &'a ItemId) -> BoxFuture<'a, Result<Vec<TorrentFile>, ReadError>> {
        self.answer("files", id.as_str(), self.files.get(id).cloned())
    }

    fn trackers<'a>(&'a self, id: &'a ItemId) -> BoxFuture<'a, Result<Vec<Tracker>, ReadError>> {
        self.answer("trackers", id.as_str(), self.trackers.get(id).cloned())
    }

    fn trackers_of_many<'a>(
        &'a self,
        ids: &'a [ItemId],
    ) -> BoxFuture<'a, Result<Option<TrackersById>, ReadError>> {
        let rows = ids
            .iter()
            .filter_map(|id| Some((id.clone(), self.trackers.get(id)?.clone())));
        self.answer("bulk", &ids.len().to_string(), Some(Some(rows.collect())))
    }

    fn is_private<'a>(&'a self, id: &'a ItemId) -> BoxFuture<'a, Result<Option<bool>, ReadError>> {
        self.answer("private", id.as_str(), self.private.get(id).copied())
    }
}

/// One account over a temporary folder, whose server calls that folder `/dl`.
struct World {
    folder: tempfile::TempDir,
    source: Source,
    library: Library,
    policy: QbtPolicy,
    store: FactStore,
    now: Timestamp,
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        World::with(folder, "seedbox", Arc::default())
    }

    fn with(folder: tempfile::TempDir, account: &str, names: Arc<Mutex<NameIndex>>) -> World {
        let path_map = PathMap::new([("/dl".to_owned(), folder.path().to_owned())]);
        World {
            folder,
            source: Source::default(),
            library: Library {
                api: ApiVersion(2, 8, 19),
                ..Library::default()
            },
            policy: policy(path_map),
            store: FactStore::new(AccountId::from(account), Arc::new(SystemDisk), names),
            now: Timestamp::from_second(1_800_000_000).unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A complete torrent `id` in `folder` below `/dl` with these files and sizes. Nothing is put on disk.
    fn torrent(&mut self, id: &str, folder: &str, files: &[(&str, i64)]) -> ItemId {
        let item = ItemId::from(id);
        let size = files.iter().map(|(_, size)| *size).sum();
        let save_path = if folder.is_empty() {
            "/dl".to_owned()
        } else {
            format!("/dl/{folder}")
        };
        let first = files
            .first()
            .map_or("", |(name, _)| name.split('/').next().unwrap_or(""));
        let torrent = Torrent {
            name: id.into(),
            content_path: Some(format!("{save_path}/{first}").into()),
            save_path: save_path.into(),
            state: State::new("stalledUP"),
            size: Some(size),
            total_size: Some(size),
            progress: Some(1.0),
            ..Torrent::default()
        };
        let file = |(name, size_bytes): &(&str, i64)| TorrentFile {
            name: (*name).into(),
            size_bytes: *size_bytes,
            progress: 1.0,
            priority: 1,
        };
        self.library.torrents.insert(item.clone(), torrent);
        self.source
            .files
            .insert(item.clone(), files.iter().map(file).collect());
        item
    }

    /// The same with its data on disk.
    fn seed(&mut self, id: &str, folder: &str, files: &[(&str, i64)]) -> ItemId {
        for (name, size) in files {
            write(&self.path(folder).join(name), *size);
        }
        self.torrent(id, folder, files)
    }

    fn link(&self, from: &str, to: &str) {
        let to = self.path(to);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::hard_link(self.path(from), to).unwrap();
    }

    fn fetch(&mut self, wanted: &Wanted) {
        run(self
            .store
            .fetch(wanted, &self.source, &self.library, &self.policy, self.now));
    }

    /// Begins the next cycle, so many minutes later.
    fn later(&mut self, minutes: i64) {
        self.now = self
            .now
            .checked_add(SignedDuration::from_mins(minutes))
            .unwrap();
        let every = Duration::from_secs(6 * 3600);
        self.store
            .drop_stale(self.now, every, &self.library, &self.policy);
    }

    /// Looks at the links of these torrents, each in words: "LINKED/ALL NAMES", or why unknown.
    fn links(&mut self, ids: &[&ItemId]) -> Vec<String> {
        let wanted = Wanted {
            links: ids.iter().map(|id| (*id).clone()).collect(),
            ..Wanted::default()
        };
        self.fetch(&wanted);
        ids.iter().map(|id| self.finding(id)).collect()
    }

    fn finding(&self, id: &ItemId) -> String {
        match self
            .store
            .facts()
            .links
            .get(id)
            .map(|finding| &finding.result)
        {
            Some(LinkResult::Seen(share)) => format!(
                "{}/{} {}",
                share.linked_bytes, share.total_bytes, share.link_count
            ),
            Some(LinkResult::Unknown(why)) => {
                why.replace(&*self.folder.path().to_string_lossy(), "DL")
            }
            None => "nothing".to_owned(),
        }
    }

    #[track_caller]
    fn check(&mut self, id: &ItemId, expected: &str) {
        assert_eq!(self.links(&[id]).join(""), expected);
    }
}

fn write(path: &Path, size: i64) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::File::create(path)
        .unwrap()
        .set_len(u64::try_from(size).unwrap())
        .unwrap();
}

fn policy(path_map: PathMap) -> QbtPolicy {
    QbtPolicy {
        url: "http://127.0.0.1:8080/".parse().unwrap(),
        login: Login::Password {
            username: "admin".to_owned(),
            password: Secret::new("secret", SecretSource::Text),
        },
        ca_file: None,
        select: Selection::default(),
        protect_categories: Default::default(),
        protect_tags: Default::default(),
        path_map,
        errored: None,
        unregistered: None,
        failed_trackers: None,
        hardlinks: Some(Hardlinks::default()),
    }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(work)
}
