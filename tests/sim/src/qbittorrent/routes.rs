//! From a request to the answer of its endpoint: methods, bodies, sessions, unknown endpoints.

use super::Era;
use super::reply::{Params, Reply, done, json, text};
use super::server::Server;
use super::session::{Entry, welcome};
use crate::{Answer, Model, NowMs, form};
use bytes::Bytes;
use http::{Method, Request, header};
use serde_json::json;
use std::collections::BTreeMap;

/// Endpoints that change something: POST only from 4.4.4 on.
const ACTIONS: [&str; 40] = [
    "app/rotateAPIKey",
    "app/setPreferences",
    "app/shutdown",
    "auth/login",
    "auth/logout",
    "torrents/add",
    "torrents/addTags",
    "torrents/addTrackers",
    "torrents/createCategory",
    "torrents/createTags",
    "torrents/delete",
    "torrents/deleteTags",
    "torrents/editCategory",
    "torrents/editTracker",
    "torrents/filePrio",
    "torrents/pause",
    "torrents/reannounce",
    "torrents/recheck",
    "torrents/removeCategories",
    "torrents/removeTags",
    "torrents/removeTrackers",
    "torrents/rename",
    "torrents/resume",
    "torrents/setAutoManagement",
    "torrents/setCategory",
    "torrents/setDownloadLimit",
    "torrents/setForceStart",
    "torrents/setLocation",
    "torrents/setShareLimits",
    "torrents/setSuperSeeding",
    "torrents/setTags",
    "torrents/setUploadLimit",
    "torrents/start",
    "torrents/stop",
    "torrents/toggleFirstLastPiecePrio",
    "torrents/toggleSequentialDownload",
    "torrents/topPrio",
    "torrents/bottomPrio",
    "torrents/increasePrio",
    "torrents/decreasePrio",
];
const SCOPES: [&str; 9] = [
    "app",
    "auth",
    "log",
    "rss",
    "search",
    "sync",
    "torrentcreator",
    "torrents",
    "transfer",
];

impl Model for Server {
    fn answer(&mut self, request: &Request<Bytes>, now: NowMs) -> Answer {
        self.step(now);
        let accepts = request.headers().get_all(header::ACCEPT_ENCODING).iter();
        let mut accepts = accepts.filter_map(|value| value.to_str().ok());
        let gzips = self.settings.gzips && accepts.any(|value| value.contains("gzip"));
        let is_head = request.method() == Method::HEAD;
        // What is not loaded yet is there for nobody; what is added meanwhile is.
        let unloaded = match self.is_loading() {
            true => std::mem::take(&mut self.torrents),
            false => BTreeMap::new(),
        };
        let reply = self
            .handle(request)
            .unwrap_or_else(|refusal| refusal.era(self.settings.era));
        self.torrents.extend(unloaded);
        Answer::Reply(reply.finish(gzips, is_head))
    }
}

impl Server {
    fn handle(&mut self, request: &Request<Bytes>) -> Result<Reply, Reply> {
        let era = self.settings.era;
        let params = self.params(request)?;
        let (session, cookie) = match self.enter(request) {
            Entry::Refused(reply) => return Err(reply),
            Entry::Session(session, cookie) => (Some(session), cookie),
            Entry::Nobody => (None, None),
        };
        let path = request.uri().path();
        let Some(endpoint) = path.strip_prefix("/api/v2/") else {
            return match path {
                "/" => {
                    Ok(text(200, "<!DOCTYPE html><title>qBittorrent</title>\n").kind("text/html"))
                }
                _ => Err(text(404, "Not Found")),
            };
        };
        let (scope, _) = endpoint.split_once('/').unwrap_or((endpoint, ""));
        let Some(session) = session else {
            return match endpoint {
                "auth/login" => {
                    self.only_post(endpoint, request)?;
                    Ok(self.login(request, &params.all))
                }
                "auth/logout" => Ok(done()),
                _ if era < Era::V4_5_2 && !SCOPES.contains(&scope) => Err(text(404, "")),
                _ => Err(text(403, "Forbidden")),
            };
        };
        if scope == "auth" && session.starts_with("qbt_") {
            return Err(text(403, "Forbidden"));
        }
        self.only_post(endpoint, request)?;
        let reply = self.endpoint(endpoint, &session, &params)?;
        Ok(match cookie {
            Some(cookie) if endpoint != "auth/logout" => reply.with(header::SET_COOKIE, &cookie),
            Some(_) | None => reply,
        })
    }

