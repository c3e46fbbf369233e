//! What protects is told where it cannot, on models of the services and on real servers.

use super::world::World;
use crate::product::Product;
use crate::real::server::Server;
use crate::real::torrent::Torrent;
use crate::real::tracker::{Answer, Tracker, refusing_url};
use crate::real::{on_each_release, until};
use seedwarden_sim::qbittorrent::{Era, TorrentSpec};
use serde_json::{Value, json};

fn all_but(protect: Value) -> impl FnOnce(&mut Value) {
    move |config| {
        let account = &mut config["accounts"][0];
        account["protect"] = protect;
        account["rules"] = json!(["all"]);
        let all = json!({ "name": "all", "limit": 9, "conditions": [
            { "key": "size", "compareType": "bigger", "value": -1 } ] });
        config["rules"] = json!([all, { "name": "new", "conditions": [
            { "key": "seedingTime", "compareType": "smaller", "value": "10d" } ] }]);
    }
}

#[test]
fn names_that_the_account_does_not_have_are_told_and_a_differing_case_protects() {
    let mut world = World::new();
    let kept = world.add(TorrentSpec::new("Kept").category("keep").tag("seen"));
    let other = world.add(TorrentSpec::new("Other").category("tv"));
    world.configure(all_but(
        json!({ "categories": ["Keep"], "tags": ["forevr"] }),
    ));
    let category =
        "protect.categories names \"Keep\", which this account does not have; it protects \"keep\"";
    let tag = "protect.tags names \"forevr\", which this account does not have";
    let check = world.run(0, &["check"]).stdout;
    let plan = world.run(0, &["plan"]).stdout;
    let log = world.cycle().stderr;
    for told in [&check, &plan, &log] {
        assert!(told.contains(category) && told.contains(tag), "{told}");
    }
    let is_there = |hash: &str| world.server().torrent(hash).is_some();
    assert!(is_there(&kept) && !is_there(&other), "{plan}");
}

#[test]
fn daemon_tells_names_that_the_account_does_not_have_once() {
    let mut world = World::new();
    world.add(TorrentSpec::new("Kept").category("keep"));
    world.configure(|config| {
        config["cycle"] = "1s".into();
        config["accounts"][0]["select"] = json!({ "categories": ["kep"] });
    });
    let daemon = world.product.daemon();
    until("three cycles", || {
        (daemon.log().matches("seedbox: 1 item").count() > 2).then_some(())
    });
    let log = daemon.log();
    daemon.stop();
    let told =
        "select.categories names \"kep\", which this account does not have; did you mean \"keep\"?";
    assert_eq!(log.matches(told).count(), 1, "{log}");
}

#[test]
fn protect_rule_on_what_the_server_does_not_send_keeps_everything_and_says_so() {
    let mut world = World::of(Era::V4_2_5);
    let hash = world.add(TorrentSpec::new("Old"));
    world.configure(all_but(json!({ "rules": ["new"] })));
    let log = world.cycle().stderr;
    assert!(world.server().torrent(&hash).is_some(), "{log}");
    let told =
        "protect rule \"new\" could not be judged on 1 item, so it keeps them: seedingTime smaller";
    assert!(log.contains(told), "{log}");
    assert!(log.contains("the server does not send it"), "{log}");
}

#[test]
fn check_tells_states_of_another_generation() {
    let mut world = World::of(Era::V4_5_2);
    world.configure(|config| {
        config["accounts"][0]["rules"] = json!(["stopped", "both"]);
        let rule = |name: &str, value: &str| {
            json!({ "name": name, "action": "reannounce", "conditions": [
                { "key": "state", "compareType": "includeIn", "value": value } ] })
        };
        config["rules"] = json!([
            rule("stopped", "stoppedUP,error"),
            rule("both", "stoppedUP,pausedUP")
        ]);
    });
    let told = world.run(0, &["check"]).stdout;
    let line = "rule \"stopped\" asks for the state \"stoppedUP\", which servers before 5.0 do not have; theirs is \"pausedUP\"";
    assert!(told.contains(line), "{told}");
    assert_eq!(told.matches("asks for the state").count(), 1, "{told}");
}

on_each_release! {
    fn tracker_that_is_down_still_protects(release) {
        let (server, tracker) = (Server::start(release), Tracker::start());
        let down = refusing_url();
        let host = "127.0.0.1";
        let mut torrents = Vec::new();
        for (name, url) in [("down", down.as_str()), ("other", "http://localhost:1/announce")] {
            let torrent = Torrent::named(name).file(&format!("{name}.bin"), 20_000).private().tracker(url).made();
            server.seed(&torrent);
            torrents.push(torrent);
        }
        let works = Torrent::named("works").file("works.bin", 20_000).private().tracker(&tracker.url_with_passkey("p")).made();
        tracker.answer(&works, Answer::Peers);
        server.seed(&works);
        let rules = json!([
            { "name": "all", "limit": 9, "conditions": [{ "key": "size", "compareType": "bigger", "value": -1 }] },
            { "name": "mine", "conditions": [{ "key": "tracker", "compareType": "equals", "value": host }] },
        ]);
        let product = Product::watching(
            &server,
            json!({ "rules": ["all"], "protect": { "rules": ["mine"] } }),
            json!({ "rules": rules }),
        );
        product.cycle();
        let left = |torrent: &Torrent| server.api().info(&torrent.hash).is_some();
        assert!(left(&torrents[0]) && left(&works) && !left(&torrents[1]));
    }
}
