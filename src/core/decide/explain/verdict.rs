//! What a cycle would do with one item, and what would have to change for it to be otherwise.

use crate::core::model::ItemId;
use crate::core::plan::{Guard, KeptReason, Plan, duration_text};
use serde::Serialize;

/// The verdict on one item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// `delete`, `held`, `act` or `stay`.
    pub word: &'static str,
    /// What would be done and why, a sentence each.
    pub because: Vec<String>,
    /// What would have to change.
    pub otherwise: Vec<String>,
}

impl Verdict {
    /// The verdict that a plan holds for this item.
    pub fn of(plan: &Plan, id: &ItemId) -> Verdict {
        if let Some(deletion) = plan.deletions.iter().find(|deletion| deletion.item == *id) {
            let files = match (id.is_magnet(), deletion.delete_files) {
                (true, _) => "",
                (false, true) => " with its files",
                (false, false) => ", its files stay",
            };
            let (cause, reason) = (&deletion.cause, &deletion.reason);
            let mut because = vec![format!("deleted{files}: {cause}: {reason}")];
            because.extend(
                deletion
                    .files_kept_because
                    .iter()
                    .map(|why| format!("files stay: {why}")),
            );
            return Verdict {
                word: "delete",
                because,
                otherwise: vec![
                    "it stays if the cause no longer holds when it is looked at again right before, or if you protect it (protect.tags, protect.categories, protect.rules)".to_owned(),
                ],
            };
        }
        if let Some(held) = plan.held.iter().find(|held| held.item == *id) {
            return Verdict {
                word: "held",
                because: vec![
                    format!("{}: {}", held.cause, held.reason),
                    format!("held back: {}", held.guard),
                ],
                otherwise: vec![past_guard(&held.guard)],
            };
        }
        let done = actions(plan, id);
        let kept = plan.kept.iter().find(|kept| kept.item == *id);
        let reasons = kept.map(|kept| kept.reasons.as_slice()).unwrap_or_default();
        let mut otherwise: Vec<String> = Vec::new();
        for text in reasons.iter().filter_map(otherwise_of) {
            if !otherwise.contains(&text) {
                otherwise.push(text);
            }
        }
        let because = match (&done[..], kept) {
            ([], Some(kept)) => vec![kept.why()],
            ([], None) => vec!["nothing concerns it".to_owned()],
            (done, _) => done.to_vec(),
        };
        Verdict {
            word: if done.is_empty() { "stay" } else { "act" },
            because,
            otherwise,
        }
    }
}

/// What is done to it besides deleting.
fn actions(plan: &Plan, id: &ItemId) -> Vec<String> {
    let remedies = plan
        .remedies
        .iter()
        .filter(|remedy| remedy.item == *id)
        .map(|remedy| {
            let (have, most) = remedy.failures;
            let (kind, ailment, sign) = (remedy.kind.word(), remedy.ailment, &remedy.sign);
            format!("{kind}: {ailment} {have} of {most} ({sign})")
        });
    let removals = plan
        .tracker_removals
        .iter()
        .filter(|removal| removal.item == *id);
    let removals =
        removals.map(|removal| format!("tracker {} is removed: {}", removal.host, removal.reason));
    let changes = plan.changes.iter().filter(|change| change.item == *id);
    let changes =
        changes.map(|change| format!("{}: rule {}: {}", change.kind, change.rule, change.reason));
    remedies.chain(removals).chain(changes).collect()
}

fn past_guard(guard: &Guard) -> String {
    match guard {
        Guard::ProtectedCategory(_) => "it goes once its category is not protected".to_owned(),
        Guard::ProtectedTag(_) => "it goes once it does not have that tag".to_owned(),
        Guard::LabelUnknown(what) => format!("it can go only when its {what} is known"),
        Guard::ProtectRule(rule) => format!("it goes once protect rule \"{rule}\" does not match"),
        Guard::ProtectRuleUnknown { rule, .. } => {
            format!("it can go only when protect rule \"{rule}\" can be judged")
        }
        Guard::Hardlinked(_) => {
            "it goes once nothing outside of torrents links its files".to_owned()
        }
        Guard::LinksUnknown(_) => "it can go only when its files can be seen".to_owned(),
        Guard::Restored { left } => {
            format!("it is left alone for another {}", duration_text(*left))
        }
        Guard::Outage { .. } => {
            "it counts when the outage has ended, by itself or by `seedwarden accept`".to_owned()
        }
        Guard::CycleLimit(_) => "it goes in a later cycle (limits.deletions_per_cycle)".to_owned(),
        Guard::DayLimit(_) => "it goes on a later day (limits.deletions_per_day)".to_owned(),
        Guard::AfterGap => "it can go in the next cycle".to_owned(),
        Guard::Unsettled => "the next complete listing settles it".to_owned(),
        Guard::TriedAlready { left: None, .. } => "the next full cycle tries it again".to_owned(),
        Guard::TriedAlready {
            left: Some(left), ..
        } => format!("it is tried again in {}", duration_text(*left)),
        Guard::SharedUnknown(_) => {
            "it can go only when it is known which files other torrents hold".to_owned()
        }
        Guard::SharedWithDeleted(_) => "it can go with its files in the next cycle".to_owned(),
    }
}

fn otherwise_of(reason: &KeptReason) -> Option<String> {
    match reason {
        KeptReason::NotSelected(why) => Some(format!("it would have to be selected (now: {why})")),
        KeptReason::Healthy => None,
        KeptReason::Failing {
            ailment,
            failures: (have, most),
            ..
        } => {
            let left = most.saturating_sub(*have);
            Some(match left {
                0 => format!("{ailment} has reached its limit"),
                1 => format!(
                    "its last resort is due if it is seen {ailment} once more, before it is well again"
                ),
                _ => format!(
                    "its last resort is due if it is seen {ailment} {left} times more, before it is well again"
                ),
            })
        }
        KeptReason::Unknown { ailment, why } => {
            Some(format!("{ailment} would have to become known ({why})"))
        }
        KeptReason::KeepsForEver(ailment) => Some(format!(
            "{ailment}.last_resort would have to be another than \"keep\""
        )),
        KeptReason::Guarded(guard) => Some(past_guard(guard)),
        KeptReason::Unfinished => Some("it would have to be complete".to_owned()),
        KeptReason::TooYoung { left } => Some(format!(
            "it would have to seed for another {}",
            duration_text(*left)
        )),
        KeptReason::RuleNo { rule, .. } => Some(format!(
            "rule \"{rule}\" would have to match (see its conditions)"
        )),
        KeptReason::RuleWaits { rule, left } => Some(format!(
            "rule \"{rule}\" would have to go on matching for {}",
            duration_text(*left)
        )),
        KeptReason::RuleLimit { rule, why } => {
            Some(format!("rule \"{rule}\" would have to come to it ({why})"))
        }
        KeptReason::NothingAsks => {
            Some("a block or a rule of the configuration would have to ask for it".to_owned())
        }
    }
}
