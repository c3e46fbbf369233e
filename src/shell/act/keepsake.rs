//! Keeping what `restore` needs, durably, before a deletion is put on record.

use super::{Acting, remedies};
use crate::clients::qbittorrent::{Export, FieldSet};
use crate::core::decide::Seen;
use crate::core::keepsake::Keepsake;
use crate::core::ledger::{KeptAs, Was};
use crate::core::plan::Deletion;
use crate::shell::eyes::Eyes;
use crate::shell::trash;
use serde_json::Value;

/// Keeps what is needed to undo the deletion, and says as what.
///
/// # Errors
/// Why it cannot be kept: the deletion is postponed then.
pub async fn keep(acting: &mut Acting<'_>, deletion: &Deletion) -> Result<KeptAs, String> {
    if let Seen::Magnets(magnets) = acting.eyes.seen() {
        let hash = magnets
            .get(&deletion.item)
            .and_then(|magnet| magnet.hash.as_deref());
        return Ok(hash.map_or(KeptAs::Nothing, |hash| KeptAs::Hash(hash.to_lowercase())));
    }
    let stem = trash::stem(
        acting.clock.now(),
        &acting.glasses.policy.name,
        &deletion.item,
    );
    let was = what_it_was(acting, deletion).await?;
    let Eyes::Torrents(eyes) = &mut *acting.eyes else {
        return Ok(KeptAs::Nothing);
    };
    let id = &deletion.item;
    let with_link: FieldSet = ["magnet_uri"].into_iter().collect();
    let mut rows = eyes
        .client
        .info(std::slice::from_ref(id), &with_link)
        .await
        .map_err(|error| error.message)?;
    let Some(torrent) = rows.remove(id) else {
        return Err("it is gone".to_owned());
    };
    let files = eyes.client.files(id).await.unwrap_or_default();
    let mut keepsake = Keepsake::of(&torrent, &files, &was);
    let exported = eyes
        .client
        .export(id)
        .await
        .map_err(|error| format!("its .torrent could not be exported: {error}"))?;
    let kept_as = match exported {
        Export::Torrent(bytes) => {
            put(acting, &format!("{stem}.torrent"), &bytes).await?;
            KeptAs::Torrent(stem.clone())
        }
        Export::NoMetadata | Export::NotOffered => {
            let link = torrent
                .other
                .as_ref()
                .and_then(|other| other.get("magnet_uri"))
                .and_then(Value::as_str);
            let link = link.map_or_else(|| format!("magnet:?xt=urn:btih:{id}"), str::to_owned);
            keepsake.magnet_link = Some(link.into());
            KeptAs::MagnetLink(stem.clone())
        }
    };
    let json = serde_json::to_vec_pretty(&keepsake).map_err(|error| error.to_string())?;
    if let Err(why) = put(acting, &format!("{stem}.json"), &json).await {
        acting.kept.trash.forget(&kept_as).await;
        return Err(why);
    }
    Ok(kept_as)
}

/// What the torrent was before any trouble: as its open treatment remembers it, or as it is now.
async fn what_it_was(acting: &Acting<'_>, deletion: &Deletion) -> Result<Was, String> {
    let key = (acting.glasses.policy.name.clone(), deletion.item.clone());
    if let Some((begun, _)) = acting.glasses.book.treatments.get(&key) {
        return Ok(begun.was.clone());
    }
    let found = remedies::what_it_was(acting, &deletion.item).await;
    let found = found.map_err(|error| error.message)?;
    found.ok_or_else(|| "it is gone".to_owned())
}

async fn put(acting: &Acting<'_>, name: &str, content: &[u8]) -> Result<(), String> {
    acting
        .kept
        .trash
        .put(name, content)
        .await
        .map_err(|error| format!("the trash cannot be written: {error}"))
}
