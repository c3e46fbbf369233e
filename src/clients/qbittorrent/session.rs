//! Login and session: one for the life of the process, opened without a cookie (with one, any password is good),
//! and never tried again after a refusal until somebody asks for it.

use super::call::Call;
use super::maindata::Sync;
use super::{Qbittorrent, version};
use crate::clients::said::Said;
use crate::clients::{LoginProblem, ReadError, ReadErrorKind};
use crate::config::policy::Login;
use crate::core::model::ApiVersion;
use crate::ports::Response;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;

/// Cookies kept at most; servers set one or two.
const MAX_COOKIES: usize = 16;
/// A shorter cookie says no more than a language.
const SHORTEST_KEY: usize = 8;
/// Answers to logins and version calls are a word long, error pages some kilobytes.
const SMALL_BODY: usize = 256 << 10;

/// What is known of the session with the server.
#[derive(Default)]
pub(super) struct Session {
    /// Cookies that came lately: whoever has one of them is us.
    keys: VecDeque<String>,
    /// The login was accepted (a cookie need not have come: the login may be switched off for us).
    pub open: bool,
    cookies: BTreeMap<String, String>,
    /// Web API version; `None` while unknown or unreadable.
    pub api: Option<ApiVersion>,
    version_asked: bool,
    /// A refusal that trying again would not change.
    pub refused: Option<ReadError>,
    /// Where `sync/maindata` stands in this session.
    pub sync: Sync,
    /// The last reading was sent twice, as its connection broke.
    pub repeated: bool,
}

impl Session {
    /// Forgets session and version, and with the session the last `rid`: until 4.5 each session counts from 1, and
    /// the number of another one could be taken for an answer that we never read.
    pub fn close(&mut self) {
        self.open = false;
        self.cookies.clear();
        self.sync.ask_for_everything();
        self.forget_version();
    }

    /// The server may have become another one (restart, upgrade).
    pub fn forget_version(&mut self) {
        self.api = None;
        self.version_asked = false;
    }

    /// Whether the API has what came with `since`; unknown counts as no.
    pub fn has(&self, since: ApiVersion) -> bool {
        self.api.is_some_and(|api| api >= since)
    }

    /// What would let others into the session.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(String::as_str)
    }

    /// Value of the `Cookie` header, names and values verbatim.
    pub fn cookie_header(&self) -> Option<String> {
        let mut header = String::new();
        for (name, value) in &self.cookies {
            let separator = if header.is_empty() { "" } else { "; " };
            let _ = write!(header, "{separator}{name}={value}");
        }
        (!header.is_empty()).then_some(header)
    }

    /// Takes over the cookies that an answer sets, whatever their names (`SID`, `QBT_SID_8080`, a proxy's own).
    pub fn take_cookies(&mut self, answer: &Response) {
        let set = answer.headers.iter().filter(|(n, _)| n == "set-cookie");
        for (_, line) in set {
            let pair = line.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            let (name, value) = (name.trim(), value.trim());
            if value.is_empty() {
                self.cookies.remove(name);
            } else if !name.is_empty()
                && (self.cookies.len() < MAX_COOKIES || self.cookies.contains_key(name))
            {
                let before = self.cookies.insert(name.to_owned(), value.to_owned());
                if value.len() >= SHORTEST_KEY && !self.keys.iter().any(|key| key == value) {
                    self.keys.truncate(MAX_COOKIES - 1);
                    self.keys.push_front(value.to_owned());
                }
                if before.is_some_and(|before| before != value) {
                    // Another session, where the login is switched off and the server was restarted.
                    self.sync.ask_for_everything();
                }
            }
        }
    }
}

impl Qbittorrent {
    /// Opens a session if there is none, and finds out the API version.
    pub(super) async fn ensure_session(&self, session: &mut Session) -> Result<(), ReadError> {
        if let Some(refused) = &session.refused {
            return Err(refused.clone());
        }
        let result = self.open_session(session).await;
        if let Err(error) = &result
            && error.needs_owner()
        {
            session.close();
            session.refused = Some(error.clone());
        }
        result
    }

