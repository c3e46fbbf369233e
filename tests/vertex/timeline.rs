//! Short runs of the sampler and the delete job on a clock of five-second steps.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use seedwarden::core::model::ItemId;
use seedwarden::core::rules::run::{Next, Stage, Turn, longest_completed, run};
use seedwarden::core::rules::script::Answers;
use seedwarden::core::rules::subject::smoothed_once;
use seedwarden::core::rules::{Outcome, Surroundings, timers};
use seedwarden::shell::script_host::{ScriptHost, Shape};
use serde::Deserialize;
use serde_json::{Value as Json, json};

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
struct Player<'a> {
    object: &'a Object,
    rule: Rule,
    limit: u32,
    priority: f64,
    /// Its name in the worker.
    number: String,
}

/// What a client shows at one moment.
struct View {
    torrents: Vec<Object>,
    surroundings: Surroundings,
    answers: Answers,
}

#[derive(Default)]
struct Play {
    deleted: BTreeSet<String>,
    paused: BTreeSet<String>,
    limited: BTreeSet<String>,
    average: (f64, f64),
    /// Since when, by rule and torrent.
    timers: BTreeMap<(usize, String), Timestamp>,
    last_sample: Option<Timestamp>,
    actions: Vec<Json>,
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

fn hash(torrent: &Object) -> String {
    torrent.text("hash").unwrap_or_default()
}

impl View {
    fn outcome(&self, player: &Player<'_>, torrent: &Object) -> Outcome {
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

struct Job<'a> {
    play: &'a mut Play,
    view: &'a View,
    acting: &'a [Player<'a>],
    protected: Vec<bool>,
    failing: &'a [String],
    now: i64,
}

/// What a rule does, in Vertex's order of precedence.
enum Deed {
    Limit(f64),
    Pause,
    Delete { keeps_files: bool },
}

fn deed(rule: &Object) -> Deed {
    let is_set = |key: &str| !matches!(rule.get(key), None | Some("null" | "false" | "\"\"" | "0"));
    if is_set("limitSpeed") {
        Deed::Limit(rule.number("limitSpeed"))
    } else if is_set("pause") {
        Deed::Pause
    } else {
        Deed::Delete {
            keeps_files: is_set("onlyDeleteTorrent"),
        }
    }
}

impl Job<'_> {
    fn note(&mut self, mut action: Json) {
        action["at"] = Json::from(self.now);
        self.play.actions.push(action);
    }

    /// Another torrent with the same name, size and save path shares its files.
    fn has_twin(&self, item: usize) -> bool {
        let torrents = &self.view.torrents;
        let same = |a: &Object, b: &Object| {
            ["name", "size", "savePath"]
                .iter()
                .all(|key| a.get(key) == b.get(key))
        };
        let others = torrents
            .iter()
            .enumerate()
            .filter(|(index, _)| *index != item);
        others
            .into_iter()
            .any(|(_, other)| same(other, &torrents[item]))
    }
}

impl Stage for Job<'_> {
    fn is_protected(&self, item: usize) -> bool {
        self.protected[item]
    }

    fn has_enough(&self, _rule: usize) -> bool {
        false
    }

    fn matches(&mut self, rule: usize, item: usize) -> bool {
        let (player, torrent) = (&self.acting[rule], &self.view.torrents[item]);
        let hash = hash(torrent);
        // A real torrent shows that it is stopped or limited; the torrents of the lines never change.
        let is_done = match deed(player.object) {
            Deed::Limit(_) => self.play.limited.contains(&hash),
            Deed::Pause => self.play.paused.contains(&hash),
            Deed::Delete { .. } => false,
        };
        if is_done || self.view.outcome(player, torrent) != Outcome::Yes {
            return false;
        }
        let since = self.play.timers.get(&(rule, hash)).copied();
        player
            .rule
            .hold_for
            .is_none_or(|hold_for| timers::has_held(since, worker::time(self.now), hold_for))
    }

    fn act(&mut self, rule: usize, item: usize) -> Next {
        let object = self.acting[rule].object;
        let alias = object.text("alias").unwrap_or_default();
        let hash = hash(&self.view.torrents[item]);
        self.note(json!({"do": "reannounce", "hash": hash}));
        let mut files = true;
        match deed(object) {
            Deed::Limit(speed) => {
                self.play.limited.insert(hash.clone());
                self.note(json!({"do": "limit", "hash": hash, "type": "download", "speed": speed}));
            }
            Deed::Pause => {
                self.play.paused.insert(hash.clone());
                self.note(json!({"do": "pause", "hash": hash}));
            }
            Deed::Delete { keeps_files } => {
                files = !keeps_files && !self.has_twin(item);
                self.note(json!({"do": "delete", "hash": hash, "files": files}));
                if self.failing.contains(&hash) {
                    self.note(json!({"do": "notify_error", "hash": hash, "rule": alias}));
                    return Next::Continue;
                }
                self.play.deleted.insert(hash.clone());
            }
        }
        self.note(json!({"do": "notify", "hash": hash, "rule": alias, "files": files}));
        // What was left behind has to be seen before more is done.
        if files { Next::Continue } else { Next::EndRun }
    }
}
