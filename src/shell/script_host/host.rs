//! The daemon's side: keeps a worker running, knows which data it holds, and finds the rule that made it hang.

mod exchange;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use super::feed::{Effect, Feed};
use super::message::{
    Explain, Explained, Judge, Limits, Load, Loaded, Source, SyntaxMistake, answer, ask,
};
use super::process::Process;
use crate::core::model::ItemId;
use crate::core::rules::script::{Answer, Answers};
use exchange::{Stuck, answer_of, parse};

/// Loading is a matter of milliseconds; a busy machine is given time.
const LOADING: Duration = Duration::from_secs(20);

/// The worker process and what is known of it.
pub struct ScriptHost {
    program: PathBuf,
    zone: String,
    limits: Limits,
    rules: Vec<Source>,
    worker: Option<Process>,
    /// Accounts of which the worker holds complete data.
    fed: BTreeSet<String>,
    /// Accounts of which the worker was told that a full listing follows.
    begun: BTreeSet<String>,
    /// Rules that made a worker hang or die, and how; they are not asked again until rules are loaded anew.
    suspended: BTreeMap<usize, String>,
}

/// What a rule says about one item, with the value that it returned.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The answer and the log.
    pub answer: Answer,
    /// The returned value as text; objects as JSON.
    pub returned: String,
}

impl ScriptHost {
    /// A host without rules; no process is started before there are any. `program` is this binary
    /// (`/proc/self/exe`), `zone` the IANA name of the time zone that rules live in; empty for the system's, which need
    /// not have a name.
    pub fn new(program: impl Into<PathBuf>, zone: impl Into<String>, limits: Limits) -> ScriptHost {
        ScriptHost {
            program: program.into(),
            zone: zone.into(),
            limits,
            rules: Vec::new(),
            worker: None,
            fed: BTreeSet::new(),
            begun: BTreeSet::new(),
            suspended: BTreeMap::new(),
        }
    }

    /// Whether rules can be used, without keeping them: for the check of a configuration.
    pub async fn check(
        program: impl Into<PathBuf>,
        rules: Vec<Source>,
    ) -> io::Result<Vec<SyntaxMistake>> {
        let mut host = ScriptHost::new(program, "UTC", Limits::default());
        let mistakes = host.load(rules).await;
        host.stop().await;
        mistakes
    }

    /// Loads rules in place of those before. The mistakes are those of the rules; the error is ours.
    pub async fn load(&mut self, rules: Vec<Source>) -> io::Result<Vec<SyntaxMistake>> {
        self.rules = rules;
        self.suspended.clear();
        self.stop().await;
        if self.rules.is_empty() {
            return Ok(Vec::new());
        }
        self.start().await
    }

    /// Whether any rule's text has this word in it; decides what is worth fetching for rules.
    pub fn mentions(&self, word: &str) -> bool {
        self.rules.iter().any(|rule| rule.text.contains(word))
    }

    /// Whether there are rules to feed.
    pub fn has_rules(&self) -> bool {
        !self.rules.is_empty()
    }

    /// Whether the worker holds complete data of the account; if not, it needs a full feed.
    pub fn has_data(&self, account: &str) -> bool {
        self.fed.contains(account)
    }

    /// The worker's process id, for its memory to be shown.
    pub fn worker_id(&self) -> Option<u32> {
        self.worker.as_ref().and_then(Process::id)
    }

    /// Lets a feed pass on what it is given at once instead of keeping it until [`ScriptHost::send`], which is
    /// still needed at its end. A feed of changes to data that the worker does not hold stays as it is.
    pub fn live(&mut self, mut feed: Feed) -> Feed {
        let is_usable = feed.effect != Effect::Same || self.has_data(&feed.account);
        if let Some(worker) = self.worker.as_ref().filter(|_| is_usable) {
            if std::mem::take(&mut feed.begins) {
                self.fed.remove(&feed.account);
                self.begun.insert(feed.account.clone());
            }
            feed.sink = Some(worker.sink());
        }
        feed
    }

    /// Sends what waits in a feed. A worker that is gone is started anew, and then holds no data.
    pub async fn send(&mut self, feed: &mut Feed) -> io::Result<()> {
        let bytes = feed.take();
        let begins = std::mem::take(&mut feed.begins);
        if self.rules.is_empty() {
            return Ok(());
        }
        if self.worker.is_none() {
            self.start().await?;
        }
        if begins {
            self.begun.insert(feed.account.clone());
        } else if feed.effect != Effect::Same && !self.begun.contains(&feed.account) {
            return Err(io::Error::other(
                "the rule worker was started anew in the middle of a listing",
            ));
        }
        let is_usable = feed.effect != Effect::Same || self.has_data(&feed.account);
        let Some(worker) = self.worker.as_mut().filter(|_| is_usable) else {
            return Ok(());
        };
        if let Err(error) = worker.send(bytes).await {
            self.stop().await;
            return Err(error);
        }
        match feed.effect {
            Effect::Same => {}
            Effect::Partial => {
                self.fed.remove(&feed.account);
            }
            Effect::Complete => {
                self.fed.insert(feed.account.clone());
            }
        }
        Ok(())
    }

