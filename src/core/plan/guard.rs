//! What holds a deletion back, and why an item stays.

use super::action::Cause;
use super::words::{counted, duration_text};
use crate::core::model::ItemId;
use std::fmt;
use std::time::Duration;

/// A guard that holds a deletion back. Guards are computed once per cycle.
#[derive(Debug, Clone, PartialEq)]
pub enum Guard {
    /// Its category is protected.
    ProtectedCategory(String),
    /// One of its tags is protected.
    ProtectedTag(String),
    /// Its category or tags were not sent, and some are protected.
    LabelUnknown(&'static str),
    /// A protect rule matches.
    ProtectRule(String),
    /// A protect rule could not be judged, so it counts as matching.
    ProtectRuleUnknown {
        /// The rule.
        rule: String,
        /// Why it could not be judged.
        why: String,
    },
    /// A media library still uses its files.
    Hardlinked(String),
    /// Whether something else uses its files is unknown.
    LinksUnknown(String),
    /// It was restored and is left alone for a while.
    Restored {
        /// Time left.
        left: Duration,
    },
    /// Many items fail together.
    Outage {
        /// `account`, `tracker HOST` or `path ROOT`.
        scope: String,
        /// The ailment.
        ailment: String,
    },
    /// As many deletions as allowed in the account's cycle.
    CycleLimit(u32),
    /// As many deletions as allowed in 24 hours.
    DayLimit(u32),
    /// The daemon was away for more than three cycles: this one only counts and remedies.
    AfterGap,
    /// A deletion of it was sent and its outcome is not settled yet.
    Unsettled,
    /// Its deletion was tried and did not happen: rule cycles, which can be seconds apart, do not try again at once.
    TriedAlready {
        /// Why it did not happen.
        what: &'static str,
        /// Time until rule cycles may try again; `None`: the next full cycle does.
        left: Option<Duration>,
    },
    /// Which files it shares with other torrents is unknown.
    SharedUnknown(String),
    /// It shares files with a torrent that is deleted in this cycle; the next cycle can delete the files.
    SharedWithDeleted(String),
}

impl Guard {
    /// A stable word for logs and scripts.
    pub fn word(&self) -> &'static str {
        match self {
            Guard::ProtectedCategory(_) => "protected_category",
            Guard::ProtectedTag(_) => "protected_tag",
            Guard::LabelUnknown(_) => "label_unknown",
            Guard::ProtectRule(_) => "protect_rule",
            Guard::ProtectRuleUnknown { .. } => "protect_rule_unknown",
            Guard::Hardlinked(_) => "hardlinked",
            Guard::LinksUnknown(_) => "links_unknown",
            Guard::Restored { .. } => "restored",
            Guard::Outage { .. } => "outage",
            Guard::CycleLimit(_) => "cycle_limit",
            Guard::DayLimit(_) => "day_limit",
            Guard::AfterGap => "after_gap",
            Guard::Unsettled => "unsettled",
            Guard::TriedAlready { .. } => "tried_already",
            Guard::SharedUnknown(_) => "shared_unknown",
            Guard::SharedWithDeleted(_) => "shared_with_deleted",
        }
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Guard::ProtectedCategory(category) => write!(f, "category \"{category}\" is protected"),
            Guard::ProtectedTag(tag) => write!(f, "tag \"{tag}\" is protected"),
            Guard::LabelUnknown(what) => {
                write!(
                    f,
                    "the server does not send its {what}, which may be protected"
                )
            }
            Guard::ProtectRule(rule) => write!(f, "protect rule \"{rule}\" matches"),
            Guard::ProtectRuleUnknown { rule, why } => {
                write!(
                    f,
                    "protect rule \"{rule}\" could not be judged ({why}), so it protects"
                )
            }
            Guard::Hardlinked(what) => write!(f, "hardlinked: {what}"),
            Guard::LinksUnknown(why) => write!(f, "hardlinks unknown: {why}"),
            Guard::Restored { left } => write!(
                f,
                "restored, left alone for another {}",
                duration_text(*left)
            ),
            Guard::Outage { scope, ailment } => {
                write!(
                    f,
                    "outage: too many items {ailment} together ({scope}); `seedwarden accept` ends it"
                )
            }
            Guard::CycleLimit(limit) => write!(
                f,
                "limit of {} per cycle reached",
                counted(*limit, "deletion", "deletions")
            ),
            Guard::DayLimit(limit) => write!(
                f,
                "limit of {} per day reached",
                counted(*limit, "deletion", "deletions")
            ),
            Guard::AfterGap => {
                f.write_str("first cycle after a long gap: counts and remedies only")
            }
            Guard::Unsettled => f.write_str("an earlier deletion of it has no settled outcome yet"),
            Guard::TriedAlready { what, left: None } => {
                write!(f, "its deletion {what}; the next full cycle tries it again")
            }
            Guard::TriedAlready {
                what,
                left: Some(left),
            } => write!(
                f,
                "its deletion {what} just now; it is tried again in {} at the earliest",
                duration_text(*left)
            ),
            Guard::SharedUnknown(why) => {
                write!(f, "files shared with other torrents unknown: {why}")
            }
            Guard::SharedWithDeleted(name) => {
                write!(
                    f,
                    "shares files with \"{name}\", which goes in this cycle; it can go with its files in the next"
                )
            }
        }
    }
}

