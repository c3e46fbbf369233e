//! What happens to torrents without us.

use super::{LIBRARY, downloads, passkey, tell_effects};
use crate::dice::Dice;
use crate::hub::Hub;
use crate::support::disk::SimDisk;
use seedwarden_sim::NowMs;
use seedwarden_sim::qbittorrent::{Server, Torrent, TorrentSpec, TrackerResult, Trouble};
use std::path::Path;

/// Adds a torrent: one of its own, one of several that hold one file, or one whose file is a hard link to that of another.
/// Some are linked in the media library.
pub fn add(server: &mut Server, name: &str, hub: &Hub, dice: &mut Dice, now: NowMs) -> String {
    let disk = hub.with(|core| core.disk.clone());
    let seeded = disk
        .as_ref()
        .filter(|_| dice.percent(15))
        .and_then(|disk| cross_seeded(server, name, disk, dice));
    let hash = server.add(now, torrent(name, dice, seeded));
    if let Some(disk) = disk
        && dice.percent(40)
    {
        set_linked(server, name, hub, &disk, &hash, true);
    }
    hash
}

/// Links the file of some torrent to where another one is to have it; answers where, and its size.
fn cross_seeded(
    server: &Server,
    server_name: &str,
    disk: &SimDisk,
    dice: &mut Dice,
) -> Option<(String, u64)> {
    let is_whole = |torrent: &&Torrent| torrent.is_complete() && torrent.files.len() == 1;
    let whole: Vec<&Torrent> = server.torrents().values().filter(is_whole).collect();
    let file = whole.get(dice.below(whole.len()))?.files.first()?;
    let name = format!("cross/{:08x}.mkv", dice.next() as u32);
    let path = downloads(server_name).join(&file.name);
    disk.with(|disk| {
        disk.peek(&path)?;
        disk.link(&path, &downloads(server_name).join(&name));
        Some((name, file.size))
    })
}

/// Any torrent, with a name of its own.
fn torrent(server_name: &str, dice: &mut Dice, seeded: Option<(String, u64)>) -> TorrentSpec {
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
    if dice.percent(6) {
        spec = spec.tag("untouched");
    }
    if dice.percent(12) && seeded.is_none() {
        spec = spec.progress(0.4);
    }
    if dice.percent(10) {
        spec = spec.stopped();
    }
    match (dice.below(8), seeded) {
        (_, Some((name, size))) => spec = spec.bare_file(&name, size),
        // Cross-seeded: torrents that hold one file.
        (0 | 1, None) => spec = spec.bare_file(&format!("shared{}.mkv", dice.below(2)), 700 << 20),
        (2, None) => spec = spec.file("a.mkv", 500 << 20).file("a.nfo", 900),
        _ => {}
    }
    let host = *dice.of(&["one", "two", "three"]);
    if dice.percent(50) {
        let address = format!(
            "http://{host}.tracker.test/{}/announce",
            passkey(server_name)
        );
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
fn set_linked(
    server: &Server,
    server_name: &str,
    hub: &Hub,
    disk: &SimDisk,
    hash: &str,
    is_linked: bool,
) {
    let Some(torrent) = server.torrent(hash) else {
        return;
    };
    let paths: Vec<String> = torrent
        .files
        .iter()
        .map(|file| format!("{}/{}", downloads(server_name).display(), file.name))
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
            let hash = add(server, name, hub, dice, now);
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
            set_linked(server, name, hub, &disk, &hash, is_linked);
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
        let is_protected = torrent.category == "keep"
            || torrent.tags.contains("forever")
            || torrent.tags.contains("untouched");
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