    /// Ends the session at the server, if there is one: servers keep few. What the server says to that does not matter.
    pub async fn log_out(&self) {
        let mut session = self.session.lock().await;
        let by_login = matches!(self.login, Login::Password { .. });
        if session.open && by_login && session.cookie_header().is_some() {
            let call = Call::post("auth/logout", "the logout", &[]).reading();
            let _ = self.send_once(&mut session, &call).await;
        }
        session.close();
    }

    async fn open_session(&self, session: &mut Session) -> Result<(), ReadError> {
        if !session.open {
            if let Login::Password { username, password } = &self.login {
                session.close();
                let fields = [
                    ("username", username.as_str()),
                    ("password", password.expose()),
                ];
                self.log_in(session, &fields).await?;
            }
            session.open = true;
        }
        if !session.version_asked {
            session.api = self.ask_version(session).await?;
            session.version_asked = true;
        }
        Ok(())
    }

    async fn log_in(
        &self,
        session: &mut Session,
        fields: &[(&'static str, &str)],
    ) -> Result<(), ReadError> {
        let call = Call::post("auth/login", "the login", fields).never_repeated();
        let (status, text) = self.small_answer(session, &call).await?;
        match (status, text.as_sent()) {
            (204, _) | (200, "Ok." | "") => Ok(()),
            (200, "Fails.") => Err(wrong_password()),
            (200, page) if page.contains('<') => Err(not_the_api("the login")),
            (200, _) => Ok(()),
            (401, _) => Err(self.why_unauthorized(session).await),
            (403, _) => Err(ReadError::new(
                ReadErrorKind::Banned,
                format!(
                    "the server refuses logins from this address for a while (an hour by default) after too many \
                 wrong ones: {}",
                    text.shown()
                ),
            )),
            (status, _) => Err(super::call::refusal("the login", status, &text)),
        }
    }

    /// From 5.2 on 401 says wrong password; on every version it says that the way we came is refused. A call
    /// without a login tells the two apart: it is 403 if only the login is missing.
    async fn why_unauthorized(&self, session: &mut Session) -> ReadError {
        session.close();
        let call = Call::get("app/webapiVersion", "the API version");
        match self.small_answer(session, &call).await {
            Ok((401, _)) => super::call::address_refused(),
            Ok(_) => wrong_password(),
            Err(error) => error,
        }
    }

    async fn ask_version(&self, session: &mut Session) -> Result<Option<ApiVersion>, ReadError> {
        let call = Call::get("app/webapiVersion", "the API version");
        let (status, text) = self.small_answer(session, &call).await?;
        match status {
            200 if text.as_sent().contains('<') => Err(not_the_api("the API version")),
            200 => Ok(version::parse(text.as_sent())),
            404 => Ok(None),
            403 => match self.login {
                Login::ApiKey(_) => Err(ReadError::new(
                    ReadErrorKind::Login(LoginProblem::Credentials),
                    "the server does not accept the API key (API keys need qBittorrent 5.2 or later; make a new \
                     one in its settings, or use username and password)",
                )),
                Login::Password { .. } => {
                    session.close();
                    Err(ReadError::new(
                        ReadErrorKind::Refused,
                        "the server accepted the login, but not its session",
                    ))
                }
            },
            _ => Err(super::call::refusal("the API version", status, &text)),
        }
    }

    /// Sends a call outside of any session handling, and reads its short answer.
    async fn small_answer(
        &self,
        session: &mut Session,
        call: &Call,
    ) -> Result<(u16, Said), ReadError> {
        let unreachable = |error| ReadError::unreachable(call.what, &error);
        let answer = self.send_once(session, call).await.map_err(unreachable)?;
        let status = answer.status;
        let body = answer.read_all(SMALL_BODY).await.map_err(unreachable)?;
        Ok((status, self.said(session, call, &body)))
    }
}

fn wrong_password() -> ReadError {
    ReadError::new(
        ReadErrorKind::Login(LoginProblem::Credentials),
        "the server refuses this user name and password",
    )
}

fn not_the_api(what: &str) -> ReadError {
    ReadError::malformed(format!(
        "{what}: a web page came instead of an answer of the Web API; is this the address of the WebUI itself, \
         with no login page of a proxy before it?"
    ))
}

#[cfg(test)]
mod tests;
