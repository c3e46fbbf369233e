//! The program on real servers whose torrents share data by links, and what is left of that data.

use std::fs;
use std::os::unix::fs::symlink;
use std::thread;

use serde_json::json;

use super::api::{PASSWORD, USER};
use super::server::Server;
use super::torrent::{Draft, Torrent, content};
use super::tracker::Tracker;
use super::{on_each_release, until};
use crate::product::Product;

/// A program that deletes what has the category "go", with its files, by this block or rule.
fn deleting(server: &Server, by_rule: bool) -> Product {
    let account = match by_rule {
        true => json!({ "select": {"categories": ["go"]}, "rules": ["go"] }),
        false => {
            json!({ "select": {"categories": ["go"]}, "hardlinks": {"min_seeding_time": "0s"} })
        }
    };
    let whole = match by_rule {
        true => json!({ "rules": [{ "name": "go",
            "conditions": [{"key": "category", "compareType": "equals", "value": "go"}] }] }),
        false => json!({}),
    };
    Product::watching(server, account, whole)
}

/// Two torrents of the same data. The second has none of its own yet.
fn pair(first: &str, second: &str, tracker: &Tracker) -> (Torrent, Torrent) {
    let data = content("shared", 60_000);
    let made = |name: &str| {
        let draft = Torrent::named(name)
            .in_a_folder()
            .file_with("film.mkv", data.clone());
        draft.tracker(&tracker.url()).made()
    };
    (made(first), made(second))
}

/// Adds a torrent whose data is there, and waits until it seeds.
fn add(server: &Server, torrent: &Torrent) {
    server
        .api()
        .add(torrent, &server.downloads(), &[("skip_checking", "true")]);
    server.api().wait_for(torrent, "stalledUP/1");
}

on_each_release! {
    fn data_that_another_torrent_reaches_through_a_link_stays(release) {
        let (server, tracker) = (Server::start(release), Tracker::start());
        let downloads = server.downloads();
        for (by_rule, is_folder) in [(false, false), (false, true), (true, false), (true, true)] {
            let name = |of: &str| format!("{of} {by_rule} {is_folder}");
            let (one, other) = pair(&name("one"), &name("other"), &tracker);
            server.seed_with(&one, &[("category", "go")]);
            let (from, to) = (downloads.join(&one.name), downloads.join(&other.name));
            match is_folder {
                true => symlink(&from, &to).expect("a link"),
                false => {
                    fs::create_dir(&to).expect("a folder");
                    symlink(from.join("film.mkv"), to.join("film.mkv")).expect("a link");
                }
            }
            add(&server, &other);
            let cycle = deleting(&server, by_rule).cycle();
            assert_eq!(server.api().state(&one.hash), "gone", "{cycle:?}");
            assert!(cycle.stderr.contains("also holds"), "{cycle:?}");
            assert!(other.has_data(&downloads), "{cycle:?}");
        }
    }

    fn what_a_link_of_its_own_leads_to_stays_and_the_rest_goes(release) {
        let (server, tracker) = (Server::start(release), Tracker::start());
        let downloads = server.downloads();
        let (one, other) = pair("one", "other", &tracker);
        server.seed(&other);
        fs::create_dir(downloads.join("one")).expect("a folder");
        symlink(downloads.join("other/film.mkv"), downloads.join("one/film.mkv")).expect("a link");
        server.api().add(&one, &downloads, &[("skip_checking", "true"), ("category", "go")]);
        server.api().wait_for(&one, "stalledUP/1");
        let cycle = deleting(&server, true).cycle();
        assert_eq!(server.api().state(&one.hash), "gone", "{cycle:?}");
        until("the link is removed", || (!downloads.join("one/film.mkv").is_symlink()).then_some(()));
        assert!(other.has_data(&downloads), "{cycle:?}");
    }

    fn a_torrent_added_within_the_cycle_keeps_its_files(release) {
        let (server, tracker) = (Server::start(release), Tracker::start());
        let downloads = server.downloads();
        let data = content("shared", 60_000);
        let made = |draft: Draft| draft.file_with("film.mkv", data.clone()).tracker(&tracker.url()).made();
        let one = made(Torrent::named("film.mkv"));
        let other = made(Torrent::named("film.mkv").private());
        server.seed_with(&one, &[("category", "go")]);
        tracker.wait_for_peers(&one, 1);
        let product = deleting(&server, true);
        let cycle = thread::scope(|scope| {
            let cycle = scope.spawn(|| product.cycle());
            // On record before the reannounce and the wait that follows it.
            until("the deletion is intended", || {
                let ledger = fs::read_to_string(product.state_dir().join("ledger.jsonl")).ok()?;
                ledger.contains(&one.hash).then_some(())
            });
            server.api().add(&other, &downloads, &[("skip_checking", "true")]);
            cycle.join().expect("a cycle")
        });
        assert_eq!(server.api().state(&one.hash), "gone", "{cycle:?}");
        assert!(cycle.stderr.contains("also holds"), "{cycle:?}");
        assert!(other.has_data(&downloads), "{cycle:?}");
    }

    fn two_accounts_in_the_same_folders_are_read_before_one_is_judged(release) {
        let (server, other) = (Server::start(release), Server::start(release));
        let data = content("shared", 60_000);
        let one = Torrent::named("one.mkv").file_with("one.mkv", data.clone()).made();
        let two = Torrent::named("two.mkv").file_with("two.mkv", data).made();
        server.seed_with(&one, &[("category", "go")]);
        let folder = server.downloads().join("cross");
        fs::create_dir(&folder).expect("a folder");
        fs::hard_link(&one.paths(&server.downloads())[0], &two.paths(&folder)[0]).expect("a link");
        other.api().add(&two, &folder, &[("skip_checking", "true")]);
        other.api().wait_for(&two, "stalledUP/1");
        let account = |server: &Server, name: &str| json!({
            "name": name, "type": "qbittorrent", "url": server.url(), "username": USER, "password": PASSWORD,
            "select": {"categories": ["go"]}, "hardlinks": {"min_seeding_time": "0s"},
        });
        let product = Product::configured(&json!({ "accounts": [account(&server, "one"), account(&other, "two")] }));
        let plan = product.run(&["plan"]);
        assert!(plan.stdout.contains("has 2 names, all 2 of torrents"), "{plan:?}");
        let rehearsal = product.run(&["run", "--once", "--dry-run"]);
        assert!(rehearsal.stderr.contains("would delete one.mkv"), "{rehearsal:?}");
        let cycle = product.cycle();
        assert_eq!(server.api().state(&one.hash), "gone", "{cycle:?}");
        assert!(two.has_data(&folder), "{cycle:?}");
    }
}
