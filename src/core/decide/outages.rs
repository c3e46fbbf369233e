//! From a reading to the outages of one ailment: which groups each item belongs to.

use super::ailment::Ailment;
use super::context::Context;
use super::draft::Draft;
use super::item::Item;
use super::outage::{Case, Outages, Recognition, judge};
use crate::core::model::{ItemId, Torrent};
use crate::core::state::Outage;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Which items show the sign.
#[derive(Debug, Default)]
pub struct Signs<'a> {
    /// Those that do, and since when; `None` for those that begin now.
    pub sick: BTreeMap<&'a ItemId, Option<Timestamp>>,
    /// Those of which nobody can say.
    pub unknown: BTreeSet<&'a ItemId>,
}

/// Finds the outages of one ailment, and keeps them in the state and in the plan. The groups are made up only where
/// enough items began to fail not long ago, or an outage lasts.
pub fn find(
    context: &Context<'_>,
    draft: &mut Draft,
    (ailment, max_failures): (Ailment, u32),
    applies: &[(&ItemId, Item<'_>)],
    signs: &Signs<'_>,
) -> Outages {
    let lasting: Vec<&Outage> = context
        .before
        .outages
        .iter()
        .filter(|outage| outage.ailment == ailment.word())
        .collect();
    if lasting.is_empty() && signs.sick.is_empty() {
        return Outages::default();
    }
    let window = window_begins(context, max_failures);
    let held_since = |id: &ItemId| {
        let outage = lasting.iter().find(|outage| outage.items.contains(id))?;
        Some(outage.since)
    };
    let is_fresh = |id: &ItemId| {
        let since = signs.sick.get(id).copied().flatten();
        since
            .or_else(|| held_since(id))
            .is_none_or(|since| since >= window)
    };
    let deleted = deleted_since(context, ailment, window);
    let fresh = signs.sick.keys().filter(|id| is_fresh(id)).count();
    let least = context.input.limits.outage_min_items as usize;
    if lasting.is_empty() && fresh + deleted.len() < least {
        return Outages::default();
    }
    let case = |&(item, seen): &(_, Item<'_>)| Case {
        item,
        sick: signs.sick.contains_key(item),
        unknown: signs.unknown.contains(item),
        fresh: is_fresh(item),
        accepted: context.is_accepted(ailment, item),
        scopes: scopes(context, ailment, item, seen),
    };
    let cases: Vec<Case<'_>> = applies.iter().map(case).collect();
    let how = Recognition {
        ailment,
        limits: context.input.limits,
        now: context.now,
        first_reading: context.before.last_cycle_at.is_none(),
        whole: context.input.whole,
        deleted: &deleted,
    };
    let outages = judge(how, &context.before.outages, &cases);
    draft
        .state
        .outages
        .retain(|outage| outage.ailment != ailment.word());
    draft.state.outages.extend(outages.lasting.iter().cloned());
    draft
        .plan
        .outages_begun
        .extend(outages.begun.iter().cloned());
    draft
        .plan
        .outages_ended
        .extend(outages.ended.iter().cloned());
    outages
}

/// What unfolds in portions, as announcements do, is one outage if its items began to fail within this time.
pub fn window_begins(context: &Context<'_>, max_failures: u32) -> Timestamp {
    let cycles = context.input.policy.cycle.saturating_mul(max_failures);
    let window = SignedDuration::try_from(cycles).unwrap_or(SignedDuration::MAX);
    let window = window.max(SignedDuration::from_hours(24));
    context.now.saturating_sub(window).unwrap_or(Timestamp::MIN)
}

/// The scopes of the items that began to fail in this time and were deleted for it, or may have been.
fn deleted_since<'a>(
    context: &Context<'a>,
    ailment: Ailment,
    window: Timestamp,
) -> Vec<&'a [String]> {
    let input = context.input;
    let of_ailment = input.book.deletions.values().filter(|(intent, outcome)| {
        let may_be_gone = outcome.as_ref().is_none_or(|o| o.result.is_deletion());
        may_be_gone && intent.account == input.policy.name && intent.cause == ailment.word()
    });
    let gone = of_ailment.filter(|(intent, _)| input.seen.get(&intent.item).is_none());
    gone.filter_map(|(intent, _)| intent.began.as_ref())
        .filter(|began| began.at >= window)
        .map(|began| began.scopes.as_slice())
        .collect()
}

/// The account, the tracker hosts (not for `failed_trackers`), and every folder above the item's data.
pub fn scopes(context: &Context<'_>, ailment: Ailment, id: &ItemId, item: Item<'_>) -> Vec<String> {
    let mut scopes = vec!["account".to_owned()];
    if let Item::Torrent(torrent) = item {
        if ailment != Ailment::FailedTrackers {
            scopes.extend(
                hosts(context, id, torrent)
                    .into_iter()
                    .map(|host| format!("tracker {host}")),
            );
        }
        scopes.extend(folders(&torrent.save_path).map(|folder| format!("path {folder}")));
    }
    scopes
}

fn hosts(context: &Context<'_>, id: &ItemId, torrent: &Torrent) -> Vec<String> {
    let mut hosts = vec![torrent.tracker_host()];
    if let Some(Ok(trackers)) = context.input.facts.trackers.get(id) {
        hosts.extend(trackers.iter().map(|tracker| tracker.host()));
    }
    hosts.retain(|host| !host.is_empty());
    hosts.sort();
    hosts.dedup();
    hosts
}

/// `/srv/downloads/tv/` gives `/srv`, `/srv/downloads` and `/srv/downloads/tv`.
fn folders(save_path: &str) -> impl Iterator<Item = &str> {
    let path = save_path.trim_end_matches('/');
    let ends = path
        .char_indices()
        .skip(1)
        .filter(|(_, c)| *c == '/')
        .map(|(at, _)| at);
    ends.chain((!path.is_empty()).then_some(path.len()))
        .map(move |end| &path[..end])
}
