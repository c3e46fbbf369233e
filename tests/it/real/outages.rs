//! Outages of a tracker, and what a restart of the server says of trackers that it has not asked yet.

use serde_json::{Value, json};

use super::server::Server;
use super::torrent::Torrent;
use super::tracker::{Answer, Tracker};
use super::{on_each_release, until};
use crate::product::Product;

/// Private torrents of this tracker.
fn seeded(server: &Server, tracker: &Tracker, count: usize) -> Vec<Torrent> {
    let one = |number: usize| {
        let name = format!("film{number:02}");
        Torrent::named(&name)
            .file(&format!("{name}.mkv"), 10_000)
            .private()
            .tracker(&tracker.url())
            .made()
    };
    let torrents: Vec<Torrent> = (0..count).map(one).collect();
    server.seed_unchecked(&torrents, &[]);
    torrents
}

/// Waits until the trackers of these torrents have given this answer, and has the server ask again now and then.
fn wait_for(server: &Server, torrents: &[Torrent], has_answered: fn(&Value) -> bool) {
    for torrent in torrents {
        let mut looks = 0;
        until(&format!("{} has its answer", torrent.name), || {
            looks += 1;
            if looks % 100 == 0 {
                server.api().reannounce(torrent);
            }
            let rows = server.api().trackers(&torrent.hash);
            let is_settled = |row: &Value| row["updating"] != json!(true) && has_answered(row);
            (!rows.is_empty() && rows.iter().all(is_settled)).then_some(())
        });
    }
}

fn works(row: &Value) -> bool {
    row["status"] == json!(2)
}

fn has_refused(row: &Value) -> bool {
    let is_failing = matches!(row["status"].as_i64(), Some(4 | 5));
    is_failing
        && row["msg"]
            .as_str()
            .is_some_and(|msg| msg.contains("Unregistered"))
}

/// The tracker begins to refuse these.
fn refuse(server: &Server, tracker: &Tracker, torrents: &[Torrent]) {
    for torrent in torrents {
        tracker.answer(torrent, Answer::failure("Unregistered torrent"));
        server.api().reannounce(torrent);
    }
    wait_for(server, torrents, has_refused);
}

fn listed(server: &Server, torrents: &[Torrent]) -> usize {
    let is_listed = |torrent: &&Torrent| server.api().info(&torrent.hash).is_some();
    torrents.iter().filter(is_listed).count()
}

on_each_release! {
    fn tracker_that_forgets_its_torrents_in_portions_is_an_outage(release) {
        let (server, tracker) = (Server::start(release), Tracker::start());
        let torrents = seeded(&server, &tracker, 15);
        wait_for(&server, &torrents, works);
        let account = json!({ "cycle": "10ms", "unregistered": { "max_failures": 3 } });
        let product = Product::watching(&server, account, json!({}));
        for portion in torrents.chunks(5) {
            refuse(&server, &tracker, portion);
            product.cycle();
        }
        product.cycle();
        let last = product.cycle();
        assert_eq!(listed(&server, &torrents), 15, "{last:#?}");
        let outages = &product.state()["accounts"]["seedbox"]["outages"];
        assert_eq!(outages[0]["items"].as_array().map(Vec::len), Some(15), "{outages}");
        tracker.answer_all(Answer::Peers);
        torrents.iter().for_each(|torrent| server.api().reannounce(torrent));
        wait_for(&server, &torrents, works);
        product.cycle();
        assert_eq!(product.state()["accounts"]["seedbox"]["outages"], json!(null));
    }

    fn restart_of_the_server_proves_no_tracker_to_be_well(release) {
        let (mut server, tracker) = (Server::start(release), Tracker::start());
        let torrents = seeded(&server, &tracker, 7);
        let (dead, others) = torrents.split_at(1);
        wait_for(&server, others, works);
        refuse(&server, &tracker, dead);
        let account = json!({ "unregistered": { "max_failures": 9 } });
        let product = Product::watching(&server, account, json!({}));
        product.cycle();
        let failures = || product.failures("seedbox", &dead[0].hash, "unregistered");
        assert_eq!(failures(), 1);
        // Nobody answers after the restart.
        tracker.answer_all(Answer::Silence);
        server.restart();
        until("the server lists its torrents", || (listed(&server, &torrents) == 7).then_some(()));
        for _ in 0..3 {
            product.cycle();
            assert_eq!(failures(), 1);
        }

        refuse(&server, &tracker, others);
        product.cycle();
        let outages = || product.state()["accounts"]["seedbox"]["outages"].clone();
        let recognised = outages();
        assert_eq!(recognised.as_array().map(Vec::len), Some(1), "{recognised}");
        tracker.answer_all(Answer::Silence);
        server.restart();
        until("the server lists its torrents", || (listed(&server, &torrents) == 7).then_some(()));
        for _ in 0..3 {
            product.cycle();
            assert_eq!(outages(), recognised);
        }
        let accepted = product.run(&["accept", "seedbox"]);
        assert_eq!(accepted.code, Some(0), "{accepted:#?}");
        let is_accepted = || torrents[1..].iter().all(|torrent| {
            let item = &product.state()["accounts"]["seedbox"]["items"][&torrent.hash];
            item["unregistered"]["accepted"] == json!(true)
        });
        for _ in 0..3 {
            product.cycle();
            assert!(is_accepted());
        }
    }
}
