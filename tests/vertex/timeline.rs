//! Short runs of the sampler and the delete job on a clock of five-second steps.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use seedwarden::core::model::ItemId;
use seedwarden::core::rules::run::{Turn, longest_completed, run};
use seedwarden::core::rules::script::Answers;
use seedwarden::core::rules::subject::smoothed_once;
use seedwarden::core::rules::{Outcome, Surroundings, timers};
use seedwarden::shell::script_host::{ScriptHost, Shape};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::job::Job;
use crate::lines::Object;
use crate::report::Answer;
use crate::rule::{self, Body, Rule};
use crate::subject::surroundings;
use crate::worker::{self, Data, Workers};

#[derive(Deserialize)]
pub struct Line {
    id: String,
    tz: String,
    start: i64,
    end: i64,
    delete_every: i64,
    delete_rules: Vec<Object>,
    reject_rules: Vec<Object>,
    snapshots: Vec<Snapshot>,
    #[serde(default)]
    fail_delete: Vec<String>,
    expect: Json,
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct Snapshot {
    at: i64,
    maindata: Option<Object>,
}

const STEP: i64 = 5;

pub async fn play(lines: &[Line]) -> Vec<Answer> {
    let mut workers = Workers::default();
    let mut answers = Vec::new();
    for line in lines {
        let (got, reason) = play_one(&mut workers, line).await;
        answers.push(Answer {
            id: line.id.clone(),
            tags: line.tags.clone(),
            expect: line.expect.clone(),
            got: Json::Array(got),
            may_differ: false,
            reason,
        });
    }
    answers
}

/// A rule that takes part.
pub struct Player<'a> {
    pub object: &'a Object,
    pub rule: Rule,
    pub limit: u32,
    pub priority: f64,
    /// Its name in the worker.
    pub number: String,
}

/// What a client shows at one moment.
pub struct View {
    pub torrents: Vec<Object>,
    pub surroundings: Surroundings,
    pub answers: Answers,
}

#[derive(Default)]
pub struct Play {
    pub deleted: BTreeSet<String>,
    pub paused: BTreeSet<String>,
    pub limited: BTreeSet<String>,
    pub average: (f64, f64),
    /// Since when, by rule and torrent.
    pub timers: BTreeMap<(usize, String), Timestamp>,
    pub last_sample: Option<Timestamp>,
    pub actions: Vec<Json>,
}

async fn play_one(workers: &mut Workers, line: &Line) -> (Vec<Json>, Option<String>) {
    let mut refused = Vec::new();
    let mut texts = Vec::new();
    let mut players = |objects: &'_ [Object]| -> Vec<usize> {
        let loaded = objects.iter().enumerate().filter_map(|(index, object)| {
            let loaded = rule::load(object).and_then(|rule| rule::limit(object).map(|_| rule));
            loaded
                .map_err(|reason| refused.push(reason))
                .ok()
                .map(|rule| {
                    if let Body::Script(text) = rule.body {
                        texts.push(text);
                    }
                    index
                })
        });
        loaded.collect()
    };
    let (acting, protecting) = (players(&line.delete_rules), players(&line.reject_rules));
    // A protect rule takes no time; a configuration with one that does is refused as a whole.
    let has_timed_protection = line
        .reject_rules
        .iter()
        .any(|object| rule::load(object).is_ok_and(|rule| rule.hold_for.is_some()));
    if has_timed_protection {
        return (
            Vec::new(),
            Some("refused: a protect rule with fitTime".to_owned()),
        );
    }
    let mut number = 0;
    let mut player = |object| {
        let rule = rule::load(object).expect("loaded before");
        let name = number.to_string();
        number += usize::from(matches!(rule.body, Body::Script(_)));
        Player {
            object,
            rule,
            limit: rule::limit(object).expect("loaded before"),
            priority: rule::priority(object),
            number: name,
        }
    };
    let acting: Vec<Player> = acting
        .into_iter()
        .map(|index| player(&line.delete_rules[index]))
        .collect();
    let protecting: Vec<Player> = protecting
        .into_iter()
        .map(|index| player(&line.reject_rules[index]))
        .collect();
    let mut host = match texts.is_empty() {
        true => None,
        false => {
            let (host, mistakes) = workers.load(&line.tz, &texts).await;
            refused.extend(mistakes.into_iter().map(|mistake| mistake.message));
            Some(host)
        }
    };
    let mut play = Play::default();
    let mut now = line.start;
    while now <= line.end {
        let view = view(&mut play, &mut host, line, now, texts.len()).await;
        if let Some(view) = &view {
            if (now - line.start) % line.delete_every == 0 {
                play.delete(view, &acting, &protecting, &line.fail_delete, now);
            }
            play.sample(view, &acting, now);
        }
        now += STEP;
    }
    (
        play.actions,
        refused.into_iter().next().or_else(|| away(line)),
    )
}

