//! One account while the daemon runs: what it keeps in memory, and one cycle of it from reading to recording.

mod shared;
mod tell;
mod unreadable;

pub use shared::{Shared, shared};
pub use unreadable::pause_after;

use super::act::{Acting, Done, act};
use super::eyes::{Eyes, Optics, Presence};
use super::kept::{Kept, OpenError};
use super::logging::Story;
use super::look::{Blind, Glasses, look, nothing_new};
use super::settle::{late_since, settle};
use super::still::{Still, same_but_times};
use super::store::{Base, Commit};
use super::told::Told;
use crate::clients::ReadError;
use crate::config::policy::AccountPolicy;
use crate::core::decide::{Decision, Mode};
use crate::core::free_space::OurDeletions;
use crate::core::model::ItemId;
use crate::core::plan::Plan;
use crate::core::state::{AccountState, Listing};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How a cycle ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The account was read, decided on and acted on.
    Done,
    /// The account could not be read.
    Unreadable,
    /// State or ledger could not be kept, or the plan broke an invariant: nothing was sent.
    NotKept,
    /// The state file was edited meanwhile: what was planned is dropped.
    Edited,
}

/// One account.
pub struct Account {
    policy: Arc<AccountPolicy>,
    eyes: Eyes,
    /// The account was unreadable at the last cycle, so that only changes are told at warning level.
    was_unreadable: bool,
    /// What a reading ahead of the next cycle brought: whether it was whole.
    ahead: Option<Result<bool, ReadError>>,
    /// The last cycle, where the next can only come to the same.
    still: Option<Still>,
    number: u64,
    /// Names of the configuration that the account does not have were told.
    names_told: bool,
    /// Warnings that still hold, by their gist, and when each was told.
    told: Told,
}

impl Account {
    /// The account as configured; nothing is sent yet.
    pub fn new(policy: &AccountPolicy, optics: &Optics) -> Account {
        Account {
            policy: Arc::new(policy.clone()),
            eyes: Eyes::new(policy, optics),
            was_unreadable: false,
            ahead: None,
            still: None,
            number: 0,
            names_told: false,
            told: Told::default(),
        }
    }

    /// Its policy.
    pub fn policy(&self) -> &Arc<AccountPolicy> {
        &self.policy
    }

    /// Its eyes, for the treatments between cycles.
    pub fn eyes(&mut self) -> &mut Eyes {
        &mut self.eyes
    }

    /// Whether the last cycle could not read it.
    pub fn is_unreadable(&self) -> bool {
        self.was_unreadable
    }

    /// Until when the account is to be left alone, if it is.
    pub async fn left_alone_until(&self, shared: &Shared) -> Option<Timestamp> {
        let base = shared.kept.store.base(&self.policy.name).await;
        let until = base.state().left_alone_until?;
        (until > shared.clock.now()).then_some(until)
    }

    /// Whether it is left alone even if a cycle is asked for: as its service wants it. A login that was refused may have
    /// been mended there.
    pub async fn must_wait(&self, shared: &Shared) -> bool {
        let base = shared.kept.store.base(&self.policy.name).await;
        let was_refused = base.state().refused_login.is_some();
        !was_refused && self.left_alone_until(shared).await.is_some()
    }

    /// Another login than the one that was refused is tried at once.
    pub async fn welcome_new_login(&self, shared: &Shared) {
        let base = shared.kept.store.base(&self.policy.name).await;
        let refused = base.state().refused_login.as_deref();
        if refused.is_none_or(|mark| mark == self.policy.login_mark()) {
            return;
        }
        let state = AccountState {
            left_alone_until: None,
            last_attempt_at: None,
            refused_login: None,
            refused_login_at: None,
            ..base.state().clone()
        };
        let text = format!("{}: its login was changed and is tried now", self.name());
        match shared
            .kept
            .store
            .commit(base, state, shared.clock.now())
            .await
        {
            Ok(_) => self.story().info(&text),
            Err(error) => self.story().warn(&format!("{}: {error}", self.name())),
        }
    }

    fn name(&self) -> &str {
        self.policy.name.as_str()
    }

