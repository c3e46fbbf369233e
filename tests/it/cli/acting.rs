//! Cycles of the program, and the commands that tell of them or change what is counted.

use super::world::World;
use seedwarden_sim::alldebrid::{Forced, Magnet};
use seedwarden_sim::faults::Fault;
use seedwarden_sim::qbittorrent::{TorrentSpec, TrackerResult};
use serde_json::json;

#[test]
fn cycles_retry_delete_and_announce_and_status_and_history_tell_of_it() {
    let world = World::new();
    let hash = world.add_broken(TorrentSpec::new("Broken Film"));
    world.add(TorrentSpec::new("Good Film"));
    world.add_magnet(Magnet::new(12).named("Dead Magnet").code(7));
    world.cycle();
    assert_eq!(world.product.failures("seedbox", &hash, "errored"), 1);
    let status = world.run(0, &["status"]).stdout;
    for part in [
        "█░ 1 of 2",
        "Broken Film",
        "Dead Magnet",
        "2 items retried, 0 recovered, 0 deleted",
        "does not run",
    ] {
        assert!(status.contains(part), "{part}\n{status}");
    }
    world.cycles_until_gone(&hash);
    world.cycles_until_no_magnets();
    let told = world.announced().join("\n");
    assert!(
        told.contains("Broken Film") && told.contains("Dead Magnet"),
        "{told}"
    );

    let history = world.run(0, &["history"]).stdout;
    for part in [
        "Broken Film",
        "deleted, files kept",
        "(2 of 2 failures)",
        "announced; can be restored",
        &hash,
    ] {
        assert!(history.contains(part), "{part}\n{history}");
    }
    let json = world.json(
        0,
        &["history", "--json", "--since", "1h", "--account", "debrid"],
    );
    assert_eq!(json["deletions"][0]["name"], "Dead Magnet");
    assert_eq!(json["deletions"][0]["outcome"], "deleted");
    assert_eq!(json["deletions"][0]["restorable"], "yes");
    assert_eq!(json["deletions"][0]["max_failures"], 2);
    let none = world.json(0, &["history", "--json", "--since", "2100-01-01"]);
    assert_eq!(none["deletions"], json!([]));
    world.run(2, &["history", "--since", "yesterday"]);
    world.run(1, &["history", "--item", "unheard of"]);
    world.run(2, &["history", "--account", "nobody"]);
    let status = world.json(0, &["status", "--json"]);
    assert_eq!(status["last_day"]["deleted"], 2);
    assert_eq!(status["undelivered"], json!([]));
}

#[test]
fn run_once_exits_with_1_when_an_account_is_unreadable_and_goes_on_with_the_others() {
    let world = World::new();
    world.add_magnet(Magnet::new(12).code(7));
    world.doors[0].refuse(true);
    world.run(1, &["run", "--once"]);
    assert_eq!(world.product.failures("debrid", "12", "failed"), 1);
    let status = world.run(0, &["status"]).stdout;
    assert!(status.contains("could not be read"), "{status}");
    world.with_account(|account| account.forced.push((None, Forced::Empty)));
    world.doors[0].refuse(false);
    world.run(1, &["run", "--once"]);
    assert_eq!(world.product.failures("debrid", "12", "failed"), 1);
}

#[test]
fn dry_run_tells_what_it_would_do_and_leaves_no_trace() {
    let world = World::new();
    world.add_magnet(Magnet::new(12).named("Dead Magnet").code(7));
    let told = world.run(0, &["run", "--once", "--dry-run"]);
    assert!(
        told.stderr.contains("would restart Dead Magnet"),
        "{told:?}"
    );
    assert!(world.debrid().effects().is_empty() && !world.product.state_dir().exists());
}

#[test]
fn calls_of_run_once_that_follow_each_other_closely_count_once() {
    let mut world = World::new();
    world.configure(|config| config["cycle"] = json!("30m"));
    world.add_magnet(Magnet::new(12).named("Dead Magnet").code(7));
    let counted = |told: crate::product::Outcome| !told.stderr.contains("adds no failures");
    assert!(counted(world.cycle()));
    for _ in 0..3 {
        world.doors[1].advance(40 * 60 * 1000);
        assert!(!counted(world.cycle()));
    }
    assert_eq!(world.product.failures("debrid", "12", "failed"), 1);
    assert_eq!(
        world.debrid().restarted("debrid"),
        [12; 4],
        "remedies go on"
    );
    let rehearsal = world.run(0, &["run", "--once", "--dry-run"]);
    assert!(!counted(rehearsal));
    world.configure(|_| {});
    world.doors[1].advance(40 * 60 * 1000);
    assert!(counted(world.cycle()), "the caller sets the pace");
    assert_eq!(world.debrid().ids("debrid").len(), 0);
}

