//! Readings about single torrents, and the few about the server.

mod tracker_rows;

use super::call::Call;
use super::row::{FieldSet, RowRead, patch};
use super::{Qbittorrent, is_hash, item_of};
use crate::clients::ReadError;
use crate::clients::bounded::{MOST_ROWS, is_within};
use crate::clients::lenient::{Text, bool_of, float_of, int_of, text_of};
use crate::clients::outcome::ReadErrorKind;
use crate::core::model::{ApiVersion, ItemId, Torrent, TorrentFile, Tracker};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use tracker_rows::{privacy_by_pseudo_rows, trackers_of};

/// Hashes in one request: 200 of 41 characters are a form of 8 kB.
pub(super) const CHUNK: usize = 200;
/// Hashes in one request for trackers: whole accounts are asked for each cycle where the list has no flags (5.1),
/// and that must not cost more than one request. A form of 200 kB, an answer of some 10 MB.
pub(super) const TRACKERS_CHUNK: usize = 5_000;

/// What `torrents/export` gave.
#[derive(Clone, PartialEq, Eq)]
pub enum Export {
    /// The `.torrent` file. Its trackers' addresses hold passkeys, so that `Debug` shows its length only.
    Torrent(Bytes),
    /// The server does not have the metadata yet.
    NoMetadata,
    /// The server is older than 4.5 and cannot.
    NotOffered,
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Export::Torrent(file) => write!(f, "Torrent({} bytes)", file.len()),
            Export::NoMetadata => f.write_str("NoMetadata"),
            Export::NotOffered => f.write_str("NotOffered"),
        }
    }
}

/// The settings of a server that matter here; `None` for those that it does not have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Default save path, whose free space `free_space_on_disk` is.
    pub save_path: Option<Box<str>>,
    /// Incomplete files carry the suffix `.!qB`.
    pub incomplete_files_ext: Option<bool>,
    /// Incomplete torrents lie in a folder of their own.
    pub temp_path_enabled: Option<bool>,
    /// Queueing is on.
    pub queueing_enabled: Option<bool>,
    /// `Delete` or `MoveToTrash` (5.0 and later).
    pub torrent_content_remove_option: Option<Box<str>>,
    /// How many checks run at once.
    pub max_active_checking_torrents: Option<i64>,
}

impl Qbittorrent {
    /// Fresh rows of these torrents; those that are gone are missing. The fields that only `sync/maindata` has
    /// are absent.
    ///
    /// # Errors
    /// As soon as one of the requests fails.
    pub async fn info(
        &self,
        hashes: &[ItemId],
        keep: &FieldSet,
    ) -> Result<BTreeMap<ItemId, Torrent>, ReadError> {
        let mut found = BTreeMap::new();
        for chunk in explicit(hashes).chunks(CHUNK) {
            let call = Call::post(
                "torrents/info",
                "the torrents",
                &[("hashes", &chunk.join("|"))],
            );
            for (item, row) in self.rows(call, chunk).await? {
                let mut torrent = Torrent::unread();
                match patch(&mut torrent, row.get().as_bytes(), keep) {
                    RowRead::Taken => found.insert(item, torrent),
                    RowRead::NoTorrent | RowRead::NotJson => None,
                };
            }
        }
        Ok(found)
    }

    /// The trackers of these torrents by few requests; `None` if the server is older than 5.1 and cannot. A
    /// torrent is missing if it is gone, or if its row does not tell.
    ///
    /// # Errors
    /// As soon as one of the requests fails.
    pub async fn trackers_in_bulk(
        &self,
        hashes: &[ItemId],
    ) -> Result<Option<BTreeMap<ItemId, Vec<Tracker>>>, ReadError> {
        {
            let mut session = self.session.lock().await;
            self.ensure_session(&mut session).await?;
            if !session.has(ApiVersion::INCLUDE_TRACKERS) {
                return Ok(None);
            }
        }
        let mut found = BTreeMap::new();
        for chunk in explicit(hashes).chunks(TRACKERS_CHUNK) {
            let params = [
                ("hashes", chunk.join("|")),
                ("includeTrackers", "true".to_owned()),
            ];
            let call = Call::post(
                "torrents/info",
                "the trackers",
                &params.each_ref().map(|(n, v)| (*n, v.as_str())),
            );
            for (item, row) in self.rows(call, chunk).await? {
                #[derive(Deserialize)]
                struct Row {
                    trackers: Vec<Value>,
                }
                if let Ok(row) = serde_json::from_str::<Row>(row.get()) {
                    found.insert(item, trackers_of(&row.trackers));
                }
            }
        }
        Ok(Some(found))
    }

