//! The disks of a server: how they are laid out, how full they are, and mounts that come and go.

use super::shelf::{elsewhere, free};
use super::{LIBRARY, bin, downloads, other_way};
use crate::dice::Dice;
use crate::hub::Hub;
use crate::setup::DiskSetup;
use crate::support::disk::SimDisk;
use seedwarden_sim::NowMs;
use seedwarden_sim::qbittorrent::{Server, Trouble};
use std::path::{Path, PathBuf};

/// Number of a device that shows no links, by how long its server's name is.
const LINKLESS: u64 = 10;

/// A second disk of a server, with the data of some of its torrents.
pub fn cold(server: &str) -> PathBuf {
    Path::new("/cold").join(server)
}

/// Makes the folders of a server, or the way to those that it shares `with` another.
pub fn lay_out(disk: &SimDisk, server: &str, setup: DiskSetup, with: Option<&str>) {
    disk.with(|disk| {
        if let Some(other) = with {
            disk.symlink(&downloads(other), &downloads(server));
        }
        if setup.folds_case {
            disk.fold_case(&downloads(server));
        }
        if setup.is_linkless {
            for folder in [downloads(server), Path::new(LIBRARY).join(server)] {
                disk.hide_links(&folder);
                disk.set_device(&folder, LINKLESS + server.len() as u64);
            }
        }
        disk.put(&downloads(server).join("here"), b"");
        disk.put(&cold(server).join("here"), b"");
        disk.symlink(&downloads(server), &other_way(server));
    });
}

/// Somebody fills the disk or makes room on it, or the second one goes or comes back; says what.
pub fn change(
    server: &mut Server,
    name: &str,
    hub: &Hub,
    disk: &SimDisk,
    dice: &mut Dice,
    now: NowMs,
) -> String {
    let filling = downloads(name).join(".filling");
    match dice.below(8) {
        0..=2 => {
            let bytes = (dice.between(0, 6) as u64) << 30;
            disk.with(|disk| disk.put_sized(&filling, bytes));
            format!("{} GiB of others are on the disk", bytes >> 30)
        }
        3 => {
            disk.with(|disk| disk.delete(&bin(name)));
            hub.with(|core| core.oracle.bin_emptied(name));
            "the recycle bin is emptied".to_owned()
        }
        4 => {
            disk.with(|disk| disk.set_hidden(&cold(name), true));
            hub.with(|core| {
                core.see("event: second disk goes");
                core.oracle.disk_went(name);
            });
            // A server finds it at its next start, or when it is asked for a block.
            if dice.percent(50) {
                server.restart(now);
            } else {
                for hash in on_cold(server, name) {
                    server.trouble(&hash, Trouble::PeerRead);
                }
            }
            "the second disk goes".to_owned()
        }
        5 => {
            let folder = downloads(name);
            hub.with(|core| core.hanging = Some((folder, name.to_owned())));
            "the disk hangs".to_owned()
        }
        _ => {
            come_back(name, hub);
            "the disks are there".to_owned()
        }
    }
}

fn on_cold(server: &Server, name: &str) -> Vec<String> {
    let is_there = |path: &str| Path::new(path) == cold(name);
    let torrents = server.torrents().iter();
    torrents
        .filter(|(_, torrent)| is_there(&torrent.save_path))
        .map(|(hash, _)| hash.clone())
        .collect()
}

/// All disks are there, and answer.
pub fn come_back(name: &str, hub: &Hub) {
    if let Some(disk) = hub.with(|core| core.disk.clone()) {
        disk.with(|disk| disk.set_hidden(&cold(name), false));
    }
    hub.with(|core| {
        core.hanging = None;
        core.oracle.disk_came_back(name);
    });
}

/// Tells the oracle how much room there is; `by_us`: a deletion of ours on this server just made some, or should have.
pub fn sample_room(name: &str, hub: &Hub, by_us: bool) {
    let Some(disk) = hub.with(|core| core.disk.clone()) else {
        return;
    };
    // Servers can share a disk.
    for server in hub.with(|core| core.oracle.asking_for_room()) {
        let (free, elsewhere) = (free(&disk, &server), elsewhere(&disk, &server));
        let by_us = by_us && server == name;
        hub.with(|core| core.oracle.room_seen(&server, free, elsewhere, by_us));
    }
}
