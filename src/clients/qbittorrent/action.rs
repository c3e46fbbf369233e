//! Changing calls. Servers answer 200 for unknown hashes too and confirm nothing: what they did is seen only by
//! reading back.

use super::call::{Call, outcome};
use super::read::{CHUNK, explicit};
use super::{Qbittorrent, is_hash};
use crate::clients::ActionOutcome;
use crate::core::model::{ApiVersion, ItemId};

/// Limits after which a torrent stops seeding; the values are those of `torrents/info`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShareLimits {
    /// -2 global, -1 none.
    pub ratio: f64,
    /// Minutes; -2 global, -1 none.
    pub seeding_time: i64,
    /// Minutes; -2 global, -1 none. Servers before 4.6 ignore it.
    pub inactive_seeding_time: i64,
}

impl Default for ShareLimits {
    /// The server's global limits.
    fn default() -> Self {
        Self {
            ratio: -2.0,
            seeding_time: -2,
            inactive_seeding_time: -2,
        }
    }
}

impl Qbittorrent {
    /// Deletes a torrent, with its files or without. With files, those that other torrents use go too.
    pub async fn delete(&self, item: &ItemId, files: bool) -> ActionOutcome {
        let files = if files { "true" } else { "false" };
        self.on_items(
            "torrents/delete",
            "the deletion",
            &[item],
            &[("deleteFiles", files)],
        )
        .await
    }

    /// Stops a torrent (`pause` until 4.6).
    pub async fn stop(&self, item: &ItemId) -> ActionOutcome {
        self.by_era("torrents/stop", "torrents/pause", "the stop", item)
            .await
    }

    /// Starts a torrent (`resume` until 4.6).
    pub async fn start(&self, item: &ItemId) -> ActionOutcome {
        self.by_era("torrents/start", "torrents/resume", "the start", item)
            .await
    }

    /// Begins a check. Only stopped torrents are safe to check: others download what is missing.
    pub async fn recheck(&self, item: &ItemId) -> ActionOutcome {
        self.on_items("torrents/recheck", "the recheck", &[item], &[])
            .await
    }

    /// Announces these torrents to their trackers, by few requests. The first that fails ends it.
    pub async fn reannounce(&self, items: &[ItemId]) -> ActionOutcome {
        for chunk in items.chunks(CHUNK) {
            let chunk: Vec<&ItemId> = chunk.iter().collect();
            let ended = self
                .on_items("torrents/reannounce", "the reannounce", &chunk, &[])
                .await;
            if !ended.is_done() {
                return ended;
            }
        }
        ActionOutcome::Done
    }

    /// Limits the download speed, in bytes per second; 0 lifts the limit.
    pub async fn set_download_limit(&self, item: &ItemId, bytes_per_s: u64) -> ActionOutcome {
        let limit = bytes_per_s.to_string();
        let params = [("limit", limit.as_str())];
        self.on_items(
            "torrents/setDownloadLimit",
            "the download limit",
            &[item],
            &params,
        )
        .await
    }

    /// Limits both speeds, in bytes per second; 0 lifts a limit.
    pub async fn set_limits(&self, item: &ItemId, download: u64, upload: u64) -> ActionOutcome {
        let ended = self.set_download_limit(item, download).await;
        if !ended.is_done() {
            return ended;
        }
        let limit = upload.to_string();
        let params = [("limit", limit.as_str())];
        self.on_items(
            "torrents/setUploadLimit",
            "the upload limit",
            &[item],
            &params,
        )
        .await
    }

    /// Adds tags, which the server makes if it does not have them.
    pub async fn add_tags(&self, item: &ItemId, tags: &[&str]) -> ActionOutcome {
        self.with_tags("torrents/addTags", "the tags", item, tags)
            .await
    }

    /// Removes tags.
    pub async fn remove_tags(&self, item: &ItemId, tags: &[&str]) -> ActionOutcome {
        self.with_tags("torrents/removeTags", "the removal of tags", item, tags)
            .await
    }

    /// Puts a torrent into a category, which is made if there is none of this name; "" takes it out of any.
    pub async fn set_category(&self, item: &ItemId, category: &str) -> ActionOutcome {
        let what = "the category";
        if !is_hash(item.as_str()) {
            return no_hash(what);
        }
        let params = [("category", category)];
        let ended = self
            .on_items("torrents/setCategory", what, &[item], &params)
            .await;
        // 409: there is no such category.
        if !matches!(ended, ActionOutcome::Refused(_)) {
            return ended;
        }
        let params = [("category", category), ("savePath", "")];
        let made = self
            .call(&Call::post("torrents/createCategory", what, &params))
            .await;
        match made {
            ActionOutcome::Done => {
                let params = [("category", category)];
                self.on_items("torrents/setCategory", what, &[item], &params)
                    .await
            }
            other => other,
        }
    }

