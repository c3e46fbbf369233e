//! What is wrong with a rule as written: the place within its conditions, what was found, what belongs there.

use std::fmt;

/// One mistake; several are collected so that a user sees all of them at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where, seen from the conditions: `[1].value`, `[0].any[2].compareType`; empty for the whole.
    pub path: String,
    /// What stands there, quoted.
    pub found: String,
    /// What belongs there.
    pub expected: String,
    /// What to do, when that is not obvious from what is expected.
    pub advice: Option<String>,
}

impl Mistake {
    /// A mistake at `path`.
    pub fn new(path: &str, found: impl Into<String>, expected: impl Into<String>) -> Mistake {
        Mistake {
            path: path.to_owned(),
            found: found.into(),
            expected: expected.into(),
            advice: None,
        }
    }

    /// The same with a sentence of advice.
    pub fn advise(mut self, advice: impl Into<String>) -> Mistake {
        self.advice = Some(advice.into());
        self
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "found {}, expected {}", self.found, self.expected)?;
        match &self.advice {
            Some(advice) => write!(f, " ({advice})"),
            None => Ok(()),
        }
    }
}
