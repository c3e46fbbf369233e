//! A magnet of an account: how a test makes one, and how time changes it.

use super::outcome::Outcome;
use crate::NowMs;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A magnet with everything the service knows about it. Made with [`Magnet::new`] and the methods after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Magnet {
    /// Magnet id.
    pub id: u64,
    /// Name of the content, once known.
    pub filename: String,
    /// Bytes, once known.
    pub size: u64,
    /// Info hash, 40 hex digits in small letters.
    pub hash: String,
    /// `statusCode`; `None` leaves the field out.
    pub code: Option<i64>,
    /// `status`; `None` gives the text usual for the code.
    pub text: Option<String>,
    /// Unix seconds.
    pub added_at: i64,
    /// Unix seconds, 0 when not complete.
    pub completed_at: i64,
    /// A bare hash of it never starts.
    pub is_private: bool,
    /// Whether name and size are known yet.
    pub has_metadata: bool,
    /// Connected peers that have it, while downloading.
    pub seeders: u64,
    /// What each next restart leads to; the last one repeats. Empty: [`Outcome::NO_PEER`].
    pub outcomes: VecDeque<Outcome>,
    /// Fields left out of the answers.
    pub omitted: BTreeSet<String>,
    /// Fields added to the answers, or given another value.
    pub replaced: BTreeMap<String, Value>,
    /// It was deleted, and goes after so many more listings.
    pub lingers_for: Option<u32>,
    pub(crate) steps: VecDeque<(NowMs, i64)>,
    pub(crate) active_since: Option<NowMs>,
}

impl Magnet {
    /// A ready magnet of 1 GiB with names derived from its id.
    pub fn new(id: u64) -> Self {
        Self {
            id,
            filename: format!("Magnet.{id}"),
            size: 1 << 30,
            hash: format!("{id:040x}"),
            code: Some(4),
            text: None,
            added_at: 1_700_000_000,
            completed_at: 1_700_000_600,
            is_private: false,
            has_metadata: true,
            seeders: 0,
            outcomes: VecDeque::new(),
            omitted: BTreeSet::new(),
            replaced: BTreeMap::new(),
            lingers_for: None,
            steps: VecDeque::new(),
            active_since: None,
        }
    }

    /// Sets the file name.
    #[must_use]
    pub fn named(mut self, filename: &str) -> Self {
        filename.clone_into(&mut self.filename);
        self
    }

    /// Sets the size in bytes.
    #[must_use]
    pub fn sized(mut self, size_bytes: u64) -> Self {
        self.size = size_bytes;
        self
    }

    /// Sets the info hash.
    #[must_use]
    pub fn hashed(mut self, hash: &str) -> Self {
        self.hash = hash.to_ascii_lowercase();
        self
    }

    /// Sets the status code.
    #[must_use]
    pub fn code(mut self, code: i64) -> Self {
        self.code = Some(code);
        if code != 4 {
            self.completed_at = 0;
        }
        self
    }

    /// Leaves `statusCode` out.
    #[must_use]
    pub fn without_code(mut self) -> Self {
        self.code = None;
        self
    }

    /// Sets the text beside the code, such as `Expired - files removed from cache` beside 3.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.text = Some(text.to_owned());
        self
    }

    /// Sets the upload time in Unix seconds.
    #[must_use]
    pub fn added_at(mut self, unix_seconds: i64) -> Self {
        self.added_at = unix_seconds;
        self
    }

    /// Makes it a private torrent: uploading its bare hash gives an entry that never starts.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.is_private = true;
        self
    }

    /// `noname` and size 0, until a restart or upload gets the metadata.
    #[must_use]
    pub fn without_metadata(mut self) -> Self {
        self.has_metadata = false;
        self
    }

    /// Scripts the restarts: the first leads to the first outcome, and so on; the last repeats.
    #[must_use]
    pub fn then(mut self, outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        self.outcomes = outcomes.into_iter().collect();
        self
    }

    /// Leaves a field out of the answers.
    #[must_use]
    pub fn without(mut self, field: &str) -> Self {
        self.omitted.insert(field.to_owned());
        self
    }

    /// Adds a field to the answers or gives it another value.
    #[must_use]
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.replaced.insert(field.to_owned(), value);
        self
    }

    /// Queued, downloading or being moved: codes 0 to 3, unless the text says expired.
    pub fn is_active(&self) -> bool {
        self.code.is_some_and(|code| (0..=3).contains(&code)) && !self.says_expired()
    }

    /// The text set by the test begins with "expired", which wins over the code.
    pub fn says_expired(&self) -> bool {
        let start = self.text.as_deref().and_then(|text| text.get(..7));
        start.is_some_and(|start| start.eq_ignore_ascii_case("expired"))
    }

    /// Begins an attempt at time `now`.
    pub(crate) fn start(&mut self, outcome: Outcome, now: NowMs) {
        self.text = None;
        self.completed_at = 0;
        self.steps = outcome.steps(now);
        self.advance(now);
    }

    /// The outcome of the next restart.
    pub(crate) fn next_outcome(&mut self) -> Outcome {
        let next = self.outcomes.front().copied().unwrap_or(Outcome::NO_PEER);
        if self.outcomes.len() > 1 {
            self.outcomes.pop_front();
        }
        next
    }

    /// Takes the steps that are due, and tells each change of the code with its time.
    pub(crate) fn advance(&mut self, now: NowMs) -> Vec<(NowMs, Option<i64>, i64)> {
        let mut changes = Vec::new();
        while let Some(&(at, code)) = self.steps.front()
            && at <= now
        {
            self.steps.pop_front();
            if self.code != Some(code) {
                changes.push((at, self.code, code));
            }
            self.code = Some(code);
            self.active_since = (code == 1).then_some(at);
            self.has_metadata |= code != 0;
            if code == 4 {
                self.completed_at = at / 1000;
            }
        }
        changes
    }

    /// Bytes got so far: grows evenly from the start of code 1 to the next step, all of it afterwards.
    pub(crate) fn downloaded(&self, now: NowMs) -> u64 {
        match (self.code, self.active_since, self.steps.front()) {
            (Some(1), Some(since), Some(&(until, 2..=4))) if until > since => {
                let done = (now - since).clamp(0, until - since);
                let share = u128::from(self.size) * done.unsigned_abs() as u128;
                u64::try_from(share / (until - since).unsigned_abs() as u128).unwrap_or(self.size)
            }
            (Some(2..=4), _, _) => self.size,
            _ => 0,
        }
    }
}

/// What the world holds under an info hash, beyond the entries of accounts: consulted by uploads.
#[derive(Debug, Clone, PartialEq)]
pub struct Torrent {
    /// Name of the content.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// A bare hash of it never starts.
    pub is_private: bool,
    /// What an upload leads to.
    pub outcome: Outcome,
    /// What restarts of a magnet of it lead to.
    pub restarts: VecDeque<Outcome>,
    /// Content of its torrent file, by which an uploaded file is recognised.
    pub file: Option<bytes::Bytes>,
}
