//! How a world ends: faults stop, and what is beyond help has to go, be announced, and leave no secrets behind.

use super::World;
use crate::disk::FOLDER;
use crate::hub::Rates;
use crate::{discord, magnets, torrents};
use jiff::SignedDuration;
use seedwarden::ports::Clock;
use seedwarden_sim::qbittorrent::Era;
use std::path::Path;
use std::time::Duration;

impl World {
    /// Faults end, and nothing happens any more but what is on its way. Within a bounded time everything beyond help must
    /// be deleted and announced, and nothing else gone.
    pub async fn end(&mut self) {
        self.set_rates(Rates::default());
        self.set_the_clock_right();
        // Days of waiting for a limit cost much and show little; some worlds go through them.
        if self.dice.below(16) > 0 {
            self.setup.knobs.raise_limits();
            self.configure().await;
        }
        let mut beyond_help: Vec<(String, u64)> = Vec::new();
        self.with_discord(|service, _| discord::calm_down(service));
        let may_delete = self.setup.knobs.deletes();
        let mut well = Vec::new();
        for account in self.setup.magnet_accounts.clone() {
            let hopeless = self.with_alldebrid(|service, dice| {
                let hopeless = magnets::calm_down(service, &account, dice);
                let ready = service.account(&account).magnets.values().filter(|magnet| {
                    let is_deleted = magnet.lingers_for.is_some();
                    magnet.code == Some(4) && !magnet.says_expired() && !is_deleted
                });
                well.extend(ready.map(|magnet| (account.clone(), magnet.id)));
                hopeless
            });
            beyond_help.extend(
                hopeless
                    .into_iter()
                    .filter(|_| may_delete)
                    .map(|id| (account.clone(), id)),
            );
        }
        let (hub, now) = (self.hub.clone(), self.time.now_ms());
        let mut lost: Vec<(String, String)> = Vec::new();
        for (name, server) in self.setup.servers.clone() {
            let hashes = self.with_server(&name, |server, _| {
                torrents::calm_down(server, &name, &hub, now)
            });
            // What has lost its data has unknown links.
            let is_all_protected =
                server.protects_linked || (server.protects_unsent && server.era < Era::V4_5_2);
            if server.errored != "keep" && !is_all_protected {
                lost.extend(hashes.into_iter().map(|hash| (name.clone(), hash)));
            }
        }
        self.note(&format!("lost torrents: {lost:?}"));
        self.note(&format!("faults end; beyond help: {beyond_help:?}"));
        let deadline = self.time.now()
            + SignedDuration::from_hours(60 + 24 * (beyond_help.len() + lost.len()) as i64 / 3);
        loop {
            self.start().await;
            self.survives(Duration::from_secs(10 * 60)).await;
            self.accept().await;
            let left: Vec<_> = self.with_alldebrid(|service, _| {
                beyond_help
                    .iter()
                    .filter(|(account, id)| service.magnet(account, *id).is_some())
                    .cloned()
                    .collect()
            });
            let mut still_lost = lost.clone();
            still_lost.retain(|(name, hash)| {
                self.with_server(name, |server, _| server.torrent(hash).is_some())
            });
            let untold = self.hub.with(|core| {
                core.oracle
                    .untold()
                    .into_iter()
                    .map(|d| d.name.clone())
                    .collect::<Vec<_>>()
            });
            if self.is_broken() || (left.is_empty() && still_lost.is_empty() && untold.is_empty()) {
                break;
            }
            if self.time.now() > deadline {
                self.hub.with(|core| {
                    core.oracle.breach(
                        12,
                        format!("still there: {left:?} {still_lost:?}, untold: {untold:?}"),
                    );
                });
                break;
            }
        }
        let gone: Vec<_> = self.with_alldebrid(|service, _| {
            well.into_iter()
                .filter(|(account, id)| service.magnet(account, *id).is_none())
                .collect()
        });
        if !gone.is_empty() {
            self.hub.with(|core| {
                core.oracle
                    .breach(1, format!("{gone:?} got well and are gone"))
            });
        }
        self.stop().await;
        self.look_for_secrets();
    }

    fn look_for_secrets(&self) {
        let files = self.disk.below.with(|disk| {
            let names = disk.names_below(Path::new(FOLDER));
            names
                .into_iter()
                .filter_map(|name| Some((disk.peek(&name)?.to_vec(), name)))
                .collect::<Vec<_>>()
        });
        for (content, name) in files {
            // What restores a torrent needs the address of its tracker.
            if name.components().any(|part| part.as_os_str() == "trash") {
                continue;
            }
            self.hub.with(|core| {
                core.oracle
                    .secrets_of_text(&name.display().to_string(), &content)
            });
        }
    }
}
