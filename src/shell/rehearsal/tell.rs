//! What a dry run says of a plan: what would be done, and in the end how much of it.

use crate::core::decide::Mode;
use crate::core::plan::{Plan, counted};
use crate::shell::eyes::Eyes;
use crate::shell::logging::Story;
use crate::shell::told::Told;
use std::collections::BTreeSet;

/// Tells the plan. What `told` and `said` have was told already, and what is told is added.
pub(super) fn tell(
    plan: &Plan,
    eyes: &Eyes,
    mode: Mode,
    told: &mut Told,
    said: &mut BTreeSet<String>,
) {
    outages(plan);
    told.tell(plan, mode, story(plan), &head(plan, ""));
    told.tell_unknown_links(eyes, story(plan), &head(plan, ""));
    deletions(plan, said);
    remedies(plan);
    others(plan, said);
    let (would, held) = (plan.deletions.len(), plan.held.len());
    let items = counted(plan.items, "item", "items");
    let text = head(
        plan,
        &format!("{items}, {would} to delete, {held} held back"),
    );
    match mode {
        Mode::Full { .. } => story(plan).info(&text),
        Mode::Rules => story(plan).debug(&text),
    }
}

fn head(plan: &Plan, text: &str) -> String {
    format!("{}: dry run, {text}", plan.account)
}

fn story(plan: &Plan) -> Story<'_> {
    Story {
        account: Some(plan.account.as_str()),
        ..Story::default()
    }
}

fn outages(plan: &Plan) {
    for outage in &plan.outages_begun {
        story(plan).warn(&head(plan, &outage.to_string()));
    }
}

fn deletions(plan: &Plan, said: &mut BTreeSet<String>) {
    for deletion in &plan.deletions {
        if !said.insert(format!("delete {}", deletion.item)) {
            continue;
        }
        let story = Story {
            item: Some(deletion.item.as_str()),
            item_name: Some(deletion.name.as_str()),
            action: Some("delete"),
            reason: Some(&deletion.reason),
            ..story(plan)
        };
        let (name, cause, reason) = (&deletion.name, &deletion.cause, &deletion.reason);
        story.info(&head(
            plan,
            &format!("would delete {name} ({cause}: {reason})"),
        ));
    }
}

fn remedies(plan: &Plan) {
    for remedy in &plan.remedies {
        let story = Story {
            item: Some(remedy.item.as_str()),
            item_name: Some(remedy.name.as_str()),
            action: Some(remedy.kind.word()),
            ..story(plan)
        };
        let (have, most) = remedy.failures;
        let text = format!(
            "would {} {} ({} {have} of {most}, {})",
            remedy.kind.word(),
            remedy.name,
            remedy.ailment,
            remedy.sign
        );
        story.info(&head(plan, &text));
    }
}

/// Removals of trackers, and what rules do besides deleting.
fn others(plan: &Plan, said: &mut BTreeSet<String>) {
    for removal in &plan.tracker_removals {
        let text = format!("would remove tracker {} of {}", removal.host, removal.name);
        story(plan).info(&head(plan, &text));
    }
    for change in &plan.changes {
        if !said.insert(format!("{} {}", change.kind, change.item)) {
            continue;
        }
        let story = Story {
            rule: Some(&change.rule),
            ..story(plan)
        };
        let text = format!(
            "would {}: {} (rule {})",
            change.kind, change.name, change.rule
        );
        story.info(&head(plan, &text));
    }
}
