//! Raw answers of `sync/maindata`, and what rules see of them.

use std::collections::BTreeMap;

use seedwarden::core::rules::subject::smoothed_once;
use seedwarden::shell::script_host::Shape;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::lines::Object;
use crate::report::Answer;
use crate::worker::{self, Data, Workers};

#[derive(Deserialize)]
pub struct Line {
    id: String,
    now: i64,
    raw: Object,
    tracker_status: BTreeMap<String, String>,
    prev_avg: (f64, f64),
    expect: Json,
    tags: Vec<String>,
}

/// A rule that returns all that it sees, where NaN is written as a text.
const EVERYTHING: &str =
    "(maindata) => JSON.stringify(maindata, (key, value) => value !== value ? 'NaN' : value)";

/// A torrent that lets the rule run where the answer has none; it adds nothing to any count.
const NOBODY: &str = "nobody";

pub async fn map(lines: &[Line]) -> Vec<Answer> {
    let mut workers = Workers::default();
    let (host, mistakes) = workers.load("UTC", &[EVERYTHING.to_owned()]).await;
    assert_eq!(mistakes, []);
    let mut answers = Vec::new();
    for line in lines {
        let torrents = line.raw.object("torrents").unwrap_or_default();
        let mut items: Vec<(String, String)> = torrents
            .0
            .iter()
            .map(|(hash, json)| (hash.clone(), json.get().to_owned()))
            .collect();
        items.push((NOBODY.to_owned(), "{\"completed\":0}".to_owned()));
        let data = Data {
            shape: Shape::Qbittorrent,
            items,
            server: line.raw.get("server_state").unwrap_or("{}"),
            tracker_status: line.tracker_status.clone().into_iter().collect(),
        };
        worker::feed(host, &line.id, data).await;
        let explanation = worker::explain(host, &line.id, line.now, "0", NOBODY).await;
        let got = match serde_json::from_str(&explanation.returned) {
            Ok(maindata) => mapped(line, maindata),
            Err(_) => Json::from("error"),
        };
        answers.push(Answer {
            id: line.id.clone(),
            tags: line.tags.clone(),
            expect: line.expect.clone(),
            got,
            may_differ: is_bad_address(line),
            reason: is_bad_address(line).then(|| {
                "an address that is none makes an empty tracker, not a failed refresh".to_owned()
            }),
        });
    }
    answers
}

fn is_bad_address(line: &Line) -> bool {
    line.expect == "error"
}

/// In the form of the lines: without copies of the input, and with the smoothed speeds.
fn mapped(line: &Line, mut maindata: Json) -> Json {
    if let Some(fields) = maindata.as_object_mut() {
        fields.remove("serverState");
    }
    if let Some(torrents) = maindata["torrents"].as_array_mut() {
        torrents.retain(|torrent| torrent["hash"] != NOBODY);
        for fields in torrents.iter_mut().filter_map(Json::as_object_mut) {
            fields.remove("originProp");
        }
    }
    let speed = |key: &str| maindata[key].as_f64().unwrap_or(f64::NAN);
    let average = [
        number(smoothed_once(line.prev_avg.0, speed("uploadSpeed"))),
        number(smoothed_once(line.prev_avg.1, speed("downloadSpeed"))),
    ];
    json!({"maindata": maindata, "avg": average})
}

fn number(number: f64) -> Json {
    if number.is_nan() {
        Json::from("NaN")
    } else {
        Json::from(number)
    }
}
