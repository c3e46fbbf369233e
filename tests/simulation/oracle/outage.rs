//! The reference model of outages of an AllDebrid account.

use super::Terms;
use super::counts::{is_same, item};
use super::magnets::{MagnetListing, Sign, sign};
use jiff::{SignedDuration, Timestamp};
use seedwarden::config::policy::Limits;
use seedwarden::core::state::AccountState;
use std::collections::BTreeSet;

/// The items that make up outages after a counted cycle at `now`, and those that do where magnets that were deleted
/// meanwhile make an outage of what is left.
pub(super) fn outage_after(
    before: &AccountState,
    listing: &MagnetListing,
    terms: &Terms,
    limits: &Limits,
    now: Timestamp,
) -> [BTreeSet<String>; 2] {
    let listed = |id: &str| {
        let id: u64 = id.parse().ok()?;
        listing.magnets.get(&id)
    };
    let shows = |id: &str| match listed(id) {
        Some(magnet) => {
            sign(magnet) == Sign::Sick || magnet.code.is_none() && !magnet.says_expired()
        }
        None => !listing.is_whole,
    };
    let cycles = i32::try_from(terms.max_failures).unwrap_or(i32::MAX);
    let window = terms.cycle.saturating_mul(cycles);
    let window = window.max(SignedDuration::from_hours(24));
    let (mut fresh, mut showing) = (BTreeSet::new(), BTreeSet::new());
    for (id, magnet) in &listing.magnets {
        let old = item(before, *id).filter(|old| is_same(old, magnet.added_at));
        let failed = old.and_then(|old| old.failed.as_ref());
        if sign(magnet) != Sign::Sick || failed.is_some_and(|failed| failed.accepted) {
            continue;
        }
        showing.insert(id.to_string());
        let held = before.outages.iter();
        let held = held.filter(|outage| outage.items.contains(id.to_string().as_str()));
        let began = match failed.filter(|failed| failed.failures > 0) {
            Some(failed) => Some(failed.since.unwrap_or(Timestamp::MIN)),
            None => held.map(|outage| outage.since).min(),
        };
        if began.is_none_or(|began| now.duration_since(began) <= window) {
            fresh.insert(id.to_string());
        }
    }
    let mut lasting = BTreeSet::new();
    for outage in &before.outages {
        let items = outage.items.iter().map(|id| id.as_str());
        let left = items.filter(|id| !listing.is_whole || listed(id).is_some());
        let left: BTreeSet<&str> = left.collect();
        let still = left.iter().filter(|id| shows(id)).count();
        if still * 2 >= left.len() && still > 0 {
            lasting.extend(left.into_iter().map(str::to_owned));
            lasting.extend(showing.iter().cloned());
        }
    }
    let is_many = fresh.len() >= limits.outage_min_items as usize
        && fresh.len() as f64 >= limits.outage_share * listing.magnets.len() as f64;
    let all: BTreeSet<String> = lasting.union(&showing).cloned().collect();
    [if is_many { all.clone() } else { lasting }, all]
}
