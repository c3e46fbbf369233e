//! The same actions lead to the same ends, on the model and on the server.

use std::time::Duration;

use super::model_of;
use crate::real::api::Api;
use crate::real::server::Server;
use crate::real::torrent::Torrent;
use crate::real::{on_each_release, until};

/// Where the torrents stand once nothing of it has changed for so long.
fn settled<'a>(
    api: &Api,
    torrents: impl Iterator<Item = &'a Torrent> + Clone,
    quiet: Duration,
) -> Vec<String> {
    let standings = || torrents.clone().map(|torrent| api.standing(&torrent.hash));
    let mut last: Vec<String> = standings().collect();
    until("the server is done", || {
        std::thread::sleep(quiet);
        let before = std::mem::replace(&mut last, standings().collect());
        (before == last).then_some(())
    });
    last
}

/// Where a torrent stands before the actions.
#[derive(Clone, Copy, Debug)]
enum Begin {
    Seeding,
    Stopped,
    Missing,
}

/// How much of its data is on the disk then.
#[derive(Clone, Copy, Debug)]
enum Data {
    Gone,
    There,
    Half,
}

on_each_release! {
    fn the_model_ends_where_the_server_does(release) {
        let server = Server::start(release);
        let (_door, model) = model_of(&server);
        let real = server.api();
        let mut cases = Vec::new();
        for begin in [Begin::Seeding, Begin::Stopped, Begin::Missing] {
            for data in [Data::Gone, Data::There, Data::Half] {
                let actions: &[&[&str]] = match (begin, data) {
                    (Begin::Seeding | Begin::Stopped, _) => &[&["recheck"]],
                    (Begin::Missing, Data::There) => &[&["recheck"], &["start"], &["stop", "recheck", "start"]],
                    // What `start` alone does here is a matter of chance: see the test below.
                    (Begin::Missing, Data::Gone | Data::Half) => &[&["recheck"], &["stop", "recheck", "start"]],
                };
                for actions in actions {
                    let name = format!("{begin:?}-{data:?}-{}", actions.join("-"));
                    let torrent = Torrent::named(&name).file("a", 3 << 14).file("b", 1 << 14).made();
                    torrent.write_data(&server.downloads());
                    cases.push((begin, data, *actions, torrent));
                }
            }
        }
        // All of one step together: servers take a second or two for each check.
        for api in [real, &model] {
            for (begin, _, _, torrent) in &cases {
                let (field, path) = match begin {
                    Begin::Seeding => (None, "stalledUP/1"),
                    Begin::Stopped => (Some(("stopped", "true")), "stoppedUP/1"),
                    Begin::Missing => (None, "missingFiles/0"),
                };
                if matches!(begin, Begin::Missing) {
                    torrent.remove_data(&server.downloads());
                }
                let fields: Vec<_> = field.into_iter().chain([("skip_checking", "true")]).collect();
                api.add(torrent, &server.downloads(), &fields);
                api.wait_for(torrent, path);
                torrent.write_data(&server.downloads());
            }
        }
        for (_, data, _, torrent) in &cases {
            match data {
                Data::Gone => torrent.remove_data(&server.downloads()),
                Data::There => {}
                Data::Half => std::fs::remove_file(&torrent.paths(&server.downloads())[1]).expect("the file was there"),
            }
        }
        for step in 0..3 {
            for api in [real, &model] {
                for (_, _, actions, torrent) in &cases {
                    match actions.get(step) {
                        Some(&"recheck") => api.recheck(torrent),
                        Some(&"start") => api.start(torrent),
                        Some(_) => api.stop(torrent),
                        None => {}
                    }
                }
            }
            // Checks come one after the other, and each takes a second or two.
            settled(real, cases.iter().map(|case| &case.3), Duration::from_secs(6));
        }
        let differ = cases.iter().filter_map(|(_, _, _, torrent)| {
            let (left, right) = (model.standing(&torrent.hash), real.standing(&torrent.hash));
            (left != right).then(|| format!("{}: the model has {left}, the server {right}", torrent.name))
        });
        let differ: Vec<_> = differ.collect();
        assert!(differ.is_empty(), "{}", differ.join("\n"));
    }

    /// Which of them become downloads is chance on a server, and the later ones on the model; none may come out complete.
    fn missing_files_that_are_started_together_stay_missing_or_become_downloads(release) {
        let server = Server::start(release);
        let (_door, model) = model_of(&server);
        for api in [server.api(), &model] {
            let torrents: Vec<_> = (0..6).map(|n| Torrent::named(&format!("m{n}")).file(&format!("m{n}"), 9_000).made()).collect();
            for torrent in &torrents {
                api.add(torrent, &server.downloads(), &[("skip_checking", "true")]);
                api.wait_for(torrent, "missingFiles/0");
            }
            let hashes: Vec<&str> = torrents.iter().map(|torrent| torrent.hash.as_str()).collect();
            let action = if release.is_at_least(5, 0) { "start" } else { "resume" };
            api.post(&format!("torrents/{action}"), &[("hashes", &hashes.join("|"))]);
            let last = settled(api, torrents.iter(), Duration::from_secs(3));
            let is_either = |standing: &String| ["missingFiles/0", "stalledDL/0"].contains(&standing.as_str());
            assert!(last.iter().all(is_either), "{last:?}");
        }
        let is_download = |torrent: &serde_json::Value| torrent["state"] == "stalledDL";
        let list = model.get("torrents/info").json();
        assert!(list.as_array().is_some_and(|list| list.iter().any(is_download)), "{list}");
    }
}
