//! Announcing: every notice that is owed reaches its webhook at least once, in order, across restarts and outages.

mod notice;

use super::account::Shared;
use super::logging::Story;
use crate::clients::discord::{Discord, Embed, Message, Posted};
use crate::config::policy::{Policy, Webhook};
use crate::core::ledger::{IntentId, Record};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Discord has a hidden limit of 30 messages a minute and channel; this stays well below.
const BETWEEN_MESSAGES: Duration = Duration::from_millis(2500);

/// First and longest pause after an error that may pass.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// A webhook that was removed is tried this seldom: repeated requests to one get the address restricted.
const REMOVED_PAUSE: Duration = Duration::from_secs(60 * 60);

/// A message that was refused this often for good is put aside, so that it does not block the rest.
const MOST_REFUSALS: u32 = 3;

/// Looked for at least this often, though nobody says that something is owed.
const LOOK_EVERY: Duration = Duration::from_secs(10 * 60);

/// Marks of the webhooks, by which the ledger names them without giving them away.
pub fn marks(policy: &Policy) -> Vec<String> {
    policy.webhooks.iter().map(mark).collect()
}

/// A webhook's mark.
pub fn mark(webhook: &Webhook) -> String {
    let address = webhook.url.expose();
    let path = address
        .split_once("/webhooks/")
        .map_or(address, |(_, path)| path);
    format!("{:08x}", crate::core::mark::mark(path.bytes()))
}

/// When each webhook can be sent to next, by its mark. Clones are the same; kept over reloads.
#[derive(Clone, Default)]
pub struct Paces(Arc<Mutex<BTreeMap<String, Instant>>>);

impl Paces {
    fn left(&self, mark: &str) -> Option<Duration> {
        let left = self.all().get(mark)?.checked_duration_since(Instant::now());
        left.filter(|left| !left.is_zero())
    }

    fn hold(&self, mark: &str, pause: Duration) {
        self.all().insert(mark.to_owned(), Instant::now() + pause);
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The one who announces to a webhook.
pub struct Announcer {
    webhook: Webhook,
    mark: String,
    discord: Discord,
    paces: Paces,
    pause: Duration,
    refusals: u32,
    /// So many of the oldest notices were refused together, and are sent one by one.
    singly: usize,
    was_told: bool,
}

/// What came of one round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// Nothing is owed.
    Nothing,
    /// Something was sent, or settled otherwise.
    Progress,
    /// Nothing can be sent before this has passed.
    Wait(Duration),
}

impl Announcer {
    /// An announcer for a webhook of the policy.
    pub fn new(webhook: &Webhook, discord: Discord, paces: &Paces) -> Announcer {
        Announcer {
            webhook: webhook.clone(),
            mark: mark(webhook),
            discord,
            paces: paces.clone(),
            pause: FIRST_PAUSE,
            refusals: 0,
            singly: 0,
            was_told: false,
        }
    }

    /// Announces until told to stop.
    pub async fn run(mut self, shared: &Shared) {
        let mut stop = shared.stop.clone();
        loop {
            // Waited for from before the look, so that nothing is missed that comes meanwhile.
            let more = shared.owed.notified();
            let round = self.round(shared).await;
            let wait = async {
                match round {
                    Round::Progress => sleep(BETWEEN_MESSAGES).await,
                    Round::Wait(pause) => sleep(pause).await,
                    // Other processes can owe notices, too, but none that is urgent.
                    Round::Nothing => _ = tokio::time::timeout(LOOK_EVERY, more).await,
                }
            };
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return,
                () = wait => {}
            }
        }
    }

    /// Works on what is owed for at most `most`, for `run --once`.
    pub async fn work_off(mut self, shared: &Shared, most: Duration) {
        let until = Instant::now() + most;
        loop {
            let wait = match self.round(shared).await {
                Round::Nothing => return,
                Round::Progress if shared.kept.ledger.book().owed(&self.mark).is_empty() => return,
                Round::Progress => BETWEEN_MESSAGES,
                Round::Wait(pause) => pause,
            };
            if Instant::now() + wait >= until {
                return;
            }
            sleep(wait).await;
        }
    }

