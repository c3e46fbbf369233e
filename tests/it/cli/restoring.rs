//! `restore`: deletions of each kind taken back, and what cannot come back said plainly.

use super::world::World;
use seedwarden_sim::alldebrid::{Magnet, Outcome};
use seedwarden_sim::faults::Fault;
use seedwarden_sim::qbittorrent::{Era, TorrentSpec, TrackerResult};
use serde_json::json;

/// A torrent of many settings that a rule will delete, with its files if so asked.
fn film() -> TorrentSpec {
    TorrentSpec::new("Film")
        .file("film.mkv", 3 << 20)
        .file("extra.mkv", 1 << 20)
        .category("movies")
        .tag("a")
        .tag("b c")
}

fn delete_by_rule(world: &mut World, action: &str) {
    world.configure(|config| {
        config["rules"] = json!([{ "name": "all", "action": action,
            "conditions": [{ "key": "name", "compareType": "contain", "value": "Film" }] }]);
        config["accounts"][0]["rules"] = json!(["all"]);
    });
    world.cycle();
}

#[test]
fn torrent_with_its_files_kept_comes_back_as_it_was_and_runs() {
    for era in [Era::V4_2_5, Era::V4_5_2, Era::V5_3] {
        let mut world = World::of(era);
        let hash = world.add(film());
        let before = world.server().torrent(&hash).expect("a torrent").clone();
        delete_by_rule(&mut world, "delete_torrent");
        assert!(world.server().torrent(&hash).is_none(), "{era:?}");
        let rehearsed = world.run(0, &["restore", "film", "--dry-run"]).stdout;
        assert!(rehearsed.contains("would be added again"), "{rehearsed}");
        let told = world.run(0, &["restore", &hash[..8]]).stdout;
        let server = world.server();
        let after = server
            .torrent(&hash)
            .unwrap_or_else(|| panic!("{era:?}: {told}"));
        assert_eq!(
            (&after.category, &after.tags),
            (&before.category, &before.tags),
            "{era:?}: {told}"
        );
        assert_eq!(after.save_path, before.save_path, "{era:?}: {told}");
        // Before 4.5 there is only the magnet link, and the metadata has to be found again.
        if era >= Era::V4_5_2 {
            assert!(after.is_complete() && after.is_running(), "{era:?}: {told}");
        }
        drop(server);
        let again = world.run(0, &["restore", &hash]).stdout;
        assert!(again.contains("already there"), "{again}");
        // It is left alone for a while, though the rule still matches.
        world.cycle();
        assert!(world.server().torrent(&hash).is_some(), "{era:?}");
        let plan = world.run(0, &["plan"]).stdout;
        assert!(plan.contains("restored, left alone for another"), "{plan}");
        let history = world.json(0, &["history", "--json"]);
        assert!(
            history["deletions"][0]["restorable"]["restored"].is_string(),
            "{history}"
        );
    }
}

#[test]
fn torrent_whose_files_are_gone_stays_stopped() {
    let mut world = World::new();
    let hash = world.add(film());
    delete_by_rule(&mut world, "delete_files");
    let told = world.run(0, &["restore", "Film"]).stdout;
    assert!(
        told.contains("its files are gone: it stays stopped"),
        "{told}"
    );
    let server = world.server();
    let torrent = server.torrent(&hash).expect("the torrent");
    assert!(!torrent.is_running() && torrent.have() == 0);
}

#[test]
fn torrent_that_cannot_be_seen_after_its_addition_is_left_alone() {
    let mut world = World::new();
    let hash = world.add(film());
    delete_by_rule(&mut world, "delete_torrent");
    let fault = Fault::Status(500, "trouble".to_owned());
    world.faults.after(1, u32::MAX, "torrents/info", fault);
    let told = world.run(1, &["restore", "Film"]).stderr;
    assert!(told.contains("is left alone if it is there"), "{told}");
    world.faults.clear();
    world.cycle();
    assert!(world.server().torrent(&hash).is_some());
    let plan = world.run(0, &["plan"]).stdout;
    assert!(plan.contains("restored, left alone for another"), "{plan}");
}

