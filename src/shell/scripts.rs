//! The JavaScript rules of one account: its worker process, what it is fed, and what it answered.

use super::logging::Story;
use super::script_host::{Explanation, Feed, Limits, ScriptHost, Shape, Source};
use crate::config::policy::{AccountPolicy, RuleBody};
use crate::core::facts::Fetched;
use crate::core::model::{ItemId, Magnet, ServerState, Torrent, Tracker, Unknown, row_of};
use crate::core::rules::items::tracker_status_of;
use crate::core::rules::script::{Answer, Answers};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::collections::BTreeMap;

/// This program again: the kernel's own name for it holds also while a package is upgraded.
const THIS_PROGRAM: &str = "/proc/self/exe";

/// The server's value that holds its free space.
const FREE_SPACE: &str = "free_space_on_disk";

/// The JavaScript rules of one account. Without any, nothing is started.
pub struct Scripts {
    account: String,
    host: ScriptHost,
    sources: Vec<Source>,
    is_loaded: bool,
    answers: Answers,
    /// What was last told of a worker in trouble; it would be the same in every cycle.
    trouble: Option<String>,
}

impl Scripts {
    /// The rules of the account; no process is started yet.
    pub fn new(policy: &AccountPolicy, zone: &TimeZone) -> Scripts {
        let mut sources: Vec<Source> = Vec::new();
        for rule in policy.rules.iter().chain(&policy.protect_rules) {
            if let RuleBody::Script { source, .. } = &rule.body
                && sources.iter().all(|known| known.name != rule.name)
            {
                sources.push(Source {
                    name: rule.name.clone(),
                    text: source.clone(),
                });
            }
        }
        // A configured zone has a name; that of the system can be a copy of a file, or a formula in TZ.
        let zone = zone.iana_name().unwrap_or_default().to_owned();
        Scripts {
            account: policy.name.to_string(),
            host: ScriptHost::new(THIS_PROGRAM, zone, Limits::default()),
            sources,
            is_loaded: false,
            answers: Answers::new(),
            trouble: None,
        }
    }

    /// Whether there are any.
    pub fn are_there(&self) -> bool {
        !self.sources.is_empty()
    }

    /// What they answered last.
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// Begins a reading. Answers whether the worker holds what the last one brought; if not, it needs everything.
    pub async fn begin(&mut self) -> bool {
        if !self.is_loaded {
            match self.host.load(self.sources.clone()).await {
                Ok(mistakes) => {
                    self.is_loaded = true;
                    for mistake in mistakes {
                        let name = self
                            .sources
                            .get(mistake.rule)
                            .map_or("?", |source| &source.name);
                        self.tell(name, &mistake.message);
                    }
                }
                Err(error) => self.in_trouble(format!("the rule worker does not start: {error}")),
            }
        }
        self.host.has_data(&self.account)
    }

    /// A feed for the reading; it passes on what it is given while the answer is still arriving.
    pub fn feed(&mut self, whole: bool, shape: Shape) -> Feed {
        let feed = if whole {
            Feed::full(&self.account, shape)
        } else {
            Feed::changes(&self.account)
        };
        self.host.live(feed)
    }

    /// Ends a reading of torrents: what else changed, and that the listing is complete. Scripts see the free space that
    /// all rules see; where it is not known, the worker is told why in its place.
    pub async fn torrents_read(
        &mut self,
        mut feed: Feed,
        removed: &[ItemId],
        server: &ServerState,
        free_bytes: &Result<i64, Unknown>,
    ) {
        feed.removed(removed.iter().map(ToString::to_string).collect());
        let mut values = server.raw.clone();
        let free = match free_bytes {
            Ok(bytes) => Value::from(*bytes),
            Err(why) => Value::from(why.to_string()),
        };
        values.insert(FREE_SPACE.to_owned(), free);
        if let Ok(json) = serde_json::value::to_raw_value(&values) {
            feed.server(&json);
        }
        feed.complete();
        self.send(feed).await;
    }

    /// Feeds a whole list of magnets.
    pub async fn magnets_read(&mut self, magnets: &BTreeMap<ItemId, Magnet>) {
        let mut feed = self.feed(true, Shape::Alldebrid);
        for (id, magnet) in magnets {
            if let Some(raw) = &magnet.raw {
                feed.item(id.as_str(), &raw.to_string());
            }
        }
        feed.complete();
        self.send(feed).await;
    }

    /// What was told of a reading that failed holds all the same.
    pub async fn reading_failed(&mut self, feed: Feed) {
        self.send(feed).await;
    }

    /// Whether any rule reads the messages of trackers, which cost requests.
    pub fn read_tracker_status(&self) -> bool {
        let reads = |source: &Source| source.text.contains("trackerStatus");
        self.sources.iter().any(reads)
    }

    /// Takes over what the trackers of these torrents say. Of others the worker keeps what it was told last.
    pub async fn trackers_read(&mut self, trackers: &BTreeMap<ItemId, Fetched<Vec<Tracker>>>) {
        let status = |(id, trackers): (&ItemId, &Fetched<Vec<Tracker>>)| {
            let trackers = trackers.as_ref().ok()?;
            Some((id.to_string(), tracker_status_of(trackers)))
        };
        let mut feed = self.feed(false, Shape::Qbittorrent);
        feed.tracker_status(trackers.iter().filter_map(status).collect());
        self.send(feed).await;
    }

