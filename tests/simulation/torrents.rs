//! qBittorrent in a world: what its witness tells, and what happens to torrents without us.

mod events;
mod shelf;

pub use events::{add, calm_down, happen};
pub use shelf::Shelf;

use super::hub::Hub;
use super::service::Subject;
use crate::support::disk::SimDisk;
use bytes::Bytes;
use http::Request;
use seedwarden_sim::qbittorrent::{Server, Torrent, What};
use seedwarden_sim::{NowMs, form};
use serde::de::IgnoredAny;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The mount with the data of all servers; the process sees it at the same place.
pub const DOWNLOADS: &str = "/downloads";
/// Where the media library links to it.
pub const LIBRARY: &str = "/library";

/// Where a server keeps its data.
pub fn downloads(server: &str) -> PathBuf {
    Path::new(DOWNLOADS).join(server)
}

/// What the addresses of a server's private trackers hold.
pub fn passkey(server: &str) -> String {
    format!("passkey-{server}-5ee5d4a11ed")
}

/// A torrent with the state word that the API shows.
#[derive(Debug, Clone)]
pub struct Shown {
    /// State word.
    pub state: String,
    /// The torrent.
    pub torrent: Torrent,
    /// What the disk showed of its files: whether something outside links to one; `None` if they cannot all be seen.
    pub is_linked: Option<bool>,
}

impl Subject for Server {
    type Truth = BTreeMap<String, Shown>;

    fn witness(
        &mut self,
        name: &str,
        hub: &Hub,
        request: &Request<Bytes>,
        _status: u16,
    ) -> Self::Truth {
        tell_effects(self, name, hub);
        let hashes: Vec<String> = asked(request);
        let path = request.uri().path();
        let is_reading = ["sync/maindata", "torrents/info", "torrents/trackers"]
            .iter()
            .any(|reading| path.ends_with(reading));
        let found = self
            .torrents()
            .iter()
            .filter(|(hash, _)| is_reading && (hashes.is_empty() || hashes.contains(hash)));
        let disk = hub
            .with(|core| core.disk.clone())
            .filter(|_| is_reading && !hashes.is_empty() && !hub.with(|core| core.is_mount_away));
        let held = match &disk {
            // What was deleted in the same cycle counts for the next one only.
            Some(_) => hub.with(|core| core.oracle.held(name, self.torrents().values())),
            None => BTreeSet::new(),
        };
        let shown = |(hash, torrent): (&String, &Torrent)| {
            let state = self.state(hash).unwrap_or_default();
            let is_linked = disk
                .as_ref()
                .and_then(|disk| is_linked(disk, name, torrent, &held));
            let torrent = torrent.clone();
            (
                hash.clone(),
                Shown {
                    state,
                    torrent,
                    is_linked,
                },
            )
        };
        found.map(shown).collect()
    }

    fn delivered(
        name: &str,
        hub: &Hub,
        request: &Request<Bytes>,
        answer: Option<&Bytes>,
        truth: Self::Truth,
    ) {
        let path = request.uri().path();
        let hashes = asked(request);
        let is_understood =
            answer.is_some_and(|body| serde_json::from_slice::<IgnoredAny>(body).is_ok());
        hub.with(|core| match path {
            _ if path.ends_with("sync/maindata") => core
                .oracle
                .torrents_listed(name, is_understood.then_some(truth)),
            _ if path.ends_with("torrents/info") && hashes.is_empty() => {
                core.oracle
                    .torrents_listed(name, is_understood.then_some(truth));
            }
            _ if path.ends_with("torrents/trackers") && is_understood => {
                for (hash, shown) in truth {
                    core.oracle
                        .trackers_read(name, &hash, shown.torrent.trackers);
                }
            }
            _ if path.ends_with("torrents/info") && is_understood => {
                for hash in hashes {
                    core.oracle
                        .torrent_read(name, &hash, truth.get(&hash).cloned());
                }
            }
            _ => {}
        });
    }

    fn account(name: &str, _request: &Request<Bytes>) -> Option<String> {
        Some(name.to_owned())
    }

    fn is_second_look(request: &Request<Bytes>) -> bool {
        request.uri().path().ends_with("torrents/info") && !asked(request).is_empty()
    }

    fn spoilt(name: &str, hub: &Hub, request: &Request<Bytes>) {
        if request.uri().path().ends_with("sync/maindata") {
            hub.with(|core| core.oracle.torrents_listed(name, None));
        }
    }

