//! What happens to torrents without us.

use super::add::{add, result, set_linked};
use super::{disks, tell_effects};
use crate::dice::Dice;
use crate::hub::Hub;
use seedwarden_sim::NowMs;
use seedwarden_sim::qbittorrent::{Server, Torrent, TorrentSpec, TrackerResult, Trouble};
use std::collections::BTreeMap;

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
        (56..59, Some(_)) => a_portion_is_dropped(server, &hashes, dice),
        (59..63, Some(hash)) => {
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
        (63..66, _) => {
            server.expire_sessions();
            "all sessions end".to_owned()
        }
        (66..70, _) => {
            let fields = match dice.percent(50) {
                true => vec!["trackers_count", "private"],
                false => vec!["added_on"],
            };
            server.settings.omits = (fields.clone(), dice.between(1, 4) as u32);
            server.expire_sessions();
            format!("the next lists lack {fields:?}")
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
        (84..86, _) => disks::change(server, name, hub, &disk, dice, now),
        (86..88, _) => {
            let is_hidden = dice.percent(40);
            hub.with(|core| {
                core.is_mount_away = is_hidden;
                core.oracle.mount_changed(is_hidden);
            });
            format!("the mount is away: {is_hidden}")
        }
        (88..90, Some(hash)) => {
            server.edit(&hash, |torrent| torrent.is_stopped = false);
            hub.with(|core| core.oracle.started_by_owner(&hash));
            format!("{hash} is started by its owner")
        }
        (90..92, Some(hash)) => stop(server, hub, &hash),
        (92..94, Some(hash)) => {
            server.edit(&hash, |torrent| torrent.uploaded += torrent.downloaded * 2);
            format!("{hash} is shared more")
        }
        (94..98, Some(_)) => a_portion_fails(server, &hashes, dice),
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
    disks::sample_room(name, hub, false);
    done
}

/// Its owner stops a torrent that runs.
fn stop(server: &mut Server, hub: &Hub, hash: &str) -> String {
    let runs = server
        .torrent(hash)
        .is_some_and(|torrent| !torrent.is_stopped);
    if runs {
        server.edit(hash, |torrent| torrent.is_stopped = true);
        hub.with(|core| core.oracle.stopped_by_owner(hash));
    }
    format!("{hash} is stopped by its owner")
}

/// Some of the torrents that were well are in error: an outage that comes bit by bit.
fn a_portion_fails(server: &mut Server, hashes: &[String], dice: &mut Dice) -> String {
    let is_well = |torrent: &Torrent| torrent.trouble.is_none() && torrent.check.is_none();
    let well = hashes
        .iter()
        .filter(|hash| server.torrent(hash).is_some_and(is_well));
    let portion: Vec<&String> = well.filter(|_| dice.percent(35)).collect();
    for hash in &portion {
        server.lose_data(hash);
        server.trouble(hash, Trouble::PeerRead);
    }
    format!("a portion of {} torrents is in error", portion.len())
}

/// A tracker no longer knows some of its torrents, as many as announce at once.
fn a_portion_is_dropped(server: &mut Server, hashes: &[String], dice: &mut Dice) -> String {
    let mut dropped = 0;
    for hash in hashes {
        let urls: Vec<String> = match server.torrent(hash) {
            Some(torrent) if torrent.is_private => {
                torrent.trackers.iter().map(|t| t.url.clone()).collect()
            }
            Some(_) | None => continue,
        };
        if !dice.percent(40) {
            continue;
        }
        dropped += 1;
        for url in urls {
            server.set_tracker(
                hash,
                &url,
                TrackerResult::failure("Unregistered torrent"),
                true,
            );
        }
    }
    format!("trackers drop a portion of {dropped} torrents")
}

/// Everybody behaves from here on. Answers the torrents that are beyond help: in error, without data, and not protected.
pub fn calm_down(server: &mut Server, name: &str, hub: &Hub, now: NowMs) -> Vec<String> {
    server.step(now);
    tell_effects(server, name, hub);
    hub.with(|core| {
        core.is_mount_away = false;
        core.oracle.mount_changed(false);
    });
    disks::come_back(name, hub);
    server.settings.omits = (Vec::new(), 0);
    // The disk is there as long as some of it can be seen.
    for _ in 0..3 {
        server.add(
            now,
            TorrentSpec::new(&format!("Anchor{}", server.torrents().len())).category("keep"),
        );
    }
    // Whether two names are one cannot be seen once nothing is there, and nothing is deleted then.
    let lower = |path: String| path.to_lowercase();
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for torrent in server.torrents().values() {
        for file in &torrent.files {
            *names.entry(lower(torrent.path_of(file))).or_default() += 1;
        }
    }
    disks::sample_room(name, hub, false);
    let is_lost = |torrent: &Torrent| {
        let mut own = torrent
            .files
            .iter()
            .map(|file| lower(torrent.path_of(file)));
        let is_alone = own.all(|name| names.get(&name) == Some(&1));
        let is_protected = torrent.category == "keep"
            || torrent.tags.contains("forever")
            || torrent.tags.contains("untouched")
            || torrent.trackers.iter().any(|t| t.url.contains("://one."));
        torrent.trouble.is_some() && is_alone && !is_protected
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
    disks::sample_room(name, hub, false);
    hashes
}
