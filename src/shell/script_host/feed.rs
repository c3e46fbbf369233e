//! What the daemon tells the worker about an account: frames, made while an answer of a server is decoded and passed
//! on a quarter of a megabyte at a time, so that raw JSON is never kept.

use serde_json::value::RawValue;

use crate::clients::qbittorrent::RawRows;
use crate::ports::BoxFuture;

use super::frame::{HEAD, head};
use super::message::{Begin, Change, Shape, ask, push_item, push_text};
use super::process::{Input, Sink};

/// Frames about one account that wait to be sent by [`super::ScriptHost::send`].
pub struct Feed {
    pub(super) account: String,
    pub(super) bytes: Vec<u8>,
    /// Where whole frames go at once; without one they wait here.
    pub(super) sink: Option<Sink>,
    /// Where the frame of items begins that is still open.
    open: Option<usize>,
    /// The frame that begins a full listing is among those that wait.
    pub(super) begins: bool,
    /// What the worker holds once this is sent.
    pub(super) effect: Effect,
}

/// How far the worker's data of the account can be trusted after a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// As far as before.
    Same,
    /// Not: a listing has begun and is not complete.
    Partial,
    /// It is complete.
    Complete,
}

impl RawRows for Feed {
    fn row(&mut self, id: &str, json: &str) {
        self.item(id, json);
    }

    fn settle(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            if let Some(sink) = &self.sink {
                sink.settle().await;
            }
        })
    }
}

/// A frame of items is closed at this size, so that the worker can begin to read it.
const FRAME: usize = 256 * 1024;

impl Feed {
    /// A feed of changes.
    pub fn changes(account: &str) -> Feed {
        Feed {
            account: account.to_owned(),
            bytes: Vec::new(),
            sink: None,
            open: None,
            begins: false,
            effect: Effect::Same,
        }
    }

    /// A feed of a full listing: what the worker holds of the account is forgotten. It counts only
    /// once [`Feed::complete`] was called and sent.
    pub fn full(account: &str, shape: Shape) -> Feed {
        let mut feed = Feed::changes(account);
        feed.push(ask::BEGIN, &Begin { account, shape });
        feed.begins = true;
        feed.effect = Effect::Partial;
        feed
    }

    /// An item: all of its fields as sent, or those that changed. `id` is what the daemon calls it: the info-hash
    /// (the key of the map in `sync/maindata`), or the magnet id.
    pub fn item(&mut self, id: &str, json: &str) {
        let start = *self.open.get_or_insert_with(|| {
            let start = self.bytes.len();
            self.bytes.extend([0; HEAD]);
            push_text(&mut self.bytes, &self.account);
            start
        });
        push_item(&mut self.bytes, id, json);
        if self.bytes.len() - start > FRAME {
            self.close();
        }
    }

    /// Items that are gone.
    pub fn removed(&mut self, ids: Vec<String>) {
        self.change(None, ids, Vec::new());
    }

    /// `server_state`, or the values of it that changed; `null` for an account that could not be read.
    pub fn server(&mut self, json: &RawValue) {
        self.change(Some(json), Vec::new(), Vec::new());
    }

    /// Joined tracker messages by item, where rules ask for `trackerStatus`.
    pub fn tracker_status(&mut self, statuses: Vec<(String, String)>) {
        self.change(None, Vec::new(), statuses);
    }

    /// The listing is complete.
    pub fn complete(&mut self) {
        self.effect = Effect::Complete;
    }

    /// Bytes that wait to be sent.
    pub fn waiting(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes to send now; the feed goes on empty.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.close();
        std::mem::take(&mut self.bytes)
    }

    fn change(
        &mut self,
        server: Option<&RawValue>,
        removed: Vec<String>,
        tracker_status: Vec<(String, String)>,
    ) {
        let account = self.account.clone();
        let change = Change {
            account: &account,
            server,
            removed,
            tracker_status,
        };
        self.push(ask::CHANGE, &change);
    }

    fn push(&mut self, kind: u8, content: &impl serde::Serialize) {
        self.close();
        // Texts, lists and raw JSON always serialise.
        let Ok(content) = serde_json::to_vec(content) else {
            return;
        };
        self.bytes.extend(head(kind, content.len()));
        self.bytes.extend(content);
    }

    /// Writes the length of the open frame of items into its head.
    fn close(&mut self) {
        if let Some(start) = self.open.take() {
            let length = self.bytes.len() - start - HEAD;
            self.bytes[start..start + HEAD].copy_from_slice(&head(ask::ITEMS, length));
        }
        if let Some(sink) = &self.sink
            && !self.bytes.is_empty()
        {
            // A worker that is gone is noticed when the rest is sent.
            sink.put(Input::Frames(std::mem::take(&mut self.bytes)));
        }
    }
}
