//! The program on real servers: broken torrents brought back to health or given up, deletions of each cause, and
//! restoring.

use crate::product::Product;
use crate::real::server::Server;
use crate::real::torrent::Torrent;
use crate::real::tracker::{Answer, Tracker};
use crate::real::{on_each_release, until};
use serde_json::{Value, json};
use std::fs;

/// States in which a torrent downloads, or would if it had peers.
fn downloads(state: &str) -> bool {
    matches!(
        state,
        "downloading" | "stalledDL" | "forcedDL" | "queuedDL" | "metaDL"
    )
}

fn product(server: &Server, account: Value) -> Product {
    Product::watching(server, account, json!({}))
}

fn deletions(product: &Product) -> Value {
    let outcome = product.run(&["history", "--json"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    serde_json::from_str(&outcome.stdout).expect("history prints JSON")
}

on_each_release! {
    fn broken_torrent_seeds_again_when_its_data_returns(release) {
        let server = Server::start(release);
        let torrent = Torrent::named("lost and found").file("a.bin", 60_000).made();
        server.add_with_missing_files(&torrent);
        let product = product(&server, json!({ "errored": { "max_failures": 5 } }));
        product.cycle();
        assert_eq!(product.failures("seedbox", &torrent.hash, "errored"), 1);
        assert!(!downloads(&server.api().state(&torrent.hash)), "{}", server.api().standing(&torrent.hash));
        torrent.write_data(&server.downloads());
        product.cycle();
        server.api().wait_for(&torrent, "stalledUP/1");
        product.cycle();
        product.cycle();
        assert_eq!(product.failures("seedbox", &torrent.hash, "errored"), 0);
    }

    fn torrent_that_its_owner_stopped_is_not_started_when_its_data_returns(release) {
        let server = Server::start(release);
        let torrent = Torrent::named("stopped by its owner").file("a.bin", 60_000).made();
        server.add_with_missing_files(&torrent);
        server.api().stop(&torrent);
        assert_eq!(server.api().state(&torrent.hash), "missingFiles", "the state hides it");
        let product = product(&server, json!({ "errored": { "max_failures": 5 } }));
        product.cycle();
        torrent.write_data(&server.downloads());
        product.cycle();
        let is_stopped = |standing: String| matches!(&*standing, "pausedUP/1" | "stoppedUP/1");
        until("its data is found", || is_stopped(server.api().standing(&torrent.hash)).then_some(()));
        product.cycle();
        product.cycle();
        assert!(is_stopped(server.api().standing(&torrent.hash)), "{}", server.api().standing(&torrent.hash));
    }

    fn lost_torrent_is_given_up_and_never_downloaded_again(release) {
        let tracker = Tracker::start();
        let torrent = Torrent::named("lost for good").file("a.bin", 200_000).tracker(&tracker.url()).made();
        let peer = Server::start(release);
        peer.seed(&torrent);
        tracker.wait_for_peers(&torrent, 1);
        let server = Server::start(release);
        server.add_with_missing_files(&torrent);
        let product = product(&server, json!({ "errored": { "max_failures": 3 } }));
        for failures in 1..=2 {
            product.cycle();
            assert_eq!(product.failures("seedbox", &torrent.hash, "errored"), failures);
            assert!(!downloads(&server.api().state(&torrent.hash)), "{}", server.api().standing(&torrent.hash));
        }
        product.cycle();
        assert_eq!(server.api().state(&torrent.hash), "gone");
        assert!(!torrent.has_data(&server.downloads()), "it was downloaded again");
        assert_eq!(deletions(&product)["deletions"][0]["cause"], "errored");
    }

    fn torrent_in_error_is_repaired_by_a_safe_recheck(release) {
        let server = Server::start(release);
        let torrent = Torrent::named("in error").file("a.bin", 60_000).made();
        server.seed(&torrent);
        server.put_in_error(&torrent);
        server.repair(&torrent);
        let product = product(&server, json!({ "errored": { "max_failures": 5 } }));
        product.cycle();
        server.api().wait_for(&torrent, "stalledUP/1");
    }

    fn unhardlinked_torrent_goes_with_its_files_and_is_restored_as_it_was(release) {
        let server = Server::start(release);
        let linked = Torrent::named("linked").file("linked.mkv", 60_000).made();
        let alone = Torrent::named("alone").file("alone.mkv", 60_000).made();
        for torrent in [&linked, &alone] {
            server.seed_with(torrent, &[("category", "tv"), ("tags", "a,b")]);
        }
        fs::hard_link(&linked.paths(&server.downloads())[0], server.downloads().with_file_name("film.mkv")).unwrap();
        let product = product(&server, json!({ "hardlinks": { "min_seeding_time": "0s", "action": "delete_files" } }));
        product.cycle();
        assert_eq!(server.api().state(&linked.hash), "stalledUP");
        assert_eq!(server.api().state(&alone.hash), "gone");
        until("the files are gone", || (!alone.has_data(&server.downloads())).then_some(()));

        let restored = product.run(&["restore", &alone.hash]);
        assert_eq!(restored.code, Some(0), "{restored:#?}");
        let row = until("it is listed again", || server.api().info(&alone.hash));
        assert_eq!((&row["category"], &row["tags"]), (&json!("tv"), &json!("a, b")));
        product.cycle();
        assert_ne!(server.api().state(&alone.hash), "gone", "a restored torrent is left alone");
    }

    fn young_torrent_and_one_on_a_wrong_path_are_kept(release) {
        let server = Server::start(release);
        let torrent = Torrent::named("kept").file("kept.mkv", 60_000).made();
        server.seed(&torrent);
        let young = product(&server, json!({ "hardlinks": { "min_seeding_time": "10d", "action": "delete_files" } }));
        young.cycle();
        assert_eq!(server.api().state(&torrent.hash), "stalledUP");
        let plan = young.run(&["plan"]);
        assert!(plan.stdout.contains("must seed for another"), "{}", plan.stdout);
        let elsewhere = json!({
            "hardlinks": { "min_seeding_time": "0s", "action": "delete_files" },
            "path_map": [{ "from": server.downloads().to_str().unwrap(), "to": "/nowhere/at/all" }],
        });
        let lost = product(&server, elsewhere);
        lost.cycle();
        assert_eq!(server.api().state(&torrent.hash), "stalledUP");
        assert!(lost.run(&["plan"]).stdout.contains("/nowhere/at/all"));
    }

    fn unregistered_torrent_goes_and_is_restored_seeding(release) {
        let tracker = Tracker::start();
        let torrent = Torrent::named("unregistered").file("a.bin", 60_000).private().tracker(&tracker.url_with_passkey("secretkey")).made();
        tracker.answer(&torrent, Answer::failure("Torrent not registered with this tracker"));
        let server = Server::start(release);
        server.seed(&torrent);
        until("the tracker has refused", || {
            server.api().trackers(&torrent.hash).iter().any(|row| matches!(row["status"].as_i64(), Some(4 | 5))).then_some(())
        });
        let account = json!({ "unregistered": { "max_failures": 2, "last_resort": "delete_torrent" } });
        let product = product(&server, account);
        let first = product.cycle();
        assert_eq!(product.failures("seedbox", &torrent.hash, "unregistered"), 1, "{first:#?}");
        until("the tracker has refused again", || {
            server.api().trackers(&torrent.hash).iter().any(|row| matches!(row["status"].as_i64(), Some(4 | 5))).then_some(())
        });
        let second = product.cycle();
        assert_eq!(server.api().state(&torrent.hash), "gone", "{second:#?}");
        let everything = format!("{first:?}{second:?}{}{}", product.state(), deletions(&product));
        assert!(!everything.contains("secretkey"), "{everything}");
        assert!(torrent.has_data(&server.downloads()));
        let restored = product.run(&["restore", &torrent.hash]);
        assert_eq!(restored.code, Some(0), "{restored:#?}");
        server.api().wait_for(&torrent, "stalledUP/1");
    }

    fn rule_deletes_and_dry_run_does_not(release) {
        let server = Server::start(release);
        let torrent = Torrent::named("named by a rule").file("a.bin", 60_000).made();
        server.seed(&torrent);
        let rules = json!({ "rules": [
            { "name": "all", "conditions": [ { "key": "progress", "compareType": "equals", "value": "1" } ], "action": "delete_torrent" },
        ] });
        let product = Product::watching(&server, json!({ "rules": ["all"] }), rules);
        let rehearsal = product.run(&["run", "--once", "--dry-run"]);
        assert_eq!(rehearsal.code, Some(0), "{rehearsal:#?}");
        assert!(rehearsal.stderr.contains("would delete"), "{rehearsal:#?}");
        assert_eq!(server.api().state(&torrent.hash), "stalledUP");
        assert!(!product.state_dir().exists(), "a dry run writes nothing");
        product.cycle();
        assert_eq!(server.api().state(&torrent.hash), "gone");
        assert!(torrent.has_data(&server.downloads()));
    }

    fn saved_snapshot_matches_by_links_trackers_and_privacy(release) {
        let tracker = Tracker::start();
        let refused = Torrent::named("refused").file("a.bin", 60_000).private().tracker(&tracker.url_with_passkey("secretkey")).made();
        tracker.answer(&refused, Answer::failure("Torrent not registered with this tracker"));
        let linked = Torrent::named("linked").file("linked.mkv", 60_000).made();
        let server = Server::start(release);
        server.seed(&linked);
        server.seed(&refused);
        fs::hard_link(&linked.paths(&server.downloads())[0], server.downloads().with_file_name("film.mkv")).unwrap();
        until("the tracker has refused", || {
            server.api().trackers(&refused.hash).iter().any(|row| matches!(row["status"].as_i64(), Some(4 | 5))).then_some(())
        });
        let rule = |name: &str, key: &str, compare: &str, value: &str| {
            json!({ "name": name, "conditions": [ { "key": key, "compareType": compare, "value": value } ] })
        };
        let rules = json!({ "rules": [
            rule("linked", "hardlinked", "equals", "true"),
            rule("refused", "trackerStatus", "contain", "not registered"),
            rule("host", "trackers", "contain", "127.0.0.1"),
            rule("private", "private", "equals", "true"),
        ] });
        let product = Product::watching(&server, json!({ "protect": { "rules": ["linked", "refused", "host", "private"] } }), rules);
        let file = product.configuration().with_file_name("now.json");
        let file = file.to_str().unwrap();
        let saved = product.run(&["plan", "--save", file]);
        assert_eq!(saved.code, Some(0), "{saved:#?}");
        assert!(!fs::read_to_string(file).unwrap().contains("secretkey"));
        drop(server);
        let tested = product.run(&["rules", "test", file]).stdout;
        assert!(!tested.contains("not in this snapshot"), "{tested}");
        for (rule, torrent) in [("linked", "linked.mkv"), ("refused", "a.bin"), ("host", "a.bin"), ("private", "a.bin")] {
            let expected = format!("{rule}: protects 1 of 2 items\n    {torrent} ");
            assert!(tested.contains(&expected), "{expected}\n{tested}");
        }
    }
}
