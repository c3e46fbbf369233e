//! The reference model of outages of an AllDebrid account.

use super::counts::{is_same, item};
use super::magnets::{MagnetListing, Sign, sign};
use seedwarden::config::policy::Limits;
use seedwarden::core::state::AccountState;
use std::collections::BTreeSet;

/// The items that make up outages after a counted cycle.
pub(super) fn outage_after(
    before: &AccountState,
    listing: &MagnetListing,
    limits: &Limits,
) -> BTreeSet<String> {
    let is_sick = |id: &str| {
        id.parse()
            .ok()
            .and_then(|id: u64| listing.magnets.get(&id))
            .is_some_and(|m| sign(m) == Sign::Sick)
    };
    let is_unknown = |id: &str| {
        id.parse()
            .ok()
            .and_then(|id: u64| listing.magnets.get(&id))
            .is_some_and(|m| m.code.is_none() && !m.says_expired())
    };
    let fresh: BTreeSet<String> = listing
        .magnets
        .iter()
        .filter(|(id, magnet)| {
            let old = item(before, **id).filter(|old| is_same(old, magnet.added_at));
            let failed = old.and_then(|old| old.failed.as_ref());
            sign(magnet) == Sign::Sick
                && failed.is_none_or(|failed| failed.failures == 0 && !failed.accepted)
        })
        .map(|(id, _)| id.to_string())
        .collect();
    let mut all = BTreeSet::new();
    for outage in &before.outages {
        let showing = outage
            .items
            .iter()
            .filter(|id| is_sick(id.as_str()) || is_unknown(id.as_str()))
            .count();
        if showing * 2 >= outage.items.len() && showing > 0 {
            all.extend(outage.items.iter().map(|id| id.as_str().to_owned()));
            all.extend(fresh.iter().cloned());
        }
    }
    let new: BTreeSet<String> = fresh.difference(&all).cloned().collect();
    let is_many = new.len() >= limits.outage_min_items as usize;
    if is_many && new.len() as f64 >= limits.outage_share * listing.magnets.len() as f64 {
        all.extend(new);
    }
    all
}