/// Lines where the client or a torrent was away differ by starting timers anew.
fn away(line: &Line) -> Option<String> {
    let was_away = line
        .tags
        .iter()
        .any(|tag| tag == "client-away" || tag == "quirk:torrent-away");
    let has_no_priority = line
        .tags
        .iter()
        .any(|tag| tag == "quirk:priority-not-number");
    was_away
        .then(|| "timers start anew after a gap".to_owned())
        .or_else(|| has_no_priority.then(|| "a priority that is no number counts as 0".to_owned()))
}

async fn view(
    play: &mut Play,
    host: &mut Option<&mut ScriptHost>,
    line: &Line,
    now: i64,
    scripts: usize,
) -> Option<View> {
    let snapshot = line.snapshots.iter().rfind(|snapshot| snapshot.at <= now)?;
    let maindata = snapshot.maindata.as_ref()?;
    play.average = (
        smoothed_once(play.average.0, maindata.number("uploadSpeed")),
        smoothed_once(play.average.1, maindata.number("downloadSpeed")),
    );
    let all: Vec<Object> = serde_json::from_str(maindata.get("torrents")?).expect("a list");
    let torrents: Vec<Object> = all
        .into_iter()
        .filter(|torrent| !play.deleted.contains(&hash(torrent)))
        .collect();
    let mut answers = Answers::new();
    if let Some(host) = host {
        let server = maindata.without(&["torrents"]).json();
        let data = Data {
            shape: Shape::Vertex,
            items: torrents
                .iter()
                .map(|torrent| (hash(torrent), torrent.json()))
                .collect(),
            server: &server,
            tracker_status: Vec::new(),
        };
        worker::feed(host, &line.id, data).await;
        let names: Vec<String> = (0..scripts).map(|number| number.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        answers = worker::judge(host, &line.id, now, &names).await;
    }
    Some(View {
        surroundings: surroundings(maindata, play.average, now, &line.tz),
        torrents,
        answers,
    })
}

pub fn hash(torrent: &Object) -> String {
    torrent.text("hash").unwrap_or_default()
}

impl View {
    pub fn outcome(&self, player: &Player<'_>, torrent: &Object) -> Outcome {
        match &player.rule.body {
            Body::Script(_) => match self.answers.get(&player.number) {
                Some(answer) => answer.outcome(&ItemId::from(hash(torrent))),
                None => Outcome::Error,
            },
            body => rule::judge(body, torrent, &self.surroundings),
        }
    }
}

impl Play {
    fn void_after_gap(&mut self, now: Timestamp) {
        if timers::is_gap(self.last_sample, now, Duration::from_secs(STEP as u64)) {
            self.timers.clear();
        }
    }

    fn sample(&mut self, view: &View, acting: &[Player<'_>], now: i64) {
        let now = worker::time(now);
        self.void_after_gap(now);
        let before = std::mem::take(&mut self.timers);
        for (index, player) in acting
            .iter()
            .enumerate()
            .filter(|(_, player)| player.rule.hold_for.is_some())
        {
            for torrent in &view.torrents {
                let key = (index, hash(torrent));
                let since = before.get(&key).copied();
                let since = timers::sampled(since, view.outcome(player, torrent), now);
                self.timers.extend(since.map(|since| (key, since)));
            }
        }
        self.last_sample = Some(now);
    }

    fn delete(
        &mut self,
        view: &View,
        acting: &[Player<'_>],
        protecting: &[Player<'_>],
        failing: &[String],
        now: i64,
    ) {
        self.void_after_gap(worker::time(now));
        let mut order: Vec<usize> = (0..view.torrents.len()).collect();
        let times = |index: usize| {
            let torrent = &view.torrents[index];
            (torrent.number("completedTime"), torrent.number("addedTime"))
        };
        order.sort_by(|a, b| longest_completed(times(*a), times(*b), now));
        let turn = |player: &Player<'_>| Turn {
            priority: player.priority,
            limit: player.limit,
            order: &order,
        };
        let turns: Vec<Turn<'_>> = acting.iter().map(turn).collect();
        let is_protected = |torrent: &Object| {
            protecting
                .iter()
                .any(|player| view.outcome(player, torrent) == Outcome::Yes)
        };
        let mut job = Job {
            protected: view.torrents.iter().map(is_protected).collect(),
            play: self,
            view,
            acting,
            failing,
            now,
        };
        run(&turns, view.torrents.len(), &mut job);
    }
}
