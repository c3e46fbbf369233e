//! What a test scripts ahead (refusals, interference) and what the model writes down (effects).

use super::{
    Endpoint,
    effect::{Effect, What},
    envelope::Refusal,
    magnet::Magnet,
};
use crate::NowMs;

/// Something that happens to an account without a call of ours.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The magnet gets this code; steps that it was to take are dropped.
    Code(u64, i64),
    /// The magnet is deleted by somebody else.
    Vanish(u64),
    /// A magnet is added by somebody else.
    Appear(Box<Magnet>),
}

/// When a [`Change`] happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// At the first call at or after this time.
    At(NowMs),
    /// Right before the next call to this endpoint is carried out.
    Before(Endpoint),
}

#[derive(Debug, Clone)]
struct Scripted {
    account: String,
    endpoint: Endpoint,
    id: Option<u64>,
    code: String,
    times: u32,
}

/// Scripts and records of the whole model.
#[derive(Debug, Clone, Default)]
pub(crate) struct Book {
    pub effects: Vec<Effect>,
    pub last_id: u64,
    pub changes: Vec<(When, String, Change)>,
    refusals: Vec<Scripted>,
}

impl Book {
    /// Writes an effect down.
    pub fn note(&mut self, at: NowMs, account: &str, what: What) {
        let account = account.to_owned();
        self.effects.push(Effect { at, account, what });
    }

    /// A magnet id that was never used.
    pub fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub fn script(
        &mut self,
        account: &str,
        endpoint: Endpoint,
        id: Option<u64>,
        code: &str,
        times: u32,
    ) {
        let (account, code) = (account.to_owned(), code.to_owned());
        self.refusals.push(Scripted {
            account,
            endpoint,
            id,
            code,
            times,
        });
    }

    /// Nothing is scripted any more.
    pub fn forget_scripts(&mut self) {
        self.changes.clear();
        self.refusals.clear();
    }

    /// Uses up a scripted refusal that fits.
    pub fn refused(&mut self, account: &str, endpoint: Endpoint, id: u64) -> Result<(), Refusal> {
        let fits = |one: &&mut Scripted| {
            one.account == account
                && one.endpoint == endpoint
                && one.id.is_none_or(|only| only == id)
        };
        let Some(found) = self.refusals.iter_mut().find(fits) else {
            return Ok(());
        };
        let refused = Refusal::new(&found.code);
        found.times = found.times.saturating_sub(1);
        self.refusals.retain(|one| one.times > 0);
        Err(refused)
    }

    /// Takes out the changes that `due` picks, in order.
    pub fn due(&mut self, due: impl Fn(When, &str) -> bool) -> Vec<(String, Change)> {
        let (now, later) = self
            .changes
            .drain(..)
            .partition(|(when, account, _)| due(*when, account));
        self.changes = later;
        let now: Vec<(When, String, Change)> = now;
        now.into_iter()
            .map(|(_, account, change)| (account, change))
            .collect()
    }
}
