//! A disk that is gone: the journal says so, once, and says when it is back.

use super::world::World;
use crate::real::until;
use serde_json::json;
use std::fs;
use std::path::Path;

const GONE: &str =
    "WARN  old: 3 torrents in error are left alone, because the disk of /downloads is not there: ";
const REHEARSED: &str = "WARN  old: dry run, 3 torrents in error are left alone, because the disk of /downloads is not there: ";

/// Three of four torrents of the account `old` miss their files; its folder is here.
fn world(folder: &Path) -> World {
    let world = World::new();
    for name in ["Lost.1", "Lost.2", "Lost.3"] {
        world.old.add_broken(name);
    }
    fs::create_dir(folder.join("downloads")).expect("a folder");
    world.configure(|config| {
        config["accounts"][0]["path_map"] = json!([{ "from": "/", "to": folder }]);
    });
    world
}

#[test]
fn disk_that_is_gone_is_told_of_once_and_again_when_it_is_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let world = world(folder.path());
    let daemon = world.product.daemon();
    daemon.wait_for_log(GONE);
    daemon.wait_for_log("old: 3 items, 3 on a disk that is not there");
    let cycles = |log: &str| log.matches("old: 3 items").count();
    let before = cycles(&daemon.log());
    until("some cycles pass", || {
        (cycles(&daemon.log()) > before + 3).then_some(())
    });
    assert_eq!(daemon.log().matches(GONE).count(), 1, "{}", daemon.log());
    let plan = world.product.run(&["plan", "--account", "old"]).stdout;
    assert!(plan.contains("warning: 3 torrents in error"), "{plan}");
    let rehearsal = world.product.run(&["run", "--once", "--dry-run"]).stderr;
    assert!(rehearsal.contains(REHEARSED), "{rehearsal}");

    fs::write(folder.path().join("downloads/film.mkv"), "").expect("a file");
    daemon.wait_for_log("INFO  old: no torrent waits for the disk of /downloads any more");
    let log = daemon.log();
    daemon.stop();
    assert_eq!(log.matches("any more").count(), 1, "{log}");
    assert_eq!(log.matches(GONE).count(), 1, "{log}");
}
