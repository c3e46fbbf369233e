//! The qBittorrent model beside real servers: the same requests, and answers alike but for what only time and chance decide.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use seedwarden_sim::door::{Door, DoorOptions};
use seedwarden_sim::qbittorrent::{Era, FolderDisk, Server as Model, Settings, TrackerResult};
use serde_json::{Map, Value, json};

use super::api::{Api, PASSWORD, USER};
use super::server::Server;
use super::torrent::Torrent;
use super::tracker::refusing_url;
use super::{on_each_release, until};

/// Keys whose values only have to be of the same type: times, speeds of the machine, and what counts pieces.
const FREE: [&str; 26] = [
    "average_time_queue",
    "connection_status",
    "created_by",
    "creation_date",
    "dl_speed_avg",
    "free_space_on_disk",
    "magnet_uri",
    "min_announce",
    "next_announce",
    "num_downloaded",
    "piece_range",
    "piece_size",
    "pieces_have",
    "pieces_num",
    "popularity",
    "priority",
    "queueing",
    "reannounce",
    "request_latency",
    "rid",
    "seeding_time",
    "seeds",
    "time_active",
    "time_elapsed",
    "up_speed_avg",
    "use_subcategories",
];

/// The model that is to be like this server, with the same files.
fn model_of(server: &Server) -> (Door, Api) {
    let era = match server.release().version.as_str() {
        "4.5.2" => Era::V4_5_2,
        version if version.starts_with("5.1.") => Era::V5_1,
        version if version.starts_with("5.3.") => Era::V5_3,
        version => panic!("there is no model of {version}"),
    };
    let downloads = server.downloads().display().to_string();
    let mut settings = Settings::new(era);
    settings.username = USER.to_owned();
    settings.password = PASSWORD.to_owned();
    settings.save_path.clone_from(&downloads);
    settings.uses_dht = false;
    settings.added_tracker = TrackerResult::refused();
    let disk = FolderDisk::new(&downloads, server.downloads());
    let model = Arc::new(Mutex::new(Model::with(settings, Box::new(disk))));
    let door = Door::open(model.clone(), DoorOptions::qbittorrent()).expect("a loopback port");
    if let Ok(mut model) = model.lock() {
        model.settings.webui_port = door.addr.port();
        model.settings.checks_host = true;
    }
    let api = Api::new(door.addr.port());
    assert_eq!(api.login(), Some(true));
    (door, api)
}

/// An answer without what may differ.
fn told(value: &Value, key: &str) -> Value {
    match value {
        _ if FREE.contains(&key) => json!(match value {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        }),
        Value::Array(list) => {
            let mut list: Vec<Value> = list.iter().map(|value| told(value, "")).collect();
            // Tags and trackers come in any order.
            if list.iter().all(Value::is_string) {
                list.sort_by_key(Value::to_string);
            }
            list.into()
        }
        Value::Object(entries) => entries
            .iter()
            // The name of an endpoint has the port for peers.
            .filter(|(key, _)| key.as_str() != "name" || !entries.contains_key("bt_version"))
            .map(|(key, value)| (key.clone(), told(value, key)))
            .collect(),
        // A moment is some moment; other values of the same keys mean "never".
        Value::Number(number) if number.as_i64().is_some_and(|at| at > 1_000_000_000) => {
            json!("a moment")
        }
        // 1 and 1.0 are one number in JSON.
        Value::Number(number) => json!(number.as_f64()),
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}

/// Puts into `found` where the model's answer (`left`) is not the server's.
fn differences(path: &str, left: &Value, right: &Value, found: &mut Vec<String>) {
    let at = |key: &str| format!("{path} {key}");
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for key in keys {
                let value = |entries: &Map<String, Value>| {
                    entries.get(key).cloned().unwrap_or(json!("(absent)"))
                };
                differences(&at(key), &value(left), &value(right), found);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (place, (left, right)) in left.iter().zip(right).enumerate() {
                differences(&at(&place.to_string()), left, right, found);
            }
        }
        _ if left == right => {}
        _ => found.push(format!("{path}: the model has {left}, the server {right}")),
    }
}

/// Asks both, and returns how the answers differ in status, type and words.
fn compare(
    real: &Api,
    model: &Api,
    method: &str,
    path: &str,
    fields: &[(&str, &str)],
) -> Vec<String> {
    let ask = |api: &Api| {
        let reply = match method {
            "GET" => api.get(path),
            _ => api.post(path, fields),
        };
        let text = reply.text();
        let kind = reply
            .head
            .lines()
            .find_map(|line| line.strip_prefix("content-type: "));
        let body =
            serde_json::from_str(&text).map_or(Value::String(text), |value| told(&value, ""));
        json!({ "status ": reply.status, "content-type": kind, "body": body })
    };
    let mut found = Vec::new();
    differences(
        &format!("{method} {path} {fields:?}"),
        &ask(model),
        &ask(real),
        &mut found,
    );
    found
}

