//! A dry run: cycles that read and decide, keep counts and timers in memory only, and log what they would do. No
//! writer is made at all, so that nothing can be written or sent by mistake.

mod tell;

use super::absent_names::absent_names;
use super::account::pause_after;
use super::acquaint::{acquaint, at_once, is_needed};
use super::eyes::{Eyes, Optics};
use super::lasting::Lasting;
use super::logging::Story;
use super::look::{Blind, Glasses, look};
use super::once::adds_nothing;
use super::service::{self, Signal, Signals};
use super::told::Told;
use super::watchdog::Pulse;
use super::{ledger, store};
use crate::clients::ReadError;
use crate::config::policy::{AccountPolicy, Policy};
use crate::core::decide::{Ailment, Mode};
use crate::core::due::{due, full, once as once_mode};
use crate::core::free_space::OurDeletions;
use crate::core::ledger::Book;
use crate::core::state::{AccountState, State};
use crate::ports::Ports;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tell::tell;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

/// After a cycle that could not read the next one waits at least this long.
const LEAST_PAUSE: Duration = Duration::from_secs(60);

/// A cycle in which everything is judged.
const ALL: Mode = Mode::Full {
    adds: true,
    last_resorts: true,
};

/// What the accounts of a dry run share.
struct Stage {
    policy: Policy,
    ports: Ports,
    book: Book,
    stop: watch::Receiver<bool>,
}

impl Stage {
    fn glasses<'a>(&'a self, policy: &'a AccountPolicy, now: Timestamp, mode: Mode) -> Glasses<'a> {
        Glasses {
            policy,
            limits: &self.policy.limits,
            zone: &self.policy.time_zone,
            book: &self.book,
            now,
            mode,
            explain: false,
        }
    }
}

/// Rehearses until a signal says otherwise, or one cycle of every account. Answers whether all could be read.
pub async fn run(
    policy: &Policy,
    ports: Ports,
    lasting: &Lasting,
    folder: &Path,
    once: bool,
) -> bool {
    let now = ports.clock.now();
    let state = match store::read(&*ports.disk, folder, now).await {
        Ok(loaded) => loaded.state,
        Err(error) => return refuse(&error),
    };
    let book = match ledger::read(&*ports.disk, folder, now).await {
        Ok(book) => book,
        Err(error) => return refuse(&error),
    };
    Story::default().info("dry run: nothing will be changed, sent or written");
    let (stop, stopped) = watch::channel(false);
    let stage = Arc::new(Stage {
        policy: policy.clone(),
        ports: ports.clone(),
        book,
        stop: stopped,
    });
    let optics = Optics::of(lasting, ports, policy.time_zone.clone());
    let (mut actors, mut askings) = (Vec::new(), Vec::new());
    for account in &stage.policy.accounts {
        let pulse = lasting.pulses.begin();
        let cycle_now = Arc::new(Notify::new());
        askings.push(cycle_now.clone());
        actors.push(Actor {
            policy: account.clone(),
            eyes: Eyes::new(account, &optics.with_pulse(pulse.clone())),
            ahead: None,
            pulse,
            state: state
                .accounts
                .get(&account.name)
                .cloned()
                .unwrap_or_default(),
            on_disk: Some(state.clone()),
            stage: stage.clone(),
            cycle_now,
            was_unreadable: false,
            names_told: false,
            told: Told::default(),
            said: BTreeSet::new(),
        });
    }
    if once && is_needed(&policy.accounts) {
        actors = read_ahead(actors, now).await;
    }
    let mut tasks = JoinSet::new();
    for actor in actors {
        tasks.spawn(actor.play(once));
    }
    if !once && let Err(error) = follow_signals(&askings).await {
        return refuse(&error);
    }
    if !once {
        let _ = stop.send(true);
        // Nothing is under way that could be cut short.
        tasks.shutdown().await;
        return true;
    }
    let mut all_fine = true;
    while let Some(fine) = tasks.join_next().await {
        all_fine &= fine.unwrap_or(false);
    }
    all_fine
}

/// Reads all accounts before any is judged: their torrents may lie in the same folders.
async fn read_ahead(actors: Vec<Actor>, now: Timestamp) -> Vec<Actor> {
    let read = at_once(actors, |mut actor| async move {
        let ours = actor.our_deletions(now);
        let read = actor.eyes.read(now, actor.state.had_items, ours).await;
        actor.ahead = Some(read);
        actor
    });
    let look = |mut actor: Actor| async move {
        if let Some(Ok(whole)) = actor.ahead {
            let glasses = actor.stage.glasses(&actor.policy, now, ALL);
            // The cycle itself decides anew.
            let _ = look(&mut actor.eyes, glasses, &actor.state, whole).await;
        }
        actor
    };
    acquaint(read.await, now, look, |actor| &mut actor.eyes).await
}

fn refuse(error: &dyn std::fmt::Display) -> bool {
    Story::default().error(&error.to_string());
    false
}

