//! What a torrent was set to: folder, category, tags, limits and priorities.

use super::listed;
use crate::clients::qbittorrent::{AddTorrent, Qbittorrent, ShareLimits, TorrentSource};
use crate::core::keepsake::Keepsake;
use crate::core::model::{ItemId, Torrent};
use crate::core::plan::counted;
use crate::core::server_path::{join, normal};
use std::collections::BTreeMap;

/// A speed or share limit that means the server's own.
const GLOBAL: i64 = -2;

/// The addition, with all that it can take over.
pub(super) async fn to_add(
    client: &Qbittorrent,
    source: TorrentSource,
    keepsake: &Keepsake,
    notes: &mut Vec<String>,
) -> AddTorrent {
    let limit = |limit: Option<i64>| limit.and_then(|l| u64::try_from(l).ok()).filter(|l| *l > 0);
    let is_automatic = keepsake.auto_tmm == Some(true);
    let stays_automatic = is_automatic && is_where_its_category_is(client, keepsake).await;
    if is_automatic && !stays_automatic {
        notes.push(
            "automatic management is off, because its category has another folder today".to_owned(),
        );
    }
    AddTorrent {
        save_path: Some(keepsake.save_path.clone()).filter(|path| !path.is_empty()),
        download_path: keepsake.download_path.clone(),
        category: Some(keepsake.category.clone()).filter(|category| !category.is_empty()),
        tags: keepsake.tags.clone(),
        // Whether it is started is decided once its data was checked.
        stopped: true,
        skip_checking: false,
        auto_tmm: Some(stays_automatic),
        download_limit: limit(keepsake.dl_limit),
        upload_limit: limit(keepsake.up_limit),
        share_limits: share_limits(keepsake),
        rename: Some(keepsake.name.clone()).filter(|name| !name.is_empty()),
        ..AddTorrent::new(source)
    }
}

/// Automatic management puts a torrent into the folder of its category; it stays on only if that is where it was.
async fn is_where_its_category_is(client: &Qbittorrent, keepsake: &Keepsake) -> bool {
    let (Ok(preferences), Ok(categories)) = (client.preferences().await, client.categories().await)
    else {
        return false;
    };
    let of_category = categories
        .get(&keepsake.category)
        .filter(|path| !path.is_empty());
    let Some(default) = preferences.save_path else {
        return false;
    };
    let place = match of_category {
        Some(path) => path.clone(),
        None if keepsake.category.is_empty() => default.into_string(),
        None => join(&default, &keepsake.category),
    };
    normal(&place) == normal(&keepsake.save_path)
}

fn share_limits(keepsake: &Keepsake) -> Option<ShareLimits> {
    let limits = ShareLimits {
        ratio: keepsake.ratio_limit.unwrap_or(GLOBAL as f64),
        seeding_time: keepsake.seeding_time_limit.unwrap_or(GLOBAL),
        inactive_seeding_time: keepsake.inactive_seeding_time_limit.unwrap_or(GLOBAL),
    };
    (limits != ShareLimits::default()).then_some(limits)
}

/// Reads the settings back; what older servers did not take over with the addition is set one by one, and what still
/// differs is said.
pub(super) async fn set(
    client: &Qbittorrent,
    id: &ItemId,
    keepsake: &Keepsake,
    has_files: bool,
    notes: &mut Vec<String>,
) -> Result<(), String> {
    let Some(torrent) = listed(client, id).await? else {
        return Err("it was added, and is gone again".to_owned());
    };
    if *torrent.category != *keepsake.category {
        client.set_category(id, &keepsake.category).await;
    }
    let missing: Vec<&str> = keepsake
        .tags
        .iter()
        .map(String::as_str)
        .filter(|tag| !torrent.has_tag(tag))
        .collect();
    if !missing.is_empty() {
        client.add_tags(id, &missing).await;
    }
    if let Some(limits) = share_limits(keepsake) {
        client.set_share_limits(id, limits).await;
    }
    if has_files {
        priorities(client, id, keepsake, notes).await;
    } else if !keepsake.priorities.is_empty() {
        notes.push("file priorities could not be set: the server has no file list yet".to_owned());
    }
    let Some(torrent) = listed(client, id).await? else {
        return Err("it was added, and is gone again".to_owned());
    };
    notes.extend(differences(&torrent, keepsake));
    Ok(())
}

async fn priorities(
    client: &Qbittorrent,
    id: &ItemId,
    keepsake: &Keepsake,
    notes: &mut Vec<String>,
) {
    let mut by_priority: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (file, priority) in &keepsake.priorities {
        by_priority.entry(*priority).or_default().push(*file);
    }
    for (priority, files) in by_priority {
        let Ok(value) = u8::try_from(priority) else {
            continue;
        };
        let outcome = client.set_file_priority(id, &files, value).await;
        if !outcome.is_done() {
            notes.push(format!(
                "the priority of {} could not be set: {outcome}",
                counted(files.len(), "file", "files")
            ));
        }
    }
}

fn differences(torrent: &Torrent, keepsake: &Keepsake) -> Vec<String> {
    let mut notes = Vec::new();
    let mut differs = |what: &str, is: &str, was: &str| {
        if is != was {
            notes.push(format!("{what} is \"{is}\", was \"{was}\""));
        }
    };
    differs("category", &torrent.category, &keepsake.category);
    differs(
        "save path",
        &normal(&torrent.save_path),
        &normal(&keepsake.save_path),
    );
    for tag in &keepsake.tags {
        if !torrent.has_tag(tag) {
            notes.push(format!("tag \"{tag}\" could not be set"));
        }
    }
    let limited = |limit: Option<i64>| limit.filter(|limit| *limit > 0);
    for (what, is, was) in [
        ("download limit", torrent.dl_limit, keepsake.dl_limit),
        ("upload limit", torrent.up_limit, keepsake.up_limit),
    ] {
        if limited(is) != limited(was) {
            notes.push(format!("{what} could not be set"));
        }
    }
    notes
}
