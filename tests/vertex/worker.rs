//! JavaScript of the lines in the real worker process, one process per time zone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use seedwarden::core::model::ItemId;
use seedwarden::core::rules::script::Answers;
use seedwarden::shell::script_host::{
    Explanation, Feed, Limits, ScriptHost, Shape, Source, SyntaxMistake,
};
use serde_json::value::RawValue;

/// Hosts by zone.
#[derive(Default)]
pub struct Workers(BTreeMap<String, ScriptHost>);

impl Workers {
    /// The host of a zone, loaded with these rules, named by their index.
    pub async fn load(
        &mut self,
        zone: &str,
        texts: &[String],
    ) -> (&mut ScriptHost, Vec<SyntaxMistake>) {
        // A generous budget: what is tested here are answers, not times.
        let limits = Limits {
            call_ms: 1_000,
            ..Limits::default()
        };
        let new = || ScriptHost::new(env!("CARGO_BIN_EXE_seedwarden"), zone, limits);
        let host = self.0.entry(zone.to_owned()).or_insert_with(new);
        let source = |(index, text): (usize, &String)| Source {
            name: index.to_string(),
            text: text.clone(),
        };
        let sources = texts.iter().enumerate().map(source).collect();
        let mistakes = host.load(sources).await.expect("the worker starts");
        (host, mistakes)
    }
}

/// What an account looks like to the worker.
pub struct Data<'a> {
    pub shape: Shape,
    pub items: Vec<(String, String)>,
    pub server: &'a str,
    pub tracker_status: Vec<(String, String)>,
}

/// Feeds one account in full.
pub async fn feed(host: &mut ScriptHost, account: &str, data: Data<'_>) {
    let mut feed = Feed::full(account, data.shape);
    for (id, json) in &data.items {
        feed.item(id, json);
    }
    let server: &RawValue = serde_json::from_str(data.server).expect("valid");
    feed.server(server);
    feed.tracker_status(data.tracker_status);
    feed.complete();
    host.send(&mut feed).await.expect("the worker reads");
}

pub fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("a time")
}

pub async fn explain(
    host: &mut ScriptHost,
    account: &str,
    now: i64,
    rule: &str,
    item: &str,
) -> Explanation {
    host.explain(account, time(now), rule, &ItemId::from(item))
        .await
}

pub async fn judge(host: &mut ScriptHost, account: &str, now: i64, rules: &[&str]) -> Answers {
    host.judge(account, time(now), rules, None).await
}