    /// Sends the oldest notices that fit into one message.
    pub async fn round(&mut self, shared: &Shared) -> Round {
        let (ids, embeds): (Vec<IntentId>, Vec<Embed>) = {
            let book = shared.kept.ledger.book();
            book.owed(&self.mark)
                .into_iter()
                .take(if self.singly > 0 { 1 } else { 10 })
                .map(|(id, owed)| (id, notice::embed(&owed)))
                .unzip()
        };
        if ids.is_empty() {
            return Round::Nothing;
        }
        if let Some(left) = self.paces.left(&self.mark) {
            return Round::Wait(left);
        }
        let (message, taken) = Message::of_first(&embeds, self.webhook.username.as_deref());
        let ids = &ids[..taken.clamp(1, ids.len())];
        // On its way it may be lost to us, and arrive all the same.
        self.paces.hold(&self.mark, BETWEEN_MESSAGES);
        let posted = self.discord.post(&self.webhook.url, &message).await;
        let pause = match &posted {
            Posted::RetryAfter(pause) => *pause,
            Posted::Ok
            | Posted::RemovedForGood
            | Posted::RefusedForGood(_)
            | Posted::TryLater(_) => BETWEEN_MESSAGES,
        };
        self.paces.hold(&self.mark, pause);
        match posted {
            Posted::Ok => self.delivered(shared, ids).await,
            Posted::RetryAfter(pause) => Round::Wait(pause),
            Posted::RemovedForGood => {
                self.tell_once("the webhook was removed or refuses us; its notices are kept, and it is tried once an hour");
                Round::Wait(REMOVED_PAUSE)
            }
            Posted::RefusedForGood(why) => self.refused(shared, ids, &why).await,
            Posted::TryLater(why) => {
                self.tell_once(&format!("notices wait: {why}"));
                let pause = self.pause;
                self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                Round::Wait(pause)
            }
        }
    }

    async fn delivered(&mut self, shared: &Shared, ids: &[IntentId]) -> Round {
        (self.pause, self.refusals, self.was_told) = (FIRST_PAUSE, 0, false);
        self.singly = self.singly.saturating_sub(ids.len());
        let at = shared.clock.now();
        let record = |id: &IntentId| Record::Delivered {
            notice: *id,
            webhook: self.mark.clone(),
            at,
        };
        let records: Vec<Record> = ids.iter().map(record).collect();
        match shared.kept.ledger.append(&records).await {
            Ok(()) => Round::Progress,
            Err(error) => {
                self.tell_once(&format!(
                    "a notice was sent but is not on record, and will be sent again: {error}"
                ));
                Round::Wait(LONGEST_PAUSE)
            }
        }
    }

    /// After three refusals the message is put aside; if it holds several notices, they are tried one by one first.
    async fn refused(&mut self, shared: &Shared, ids: &[IntentId], why: &str) -> Round {
        self.refusals += 1;
        if self.refusals < MOST_REFUSALS {
            return Round::Wait(self.pause);
        }
        self.refusals = 0;
        if ids.len() > 1 {
            self.singly = ids.len();
            return Round::Progress;
        }
        self.singly = self.singly.saturating_sub(1);
        Story::default().error(&format!(
            "Discord refuses a notice for good, it is put aside: {why}"
        ));
        let at = shared.clock.now();
        let aside = |id: &IntentId| Record::PutAside {
            notice: *id,
            webhook: self.mark.clone(),
            at,
            why: why.to_owned(),
        };
        let records: Vec<Record> = ids.iter().map(aside).collect();
        match shared.kept.ledger.append(&records).await {
            Ok(()) => Round::Progress,
            Err(_) => Round::Wait(LONGEST_PAUSE),
        }
    }

    fn tell_once(&mut self, text: &str) {
        if !std::mem::replace(&mut self.was_told, true) {
            Story::default().warn(&format!("Discord: {text}"));
        }
    }
}
