//! A magnet comes back by its info-hash, under a new id.

use super::{Restored, Restoring};
use crate::clients::alldebrid::Alldebrid;
use crate::core::ledger::DeletionIntent;
use crate::core::model::{ItemId, Magnet};
use crate::shell::eyes::Eyes;
use std::time::Duration;
use tokio::time::sleep;

/// A magnet whose metadata AllDebrid can find has a name after one of these pauses.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
];

/// What may come of a magnet without metadata. A new verdict of AllDebrid takes half an hour.
const NAMELESS: &str = "it has no metadata yet, and AllDebrid goes on looking for them for about half an hour; those of a private \
     torrent are never found by its bare hash: then remove it, and add its .torrent file by hand";

/// Restores by the hash.
pub(super) async fn restore(
    restoring: &mut Restoring<'_>,
    intent: &DeletionIntent,
    hash: &str,
) -> Result<Restored, String> {
    let client = client(restoring.eyes)?;
    let listing = client.list(true).await.map_err(|error| error.to_string())?;
    let has_hash = |(_, magnet): &(&ItemId, &Magnet)| {
        let known = magnet.hash.as_deref();
        known.is_some_and(|known| known.eq_ignore_ascii_case(hash))
    };
    if let Some((id, _)) = listing.magnets.iter().find(has_hash) {
        return Ok(Restored::AlreadyThere(id.clone()));
    }
    let uploaded = client
        .upload(hash)
        .await
        .map_err(|error| error.to_string())?;
    let id = match uploaded.id {
        Some(id) => id,
        None => new_id(client, hash).await?,
    };
    let is_named = match is_name(&uploaded.name, hash) || uploaded.ready {
        true => Ok(true),
        false => got_name(client, &id, hash).await,
    };
    if let Err(why) = is_named {
        // It is there, and must be left alone like any other that is.
        restoring.record(intent, &id).await?;
        let note = format!("whether AllDebrid finds it could not be asked: {why}");
        return Ok(Restored::Done(id, vec![note]));
    }
    if is_named == Ok(false) {
        restoring.record(intent, &id).await?;
        return Ok(Restored::Done(id, vec![NAMELESS.to_owned()]));
    }
    restoring.record(intent, &id).await?;
    let note = if uploaded.ready {
        "it is ready at once"
    } else {
        "AllDebrid downloads it again"
    };
    Ok(Restored::Done(id, vec![note.to_owned()]))
}

fn client(eyes: &Eyes) -> Result<&Alldebrid, String> {
    match eyes {
        Eyes::Magnets(eyes) => Ok(&eyes.client),
        Eyes::Torrents(_) => Err(
            "the account of this name is of qBittorrent now; it was one of AllDebrid".to_owned(),
        ),
    }
}

/// The id is sometimes missing in the answer.
async fn new_id(client: &Alldebrid, hash: &str) -> Result<ItemId, String> {
    let listing = client.list(true).await.map_err(|error| error.to_string())?;
    let found = listing.magnets.iter().find(|(_, magnet)| {
        let known = magnet.hash.as_deref();
        known.is_some_and(|known| known.eq_ignore_ascii_case(hash))
    });
    found
        .map(|(id, _)| id.clone())
        .ok_or_else(|| "AllDebrid took it, but does not list it".to_owned())
}

async fn got_name(client: &Alldebrid, id: &ItemId, hash: &str) -> Result<bool, String> {
    for pause in PAUSES {
        sleep(pause).await;
        let magnet = client.by_id(id).await.map_err(|error| error.to_string())?;
        if is_name(&magnet.filename, hash) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Without metadata the name is `noname` or the hash.
fn is_name(name: &str, hash: &str) -> bool {
    !name.is_empty() && name != "noname" && !name.eq_ignore_ascii_case(hash)
}
