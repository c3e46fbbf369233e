//! One call of the Web API: building the request, renewing the session once, and what refusals mean.

use super::Qbittorrent;
use super::session::Session;
use crate::clients::said::Said;
use crate::clients::{ActionOutcome, LoginProblem, ReadError, ReadErrorKind, USER_AGENT};
use crate::config::policy::Login;
use crate::ports::{Method, Part, Request, RequestBody, Response, TransportError};
use std::time::Duration;

/// For everything but lists.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Lists of many thousand torrents take seconds, and wait for one another on a busy server.
pub(super) const LIST_TIMEOUT: Duration = Duration::from_secs(120);
/// Longest answer taken into memory: a list with trackers of 200 torrents, or a large `.torrent`.
pub(super) const BODY_LIMIT: usize = 64 << 20;

/// A call to be sent, maybe twice.
pub(super) struct Call {
    method: Method,
    path: &'static str,
    params: Vec<(&'static str, String)>,
    files: Option<Vec<Part>>,
    /// What is asked for, for messages.
    pub what: &'static str,
    pub timeout: Duration,
    repeatable: bool,
}

/// Why there is no answer to a call.
pub(super) enum NoAnswer {
    /// No session: the call was not sent.
    Session(ReadError),
    /// The call went wrong on its way.
    Transport(TransportError),
}

impl NoAnswer {
    /// What it means for a reading of `what`.
    pub fn into_read_error(self, what: &str) -> ReadError {
        match self {
            NoAnswer::Session(error) => error,
            NoAnswer::Transport(error) => ReadError::unreachable(what, &error),
        }
    }
}

impl Call {
    /// A reading with its parameters in the query.
    pub fn get(path: &'static str, what: &'static str) -> Self {
        Self {
            method: Method::Get,
            path,
            params: Vec::new(),
            files: None,
            what,
            timeout: TIMEOUT,
            repeatable: true,
        }
    }

