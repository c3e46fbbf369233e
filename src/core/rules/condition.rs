//! Conditions: a tree of tests on an item, judged with Vertex's results and with a third answer, unknown.
//! Building one from what the user wrote is in `parse`, what an item has under a key in `subject`.

mod single;

use std::collections::BTreeSet;
use std::fmt;

use super::key::Key;
use super::pattern::Pattern;
use super::value::Value;

/// Something that conditions can be asked about: a torrent or magnet together with its account and the time.
pub trait Subject {
    /// What it has under this key.
    fn value(&self, key: Key) -> Value<'_>;

    /// Whether the server sent everything that the value under this key rests on.
    fn is_sent(&self, key: Key) -> bool;
}

/// What a field means that the server did not send. Below `not`, and for keys that Vertex does not have, it is always
/// unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsent {
    /// It is JavaScript's `undefined`, which `notIncludeIn` and some patterns match: exactly Vertex's results.
    IsUndefined,
    /// It matches nothing: for rules that act.
    MatchesNothing,
    /// Nobody can say: for rules that protect.
    IsUnknown,
}

/// The answer of a condition or rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// A fact that it needs is not known.
    Unknown,
    /// The evaluation failed, as where a list is looked for in a field that is no text.
    Error,
}

impl Outcome {
    /// The word shown to users.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Yes => "yes",
            Outcome::No => "no",
            Outcome::Unknown => "unknown",
            Outcome::Error => "error",
        }
    }

    fn from_truth(holds: bool) -> Outcome {
        if holds { Outcome::Yes } else { Outcome::No }
    }
}

/// A condition, checked when it was built.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// One test of one key.
    Test(Test),
    /// Holds when all parts do; an empty list never does (as Vertex has it).
    All(Vec<Condition>),
    /// Holds when at least one part does.
    Any(Vec<Condition>),
    /// Holds when the part is known not to.
    Not(Box<Condition>),
}

/// One test: a key, how to compare, and with what.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    pub(super) key: Key,
    pub(super) compare: Compare,
    /// The compare type and the value as the user wrote them.
    pub(super) written: Written,
}

/// A test in the words of the user.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Written {
    pub(super) compare_type: &'static str,
    pub(super) value: String,
}

/// A comparison, with everything converted that can be when it is loaded.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Compare {
    /// The identical text, or the same number.
    Equals {
        text: String,
        number: f64,
    },
    Bigger(f64),
    Smaller(f64),
    /// At least one part is a substring.
    Contain(Vec<String>),
    NotContain(Vec<String>),
    /// The value is one of the parts.
    IncludeIn(Vec<String>),
    NotIncludeIn(Vec<String>),
    RegExp(Pattern),
    NotRegExp(Pattern),
    /// A flag has this value.
    Is(bool),
    /// The elements are exactly these (sorted).
    SetEquals(Vec<String>),
}

/// A condition with the value seen and the outcome, as `plan` and `explain` show it.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The condition in words, or `all`, `any`, `not`.
    pub condition: String,
    /// The value seen, for a test.
    pub seen: Option<String>,
    /// How it came out. For a part that did not matter any more it is what it would have been.
    pub outcome: Outcome,
    /// The parts of `all`, `any`, `not`.
    pub parts: Vec<Explained>,
}

impl Condition {
    /// Whether the condition holds for this item.
    ///
    /// `all` goes in order, as Vertex does: a part that does not hold ends it, and so does an error. A part that is
    /// unknown does not, because a later one may settle the answer.
    pub fn judge(&self, subject: &impl Subject) -> Outcome {
        self.judge_as(subject, Unsent::IsUndefined)
    }

    /// The same, where a field that was not sent means this.
    pub fn judge_as(&self, subject: &impl Subject, unsent: Unsent) -> Outcome {
        match self {
            Condition::Test(test) => test.look(subject, unsent).1,
            Condition::All(parts) => {
                all_of(parts.iter().map(|part| part.judge_as(subject, unsent)))
            }
            Condition::Any(parts) => {
                any_of(parts.iter().map(|part| part.judge_as(subject, unsent)))
            }
            Condition::Not(part) => not(part.judge_as(subject, Unsent::IsUnknown)),
        }
    }

    /// The answer of [`Condition::judge_as`] with every part and the value it saw.
    pub fn explain(&self, subject: &impl Subject, unsent: Unsent) -> Explained {
        let explain_all = |parts: &[Condition]| -> Vec<Explained> {
            parts
                .iter()
                .map(|part| part.explain(subject, unsent))
                .collect()
        };
        let (word, parts, outcome) = match self {
            Condition::Test(test) => return test.explain(subject, unsent),
            Condition::All(parts) => {
                let parts = explain_all(parts);
                let outcome = all_of(parts.iter().map(|part| part.outcome));
                ("all", parts, outcome)
            }
            Condition::Any(parts) => {
                let parts = explain_all(parts);
                let outcome = any_of(parts.iter().map(|part| part.outcome));
                ("any", parts, outcome)
            }
            Condition::Not(part) => {
                let part = part.explain(subject, Unsent::IsUnknown);
                let outcome = not(part.outcome);
                ("not", vec![part], outcome)
            }
        };
        Explained {
            condition: word.to_owned(),
            seen: None,
            outcome,
            parts,
        }
    }

    /// Every key that the condition can ask for.
    pub fn keys(&self) -> BTreeSet<Key> {
        let mut keys = BTreeSet::new();
        self.collect_keys(&mut keys);
        keys
    }

    fn collect_keys(&self, keys: &mut BTreeSet<Key>) {
        match self {
            Condition::Test(test) => {
                keys.insert(test.key);
            }
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().for_each(|part| part.collect_keys(keys));
            }
            Condition::Not(part) => part.collect_keys(keys),
        }
    }
}

fn all_of(parts: impl ExactSizeIterator<Item = Outcome>) -> Outcome {
    let mut answer = if parts.len() == 0 {
        Outcome::No
    } else {
        Outcome::Yes
    };
    for outcome in parts {
        match outcome {
            Outcome::Yes => {}
            Outcome::Unknown => answer = Outcome::Unknown,
            Outcome::No | Outcome::Error => return outcome,
        }
    }
    answer
}

/// One part that holds settles it; without one, an error weighs more than unknown.
fn any_of(parts: impl Iterator<Item = Outcome>) -> Outcome {
    let mut answer = Outcome::No;
    for outcome in parts {
        match outcome {
            Outcome::Yes => return Outcome::Yes,
            Outcome::Error => answer = Outcome::Error,
            Outcome::Unknown if answer == Outcome::No => answer = Outcome::Unknown,
            Outcome::No | Outcome::Unknown => {}
        }
    }
    answer
}

fn not(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Yes => Outcome::No,
        Outcome::No => Outcome::Yes,
        Outcome::Unknown | Outcome::Error => outcome,
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, parts) = match self {
            Condition::Test(test) => return write!(f, "{test}"),
            Condition::Not(part) => return write!(f, "not ({part})"),
            Condition::All(parts) => (" and ", parts),
            Condition::Any(parts) => (" or ", parts),
        };
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                f.write_str(word)?;
            }
            match part {
                Condition::All(_) | Condition::Any(_) => write!(f, "({part})")?,
                Condition::Test(_) | Condition::Not(_) => write!(f, "{part}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
