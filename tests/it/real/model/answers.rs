//! The same requests to both get answers that are alike but for what only time and chance decide.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::model_of;
use crate::real::api::{Api, USER};
use crate::real::server::Server;
use crate::real::torrent::Torrent;
use crate::real::tracker::refusing_url;
use crate::real::{on_each_release, until};

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