#[test]
fn errored_torrent_is_not_started_before_its_data_is_back() {
    let world = World::new();
    let hash = world.add_broken(film());
    world.cycles_until_gone(&hash);
    let told = world.run(0, &["restore", "Film"]).stdout;
    assert!(told.contains("stays stopped"), "{told}");
    assert!(
        !world
            .server()
            .torrent(&hash)
            .expect("the torrent")
            .is_running()
    );
    assert_eq!(world.product.failures("seedbox", &hash, "errored"), 0);
}

#[test]
fn magnet_comes_back_by_its_hash_under_a_new_id() {
    let world = World::new();
    world.add_magnet(
        Magnet::new(12)
            .named("Magnet")
            .code(7)
            .then([Outcome::NO_PEER]),
    );
    world.cycles_until_no_magnets();
    let told = world.run(0, &["restore", "12"]).stdout;
    let ids = world.debrid().ids("debrid");
    assert!(
        ids.len() == 1 && told.contains(&format!("restored as magnet {}", ids[0])),
        "{told}"
    );
    let again = world.run(0, &["restore", "Magnet"]).stdout;
    assert!(again.contains("already there"), "{again}");
}

#[test]
fn magnet_whose_name_cannot_be_asked_for_is_left_alone() {
    let world = World::new();
    world.add_magnet(Magnet::new(12).named("Magnet").code(7));
    world.cycles_until_no_magnets();
    world.debrid().limiter = Default::default();
    // Enough for the list and the upload.
    world.debrid().limiter.windows = vec![(2, 600_000)];
    let told = world.run(0, &["restore", "12"]).stdout;
    assert!(told.contains("could not be asked"), "{told}");
    let history = world.json(0, &["history", "--json"]);
    assert!(
        history["deletions"][0]["restorable"]["restored"].is_string(),
        "{history}"
    );
}

#[test]
fn magnet_without_metadata_stays_and_is_told_what_may_come_of_it() {
    let world = World::new();
    let hash = "ABCDEF0123456789abcdef0123456789abcdef01";
    let magnet = Magnet::new(12).named("Private").code(7).private();
    world.add_magnet(magnet.hashed(hash));
    world.cycles_until_no_magnets();
    let told = world.run(0, &["restore", "abcdef"]).stdout;
    assert!(told.contains("a private torrent are never found"), "{told}");
    assert_eq!(world.debrid().ids("debrid").len(), 1);
    let again = world.run(0, &["restore", "12"]).stdout;
    assert!(again.contains("already there"), "{again}");
    let history = world.json(0, &["history", "--json", "--item", &hash[..10]]);
    assert_eq!(history["deletions"][0]["name"], "Private");
    world.run(0, &["explain", "ABCDEF0123"]);
}

#[test]
fn unknown_item_is_1_and_unknown_account_2() {
    let world = World::new();
    world.run(1, &["restore", "nothing"]);
    world.run(2, &["restore", "nothing", "--account", "nobody"]);
}

#[test]
fn removed_trackers_come_back() {
    let mut world = World::of(Era::V5_1);
    world.configure(|config| {
        config["accounts"][0]["failed_trackers"] = json!({ "max_failures": 1, "for": "1ms" });
    });
    // A tracker of a lower tier is asked only while none above works.
    let torrent = TorrentSpec::new("Film")
        .tracker("http://bad.example/SECRET", TrackerResult::failure("gone"))
        .tracker("http://bad.example/OTHER", TrackerResult::failure("gone"))
        .tracker("http://good.example/announce", TrackerResult::Working);
    let hash = world.add(torrent);
    let trackers = |world: &World| -> usize {
        world
            .server()
            .torrent(&hash)
            .expect("the torrent")
            .trackers
            .len()
    };
    world.cycles_until(|world| trackers(world) == 1);
    let rehearsed = world.run(0, &["restore", "film", "--dry-run"]).stdout;
    assert!(
        rehearsed.contains("tracker bad.example would be added again"),
        "{rehearsed}"
    );
    let told = world.run(0, &["restore", "film"]).stdout;
    assert!(
        told.contains("tracker bad.example is back") && !told.contains("SECRET"),
        "{told}"
    );
    assert_eq!(trackers(&world), 3, "both addresses of one host");
    let again = world.run(0, &["restore", "film"]).stdout;
    assert!(again.contains("it has all its trackers"), "{again}");
}
