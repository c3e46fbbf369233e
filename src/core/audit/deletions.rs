//! Deletions: each one's cause is plain in the raw reading, nothing protected is touched, the limits hold.

use super::{Breach, breach};
use crate::config::policy::{QbtPolicy, Service};
use crate::core::decide::{Decision, Input, Item, Mode};
use crate::core::hardlinks::LinkResult;
use crate::core::model::{ItemId, TextField, Torrent};
use crate::core::plan::{Cause, Deletion};
use crate::core::state::AccountState;
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// Checks all deletions of a plan.
pub fn check(input: &Input<'_>, before: &AccountState, decision: &Decision) -> Result<(), Breach> {
    within_limits(input, decision)?;
    let mut seen = BTreeSet::new();
    for deletion in &decision.plan.deletions {
        let id = &deletion.item;
        if !seen.insert(id) {
            return Err(breach(
                "an item is deleted once",
                id,
                "it is in the plan twice",
            ));
        }
        let Some(item) = input.seen.get(id) else {
            return Err(breach(
                "only what is listed is deleted",
                id,
                "it is not listed",
            ));
        };
        cause_is_plain(input, before, deletion, item)?;
        not_in_outage(decision, deletion)?;
        not_left_alone(input, deletion)?;
        if let (Item::Torrent(torrent), Service::Qbittorrent(policy)) =
            (item, &input.policy.service)
        {
            not_protected(policy, id, torrent)?;
            links_allow(input, policy, deletion, torrent)?;
            files_are_its_own(input, deletion)?;
        }
    }
    Ok(())
}

fn within_limits(input: &Input<'_>, decision: &Decision) -> Result<(), Breach> {
    let day_ago = input.now - SignedDuration::from_hours(24);
    let cycle = SignedDuration::try_from(input.policy.cycle).unwrap_or(SignedDuration::MAX);
    let counted = input
        .book
        .deletions
        .values()
        .filter(|(_, o)| o.as_ref().is_none_or(|o| o.result.is_deletion()));
    let (mut of_day, mut of_cycle) = (decision.plan.deletions.len(), decision.plan.deletions.len());
    for (intent, _) in counted {
        of_day += usize::from(intent.at > day_ago);
        of_cycle += usize::from(
            intent.account == input.policy.name && input.now.duration_since(intent.at) < cycle,
        );
    }
    let (most_of_cycle, most_of_day) = (
        input.limits.deletions_per_cycle as usize,
        input.limits.deletions_per_day as usize,
    );
    let is_over =
        !decision.plan.deletions.is_empty() && (of_cycle > most_of_cycle || of_day > most_of_day);
    if is_over {
        let found = format!(
            "{of_cycle} in the cycle of {most_of_cycle}, {of_day} in the day of {most_of_day}"
        );
        return Err(Breach {
            invariant: "no more deletions than the limits",
            item: None,
            found,
        });
    }
    Ok(())
}