on_each_release! {
    fn the_model_answers_as_the_server_does(release) {
        let server = Server::start(release);
        let (_door, model) = model_of(&server);
        let real = server.api();
        let found = RefCell::new(Vec::new());
        let get = |path: &str| found.borrow_mut().extend(compare(real, &model, "GET", path, &[]));
        let post = |path: &str, fields: &[(&str, &str)]| found.borrow_mut().extend(compare(real, &model, "POST", path, fields));
        for path in ["app/version", "app/webapiVersion", "app/defaultSavePath", "torrents/info", "sync/maindata",
            "torrents/categories", "torrents/tags", "torrents/count", "torrents/nope", "nope/nope", "torrents/recheck",
            "torrents/properties", "torrents/properties?hash=zz", "torrents/export?hash=zz", "torrents/info?sort=nope"] {
            get(path);
        }

        let file = |name: &str| Torrent::named(name).file(name, 40_000);
        let seed = file("seed").tracker(&refusing_url()).made();
        let partial = Torrent::named("partial").file("a", 3 << 14).file("deep/b", 1 << 14).private().made();
        let folder = file("folder").in_a_folder().private().made();
        let idle = file("idle").made();
        for torrent in [&seed, &folder, &partial, &idle] {
            torrent.write_data(&server.downloads());
        }
        std::fs::remove_file(&partial.paths(&server.downloads())[1]).expect("the file was there");
        for api in [&model, real] {
            api.add(&seed, &server.downloads(), &[("category", "k"), ("tags", "t1,t2")]);
            api.wait_for(&seed, "stalledUP/1");
            api.add(&partial, &server.downloads(), &[]);
            api.wait_for(&partial, "stalledDL/0.75");
            api.add(&folder, &server.downloads(), &[("stopped", "true")]);
            // What is added stopped is not checked until somebody wants it.
            api.wait_for(&folder, "stoppedDL/0");
            api.recheck(&folder);
            api.wait_for(&folder, "stoppedUP/1");
            api.add(&idle, &server.downloads(), &[("stopped", "true")]);
            api.wait_for(&idle, "stoppedDL/0");
        }
        for torrent in [&seed, &partial, &folder, &idle] {
            let hash = &torrent.hash;
            until("the tracker's answer", || {
                let rows = real.trackers(hash).into_iter().chain(model.trackers(hash));
                rows.map(|row| row["status"].clone()).all(|status| status == 4).then_some(())
            });
            for path in ["info?hashes", "properties?hash", "files?hash"] {
                get(&format!("torrents/{path}={hash}"));
            }
        }
        get(&format!("torrents/trackers?hash={}", seed.hash));
        get(&format!("torrents/info?includeTrackers=true&hashes={}", seed.hash));
        get("sync/maindata");
        for api in [&model, real] {
            api.start(&idle);
            api.wait_for(&idle, "stalledUP/1");
        }
        refusals(&post, &seed.hash);
        let found = found.take();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

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

/// What an action says when it works, and when it doesn't.
fn refusals(post: &impl Fn(&str, &[(&str, &str)]), hash: &str) {
    let unknown = "cd".repeat(20);
    for fields in [&[("hashes", hash)][..], &[("hashes", &unknown)], &[]] {
        for action in ["stop", "start", "pause", "resume", "reannounce", "nope"] {
            post(&format!("torrents/{action}"), fields);
        }
    }
    post("torrents/delete", &[("hashes", &unknown)]);
    post(
        "torrents/delete",
        &[("hashes", &unknown), ("deleteFiles", "false")],
    );
    for category in ["k", "a//b", "", "new"] {
        post("torrents/createCategory", &[("category", category)]);
    }
    for category in ["none", "new", ""] {
        post(
            "torrents/setCategory",
            &[("hashes", hash), ("category", category)],
        );
    }
    post("torrents/addTags", &[("hashes", hash), ("tags", "x,y")]);
    post("torrents/addTags", &[("hashes", hash)]);
    post("torrents/removeTags", &[("hashes", hash), ("tags", "x")]);
    post(
        "torrents/setDownloadLimit",
        &[("hashes", hash), ("limit", "1000")],
    );
    post("torrents/setDownloadLimit", &[("hashes", hash)]);
    post(
        "torrents/setLocation",
        &[("hashes", hash), ("location", "")],
    );
    let limits = [
        "ratioLimit",
        "seedingTimeLimit",
        "inactiveSeedingTimeLimit",
        "shareLimitAction",
        "shareLimitsMode",
    ];
    for given in 0..=limits.len() {
        let values = limits.iter().take(given).map(|name| {
            (
                *name,
                if name.starts_with("share") {
                    "Default"
                } else {
                    "5"
                },
            )
        });
        let fields: Vec<_> = [("hashes", hash)].into_iter().chain(values).collect();
        post("torrents/setShareLimits", &fields);
    }
    for (id, priority) in [("0", "0"), ("0", "1"), ("7", "0"), ("0", "9"), ("x", "0")] {
        post(
            "torrents/filePrio",
            &[("hash", hash), ("id", id), ("priority", priority)],
        );
    }
    for hash in [hash, &unknown] {
        post(
            "torrents/addTrackers",
            &[("hash", hash), ("urls", "http://127.0.0.1:2/announce")],
        );
        post(
            "torrents/removeTrackers",
            &[("hash", hash), ("urls", "http://127.0.0.1:2/announce")],
        );
        post(
            "torrents/removeTrackers",
            &[("hash", hash), ("urls", "http://127.0.0.1:9/announce")],
        );
    }
    post("torrents/add", &[("urls", "")]);
    post("torrents/add", &[]);
    post(
        "auth/login",
        &[("username", USER), ("password", "wrong, with a session")],
    );
    post(
        "torrents/delete",
        &[("hashes", hash), ("deleteFiles", "false")],
    );
    post("auth/logout", &[]);
    post("torrents/stop", &[("hashes", hash)]);
    for password in ["wrong"; 6] {
        post("auth/login", &[("username", USER), ("password", password)]);
    }
}
