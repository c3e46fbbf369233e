//! Torrents that people add: some are seeded twice, in every way in which two torrents can hold one file.

use super::{LIBRARY, cold, downloads, other_way, passkey};
use crate::dice::Dice;
use crate::hub::Hub;
use crate::support::disk::SimDisk;
use seedwarden_sim::NowMs;
use seedwarden_sim::qbittorrent::{Server, Torrent, TorrentSpec, TrackerResult};
use std::path::{Path, PathBuf};

/// Adds a torrent: one of its own, one of several that hold one file, or one whose file is a hard link to that of another.
/// Some are linked in the media library.
pub fn add(server: &mut Server, name: &str, hub: &Hub, dice: &mut Dice, now: NowMs) -> String {
    let disk = hub.with(|core| core.disk.clone());
    let seeded = disk
        .as_ref()
        .filter(|_| dice.percent(25))
        .and_then(|disk| cross_seeded(server, name, hub, disk, dice));
    let hash = server.add(now, torrent(name, dice, seeded));
    if server
        .torrent(&hash)
        .is_some_and(|torrent| torrent.is_stopped)
    {
        hub.with(|core| core.oracle.stopped_by_owner(&hash));
    }
    if let Some(disk) = disk
        && dice.percent(40)
    {
        set_linked(server, name, hub, &disk, &hash, true);
    }
    hash
}

/// A file that a torrent is to have, which another torrent has already.
struct Seeded {
    /// Its name for the torrent that is to be.
    name: String,
    size: u64,
    /// Where the name begins, if that is not the server's folder.
    save_path: Option<String>,
}

/// Another way to the file of some torrent: a hard link, a symbolic link to the file or to its folder, a name in other letters,
/// the same name in the same folder by another path.
fn cross_seeded(
    server: &Server,
    server_name: &str,
    hub: &Hub,
    disk: &SimDisk,
    dice: &mut Dice,
) -> Option<Seeded> {
    let here = downloads(server_name);
    let is_whole = |torrent: &&Torrent| {
        let is_here = Path::new(&torrent.save_path) == here;
        torrent.is_complete() && torrent.files.len() == 1 && is_here
    };
    let whole: Vec<&Torrent> = server.torrents().values().filter(is_whole).collect();
    if dice.percent(30)
        && let Some(seeded) = seeded_by_another(&here, hub, disk, dice)
    {
        return Some(seeded);
    }
    let file = whole.get(dice.below(whole.len()))?.files.first()?;
    let path = here.join(&file.name);
    disk.with(|disk| disk.size(&path))?;
    let mark = format!("{:08x}", dice.next() as u32);
    let last = path.file_name()?.to_str()?;
    let (kind, name) = match dice.below(5) {
        0 => ("hard link", format!("cross/{mark}.mkv")),
        1 => ("symbolic link", format!("cross/{mark}.mkv")),
        2 => ("folder's link", format!("L{mark}/{last}")),
        3 => ("other letters", file.name.to_uppercase()),
        _ => ("other way", file.name.clone()),
    };
    hub.with(|core| core.see(&format!("cross-seed: {kind}")));
    let place = here.join(&name);
    disk.with(|disk| match kind {
        "hard link" => disk.link(&path, &place),
        "symbolic link" => disk.symlink(&path, &place),
        "folder's link" => {
            disk.symlink(
                path.parent().unwrap_or(&here),
                &here.join(format!("L{mark}")),
            );
        }
        _ => {}
    });
    let other_way = other_way(server_name).display().to_string();
    Some(Seeded {
        name,
        size: file.size,
        save_path: (kind == "other way").then_some(other_way),
    })
}

/// A hard link to a file of another server, where both lie in one folder.
fn seeded_by_another(here: &Path, hub: &Hub, disk: &SimDisk, dice: &mut Dice) -> Option<Seeded> {
    let held = hub.with(|core| core.oracle.held_by_all().cloned())?;
    let files: Vec<(PathBuf, u64)> = disk.with(|disk| {
        let seen = held.into_iter();
        seen.filter_map(|path| Some((disk.size(&path)?, path)))
            .map(|(size, path)| (path, size))
            .collect()
    });
    let (path, size) = files.get(dice.below(files.len()))?.clone();
    let name = format!("cross/{:08x}.mkv", dice.next() as u32);
    disk.with(|disk| disk.link(&path, &here.join(&name)));
    hub.with(|core| core.see("cross-seed: of another server"));
    Some(Seeded {
        name,
        size,
        save_path: None,
    })
}

/// Any torrent, with a name of its own.
fn torrent(server_name: &str, dice: &mut Dice, seeded: Option<Seeded>) -> TorrentSpec {
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
        (_, Some(seeded)) => {
            spec = spec.bare_file(&seeded.name, seeded.size);
            spec = spec.save_path(&seeded.save_path.unwrap_or_default());
        }
        // Cross-seeded: torrents that hold one file.
        (0 | 1, None) => spec = spec.bare_file(&format!("shared{}.mkv", dice.below(2)), 700 << 20),
        (2, None) => spec = spec.file("a.mkv", 500 << 20).file("a.nfo", 900),
        (3, None) => spec = spec.save_path(&cold(server_name).display().to_string()),
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

pub(super) fn result(dice: &mut Dice) -> TrackerResult {
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
pub(super) fn set_linked(
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
        .map(|file| torrent.path_of(file))
        .collect();
    disk.with(|disk| {
        for path in paths {
            let link = format!(
                "{LIBRARY}/{server_name}/{hash}-{}",
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
