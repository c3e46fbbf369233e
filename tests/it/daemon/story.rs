//! Some cycles of every kind of account: services, Discord, `status`, `history` and the log tell the same story.

use super::world::World;
use crate::real::until;
use seedwarden_sim::alldebrid::{Magnet, Outcome};
use seedwarden_sim::qbittorrent::{TorrentSpec, TrackerResult, Trouble};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::Duration;

const TRACKER: &str = "http://private.example/announce?passkey=secretPasskey";

fn world() -> World {
    let world = World::new();
    world.configure(|config| {
        config["rules"] = json!([{ "name": "shared", "conditions": [
            { "key": "ratio", "compareType": "bigger", "value": 3 } ] }]);
        config["accounts"][0]["rules"] = json!(["shared"]);
        config["accounts"][0]["protect"] = json!({ "tags": ["forever"] });
        config["accounts"][1]["errored"]["last_resort"] = json!("delete_files");
        config["accounts"][1]["unregistered"] = json!({ "max_failures": 2 });
        config["accounts"][3]["failed"]["last_resort"] = json!("keep");
    });
    world
}

#[test]
fn services_discord_status_history_and_log_tell_the_same_story() {
    let world = world();
    for server in [&world.old, &world.new] {
        server.add(TorrentSpec::new("Healthy.Show"));
    }
    let lost_old = world.old.add_broken("Lost.Old");
    world.old.add(TorrentSpec::new("Shared.Enough").ratio(3.5));
    let forever = TorrentSpec::new("Shared.Forever").ratio(4.5);
    world.old.add(forever.tag("forever"));
    let comes_back = TorrentSpec::new("Comes.Back").trouble(Trouble::MissingFiles);
    let comes_back = world.old.add(comes_back.data(true));
    let lost_new = world.new.add_broken("Lost.New");
    let gone = TorrentSpec::new("Unregistered").private();
    world
        .new
        .add(gone.tracker(TRACKER, TrackerResult::failure("Unregistered torrent")));
    world.add_magnet("one", Magnet::new(1).named("Ready"));
    world.add_dead("one", 2);
    let heals = Magnet::new(3).named("Heals").code(7);
    world.add_magnet("one", heals.then([Outcome::Cached]));
    world.add_dead("two", 4);
    let daemon = world.product.daemon();

    let expected: BTreeMap<(String, String), bool> = [
        ("old", "Lost.Old", false),
        ("old", "Shared.Enough", true),
        ("new", "Lost.New", true),
        ("new", "Unregistered", true),
        ("one", "Dead.2", true),
    ]
    .into_iter()
    .map(|(account, name, files)| ((account.to_owned(), name.to_owned()), files))
    .collect();
    until("all that is beyond help is deleted", || {
        (world.deleted().len() >= expected.len()).then_some(())
    });
    sleep(Duration::from_secs(3));
    until("all is told", || world.all_told().then_some(()));
    let log = daemon.log();
    daemon.stop();

    assert_eq!(world.deleted(), expected, "{log}");
    assert_eq!(
        world.restarts("one", 2),
        2,
        "two remedies before the third sighting deletes"
    );
    assert_eq!(world.restarts("one", 3), 1);
    assert_eq!(world.restarts("one", 1), 0);
    assert_eq!(
        world.restarts("two", 4),
        2,
        "the next remedy comes in a day"
    );
    let kept = |line: &&str| line.contains("WARN") && line.contains("Dead.4");
    assert_eq!(log.lines().filter(kept).count(), 1, "{log}");
    assert!(world.has_magnet("two", 4));
    assert_eq!(world.rechecks(&world.old, &lost_old), 2, "{log}");
    assert_eq!(world.rechecks(&world.new, &lost_new), 2, "{log}");
    assert_eq!(world.rechecks(&world.old, &comes_back), 1, "{log}");
    let state = world.old.with(|server| server.state(&comes_back));
    assert_eq!(state.as_deref(), Some("stalledUP"));

    let announced = world.announced();
    let history = world.json(&["history", "--json"]);
    let mut told = BTreeMap::new();
    for entry in history["deletions"].as_array().expect("deletions") {
        let text = |key: &str| entry[key].as_str().expect("a text").to_owned();
        let files = entry["files_deleted"].as_bool().unwrap_or(true);
        told.insert((text("account"), text("name")), files);
        assert_eq!(entry["outcome"], "deleted", "{entry}");
        assert_eq!(entry["announced"], true, "{entry}");
        let line = format!("{}: deleted {} ", text("account"), text("name"));
        assert_eq!(log.matches(&line).count(), 1, "{line}\n{log}");
        let notice = format!("Deleted: {}\n", text("name"));
        assert_eq!(announced.matches(&notice).count(), 1, "{announced}");
    }
    assert_eq!(told, expected);
    for stays in [
        "Healthy.Show",
        "Shared.Forever",
        "Comes.Back",
        "Heals",
        "Dead.4",
    ] {
        assert!(!announced.contains(stays), "{announced}");
        assert!(!log.contains(&format!("deleted {stays}")), "{log}");
    }
    // What a deletion of ours ends needs no line of its own.
    assert!(!log.contains("is over"), "{log}");
    let status = world.json(&["status", "--json"]);
    assert_eq!(status["last_day"]["deleted"], 5, "{status}");
    assert_eq!(
        failing(&status),
        [("two".to_owned(), "Dead.4".to_owned())],
        "{status}"
    );
    let everything = format!("{log}{announced}{history}{status}{}", world.product.state());
    for secret in [
        "secretPasskey",
        "keyOfAccount",
        "adminadmin",
        "tokenOfTheWebhook",
    ] {
        assert!(!everything.contains(secret), "{secret}: {everything}");
    }
}

fn failing(status: &Value) -> Vec<(String, String)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let rows = status["failing"].as_array().expect("a list").iter();
    rows.map(|row| (text(row, "account"), text(row, "name")))
        .collect()
}
