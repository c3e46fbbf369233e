//! Endpoints that read torrents: `info` with its filters, `properties`, `files`, `trackers`, `export`.

use super::Era;
use super::reply::{Params, Reply, json, json_bytes, text};
use super::row;
use super::server::Server;
use super::state;
use super::torrent::{Torrent, Tracker, TrackerStatus};
use http::header;
use serde_json::{Value, json};
use std::collections::BTreeSet;

impl Server {
    /// The answer of a reading endpoint below `torrents/`, or `None` if there is no such.
    pub(super) fn read_torrents(
        &mut self,
        name: &str,
        params: &Params,
    ) -> Option<Result<Reply, Reply>> {
        let era = self.settings.era;
        Some(match name {
            "info" => self.list(params),
            "count" if era >= Era::V4_6 => Ok(text(200, &self.torrents.len().to_string())),
            "categories" => Ok(json(&self.category_objects().into())),
            "tags" => Ok(json(&json!(self.tags))),
            "properties" => self
                .one(params)
                .map(|torrent| json(&properties(torrent, era))),
            "files" => self.one(params).map(|torrent| json(&files(torrent, era))),
            "trackers" => self
                .one(params)
                .map(|torrent| json(&trackers(torrent, era, self.settings.uses_dht))),
            "export" if era >= Era::V4_5_2 => {
                self.one(params).and_then(|torrent| export(torrent, era))
            }
            _ => return None,
        })
    }

    fn one(&self, params: &Params) -> Result<&Torrent, Reply> {
        params.need(&["hash"])?;
        let hash = params.text("hash").to_ascii_lowercase();
        self.torrents
            .get(&hash)
            .ok_or_else(|| text(404, "Not Found"))
    }

    fn list(&mut self, params: &Params) -> Result<Reply, Reply> {
        self.take_omits();
        let (era, now) = (self.settings.era, self.now);
        // 4.2.5 finds nothing for upper case here.
        let fold = |hash: String| match era {
            Era::V4_2_5 => hash,
            Era::V4_5_2 | Era::V4_6 | Era::V5_0 | Era::V5_1 | Era::V5_2 | Era::V5_3 => {
                hash.to_ascii_lowercase()
            }
        };
        let hashes: BTreeSet<String> = params.list("hashes", '|').into_iter().map(fold).collect();
        let filter = params.text("filter").to_ascii_lowercase();
        let (category, tag) = (params.get("category"), params.get("tag"));
        let private = params.flag("private").filter(|_| era >= Era::V5_0);
        let matches = |torrent: &&Torrent| {
            let has_tag = |tag: &String| match tag.as_str() {
                "" => torrent.tags.is_empty(),
                tag => torrent.tags.contains(tag),
            };
            (hashes.is_empty() || hashes.contains(&torrent.hash))
                && category
                    .as_ref()
                    .is_none_or(|category| torrent.category == *category)
                && (era < Era::V4_5_2 || tag.as_ref().is_none_or(has_tag))
                && private
                    .is_none_or(|private| torrent.has_metadata && torrent.is_private == private)
                && passes(torrent, &filter, era, &state::word(torrent, era, now))
        };
        let torrents = self.torrents.values().filter(matches);
        let mut rows: Vec<row::Row> = torrents
            .map(|torrent| self.info_row(torrent, params))
            .collect();
        for row in &mut rows {
            row.retain(|(key, _)| !self.omitted.contains(key));
        }
        if let Some(sort) = params.get("sort").filter(|sort| !sort.is_empty()) {
            sort_rows(&mut rows, &sort, params.flag("reverse") == Some(true), era)?;
        }
        let rows = self.window(rows, params);
        let mut out = b"[".to_vec();
        for (at, row) in rows.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            row::write(&mut out, row);
        }
        out.push(b']');
        Ok(json_bytes(out))
    }

    fn info_row(&self, torrent: &Torrent, params: &Params) -> row::Row {
        let era = self.settings.era;
        let mut row = row::info(torrent, era, self.now);
        if era >= Era::V5_1 && params.flag("includeTrackers") == Some(true) {
            let rows = torrent
                .trackers
                .iter()
                .map(|tracker| tracker_row(tracker, torrent, era));
            row.push(("trackers", rows.collect()));
        }
        if era >= Era::V5_2 && params.flag("includeFiles") == Some(true) {
            row.push(("files", files(torrent, era)));
        }
        row
    }

    /// `offset` and `limit`; an offset past the end is ignored before 5.3.
    fn window(&self, rows: Vec<row::Row>, params: &Params) -> Vec<row::Row> {
        let offset: i64 = params.number("offset").unwrap_or(0);
        let limit: i64 = params.number("limit").unwrap_or(0);
        let size = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let offset = if offset < 0 { offset + size } else { offset };
        let offset = match offset {
            offset if offset < 0 => 0,
            offset if offset >= size && self.settings.era < Era::V5_3 => 0,
            offset => offset,
        };
        let skipped = rows.into_iter().skip(usize::try_from(offset).unwrap_or(0));
        match usize::try_from(limit) {
            Ok(limit) if limit > 0 => skipped.take(limit).collect(),
            Ok(_) | Err(_) => skipped.collect(),
        }
    }
}

