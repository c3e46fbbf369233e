//! qBittorrent in a world: what its witness tells, and what happens to torrents without us.

use super::dice::Dice;
use super::hub::Hub;
use super::service::Subject;
use crate::support::disk::SimDisk;
use bytes::Bytes;
use http::Request;
use seedwarden_sim::qbittorrent::{
    Disk, Server, Torrent, TorrentSpec, TrackerResult, Trouble, What,
};
use seedwarden_sim::{NowMs, form};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Where all servers keep their data; the process sees it at the same place.
pub const DOWNLOADS: &str = "/downloads";
/// Where the media library links to it.
pub const LIBRARY: &str = "/library";
/// What a private tracker's address holds.
pub const PASSKEY: &str = "passkey-5ee5d4a11ed";

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
        let is_reading = path.ends_with("sync/maindata") || path.ends_with("torrents/info");
        let found = self
            .torrents()
            .iter()
            .filter(|(hash, _)| is_reading && (hashes.is_empty() || hashes.contains(hash)));
        let disk = hub
            .with(|core| core.disk.clone())
            .filter(|_| !hashes.is_empty() && !hub.with(|core| core.is_mount_away));
        let shown = |(hash, torrent): (&String, &Torrent)| {
            let state = self.state(hash).unwrap_or_default();
            let is_linked = disk.as_ref().and_then(|disk| is_linked(disk, torrent));
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
            answer.is_some_and(|body| serde_json::from_slice::<Value>(body).is_ok());
        hub.with(|core| match path {
            _ if path.ends_with("sync/maindata") => core
                .oracle
                .torrents_listed(name, is_understood.then_some(truth)),
            _ if path.ends_with("torrents/info") && hashes.is_empty() => {
                core.oracle
                    .torrents_listed(name, is_understood.then_some(truth));
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

    fn spoilt(name: &str, hub: &Hub, request: &Request<Bytes>) {
        if request.uri().path().ends_with("sync/maindata") {
            hub.with(|core| core.oracle.torrents_listed(name, None));
        }
    }

    fn interfere(&mut self, name: &str, hub: &Hub, _request: &Request<Bytes>, now: NowMs) {
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
        .find(|param| param.name == "hashes")
        .map(form::Param::text);
    hashes
        .map(|text| text.split('|').map(str::to_owned).collect())
        .unwrap_or_default()
}

fn is_linked(disk: &SimDisk, torrent: &Torrent) -> Option<bool> {
    let links = |name: &str| disk.with(|disk| disk.links(&Path::new(DOWNLOADS).join(name)));
    let links: Option<Vec<usize>> = torrent.files.iter().map(|file| links(&file.name)).collect();
    links.map(|links| links.iter().any(|links| *links > 1))
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
                    core.oracle.torrent_deleted(name, torrent, *with_files);
                }
                What::FileRemoved { path, shared_with } => {
                    if !shared_with.is_empty() {
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
                What::Changed { action, .. } => core.see(&format!("effect: {action}")),
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
                What::Added
                | What::Checked { .. }
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

/// The server's files, which the process sees too.
pub struct Shelf {
    sizes: BTreeMap<String, u64>,
    disk: SimDisk,
}

impl Shelf {
    /// No files yet.
    pub fn new(disk: &SimDisk) -> Self {
        Self {
            sizes: BTreeMap::new(),
            disk: disk.clone(),
        }
    }
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.sizes.fmt(f)
    }
}

impl Disk for Shelf {
    fn size(&mut self, path: &str) -> Option<u64> {
        self.sizes.get(path).copied()
    }

    fn write(&mut self, path: &str, size: u64) {
        self.sizes.insert(path.to_owned(), size);
        self.disk.with(|disk| disk.put_sized(Path::new(path), size));
    }

    fn remove(&mut self, path: &str, _save_path: &str) {
        if self.sizes.remove(path).is_some() {
            self.disk.with(|disk| disk.delete(Path::new(path)));
        }
    }
}

/// Any torrent, with a name of its own.
pub fn torrent(dice: &mut Dice) -> TorrentSpec {
    let name = format!("T{:08x}", dice.next() as u32);
    let category = *dice.of(&["movies", "tv", "keep", ""]);
    let mut spec = TorrentSpec::new(&name)
        .category(category)
        .ratio(dice.between(0, 50) as f64 / 10.0)
        .added_ago(dice.between(60, 400_000))
        .num_leechs(dice.between(0, 1));
    if dice.percent(10) {
        spec = spec.tag("forever");
    }
    if dice.percent(12) {
        spec = spec.progress(0.4);
    }
    if dice.percent(10) {
        spec = spec.stopped();
    }
    match dice.below(8) {
        // Cross-seeded: torrents that hold one file.
        0 => spec = spec.bare_file(&format!("shared{}.mkv", dice.below(3)), 700 << 20),
        1 => spec = spec.file("a.mkv", 500 << 20).file("a.nfo", 900),
        _ => {}
    }
    let host = *dice.of(&["one", "two", "three"]);
    if dice.percent(50) {
        let address = format!("http://{host}.tracker.test/{PASSKEY}/announce");
        return spec.private().tracker(&address, result(dice));
    }
    let public = format!("http://{host}.public.test/announce");
    spec.tracker(&public, result(dice))
        .tracker("udp://four.public.test:1337/announce", result(dice))
}

fn result(dice: &mut Dice) -> TrackerResult {
    match dice.below(12) {
        0 => TrackerResult::failure("Unregistered torrent"),
        1 => TrackerResult::failure("torrent not registered with this tracker"),
        2 => TrackerResult::refused(),
        3 => TrackerResult::Silent,
        4 => TrackerResult::Http("Service Unavailable".to_owned()),
        _ => TrackerResult::Working,
    }
}

/// Links the files of a torrent into the media library, or removes them there.
fn set_linked(server: &Server, hub: &Hub, disk: &SimDisk, hash: &str, is_linked: bool) {
    let Some(torrent) = server.torrent(hash) else {
        return;
    };
    let paths: Vec<String> = torrent
        .files
        .iter()
        .map(|file| format!("{DOWNLOADS}/{}", file.name))
        .collect();
    disk.with(|disk| {
        for path in paths {
            let link = format!(
                "{LIBRARY}/{hash}-{}",
                path.rsplit('/').next().unwrap_or_default()
            );
            match is_linked {
                true if disk.peek(Path::new(&path)).is_some() => {
                    disk.link(Path::new(&path), Path::new(&link))
                }
                true => {}
                false => disk.delete(Path::new(&link)),
            }
        }
    });
    hub.with(|core| core.oracle.links_changed());
}

/// Something happens to a server; says what.
pub fn happen(server: &mut Server, name: &str, hub: &Hub, dice: &mut Dice, now: NowMs) -> String {
    server.step(now);
    tell_effects(server, name, hub);
    let hashes: Vec<String> = server.torrents().keys().cloned().collect();
    let disk = hub.with(|core| core.disk.clone());
    let Some(disk) = disk else {
        return "nothing".to_owned();
    };
    let one = (!hashes.is_empty()).then(|| dice.of(&hashes).clone());
    let done = match (dice.below(100), one) {
        (0..14, Some(hash)) => {
            server.lose_data(&hash);
            server.trouble(&hash, Trouble::PeerRead);
            format!("{hash} loses its data and is in error")
        }
        (14..20, Some(hash)) => {
            server.trouble(&hash, Trouble::PeerRead);
            format!("{hash} is in error although its data is there")
        }
        (20..26, Some(hash)) => {
            server.lose_data(&hash);
            server.restart(now);
            format!("{hash} loses its data and the server is restarted")
        }
        (26..36, Some(hash)) => {
            server.return_data(&hash);
            format!("the data of {hash} comes back")
        }
        (36..39, Some(hash)) => {
            server.vanish(now, &hash);
            format!("{hash} is removed by somebody else")
        }
        (39..48, _) => {
            let spec = torrent(dice);
            let hash = server.add(now, spec);
            if dice.percent(40) {
                set_linked(server, hub, &disk, &hash, true);
            }
            format!("{hash} is added")
        }
        (48..56, Some(hash)) => {
            let result = result(dice);
            let urls: Vec<String> = server
                .torrent(&hash)
                .map(|t| t.trackers.iter().map(|t| t.url.clone()).collect())
                .unwrap_or_default();
            for url in urls {
                server.set_tracker(&hash, &url, result.clone(), true);
            }
            format!("the trackers of {hash} answer {result:?}")
        }
        (56..64, Some(hash)) => {
            let category = *dice.of(&["movies", "tv", "keep", ""]);
            let is_tagged = dice.percent(30);
            server.edit(&hash, |torrent| {
                torrent.category = category.to_owned();
                match is_tagged {
                    true => torrent.tags.insert("forever".to_owned()),
                    false => torrent.tags.remove("forever"),
                };
            });
            format!("{hash} goes to category {category:?}, tagged: {is_tagged}")
        }
        (64..70, _) => {
            server.expire_sessions();
            "all sessions end".to_owned()
        }
        (70..76, _) => {
            server.restart(now);
            "the server is restarted".to_owned()
        }
        (76..84, Some(hash)) => {
            let is_linked = dice.percent(60);
            set_linked(server, hub, &disk, &hash, is_linked);
            format!("{hash} is linked in the library: {is_linked}")
        }
        (84..88, _) => {
            let is_hidden = dice.percent(40);
            hub.with(|core| {
                core.is_mount_away = is_hidden;
                core.oracle.links_changed();
            });
            format!("the mount is away: {is_hidden}")
        }
        (88..92, Some(hash)) => {
            server.edit(&hash, |torrent| torrent.is_stopped = false);
            hub.with(|core| core.oracle.started_by_owner(&hash));
            format!("{hash} is started by its owner")
        }
        (92..96, Some(hash)) => {
            server.edit(&hash, |torrent| torrent.uploaded += torrent.downloaded * 2);
            format!("{hash} is shared more")
        }
        _ => {
            let lost: Vec<String> = hashes
                .iter()
                .filter(|_| dice.percent(70))
                .cloned()
                .collect();
            for hash in &lost {
                server.trouble(hash, Trouble::PeerRead);
            }
            format!("{} torrents are in error together", lost.len())
        }
    };
    server.step(now);
    tell_effects(server, name, hub);
    done
}

/// Everybody behaves from here on. Answers the torrents that are beyond help: in error, without data, and not protected.
pub fn calm_down(server: &mut Server, name: &str, hub: &Hub, now: NowMs) -> Vec<String> {
    server.step(now);
    tell_effects(server, name, hub);
    hub.with(|core| core.is_mount_away = false);
    // The disk is there as long as some of it can be seen.
    for _ in 0..3 {
        server.add(
            now,
            TorrentSpec::new(&format!("Anchor{}", server.torrents().len())).category("keep"),
        );
    }
    let is_lost = |torrent: &Torrent| {
        let is_protected = torrent.category == "keep" || torrent.tags.contains("forever");
        torrent.trouble.is_some() && !torrent.is_running_shared() && !is_protected
    };
    let hashes: Vec<String> = server
        .torrents()
        .iter()
        .filter(|(_, torrent)| is_lost(torrent))
        .map(|(hash, _)| hash.clone())
        .collect();
    for hash in &hashes {
        server.lose_data(hash);
    }
    tell_effects(server, name, hub);
    hashes
}

/// What tells cross-seeded torrents.
trait Sharing {
    /// Its file belongs to other torrents too, which may bring it back.
    fn is_running_shared(&self) -> bool;
}

impl Sharing for Torrent {
    fn is_running_shared(&self) -> bool {
        self.files
            .iter()
            .any(|file| file.name.starts_with("shared"))
    }
}
