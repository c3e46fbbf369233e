//! Actions on torrents. They are silent: 200 also for unknown hashes, and nothing confirms an effect.

use super::Era;
use super::effect::What;
use super::reply::{Params, Reply, done, text};
use super::server::Server;
use super::torrent::{Torrent, Tracker};

type Answer = Result<Reply, Reply>;

impl Server {
    /// Carries out an action below `torrents/`, or gives `None` if there is no such.
    pub(super) fn act(&mut self, name: &str, params: &Params) -> Option<Answer> {
        let era = self.settings.era;
        let is_new = era.has_new_names();
        Some(match name {
            "add" => self.add_request(params),
            "delete" => self.delete_request(params),
            "recheck" => self.each(params, &[], Self::recheck),
            "reannounce" => self.each(params, &[], Self::reannounce),
            "stop" if is_new => self.each(params, &[], Self::stop),
            "pause" if !is_new => self.each(params, &[], Self::stop),
            "start" if is_new => self.each(params, &[], Self::start),
            "resume" if !is_new => self.each(params, &[], Self::start),
            "setForceStart" => self.each(params, &["value"], |server, hash| {
                server.start(hash);
                let is_forced = params.flag("value") == Some(true);
                server.edit(hash, |torrent| torrent.is_forced = is_forced);
            }),
            "setDownloadLimit" => self.change(name, params, &["limit"], |torrent| {
                torrent.dl_limit = positive(params);
            }),
            "setUploadLimit" => self.change(name, params, &["limit"], |torrent| {
                torrent.up_limit = positive(params)
            }),
            "setShareLimits" => self.set_share_limits(params),
            "setAutoManagement" => self.change(name, params, &["enable"], |torrent| {
                torrent.auto_tmm = params.flag("enable") == Some(true);
            }),
            "setLocation" => self.set_location(params),
            "rename" => self.rename(params),
            "addTags" => self.add_tags(params),
            "setTags" if era >= Era::V5_1 => self.set_tags(params),
            "removeTags" => self.remove_tags(params),
            "createTags" => params.need(&["tags"]).map(|()| {
                self.tags.extend(params.list("tags", ','));
                done()
            }),
            "deleteTags" => self.delete_tags(params),
            "setCategory" => self.set_category(params),
            "createCategory" => self.create_category(params),
            "editCategory" => self.edit_category(params),
            "removeCategories" => self.remove_categories(params),
            "filePrio" => self.file_priority(params),
            "addTrackers" => self.add_trackers(params),
            "removeTrackers" => self.remove_trackers(params),
            "topPrio"
            | "bottomPrio"
            | "increasePrio"
            | "decreasePrio"
            | "toggleSequentialDownload"
            | "toggleFirstLastPiecePrio"
            | "setSuperSeeding" => self.each(params, &[], |_, _| {}),
            _ => return None,
        })
    }

    /// Torrents named by `hashes`: `|` between, or `all`; unknown ones are passed over in silence.
    pub(super) fn named(&self, params: &Params, name: &str) -> Vec<String> {
        let named = params.list(name, '|');
        if named.iter().any(|hash| hash == "all") {
            return self.torrents.keys().cloned().collect();
        }
        let named = named.into_iter().map(|hash| hash.to_ascii_lowercase());
        named
            .filter(|hash| self.torrents.contains_key(hash))
            .collect()
    }

    fn each(
        &mut self,
        params: &Params,
        needs: &[&str],
        mut act: impl FnMut(&mut Self, &str),
    ) -> Answer {
        params.need(&[&["hashes"], needs].concat())?;
        for hash in self.named(params, "hashes") {
            act(self, &hash);
        }
        Ok(done())
    }

    /// Changes fields of each named torrent, and records it with the parameters.
    pub(super) fn change(
        &mut self,
        name: &str,
        params: &Params,
        needs: &[&str],
        change: impl Fn(&mut Torrent),
    ) -> Answer {
        self.each(params, needs, |server, hash| {
            server.changed_by(name, params, hash);
            server.edit(hash, &change);
        })
    }

    pub(super) fn changed_by(&mut self, action: &str, params: &Params, hash: &str) {
        let given = params
            .all
            .iter()
            .filter(|param| param.name != "hashes" && param.name != "hash");
        let given: Vec<_> = given
            .map(|param| format!("{}={}", param.name, param.text()))
            .collect();
        let (action, value) = (action.to_owned(), given.join("&"));
        self.effect(hash, What::Changed { action, value });
    }

