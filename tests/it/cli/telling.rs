//! `explain`, and `rules test`.

use super::world::World;
use seedwarden_sim::alldebrid::Magnet;
use seedwarden_sim::qbittorrent::{Era, TorrentSpec, TrackerResult, Trouble};
use serde_json::{Value, json};

fn world() -> World {
    let mut world = World::new();
    world.configure(|config| {
        config["rules"] = json!([
            { "name": "big", "for": "30s", "conditions": [
                { "key": "size", "compareType": "bigger", "value": "1 GiB" },
                { "any": [
                    { "key": "category", "compareType": "equals", "value": "tv" },
                    { "key": "state", "compareType": "equals", "value": "pausedUP" } ] } ] },
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
        "    no           state equals \"pausedUP\"  (seen: \"error\")",
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

/// What a snapshot matches by each rule of the torrents, and what it lacks.
fn tested(world: &World, file: &str) -> (Value, Value) {
    let json = world.json(
        0,
        &["rules", "test", "--json", file, "--account", "seedbox"],
    );
    let snapshot = &json["snapshots"][0];
    let rules = snapshot["rules"].as_array().expect("rules").iter();
    let found = |rule: &Value| {
        let names = |what: &str| {
            let items = rule[what].as_array().expect("a list").iter();
            items.map(|item| item["name"].clone()).collect::<Vec<_>>()
        };
        json!([rule["rule"], names("matched"), names("unknown")])
    };
    (rules.map(found).collect(), snapshot["lacking"].clone())
}

#[test]
fn saved_snapshot_holds_what_rules_ask_and_an_older_one_says_what_it_lacks() {
    let mut world = World::of(Era::V4_5_2);
    world.add(TorrentSpec::new("Film").trouble(Trouble::PeerRead));
    world.cycle();
    world.configure(|config| {
        let rule = |name: &str, key: &str, compare: &str, value: Value| {
            json!({ "name": name, "limit": 9, "action": "delete_torrent",
                    "conditions": [ { "key": key, "compareType": compare, "value": value } ] })
        };
        config["rules"] = json!([
            rule("refused", "trackerStatus", "contain", json!("has been deleted")),
            { "name": "script", "javascript": "(_, torrent) => torrent.trackerStatus.includes('has been deleted')" },
            rule("private", "private", "equals", json!("true")),
            rule("failing", "failures", "bigger", json!(0)),
        ]);
        config["accounts"][0]["rules"] = json!(["refused", "script", "private", "failing"]);
    });
    let url = "http://tracker.example/announce?passkey=sEcReT0123456789";
    let deleted = TrackerResult::failure("Torrent has been deleted (sEcReT0123456789)");
    world.add(
        TorrentSpec::new("Deleted Film")
            .private()
            .tracker(url, deleted),
    );
    let path = world.product.configuration().with_file_name("now.json");
    let file = path.to_str().expect("a path");
    world.run(0, &["plan", "--save", file]);
    let text = std::fs::read_to_string(&path).expect("a snapshot");
    assert!(!text.contains("sEcReT"), "{text}");
    world.doors[0].refuse(true);
    let expected = json!([
        ["refused", ["Deleted Film"], []],
        ["script", ["Deleted Film"], []],
        ["private", ["Deleted Film"], []],
        ["failing", ["Film"], []],
    ]);
    assert_eq!(tested(&world, file), (expected, json!([])));

    let mut older: Value = serde_json::from_str(&text).expect("JSON");
    for account in older["accounts"].as_array_mut().expect("accounts") {
        account
            .as_object_mut()
            .expect("an account")
            .remove("beside");
    }
    std::fs::write(&path, older.to_string()).expect("a snapshot");
    let lacking = json!([
        "the trackers of 2 torrents",
        "the privacy of 2 torrents",
        "failures"
    ]);
    assert_eq!(tested(&world, file).1, lacking);
    let told = world.run(0, &["rules", "test", file]).stdout;
    let line = told.lines().nth(1).expect("a line");
    assert!(
        line.contains("not in this snapshot: the trackers of 2 torrents"),
        "{told}"
    );
    assert_eq!(told.matches("not in this snapshot").count(), 1, "{told}");
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
