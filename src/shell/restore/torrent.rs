//! A torrent comes back: added stopped, checked, compared with what it was, and started only if nothing that it had
//! would be downloaded again.

mod settings;

use super::{Restored, Restoring};
use crate::clients::ActionOutcome;
use crate::clients::qbittorrent::{FieldSet, Qbittorrent, TorrentSource};
use crate::core::keepsake::Keepsake;
use crate::core::ledger::{DeletionIntent, Record, TreatmentBegun, Was};
use crate::core::model::{ItemId, Torrent};
use crate::core::plan::bytes_text;
use crate::shell::eyes::Eyes;
use crate::shell::trash::Trash;
use bytes::Bytes;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// A torrent that was added shows up within this time (a link that 5.2 is still reading included).
const APPEARS_WITHIN: Duration = Duration::from_secs(15);

/// Checks are waited for this long; what takes longer is left to the daemon.
const CHECKED_WITHIN: Duration = Duration::from_secs(15 * 60);

/// Until this long after a check was asked for the API may show the state before it.
const SHOWS_AFTER: Duration = Duration::from_secs(3);

const LOOK_EVERY: Duration = Duration::from_millis(500);

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
    let torrent = settings::to_add(client, source, &keepsake, &mut notes).await;
    let outcome = client.add(&torrent).await;
    if matches!(outcome, ActionOutcome::NotSent(_) | ActionOutcome::Busy(_)) {
        return Err(outcome.to_string());
    }
    // What the server says of an addition differs by version; whether the torrent is there does not.
    let there = match appeared(client, id).await {
        Ok(there) => there,
        Err(why) => {
            restoring.record(intent, id).await?;
            return Err(format!(
                "it was sent, and could not be seen since: {why}. It is left alone if it is there; restore it again to see"
            ));
        }
    };
    if there.is_none() {
        return Err(match outcome {
            ActionOutcome::Done => "the server took it, but does not list it".to_owned(),
            other => other.to_string(),
        });
    }
    restoring.record(intent, id).await?;
    let client = self::client(restoring.eyes)?;
    settings::set(client, id, &keepsake, is_file, &mut notes).await?;
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
        let (has, had) = (bytes_text(has), bytes_text(keepsake.had_bytes));
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
