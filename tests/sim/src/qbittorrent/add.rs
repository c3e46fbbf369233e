//! `torrents/add`: .torrent files and magnet links.

use super::Era;
use super::effect::What;
use super::metainfo::Metainfo;
use super::recheck::{first_check, is_whole};
use super::reply::{Params, Reply, json, text};
use super::server::Server;
use super::spec::blank;
use super::torrent::{Torrent, Tracker, Trouble};
use serde_json::json;

/// What became of the items of one request.
#[derive(Debug, Default)]
struct Tally {
    added: Vec<String>,
    failed: usize,
    pending: usize,
}

impl Server {
    pub(super) fn add_request(&mut self, params: &Params) -> Result<Reply, Reply> {
        let mut tally = Tally::default();
        let files = params.all.iter().filter(|param| param.file.is_some());
        let mut read = Vec::new();
        for file in files {
            let Some(metainfo) = Metainfo::read(&file.value) else {
                let name = file.file.as_deref().unwrap_or("");
                return Err(text(
                    415,
                    &format!("Error: '{name}' is not a valid torrent file."),
                ));
            };
            read.push(metainfo);
        }
        for metainfo in read {
            let torrent = self.to_add(params, &metainfo);
            match self.torrents.contains_key(&torrent.hash) {
                true => tally.failed += 1,
                false => tally.added.push(self.add_torrent(params, torrent)),
            }
        }
        for url in params
            .text("urls")
            .lines()
            .map(str::trim)
            .filter(|url| !url.is_empty())
        {
            match magnet_hash(url) {
                None => tally.pending += 1,
                Some(hash) => match self.torrents.contains_key(&hash) {
                    // 5.2 and later merge the trackers and call it a success.
                    true if self.settings.era >= Era::V5_2 => tally.added.push(hash),
                    true => tally.failed += 1,
                    false => {
                        let torrent = self.magnet_to_add(params, url, hash);
                        tally.added.push(self.add_torrent(params, torrent));
                    }
                },
            }
        }
        self.tell(tally)
    }

    fn tell(&self, tally: Tally) -> Result<Reply, Reply> {
        let Tally {
            added,
            failed,
            pending,
        } = tally;
        let era = self.settings.era;
        if era < Era::V5_2 {
            let is_any = !added.is_empty() || pending > 0 || era == Era::V4_2_5 && failed > 0;
            return Ok(text(200, if is_any { "Ok." } else { "Fails." }));
        }
        if added.is_empty() && pending == 0 {
            return Err(text(409, "Conflict"));
        }
        let counts = json!({
            "added_torrent_ids": added, "failure_count": failed, "pending_count": pending,
            "success_count": added.len(),
        });
        Ok(json(&counts).status(if pending > 0 { 202 } else { 200 }))
    }

    fn to_add(&self, params: &Params, metainfo: &Metainfo) -> Torrent {
        let mut torrent = self.labelled(params, &metainfo.name);
        torrent.original_name.clone_from(&metainfo.name);
        torrent.hash = metainfo.hash();
        torrent.given_hash.clone_from(&metainfo.given_hash);
        torrent.files.clone_from(&metainfo.files);
        torrent.is_private = metainfo.is_private;
        torrent.comment.clone_from(&metainfo.comment);
        for (tier, urls) in (0..).zip(&metainfo.trackers) {
            let trackers = urls
                .iter()
                .map(|url| Tracker::new(url, tier, self.settings.added_tracker.clone()));
            torrent.trackers.extend(trackers);
        }
        torrent
    }

    fn magnet_to_add(&self, params: &Params, url: &str, hash: String) -> Torrent {
        let parts = crate::form::urlencoded(
            url.split_once('?')
                .map_or("", |(_, query)| query)
                .as_bytes(),
        );
        let part = |name: &str| {
            parts
                .iter()
                .filter(|part| part.name == name)
                .map(|part| part.text())
                .collect()
        };
        let names: Vec<String> = part("dn");
        let urls: Vec<String> = part("tr");
        let mut torrent = self.labelled(params, names.first().unwrap_or(&hash));
        torrent.has_metadata = false;
        torrent.given_hash = Some(hash.clone());
        torrent.hash = hash;
        let trackers = (0..)
            .zip(&urls)
            .map(|(tier, url)| Tracker::new(url, tier, self.settings.added_tracker.clone()));
        torrent.trackers = trackers.collect();
        torrent
    }