    fn interfere(&mut self, name: &str, hub: &Hub, request: &Request<Bytes>, now: NowMs) {
        // Between the last look and what it leads to no client can see anything.
        let leads_to = ["torrents/start", "torrents/resume", "torrents/delete"];
        let path = request.uri().path();
        if leads_to.iter().any(|leads_to| path.ends_with(leads_to)) {
            return;
        }
        let mut dice = hub.with(|core| {
            core.see("interference: torrents change within a cycle");
            core.dice.fork()
        });
        let done = happen(self, name, hub, &mut dice, now);
        hub.with(|core| core.note(&format!("meanwhile {name}: {done}")));
    }
}

/// Hashes that a request names.
fn asked(request: &Request<Bytes>) -> Vec<String> {
    let mut params = form::query(request);
    params.extend(form::body(request).unwrap_or_default());
    let hashes = params
        .iter()
        .find(|param| ["hashes", "hash"].contains(&param.name.as_str()))
        .map(form::Param::text);
    hashes
        .map(|text| text.split('|').map(str::to_owned).collect())
        .unwrap_or_default()
}

/// Whether a tenth of a torrent has names outside of what torrents hold; `None` if a file of it cannot be seen.
fn is_linked(
    disk: &SimDisk,
    server: &str,
    torrent: &Torrent,
    held: &BTreeSet<PathBuf>,
) -> Option<bool> {
    let (mut linked, mut all) = (0, 0);
    for file in &torrent.files {
        let names = disk.with(|disk| disk.names_of(&downloads(server).join(&file.name)));
        if names.is_empty() {
            return None;
        }
        all += file.size;
        if names.iter().any(|name| !held.contains(name)) {
            linked += file.size;
        }
    }
    Some(linked > 0 && linked * 10 >= all)
}

/// Tells the oracle what happened since the last time.
fn tell_effects(server: &mut Server, name: &str, hub: &Hub) {
    let effects = server.effects().to_vec();
    server.clear_effects();
    let names = server
        .torrents()
        .values()
        .map(|torrent| torrent.name.clone())
        .collect();
    hub.with(|core| {
        core.oracle.present.insert(name.to_owned(), names);
        for effect in effects {
            core.note(&format!("{name}: {effect}"));
            let hash = &effect.hash;
            match &effect.what {
                What::Deleted {
                    with_files,
                    torrent,
                    ..
                } => {
                    core.see(if *with_files {
                        "effect: torrent deleted with files"
                    } else {
                        "effect: torrent deleted"
                    });
                    if name == "attic" {
                        core.see("effect: torrent deleted on the second server");
                    }
                    core.oracle.torrent_deleted(name, torrent, *with_files);
                }
                What::FileRemoved { path, shared_with } => {
                    // What was added during the cycle is seen by the next one.
                    if shared_with
                        .iter()
                        .any(|other| core.oracle.is_listed(name, other))
                    {
                        core.oracle.breach(
                            9,
                            format!("{name}: {path} is deleted, which {shared_with:?} hold too"),
                        );
                    }
                }
                What::RecheckAsked => core.see("effect: recheck"),
                What::Started => core.see("effect: start"),
                What::Stopped => core.see("effect: stop"),
                What::Reannounced => core.see("effect: reannounce"),
                What::Changed { action, value } => {
                    core.see(&format!("effect: {action}"));
                    if action == "removeTrackers" {
                        core.oracle.tracker_removed(name, hash, value);
                    }
                }
                What::RunsUnfinished {
                    lost,
                    by_restart: false,
                }
                | What::DownloadedAgain {
                    lost,
                    by_restart: false,
                } => {
                    core.oracle.downloads_again(name, hash, *lost);
                }
                What::CheckHangs => core.see("effect: check hangs"),
                What::Added => {
                    let torrent = server.torrent(hash);
                    let added = torrent.map_or("", |torrent| torrent.name.as_str());
                    core.oracle.torrent_added(name, hash, added);
                }
                What::Checked { .. }
                | What::Restarted
                | What::RunsUnfinished {
                    by_restart: true, ..
                }
                | What::DownloadedAgain {
                    by_restart: true, ..
                } => {}
            }
            if matches!(
                effect.what,
                What::Deleted { .. }
                    | What::Started
                    | What::Stopped
                    | What::RecheckAsked
                    | What::Reannounced
                    | What::Changed { .. }
            ) {
                core.oracle.changes(name, &effect.to_string());
            }
        }
    });
}
