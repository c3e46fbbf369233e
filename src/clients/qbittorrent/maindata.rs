//! `sync/maindata`: the whole list once, then what changed. A body that is cut off or makes no sense changes
//! nothing; the server tells the same changes again.

mod incoming;

use super::Qbittorrent;
use super::call::Call;
use super::row::FieldSet;
use super::session::Session;
use super::splitter::{NotJson, Splitter};
use crate::clients::bounded::MOST_TORRENTS;
use crate::clients::{ReadError, ReadErrorKind};
use crate::config::policy::Login;
use crate::core::model::{ItemId, Library};
use crate::ports::BoxFuture;
use incoming::{Incoming, wanted};

/// Longest list accepted: three kilobytes for each of as many torrents as are read.
const LIST_LIMIT: usize = 600 << 20;
const WHAT: &str = "the list of torrents";

/// Told of info-hash and JSON of each torrent as it was sent: all fields in a full list, else the changed
/// ones. What it was told holds even if the reading fails afterwards; the same may be told again.
pub trait RawRows: Send {
    /// One torrent.
    fn row(&mut self, id: &str, json: &str);

    /// Waits until what it was told takes little memory again.
    fn settle(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

impl<F: FnMut(&str, &str) + Send> RawRows for F {
    fn row(&mut self, id: &str, json: &str) {
        self(id, json);
    }
}

/// Who is told of the torrents as they were sent, if anybody.
pub type OnRaw<'a> = Option<&'a mut dyn RawRows>;

/// What a refresh brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refresh {
    /// The server sent the whole list: first time, a new session, or it said so.
    pub full: bool,
    /// Torrents that are new or changed; in a full list all of them.
    pub changed: Vec<ItemId>,
    /// Torrents that are in the list no more.
    pub removed: Vec<ItemId>,
    /// A torrent came or went, or one has another name, path or size.
    pub moved: bool,
    /// Rows that were no torrents. Where the info-hash was good, the torrent is in the library as it was before,
    /// or as one of which nothing is known.
    pub bad_rows: usize,
}

/// Where the exchange stands in the session.
#[derive(Debug, Default)]
pub(super) struct Sync {
    /// The last answer that was taken over; 0 asks for everything.
    rid: i64,
    /// The library that it was written into had this many torrents, and these further fields.
    torrents: usize,
    keep: FieldSet,
}

impl Sync {
    /// The next answer is to be a full list.
    pub fn ask_for_everything(&mut self) {
        self.rid = 0;
    }
}

/// How one exchange went.
enum Exchange {
    Done(Refresh),
    /// The changes do not fit what we have: the whole list is needed.
    OutOfStep,
}

impl Qbittorrent {
    /// Makes the next refresh a full one.
    pub async fn forget_list(&self) {
        self.session.lock().await.sync.ask_for_everything();
    }

    /// Brings `library` up to date. It must be the one of the calls before, or a new one. `keep` names further
    /// fields that are to be kept; changing it makes the next reading a full one.
    ///
    /// # Errors
    /// The library is as it was then.
    pub async fn refresh(
        &self,
        library: &mut Library,
        keep: &FieldSet,
        on_raw: OnRaw<'_>,
    ) -> Result<Refresh, ReadError> {
        let mut session = self.session.lock().await;
        let session = &mut *session;
        session.refused = None;
        let mut nobody = |_: &str, _: &str| {};
        let on_raw: &mut dyn RawRows = match on_raw {
            Some(on_raw) => on_raw,
            None => &mut nobody,
        };
        let sync = &session.sync;
        if sync.torrents != library.torrents.len() || sync.keep != *keep {
            session.sync.ask_for_everything();
        }
        let mut exchange = self.exchange(session, library, keep, on_raw).await;
        if let Ok(Exchange::OutOfStep) = exchange {
            session.sync.ask_for_everything();
            exchange = self.exchange(session, library, keep, on_raw).await;
        }
        let mut refresh = match exchange {
            Ok(Exchange::Done(refresh)) => refresh,
            Ok(Exchange::OutOfStep) => return Err(not_json()),
            Err(error) => {
                if matches!(self.login, Login::ApiKey(_)) {
                    // A key stays good over a restart of the server, and nothing tells the new session's numbers
                    // from the old one's.
                    session.sync.ask_for_everything();
                }
                return Err(error);
            }
        };
        refresh.changed.sort();
        library.api = session.api.unwrap_or_default();
        Ok(refresh)
    }

    async fn exchange(
        &self,
        session: &mut Session,
        library: &mut Library,
        keep: &FieldSet,
        on_raw: &mut dyn RawRows,
    ) -> Result<Exchange, ReadError> {
        let asked = session.sync.rid;
        let call = Call::get("sync/maindata", WHAT).with("rid", asked.to_string());
        let mut answer = self.answer(session, &call.long()).await?;
        // In a new session 1 is the number of the whole list. If that was lost, asking again with a 1 of the session before
        // would be taken for its receipt.
        let is_of_another = session.sync.rid != asked || (session.repeated && asked == 1);
        let mut splitter = Splitter::new(wanted);
        let mut incoming = Incoming::new(asked == 0, keep, on_raw);
        let mut length = 0;
        loop {
            let piece = answer.body.chunk().await;
            let piece = piece.map_err(|error| ReadError::unreachable(WHAT, &error))?;
            let Some(piece) = piece else { break };
            length += piece.len();
            if length > LIST_LIMIT {
                let text = format!("{WHAT} is longer than {LIST_LIMIT} bytes");
                return Err(ReadError::new(ReadErrorKind::Malformed, text));
            }
            let fed = splitter.feed(&piece, &mut incoming);
            fed.map_err(|NotJson| not_json())?;
            if incoming.rows_seen > MOST_TORRENTS {
                return Err(ReadError::too_many(WHAT, MOST_TORRENTS));
            }
            incoming.on_raw.settle().await;
        }
        splitter.finish().map_err(|NotJson| not_json())?;
        if asked != 0 {
            if incoming.full_update == Some(true) {
                // The server has begun anew: it may be another version. A renewed session has asked for that already.
                if session.sync.rid == asked {
                    session.forget_version();
                }
                self.ensure_session(session).await?;
            } else if is_of_another {
                return Ok(Exchange::OutOfStep);
            }
        }
        let exchange = incoming.apply(library, &mut session.sync);
        exchange.map_err(|NotJson| not_json())
    }
}

fn not_json() -> ReadError {
    ReadError::malformed(format!(
        "{WHAT}: the answer is not what qBittorrent sends, or was cut off; is this the address of the WebUI \
         itself, with no login page of a proxy before it?"
    ))
}

#[cfg(test)]
mod tests;