    /// The trackers of one torrent, without the pseudo rows for DHT, PeX and LSD.
    ///
    /// # Errors
    /// `Gone` if there is no such torrent.
    pub async fn trackers(&self, item: &ItemId) -> Result<Vec<Tracker>, ReadError> {
        let rows = self.list("torrents/trackers", "the trackers", item).await?;
        Ok(trackers_of(&rows))
    }

    /// The files of one torrent, in the server's order, which is that of their numbers.
    ///
    /// # Errors
    /// `Gone` if there is no such torrent; `Malformed` if a row has no name or size, since a list with holes
    /// would pass for a smaller torrent.
    pub async fn files(&self, item: &ItemId) -> Result<Vec<TorrentFile>, ReadError> {
        let rows = self.list("torrents/files", "the files", item).await?;
        let files: Option<Vec<TorrentFile>> = rows.iter().map(file_of).collect();
        files.ok_or_else(|| ReadError::malformed("the files: a row has no name or size"))
    }

    /// Whether a torrent is private; `None` if the server does not know yet, or does not tell.
    ///
    /// # Errors
    /// `Gone` if there is no such torrent.
    pub async fn privacy(&self, item: &ItemId) -> Result<Option<bool>, ReadError> {
        let what = "the properties";
        let body = self.item_body("torrents/properties", what, item).await?;
        let told: Value = decode(&body, what)?;
        let field = |name: &str| told.get(name).and_then(bool_of);
        // `is_private` is false before there is metadata; sizes are -1 then.
        let has_metadata = told
            .get("total_size")
            .and_then(int_of)
            .is_some_and(|size| size >= 0);
        match (field("private"), field("is_private")) {
            (Some(private), _) => Ok(Some(private)),
            (None, Some(true)) => Ok(Some(true)),
            (None, Some(false)) if told.get("private").is_none() && has_metadata => Ok(Some(false)),
            (None, Some(false)) => Ok(None),
            (None, None) if told.get("private").is_some() => Ok(None),
            (None, None) => {
                let rows = self.list("torrents/trackers", "the trackers", item).await?;
                Ok(privacy_by_pseudo_rows(&rows))
            }
        }
    }

    /// The `.torrent` file of one torrent.
    ///
    /// # Errors
    /// `Gone` if there is no such torrent.
    pub async fn export(&self, item: &ItemId) -> Result<Export, ReadError> {
        let what = "the .torrent file";
        let mut session = self.session.lock().await;
        self.ensure_session(&mut session).await?;
        if session.api.is_some() && !session.has(ApiVersion::EXPORT) {
            return Ok(Export::NotOffered);
        }
        let call = Call::get("torrents/export", what).with("hash", hash_of(item)?);
        let sent = self.send(&mut session, &call).await;
        let answer = sent.map_err(|no| no.into_read_error(what))?;
        let status = answer.status;
        let body = answer.read_all(super::call::BODY_LIMIT).await;
        let body = body.map_err(|error| ReadError::unreachable(what, &error))?;
        match status {
            // A bencoded dictionary, whatever the type that the header says.
            200 if body.starts_with(b"d") && body.ends_with(b"e") => {
                Ok(Export::Torrent(body.into()))
            }
            200 => Err(ReadError::malformed(format!("{what}: what came is none"))),
            409 => Ok(Export::NoMetadata),
            404 if session.api.is_none() => Ok(Export::NotOffered),
            404 => Err(super::call::gone(what)),
            _ => Err(super::call::refusal(
                what,
                status,
                &self.said(&session, &call, &body),
            )),
        }
    }

    /// The server's settings, as far as they matter here.
    ///
    /// # Errors
    /// Whatever keeps us from reading.
    pub async fn preferences(&self) -> Result<Preferences, ReadError> {
        let told: Value = self
            .server_value("app/preferences", "the preferences")
            .await?;
        let text = |name: &str| told.get(name).and_then(text_of).map(Box::from);
        let flag = |name: &str| told.get(name).and_then(bool_of);
        Ok(Preferences {
            save_path: text("save_path"),
            incomplete_files_ext: flag("incomplete_files_ext"),
            temp_path_enabled: flag("temp_path_enabled"),
            queueing_enabled: flag("queueing_enabled"),
            torrent_content_remove_option: text("torrent_content_remove_option"),
            max_active_checking_torrents: told.get("max_active_checking_torrents").and_then(int_of),
        })
    }