    fn delete_request(&mut self, params: &Params) -> Answer {
        params.need(&["hashes", "deleteFiles"])?;
        let with_files = params.flag("deleteFiles") == Some(true);
        for hash in self.named(params, "hashes") {
            let files = self.files_of(&hash);
            let state = self.state(&hash).unwrap_or_default();
            let Some(torrent) = self.take(&hash) else {
                continue;
            };
            self.effect(
                &hash,
                What::Deleted {
                    with_files,
                    state,
                    torrent: Box::new(torrent),
                },
            );
            for (path, _, folder) in files.into_iter().filter(|_| with_files) {
                if self.disk.size(&path).is_none() {
                    continue;
                }
                let mut shared_with = self.holders_of(&path);
                let there = self.names_there();
                let at = self.now + self.settings.delete_ms;
                if self.settings.delete_ms == 0 {
                    self.disk.remove(&path, &folder);
                } else {
                    self.clockwork.removals.push((at, path.clone(), folder));
                }
                // By whatever way they reached it: links, another place, other letters.
                for (other, path) in there {
                    if self.disk.size(&path).is_none() && !shared_with.contains(&other) {
                        shared_with.push(other);
                    }
                }
                self.effect(&hash, What::FileRemoved { path, shared_with });
            }
        }
        Ok(done())
    }

    /// Every file of a torrent that is there, by the torrent's own name of it.
    fn names_there(&mut self) -> Vec<(String, String)> {
        let hashes: Vec<String> = self.torrents.keys().cloned().collect();
        let mut there = Vec::new();
        for hash in hashes {
            for (path, _, _) in self.files_of(&hash) {
                if self.disk.size(&path).is_some() {
                    there.push((hash.clone(), path));
                }
            }
        }
        there
    }

    /// Torrents that have a file at this path.
    fn holders_of(&self, path: &str) -> Vec<String> {
        let holds = |torrent: &&Torrent| {
            let below = path
                .strip_prefix(torrent.data_folder())
                .and_then(|rest| rest.strip_prefix('/'));
            below.is_some_and(|name| torrent.files.iter().any(|file| file.name == name))
        };
        self.torrents
            .values()
            .filter(holds)
            .map(|torrent| torrent.hash.clone())
            .collect()
    }

    fn set_share_limits(&mut self, params: &Params) -> Answer {
        let mut needs = vec!["ratioLimit", "seedingTimeLimit"];
        let since = [
            (Era::V4_6, "inactiveSeedingTimeLimit"),
            (Era::V5_2, "shareLimitAction"),
            (Era::V5_3, "shareLimitsMode"),
        ];
        needs.extend(
            since
                .iter()
                .filter(|(era, _)| self.settings.era >= *era)
                .map(|(_, name)| *name),
        );
        self.change("setShareLimits", params, &needs, |torrent| {
            torrent.limits.ratio = params.number("ratioLimit").unwrap_or(-2.0);
            torrent.limits.seeding_time = params.number("seedingTimeLimit").unwrap_or(-2);
            torrent.limits.inactive_seeding_time =
                params.number("inactiveSeedingTimeLimit").unwrap_or(-2);
        })
    }

    /// Moves the data at once.
    fn set_location(&mut self, params: &Params) -> Answer {
        params.need(&["hashes", "location"])?;
        let location = params
            .text("location")
            .trim()
            .trim_end_matches('/')
            .to_owned();
        if location.is_empty() {
            return Err(text(400, "Save path cannot be empty"));
        }
        for hash in self.named(params, "hashes") {
            let (files, there) = (self.files_of(&hash), self.there(&hash));
            files
                .iter()
                .for_each(|(path, _, folder)| self.disk.remove(path, folder));
            self.changed_by("setLocation", params, &hash);
            self.edit(&hash, |torrent| torrent.save_path.clone_from(&location));
            for ((path, _, _), bytes) in self.files_of(&hash).into_iter().zip(there) {
                if bytes > 0 {
                    self.disk.write(&path, bytes);
                }
            }
        }
        Ok(done())
    }