#[test]
fn remedies_of_which_nobody_knows_whether_they_got_through_reach_no_last_resort() {
    let mut world = World::new();
    world.configure(|config| {
        let ailments = json!({ "max_failures": 3 });
        config["accounts"][0]["errored"] = ailments.clone();
        config["accounts"][0]["unregistered"] = ailments;
        config["accounts"][0]["failed_trackers"] = json!({ "max_failures": 3, "for": "0s" });
    });
    for name in ["one", "two", "three", "four"] {
        world.add(TorrentSpec::new(name));
    }
    let refuses = |text| TrackerResult::failure(text);
    let dead = |url| ["http://", url, ".example/announce"].concat();
    let gone = TorrentSpec::new("Gone").private();
    let gone = world.add(gone.tracker(&dead("gone"), refuses("unregistered torrent")));
    let public = TorrentSpec::new("Public").tracker(&dead("down"), TrackerResult::refused());
    let public = world.add(public.tracker(&dead("works"), TrackerResult::Working));
    let lost = world.add_broken(TorrentSpec::new("Lost"));
    for part in ["torrents/reannounce", "torrents/recheck"] {
        world.faults.always(part, Fault::Empty503);
    }
    for _ in 0..6 {
        world.cycle();
    }
    let failures = |hash: &str| {
        let items = &world.product.state()["accounts"]["seedbox"]["items"];
        let mut counts = vec![];
        collect_failures(&items[hash], &mut counts);
        counts
    };
    for hash in [&gone, &public, &lost] {
        assert_eq!(failures(hash), [1], "{hash}");
        assert!(world.server().torrent(hash).is_some());
    }
    let trackers = |world: &World| world.server().torrent(&public).expect("it").trackers.len();
    assert_eq!(trackers(&world), 2);
    world.faults.clear();
    world.cycles_until_gone(&gone);
    world.cycles_until_gone(&lost);
    world.cycles_until(|world| trackers(world) == 1);
}

/// Every count of failures below this.
fn collect_failures(value: &serde_json::Value, counts: &mut Vec<u64>) {
    if let Some(count) = value["failures"].as_u64() {
        counts.push(count);
    }
    for inner in value.as_object().into_iter().flat_map(|o| o.values()) {
        if inner.is_object() {
            collect_failures(inner, counts);
        }
    }
}

#[test]
fn reset_clears_one_item_or_all() {
    let world = World::new();
    world.add_magnet(Magnet::new(11).named("First").code(7));
    world.add_magnet(Magnet::new(12).named("Second").code(7));
    world.cycle();
    let refused = world.run(1, &["reset", "Third"]);
    assert!(refused.stderr.contains("Third"), "{refused:?}");
    world.run(2, &["reset", "--account", "nobody"]);
    world.run(0, &["reset", "first"]);
    assert_eq!(world.product.failures("debrid", "11", "failed"), 0);
    assert_eq!(world.product.failures("debrid", "12", "failed"), 1);
    let told = world.run(0, &["reset", "--account", "debrid"]).stdout;
    assert_eq!(told, "cleared: 1 failure and 0 rule timers of 1 item\n");
    assert_eq!(world.product.failures("debrid", "12", "failed"), 0);
}

#[test]
fn magnet_is_reset_by_the_beginning_of_its_hash() {
    let world = World::new();
    let hash = "abcdef0123456789abcdef0123456789abcdef01";
    world.add_magnet(Magnet::new(11).named("First").code(7).hashed(hash));
    world.cycle();
    world.run(0, &["reset", "ABCDEF01"]);
    assert_eq!(world.product.failures("debrid", "11", "failed"), 0);
}

#[test]
fn notices_of_a_webhook_that_was_replaced_go_to_the_new_one() {
    let mut world = World::new();
    world.add_magnet(Magnet::new(11).named("First").code(7));
    world.doors[2].refuse(true);
    world.cycles_until_no_magnets();
    let undelivered = |world: &World| {
        let status = world.json(0, &["status", "--json"]);
        status["undelivered"].as_array().map_or(0, Vec::len)
    };
    world.configure(|config| config["discord"] = json!([]));
    world.cycle();
    assert_eq!(undelivered(&world), 1, "it is owed to a webhook that left");
    world.doors[2].refuse(false);
    world.configure(|config| {
        let old = config["discord"]["webhook_url"].as_str().expect("a text");
        config["discord"]["webhook_url"] = json!(World::other_webhook(old));
    });
    world.cycle();
    assert_eq!(undelivered(&world), 0);
    assert!(world.announced().is_empty());
    let told = world.announced_to_other().join(" ");
    assert!(told.contains("Deleted: First"), "{told}");
}

