//! `sync/maindata`: full answers, deltas by `rid`, and what a session has been told so far.

use super::Era;
use super::reply::{Params, Reply, json_bytes};
use super::row;
use super::server::{Change, Server};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a session was told last, and what it has confirmed.
#[derive(Debug, Default)]
pub(super) struct Synced {
    sent: Option<Told>,
    confirmed: Option<Told>,
}

/// The small parts as they were told, and the place in the log of changes.
#[derive(Debug, Clone)]
struct Told {
    rid: u64,
    place: u64,
    categories: Map<String, Value>,
    tags: BTreeSet<String>,
    server_state: Map<String, Value>,
}

/// Changes of the torrents since some place in the log.
#[derive(Debug, Default)]
struct Delta {
    whole: BTreeSet<String>,
    keys: BTreeMap<String, BTreeSet<&'static str>>,
    removed: BTreeSet<String>,
    trackers: BTreeSet<String>,
}

impl Server {
    /// Answers for the session of this name.
    pub(super) fn maindata(&mut self, session: &str, params: &Params) -> Reply {
        let rid: u64 = params.number("rid").unwrap_or(0);
        let synced = match self.sessions.open.get_mut(session) {
            Some(open) => std::mem::take(&mut open.synced),
            None => Synced::default(),
        };
        let told_place = |told: &Option<Told>| {
            told.as_ref()
                .filter(|told| rid > 0 && told.rid == rid)
                .cloned()
        };
        let base = told_place(&synced.sent).or_else(|| told_place(&synced.confirmed));
        let base = base.filter(|told| told.place >= self.dropped_changes);
        let last = match (&base, self.settings.era >= Era::V4_6) {
            (None, false) => 0,
            _ => synced.sent.as_ref().map_or(0, |told| told.rid),
        };
        let told = Told {
            rid: last % 1_000_000 + 1,
            place: self.place_to_tell(),
            categories: self.category_objects(),
            tags: self.tags.clone(),
            server_state: self.server_state(),
        };
        if base.is_none() {
            self.take_omits();
        } else {
            self.omitted.clear();
        }
        let body = match &base {
            None => self.full(&told),
            Some(base) => self.changed(base, &told),
        };
        if let Some(open) = self.sessions.open.get_mut(session) {
            open.synced = Synced {
                sent: Some(told),
                confirmed: base,
            };
        }
        self.has_answered = true;
        json_bytes(body)
    }

    /// Categories as the API gives them.
    pub(super) fn category_objects(&self) -> Map<String, Value> {
        let object = |(name, save_path): (&String, &String)| {
            let mut object = json!({ "name": name, "savePath": save_path });
            if self.settings.era >= Era::V5_2 {
                object["download_path"] = Value::Null;
                object["inactive_seeding_time_limit"] = json!(-2);
                object["ratio_limit"] = json!(-2);
                object["seeding_time_limit"] = json!(-2);
                object["share_limit_action"] = json!("Default");
            }
            if self.settings.era >= Era::V5_3 {
                object["share_limits_mode"] = json!("Default");
            }
            (name.clone(), object)
        };
        self.categories.iter().map(object).collect()
    }

    fn server_state(&self) -> Map<String, Value> {
        let era = self.settings.era;
        let free_space = match (self.has_answered, self.settings.first_free_space) {
            (false, Some(first)) => first,
            (true, _) | (_, None) => self
                .free_seen
                .map_or(self.settings.free_space, |(_, free)| free),
        };
        let mut state = json!({
            "alltime_dl": 0, "alltime_ul": 0, "average_time_queue": 0, "connection_status": "connected",
            "dht_nodes": 0, "dl_info_data": 0, "dl_info_speed": 0, "dl_rate_limit": 0,
            "free_space_on_disk": free_space, "global_ratio": "-", "queued_io_jobs": 0, "queueing": true,
            "read_cache_hits": "0", "read_cache_overload": "0", "refresh_interval": 1500,
            "total_buffers_size": 0, "total_peer_connections": 0, "total_queued_size": 0,
            "total_wasted_session": 0, "up_info_data": 0, "up_info_speed": 0, "up_rate_limit": 0,
            "use_alt_speed_limits": false, "write_cache_overload": "0",
        });
        if era >= Era::V4_6 && era <= Era::V5_1 {
            state["use_subcategories"] = json!(false);
        }
        if era >= Era::V5_1 {
            state["last_external_address_v4"] = json!("");
            state["last_external_address_v6"] = json!("");
        }
        if era >= Era::V5_3 {
            state["queued_tracker_announces"] = json!(0);
            state["request_latency"] = json!(0);
            state["session_state"] = json!(false);
        }
        match state {
            Value::Object(state) => state,
            _ => Map::new(),
        }
    }

    /// The place in the log up to which changes are told: from 4.6 on a changed field takes a while.
    fn place_to_tell(&mut self) -> u64 {
        let end = self.dropped_changes + self.changes.len() as u64;
        if self.settings.era < Era::V4_6 {
            return end;
        }
        let since = self.now - self.settings.delta_lag_ms;
        while self.fresh.front().is_some_and(|(at, _)| *at <= since) {
            self.fresh.pop_front();
        }
        // What was added or removed after that place is told again next time, which does no harm.
        self.fresh.front().map_or(end, |(_, place)| *place)
    }

