//! Evidence: how facts are held. A value is only as good as where it comes from and when it was read, so:
//!
//! - a question with yes or no is a [`Fact`]; any other value that may be unknown is a `Result<_, Unknown>`, or the
//!   rules' `Value::Unknown`;
//! - why a thing is not known is an [`Unknown`], of a closed list of kinds; its text is what users see;
//! - a value that our own actions can outdate is a [`Dated`], asked with [`Dated::since`]; the ledger knows our last
//!   [`Doing`] ([`crate::core::ledger::Book::last_doing`]).

use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;
use std::fmt;

/// What is known about a question. Unknown never counts and never deletes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// Nobody can say, and why.
    Unknown(Unknown),
}

/// Why something is not known. The texts are shown to users and hold no secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// The server did not send it ("this server does not list the seeding time").
    NotSent(Cow<'static, str>),
    /// What was read may be from before something that we did ourselves.
    Outdated(Doing),
    /// The source cannot show it, whatever it says (link counts on some file systems, free space that does not grow).
    NotShown(Cow<'static, str>),
    /// It was not read, or not completely ("/srv/x: permission denied").
    NotRead(Cow<'static, str>),
    /// It was read, and the source itself has no answer (a tracker that was not asked yet).
    NoAnswer(Cow<'static, str>),
}

/// Something that we did, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Doing {
    /// When it was done, or last may have been.
    pub at: Timestamp,
    /// What.
    pub what: Deed,
}

/// What we can do to an item or to its disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// A deletion that was sent, whatever came of it.
    Deletion,
    /// A safe recheck, or a step of one.
    Recheck,
    /// A tracker was taken off.
    TrackerRemoval,
    /// It was brought back.
    Restore,
}

/// A value with the time as of which it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dated<T> {
    /// The value shows at least what was so at this time.
    pub at: Timestamp,
    /// The value.
    pub value: T,
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

impl Unknown {
    /// The server did not send it.
    pub fn not_sent(text: impl Into<Cow<'static, str>>) -> Unknown {
        Unknown::NotSent(text.into())
    }

    /// The source cannot show it.
    pub fn not_shown(text: impl Into<Cow<'static, str>>) -> Unknown {
        Unknown::NotShown(text.into())
    }

    /// It was not read, or not completely.
    pub fn not_read(text: impl Into<Cow<'static, str>>) -> Unknown {
        Unknown::NotRead(text.into())
    }

    /// The source has no answer.
    pub fn no_answer(text: impl Into<Cow<'static, str>>) -> Unknown {
        Unknown::NoAnswer(text.into())
    }
}

impl<T> Dated<T> {
    /// The value, if it was read at least `settles` after what we did last: that long a source may go on showing what
    /// was so before.
    ///
    /// # Errors
    /// It may be older than our own doing.
    pub fn since(&self, last: Option<Doing>, settles: SignedDuration) -> Result<&T, Unknown> {
        match last {
            Some(doing) if self.at.duration_since(doing.at) < settles => {
                Err(Unknown::Outdated(doing))
            }
            Some(_) | None => Ok(&self.value),
        }
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

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unknown::NotSent(text)
            | Unknown::NotShown(text)
            | Unknown::NotRead(text)
            | Unknown::NoAnswer(text) => f.write_str(text),
            Unknown::Outdated(Doing { at, what }) => {
                let at = Timestamp::from_second(at.as_second()).unwrap_or(*at);
                write!(f, "it may have been read before our {what} of {at}")
            }
        }
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Deed::Deletion => "deletion",
            Deed::Recheck => "recheck",
            Deed::TrackerRemoval => "removal of a tracker",
            Deed::Restore => "restore",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    /// Read so many seconds after a deletion that shows after ten.
    #[track_caller]
    fn check(seconds: i64, counts: bool) {
        let read = Dated {
            at: at(seconds),
            value: 7,
        };
        let deletion = Doing {
            at: at(0),
            what: Deed::Deletion,
        };
        let got = read.since(Some(deletion), SignedDuration::from_secs(10));
        let expected = if counts {
            Ok(&7)
        } else {
            Err(Unknown::Outdated(deletion))
        };
        assert_eq!(got, expected, "{seconds}");
    }

    #[test]
    fn value_counts_once_our_doing_has_had_its_time_to_show() {
        check(-5, false);
        check(0, false);
        check(9, false);
        check(10, true);
        let never = Dated {
            at: at(0),
            value: 7,
        };
        assert_eq!(never.since(None, SignedDuration::from_secs(10)), Ok(&7));
    }

    #[test]
    fn unknown_says_what_we_did_and_when() {
        let deletion = Doing {
            at: at(0),
            what: Deed::Deletion,
        };
        let fact = Fact::Unknown(Unknown::Outdated(deletion));
        assert_eq!(
            fact.to_string(),
            "unknown: it may have been read before our deletion of 2027-01-15T08:00:00Z"
        );
    }
}
