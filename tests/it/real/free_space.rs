//! Rules that free space: servers show late what was deleted, and deleting frees nothing on another disk.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use super::server::{Server, with_release};
use super::torrent::Torrent;
use super::{on_each_release, until};
use crate::product::{Daemon, Product};

const SIZE: usize = 1 << 20;

/// A disk of its own, so that nobody else changes its free space. It is taken away when dropped.
struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// `None` where nobody may mount anything.
    fn mount(folder: &Path) -> Option<Disk> {
        let mut command = Command::new("mount");
        command
            .args(["-t", "tmpfs", "-o", "size=64m", "tmpfs"])
            .arg(folder);
        let is_mounted = command.status().is_ok_and(|status| status.success());
        if !is_mounted {
            println!("skipped: this user may not mount a disk");
        }
        is_mounted.then(|| Disk {
            folder: folder.to_owned(),
        })
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // The server may still have files open there.
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(&self.folder)
            .status();
    }
}

/// Ten torrents, of which one and a half have to go, and a daemon whose rules run every five seconds.
fn frees_enough(server: &Server, save_path: &Path) -> (Vec<Torrent>, Product, Daemon) {
    let made = |i: usize| {
        Torrent::named(&format!("film{i}"))
            .file(&format!("film{i}.mkv"), SIZE)
            .made()
    };
    let torrents: Vec<Torrent> = (0..10).map(made).collect();
    for torrent in &torrents {
        torrent.write_data(save_path);
        server
            .api()
            .add(torrent, save_path, &[("skip_checking", "true")]);
    }
    torrents
        .iter()
        .for_each(|torrent| server.api().wait_for(torrent, "stalledUP/1"));
    let figure =
        || server.api().get("sync/maindata").json()["server_state"]["free_space_on_disk"].as_u64();
    let true_bytes =
        rustix::fs::statvfs(server.downloads().as_path()).map(|disk| disk.f_bavail * disk.f_frsize);
    let true_bytes = true_bytes.expect("the disk is there");
    until("the server's figure is that of the disk", || {
        (figure() == Some(true_bytes)).then_some(())
    });
    let rule = json!({
        "name": "make-room", "limit": 10,
        "until": { "key": "freeSpace", "compareType": "bigger", "value": true_bytes as usize + SIZE * 3 / 2 },
        "conditions": [{ "key": "progress", "compareType": "equals", "value": "1" }],
    });
    let account = json!({ "cycle": "10m", "rule_cycle": "5s", "rules": ["make-room"] });
    let product = Product::watching(server, account, json!({ "rules": [rule] }));
    let daemon = product.daemon();
    (torrents, product, daemon)
}

fn listed(server: &Server, torrents: &[Torrent]) -> usize {
    torrents
        .iter()
        .filter(|torrent| server.api().info(&torrent.hash).is_some())
        .count()
}

/// Looks for so long whether more are deleted than these two.
fn assert_two_go(server: &Server, torrents: &[Torrent], daemon: &Daemon, seconds: u64) {
    until("two are deleted", || {
        (listed(server, torrents) <= 8).then_some(())
    });
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        assert_eq!(listed(server, torrents), 8, "{}", daemon.log());
        std::thread::sleep(Duration::from_secs(1));
    }
}

on_each_release! {
    fn no_more_is_deleted_than_needed_though_the_figure_lags(release) {
        let server = Server::start(release);
        let Some(_disk) = Disk::mount(&server.downloads()) else { return };
        let (torrents, _product, daemon) = frees_enough(&server, &server.downloads());
        // The figure is refreshed every 30 seconds.
        assert_two_go(&server, &torrents, &daemon, 40);
    }
}

#[test]
fn rule_stops_where_deleting_frees_nothing() {
    with_release("bookworm", |release| {
        let server = Server::start(release);
        let Some(_disk) = Disk::mount(&server.downloads()) else {
            return;
        };
        let elsewhere = tempfile::tempdir().expect("a folder on another disk");
        let (torrents, _product, daemon) = frees_enough(&server, elsewhere.path());
        daemon.wait_for_log("free space did not grow by what was deleted");
        assert_two_go(&server, &torrents, &daemon, 15);
    });
}