    fn story(&self) -> Story<'_> {
        Story {
            account: Some(self.name()),
            cycle: Some(self.number),
            ..Story::default()
        }
    }

    /// Reads the account ahead of its next cycle, so that all are read before any is judged.
    pub async fn read_ahead(&mut self, shared: &Shared) {
        let base = shared.kept.store.base(&self.policy.name).await;
        let had_items = self.had_items(&base, shared);
        let now = shared.clock.now();
        let ours = self.our_deletions(&base, shared, now);
        self.ahead = Some(self.eyes.read(now, had_items, ours).await);
    }

    /// Whether it was.
    pub fn is_read_ahead(&self) -> bool {
        self.ahead.is_some()
    }

    /// Looks at what the next cycle would judge, so that other accounts in the same folders are asked.
    pub async fn look_ahead(&mut self, shared: &Shared) {
        let Some(Ok(whole)) = self.ahead else { return };
        let base = shared.kept.store.base(&self.policy.name).await;
        let policy = self.policy.clone();
        let book = shared.kept.ledger.book();
        let glasses = Glasses {
            policy: &policy,
            limits: &shared.limits,
            zone: &shared.zone,
            book: &book,
            now: shared.clock.now(),
            mode: Mode::Full {
                adds: true,
                last_resorts: true,
            },
            explain: false,
        };
        // The cycle itself decides anew.
        let _ = look(&mut self.eyes, glasses, base.state(), whole).await;
    }

    /// Where a deletion is open there was something to delete, whatever a state that was reset says.
    fn had_items(&self, base: &Base, shared: &Shared) -> bool {
        let book = shared.kept.ledger.book();
        base.state().had_items || book.open(&self.policy.name).next().is_some()
    }

    fn our_deletions(&self, base: &Base, shared: &Shared, now: Timestamp) -> OurDeletions {
        let (book, mark) = (shared.kept.ledger.book(), base.state().free_space.as_ref());
        OurDeletions::of(&book, &self.policy.name, mark, now, None)
    }

    /// One cycle: observe, decide, audit, commit, act, record. Announcing goes on beside.
    pub async fn cycle(&mut self, shared: &Shared, mode: Mode) -> Ended {
        self.number += 1;
        let still = self.still.take();
        // People read these times in the state file.
        let now = shared.clock.now();
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        if let Err(error) = up_to_date(shared).await {
            self.story()
                .error(&format!("{}: nothing is done: {error}", self.name()));
            return Ended::NotKept;
        }
        let mut base = shared.kept.store.base(&self.policy.name).await;
        let had_items = self.had_items(&base, shared);
        let read = match self.ahead.take() {
            Some(read) => read,
            None => {
                let ours = self.our_deletions(&base, shared, now);
                self.eyes.read(now, had_items, ours).await
            }
        };
        let whole = match read {
            Ok(whole) => whole,
            Err(error) => return self.unreadable(shared, base, &error, mode, now).await,
        };
        self.readable_again();
        base.claim(self.eyes.seen());
        let book = shared.kept.ledger.book();
        let listing = Listing {
            items: self.eyes.seen().len(),
            deleted: base.state().deleted_since_last(&self.policy.name, &book),
            counts: mode.adds(),
        };
        if whole && base.state().settles(listing) {
            let doubtful = self.doubtful(shared, now).await;
            let (kept, account, seen) = (&shared.kept, &*self.policy, self.eyes.seen());
            if let Err(error) = settle(kept, account, seen, &doubtful, now).await {
                self.story()
                    .error(&format!("{}: nothing is done: {error}", self.name()));
                return Ended::NotKept;
            }
            shared.owed.notify_waiters();
        }
        let still = still.filter(|_| mode == Mode::Rules && whole && self.eyes.is_as_before());
        self.decide_and_act(shared, base, mode, whole, still, now)
            .await
    }

    /// Items with an interrupted deletion that are not listed, and of which no word about them alone says that they are gone:
    /// a service in trouble can list anything.
    async fn doubtful(&self, shared: &Shared, now: Timestamp) -> BTreeSet<ItemId> {
        let book = shared.kept.ledger.book();
        let account = &self.policy.name;
        let late = book.late(account, late_since(self.policy.cycle, now));
        let mut doubtful = BTreeSet::new();
        for intent in book.open(account).chain(late) {
            let id = &intent.item;
            if self.eyes.seen().get(id).is_some() {
                continue;
            }
            let is_gone = match self.eyes.presence(id).await {
                Ok(Presence::Gone) => true,
                // Nothing else is expected to be there.
                Ok(Presence::NotShown) => self.eyes.seen().is_empty(),
                Ok(Presence::Listed | Presence::Unsure) | Err(_) => false,
            };
            if !is_gone {
                doubtful.insert(id.clone());
            }
        }
        doubtful
    }

    async fn decide_and_act(
        &mut self,
        shared: &Shared,
        base: Base,
        mode: Mode,
        whole: bool,
        still: Option<Still>,
        now: Timestamp,
    ) -> Ended {
        let policy = self.policy.clone();
        let book = shared.kept.ledger.book();
        let glasses = Glasses {
            policy: &policy,
            limits: &shared.limits,
            zone: &shared.zone,
            book: &book,
            now,
            mode,
            explain: tracing::enabled!(tracing::Level::DEBUG),
        };
        let before = base.state().clone();
        let version = base.version();
        let still = still.filter(|still| !glasses.explain && still.holds(&before, &book));
        let looked = match &still {
            Some(_) => Ok(nothing_new(&self.eyes, glasses, &before)),
            None => look(&mut self.eyes, glasses, &before, whole).await,
        };
        let decision = match looked {
            Ok(look) => {
                self.still = still.or_else(|| Still::after(&look, glasses, &book));
                look.decision
            }
            Err(Blind::Unreadable(error)) => {
                return self.unreadable(shared, base, &error, mode, now).await;
            }
            Err(Blind::Breach(breach)) => {
                let head = format!("{}: {}", self.name(), Blind::Breach(breach));
                self.story()
                    .error(&format!("{head}; state before: {}", as_json(&before)));
                return Ended::NotKept;
            }
        };
        let Decision { state, plan, .. } = decision;
        // Before the outage itself is on record: a crash in between announces it twice rather than never.
        self.owe_outages(shared, &plan, now).await;
        if needs_commit(&before, &state, &plan, mode, &policy)
            && let Err(ended) = self.commit(shared, base, state).await
        {
            return ended;
        }
        self.tell_plan(&plan, mode);
        let acting = Acting {
            eyes: &mut self.eyes,
            glasses,
            before: &before,
            version,
            kept: &shared.kept,
            webhooks: &shared.webhooks,
            clock: shared.clock.clone(),
            told: &mut self.told,
            stop: shared.stop.clone(),
        };
        let done = act(acting, &plan).await;
        shared.owed.notify_waiters();
        self.note_remedies(shared, &done).await;
        self.tell_done(&plan, &done, mode);
        if whole && !self.names_told && !self.eyes.seen().is_empty() {
            self.names_told = true;
            self.tell_absent_names(now).await;
        }
        Ended::Done
    }

    /// Makes the new state durable. Where that fails or the file was edited, the cycle ends at once.
    async fn commit(&self, shared: &Shared, base: Base, state: AccountState) -> Result<(), Ended> {
        // Others were at work since the cycle began; what they wrote does not lie in the future.
        let present = shared.clock.now();
        match shared.kept.store.commit(base, state, present).await {
            Ok(Commit::Saved) => Ok(()),
            Ok(Commit::Edited(_)) => {
                self.story().info(&format!(
                    "{}: the state file was edited during the cycle; the edit is in force, what was planned is dropped",
                    self.name()
                ));
                Err(Ended::Edited)
            }
            Err(error) => {
                self.story().error(&format!(
                    "{}: nothing is done, the state cannot be kept: {error}",
                    self.name()
                ));
                Err(Ended::NotKept)
            }
        }
    }

    /// Notes the items that remedies have reached: their next sighting counts.
    async fn note_remedies(&self, shared: &Shared, done: &Done) {
        if done.remedied.is_empty() {
            return;
        }
        let base = shared.kept.store.base(&self.policy.name).await;
        let mut state = base.state().clone();
        for (id, ailment) in &done.remedied {
            state.remedied(id, *ailment);
        }
        let present = shared.clock.now();
        if let Err(error) = shared.kept.store.commit(base, state, present).await {
            self.story().warn(&format!("{}: {error}", self.name()));
        }
    }
}