    fn full(&self, told: &Told) -> Vec<u8> {
        // From 5.x on empty parts are left out; before, they are sent.
        let tells_empty = !self.settings.era.has_new_names();
        let mut out = b"{".to_vec();
        let part = |out: &mut Vec<u8>, name: &str, value: Value| {
            let is_empty = value.as_object().is_some_and(Map::is_empty)
                || value.as_array().is_some_and(Vec::is_empty);
            if tells_empty || !is_empty {
                out.extend_from_slice(format!("\"{name}\":{value},").as_bytes());
            }
        };
        part(&mut out, "categories", told.categories.clone().into());
        out.extend_from_slice(format!("\"full_update\":true,\"rid\":{},", told.rid).as_bytes());
        part(&mut out, "server_state", told.server_state.clone().into());
        part(&mut out, "tags", told.tags.iter().cloned().collect());
        if self.settings.era >= Era::V4_5_2 {
            part(&mut out, "trackers", json!(self.by_tracker));
        }
        if tells_empty || !self.torrents.is_empty() {
            out.extend_from_slice(b"\"torrents\":{");
            for (at, torrent) in self.torrents.values().enumerate() {
                let comma = if at > 0 { "," } else { "" };
                out.extend_from_slice(format!("{comma}\"{}\":", torrent.hash).as_bytes());
                let mut row = row::sync(torrent, self.settings.era, self.now);
                row.retain(|(key, _)| !self.omitted.contains(key));
                row::write(&mut out, &row);
            }
            out.extend_from_slice(b"},");
        }
        out.pop();
        out.push(b'}');
        out
    }

    fn changed(&self, base: &Told, told: &Told) -> Vec<u8> {
        let mut answer = Map::new();
        answer.insert("rid".to_owned(), told.rid.into());
        let mut part = |name: &str, value: Value| {
            let is_empty = value.as_object().is_some_and(Map::is_empty)
                || value.as_array().is_some_and(Vec::is_empty);
            if !is_empty {
                answer.insert(name.to_owned(), value);
            }
        };
        let (changed, removed) = differing(&base.categories, &told.categories);
        part("categories", changed.into());
        part("categories_removed", removed.into());
        part(
            "server_state",
            differing(&base.server_state, &told.server_state).0.into(),
        );
        part("tags", told.tags.difference(&base.tags).cloned().collect());
        part(
            "tags_removed",
            base.tags.difference(&told.tags).cloned().collect(),
        );
        let delta = self.delta(base.place, told.place);
        let mut torrents = Map::new();
        for (hash, torrent) in &self.torrents {
            let (is_whole, keys) = (delta.whole.contains(hash), delta.keys.get(hash));
            if !is_whole && keys.is_none() {
                continue;
            }
            let row = row::sync(torrent, self.settings.era, self.now).into_iter();
            let told =
                row.filter(|(key, _)| is_whole || keys.is_some_and(|keys| keys.contains(key)));
            let told: Map<_, _> = told.map(|(key, value)| (key.to_owned(), value)).collect();
            torrents.insert(hash.clone(), told.into());
        }
        part("torrents", torrents.into());
        part("torrents_removed", delta.removed.into_iter().collect());
        if self.settings.era >= Era::V4_5_2 {
            let (there, gone): (Vec<_>, Vec<_>) = delta
                .trackers
                .into_iter()
                .partition(|url| self.by_tracker.contains_key(url));
            let there = there.into_iter().map(|url| {
                let hashes = json!(self.by_tracker.get(&url));
                (url, hashes)
            });
            part("trackers", there.collect::<Map<_, _>>().into());
            part("trackers_removed", gone.into());
        }
        Value::Object(answer).to_string().into_bytes()
    }

    /// What the log says from `from` on; of changed fields only those before `to`.
    fn delta(&self, from: u64, to: u64) -> Delta {
        let mut delta = Delta::default();
        let skip = usize::try_from(from.saturating_sub(self.dropped_changes)).unwrap_or(usize::MAX);
        for (at, change) in self.changes.iter().enumerate().skip(skip) {
            match change {
                Change::Added(hash) => {
                    delta.whole.insert(hash.clone());
                    delta.removed.remove(hash);
                }
                Change::Removed(hash) => {
                    delta.whole.remove(hash);
                    delta.keys.remove(hash);
                    delta.removed.insert(hash.clone());
                }
                Change::Keys(_, hash, keys) => {
                    if at as u64 + self.dropped_changes < to {
                        delta.keys.entry(hash.clone()).or_default().extend(keys);
                    }
                }
                Change::Tracker(url) => {
                    delta.trackers.insert(url.clone());
                }
            }
        }
        delta
    }
}

/// Entries of `new` that are not so in `old`, and names that are only in `old`.
fn differing(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
) -> (Map<String, Value>, Vec<String>) {
    let changed = new
        .iter()
        .filter(|(name, value)| old.get(*name) != Some(value));
    let changed = changed
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let removed = old.keys().filter(|name| !new.contains_key(*name));
    (changed, removed.cloned().collect())
}

#[cfg(test)]
mod tests;
