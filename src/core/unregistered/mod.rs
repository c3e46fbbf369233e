//! Whether a private torrent is unregistered, judged from what its trackers said. It asks nothing and counts nothing.

mod messages;
mod shown;
#[cfg(test)]
mod tests;
mod transport;

pub use messages::Messages;
pub use shown::{shown, without_secrets};

use super::model::{ApiVersion, Fact, Tracker, Unknown};

/// What one tracker's row says. Texts are fit for people: no addresses, no keys, one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrackerVerdict {
    /// The last announce succeeded.
    Works,
    /// The tracker itself refused with a text of the message list: it does not have this torrent.
    Gone(String),
    /// No answer of the tracker itself: names, connections, HTTP errors, garbage. Or nobody can tell whose text it is.
    Down(String),
    /// The tracker itself refused, about something else (account, client, too many announces).
    Other(String),
    /// Not contacted yet, an announce is in flight, or a status word nobody knows.
    Pending,
    /// Switched off; it neither helps nor counts.
    Disabled,
}

impl TrackerVerdict {
    /// Whether it works, or might once it has answered.
    pub fn works_or_might(&self) -> bool {
        match self {
            TrackerVerdict::Works | TrackerVerdict::Pending => true,
            TrackerVerdict::Gone(_)
            | TrackerVerdict::Down(_)
            | TrackerVerdict::Other(_)
            | TrackerVerdict::Disabled => false,
        }
    }
}

/// Judges one row of `torrents/trackers` (tracker-status numbers: see [`Tracker::status`]).
///
/// Status 5 means that the tracker itself refused. Servers before Web API 2.13 say 4 for that too: there a text
/// that is none of the transport's own is the tracker's. A server whose version is not known is not guessed at.
pub fn tracker_verdict(tracker: &Tracker, api: ApiVersion, messages: &Messages) -> TrackerVerdict {
    if tracker.updating {
        return TrackerVerdict::Pending;
    }
    match tracker.status {
        0 => TrackerVerdict::Disabled,
        2 => TrackerVerdict::Works,
        4 => {
            let tells_by_text = api >= OLDEST_API && api < ApiVersion::TRACKER_ERROR_STATUS;
            if tells_by_text && !transport::is_transport_text(&tracker.message) {
                refused(tracker, messages)
            } else {
                TrackerVerdict::Down(shown(tracker))
            }
        }
        5 => refused(tracker, messages),
        6 => TrackerVerdict::Down(shown(tracker)),
        // 1 not contacted, 3 updating, and numbers of servers to come.
        _ => TrackerVerdict::Pending,
    }
}

/// The first Web API with `torrents/trackers` as judged here; anything below is a version that could not be read.
const OLDEST_API: ApiVersion = ApiVersion(2, 0, 0);

/// The verdict on a text that is the tracker's own.
fn refused(tracker: &Tracker, messages: &Messages) -> TrackerVerdict {
    if messages.names_gone(&tracker.message) {
        TrackerVerdict::Gone(shown(tracker))
    } else {
        TrackerVerdict::Other(shown(tracker))
    }
}

/// Whether a private torrent is unregistered, and its status in words for the state file (no addresses, only hosts).
///
/// Yes only if no tracker works or might, at least one itself refused with a text of the list, and fewer than
/// `min_peers` leechers are connected (0 switches that test off). A working tracker, or leechers enough, is a no;
/// everything else is unknown. A stopped torrent is unknown: 5.x blanks its rows.
pub fn unregistered(
    trackers: &[Tracker],
    api: ApiVersion,
    messages: &Messages,
    num_leechs: Option<i64>,
    min_peers: u32,
    stopped: bool,
) -> (Fact, String) {
    let verdicts: Vec<_> = trackers
        .iter()
        .map(|tracker| (tracker, tracker_verdict(tracker, api, messages)))
        .collect();
    let status = status_text(&verdicts);
    if stopped {
        let why = Unknown::no_answer("the torrent is stopped, its trackers are not asked");
        return (Fact::Unknown(why), status);
    }
    if verdicts.iter().any(|(_, v)| *v == TrackerVerdict::Works) {
        return (Fact::No, status);
    }
    let is_gone = |v: &TrackerVerdict| matches!(v, TrackerVerdict::Gone(_));
    if !verdicts.iter().any(|(_, v)| is_gone(v)) {
        return (Fact::Unknown(Unknown::no_answer(status.clone())), status);
    }
    if let Some((tracker, _)) = verdicts.iter().find(|(_, v)| *v == TrackerVerdict::Pending) {
        let why = Unknown::no_answer(format!("no verdict yet of {}", host_or_address(tracker)));
        return (Fact::Unknown(why), status);
    }
    (few_leechers(num_leechs, min_peers), status)
}

/// The last test: someone who still downloads proves that the torrent lives on.
fn few_leechers(num_leechs: Option<i64>, min_peers: u32) -> Fact {
    if min_peers == 0 {
        return Fact::Yes;
    }
    match num_leechs {
        Some(leechers) if leechers >= 0 => Fact::known(leechers < i64::from(min_peers)),
        Some(_) | None => Fact::Unknown(Unknown::not_sent(
            "the number of connected leechers is not known",
        )),
    }
}

/// One line for the state and for people: the gravest verdict first, with its tracker's host.
fn status_text(verdicts: &[(&Tracker, TrackerVerdict)]) -> String {
    let gravest = verdicts.iter().max_by_key(|(_, verdict)| match verdict {
        TrackerVerdict::Works => 5,
        TrackerVerdict::Gone(_) => 4,
        TrackerVerdict::Other(_) => 3,
        TrackerVerdict::Down(_) => 2,
        TrackerVerdict::Pending => 1,
        TrackerVerdict::Disabled => 0,
    });
    let Some((tracker, verdict)) = gravest else {
        return "no trackers".to_owned();
    };
    let host = host_or_address(tracker);
    match verdict {
        TrackerVerdict::Works => format!("{host} works"),
        TrackerVerdict::Gone(text) => format!("{host}: {text}"),
        TrackerVerdict::Other(text) => format!("{host} refuses for another reason: {text}"),
        TrackerVerdict::Down(text) => format!("{host} is down: {text}"),
        TrackerVerdict::Pending => format!("{host} has not answered yet"),
        TrackerVerdict::Disabled => format!("{host} is disabled"),
    }
}

/// The host to show; an address without one is never shown itself.
fn host_or_address(tracker: &Tracker) -> String {
    let host = tracker.host();
    if host.is_empty() {
        "a tracker without host".to_owned()
    } else {
        host
    }
}
