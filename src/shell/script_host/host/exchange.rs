//! One question to the worker and its answers, up to the rule that hung.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use super::ScriptHost;
use crate::core::model::ItemId;
use crate::core::rules::script::{Answer, Failed, Failure, LogLine};
use crate::shell::script_host::message::{Explain, Explained, Judge, Judged, answer, ask};
use crate::shell::script_host::worker::longest_call;

/// The worker reports at least this often while rules run; it is given this much more before it counts as stuck.
const GRACE: Duration = Duration::from_secs(2);

/// The first rule that hung, and the answers before it.
pub(super) struct Stuck {
    pub rule: Option<usize>,
    pub error: io::Error,
}

impl ScriptHost {
    /// Asks, and takes the answers of the rules one by one, so that those before a rule that hangs are kept.
    pub(super) async fn exchange(
        &mut self,
        judge: &Judge,
        judged: &mut Vec<Judged>,
    ) -> Result<(), Stuck> {
        let patience = self.patience();
        let worker = self.worker.as_mut().ok_or_else(gone)?;
        let mut rule = None;
        let stuck = |rule| move |error: io::Error| Stuck { rule, error };
        worker.ask(ask::JUDGE, judge).await.map_err(stuck(rule))?;
        loop {
            let (kind, content) = worker.answer(patience).await.map_err(stuck(rule))?;
            match kind {
                answer::STARTED => rule = started(&content),
                answer::JUDGED => judged.push(parse(&content).map_err(stuck(rule))?),
                answer::DONE => return Ok(()),
                _ => return Err(unexpected(rule)),
            }
        }
    }

    /// Asks one rule about one item.
    pub(super) async fn exchange_explain(&mut self, explain: &Explain) -> Result<Explained, Stuck> {
        let patience = self.patience();
        let worker = self.worker.as_mut().ok_or_else(gone)?;
        let rule = Some(explain.rule);
        let stuck = |error: io::Error| Stuck { rule, error };
        worker.ask(ask::EXPLAIN, explain).await.map_err(stuck)?;
        loop {
            let (kind, content) = worker.answer(patience).await.map_err(stuck)?;
            match kind {
                answer::STARTED => {}
                answer::EXPLAINED => return parse(&content).map_err(stuck),
                _ => return Err(unexpected(rule)),
            }
        }
    }

    /// How long the worker may be silent.
    fn patience(&self) -> Duration {
        longest_call(&self.limits) + GRACE
    }
}

/// What the worker wrote.
pub(super) fn parse<T: serde::de::DeserializeOwned>(content: &[u8]) -> io::Result<T> {
    serde_json::from_slice(content).map_err(io::Error::other)
}

fn started(content: &[u8]) -> Option<usize> {
    let index: [u8; 4] = content.try_into().ok()?;
    Some(u32::from_le_bytes(index) as usize)
}

fn gone() -> Stuck {
    Stuck {
        rule: None,
        error: io::ErrorKind::BrokenPipe.into(),
    }
}

fn unexpected(rule: Option<usize>) -> Stuck {
    Stuck {
        rule,
        error: io::Error::other("an unexpected answer"),
    }
}

/// The answer as rules' callers know it.
pub(super) fn answer_of(judged: Judged) -> Answer {
    let Judged {
        rule: _,
        matched,
        failed,
        unsent,
        unsent_field,
        no_tracker,
        all_failed,
        message,
        line,
        item,
        log,
    } = judged;
    let ids = |ids: Vec<String>| ids.into_iter().map(ItemId::from).collect::<BTreeSet<_>>();
    Answer {
        matched: ids(matched),
        failed: match (all_failed, failed.is_empty()) {
            (true, _) => Failed::Everything,
            (false, true) => Failed::Nothing,
            (false, false) => Failed::Items(ids(failed)),
        },
        unsent: ids(unsent),
        unsent_field,
        no_tracker: ids(no_tracker),
        failure: message.map(|message| Failure {
            message,
            line,
            item: item.map(ItemId::from),
        }),
        log: log
            .into_iter()
            .map(|(level, text)| LogLine { level, text })
            .collect(),
    }
}
