//! From a reading to the outages of one ailment: which groups each item belongs to.

use super::ailment::Ailment;
use super::context::Context;
use super::draft::Draft;
use super::item::Item;
use super::outage::{Case, Outages, Recognition, judge};
use crate::core::model::{ItemId, Torrent};
use std::collections::BTreeSet;

/// Which items show the sign.
#[derive(Debug, Default)]
pub struct Signs<'a> {
    /// Those that do.
    pub sick: BTreeSet<&'a ItemId>,
    /// Those of which nobody can say.
    pub unknown: BTreeSet<&'a ItemId>,
}

/// Finds the outages of one ailment, and keeps them in the state and in the plan. The groups are made up only where
/// enough items fail for the first time, or an outage lasts.
pub fn find(
    context: &Context<'_>,
    draft: &mut Draft,
    ailment: Ailment,
    applies: &[(&ItemId, Item<'_>)],
    signs: &Signs<'_>,
) -> Outages {
    let is_fresh = |id: &&&ItemId| ailment.is_fresh(context.before.items.get(**id));
    let fresh = signs.sick.iter().filter(is_fresh).count();
    let lasts = context
        .before
        .outages
        .iter()
        .any(|outage| outage.ailment == ailment.word());
    if !lasts && fresh < context.input.limits.outage_min_items as usize {
        return Outages::default();
    }
    let case = |&(item, seen): &(_, Item<'_>)| Case {
        item,
        sick: signs.sick.contains(item),
        unknown: signs.unknown.contains(item),
        fresh: ailment.is_fresh(context.before.items.get(item)),
        scopes: scopes(context, ailment, item, seen),
    };
    let cases: Vec<Case<'_>> = applies.iter().map(case).collect();
    let how = Recognition {
        ailment,
        limits: context.input.limits,
        now: context.now,
        first_reading: context.before.last_cycle_at.is_none(),
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

/// The account, the tracker hosts (not for `failed_trackers`), and every folder above the item's data.
fn scopes(context: &Context<'_>, ailment: Ailment, id: &ItemId, item: Item<'_>) -> Vec<String> {
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
