//! `explain`, and `rules test`.

use super::world::World;
use seedwarden_sim::alldebrid::Magnet;
use seedwarden_sim::qbittorrent::{Era, TorrentSpec, Trouble};
use serde_json::json;

fn world() -> World {
    let mut world = World::new();
    world.configure(|config| {
        config["rules"] = json!([
            { "name": "big", "for": "30s", "conditions": [
                { "key": "size", "compareType": "bigger", "value": "1 GiB" },
                { "any": [
                    { "key": "category", "compareType": "equals", "value": "tv" },
                    { "key": "state", "compareType": "equals", "value": "paused" } ] } ] },
            { "name": "script", "javascript": "(maindata, torrent) => torrent.name.includes('Show')" },
            { "name": "young", "conditions": [ { "key": "addedTime", "compareType": "smaller", "value": "1h" } ] } ]);
        config["accounts"][0]["rules"] = json!(["big", "script"]);
        config["accounts"][0]["protect"] = json!({ "rules": ["young"], "tags": ["keep"] });
        config["accounts"][1]["rules"] = json!(["script"]);
    });
    world
}

#[test]
fn explains_each_condition_ailment_and_guard_of_a_torrent() {
    let world = world();
    let show = TorrentSpec::new("Big Show")
        .size(5 << 30)
        .category("tv")
        .tag("keep");
    let hash = world.add(show.trouble(Trouble::PeerRead));
    world.add(TorrentSpec::new("Big Film"));
    let told = world.run(0, &["explain", "big show"]).stdout;
    for part in [
        "seedbox: Big Show",
        "It would be deleted, but is held back",
        "held back: tag \"keep\" is protected",
        "it goes once it does not have that tag",
        "  state         error",
        "  private       no",
        "  hardlinked    unknown",
        "  errored          yes (error)  0 of 2 failures  then delete_torrent",
        "  unregistered     off",
        "big (delete_files, for 30s): matches",
        "    yes      all",
        "      size bigger \"1 GiB\" (= 1073741824)  (seen: 5368709120)",
        "    no           state equals \"paused\"  (seen: \"error\")",
        "script (delete_files): matches\n    returned true",
        "young (protects): does not match",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    let json = world.json(0, &["explain", &hash[..6], "--json"]);
    assert_eq!(json["explanation"]["verdict"]["word"], "held");
    assert_eq!(json["explanation"]["rules"][0]["rule"], "young");
    assert_eq!(json["explanation"]["facts"]["state"], "error");
    let several = world.run(2, &["explain", "big"]);
    assert!(several.stderr.contains("Big Film") && several.stderr.contains(&hash));
    world.run(1, &["explain", "unheard of"]);
    world.run(2, &["explain", "big", "--account", "nobody"]);
    assert!(world.server().effects().is_empty() && !world.product.state_dir().exists());
}

#[test]
fn explains_a_magnet_and_tells_the_story_of_one_that_is_gone() {
    let world = World::new();
    world.add_magnet(Magnet::new(12).named("Dead Magnet").code(7));
    world.add_magnet(Magnet::new(13).named("Good Magnet"));
    let told = world.run(0, &["explain", "12"]).stdout;
    for part in [
        "debrid: Dead Magnet",
        "restart: failed 1 of 2",
        "seen failed once more",
        "(code 7)",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    let told = world.run(0, &["explain", "good"]).stdout;
    assert!(told.contains("It stays\n  healthy"), "{told}");
    world.cycles_until(|world| world.debrid().ids("debrid") == [13]);
    let told = world.run(0, &["explain", "dead magnet"]).stdout;
    for part in [
        "not listed any more",
        "failed: ",
        "(2 of 2 failures)",
        "can be restored",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

#[test]
fn explains_on_every_server_version() {
    for era in Era::ALL {
        let mut world = World::of(era);
        world.configure(|config| {
            config["accounts"][0]["unregistered"] = json!({});
            config["accounts"][0]["failed_trackers"] = json!({});
            config["accounts"][0]["hardlinks"] = json!({});
        });
        world.add(TorrentSpec::new("Film"));
        let told = world.run(0, &["explain", "film"]).stdout;
        assert!(told.contains("does not ask for it"), "{era:?}\n{told}");
    }
}

#[test]
fn rules_are_tested_on_a_saved_snapshot_without_any_server() {
    let world = world();
    world.add(
        TorrentSpec::new("Big Show")
            .size(5 << 30)
            .category("tv")
            .added_ago(9000),
    );
    world.add(TorrentSpec::new("New Show").size(5).added_ago(60));
    world.add_magnet(Magnet::new(13).named("Show Magnet"));
    let file = world
        .product
        .configuration()
        .with_file_name("snapshot.json");
    let file = file.to_str().expect("a path");
    world.run(0, &["plan", "--save", file]);
    world.doors[0].refuse(true);
    world.doors[1].refuse(true);
    let told = world.run(0, &["rules", "test", file]).stdout;
    for part in [
        "big: matches 1 of 2 items\n    Big Show",
        "script: matches 2 of 2 items",
        "young: protects 1 of 2 items\n    New Show",
        "script: matches 1 of 1 item\n    Show Magnet",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    let json = world.json(0, &["rules", "test", "--json", file, "--account", "debrid"]);
    assert_eq!(json["snapshots"][0]["rules"][0]["matched"][0]["item"], "13");
    let config = world.product.configuration();
    let refused = world.run(1, &["rules", "test", config.to_str().expect("a path")]);
    assert!(refused.stderr.contains("no snapshot"), "{refused:?}");
}
