//! Single evaluations: one rule, one torrent, one answer.

use std::collections::BTreeMap;

use seedwarden::core::model::ItemId;
use seedwarden::core::rules::{Outcome, timers};
use seedwarden::shell::script_host::Shape;
use serde::Deserialize;
use serde_json::{Value as Json, value::RawValue};

use crate::lines::Object;
use crate::report::Answer;
use crate::rule::{self, Body, Rule};
use crate::subject::surroundings;
use crate::worker::{self, Data, Workers};

#[derive(Deserialize)]
pub struct Line {
    id: String,
    now: i64,
    tz: String,
    rule: Object,
    maindata: Option<Object>,
    torrent: Object,
    avg: Option<(f64, f64)>,
    #[serde(default)]
    fit_start: Option<i64>,
    expect: Json,
    tags: Vec<String>,
}

/// What came of a line: the outcome, and why it is an error.
type Judged = (Outcome, Option<String>);

pub async fn judge(lines: &[Line]) -> Vec<Answer> {
    let mut judged: Vec<Judged> = Vec::new();
    let mut scripts: BTreeMap<&str, Vec<(usize, String)>> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        judged.push(match rule::load(&line.rule) {
            Err(reason) => (Outcome::Error, Some(reason)),
            Ok(Rule {
                body: Body::Script(text),
                ..
            }) => {
                scripts.entry(&line.tz).or_default().push((index, text));
                (Outcome::Error, None)
            }
            Ok(rule) => (by_conditions(line, &rule), None),
        });
    }
    // Rules are loaded in bunches, because each load is a new process.
    const BUNCH: usize = 40;
    let mut workers = Workers::default();
    for (zone, scripts) in scripts {
        for bunch in scripts.chunks(BUNCH) {
            let texts: Vec<String> = bunch.iter().map(|(_, text)| text.clone()).collect();
            let (host, mistakes) = workers.load(zone, &texts).await;
            for (number, (index, _)) in bunch.iter().enumerate() {
                let mistake = mistakes.iter().find(|mistake| mistake.rule == number);
                judged[*index] = match mistake {
                    Some(mistake) => (
                        Outcome::Error,
                        Some(format!("refused: {}", mistake.message)),
                    ),
                    None => by_script(host, &lines[*index], number).await,
                };
            }
        }
    }
    let answer = |(line, (outcome, reason)): (&Line, Judged)| Answer {
        id: line.id.clone(),
        tags: line.tags.clone(),
        expect: line.expect.clone(),
        got: shown(held(line, outcome)),
        may_differ: false,
        reason,
    };
    lines.iter().zip(judged).map(answer).collect()
}

fn by_conditions(line: &Line, rule: &Rule) -> Outcome {
    let Some(maindata) = &line.maindata else {
        return Outcome::Error;
    };
    let surroundings = surroundings(maindata, line.avg.unwrap_or_default(), line.now, &line.tz);
    rule::judge(&rule.body, &line.torrent, &surroundings)
}

async fn by_script(
    host: &mut seedwarden::shell::script_host::ScriptHost,
    line: &Line,
    number: usize,
) -> Judged {
    let (items, place) = items(line);
    let server = match &line.maindata {
        Some(maindata) => maindata.without(&["torrents"]).json(),
        None => "null".to_owned(),
    };
    let data = Data {
        shape: Shape::Vertex,
        items,
        server: &server,
        tracker_status: Vec::new(),
    };
    worker::feed(host, &line.id, data).await;
    let explanation = worker::explain(host, &line.id, line.now, &number.to_string(), &place).await;
    let outcome = explanation.answer.outcome(&ItemId::from(place));
    (
        outcome,
        explanation
            .answer
            .failure
            .map(|failure| failure.to_string()),
    )
}

/// The torrents of `maindata`, named by their place, and the place of the one in question.
fn items(line: &Line) -> (Vec<(String, String)>, String) {
    let torrents = line
        .maindata
        .as_ref()
        .and_then(|maindata| maindata.get("torrents"));
    let torrents: Vec<Box<RawValue>> = torrents
        .map(|json| serde_json::from_str(json).expect("a list"))
        .unwrap_or_default();
    let mut place = None;
    let mut items = Vec::new();
    for (index, torrent) in torrents.iter().enumerate() {
        let is_it = torrent.get() == "null";
        let json = if is_it {
            line.torrent.json()
        } else {
            torrent.get().to_owned()
        };
        if is_it {
            place = Some(index.to_string());
        }
        items.push((index.to_string(), json));
    }
    let place = place.unwrap_or_else(|| {
        items.push(("it".to_owned(), line.torrent.json()));
        "it".to_owned()
    });
    (items, place)
}

/// The verdict with the time that it has held.
fn held(line: &Line, outcome: Outcome) -> Outcome {
    let Ok(Rule {
        hold_for: Some(hold_for),
        ..
    }) = rule::load(&line.rule)
    else {
        return outcome;
    };
    let start = line.fit_start.map(worker::time);
    match outcome {
        Outcome::Yes if !timers::has_held(start, worker::time(line.now), hold_for) => Outcome::No,
        other => other,
    }
}

fn shown(outcome: Outcome) -> Json {
    match outcome {
        Outcome::Yes => Json::Bool(true),
        Outcome::No => Json::Bool(false),
        Outcome::Unknown => Json::from("unknown"),
        Outcome::Error => Json::from("error"),
    }
}