    fn rename(&mut self, params: &Params) -> Answer {
        params.need(&["hash", "name"])?;
        let Some(hash) = self.named(params, "hash").pop() else {
            return Err(text(404, "Not Found"));
        };
        let name = params.text("name").trim().to_owned();
        if name.is_empty() {
            return Err(text(409, "Incorrect torrent name"));
        }
        self.changed_by("rename", params, &hash);
        self.edit(&hash, |torrent| torrent.name = name);
        Ok(done())
    }

    fn file_priority(&mut self, params: &Params) -> Answer {
        params.need(&["hash", "id", "priority"])?;
        let Some(hash) = self.named(params, "hash").pop() else {
            return Err(text(404, "Not Found"));
        };
        let priority: Option<u8> = params
            .number("priority")
            .filter(|number| [0, 1, 6, 7].contains(number));
        let Some(priority) = priority else {
            return Err(text(400, "Priority is not valid"));
        };
        let Some(torrent) = self
            .torrents
            .get(&hash)
            .filter(|torrent| torrent.has_metadata)
        else {
            return Err(text(409, "Torrent's metadata has not yet downloaded"));
        };
        let count = torrent.files.len();
        let ids: Option<Vec<usize>> = params
            .list("id", '|')
            .iter()
            .map(|id| id.parse().ok())
            .collect();
        let Some(ids) = ids else {
            return Err(text(400, "File IDs must be integers"));
        };
        if ids.iter().any(|id| *id >= count) {
            return Err(text(409, "File ID is not valid"));
        }
        self.changed_by("filePrio", params, &hash);
        self.edit(&hash, |torrent| {
            let files = torrent.files.iter_mut().enumerate();
            files
                .filter(|(at, _)| ids.contains(at))
                .for_each(|(_, file)| file.priority = priority);
        });
        Ok(done())
    }

    /// Success of the two tracker actions, and what an unknown hash gives.
    fn tracker_answer(&self, is_known: bool) -> Answer {
        match (self.settings.era, is_known) {
            (Era::V5_2, true) | (Era::V5_3, _) => Ok(text(204, "")),
            (_, true) => Ok(done()),
            (_, false) => Err(text(404, "Not Found")),
        }
    }

    fn add_trackers(&mut self, params: &Params) -> Answer {
        params.need(&["hash", "urls"])?;
        let hashes = self.named(params, "hash");
        for hash in &hashes {
            self.changed_by("addTrackers", params, hash);
            let Some(torrent) = self.torrents.get(hash) else {
                continue;
            };
            let mut known: Vec<String> = torrent
                .trackers
                .iter()
                .map(|tracker| tracker.url.clone())
                .collect();
            let mut added = Vec::new();
            let mut tier = 0;
            // An empty line begins the next tier.
            for url in params.text("urls").lines().map(str::trim) {
                if url.is_empty() {
                    tier += 1;
                } else if !known.iter().any(|known| known == url) {
                    known.push(url.to_owned());
                    added.push(Tracker::new(url, tier, self.settings.added_tracker.clone()));
                }
            }
            self.edit(hash, |torrent| {
                torrent.trackers.extend(added.iter().cloned());
                torrent.trackers.sort_by_key(|tracker| tracker.tier);
            });
            added
                .into_iter()
                .for_each(|tracker| self.index(hash, tracker.url));
        }
        self.tracker_answer(!hashes.is_empty())
    }

    fn remove_trackers(&mut self, params: &Params) -> Answer {
        params.need(&["hash", "urls"])?;
        let (hashes, urls) = (self.named(params, "hash"), params.list("urls", '|'));
        let has = |torrent: &Torrent| {
            torrent
                .trackers
                .iter()
                .any(|tracker| urls.contains(&tracker.url))
        };
        let is_any = hashes
            .iter()
            .filter_map(|hash| self.torrents.get(hash))
            .any(has);
        if self.settings.era < Era::V4_5_2 && !hashes.is_empty() && !is_any {
            return Err(text(409, ""));
        }
        for hash in &hashes {
            self.changed_by("removeTrackers", params, hash);
            self.edit(hash, |torrent| {
                torrent
                    .trackers
                    .retain(|tracker| !urls.contains(&tracker.url))
            });
            urls.iter().for_each(|url| self.unindex(hash, url));
        }
        self.tracker_answer(!hashes.is_empty())
    }
}

/// 0 and -1 are unlimited.
fn positive(params: &Params) -> u64 {
    params
        .number::<i64>("limit")
        .and_then(|limit| u64::try_from(limit).ok())
        .unwrap_or(0)
}