    /// A form.
    pub fn post(path: &'static str, what: &'static str, params: &[(&'static str, &str)]) -> Self {
        let params = params
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        Self {
            method: Method::Post,
            params: params.collect(),
            repeatable: false,
            ..Self::get(path, what)
        }
    }

    /// A form with files. Multipart, so that file and fields travel together.
    pub fn upload(path: &'static str, what: &'static str, parts: Vec<Part>) -> Self {
        Self {
            files: Some(parts),
            timeout: LIST_TIMEOUT,
            ..Self::post(path, what, &[])
        }
    }

    /// Whether it asks about one torrent, so that 404 is about that and not about the call.
    fn is_about_one(&self) -> bool {
        self.params.iter().any(|(name, _)| *name == "hash")
    }

    /// Addresses of trackers, which hold passkeys, alone and in magnet links.
    fn secrets(&self) -> impl Iterator<Item = &str> {
        let values = self.params.iter().filter(|(name, _)| *name == "urls");
        values.map(|(_, value)| value.as_str())
    }

    /// One more parameter.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.params.push((name, value.into()));
        self
    }

    /// A list that may take long.
    pub fn long(mut self) -> Self {
        self.timeout = LIST_TIMEOUT;
        self
    }

    /// A form that only reads, and so may be sent again on a broken connection.
    pub fn reading(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Not sent again, however the connection ended.
    pub fn never_repeated(mut self) -> Self {
        self.repeatable = false;
        self
    }
}

impl Qbittorrent {
    /// Sends a call in a session, opening or renewing that once, and gives the answer whatever its status.
    pub(super) async fn send(
        &self,
        session: &mut Session,
        call: &Call,
    ) -> Result<Response, NoAnswer> {
        let was_open = session.open;
        self.ensure_session(session)
            .await
            .map_err(NoAnswer::Session)?;
        let answer = self.send_once(session, call).await;
        let answer = answer.map_err(NoAnswer::Transport)?;
        let expired = answer.status == 403 && was_open;
        if !expired || matches!(self.login, Login::ApiKey(_)) {
            return Ok(answer);
        }
        session.close();
        self.ensure_session(session)
            .await
            .map_err(NoAnswer::Session)?;
        self.send_once(session, call)
            .await
            .map_err(NoAnswer::Transport)
    }

    /// Sends a call as things are. A reading whose connection broke is repeated once: the server closes idle
    /// connections after 7 s, and may do so just when we use one.
    pub(super) async fn send_once(
        &self,
        session: &mut Session,
        call: &Call,
    ) -> Result<Response, TransportError> {
        let mut answer = self.transport.send(self.request(session, call)?).await;
        session.repeated = call.repeatable && matches!(answer, Err(TransportError::Lost(_)));
        if session.repeated {
            answer = self.transport.send(self.request(session, call)?).await;
        }
        let answer = answer?;
        session.take_cookies(&answer);
        Ok(answer)
    }

    fn request(&self, session: &Session, call: &Call) -> Result<Request, TransportError> {
        let mut url = self
            .base
            .join(&format!("api/v2/{}", call.path))
            .map_err(|error| TransportError::NotSent(error.to_string()))?;
        let params = call
            .params
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let body = match (&call.files, call.method) {
            (Some(parts), _) => RequestBody::Multipart(parts.clone()),
            (None, Method::Get) => {
                if !call.params.is_empty() {
                    url.query_pairs_mut().extend_pairs(params);
                }
                RequestBody::Empty
            }
            (None, Method::Post) => RequestBody::Form(
                params
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect(),
            ),
        };
        // No Origin and no Referer: the server compares them with Host, and refuses what differs.
        let mut headers = vec![("user-agent", USER_AGENT.to_owned())];
        if let Login::ApiKey(key) = &self.login {
            headers.push(("authorization", format!("Bearer {}", key.expose())));
        } else if let Some(cookie) = session.cookie_header() {
            headers.push(("cookie", cookie));
        }
        Ok(Request {
            method: call.method,
            url,
            headers,
            body,
            timeout: call.timeout,
            ca_file: self.ca_file.clone(),
        })
    }

    /// Sends a reading call and gives the whole body of a good answer.
    pub(super) async fn read(
        &self,
        session: &mut Session,
        call: &Call,
    ) -> Result<Vec<u8>, ReadError> {
        let answer = self.answer(session, call).await?;
        let body = answer.read_all(BODY_LIMIT).await;
        body.map_err(|error| ReadError::unreachable(call.what, &error))
    }

    /// Sends a reading call and gives the answer if its status is good.
    pub(super) async fn answer(
        &self,
        session: &mut Session,
        call: &Call,
    ) -> Result<Response, ReadError> {
        let sent = self.send(session, call).await;
        let answer = sent.map_err(|no| no.into_read_error(call.what))?;
        if matches!(answer.status, 200 | 204) {
            return Ok(answer);
        }
        let status = answer.status;
        let error = match status {
            404 if call.is_about_one() => gone(call.what),
            status => {
                let body = short(answer).await;
                refusal(call.what, status, &self.said(session, call, &body))
            }
        };
        if error.needs_owner() {
            session.refused = Some(error.clone());
        }
        Err(error)
    }

    /// Sends a changing call. `Err` is how it ended without an answer of its own; `Ok` is status and body.
    pub(super) async fn act(
        &self,
        session: &mut Session,
        call: &Call,
    ) -> Result<(u16, Said), ActionOutcome> {
        let answer = self.send(session, call).await.map_err(|no| match no {
            NoAnswer::Session(error) => ActionOutcome::NotSent(error.message),
            NoAnswer::Transport(error) => not_answered(call.what, &error),
        })?;
        let status = answer.status;
        match answer.read_all(BODY_LIMIT).await {
            Ok(body) => Ok((status, self.said(session, call, &body))),
            Err(error) => Err(ActionOutcome::Unknown(format!("{}: {error}", call.what))),
        }
    }

    /// What came back of a call.
    pub(super) fn said(&self, session: &Session, call: &Call, body: &[u8]) -> Said {
        let keys = session.keys().chain(call.secrets());
        Said::new(body, self.secrets.and(keys))
    }
}

fn not_answered(what: &str, error: &TransportError) -> ActionOutcome {
    let text = format!("{what}: {error}");
    match error.may_have_happened() {
        true => ActionOutcome::Unknown(text),
        false => ActionOutcome::NotSent(text),
    }
}

/// What an answer to an action means, apart from 404, whose meaning depends on the call.
pub(super) fn outcome(what: &str, status: u16, body: &Said) -> ActionOutcome {
    let text = || refusal(what, status, body).message;
    match status {
        200 | 202 | 204 => match body.as_sent() {
            "" | "Ok." => ActionOutcome::Done,
            "Fails." => ActionOutcome::Refused(format!("{what}: the server says that it failed")),
            // A proxy's page. Nobody knows what happened behind it.
            _ => ActionOutcome::Unknown(format!("{what}: unexpected answer: {}", body.shown())),
        },
        404 => ActionOutcome::Gone,
        // Refused before it was looked at: the address, the session, too many requests, a redirecting proxy.
        300..=399 | 401 | 403 | 429 => ActionOutcome::NotSent(text()),
        400..=499 => ActionOutcome::Refused(text()),
        _ => ActionOutcome::Unknown(text()),
    }
}

/// What a status other than success means for a reading.
pub(super) fn refusal(what: &str, status: u16, body: &Said) -> ReadError {
    let said = match body.shown() {
        said if said.is_empty() => String::new(),
        said => format!(" ({said})"),
    };
    let (kind, message) = match status {
        401 => return address_refused(),
        403 => (
            ReadErrorKind::Refused,
            format!("{what}: the server does not accept the session{said}"),
        ),
        404 => (
            ReadErrorKind::Malformed,
            format!(
                "{what}: there is no such call here (HTTP 404){said}; is this the address of the WebUI?"
            ),
        ),
        429 => (
            ReadErrorKind::Throttled { retry_after: None },
            format!("{what}: too many requests{said}"),
        ),
        300..=399 => (
            ReadErrorKind::Malformed,
            format!(
                "{what}: redirected (HTTP {status}); give the address of the WebUI itself, with https if it \
                 wants that, and without a proxy that asks for a login"
            ),
        ),
        400..=499 => (
            ReadErrorKind::Refused,
            format!("{what}: refused with HTTP {status}{said}"),
        ),
        _ => (
            ReadErrorKind::Unreachable,
            format!("{what}: HTTP {status}, the server or a proxy before it is in trouble{said}"),
        ),
    };
    ReadError::new(kind, message)
}

/// 404 to a call about one torrent.
pub(super) fn gone(what: &str) -> ReadError {
    ReadError::new(
        ReadErrorKind::Gone,
        format!("{what}: there is no such torrent"),
    )
}

/// 401 to a call that is no login: the way we came is refused, whoever we are.
pub(super) fn address_refused() -> ReadError {
    ReadError::new(
        ReadErrorKind::Login(LoginProblem::Address),
        "the server refuses every request that comes by this address (HTTP 401): its port must be the one that \
         the WebUI itself listens on (publish a container's port under the same number), and its host name \
         one of the WebUI's server domains",
    )
}

/// The beginning of an error's body, for its message.
async fn short(answer: Response) -> Vec<u8> {
    answer.read_all(64 << 10).await.unwrap_or_default()
}