    /// Removes one tracker of a torrent. `Refused` if the torrent does not have it (before 5.2; later servers
    /// say nothing).
    pub async fn remove_tracker(&self, item: &ItemId, url: &str) -> ActionOutcome {
        let what = "the removal of a tracker";
        // The separator of the list; an address that holds it cannot be named.
        if url.is_empty() || url.contains('|') {
            return ActionOutcome::Refused(format!("{what}: its address cannot be sent"));
        }
        self.on_one("torrents/removeTrackers", what, item, &[("urls", url)])
            .await
    }

    /// Adds one tracker to a torrent, in a tier of its own.
    pub async fn add_tracker(&self, item: &ItemId, url: &str) -> ActionOutcome {
        let what = "the new tracker";
        if url.is_empty() || url.contains('\n') {
            return ActionOutcome::Refused(format!("{what}: its address cannot be sent"));
        }
        self.on_one("torrents/addTrackers", what, item, &[("urls", url)])
            .await
    }

    /// Sets all limits on sharing. Each version demands those that it knows and ignores the others.
    pub async fn set_share_limits(&self, item: &ItemId, limits: ShareLimits) -> ActionOutcome {
        let ratio = limits.ratio.to_string();
        let time = limits.seeding_time.to_string();
        let inactive = limits.inactive_seeding_time.to_string();
        let params = [
            ("ratioLimit", ratio.as_str()),
            ("seedingTimeLimit", &time),
            ("inactiveSeedingTimeLimit", &inactive),
            ("shareLimitAction", "Default"),
            ("shareLimitsMode", "Default"),
        ];
        self.on_items(
            "torrents/setShareLimits",
            "the share limits",
            &[item],
            &params,
        )
        .await
    }

    /// Sets the priority (0 skip, 1 normal, 6, 7) of files, named by their places in the list.
    pub async fn set_file_priority(
        &self,
        item: &ItemId,
        files: &[usize],
        priority: u8,
    ) -> ActionOutcome {
        if files.is_empty() {
            return ActionOutcome::Done;
        }
        let ids: Vec<String> = files.iter().map(usize::to_string).collect();
        let (ids, priority) = (ids.join("|"), priority.to_string());
        let params = [("id", ids.as_str()), ("priority", &priority)];
        self.on_one("torrents/filePrio", "the file priority", item, &params)
            .await
    }

    /// The names changed with 5.0. The other one is tried if the server does not know the first.
    async fn by_era(
        &self,
        new: &'static str,
        old: &'static str,
        what: &'static str,
        item: &ItemId,
    ) -> ActionOutcome {
        let is_old = {
            let mut session = self.session.lock().await;
            if let Err(error) = self.ensure_session(&mut session).await {
                return ActionOutcome::NotSent(error.message);
            }
            session.api.is_some() && !session.has(ApiVersion::STOP_START)
        };
        let (first, second) = if is_old { (old, new) } else { (new, old) };
        match self.on_items(first, what, &[item], &[]).await {
            ActionOutcome::Gone => self.on_items(second, what, &[item], &[]).await,
            ended => ended,
        }
    }

    async fn with_tags(
        &self,
        path: &'static str,
        what: &'static str,
        item: &ItemId,
        tags: &[&str],
    ) -> ActionOutcome {
        // Without tags, removeTags removes all of them.
        let tags: Vec<&str> = tags.iter().copied().filter(|tag| !tag.is_empty()).collect();
        if tags.is_empty() {
            return ActionOutcome::Done;
        }
        if tags.iter().any(|tag| tag.contains(',')) {
            return ActionOutcome::Refused(format!("{what}: a tag cannot hold a comma"));
        }
        self.on_items(path, what, &[item], &[("tags", &tags.join(","))])
            .await
    }

    /// Calls that take `hashes`.
    async fn on_items(
        &self,
        path: &'static str,
        what: &'static str,
        items: &[&ItemId],
        params: &[(&'static str, &str)],
    ) -> ActionOutcome {
        if items.is_empty() {
            return ActionOutcome::Done;
        }
        let items: Vec<ItemId> = items.iter().copied().cloned().collect();
        let hashes = explicit(&items);
        if hashes.len() != items.len() {
            return no_hash(what);
        }
        self.call(&Call::post(path, what, params).with("hashes", hashes.join("|")))
            .await
    }

    /// Calls that take one `hash`.
    async fn on_one(
        &self,
        path: &'static str,
        what: &'static str,
        item: &ItemId,
        params: &[(&'static str, &str)],
    ) -> ActionOutcome {
        if !is_hash(item.as_str()) {
            return no_hash(what);
        }
        self.call(&Call::post(path, what, params).with("hash", item.as_str()))
            .await
    }

    async fn call(&self, call: &Call) -> ActionOutcome {
        let mut session = self.session.lock().await;
        match self.act(&mut session, call).await {
            Ok((status, body)) => outcome(call.what, status, &body),
            Err(ended) => ended,
        }
    }
}

fn no_hash(what: &str) -> ActionOutcome {
    ActionOutcome::Refused(format!("{what}: not sent, because this is no info-hash"))
}

#[cfg(test)]
mod tests;