#[test]
fn accept_ends_an_outage_and_its_items_are_deleted() {
    let world = World::new();
    for id in 1..=6 {
        world.add_magnet(Magnet::new(id).code(7));
    }
    world.cycle();
    world.cycle();
    assert_eq!(world.debrid().ids("debrid").len(), 6);
    let status = world.run(0, &["status"]).stdout;
    assert!(status.contains("6 items failed (account)"), "{status}");
    let told = world.run(0, &["plan"]).stdout;
    assert!(told.contains("… and 1 more of the same outage"), "{told}");
    world.run(2, &["accept", "nobody"]);
    world.run(0, &["accept", "debrid"]);
    assert!(
        world
            .run(0, &["accept", "debrid"])
            .stdout
            .contains("no outage")
    );
    world.cycles_until_no_magnets();
}

#[test]
fn counts_of_the_magnet_script_are_carried_over() {
    let world = World::new();
    world.add_magnet(Magnet::new(12).named("Dead Magnet").code(7));
    world.add_magnet(Magnet::new(13).named("New Trouble").code(7));
    let state = world.product.state_dir();
    std::fs::create_dir_all(&state).expect("a state folder");
    let counts = r#"{"12": {"fails": 1, "last_status": "error"}, "99": {"fails": 4, "last_status": "expired"}}"#;
    std::fs::write(state.join("state.json"), counts).expect("old counts");
    world.cycle();
    assert_eq!(world.debrid().ids("debrid"), [13], "its second sighting");
    assert_eq!(world.product.failures("debrid", "13", "failed"), 1);
}

#[test]
fn every_command_shows_the_counts_that_the_daemon_will_take_over() {
    let mut world = World::new();
    world.configure(|config| {
        config["accounts"][1]["failed"] = json!({ "max_failures": 5 });
    });
    for id in 1..=8 {
        let code = if id > 6 { 4 } else { 7 };
        world.add_magnet(Magnet::new(id).named(&format!("Magnet {id}")).code(code));
    }
    let state = world.product.state_dir();
    std::fs::create_dir_all(&state).expect("a state folder");
    let four = json!({ "fails": 4, "last_status": "error" });
    let counts: serde_json::Map<_, _> = (1..=6).map(|id| (id.to_string(), four.clone())).collect();
    let counts = serde_json::Value::from(counts).to_string();
    std::fs::write(state.join("state.json"), &counts).expect("old counts");

    let status = world.run(0, &["status"]).stdout;
    assert!(status.contains("retry_counts.json"), "{status}");
    assert!(status.contains("magnet 6  4 failures"), "{status}");
    let plan = world.run(0, &["plan", "--account", "debrid"]).stdout;
    assert!(plan.starts_with("debrid: 8 items, 6 to delete"), "{plan}");
    let told = world.run(0, &["explain", "Magnet 6"]).stdout;
    assert!(told.contains("It would be deleted now"), "{told}");
    let rehearsal = world.run(0, &["run", "--once", "--dry-run"]).stderr;
    assert!(rehearsal.contains("8 items, 6 to delete"), "{rehearsal}");
    let left = std::fs::read_to_string(state.join("state.json")).expect("a state");
    assert_eq!(left, counts, "none of these writes");

    world.cycle();
    assert_eq!(world.debrid().ids("debrid"), [7, 8]);
    let status = world.run(0, &["status"]).stdout;
    assert!(!status.contains("retry_counts.json"), "{status}");
}

#[test]
fn interrupted_deletions_that_did_not_happen_are_one_line() {
    let mut world = World::new();
    world.configure(|config| {
        config["accounts"][0]["errored"] = json!({ "max_failures": 1 });
    });
    for name in ["Film 1", "Film 2", "Film 3"] {
        world.add_broken(TorrentSpec::new(name));
    }
    world.faults.always("torrents/delete", Fault::CloseBefore);
    world.cycle();
    world.faults.clear();
    let log = world.cycle().stderr;
    assert_eq!(log.matches("did not happen").count(), 1, "{log}");
    assert!(log.contains(" and of 2 more did not happen"), "{log}");
}