    /// Asks rules (by name) about all items of an account, or about some, at the cycle's time. There is an answer for
    /// each rule: where the worker hung, had no data or was ended, it says so.
    pub async fn judge(
        &mut self,
        account: &str,
        now: Timestamp,
        rules: &[&str],
        items: Option<&[ItemId]>,
    ) -> Answers {
        let mut answers = Answers::new();
        let mut asked = Vec::new();
        for name in rules {
            match self.askable(account, name) {
                Ok(index) => asked.push(index),
                Err(message) => {
                    answers.insert((*name).to_owned(), Answer::failed(message));
                }
            }
        }
        if asked.is_empty() {
            return answers;
        }
        let judge = Judge {
            account: account.to_owned(),
            now_ms: now.as_millisecond(),
            rules: asked.clone(),
            items: items.map(|items| items.iter().map(ItemId::to_string).collect()),
        };
        let mut judged = Vec::new();
        let outcome = self.exchange(&judge, &mut judged).await;
        for judged in judged {
            asked.retain(|index| *index != judged.rule);
            answers.insert(self.rules[judged.rule].name.clone(), answer_of(judged));
        }
        if let Err(stuck) = outcome {
            let message = self.suspend(&stuck).await;
            for index in asked {
                let own = self.suspended.get(&index).unwrap_or(&message);
                answers.insert(self.rules[index].name.clone(), Answer::failed(own.clone()));
            }
        }
        answers
    }

    /// Asks one rule about one item, and what it returned.
    pub async fn explain(
        &mut self,
        account: &str,
        now: Timestamp,
        rule: &str,
        item: &ItemId,
    ) -> Explanation {
        let failed = |message: String| Explanation {
            answer: Answer::failed(message),
            returned: String::new(),
        };
        let index = match self.askable(account, rule) {
            Ok(index) => index,
            Err(message) => return failed(message),
        };
        let explain = Explain {
            account: account.to_owned(),
            now_ms: now.as_millisecond(),
            rule: index,
            item: item.to_string(),
        };
        match self.exchange_explain(&explain).await {
            Ok(Explained { judged, returned }) => Explanation {
                answer: answer_of(judged),
                returned,
            },
            Err(stuck) => failed(self.suspend(&stuck).await),
        }
    }

    /// The index of a rule that can be asked now, or why it cannot.
    fn askable(&self, account: &str, name: &str) -> Result<usize, String> {
        let index = self.rules.iter().position(|rule| rule.name == name);
        let index = index.ok_or_else(|| format!("rule {name:?} is not loaded"))?;
        if let Some(message) = self.suspended.get(&index) {
            return Err(message.clone());
        }
        if !self.has_data(account) {
            return Err("the rule worker holds no data of this account; it gets it with the next full listing".to_owned());
        }
        Ok(index)
    }

    /// Ends the worker after it hung or died; what is to be said about it.
    async fn suspend(&mut self, stuck: &Stuck) -> String {
        self.stop().await;
        let how = match stuck.error.kind() {
            io::ErrorKind::TimedOut => {
                "hung in a function of the engine that cannot be interrupted".to_owned()
            }
            io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => {
                "brought the rule worker down".to_owned()
            }
            _ => format!("brought the rule worker down ({})", stuck.error),
        };
        match stuck.rule {
            Some(index) => {
                let message = format!(
                    "the rule {how}; it is not asked again until the configuration is loaded anew"
                );
                self.suspended.insert(index, message);
                let name = self.rules.get(index).map_or("", |rule| rule.name.as_str());
                format!(
                    "the rule worker was ended because of rule {name:?}; this rule is judged again in the next cycle"
                )
            }
            None => {
                "the rule worker has ended; the rule is judged again in the next cycle".to_owned()
            }
        }
    }

    async fn start(&mut self) -> io::Result<Vec<SyntaxMistake>> {
        let mut worker = Process::start(&self.program, &self.zone)?;
        let load = Load {
            limits: self.limits,
            rules: self.rules.clone(),
        };
        worker.ask(ask::LOAD, &load).await?;
        let (kind, content) = worker.answer(LOADING).await?;
        if kind != answer::LOADED {
            return Err(io::Error::other("the rule worker answered something else"));
        }
        let Loaded { mistakes } = parse(&content)?;
        self.worker = Some(worker);
        Ok(mistakes)
    }

    /// Ends the worker; its data is gone with it.
    pub async fn stop(&mut self) {
        self.fed.clear();
        self.begun.clear();
        if let Some(worker) = self.worker.take() {
            worker.kill().await;
        }
    }
}
