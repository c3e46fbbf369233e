//! Who may ask: logins, cookies, bans, expiry, the API key, and the requests that are refused before all that.

use super::Era;
use super::bencode::sha1;
use super::reply::{Reply, text};
use super::server::Server;
use super::sync::Synced;
use crate::form::Param;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, header};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// 5.3 keeps so many and drops the one that was not used for longest.
const MOST_SESSIONS: usize = 15;
const BANNED: &str =
    "Your IP address has been banned after too many failed authentication attempts.";

#[derive(Debug, Default)]
pub(super) struct Session {
    last_used: i64,
    pub(super) synced: Synced,
}

#[derive(Debug, Default)]
pub(super) struct Sessions {
    /// By cookie value; the session of the API key has the key as its name.
    pub(super) open: BTreeMap<String, Session>,
    /// Failed logins by address, and until when it is banned.
    failures: BTreeMap<String, (u32, Option<i64>)>,
    made: u64,
}

impl Sessions {
    pub(super) fn clear(&mut self) {
        self.open.clear();
    }
}

/// What the door decides about a request.
pub(super) enum Entry {
    /// Go ahead with this session, and set this cookie.
    Session(String, Option<String>),
    /// Nobody is logged in.
    Nobody,
    Refused(Reply),
}

impl Server {
    /// Number of sessions that are open.
    pub fn session_count(&self) -> usize {
        self.sessions.open.len()
    }

    pub(super) fn cookie_name(&self) -> String {
        match self.settings.era >= Era::V5_2 {
            true => format!("QBT_SID_{}", self.settings.webui_port),
            false => "SID".to_owned(),
        }
    }

    /// Finds out who asks.
    pub(super) fn enter(&mut self, request: &Request<Bytes>) -> Entry {
        let (era, now) = (self.settings.era, self.now / 1000);
        if self.is_foreign(request.headers()) {
            return Entry::Refused(text(401, "Unauthorized").era(era));
        }
        let lasts = self.settings.session_seconds;
        self.sessions
            .open
            .retain(|name, session| name.starts_with("qbt_") || now - session.last_used <= lasts);
        let authorization =
            header(request.headers(), &header::AUTHORIZATION).filter(|_| era >= Era::V5_2);
        if let Some(key) = authorization.and_then(|value| value.strip_prefix("Bearer ")) {
            return match self.settings.api_key.as_deref() == Some(key) && key.starts_with("qbt_") {
                true => {
                    self.sessions.open.entry(key.to_owned()).or_default();
                    Entry::Session(key.to_owned(), None)
                }
                false => Entry::Refused(text(403, "Forbidden")),
            };
        }
        let name = self.cookie_name();
        if let Some(session) =
            cookie(request.headers(), &name).filter(|id| self.sessions.open.contains_key(*id))
        {
            let session = session.to_owned();
            if let Some(open) = self.sessions.open.get_mut(&session) {
                open.last_used = now;
            }
            let again = (era >= Era::V5_2).then(|| self.set_cookie(&session));
            return Entry::Session(session, again);
        }
        if self.settings.bypasses_auth {
            return self.new_session();
        }
        match authorization.and_then(|value| value.strip_prefix("Basic ")) {
            Some(given) if self.is_basic(given) => self.new_session(),
            Some(_) => {
                self.failed(&address(request));
                Entry::Refused(text(401, "Unauthorized"))
            }
            None => Entry::Nobody,
        }
    }

    /// `auth/login` for a client without a session.
    pub(super) fn login(&mut self, request: &Request<Bytes>, form: &[Param]) -> Reply {
        let (era, address) = (self.settings.era, address(request));
        if let Some((_, Some(until))) = self.sessions.failures.get(&address) {
            if self.now / 1000 < *until {
                return text(403, BANNED);
            }
            self.sessions.failures.remove(&address);
        }
        let field = |name: &str| {
            form.iter()
                .find(|param| param.name == name)
                .map(Param::text)
        };
        let is_right = field("username").is_some_and(|name| name == self.settings.username)
            && field("password").is_some_and(|password| password == self.settings.password);
        if !is_right {
            self.failed(&address);
            return match era >= Era::V5_2 {
                true => text(401, "Unauthorized"),
                false => text(200, "Fails."),
            };
        }
        self.sessions.failures.remove(&address);
        let Entry::Session(_, Some(cookie)) = self.new_session() else {
            return text(500, "");
        };
        welcome(era).with(header::SET_COOKIE, &cookie)
    }

