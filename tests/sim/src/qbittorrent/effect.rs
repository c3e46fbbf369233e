//! What happened to the server's torrents, in order and with the time: the record by which an oracle judges
//! a client at the moment of effect.

use super::torrent::Torrent;
use crate::NowMs;
use std::fmt;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// When.
    pub at: NowMs,
    /// To which torrent, or "".
    pub hash: String,
    /// What.
    pub what: What,
}

/// What happened. Only requests for torrents that exist have an effect.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// It was added by a request.
    Added,
    /// It was deleted by a request; the torrent as it was right before, and its state word.
    Deleted {
        /// With its files.
        with_files: bool,
        /// State word right before.
        state: String,
        /// The torrent right before.
        torrent: Box<Torrent>,
    },
    /// A file went with it; the hashes of other torrents that had it too, and lost it.
    FileRemoved {
        /// The server's path.
        path: String,
        /// Torrents that had it too.
        shared_with: Vec<String>,
    },
    /// `start` or `resume`.
    Started,
    /// `stop` or `pause`.
    Stopped,
    /// `recheck` was asked for.
    RecheckAsked,
    /// A check ended with this many wanted bytes.
    Checked {
        /// Bytes found.
        have: u64,
    },
    /// A check hangs in `checkingUP` until the torrent is started.
    CheckHangs,
    /// `reannounce`.
    Reannounced,
    /// It runs incomplete although it once had these bytes: with peers it will download them again.
    RunsUnfinished {
        /// Bytes that it had and has no longer.
        lost: u64,
        /// It lost them over a restart of the server, and not by a request.
        by_restart: bool,
    },
    /// It began to download what it had had.
    DownloadedAgain {
        /// Bytes that it had and has no longer.
        lost: u64,
        /// It lost them over a restart of the server, and not by a request.
        by_restart: bool,
    },
    /// Any other change that a request made, such as `addTags`, with its parameters as text.
    Changed {
        /// Name of the request.
        action: String,
        /// What was given.
        value: String,
    },
    /// The server was restarted by the test.
    Restarted,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, hash, what } = self;
        match what {
            What::Deleted {
                with_files,
                state,
                torrent,
            } => {
                write!(
                    f,
                    "{at} {hash} deleted with_files={with_files} state={state} name={:?}",
                    torrent.name
                )
            }
            what => write!(f, "{at} {hash} {what:?}"),
        }
    }
}
