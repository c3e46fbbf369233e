//! Commands of root in the state folder of another user, who plants links there.

use super::world::World;
use seedwarden_sim::alldebrid::Magnet;
use seedwarden_sim::qbittorrent::TorrentSpec;
use serde_json::json;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

/// The service's user, and another one.
const SERVICE: u32 = 12_345;
const OTHER: u32 = 23_456;

/// A folder of this user beside the state folder.
fn folder(path: PathBuf, owner: u32) -> PathBuf {
    fs::create_dir(&path).expect("a folder");
    chown(&path, Some(owner), Some(owner)).expect("root gives it away");
    path
}

/// A world whose state folder belongs to the service's user; `None` where the tests are not root's.
fn world() -> Option<World> {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can give folders away");
        return None;
    }
    let world = World::new();
    let state = folder(world.product.state_dir(), SERVICE);
    let top = state.parent().expect("the folder of the test");
    fs::set_permissions(top, fs::Permissions::from_mode(0o755)).expect("others may pass");
    Some(world)
}

fn beside(world: &World, name: &str) -> PathBuf {
    world.product.state_dir().with_file_name(name)
}

fn owners(folder: &Path) -> Vec<(String, u32)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let meta = path.symlink_metadata().expect("it is there");
        found.push((path.display().to_string(), meta.uid()));
        if meta.is_dir() {
            found.extend(owners(&path));
        }
    }
    found
}

#[test]
fn what_root_leaves_in_the_folder_of_the_service_belongs_to_the_service() {
    let Some(world) = world() else { return };
    world.add_magnet(Magnet::new(12).named("Dead").code(7));
    world.add_broken(TorrentSpec::new("Broken"));
    world.cycles_until_no_magnets();
    world.run(0, &["reset"]);
    world.run(0, &["restore", "Dead"]);
    world.run(0, &["status"]);
    let found = owners(&world.product.state_dir());
    assert!(found.len() > 4, "{found:?}");
    let others: Vec<_> = found.iter().filter(|(_, uid)| *uid != SERVICE).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn reset_leaves_alone_what_lies_behind_a_link() {
    let Some(world) = world() else { return };
    let victim = beside(&world, "victim");
    fs::create_dir(&victim).expect("a folder of root");
    let file = victim.join("state.json");
    fs::write(&file, "no state").expect("a file of root");
    symlink(&file, world.product.state_dir().join("state.json")).expect("a link");
    let outcome = world.product.run(&["reset"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("root follows none"), "{outcome:?}");
    assert_eq!(fs::read(&file).expect("it is there"), b"no state");
    assert_eq!(fs::read_dir(&victim).expect("the folder").count(), 1);
}

#[test]
fn cycle_neither_fills_nor_gives_away_a_folder_behind_a_link() {
    let Some(mut world) = world() else { return };
    let victim = folder(beside(&world, "victim"), OTHER);
    symlink(&victim, world.product.state_dir().join("trash")).expect("a link");
    let hash = world.add(TorrentSpec::new("Film").file("film.mkv", 1 << 20));
    world.configure(|config| {
        config["rules"] = json!([{ "name": "all", "action": "delete_torrent",
            "conditions": [{ "key": "name", "compareType": "contain", "value": "Film" }] }]);
        config["accounts"][0]["rules"] = json!(["all"]);
    });
    world.cycle();
    assert!(
        world.server().torrent(&hash).is_some(),
        "nothing could be kept of it"
    );
    assert_eq!(fs::metadata(&victim).expect("the folder").uid(), OTHER);
    assert_eq!(fs::read_dir(&victim).expect("the folder").count(), 0);
}
