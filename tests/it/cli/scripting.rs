//! JavaScript rules in the program as a whole: worker, feed, verdict and plan.

use super::world::World;
use seedwarden_sim::alldebrid::Magnet;
use seedwarden_sim::qbittorrent::{TorrentSpec, TrackerResult};
use serde_json::{Value, json};

/// Both accounts follow one rule.
fn world(script: &str) -> World {
    let mut world = World::new();
    world.configure(|config| {
        config["rules"] = json!([{ "name": "script", "limit": 9, "javascript": script }]);
        config["accounts"][0]["rules"] = json!(["script"]);
        config["accounts"][1]["rules"] = json!(["script"]);
    });
    world
}

/// The names of what an account would delete.
fn deletions(plan: &Value, account: usize) -> Vec<&str> {
    let list = plan["accounts"][account]["deletions"].as_array();
    let names = list
        .into_iter()
        .flatten()
        .filter_map(|deletion| deletion["name"].as_str());
    names.collect()
}

#[test]
fn a_script_reads_what_trackers_say() {
    let world =
        world("(maindata, torrent) => torrent.trackerStatus.includes('Torrent has been deleted')");
    let told = |text: &str| TrackerResult::failure(text);
    let url = "http://tracker.example/announce?passkey=secret";
    world.add(TorrentSpec::new("Deleted Film").tracker(url, told("Torrent has been deleted.")));
    world.add(TorrentSpec::new("Other Film").tracker(url, told("rate limited")));
    let plan = world.json(0, &["plan", "--json"]);
    assert_eq!(deletions(&plan, 0), ["Deleted Film"]);
}

#[test]
fn a_script_sees_all_items_of_its_account_in_maindata() {
    let script = "(m, t) => m.torrents.length === 2 && m.torrents.indexOf(t) === m.torrents.findIndex(x => x.name.startsWith('Old'))";
    let world = world(script);
    world.add(TorrentSpec::new("Old Film"));
    world.add(TorrentSpec::new("New Film"));
    world.add_magnet(Magnet::new(11).named("Old Magnet").code(4));
    world.add_magnet(Magnet::new(12).named("New Magnet").code(4));
    let plan = world.json(0, &["plan", "--json"]);
    assert_eq!(deletions(&plan, 0), ["Old Film"]);
    assert_eq!(deletions(&plan, 1), ["Old Magnet"]);
}

#[test]
fn a_script_that_fails_deletes_nothing_and_says_why() {
    let world = world("(m, t) => t.nothing.here");
    world.add(TorrentSpec::new("Film"));
    let plan = world.json(0, &["plan", "--json"]);
    assert_eq!(deletions(&plan, 0), [""; 0]);
    assert!(plan.to_string().contains("TypeError"), "{plan}");
}

#[test]
fn scripts_live_in_a_time_zone_without_a_name() {
    let world = world("(m, t) => moment(0).hour() === 5");
    world.add(TorrentSpec::new("Film"));
    let mut plan = world.product.command(&["plan", "--json"]);
    let output = plan.env("TZ", "XXX-5").output().expect("the program runs");
    let plan: Value = serde_json::from_slice(&output.stdout).expect("a plan");
    assert_eq!(deletions(&plan, 0), ["Film"], "{plan}");
}
