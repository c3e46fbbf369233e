//! The product's own reading of a real server: its client, its facts, its judgement, without a daemon around them.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use seedwarden::clients::qbittorrent::{FieldSet, Qbittorrent};
use seedwarden::config::policy::{
    CategorySet, Hardlinks, Login, PathMap, QbtPolicy, Secret, SecretSource, Selection,
};
use seedwarden::core::facts::{Facts, Wanted};
use seedwarden::core::model::{AccountId, ItemId, Library};
use seedwarden::ports::Ports;
use seedwarden::shell::facts::{FactStore, NameIndex};

use super::api::{PASSWORD, USER};
use super::server::Server;
use super::torrent::Torrent;

/// An account as the product sees it.
pub struct Observed {
    runtime: tokio::runtime::Runtime,
    client: Qbittorrent,
    policy: QbtPolicy,
    library: Library,
    store: FactStore,
}

impl Observed {
    /// Reads the server's list. Server and product name files alike.
    pub fn new(server: &Server) -> Self {
        Self::mapped(server, PathMap::default())
    }

    /// The same with a path map.
    pub fn mapped(server: &Server, path_map: PathMap) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let Ports {
            transport,
            disk,
            clock: _,
        } = seedwarden::sys::ports();
        let policy = policy(server, path_map);
        let names: Arc<Mutex<NameIndex>> = Arc::default();
        let mut observed = Self {
            runtime,
            client: Qbittorrent::new(transport, &policy),
            policy,
            library: Library::default(),
            store: FactStore::new(AccountId::from("seedbox"), disk, names),
        };
        observed.refresh();
        observed
    }

    /// Reads the list again, as at the begin of a cycle.
    pub fn refresh(&mut self) {
        let keep = FieldSet::default();
        let reading = self.client.refresh(&mut self.library, &keep, None);
        self.runtime.block_on(reading).expect("the list is read");
        let every = Duration::from_secs(6 * 3600);
        self.store
            .drop_stale(Timestamp::now(), every, &self.library, &self.policy);
    }

    /// What the list says.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Fetches facts.
    pub fn fetch(&mut self, wanted: &Wanted) -> &Facts {
        let now = Timestamp::now();
        let work = self
            .store
            .fetch(wanted, &self.client, &self.library, &self.policy, now);
        self.runtime.block_on(work);
        self.store.facts()
    }

    /// Forgets what was read of one torrent.
    pub fn forget(&mut self, torrent: &Torrent) {
        self.store.forget(&item(torrent));
    }
}

/// The product's name for a torrent.
pub fn item(torrent: &Torrent) -> ItemId {
    ItemId::from(torrent.hash.as_str())
}

/// The product's names for torrents.
pub fn items<'a>(torrents: impl IntoIterator<Item = &'a Torrent>) -> BTreeSet<ItemId> {
    torrents.into_iter().map(item).collect()
}

/// A map with one entry.
pub fn map(from: &std::path::Path, to: impl Into<PathBuf>) -> PathMap {
    PathMap::new([(from.to_string_lossy().into_owned(), to.into())])
}

fn policy(server: &Server, path_map: PathMap) -> QbtPolicy {
    QbtPolicy {
        url: format!("{}/", server.url()).parse().expect("an address"),
        login: Login::Password {
            username: USER.to_owned(),
            password: Secret::new(PASSWORD, SecretSource::Text),
        },
        ca_file: None,
        select: Selection::default(),
        protect_categories: CategorySet::default(),
        protect_tags: BTreeSet::new(),
        path_map,
        errored: None,
        unregistered: None,
        failed_trackers: None,
        hardlinks: Some(Hardlinks::default()),
    }
}
