//! A torrent comes back: added stopped, checked, compared with what it was, and started only if nothing that it had
//! would be downloaded again.

use super::{Restored, Restoring};
use crate::clients::ActionOutcome;
use crate::clients::qbittorrent::{AddTorrent, FieldSet, Qbittorrent, ShareLimits, TorrentSource};
use crate::core::keepsake::Keepsake;
use crate::core::ledger::{DeletionIntent, Record, TreatmentBegun, Was};
use crate::core::model::{ItemId, Torrent};
use crate::core::plan::counted;
use crate::core::server_path::{join, normal};
use crate::shell::eyes::Eyes;
use crate::shell::trash::Trash;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// A torrent that was added shows up within this time (a link that 5.2 is still reading included).
const APPEARS_WITHIN: Duration = Duration::from_secs(15);

/// Checks are waited for this long; what takes longer is left to the daemon.
const CHECKED_WITHIN: Duration = Duration::from_secs(15 * 60);

/// Until this long after a check was asked for the API may show the state before it.
const SHOWS_AFTER: Duration = Duration::from_secs(3);

const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A speed or share limit that means the server's own.
const GLOBAL: i64 = -2;

/// Restores from the files `stem` in the trash.
pub(super) async fn restore(
    restoring: &mut Restoring<'_>,
    intent: &DeletionIntent,
    stem: &str,
    is_file: bool,
) -> Result<Restored, String> {
    let id = &intent.item;
    let client = client(restoring.eyes)?;
    if listed(client, id).await?.is_some() {
        return Ok(Restored::AlreadyThere(id.clone()));
    }
    let keepsake = keepsake(&restoring.kept.trash, stem).await?;
    let source = source(&restoring.kept.trash, stem, &keepsake, is_file).await?;
    let mut notes = Vec::new();
    let torrent = to_add(client, source, &keepsake, &mut notes).await;
    let outcome = client.add(&torrent).await;
    if matches!(outcome, ActionOutcome::NotSent(_) | ActionOutcome::Busy(_)) {
        return Err(outcome.to_string());
    }
    // What the server says of an addition differs by version; whether the torrent is there does not.
    if appeared(client, id).await?.is_none() {
        return Err(match outcome {
            ActionOutcome::Done => "the server took it, but does not list it".to_owned(),
            other => other.to_string(),
        });
    }
    restoring.record(intent, id).await?;
    let client = self::client(restoring.eyes)?;
    settings(client, id, &keepsake, is_file, &mut notes).await?;
    check_and_start(restoring, intent, &keepsake, &mut notes).await?;
    Ok(Restored::Done(id.clone(), notes))
}

/// The client of a qBittorrent account.
pub(super) fn client(eyes: &Eyes) -> Result<&Qbittorrent, String> {
    match eyes {
        Eyes::Torrents(eyes) => Ok(&eyes.client),
        Eyes::Magnets(_) => Err(
            "the account of this name is of AllDebrid now; it was one of qBittorrent".to_owned(),
        ),
    }
}

/// The torrent as it is listed, read afresh.
pub(super) async fn listed(client: &Qbittorrent, id: &ItemId) -> Result<Option<Torrent>, String> {
    let mut found = client
        .info(std::slice::from_ref(id), &FieldSet::none())
        .await
        .map_err(|error| error.to_string())?;
    Ok(found.remove(id))
}

async fn keepsake(trash: &Trash, stem: &str) -> Result<Keepsake, String> {
    let bytes = trash
        .read(&format!("{stem}.json"))
        .await
        .map_err(|error| format!("what was kept of it cannot be read from the trash: {error}"))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| format!("what was kept of it cannot be understood: {error}"))
}

async fn source(
    trash: &Trash,
    stem: &str,
    keepsake: &Keepsake,
    is_file: bool,
) -> Result<TorrentSource, String> {
    if is_file {
        let bytes = trash.read(&format!("{stem}.torrent")).await;
        let bytes = bytes
            .map_err(|error| format!("its .torrent cannot be read from the trash: {error}"))?;
        return Ok(TorrentSource::File(Bytes::from(bytes)));
    }
    let link = keepsake.magnet_link.as_deref();
    link.map(|link| TorrentSource::Link(link.to_owned()))
        .ok_or_else(|| "its magnet link is missing in the trash".to_owned())
}

