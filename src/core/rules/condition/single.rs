//! One test on one item: what is seen there, and how it compares, with Vertex's results.

use std::borrow::Cow;
use std::fmt;

use super::{Compare, Explained, Outcome, Subject, Test, Unsent, Written};
use crate::core::model::{Tracker, Unknown};
use crate::core::rules::key::Key;
use crate::core::rules::value::{Value, text_of};

/// What is seen of a field that the server did not send, where that makes the answer unknown.
const NOT_SENT: Value<'static> = Value::Unknown(Unknown::NotSent(Cow::Borrowed(
    "the server does not send it",
)));

impl Test {
    /// What the test sees of the subject, and how it comes out.
    pub(super) fn look<'s>(
        &self,
        subject: &'s impl Subject,
        unsent: Unsent,
    ) -> (Value<'s>, Outcome) {
        let value = subject.value(self.key);
        let outcome = self.judge(&value);
        let is_settled = match unsent {
            Unsent::IsUndefined => self.key.is_vertex(),
            Unsent::MatchesNothing => self.key.is_vertex() && outcome != Outcome::Yes,
            Unsent::IsUnknown => false,
        };
        if is_settled || outcome == Outcome::Unknown || subject.is_sent(self.key) {
            (value, outcome)
        } else {
            (NOT_SENT, Outcome::Unknown)
        }
    }

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

    pub(super) fn explain(&self, subject: &impl Subject, unsent: Unsent) -> Explained {
        let (value, outcome) = self.look(subject, unsent);
        Explained {
            condition: self.to_string(),
            seen: Some(shown(self.key, &value)),
            outcome,
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