/// The cause must show in the plainest fields of the reading.
fn cause_is_plain(
    input: &Input<'_>,
    before: &AccountState,
    deletion: &Deletion,
    item: Item<'_>,
) -> Result<(), Breach> {
    let id = &deletion.item;
    let no = |found: &str| {
        Err(breach(
            "the cause of a deletion is plain in the reading",
            id,
            found,
        ))
    };
    let enough = deletion
        .failures
        .is_some_and(|(have, most)| have >= most && most > 0);
    let is_full = matches!(
        input.mode,
        Mode::Full {
            last_resorts: true,
            ..
        }
    );
    match (&deletion.cause, item) {
        (Cause::Errored | Cause::Unregistered | Cause::Failed, _) if !enough => {
            no("fewer failures than the limit")
        }
        (Cause::Errored | Cause::Unregistered | Cause::Failed, _) if !is_full => {
            no("not a cycle with last resorts")
        }
        (Cause::Errored | Cause::Unregistered | Cause::Failed, _)
            if !had_failures(input, before, deletion) =>
        {
            no("the state before has too few failures")
        }
        (Cause::Errored, Item::Torrent(torrent)) => {
            let under_treatment = input
                .book
                .treatments
                .keys()
                .any(|(a, i)| a == &input.policy.name && i == id);
            let is_broken =
                torrent.state.is_errored() || torrent.state.is_checking() || under_treatment;
            if is_broken {
                Ok(())
            } else {
                no("the torrent is neither in error nor under treatment")
            }
        }
        (Cause::Unregistered, Item::Torrent(torrent)) => tracker_refused(input, id, torrent),
        (Cause::Failed, Item::Magnet(magnet)) => match magnet.status_code {
            Some(0..=4) if !magnet.status.to_lowercase().starts_with("expired") => {
                no("the magnet is active or ready")
            }
            None if !magnet.status.to_lowercase().starts_with("expired") => {
                no("the magnet has no status")
            }
            _ => Ok(()),
        },
        (Cause::Hardlinks, Item::Torrent(torrent)) => {
            let is_whole =
                torrent.progress.is_some_and(|p| p >= 1.0) && !torrent.state.is_errored();
            if is_whole && matches!(input.mode, Mode::Full { .. }) {
                Ok(())
            } else {
                no("the torrent is not complete")
            }
        }
        (Cause::Rule(name), _) => {
            let rule = input.policy.rules.iter().find(|rule| rule.name == **name);
            if rule.is_some_and(|rule| rule.action.is_deletion()) {
                Ok(())
            } else {
                no("no such rule deletes")
            }
        }
        (Cause::Errored | Cause::Unregistered | Cause::Failed | Cause::Hardlinks, _) => {
            no("the cause is of another service")
        }
    }
}

fn had_failures(input: &Input<'_>, before: &AccountState, deletion: &Deletion) -> bool {
    let Some((_, most)) = deletion.failures else {
        return false;
    };
    let item = before.items.get(&deletion.item);
    let had = item.map_or(0, |item| match deletion.cause {
        Cause::Errored => item.errored.as_ref().map_or(0, |f| f.failures),
        Cause::Unregistered => item.unregistered.as_ref().map_or(0, |f| f.failures),
        Cause::Failed => item.failed.as_ref().map_or(0, |f| f.failures),
        Cause::Hardlinks | Cause::Rule(_) => 0,
    });
    had.saturating_add(u32::from(input.mode.adds())) >= most
}

fn tracker_refused(input: &Input<'_>, id: &ItemId, torrent: &Torrent) -> Result<(), Breach> {
    let no = |found: &str| {
        Err(breach(
            "an unregistered torrent was refused by its tracker",
            id,
            found,
        ))
    };
    if torrent.private == Some(false) {
        return no("it is public");
    }
    match input.facts.trackers.get(id) {
        Some(Ok(trackers)) if trackers.iter().any(|t| t.status == 2) => no("a tracker works"),
        Some(Ok(trackers))
            if trackers
                .iter()
                .any(|t| matches!(t.status, 4 | 5) && !t.message.is_empty()) =>
        {
            Ok(())
        }
        Some(_) | None => no("no tracker said so"),
    }
}

fn not_in_outage(decision: &Decision, deletion: &Deletion) -> Result<(), Breach> {
    let word = deletion.cause.to_string();
    let outages = decision
        .state
        .outages
        .iter()
        .filter(|outage| outage.ailment == word);
    if outages
        .into_iter()
        .any(|outage| outage.items.contains(&deletion.item))
    {
        return Err(breach("an outage deletes nothing", &deletion.item, word));
    }
    Ok(())
}

fn not_left_alone(input: &Input<'_>, deletion: &Deletion) -> Result<(), Breach> {
    let account = &input.policy.name;
    let restored = input
        .book
        .restored
        .iter()
        .find(|((a, i), _)| a == account && *i == deletion.item)
        .map(|(_, at)| *at);
    if let Some(at) = restored {
        let grace =
            SignedDuration::try_from(input.limits.restore_grace).unwrap_or(SignedDuration::MAX);
        if input.now.duration_since(at) < grace {
            return Err(breach(
                "a restored item is left alone",
                &deletion.item,
                format!("restored at {at}"),
            ));
        }
    }
    if input
        .book
        .open(account)
        .any(|intent| intent.item == deletion.item)
    {
        return Err(breach(
            "an open deletion is settled first",
            &deletion.item,
            "its outcome is unknown",
        ));
    }
    Ok(())
}