/// Takes over what other processes wrote since, and what a clock that was set back makes of times.
async fn up_to_date(shared: &Shared) -> Result<(), OpenError> {
    let Kept { ledger, store, .. } = &shared.kept;
    ledger.refresh().await?;
    ledger.mend_times(shared.clock.now()).await?;
    store.refresh(shared.clock.now()).await?;
    Ok(())
}

/// Whether a state is worth a durable write. Rule cycles in which only the time moved on are written now and then,
/// often enough that a restart finds no gap in the samples.
fn needs_commit(
    before: &AccountState,
    after: &AccountState,
    plan: &Plan,
    mode: Mode,
    policy: &AccountPolicy,
) -> bool {
    if matches!(mode, Mode::Full { .. }) || !plan.is_idle() {
        return true;
    }
    let same = same_but_times(before, after);
    let (Some(last), Some(now)) = (before.last_rules_at, after.last_rules_at) else {
        return true;
    };
    let has_timed_rules = policy.rules.iter().any(|rule| rule.hold_for.is_some());
    // One sample may stay unwritten, and with the next one there is still no gap of three cycles.
    let most = SignedDuration::try_from(policy.rule_cycle.saturating_mul(3) / 2)
        .unwrap_or(SignedDuration::MAX);
    !same || (has_timed_rules && now.duration_since(last) >= most)
}

fn as_json(state: &AccountState) -> String {
    serde_json::to_string(state).unwrap_or_default()
}