    /// The categories with their save paths, which are empty where the default one holds.
    ///
    /// # Errors
    /// Whatever keeps us from reading.
    pub async fn categories(&self) -> Result<BTreeMap<String, String>, ReadError> {
        let told: Value = self
            .server_value("torrents/categories", "the categories")
            .await?;
        let Value::Object(told) = told else {
            return Err(ReadError::malformed("the categories: no JSON object"));
        };
        let path = |value: &Value| {
            value
                .get("savePath")
                .and_then(text_of)
                .unwrap_or_default()
                .to_owned()
        };
        Ok(told
            .into_iter()
            .map(|(name, value)| (name, path(&value)))
            .collect())
    }

    /// The tags (since 4.2).
    ///
    /// # Errors
    /// Whatever keeps us from reading.
    pub async fn tags(&self) -> Result<BTreeSet<String>, ReadError> {
        let told: Vec<Text> =
            serde_json::from_value(self.server_value("torrents/tags", "the tags").await?)
                .map_err(|_| ReadError::malformed("the tags: no JSON list"))?;
        Ok(told
            .into_iter()
            .filter_map(|tag| Some(tag.0?.into_string()))
            .collect())
    }

    async fn server_value(
        &self,
        path: &'static str,
        what: &'static str,
    ) -> Result<Value, ReadError> {
        let mut session = self.session.lock().await;
        let body = self.read(&mut session, &Call::get(path, what)).await?;
        decode(&body, what)
    }

    async fn item_body(
        &self,
        path: &'static str,
        what: &'static str,
        item: &ItemId,
    ) -> Result<Vec<u8>, ReadError> {
        let call = Call::get(path, what).with("hash", hash_of(item)?);
        let mut session = self.session.lock().await;
        self.read(&mut session, &call).await
    }

    async fn list(
        &self,
        path: &'static str,
        what: &'static str,
        item: &ItemId,
    ) -> Result<Vec<Value>, ReadError> {
        decode(&self.item_body(path, what, item).await?, what)
    }

    /// Rows of `torrents/info` that were asked for; others are left out, should the server misunderstand.
    pub(super) async fn rows(
        &self,
        call: Call,
        asked: &[&str],
    ) -> Result<Vec<(ItemId, Box<RawValue>)>, ReadError> {
        #[derive(Deserialize)]
        struct Row {
            hash: Text,
        }
        let what = call.what;
        let mut session = self.session.lock().await;
        let body = self.read(&mut session, &call.long().reading()).await?;
        let rows: Vec<Box<RawValue>> = decode(&body, what)?;
        let named = rows.into_iter().filter_map(|row| {
            let item = item_of(&serde_json::from_str::<Row>(row.get()).ok()?.hash.0?)?;
            asked.contains(&item.as_str()).then_some((item, row))
        });
        Ok(named.collect())
    }
}

/// The hashes that are some, so that none of them widens a request to every torrent.
pub(super) fn explicit(items: &[ItemId]) -> Vec<&str> {
    items
        .iter()
        .map(ItemId::as_str)
        .filter(|hash| is_hash(hash))
        .collect()
}

fn hash_of(item: &ItemId) -> Result<&str, ReadError> {
    match is_hash(item.as_str()) {
        true => Ok(item.as_str()),
        false => Err(ReadError::new(
            ReadErrorKind::Gone,
            format!("{item} is no info-hash"),
        )),
    }
}

fn decode<T: serde::de::DeserializeOwned>(body: &[u8], what: &str) -> Result<T, ReadError> {
    if !is_within(MOST_ROWS, body) {
        return Err(ReadError::too_many(what, MOST_ROWS));
    }
    serde_json::from_str(&String::from_utf8_lossy(body)).map_err(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        ReadError::malformed(format!(
            "{what}: not the JSON that qBittorrent sends ({place})"
        ))
    })
}

fn file_of(row: &Value) -> Option<TorrentFile> {
    Some(TorrentFile {
        name: row.get("name").and_then(text_of)?.into(),
        size_bytes: row.get("size").and_then(int_of)?,
        progress: row.get("progress").and_then(float_of).unwrap_or(0.0),
        priority: row.get("priority").and_then(int_of).unwrap_or(1),
    })
}

#[cfg(test)]
mod tests;
