//! The daemon: one task per account that keeps its cycles, one per webhook, and the signals that steer them.

use super::account::{Account, Ended, Shared, shared};
use super::announce::{Announcer, marks};
use super::eyes::{Optics, Sessions};
use super::kept::{Kept, TIDY_EVERY, Terms};
use super::lasting::Lasting;
use super::service::{self, Signal, Signals};
use super::treat::Nurse;
use super::watchdog::Pulse;
use crate::clients::discord::Discord;
use crate::config::policy::{AccountPolicy, Policy};
use crate::core::decide::Mode;
use crate::core::due::{due, full};
use crate::ports::{Disk, Ports};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// Tasks that do not stop by themselves within this time are dropped: any `.await` may be the last.
const STOP_WITHIN: Duration = Duration::from_secs(4);

/// Waits no longer than this in one go, so that a clock that jumps is noticed.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// An account that cannot be read is tried again after this long at the latest, where its rules run more often than that.
const LONGEST_BACKOFF: Duration = Duration::from_secs(10 * 60);

/// Why the daemon ended.
pub enum Stopped {
    /// A signal asked for it.
    Asked,
    /// There is a new configuration, which was found to be good.
    Reload(Box<Policy>),
}

/// Reads the configuration again and judges it; `None`, after saying why, for one that is refused.
pub type Judge<'a> = dyn FnMut() -> Option<Policy> + 'a;

/// What a running daemon consists of: one keeper per account, one announcer per webhook. Dropping it ends all of them
/// where they are, as a crash would.
pub struct Crew {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
    shared: Arc<Shared>,
    cycle_now: Vec<Arc<Notify>>,
    sessions: Sessions,
}

/// Runs until a signal says otherwise: a configuration that is refused changes nothing, not even the cycle under way.
/// Gives the records back for the next run after a reload.
pub async fn run(
    policy: &Policy,
    ports: Ports,
    lasting: &Lasting,
    kept: Kept,
    signals: &mut Signals,
    judge: &mut Judge<'_>,
) -> (Stopped, Option<Kept>) {
    kept.redirect(&marks(policy), ports.clock.now()).await;
    let crew = Crew::start(policy, &ports, lasting, kept);
    let why = steer(&crew, signals, judge).await;
    if let Stopped::Asked = why {
        service::stopping();
    }
    let kept = crew.stop().await;
    match why {
        Stopped::Reload(new) if settled(&*ports.disk, lasting, signals).await => {
            (Stopped::Reload(new), kept)
        }
        Stopped::Reload(_) | Stopped::Asked => (Stopped::Asked, kept),
    }
}

/// Waits for what a dropped task left to the disk, so that nothing of it comes after the work of the next crew. On a disk
/// that hangs this lasts, and the watchdog is fed no more some time later. False: it was asked to stop meanwhile.
async fn settled(disk: &dyn Disk, lasting: &Lasting, signals: &mut Signals) -> bool {
    let _pulse = lasting.pulses.begin();
    tokio::select! {
        biased;
        () = disk.settled() => true,
        () = signals.stop() => {
            service::stopping();
            false
        }
    }
}

impl Crew {
    /// Starts to keep the accounts and to announce.
    pub fn start(policy: &Policy, ports: &Ports, lasting: &Lasting, kept: Kept) -> Crew {
        let (stop, stopped) = watch::channel(false);
        let optics = Optics::of(lasting, ports.clone(), policy.time_zone.clone());
        let mut crew = Crew {
            tasks: JoinSet::new(),
            stop,
            shared: Arc::new(shared(policy, kept, ports.clock.clone(), stopped)),
            cycle_now: Vec::new(),
            sessions: lasting.sessions.clone(),
        };
        for account in &policy.accounts {
            let pulse = lasting.pulses.begin();
            let cycle_now = Arc::new(Notify::new());
            crew.cycle_now.push(cycle_now.clone());
            let keeper = Keeper {
                account: Account::new(account, &optics.with_pulse(pulse.clone())),
                nurse: Nurse::default(),
                shared: crew.shared.clone(),
                cycle_now,
                pulse,
                rules_at: None,
                unreadable: 0,
            };
            crew.tasks.spawn(keeper.keep());
        }
        for webhook in &policy.webhooks {
            let announcer = Announcer::new(
                webhook,
                Discord::new(ports.transport.clone()),
                &lasting.paces,
            );
            let shared = crew.shared.clone();
            crew.tasks
                .spawn(async move { announcer.run(&shared).await });
        }
        let (shared, terms) = (crew.shared.clone(), Terms::of(policy));
        crew.tasks
            .spawn(async move { tidy_daily(&shared, &terms).await });
        crew
    }

    /// Runs a full cycle of every account now; where one is under way, right after it.
    pub fn cycle_now(&self) {
        for keeper in &self.cycle_now {
            keeper.notify_one();
        }
    }