async fn to_add(
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

async fn appeared(client: &Qbittorrent, id: &ItemId) -> Result<Option<Torrent>, String> {
    let until = Instant::now() + APPEARS_WITHIN;
    loop {
        if let Some(torrent) = listed(client, id).await? {
            return Ok(Some(torrent));
        }
        if Instant::now() >= until {
            return Ok(None);
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Reads the settings back; what older servers did not take over with the addition is set one by one, and what still
/// differs is said.
async fn settings(
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

/// Waits until its data was looked at, and starts it if it was running and has all that it had.
async fn check_and_start(
    restoring: &mut Restoring<'_>,
    intent: &DeletionIntent,
    keepsake: &Keepsake,
    notes: &mut Vec<String>,
) -> Result<(), String> {
    let id = &intent.item;
    let client = client(restoring.eyes)?;
    let mut torrent = quiet(client, id).await?;
    let is_all_there = |torrent: &Option<Torrent>| {
        torrent
            .as_ref()
            .is_some_and(|torrent| keepsake.is_all_there(torrent))
    };
    if torrent.is_some() && !is_all_there(&torrent) {
        // It is stopped: a recheck downloads nothing.
        client.recheck(id).await;
        sleep(SHOWS_AFTER).await;
        torrent = quiet(client, id).await?;
    }
    if torrent.is_none() {
        notes.push("its data is still being checked".to_owned());
        return leave_to_daemon(restoring, intent, keepsake, notes).await;
    }
    if !is_all_there(&torrent) {
        notes.push(not_all_there(torrent.as_ref(), keepsake));
    } else if keepsake.stopped {
        notes.push("it stays stopped, as it was".to_owned());
    } else {
        match client.start(id).await {
            ActionOutcome::Done => notes.push("started".to_owned()),
            other => notes.push(format!("it could not be started: {other}")),
        }
    }
    Ok(())
}

fn not_all_there(torrent: Option<&Torrent>, keepsake: &Keepsake) -> String {
    let has = torrent
        .and_then(|torrent| torrent.completed)
        .unwrap_or(0)
        .max(0);
    let what = if has == 0 {
        "its files are gone".to_owned()
    } else {
        let (has, had) = (
            crate::core::plan::bytes_text(has),
            crate::core::plan::bytes_text(keepsake.had_bytes),
        );
        format!("only {has} of {had} are left")
    };
    format!("{what}: it stays stopped; start it to download what is missing")
}

/// The torrent once no check of it runs, seen so twice in a row; `None` if that takes too long.
async fn quiet(client: &Qbittorrent, id: &ItemId) -> Result<Option<Torrent>, String> {
    let until = Instant::now() + CHECKED_WITHIN;
    let mut looks = 0;
    while Instant::now() < until {
        let Some(torrent) = listed(client, id).await? else {
            return Err("it was added, and is gone again".to_owned());
        };
        let is_quiet = !torrent.state.is_checking() && !torrent.state.is_moving();
        looks = if is_quiet { looks + 1 } else { 0 };
        if looks >= 2 {
            return Ok(Some(torrent));
        }
        sleep(LOOK_EVERY).await;
    }
    Ok(None)
}

/// A long check: the daemon looks after it as after any treatment.
async fn leave_to_daemon(
    restoring: &Restoring<'_>,
    intent: &DeletionIntent,
    keepsake: &Keepsake,
    notes: &mut Vec<String>,
) -> Result<(), String> {
    let begun = TreatmentBegun {
        at: restoring.clock.now(),
        account: intent.account.clone(),
        item: intent.item.clone(),
        was: Was {
            state: "restored".to_owned(),
            running: !keepsake.stopped,
            complete: keepsake.was_complete,
            had_bytes: keepsake.had_bytes,
        },
    };
    restoring
        .kept
        .ledger
        .append(&[Record::TreatmentBegun(begun)])
        .await
        .map_err(|error| error.to_string())?;
    notes.push("the daemon starts it when the check has ended and all is there".to_owned());
    Ok(())
}