    /// The parameters: of a POST those of the body only, otherwise those of the query.
    fn params(&self, request: &Request<Bytes>) -> Result<Params, Reply> {
        let era = self.settings.era;
        if request.headers().contains_key(header::TRANSFER_ENCODING) {
            return Err(text(400, ""));
        }
        let all = match *request.method() {
            Method::GET => form::query(request),
            Method::HEAD if era != Era::V4_5_2 && era != Era::V4_6 => form::query(request),
            Method::HEAD => return Err(text(405, "Method Not Allowed")),
            Method::POST if request.body().is_empty() => Vec::new(),
            Method::POST => form::body(request).ok_or_else(|| text(400, ""))?,
            _ if era >= Era::V5_0 => return Err(text(501, "")),
            _ => return Err(text(400, "")),
        };
        Ok(Params::new(all, era))
    }

    fn only_post(&self, endpoint: &str, request: &Request<Bytes>) -> Result<(), Reply> {
        let is_post = *request.method() == Method::POST;
        match self.settings.era >= Era::V4_5_2 && !is_post && ACTIONS.contains(&endpoint) {
            true => Err(text(405, "Method Not Allowed")),
            false => Ok(()),
        }
    }

    fn endpoint(&mut self, endpoint: &str, session: &str, params: &Params) -> Result<Reply, Reply> {
        let era = self.settings.era;
        match endpoint {
            "auth/login" => Ok(welcome(era)),
            "auth/logout" => Ok(self.logout(session)),
            "sync/maindata" => Ok(self.maindata(session, params)),
            "app/version" => Ok(text(200, era.version())),
            "app/webapiVersion" => Ok(text(200, era.web_api())),
            "app/buildInfo" => Ok(json(&era.build())),
            "app/defaultSavePath" => Ok(text(200, &self.settings.save_path)),
            "app/preferences" => Ok(json(&self.preferences())),
            "app/setPreferences" => self.set_preferences(params),
            "app/shutdown" => Ok(done()),
            "app/rotateAPIKey" if era >= Era::V5_2 => Ok(self.rotate_api_key()),
            "log/main" => Ok(json(&json!([]))),
            "transfer/info" => Ok(json(&json!({
                "connection_status": "connected", "dht_nodes": 0, "dl_info_data": 0, "dl_info_speed": 0,
                "dl_rate_limit": 0, "up_info_data": 0, "up_info_speed": 0, "up_rate_limit": 0,
            }))),
            _ => match endpoint.strip_prefix("torrents/") {
                Some(action) => match self.read_torrents(action, params) {
                    Some(reply) => reply,
                    None => self
                        .act(action, params)
                        .unwrap_or_else(|| Err(unknown(endpoint, era))),
                },
                None => Err(unknown(endpoint, era)),
            },
        }
    }

    fn preferences(&self) -> serde_json::Value {
        let settings = &self.settings;
        let mut preferences = json!({
            "incomplete_files_ext": false, "max_active_checking_torrents": 1, "max_ratio": -1, "max_ratio_act": 0,
            "max_ratio_enabled": false, "max_seeding_time": -1, "max_seeding_time_enabled": false,
            "queueing_enabled": true, "recheck_completed_torrents": false, "refresh_interval": 1500,
            "save_path": settings.save_path, "temp_path": format!("{}/temp", settings.save_path),
            "temp_path_enabled": false, "torrent_content_layout": "Original",
            "bypass_local_auth": settings.bypasses_auth, "web_ui_ban_duration": settings.ban_seconds,
            "web_ui_max_auth_fail_count": settings.max_failures, "web_ui_port": settings.webui_port,
            "web_ui_session_timeout": settings.session_seconds, "web_ui_username": settings.username,
        });
        if settings.era.has_new_names() {
            preferences["torrent_content_remove_option"] = json!("Delete");
        }
        for (name, value) in &self.preferences {
            preferences[name] = value.clone();
        }
        preferences
    }

    fn set_preferences(&mut self, params: &Params) -> Result<Reply, Reply> {
        params.need(&["json"])?;
        let given: Result<serde_json::Map<_, _>, _> = serde_json::from_str(&params.text("json"));
        self.preferences.extend(given.unwrap_or_default());
        Ok(done())
    }

    fn rotate_api_key(&mut self) -> Reply {
        self.sessions
            .open
            .retain(|name, _| !name.starts_with("qbt_"));
        let old = self.settings.api_key.take().unwrap_or_default();
        let digest =
            super::bencode::hex(&super::bencode::sha1(format!("key after {old}").as_bytes()));
        let key = format!("qbt_{}", &digest[..32]);
        self.settings.api_key = Some(key.clone());
        json(&json!({ "apiKey": key }))
    }
}

fn unknown(endpoint: &str, era: Era) -> Reply {
    let (scope, _) = endpoint.split_once('/').unwrap_or((endpoint, ""));
    match era >= Era::V5_2 && SCOPES.contains(&scope) {
        true => text(404, "Endpoint does not exist"),
        false => text(404, "Not Found"),
    }
}

#[cfg(test)]
mod tests;
