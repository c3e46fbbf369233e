//! Following `state.json`: as the process replaces it, as people edit it, and as a loss of power may bring back.

use super::{Oracle, parse};
use jiff::SignedDuration;
use seedwarden::core::ledger::Record;
use seedwarden::core::state::State;
use seedwarden::ports::Clock;

/// A person's edit and a request can cross: nobody can look and send in one step. Requests this soon after an edit are
/// judged by the state before it.
const CROSSING: SignedDuration = SignedDuration::from_secs(2);

impl Oracle {
    /// A new process begins: what it finds in the state file must be what the last one left, or the version before if
    /// that was not durable yet.
    pub fn process_started(&mut self, found: Option<&[u8]>) {
        // Its cycles begin after the clock was set.
        self.last_jump = None;
        let is_known = found == self.bytes.as_deref()
            || self.older.iter().any(|older| older.as_deref() == found);
        if is_known {
            self.state = parse(found).unwrap_or_default();
            self.bytes = found.map(<[u8]>::to_vec);
        } else {
            // The process died right after it replaced the file.
            self.state_replaced(found);
        }
        self.folder_synced();
        self.forget_readings();
    }

    /// What was read is nothing that the process to come knows of.
    pub(super) fn forget_readings(&mut self) {
        for eye in self.accounts.values_mut() {
            eye.magnets = None;
            eye.again.clear();
            eye.torrents = None;
            eye.torrents_again.clear();
            eye.torrents_before.clear();
            eye.listed_at = None;
            eye.is_list_fresh = false;
            eye.remedies.clear();
            eye.unanswered = 0;
        }
    }

    /// The process replaced the state file.
    pub fn state_replaced(&mut self, content: Option<&[u8]>) {
        let is_same = content == self.bytes.as_deref();
        let state = match parse(content) {
            Ok(state) => state,
            Err(_) if is_same => return,
            Err(why) => {
                self.breach(11, format!("the state file cannot be read: {why}"));
                State::default()
            }
        };
        // The same again is a commit where the one before could not be made durable.
        if is_same && state == self.state {
            return;
        }
        let changed = self.judge_commit(&state);
        let before = std::mem::replace(&mut self.state, state);
        self.older.push(std::mem::replace(
            &mut self.bytes,
            content.map(<[u8]>::to_vec),
        ));
        self.know_of_edit.extend(changed.clone());
        self.undo = Some((before, changed));
    }

    /// The call that was to replace the state file failed, and may have done so. What is still there is judged no second
    /// time: it may be what an earlier commit left that could not be made durable.
    pub fn replacing_failed(&mut self, content: Option<&[u8]>) {
        if content != self.bytes.as_deref() {
            self.state_replaced(content);
        }
        self.commit_failed();
    }

    /// The call that was to replace the state file, or to make that durable, failed: the process takes nothing for
    /// committed, whatever the file holds.
    pub fn commit_failed(&mut self) {
        if let Some((before, _)) = self.undo.take() {
            self.state = before;
        }
    }

    /// The names of the state folder are durable.
    pub fn folder_synced(&mut self) {
        self.older.clear();
        self.undo = None;
    }

    /// The process wrote to the ledger: causes of the deletions to come.
    pub fn recorded(&mut self, content: &[u8]) {
        for line in content.split(|byte| *byte == b'\n') {
            let Ok(Record::Intent(intent)) = serde_json::from_slice(line) else {
                continue;
            };
            let account = intent.account.as_str();
            self.list_is_old(account);
            if let Some(eye) = self.accounts.get_mut(account) {
                let item = intent.item.as_str().to_owned();
                eye.claims.insert(item, intent.cause.clone());
            }
        }
    }

    /// A person wrote the state file.
    pub fn state_edited(&mut self, content: Option<&[u8]>) {
        let state = parse(content);
        self.garbled += u64::from(state.is_err());
        let before = std::mem::replace(&mut self.state, state.unwrap_or_default());
        let (at, before) = match self.before_edit.take() {
            // Of two edits at once either may have been seen, if nothing was committed in between.
            Some((at, first))
                if self.time.now().duration_since(at) <= CROSSING
                    && self.know_of_edit.is_empty() =>
            {
                (at, first)
            }
            _ => (self.time.now(), before),
        };
        self.before_edit = Some((at, before));
        self.edited_after = self.requests;
        self.know_of_edit.clear();
        for eye in self.accounts.values_mut() {
            eye.remedies.clear();
        }
        self.bytes = content.map(<[u8]>::to_vec);
        self.folder_synced();
    }

    /// A command of ours (`reset`, `accept`) wrote the state file.
    pub fn state_commanded(&mut self, content: Option<&[u8]>) {
        self.state_edited(content);
    }

    /// The state that a request may rest on: that of the file, or the one before an edit that it crossed. `seen`: number
    /// of the request that showed the item last; an edit before that one could be noticed.
    pub(super) fn resting_on(&self, account: &str, seen: u64) -> &State {
        match &self.before_edit {
            Some((at, state))
                if seen <= self.edited_after
                    && self.time.now().duration_since(*at) <= CROSSING
                    && !self.know_of_edit.contains(account) =>
            {
                state
            }
            _ => &self.state,
        }
    }

    /// Whether the last complete listing of an account held items, as the state file has it.
    pub fn had_items(&self, account: &str) -> bool {
        self.account_state(&self.state, account)
            .is_some_and(|state| state.had_items)
    }

    /// Whether what people wrote into the state file cannot be read.
    pub fn is_garbled(&self) -> bool {
        parse(self.bytes.as_deref()).is_err()
    }

    /// How often people wrote what cannot be read.
    pub fn times_garbled(&self) -> u64 {
        self.garbled
    }

    /// Whether the state file holds an outage.
    pub fn has_outage(&self) -> bool {
        self.state
            .accounts
            .values()
            .any(|account| !account.outages.is_empty())
    }
}