/// An unknown filter lets everything pass.
fn passes(torrent: &Torrent, filter: &str, era: Era, state: &str) -> bool {
    let is_new = era.has_new_names();
    match filter {
        "downloading" => !torrent.is_complete(),
        "seeding" => torrent.is_complete() && !torrent.is_stopped,
        "completed" => torrent.is_complete(),
        "paused" if !is_new => torrent.is_stopped,
        "resumed" if !is_new => !torrent.is_stopped,
        "stopped" if is_new => torrent.is_stopped,
        "running" if is_new => !torrent.is_stopped,
        "active" => torrent.dlspeed() > 0 || torrent.is_running() && torrent.upspeed > 0,
        "inactive" => torrent.dlspeed() == 0 && !(torrent.is_running() && torrent.upspeed > 0),
        "stalled" => state.starts_with("stalled"),
        "stalled_uploading" => state == "stalledUP",
        "stalled_downloading" => state == "stalledDL",
        "checking" if era >= Era::V4_5_2 => state.starts_with("checking"),
        "moving" if era >= Era::V4_5_2 => state == "moving",
        "errored" => state == "error" || state == "missingFiles",
        _ => true,
    }
}

fn sort_rows(rows: &mut [row::Row], key: &str, reverse: bool, era: Era) -> Result<(), Reply> {
    let value = |row: &row::Row| {
        row.iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.clone())
    };
    if rows.iter().any(|row| value(row).is_none()) {
        return match era {
            Era::V4_2_5 => Ok(()),
            _ => Err(text(400, "'sort' parameter is invalid")),
        };
    }
    rows.sort_by(|a, b| {
        let (a, b) = (value(a).unwrap_or_default(), value(b).unwrap_or_default());
        match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => a
                .to_string()
                .to_lowercase()
                .cmp(&b.to_string().to_lowercase()),
        }
    });
    if reverse {
        rows.reverse();
    }
    Ok(())
}

fn properties(torrent: &Torrent, era: Era) -> Value {
    let piece_size = super::metainfo::piece_size(torrent.total_size());
    let of_metadata = |value: u64| match torrent.has_metadata {
        true => json!(value),
        false => json!(-1),
    };
    let limit = |limit: u64| if limit == 0 { json!(-1) } else { json!(limit) };
    let slash = if era == Era::V4_2_5 { "/" } else { "" };
    let seconds = torrent.active_ms / 1000;
    let mut properties = json!({
        "addition_date": torrent.added_on, "comment": torrent.comment,
        "completion_date": torrent.completion_on.unwrap_or(-1), "created_by": "", "creation_date": -1,
        "dl_limit": limit(torrent.dl_limit), "dl_speed": torrent.dlspeed(), "dl_speed_avg": 0, "eta": 8_640_000,
        "last_seen": torrent.seen_complete.unwrap_or(-1), "nb_connections": torrent.num_seeds + torrent.num_leechs,
        "nb_connections_limit": 100, "peers": torrent.num_leechs, "peers_total": torrent.num_incomplete,
        "piece_size": of_metadata(piece_size), "pieces_have": torrent.have() / piece_size,
        "pieces_num": of_metadata(state::pieces(torrent)), "reannounce": row::next_announce(torrent),
        "save_path": format!("{}{slash}", torrent.save_path), "seeding_time": torrent.seeding_ms / 1000,
        "seeds": torrent.num_seeds, "seeds_total": torrent.num_complete, "share_ratio": row::ratio(torrent, era),
        "time_elapsed": seconds, "total_downloaded": torrent.downloaded,
        "total_downloaded_session": torrent.downloaded, "total_size": of_metadata(torrent.total_size()),
        "total_uploaded": torrent.uploaded, "total_uploaded_session": torrent.uploaded, "total_wasted": 0,
        "up_limit": limit(torrent.up_limit), "up_speed": torrent.upspeed, "up_speed_avg": 0,
    });
    if era >= Era::V4_5_2 {
        properties["download_path"] = json!(torrent.download_path);
        properties["hash"] = json!(torrent.hash);
        properties["infohash_v1"] = json!(torrent.hash);
        properties["infohash_v2"] = json!("");
        properties["is_private"] = json!(torrent.has_metadata && torrent.is_private);
        properties["name"] = json!(torrent.name);
    }
    if era >= Era::V5_0 {
        properties["has_metadata"] = json!(torrent.has_metadata);
        properties["popularity"] = json!(0);
        properties["private"] = json!(torrent.has_metadata.then_some(torrent.is_private));
        properties["progress"] = json!(if torrent.wanted() == 0 {
            0.0
        } else {
            state::progress(torrent, i64::MAX)
        });
    }
    if era >= Era::V5_2 {
        properties["availability"] = json!(row::availability(torrent));
    }
    properties
}

