//! What requests did to torrents, as the oracle hears of it.

use super::sample_room;
use crate::hub::Hub;
use seedwarden_sim::qbittorrent::{Server, What};

/// Tells the oracle what happened since the last time.
pub(super) fn tell_effects(server: &mut Server, name: &str, hub: &Hub) {
    let effects = server.effects().to_vec();
    server.clear_effects();
    let names = server
        .torrents()
        .values()
        .map(|torrent| torrent.name.clone())
        .collect();
    let is_of_us = effects
        .iter()
        .any(|effect| matches!(effect.what, What::Deleted { .. }));
    hub.with(|core| {
        core.oracle.present.insert(name.to_owned(), names);
        core.oracle.holds_too(server.torrents().values());
        for effect in effects {
            core.note(&format!("{name}: {effect}"));
            let hash = &effect.hash;
            match &effect.what {
                What::Deleted {
                    with_files,
                    torrent,
                    ..
                } => {
                    core.see(if *with_files {
                        "effect: torrent deleted with files"
                    } else {
                        "effect: torrent deleted"
                    });
                    if name == "attic" {
                        core.see("effect: torrent deleted on the second server");
                    }
                    core.oracle.torrent_deleted(name, torrent, *with_files);
                }
                What::FileRemoved { path, shared_with } => {
                    core.oracle.file_removed(name, path, shared_with);
                }
                What::RecheckAsked => core.see("effect: recheck"),
                What::Started => {
                    core.see("effect: start");
                    core.oracle.started_by_us(name, hash);
                }
                What::Stopped => {
                    core.see("effect: stop");
                    core.oracle.stopped_by_us(hash);
                }
                What::Reannounced => core.see("effect: reannounce"),
                What::Changed { action, value } => {
                    core.see(&format!("effect: {action}"));
                    if action == "removeTrackers" {
                        core.oracle.tracker_removed(name, hash, value);
                    }
                }
                What::RunsUnfinished {
                    lost,
                    by_restart: false,
                }
                | What::DownloadedAgain {
                    lost,
                    by_restart: false,
                } => {
                    core.oracle.downloads_again(name, hash, *lost);
                }
                What::CheckHangs => core.see("effect: check hangs"),
                What::Added => {
                    let torrent = server.torrent(hash);
                    let added = torrent.map_or("", |torrent| torrent.name.as_str());
                    core.oracle.torrent_added(name, hash, added);
                }
                What::Checked { .. }
                | What::Restarted
                | What::RunsUnfinished {
                    by_restart: true, ..
                }
                | What::DownloadedAgain {
                    by_restart: true, ..
                } => {}
            }
            if matches!(
                effect.what,
                What::Deleted { .. }
                    | What::Started
                    | What::Stopped
                    | What::RecheckAsked
                    | What::Reannounced
                    | What::Changed { .. }
            ) {
                core.oracle.changes(name, &effect.to_string());
            }
        }
    });
    if is_of_us {
        sample_room(name, hub, true);
    }
}