    /// Stops at the next safe point, or after some seconds. Gives the records back for the next crew.
    pub async fn stop(mut self) -> Option<Kept> {
        let _ = self.stop.send(true);
        let all_done = async { while self.tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(STOP_WITHIN, all_done).await;
        self.tasks.shutdown().await;
        self.sessions.end().await;
        let shared = self.shared;
        Arc::into_inner(shared).map(|shared| shared.kept)
    }
}

/// Follows signals.
async fn steer(crew: &Crew, signals: &mut Signals, judge: &mut Judge<'_>) -> Stopped {
    loop {
        match signals.next().await {
            Signal::Stop => return Stopped::Asked,
            Signal::Reload => {
                service::reloading();
                match judge() {
                    Some(new) => return Stopped::Reload(Box::new(new)),
                    None => service::ready(),
                }
            }
            Signal::CycleNow => crew.cycle_now(),
        }
    }
}

/// Removes what is old once a day; the first time was when the records were opened.
async fn tidy_daily(shared: &Shared, terms: &Terms) {
    let mut stop = shared.stop.clone();
    loop {
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = sleep(TIDY_EVERY) => {}
        }
        shared.kept.tidy(terms, shared.clock.now()).await;
    }
}

/// Keeps the cycles of one account.
struct Keeper {
    account: Account,
    nurse: Nurse,
    shared: Arc<Shared>,
    /// Keeps one asking that comes during a cycle.
    cycle_now: Arc<Notify>,
    /// Beats with each answer, too.
    pulse: Pulse,
    /// When rules last ran; the state keeps it only where timers need it.
    rules_at: Option<Timestamp>,
    /// Cycles in a row that could not read the account.
    unreadable: u32,
}

impl Keeper {
    async fn keep(mut self) {
        let mut stop = self.shared.stop.clone();
        let mut not_before = Instant::now();
        self.account.welcome_new_login(&self.shared).await;
        self.account.tell_left_alone(&self.shared).await;
        loop {
            let policy = self.account.policy().clone();
            self.pulse.beat();
            let nursed = match self.account.left_alone_until(&self.shared).await {
                None => self.nurse.round(&mut self.account, &self.shared).await,
                Some(_) => None,
            };
            let (wait, _) = self.next(&policy).await;
            let wait = wait.max(not_before.saturating_duration_since(Instant::now()));
            let asked = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return,
                () = self.cycle_now.notified() => true,
                () = sleep(wait.min(nursed.unwrap_or(LONGEST_WAIT)).min(LONGEST_WAIT)) => false,
            };
            let ended = if asked {
                if self.account.must_wait(&self.shared).await {
                    self.account.tell_left_alone(&self.shared).await;
                    continue;
                }
                let mode = self.full_now(&policy).await;
                self.account.cycle(&self.shared, mode).await
            } else if wait <= nursed.unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT) {
                // Meanwhile the state may have been edited, the machine may have slept, and its clock may have been set: it
                // may not be due any more, or be of another kind.
                let (left, mode) = self.next(&policy).await;
                if !left.is_zero() {
                    continue;
                }
                self.account.cycle(&self.shared, mode).await
            } else {
                continue;
            };
            self.rules_at = Some(self.shared.clock.now());
            self.unreadable = if ended == Ended::Unreadable {
                self.unreadable + 1
            } else {
                0
            };
            not_before = Instant::now() + self.pause_after(ended, &policy);
            self.tell_status(&policy).await;
        }
    }

    async fn next(&self, policy: &AccountPolicy) -> (Duration, Mode) {
        let now = self.shared.clock.now();
        // An edit may have reset the times, too.
        let _ = self.shared.kept.store.refresh(now).await;
        let base = self.shared.kept.store.base(&policy.name).await;
        let state = base.state();
        let rules_at = state.last_rules_at.max(self.rules_at);
        let (cycle, rule_cycle) = (policy.cycle, policy.rule_cycle);
        let has_rules = !policy.rules.is_empty();
        let due = due(state, rules_at, cycle, rule_cycle, has_rules, now);
        (until(due.at, now), due.mode)
    }

    /// The kind of a full cycle that begins now.
    async fn full_now(&self, policy: &AccountPolicy) -> Mode {
        let base = self.shared.kept.store.base(&policy.name).await;
        full(base.state(), policy.cycle, self.shared.clock.now())
    }

    async fn tell_status(&self, policy: &AccountPolicy) {
        let (wait, _) = self.next(policy).await;
        let text = crate::core::plan::duration_text(wait);
        service::status(&format!("{} done, next cycle in {text}", policy.name));
    }
}

impl Keeper {
    /// The least pause after a cycle. One that could not be kept leaves no time behind, and the next waits all the same;
    /// an account that cannot be read is asked less and less often, up to its cycle.
    fn pause_after(&self, ended: Ended, policy: &AccountPolicy) -> Duration {
        match ended {
            Ended::Done => Duration::ZERO,
            Ended::Edited => Duration::from_secs(1),
            Ended::NotKept => policy.rule_cycle.max(LONGEST_WAIT).min(policy.cycle),
            Ended::Unreadable => {
                let doubled = 1 << self.unreadable.min(10);
                policy
                    .rule_cycle
                    .saturating_mul(doubled)
                    .min(policy.cycle)
                    .min(LONGEST_BACKOFF)
            }
        }
    }
}

fn until(at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO)
}