    /// Takes one torrent over that was read anew.
    pub async fn torrent_again(&mut self, id: &ItemId, torrent: &Torrent) {
        let mut feed = self.feed(false, Shape::Qbittorrent);
        if let Ok(row) = serde_json::to_string(&row_of(torrent)) {
            feed.item(id.as_str(), &row);
        }
        self.send(feed).await;
    }

    /// Takes one magnet over that was read anew.
    pub async fn magnet_again(&mut self, id: &ItemId, magnet: &Magnet) {
        let mut feed = self.feed(false, Shape::Alldebrid);
        if let Some(raw) = &magnet.raw {
            feed.item(id.as_str(), &raw.to_string());
        }
        self.send(feed).await;
    }

    async fn send(&mut self, mut feed: Feed) {
        match self.host.send(&mut feed).await {
            Ok(()) => self.trouble = None,
            Err(error) => self.in_trouble(format!("the rule worker cannot be fed: {error}")),
        }
    }

    fn in_trouble(&mut self, text: String) {
        if self.trouble.as_ref() != Some(&text) {
            self.tell("all", &text);
            self.trouble = Some(text);
        }
    }

    /// Asks all rules about all items.
    pub async fn judge(&mut self, now: Timestamp) {
        let names: Vec<&str> = self
            .sources
            .iter()
            .map(|source| source.name.as_str())
            .collect();
        self.answers = self.host.judge(&self.account, now, &names, None).await;
        for (name, answer) in &self.answers {
            for line in &answer.log {
                let text = format!("{}: rule {name} says: {}", self.account, line.text);
                let story = Story {
                    account: Some(&self.account),
                    rule: Some(name),
                    ..Story::default()
                };
                match line.level.as_str() {
                    "error" | "warn" => story.warn(&text),
                    "info" => story.info(&text),
                    _ => story.debug(&text),
                }
            }
        }
    }

    /// Asks all rules about one item again; the other answers stay.
    pub async fn judge_again(&mut self, now: Timestamp, id: &ItemId) {
        let names: Vec<&str> = self
            .sources
            .iter()
            .map(|source| source.name.as_str())
            .collect();
        let fresh = self
            .host
            .judge(&self.account, now, &names, Some(std::slice::from_ref(id)))
            .await;
        for (name, answer) in fresh {
            let outcome = answer.outcome(id);
            let known = self.answers.entry(name).or_default();
            *known = with(std::mem::take(known), id, outcome, answer);
        }
    }

    /// Asks one rule about one item, and what its function returned and logged. `None`: there is no such rule here.
    pub async fn explain(
        &mut self,
        now: Timestamp,
        rule: &str,
        id: &ItemId,
    ) -> Option<Explanation> {
        let is_ours = self.sources.iter().any(|source| source.name == rule);
        if !is_ours {
            return None;
        }
        Some(self.host.explain(&self.account, now, rule, id).await)
    }

    fn tell(&self, rule: &str, text: &str) {
        Story {
            account: Some(&self.account),
            rule: Some(rule),
            ..Story::default()
        }
        .error(&format!("{}: rule {rule}: {text}", self.account));
    }
}

/// An answer with the outcome of one item replaced.
fn with(
    mut known: Answer,
    id: &ItemId,
    outcome: crate::core::rules::Outcome,
    fresh: Answer,
) -> Answer {
    use crate::core::rules::Outcome;
    for (known, fresh) in [
        (&mut known.unsent, &fresh.unsent),
        (&mut known.no_tracker, &fresh.no_tracker),
    ] {
        known.remove(id);
        known.extend(fresh.get(id).cloned());
    }
    known.unsent_field = known.unsent_field.or_else(|| fresh.unsent_field.clone());
    match outcome {
        Outcome::Yes => {
            known.matched.insert(id.clone());
            known
        }
        Outcome::No => {
            known.matched.remove(id);
            known
        }
        Outcome::Unknown | Outcome::Error => fresh,
    }
}

/// Whether a rule's text can be used, asked of a worker of its own; for the loading of a configuration. Blocks for some
/// milliseconds, also inside of a runtime.
///
/// # Errors
/// What is wrong with it, with the line.
pub fn check(name: &str, text: &str) -> Result<(), String> {
    let source = Source {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let asked = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let mut host = ScriptHost::new(THIS_PROGRAM, "UTC", Limits::default());
            let mistakes = host.load(vec![source]).await;
            host.stop().await;
            mistakes
        })
    });
    let mistakes = match asked.join() {
        Ok(Ok(mistakes)) => mistakes,
        Ok(Err(error)) => return Err(format!("the rule worker does not start: {error}")),
        Err(_) => return Err("the check of the script failed".to_owned()),
    };
    match mistakes.first() {
        None => Ok(()),
        Some(mistake) => match mistake.line {
            Some(line) => Err(format!("{} (line {line})", mistake.message)),
            None => Err(mistake.message.clone()),
        },
    }
}
