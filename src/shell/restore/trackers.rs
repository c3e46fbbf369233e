//! Trackers that were removed from a torrent come back; their addresses are in the trash.

use super::Restoring;
use super::torrent::{client, listed};
use crate::core::ledger::{Record, RestoreDone, TrackerRemoved};
use crate::core::model::{AccountId, ItemId};
use std::collections::BTreeSet;

/// Adds the removed trackers of a torrent that it does not have. Gives their hosts, and what could not be done.
///
/// # Errors
/// Why nothing could be done.
pub async fn trackers_again(
    restoring: &mut Restoring<'_>,
    account: &AccountId,
    item: &ItemId,
    removed: &[TrackerRemoved],
) -> Result<(Vec<String>, Vec<String>), String> {
    let client = client(restoring.eyes)?;
    if listed(client, item).await?.is_none() {
        return Err("the torrent is not there, so its trackers have no place".to_owned());
    }
    let present = client
        .trackers(item)
        .await
        .map_err(|error| error.to_string())?;
    let (mut added, mut problems) = (Vec::new(), Vec::new());
    let mut sent = BTreeSet::new();
    for one in removed {
        let address = match restoring.kept.trash.read(&one.kept).await {
            Ok(bytes) => String::from_utf8_lossy(&bytes).trim().to_owned(),
            Err(error) => {
                problems.push(format!("{}: its address cannot be read: {error}", one.host));
                continue;
            }
        };
        if present.iter().any(|tracker| *tracker.url == *address) || sent.contains(&address) {
            continue;
        }
        let outcome = client.add_tracker(item, &address).await;
        if outcome.is_done() {
            sent.insert(address);
            added.push(one.host.clone());
        } else {
            problems.push(format!("{}: {outcome}", one.host));
        }
    }
    if !added.is_empty() {
        let done = RestoreDone {
            at: restoring.clock.now(),
            account: account.clone(),
            intent: None,
            item: item.clone(),
            new_item: item.clone(),
        };
        let recorded = restoring
            .kept
            .ledger
            .append(&[Record::Restored(done)])
            .await;
        if let Err(error) = recorded {
            problems.push(format!("this could not be put on record: {error}"));
        }
    }
    Ok((added, problems))
}