async fn follow_signals(askings: &[Arc<Notify>]) -> std::io::Result<()> {
    let mut signals = Signals::listen()?;
    service::ready();
    loop {
        match signals.next().await {
            Signal::Stop => {
                service::stopping();
                return Ok(());
            }
            Signal::Reload => Story::default()
                .warn("a dry run keeps its configuration; restart it to read a new one"),
            Signal::CycleNow => askings.iter().for_each(|account| account.notify_one()),
        }
    }
}

/// One account of a dry run.
struct Actor {
    policy: AccountPolicy,
    eyes: Eyes,
    /// What a reading ahead of the first cycle brought: whether it was whole.
    ahead: Option<Result<bool, ReadError>>,
    state: AccountState,
    /// The state as it lies on disk, until the first reading tells which old counts are this account's.
    on_disk: Option<Arc<State>>,
    stage: Arc<Stage>,
    cycle_now: Arc<Notify>,
    /// Beats with each answer.
    pulse: Pulse,
    was_unreadable: bool,
    /// Names of the configuration that the account does not have were told.
    names_told: bool,
    /// Warnings that still hold.
    told: Told,
    /// What was said since the last full cycle began: rule cycles find the same again and again.
    said: BTreeSet<String>,
}

impl Actor {
    async fn play(mut self, once: bool) -> bool {
        if once {
            let now = self.stage.ports.clock.now();
            let (mode, soon) = once_mode(&self.state, self.policy.cycle, now);
            if let Some(since) = soon {
                let why = adds_nothing(since, self.policy.cycle);
                Story::default().info(&format!("{}: {why}", self.policy.name));
            }
            return self.cycle(mode).await;
        }
        let mut stop = self.stage.stop.clone();
        let mut pause = Duration::ZERO;
        loop {
            let now = self.stage.ports.clock.now();
            let due = due(
                &self.state,
                self.state.last_rules_at,
                self.policy.cycle,
                self.policy.rule_cycle,
                !self.policy.rules.is_empty(),
                now,
            );
            let wait = Duration::try_from(due.at.duration_since(now)).unwrap_or(Duration::ZERO);
            let wait = wait.max(pause);
            let asked = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return true,
                () = self.cycle_now.notified() => true,
                () = self.pulse.rest(wait) => false,
            };
            let mode = if asked {
                full(&self.state, self.policy.cycle, self.stage.ports.clock.now())
            } else {
                due.mode
            };
            // An account that cannot be read leaves no time of its rules behind, and is not asked at once again.
            pause = match self.cycle(mode).await {
                true => Duration::ZERO,
                false => LEAST_PAUSE
                    .max(self.policy.rule_cycle)
                    .min(self.policy.cycle),
            };
        }
    }

    fn our_deletions(&self, now: Timestamp) -> OurDeletions {
        let mark = self.state.free_space.as_ref();
        OurDeletions::of(&self.stage.book, &self.policy.name, mark, now, None)
    }

    async fn cycle(&mut self, mode: Mode) -> bool {
        let name = self.policy.name.clone();
        let story = Story {
            account: Some(name.as_str()),
            ..Story::default()
        };
        let now = self.stage.ports.clock.now();
        let read = match self.ahead.take() {
            Some(read) => read,
            None => {
                let ours = self.our_deletions(now);
                self.eyes.read(now, self.state.had_items, ours).await
            }
        };
        if read.is_ok() {
            self.claim();
        }
        let glasses = self.stage.glasses(&self.policy, now, mode);
        let looked = match read {
            Ok(whole) => look(&mut self.eyes, glasses, &self.state, whole).await,
            Err(error) => Err(error.into()),
        };
        match looked {
            Ok(looked) => {
                self.was_unreadable = false;
                if let Mode::Full { .. } = mode {
                    self.said.clear();
                }
                let plan = &looked.decision.plan;
                tell(plan, &self.eyes, mode, &mut self.told, &mut self.said);
                self.state = looked.decision.state;
                for remedy in &looked.decision.plan.remedies {
                    if let Some(ailment) = Ailment::of(remedy.ailment) {
                        self.state.remedied(&remedy.item, ailment);
                    }
                }
                if looked.whole && !self.names_told && !self.eyes.seen().is_empty() {
                    self.names_told = true;
                    for sentence in absent_names(&mut self.eyes, &self.policy, now).await {
                        story.warn(&format!("{name}: dry run, {sentence}"));
                    }
                }
                true
            }
            Err(error) => {
                if !std::mem::replace(&mut self.was_unreadable, true) {
                    story.warn(&format!("{name}: {error}"));
                }
                self.state.last_attempt_at = Some(now);
                if let Blind::Unreadable(error) = &error {
                    let pause = pause_after(error, self.policy.cycle);
                    let pause = pause.and_then(|pause| SignedDuration::try_from(pause).ok());
                    self.state.left_alone_until =
                        pause.and_then(|pause| now.checked_add(pause).ok());
                }
                false
            }
        }
    }

    /// Takes over counts of an old `retry_counts.json` at the first reading.
    fn claim(&mut self) {
        let on_disk = self.on_disk.take();
        let claimed =
            on_disk.and_then(|state| state.with_old_counts(&self.policy.name, self.eyes.seen()));
        if let Some((state, _)) = claimed {
            self.state = state;
        }
    }
}