    pub(super) fn logout(&mut self, session: &str) -> Reply {
        self.sessions.open.remove(session);
        let cookie = format!(
            "{}=; expires=Thu, 01-Jan-1970 00:00:00 GMT; path=/",
            self.cookie_name()
        );
        text(200, "").with(header::SET_COOKIE, &cookie)
    }

    fn new_session(&mut self) -> Entry {
        self.sessions.made += 1;
        let (made, now) = (self.sessions.made, self.now / 1000);
        let id = base64(&sha1(
            format!("session {made} {}", self.settings.webui_port).as_bytes(),
        ));
        self.sessions.open.insert(
            id.clone(),
            Session {
                last_used: now,
                ..Session::default()
            },
        );
        while self.settings.era >= Era::V5_3 && self.sessions.open.len() > MOST_SESSIONS {
            let others = self.sessions.open.iter().filter(|(name, _)| **name != id);
            let Some((oldest, _)) = others.min_by_key(|(_, session)| session.last_used) else {
                break;
            };
            let oldest = oldest.clone();
            self.sessions.open.remove(&oldest);
        }
        let cookie = self.set_cookie(&id);
        Entry::Session(id, Some(cookie))
    }

    fn set_cookie(&self, id: &str) -> String {
        let name = self.cookie_name();
        match self.settings.era >= Era::V5_2 {
            true => format!(
                "{name}={id}; HttpOnly; SameSite=Lax; Max-Age={}; path=/",
                self.settings.session_seconds
            ),
            false => format!("{name}={id}; HttpOnly; path=/; SameSite=Strict"),
        }
    }

    fn failed(&mut self, address: &str) {
        let failures = self
            .sessions
            .failures
            .entry(address.to_owned())
            .or_default();
        failures.0 += 1;
        if failures.0 >= self.settings.max_failures {
            failures.1 = Some(self.now / 1000 + self.settings.ban_seconds);
        }
    }

    /// Whether the request comes from another page or for another port.
    fn is_foreign(&self, headers: &HeaderMap) -> bool {
        let host = header(headers, &header::HOST).unwrap_or("");
        let is_other = |name: &HeaderName| {
            let origin = header(headers, name)
                .map(|url| url.split_once("://").map_or(url, |(_, rest)| rest));
            origin.is_some_and(|origin| origin.split('/').next() != Some(host))
        };
        let port = host.rsplit_once(':').map_or("80", |(_, port)| port);
        let cross = headers
            .get("sec-fetch-site")
            .is_some_and(|site| site == "cross-site");
        is_other(&header::ORIGIN)
            || is_other(&header::REFERER)
            || self.settings.checks_host && port != self.settings.webui_port.to_string()
            || cross && self.settings.era >= Era::V5_3
    }

    fn is_basic(&self, given: &str) -> bool {
        let right = format!("{}:{}", self.settings.username, self.settings.password);
        base64(right.as_bytes()) == given
    }
}

/// The answer to a good login, or to any while a session is open.
pub(super) fn welcome(era: Era) -> Reply {
    match era >= Era::V5_2 {
        true => text(204, ""),
        false => text(200, "Ok."),
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut pairs = cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn address(request: &Request<Bytes>) -> String {
    let peer = request.extensions().get::<SocketAddr>();
    peer.map(|peer| peer.ip().to_string()).unwrap_or_default()
}

/// Base64 with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let part = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = part(0) << 16 | part(1) << 8 | part(2);
        for at in 0..4 {
            match at <= chunk.len() {
                true => out.push(DIGITS[(bits >> (18 - 6 * at) & 63) as usize].into()),
                false => out.push('='),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
