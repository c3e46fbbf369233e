//! What JavaScript rules answered: an input of the decision, so that it stays a plain function.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::condition::Outcome;
use crate::core::model::ItemId;

/// The answers of one cycle and account, by the name of the rule.
pub type Answers = BTreeMap<String, Answer>;

/// What one rule answered about the items that it was asked about.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// The items that it matches.
    pub matched: BTreeSet<ItemId>,
    /// The items about which it has no answer.
    pub failed: Failed,
    /// The items of which it read a field that was not sent.
    pub unsent: BTreeSet<ItemId>,
    /// The first such field.
    pub unsent_field: Option<String>,
    /// The items of which it read the tracker, where the list names none.
    pub no_tracker: BTreeSet<ItemId>,
    /// The first failure, to be logged once per cycle.
    pub failure: Option<Failure>,
    /// What it logged.
    pub log: Vec<LogLine>,
}

/// Items about which a rule has no answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Failed {
    /// It has an answer for each.
    #[default]
    Nothing,
    /// These.
    Items(BTreeSet<ItemId>),
    /// It could not be asked at all.
    Everything,
}

/// Why a rule has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What happened, and what to do where that is known.
    pub message: String,
    /// The line of the rule's text, from 1.
    pub line: Option<u32>,
    /// The item it happened with first.
    pub item: Option<ItemId>,
}

/// One line that a rule wrote by `logger` or `console`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    /// The text, without the secret parts of addresses.
    pub text: String,
}

impl Answer {
    /// An answer that says only why there is none.
    pub fn failed(message: impl Into<String>) -> Answer {
        Answer {
            failed: Failed::Everything,
            failure: Some(Failure {
                message: message.into(),
                line: None,
                item: None,
            }),
            ..Answer::default()
        }
    }

    /// The answer about one item.
    pub fn outcome(&self, item: &ItemId) -> Outcome {
        let has_failed = match &self.failed {
            Failed::Nothing => false,
            Failed::Items(items) => items.contains(item),
            Failed::Everything => true,
        };
        if has_failed {
            Outcome::Error
        } else if self.matched.contains(item) {
            Outcome::Yes
        } else {
            Outcome::No
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(line) = self.line {
            write!(f, " (line {line})")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_item_is_an_error_whatever_else_was_said() {
        let id = |text: &str| ItemId::from(text);
        let answer = Answer {
            matched: BTreeSet::from([id("a"), id("b")]),
            failed: Failed::Items(BTreeSet::from([id("b")])),
            ..Answer::default()
        };
        assert_eq!(answer.outcome(&id("a")), Outcome::Yes);
        assert_eq!(answer.outcome(&id("b")), Outcome::Error);
        assert_eq!(answer.outcome(&id("c")), Outcome::No);
        assert_eq!(Answer::failed("x").outcome(&id("a")), Outcome::Error);
    }
}
