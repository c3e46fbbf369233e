//! What the daemon and the worker say to each other. Data of items goes in binary frames, the rest is JSON.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Kinds of frames from the daemon.
pub(super) mod ask {
    /// [`super::Load`]; answered by [`super::answer::LOADED`].
    pub(in super::super) const LOAD: u8 = b'L';
    /// [`super::Begin`]: forget the account's items, a full listing follows. No answer.
    pub(in super::super) const BEGIN: u8 = b'B';
    /// Items in binary (see [`super::push_item`]), whole or as changed parts. No answer.
    pub(in super::super) const ITEMS: u8 = b'I';
    /// [`super::Change`]: what else changed in an account. No answer.
    pub(in super::super) const CHANGE: u8 = b'C';
    /// [`super::Judge`]; answered by one `STARTED` and `JUDGED` per rule, then `DONE`.
    pub(in super::super) const JUDGE: u8 = b'J';
    /// [`super::Explain`]; answered by `STARTED` and `EXPLAINED`.
    pub(in super::super) const EXPLAIN: u8 = b'X';
}

/// Kinds of frames from the worker.
pub(super) mod answer {
    /// [`super::Loaded`].
    pub(in super::super) const LOADED: u8 = b'l';
    /// A rule begins to run: its index as four bytes, little endian.
    pub(in super::super) const STARTED: u8 = b's';
    /// [`super::Judged`].
    pub(in super::super) const JUDGED: u8 = b'j';
    /// All rules of a request are through.
    pub(in super::super) const DONE: u8 = b'd';
    /// [`super::Explained`].
    pub(in super::super) const EXPLAINED: u8 = b'x';
}

/// Bounds on what rules may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Processor time of one call, in milliseconds.
    pub call_ms: u64,
    /// Processor time of one rule in one cycle and account, in milliseconds.
    pub rule_ms: u64,
    /// Memory of one rule, in bytes.
    pub memory_bytes: usize,
    /// Stack of one rule, in bytes; far below the stack of the worker itself.
    pub stack_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            call_ms: 100,
            rule_ms: 5_000,
            memory_bytes: 64 * 1024 * 1024,
            stack_bytes: 256 * 1024,
        }
    }
}

/// A rule as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The rule's name.
    pub name: String,
    /// Its JavaScript.
    pub text: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Load {
    pub(super) limits: Limits,
    pub(super) rules: Vec<Source>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Loaded {
    pub(super) mistakes: Vec<SyntaxMistake>,
}

/// A rule that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyntaxMistake {
    /// Index of the rule in the list that was loaded.
    pub rule: usize,
    /// What is wrong.
    pub message: String,
    /// The line of its text, from 1.
    pub line: Option<u32>,
}

/// How the data of an account looks, and so what `torrent` and `maindata` are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// Torrents and `server_state` of qBittorrent's `sync/maindata`.
    Qbittorrent,
    /// Magnets of AllDebrid's `magnet/status`.
    Alldebrid,
    /// Torrents as rules see them, and `maindata` without its torrents, as saved from Vertex.
    Vertex,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Begin<'a> {
    pub(super) account: &'a str,
    pub(super) shape: Shape,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Change<'a> {
    #[serde(borrow)]
    pub(super) account: &'a str,
    /// Values of the server that changed (`server_state`); `null` where the account could not be read.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) server: Option<&'a RawValue>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) removed: Vec<String>,
    /// Joined tracker messages by item.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tracker_status: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Judge {
    pub(super) account: String,
    /// The cycle's clock, Unix milliseconds.
    pub(super) now_ms: i64,
    /// Indices of rules.
    pub(super) rules: Vec<usize>,
    /// Only these items; none means all.
    pub(super) items: Option<Vec<String>>,
}

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Judged {
    pub(super) rule: usize,
    pub(super) matched: Vec<String>,
    pub(super) failed: Vec<String>,
    /// Items of which it read a field that was not sent, and the first such field.
    pub(super) unsent: Vec<String>,
    pub(super) unsent_field: Option<String>,
    /// Items of which it read the tracker, where the list names none.
    pub(super) no_tracker: Vec<String>,
    /// Every item failed; `failed` is then empty.
    pub(super) all_failed: bool,
    pub(super) message: Option<String>,
    pub(super) line: Option<u32>,
    pub(super) item: Option<String>,
    /// Level and text.
    pub(super) log: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Explain {
    pub(super) account: String,
    pub(super) now_ms: i64,
    pub(super) rule: usize,
    pub(super) item: String,
}

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Explained {
    pub(super) judged: Judged,
    pub(super) returned: String,
}

/// Adds an item to the content of an `ITEMS` frame: length and text of its id, length and text of its JSON.
/// The frame begins with length and text of the account's name.
pub(super) fn push_item(frame: &mut Vec<u8>, id: &str, json: &str) {
    push_text(frame, id);
    push_text(frame, json);
}

/// Length (four bytes, little endian) and text.
pub(super) fn push_text(frame: &mut Vec<u8>, text: &str) {
    frame.extend((text.len() as u32).to_le_bytes());
    frame.extend(text.as_bytes());
}

/// Takes what [`push_text`] has written from the front.
pub(super) fn take_text<'a>(frame: &mut &'a [u8]) -> Option<&'a str> {
    let (length, rest) = frame.split_first_chunk::<4>()?;
    let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *frame = rest;
    std::str::from_utf8(text).ok()
}
