//! A fact is yes, no or unknown, and unknown carries the reason.

use std::fmt;

/// What is known about a question. Unknown never counts and never deletes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// Nobody can say, and why ("files not readable at /srv/x").
    Unknown(String),
}

impl Fact {
    /// Yes for true, no for false.
    pub fn known(holds: bool) -> Fact {
        if holds { Fact::Yes } else { Fact::No }
    }

    /// Whether it certainly holds.
    pub fn is_yes(&self) -> bool {
        matches!(self, Fact::Yes)
    }

    /// Whether it certainly does not hold.
    pub fn is_no(&self) -> bool {
        matches!(self, Fact::No)
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fact::Yes => f.write_str("yes"),
            Fact::No => f.write_str("no"),
            Fact::Unknown(why) => write!(f, "unknown: {why}"),
        }
    }
}