/// A deletion that would have been made.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// The item.
    pub item: ItemId,
    /// Its name.
    pub name: String,
    /// The cause that asked for it.
    pub cause: Cause,
    /// Why, with the values seen.
    pub reason: String,
    /// What held it back.
    pub guard: Guard,
}

/// An item that stays.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// The item.
    pub item: ItemId,
    /// Its name.
    pub name: String,
    /// Why nothing would delete it, the nearest cause first.
    pub reasons: Vec<KeptReason>,
}

/// Why one cause does not delete an item.
#[derive(Debug, Clone, PartialEq)]
pub enum KeptReason {
    /// Not selected, and by what.
    NotSelected(String),
    /// The ailment's sign is absent.
    Healthy,
    /// Failures below the limit.
    Failing {
        /// The ailment.
        ailment: &'static str,
        /// The sign.
        sign: String,
        /// Failures and their limit.
        failures: (u32, u32),
    },
    /// Nobody can say.
    Unknown {
        /// What was asked.
        ailment: &'static str,
        /// Why it is unknown.
        why: String,
    },
    /// Its last resort is `keep`.
    KeepsForEver(&'static str),
    /// A guard.
    Guarded(Guard),
    /// Not complete, so hardlinks and seeding time do not matter.
    Unfinished,
    /// Has not seeded long enough.
    TooYoung {
        /// Time left.
        left: Duration,
    },
    /// A rule does not match: the first condition that fails, with the value seen.
    RuleNo {
        /// The rule.
        rule: String,
        /// Why not.
        why: String,
    },
    /// A rule matches but has not done so for long enough.
    RuleWaits {
        /// The rule.
        rule: String,
        /// Time left at least.
        left: Duration,
    },
    /// A rule matches but has reached its `limit`, or its `until`.
    RuleLimit {
        /// The rule.
        rule: String,
        /// What stopped it.
        why: String,
    },
    /// Nothing in the configuration deletes items like this one.
    NothingAsks,
}

impl fmt::Display for KeptReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeptReason::NotSelected(why) => write!(f, "not selected: {why}"),
            KeptReason::Healthy => f.write_str("healthy"),
            KeptReason::Failing {
                ailment,
                sign,
                failures: (have, most),
            } => {
                write!(f, "{ailment} {have} of {most} ({sign})")
            }
            KeptReason::Unknown { ailment, why } => write!(f, "{ailment} unknown: {why}"),
            KeptReason::KeepsForEver(ailment) => {
                write!(f, "{ailment}, but its last resort is \"keep\"")
            }
            KeptReason::Guarded(guard) => guard.fmt(f),
            KeptReason::Unfinished => f.write_str("not complete"),
            KeptReason::TooYoung { left } => {
                write!(
                    f,
                    "not hardlinked, but must seed for another {}",
                    duration_text(*left)
                )
            }
            KeptReason::RuleNo { rule, why } => write!(f, "rule \"{rule}\" does not match: {why}"),
            KeptReason::RuleWaits { rule, left } => {
                write!(
                    f,
                    "rule \"{rule}\" matches, but must hold for another {}",
                    duration_text(*left)
                )
            }
            KeptReason::RuleLimit { rule, why } => write!(f, "rule \"{rule}\" matches, but {why}"),
            KeptReason::NothingAsks => {
                f.write_str("no ailment, hardlink block or rule concerns it")
            }
        }
    }
}
