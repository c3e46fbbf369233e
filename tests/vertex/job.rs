//! The delete job of a timeline: what a rule does to a torrent, in Vertex's order of precedence.

use seedwarden::core::rules::run::{Next, Stage};
use seedwarden::core::rules::{Outcome, timers};
use serde_json::{Value as Json, json};

use crate::lines::Object;
use crate::timeline::{Play, Player, View, hash};
use crate::worker;

pub struct Job<'a> {
    pub play: &'a mut Play,
    pub view: &'a View,
    pub acting: &'a [Player<'a>],
    pub protected: Vec<bool>,
    pub failing: &'a [String],
    pub now: i64,
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