fn not_protected(policy: &QbtPolicy, id: &ItemId, torrent: &Torrent) -> Result<(), Breach> {
    let unsent = |field| torrent.unsent.contains(field);
    if (!policy.protect_tags.is_empty() && unsent(TextField::Tags))
        || (!policy.protect_categories.is_empty() && unsent(TextField::Category))
    {
        return Err(breach(
            "a protected item is never deleted",
            id,
            "its labels were not sent",
        ));
    }
    let lower = torrent.tags.to_lowercase();
    let tags: Vec<&str> = lower.split(',').map(str::trim).collect();
    if policy
        .protect_tags
        .iter()
        .any(|tag| tags.contains(&tag.to_lowercase().as_str()))
    {
        return Err(breach(
            "a protected item is never deleted",
            id,
            "by its tag",
        ));
    }
    let category = torrent.category.to_lowercase();
    let mut protected = policy.protect_categories.names.iter();
    if protected.any(|name| name.to_lowercase() == category)
        || policy.protect_categories.contains(&torrent.category)
    {
        return Err(breach(
            "a protected item is never deleted",
            id,
            "by its category",
        ));
    }
    if !policy.select.categories.contains(&torrent.category)
        || policy.select.exclude_categories.contains(&torrent.category)
    {
        return Err(breach(
            "only selected items are deleted",
            id,
            format!("category {}", torrent.category),
        ));
    }
    Ok(())
}

/// With `hardlinks` on, rules and the block delete a complete torrent only if its links were seen and are few.
fn links_allow(
    input: &Input<'_>,
    policy: &QbtPolicy,
    deletion: &Deletion,
    torrent: &Torrent,
) -> Result<(), Breach> {
    let (Some(block), Cause::Hardlinks | Cause::Rule(_)) = (&policy.hardlinks, &deletion.cause)
    else {
        return Ok(());
    };
    let was_whole = torrent.progress.is_some_and(|p| p >= 1.0);
    if !was_whole {
        return Ok(());
    }
    let finding = input.facts.links.get(&deletion.item);
    let doing = input.book.last_doing(&input.policy.name, &deletion.item);
    if let (Some(finding), Some(doing)) = (finding, doing)
        && finding.at < input.now.min(doing.at)
    {
        let found = format!("looked at {}, {} at {}", finding.at, doing.what, doing.at);
        return Err(breach(
            "no fact is older than our own doing",
            &deletion.item,
            found,
        ));
    }
    match finding.map(|finding| &finding.result) {
        Some(LinkResult::Seen(share)) if share.linked_bytes == 0 => {}
        Some(LinkResult::Seen(share))
            if (share.linked_bytes as f64) < block.min_linked_share * share.total_bytes as f64 => {}
        Some(LinkResult::Seen(_)) => {
            return Err(breach(
                "a hardlinked item is kept",
                &deletion.item,
                "it is hardlinked",
            ));
        }
        Some(LinkResult::Unknown(_)) | None => {
            return Err(breach(
                "an item whose links are unknown is kept",
                &deletion.item,
                "its links are unknown",
            ));
        }
    }
    let seeded = torrent.seeding_time.unwrap_or(0).unsigned_abs();
    if deletion.cause == Cause::Hardlinks && seeded < block.min_seeding_time.as_secs() {
        return Err(breach(
            "a torrent seeds long enough first",
            &deletion.item,
            format!("{seeded} seconds"),
        ));
    }
    Ok(())
}

fn files_are_its_own(input: &Input<'_>, deletion: &Deletion) -> Result<(), Breach> {
    if !deletion.delete_files {
        return Ok(());
    }
    match input.facts.shared.get(&deletion.item) {
        Some(Ok(others)) if others.is_empty() => Ok(()),
        Some(Ok(_)) => Err(breach(
            "shared files stay",
            &deletion.item,
            "another torrent holds some of its files",
        )),
        Some(Err(_)) | None => Err(breach(
            "shared files stay",
            &deletion.item,
            "whether it shares files is unknown",
        )),
    }
}
