//! qBittorrent in a world: what its witness tells, and what happens to torrents without us.

mod add;
mod disks;
mod effects;
mod events;
mod shelf;

pub use add::add;
pub use disks::{cold, lay_out, sample_room};
pub use events::{calm_down, happen};
pub use shelf::Shelf;

use super::hub::Hub;
use super::oracle::Remedy;
use super::service::Subject;
use crate::support::disk::SimDisk;
use bytes::Bytes;
use effects::tell_effects;
use http::Request;
use seedwarden_sim::qbittorrent::{Era, File, Server, Torrent};
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

/// The other name of that folder, which leads there too.
pub fn other_way(server: &str) -> PathBuf {
    Path::new(DOWNLOADS).join(format!("{server}-too"))
}

/// Its recycle bin.
pub fn bin(server: &str) -> PathBuf {
    downloads(server).join(".bin")
}

/// Where a torrent's file is, by the torrent's own name of it.
pub fn place_of(torrent: &Torrent, file: &File) -> PathBuf {
    torrent.path_of(file).into()
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
    /// The server sent how many trackers it has.
    pub has_trackers_count: bool,
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
            .any(|reading| path.ends_with(reading))
            && !self.is_loading();
        let has_trackers_count =
            self.settings.era >= Era::V4_5_2 && !self.omitted().contains(&"trackers_count");
        if !self.omitted().is_empty() && is_reading {
            hub.with(|core| core.see("event: field not sent"));
        }
        let found = self
            .torrents()
            .iter()
            .filter(|(hash, _)| is_reading && (hashes.is_empty() || hashes.contains(hash)));
        let disk = hub
            .with(|core| core.disk.clone())
            .filter(|_| is_reading && !hashes.is_empty());
        let is_mount_away = hub.with(|core| core.is_mount_away);
        let held = match &disk {
            // What was deleted in the same cycle counts for the next one only.
            Some(disk) => {
                let held = hub.with(|core| core.oracle.held(name, self.torrents().values()));
                disk.with(|disk| held.iter().map(|path| disk.real(path)).collect())
            }
            None => BTreeSet::new(),
        };
        let shown = |(hash, torrent): (&String, &Torrent)| {
            let state = self.state(hash).unwrap_or_default();
            let is_linked = disk
                .as_ref()
                .filter(|_| !is_mount_away || !torrent.save_path.starts_with(DOWNLOADS))
                .and_then(|disk| is_linked(disk, torrent, &held));
            let torrent = torrent.clone();
            (
                hash.clone(),
                Shown {
                    state,
                    torrent,
                    is_linked,
                    has_trackers_count,
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
        act_answered(name, hub, path, &hashes, answer.is_some());
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
        act_answered(name, hub, request.uri().path(), &asked(request), false);
        if request.uri().path().ends_with("sync/maindata") {
            hub.with(|core| core.oracle.torrents_listed(name, None));
        }
    }

    fn interfere(&mut self, name: &str, hub: &Hub, request: &Request<Bytes>, now: NowMs) {
        let path = request.uri().path();
        if path.ends_with("torrents/delete") && self.settings.loading_ms > 0 {
            hub.with(|core| {
                core.see("interference: server restarted before a deletion");
                core.note(&format!("meanwhile {name} is restarted"));
            });
            return self.restart(now);
        }
        // Between the last look and what it leads to no client can see anything.
        let leads_to = ["torrents/start", "torrents/resume", "torrents/delete"];
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

/// An action came back, or did not.
fn act_answered(name: &str, hub: &Hub, path: &str, hashes: &[String], got_through: bool) {
    let action = path.rsplit('/').next().unwrap_or_default();
    hub.with(|core| match action {
        "delete" => core.oracle.deletion_answered(name, got_through),
        "reannounce" => core
            .oracle
            .remedy_answered(name, Remedy::Reannounce, hashes, got_through),
        "recheck" => core
            .oracle
            .remedy_answered(name, Remedy::Recheck, hashes, got_through),
        "stop" | "pause" if !got_through => {
            core.oracle
                .remedy_answered(name, Remedy::Recheck, hashes, false);
        }
        _ => {}
    });
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
fn is_linked(disk: &SimDisk, torrent: &Torrent, held: &BTreeSet<PathBuf>) -> Option<bool> {
    let (mut linked, mut all) = (0, 0);
    for file in &torrent.files {
        let names = disk.with(|disk| disk.names_of(&place_of(torrent, file)));
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