    /// A new torrent with what the request says of it.
    fn labelled(&self, params: &Params, name: &str) -> Torrent {
        let era = self.settings.era;
        let given = |name: &str| params.get(name).filter(|value| !value.is_empty());
        let mut torrent = blank(&given("rename").unwrap_or(name.to_owned()));
        torrent.original_name = name.to_owned();
        torrent.category = params.text("category");
        torrent.tags = self.tags_to_add(params).into_iter().collect();
        let save_path = given("savepath").unwrap_or(self.settings.save_path.clone());
        torrent.save_path = save_path.trim_end_matches('/').to_owned();
        if era >= Era::V4_5_2 && params.flag("useDownloadPath") != Some(false) {
            torrent.download_path = params.text("downloadPath").trim_end_matches('/').to_owned();
        }
        // Each version knows only its own word.
        let stop = if era.has_new_names() {
            "stopped"
        } else {
            "paused"
        };
        torrent.is_stopped = params.flag(stop) == Some(true);
        torrent.auto_tmm = params.flag("autoTMM") == Some(true);
        let limit = |name: &str| params.number::<u64>(name).unwrap_or(0);
        (torrent.dl_limit, torrent.up_limit) = (limit("dlLimit"), limit("upLimit"));
        if era >= Era::V4_5_2 {
            torrent.limits.ratio = params.number("ratioLimit").unwrap_or(-2.0);
            torrent.limits.seeding_time = params.number("seedingTimeLimit").unwrap_or(-2);
        }
        if era >= Era::V4_6 {
            torrent.limits.inactive_seeding_time =
                params.number("inactiveSeedingTimeLimit").unwrap_or(-2);
        }
        torrent.added_on = self.now / 1000;
        torrent.last_activity = torrent.added_on;
        torrent.refreshed_at = self.now;
        torrent.queue_place = i64::try_from(self.torrents.len()).unwrap_or(i64::MAX) + 1;
        torrent
    }

    /// Takes a torrent in: its data is checked, or trusted where the request says so.
    fn add_torrent(&mut self, params: &Params, torrent: Torrent) -> String {
        let skip = if self.settings.era >= Era::V5_3 {
            "seedMode"
        } else {
            "skip_checking"
        };
        let (hash, has_metadata, now) = (torrent.hash.clone(), torrent.has_metadata, self.now);
        let is_stopped = torrent.is_stopped;
        let trusts = params.flag(skip) == Some(true) && has_metadata;
        self.insert(torrent);
        self.effect(&hash, What::Added);
        if trusts {
            let is_there = is_whole(self, &hash);
            self.edit(&hash, |torrent| {
                torrent.set_have(|file| file.size);
                torrent.was_finished = true;
                torrent.completion_on = Some(now / 1000);
                torrent.trouble = (!is_there).then_some(Trouble::MissingFiles);
            });
        } else if has_metadata && is_stopped {
            // Seen on all servers that were run: it shows stoppedDL with progress 0, whatever is on the disk.
            self.edit(&hash, |torrent| torrent.is_unchecked = true);
        } else if has_metadata {
            first_check(self, &hash, now);
        } else {
            self.settle(&hash);
        }
        hash
    }
}

/// The info-hash of a magnet link, lower case.
fn magnet_hash(url: &str) -> Option<String> {
    let query = url.strip_prefix("magnet:?")?;
    let topics = crate::form::urlencoded(query.as_bytes());
    let topic = topics.iter().find(|part| part.name == "xt")?.text();
    let hash = topic.strip_prefix("urn:btih:")?.to_ascii_lowercase();
    let is_hash = hash.len() == 40 && hash.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hash.then_some(hash)
}

#[cfg(test)]
mod tests;
