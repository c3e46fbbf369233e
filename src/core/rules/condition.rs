//! Conditions: a tree of tests on an item, judged with Vertex's results and with a third answer, unknown.
//! Building one from what the user wrote is in `parse`, what an item has under a key in `subject`.

use std::collections::BTreeSet;
use std::fmt;

use super::key::Key;
use super::pattern::Pattern;
use super::value::{Value, text_of};
use crate::core::model::Tracker;

/// Something that conditions can be asked about: a torrent or magnet together with its account and the time.
pub trait Subject {
    /// What it has under this key.
    fn value(&self, key: Key) -> Value<'_>;
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
        match self {
            Condition::Test(test) => test.judge(&subject.value(test.key)),
            Condition::All(parts) => all_of(parts.iter().map(|part| part.judge(subject))),
            Condition::Any(parts) => any_of(parts.iter().map(|part| part.judge(subject))),
            Condition::Not(part) => not(part.judge(subject)),
        }
    }

    /// The same answer with every part and the value it saw.
    pub fn explain(&self, subject: &impl Subject) -> Explained {
        let explain_all = |parts: &[Condition]| -> Vec<Explained> {
            parts.iter().map(|part| part.explain(subject)).collect()
        };
        let (word, parts, outcome) = match self {
            Condition::Test(test) => return test.explain(subject),
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
                let part = part.explain(subject);
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

impl Test {
    /// Whether `value` passes the test.
    fn judge(&self, value: &Value<'_>) -> Outcome {
        match value {
            Value::Unknown(_) => Outcome::Unknown,
            Value::Set(joined) => self.judge_set(joined),
            Value::Undefined | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {
                self.judge_known(value)
            }
        }
    }

    /// Vertex's comparisons, coercions included.
    fn judge_known(&self, value: &Value<'_>) -> Outcome {
        let holds = match &self.compare {
            Compare::Equals { text, number } => match value {
                Value::Text(seen) => seen == text,
                Value::Number(seen) => seen == number,
                Value::Undefined
                | Value::Null
                | Value::Bool(_)
                | Value::Set(_)
                | Value::Unknown(_) => false,
            },
            Compare::Bigger(limit) => value.to_number() > *limit,
            Compare::Smaller(limit) => value.to_number() < *limit,
            Compare::Contain(parts) | Compare::NotContain(parts) => {
                let Value::Text(seen) = value else {
                    return Outcome::Error;
                };
                let contains = parts.iter().any(|part| seen.contains(part.as_str()));
                contains == matches!(self.compare, Compare::Contain(_))
            }
            Compare::IncludeIn(parts) => is_one_of(value, parts),
            Compare::NotIncludeIn(parts) => !is_one_of(value, parts),
            Compare::RegExp(pattern) | Compare::NotRegExp(pattern) => {
                let Ok(found) = pattern.is_found_in(&value.to_text()) else {
                    return Outcome::Error;
                };
                found == matches!(self.compare, Compare::RegExp(_))
            }
            Compare::Is(wanted) => match value {
                Value::Bool(seen) => seen == wanted,
                // A server that does not send the field at all says nothing about it.
                Value::Undefined | Value::Null => return Outcome::Unknown,
                Value::Number(_) | Value::Text(_) | Value::Set(_) | Value::Unknown(_) => {
                    return Outcome::Error;
                }
            },
            Compare::SetEquals(_) => return Outcome::Error,
        };
        Outcome::from_truth(holds)
    }

    /// Sets are compared element by element; a list holds when one of its parts is an element.
    fn judge_set(&self, joined: &str) -> Outcome {
        let elements = || {
            let trimmed = joined.split(',').map(str::trim);
            trimmed.filter(|element| !element.is_empty())
        };
        let has_one_of = |parts: &[String]| elements().any(|element| contains(parts, element));
        let holds = match &self.compare {
            Compare::Contain(parts) | Compare::IncludeIn(parts) => has_one_of(parts),
            Compare::NotContain(parts) | Compare::NotIncludeIn(parts) => !has_one_of(parts),
            Compare::SetEquals(wanted) => {
                elements().all(|element| contains(wanted, element))
                    && wanted
                        .iter()
                        .all(|part| elements().any(|element| element == part))
            }
            Compare::RegExp(pattern) | Compare::NotRegExp(pattern) => {
                let mut found = false;
                for element in elements() {
                    match pattern.is_found_in(element) {
                        Ok(here) => found |= here,
                        Err(_) => return Outcome::Error,
                    }
                }
                found == matches!(self.compare, Compare::RegExp(_))
            }
            Compare::Equals { .. } | Compare::Bigger(_) | Compare::Smaller(_) | Compare::Is(_) => {
                return Outcome::Error;
            }
        };
        Outcome::from_truth(holds)
    }

    fn explain(&self, subject: &impl Subject) -> Explained {
        let value = subject.value(self.key);
        Explained {
            condition: self.to_string(),
            seen: Some(shown(self.key, &value)),
            outcome: self.judge(&value),
            parts: Vec::new(),
        }
    }
}

/// The value in words. Magnet links and texts of trackers can hold addresses with passkeys, which are left out.
fn shown(key: Key, value: &Value<'_>) -> String {
    match (key, value) {
        (Key::MagnetUri, Value::Text(link)) => {
            let head = link.split('&').next().unwrap_or_default();
            let has_hash = head.starts_with("magnet:?xt=urn:bt");
            format!("{}…", if has_hash { head } else { "magnet:?" })
        }
        (Key::TrackerStatus, Value::Text(text)) => crate::core::unregistered::shown(&Tracker {
            url: Box::default(),
            status: 0,
            updating: false,
            message: Box::from(&**text),
        }),
        _ => value.to_string(),
    }
}

/// No coercion: a number is never one of the parts.
fn is_one_of(value: &Value<'_>, parts: &[String]) -> bool {
    match value {
        Value::Text(seen) => contains(parts, seen),
        Value::Undefined
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Set(_)
        | Value::Unknown(_) => false,
    }
}

fn contains(parts: &[String], wanted: &str) -> bool {
    parts.iter().any(|part| part == wanted)
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Written {
            compare_type,
            value,
        } = &self.written;
        write!(f, "{} {compare_type} {value:?}", self.key)?;
        // A product or a unit is easier to follow with its result beside it.
        if let Compare::Bigger(number) | Compare::Smaller(number) = self.compare
            && text_of(number) != value.as_str()
        {
            write!(f, " (= {})", text_of(number))?;
        }
        Ok(())
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
