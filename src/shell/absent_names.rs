//! Names in `select` and `protect` that an account does not have, looked for wherever the account can have them. Requests
//! are sent only where the listing does not show a name.

use super::eyes::{Eyes, TorrentEyes};
use crate::config::policy::{AccountPolicy, QbtPolicy, Service};
use crate::core::facts::Wanted;
use crate::core::model::{ItemId, hosts_of};
use crate::core::names::{Absent, Kind, Known, absent};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// A sentence for each. What was read last must be the whole listing.
pub async fn absent_names(eyes: &mut Eyes, policy: &AccountPolicy, now: Timestamp) -> Vec<String> {
    let found = match (eyes, &policy.service) {
        (Eyes::Torrents(eyes), Service::Qbittorrent(service)) => {
            of_torrents(eyes, service, now).await
        }
        (Eyes::Torrents(_) | Eyes::Magnets(_), _) => Vec::new(),
    };
    found.into_iter().map(|one| one.sentence).collect()
}

async fn of_torrents(eyes: &mut TorrentEyes, policy: &QbtPolicy, now: Timestamp) -> Vec<Absent> {
    let mut known = Known::of_listing(eyes.library());
    let found = absent(policy, &known);
    if found.is_empty() {
        return found;
    }
    let lacks = |kind: Kind| found.iter().any(|one| one.kind == kind);
    if lacks(Kind::Category) {
        let categories = eyes.client.categories().await.ok();
        known.categories = categories.map(|all| all.into_keys().collect());
    }
    if lacks(Kind::Tag) {
        known.tags = eyes.client.tags().await.ok();
    }
    if lacks(Kind::Host) {
        known.hosts = hosts(eyes, now).await;
    }
    absent(policy, &known)
}

/// The hosts of all trackers; `None` if those of some torrent cannot be had.
async fn hosts(eyes: &mut TorrentEyes, now: Timestamp) -> Option<BTreeSet<String>> {
    let read = &eyes.facts().trackers;
    let ids: BTreeSet<ItemId> = eyes.library().torrents.keys().cloned().collect();
    let trackers = ids.iter().filter(|id| !read.contains_key(*id));
    let wanted = Wanted {
        trackers: trackers.cloned().collect(),
        ..Wanted::default()
    };
    eyes.fetch(&wanted, now).await;
    let mut hosts = BTreeSet::new();
    for id in &ids {
        let trackers = eyes.facts().trackers.get(id)?.as_ref().ok()?;
        hosts.extend(hosts_of(trackers));
    }
    Some(hosts)
}
