//! A host with one account, fed from JSON.

use jiff::Timestamp;
use seedwarden::core::model::ItemId;
use seedwarden::core::rules::Outcome;
use seedwarden::core::rules::script::Answers;
use seedwarden::shell::script_host::{Explanation, Feed, Limits, ScriptHost, Shape, Source};
use serde_json::Value as Json;
use serde_json::value::{RawValue, to_raw_value};

pub const ACCOUNT: &str = "seedbox";

pub fn raw(json: &Json) -> Box<RawValue> {
    to_raw_value(json).expect("values always serialise")
}

pub fn source(name: &str, text: &str) -> Source {
    Source {
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

/// A host with these rules, fed with a full listing.
pub async fn host(rules: &[(&str, &str)], listing: &Json) -> ScriptHost {
    host_with(rules, listing, Limits::default()).await
}

pub async fn host_with(rules: &[(&str, &str)], listing: &Json, limits: Limits) -> ScriptHost {
    let mut host = ScriptHost::new(env!("CARGO_BIN_EXE_seedwarden"), "Asia/Shanghai", limits);
    let sources = rules
        .iter()
        .map(|(name, text)| source(name, text))
        .collect();
    let mistakes = host.load(sources).await.expect("the worker starts");
    assert_eq!(mistakes, []);
    feed(&mut host, listing).await;
    host
}

/// Feeds a full listing: `server_state` and `torrents` as in `sync/maindata`.
pub async fn feed(host: &mut ScriptHost, listing: &Json) {
    let mut feed = Feed::full(ACCOUNT, Shape::Qbittorrent);
    if let Some(torrents) = listing["torrents"].as_object() {
        for (hash, torrent) in torrents {
            feed.item(hash, &torrent.to_string());
        }
    }
    feed.server(&raw(&listing["server_state"]));
    feed.complete();
    host.send(&mut feed).await.expect("the worker reads");
}

pub fn now() -> Timestamp {
    "2024-05-01T02:03:04Z".parse().expect("a time")
}

pub async fn judge(host: &mut ScriptHost, rules: &[&str]) -> Answers {
    host.judge(ACCOUNT, now(), rules, None).await
}

/// What one rule says about one torrent of a small library.
pub async fn ask(text: &str, torrent: Json) -> Explanation {
    let listing = serde_json::json!({
        "server_state": {"free_space_on_disk": 1000, "up_info_speed": 5, "dl_info_speed": 6, "alltime_ul": 7,
                         "read_cache_overload": "0.5", "queued_io_jobs": 1},
        "torrents": {"aa": torrent, "bb": {"name": "other", "state": "uploading", "completed": 5}},
    });
    let mut host = host(&[("rule", text)], &listing).await;
    host.explain(ACCOUNT, now(), "rule", &ItemId::from("aa"))
        .await
}

pub fn outcome(explanation: &Explanation) -> Outcome {
    explanation.answer.outcome(&ItemId::from("aa"))
}