#[allow(clippy::cast_precision_loss)]
fn files(torrent: &Torrent, era: Era) -> Value {
    let piece_size = super::metainfo::piece_size(torrent.total_size());
    let mut start = 0;
    let rows = torrent.files.iter().enumerate().map(|(at, file)| {
        let last = (start + file.size).saturating_sub(1).max(start) / piece_size;
        let range = [start / piece_size, last];
        start += file.size;
        let progress = if file.size == 0 { 1.0 } else { file.have as f64 / file.size as f64 };
        // 4.2.5 said 4 for normal.
        let priority = if era == Era::V4_2_5 && file.priority == 1 { 4 } else { file.priority };
        let mut row = json!({
            "availability": if torrent.is_complete() { -1 } else { 0 }, "name": file.name, "piece_range": range,
            "priority": priority, "progress": progress, "size": file.size,
        });
        if era >= Era::V4_5_2 {
            row["index"] = json!(at);
        }
        if at == 0 {
            row["is_seed"] = json!(torrent.is_complete());
        }
        row
    });
    rows.collect()
}

/// Three pseudo trackers first, then the real ones.
fn trackers(torrent: &Torrent, era: Era, uses_dht: bool) -> Value {
    let is_private = torrent.has_metadata && torrent.is_private;
    let tier = if era < Era::V4_5_2 {
        json!("")
    } else {
        json!(-1)
    };
    let pseudo = ["** [DHT] **", "** [PeX] **", "** [LSD] **"].map(|url| {
        json!({
            "msg": if is_private { "This torrent is private" } else { "" }, "num_downloaded": 0,
            "num_leeches": 0, "num_peers": 0, "num_seeds": 0, "status": if is_private || !uses_dht { 0 } else { 2 },
            "tier": tier, "url": url,
        })
    });
    let real = torrent
        .trackers
        .iter()
        .map(|tracker| tracker_row(tracker, torrent, era));
    pseudo.into_iter().chain(real).collect()
}

fn tracker_row(tracker: &Tracker, torrent: &Torrent, era: Era) -> Value {
    let status = match tracker.status {
        TrackerStatus::NotContacted => 1,
        TrackerStatus::Working => 2,
        TrackerStatus::Updating => 3,
        TrackerStatus::Refused if era >= Era::V5_2 => 5,
        TrackerStatus::NotWorking | TrackerStatus::Refused => 4,
    };
    let is_known = tracker.status == TrackerStatus::Working;
    let known = |count: i64| if is_known { count } else { -1 };
    let mut row = json!({
        "msg": tracker.msg, "num_downloaded": -1, "num_leeches": known(torrent.num_incomplete),
        "num_peers": if era < Era::V4_5_2 { 0 } else { known(torrent.num_complete + torrent.num_incomplete) },
        "num_seeds": known(torrent.num_complete), "status": status, "tier": tracker.tier, "url": tracker.url,
    });
    if era >= Era::V5_2 {
        row["updating"] = json!(tracker.ends_at.is_some());
        row["next_announce"] = json!(tracker.next_at.unwrap_or(0) / 1000);
        row["min_announce"] = json!(torrent.refreshed_at / 1000);
        let mut endpoint = row.clone();
        if let Value::Object(endpoint) = &mut endpoint {
            endpoint.remove("url");
            endpoint.remove("tier");
            endpoint.insert("name".to_owned(), json!("127.0.0.1:6881"));
            endpoint.insert("bt_version".to_owned(), json!(1));
        }
        row["endpoints"] = json!([endpoint]);
    }
    row
}

fn export(torrent: &Torrent, era: Era) -> Result<Reply, Reply> {
    if !torrent.has_metadata {
        return Err(text(
            409,
            "Unable to export torrent file. Error: Missing metadata",
        ));
    }
    let bytes = torrent.metainfo().bytes(era >= Era::V5_3).to_vec();
    let name = format!("attachment; filename=\"{}.torrent\"", torrent.hash);
    let reply = json_bytes(bytes).with(header::CONTENT_DISPOSITION, &name);
    Ok(match era {
        Era::V4_2_5 | Era::V4_5_2 => reply.kind("text/plain; charset=UTF-8"),
        Era::V4_6 | Era::V5_0 | Era::V5_1 | Era::V5_2 | Era::V5_3 => {
            reply.kind("application/x-bittorrent")
        }
    })
}

#[cfg(test)]
mod tests;
