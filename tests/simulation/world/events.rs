//! What people do to the service: they edit, accept, restart, reconfigure, rehearse, and set the clock.

use super::World;
use crate::disk::{FOLDER, edit_of};
use crate::{discord, magnets, torrents};
use jiff::SignedDuration;
use seedwarden::ports::Clock;
use seedwarden::shell::lasting::Lasting;
use seedwarden::shell::store::{Store, lock_folder};
use seedwarden::shell::{kept, once, rehearsal};
use seedwarden_sim::disk::Loss;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// Minutes by which the clock is far ahead for a while: twenty days, which notices and the trash survive.
const FAR_AHEAD: i64 = 28_800;

impl World {
    /// Something happens.
    pub(super) async fn event(&mut self) {
        let now = self.time.now_ms();
        match self.dice.below(100) {
            0..=33 if !self.servers.is_empty() => {
                let names: Vec<String> = self.servers.keys().cloned().collect();
                let name = self.dice.of(&names).clone();
                let hub = self.hub.clone();
                let done = self.with_server(&name, |server, dice| {
                    torrents::happen(server, &name, &hub, dice, now)
                });
                self.note(&format!("{name}: {done}"));
            }
            0..=59 => {
                let accounts = self.setup.magnet_accounts.clone();
                let account = self.dice.of(&accounts).clone();
                let done = self.with_alldebrid(|service, dice| {
                    magnets::happen(service, &account, dice, now, true)
                });
                self.note(&format!("{account}: {done}"));
            }
            60..=67 => {
                let done = self.with_discord(discord::happen);
                self.note(&format!("Discord: {done}"));
            }
            68..=70 => {
                let content = edit_of(&mut self.dice);
                self.hub.with(|core| core.see("event: state edited"));
                self.disk.edit_state(content.as_deref());
            }
            71..=74 => self.accept().await,
            75..=80 => self.ask_for_a_cycle(),
            81..=86 => {
                self.hub.with(|core| core.see("event: restart"));
                self.note("the service is restarted");
                self.stop().await;
            }
            87..=89 => self.jump(),
            90..=92 => self.reconfigure().await,
            93..=94 => self.be_away().await,
            95 => self.rehearse().await,
            96..=98 => self.restore().await,
            _ => self.run_once().await,
        }
    }

    fn ask_for_a_cycle(&mut self) {
        if let Some((crew, _)) = &self.process {
            self.hub.with(|core| {
                core.see("event: cycle asked for");
                core.note("a cycle is asked for");
                core.oracle.cycle_asked();
            });
            crew.cycle_now();
        }
    }

    /// The owner says that outages are none, as `seedwarden accept` does.
    pub(super) async fn accept(&mut self) {
        if self.process.is_none() || !self.hub.with(|core| core.oracle.has_outage()) {
            return;
        }
        self.hub.with(|core| core.see("event: outage accepted"));
        self.note("outages are accepted");
        let (disk, hub, now) = (self.disk.clone(), self.hub.clone(), self.clock.now());
        let edit = disk.undisturbed(async {
            let (store, _) =
                Store::open(Arc::new(disk.below.clone()), Path::new(FOLDER), now).await?;
            store
                .edit(now, |state| {
                    let accounts = state.accounts.values_mut();
                    accounts
                        .map(|account| account.accept(now).len())
                        .sum::<usize>()
                })
                .await
        });
        let done = tokio::select! {
            biased;
            () = hub.death() => None,
            done = edit => Some(done),
        };
        match done {
            None => self.bury().await,
            Some(Ok(_)) => {
                let content = self.disk.state_bytes();
                self.hub
                    .with(|core| core.oracle.state_commanded(content.as_deref()));
            }
            Some(Err(error)) => self.note(&format!("not accepted: {error}")),
        }
    }

    /// A clock that is far ahead is set right.
    pub(super) fn set_the_clock_right(&mut self) {
        if self.ahead.is_some() {
            self.jump();
        }
    }

    fn jump(&mut self) {
        // A clock that was far ahead for a while is set right some time.
        let minutes = match self.ahead.take() {
            Some(ahead) => -ahead,
            None => *self
                .dice
                .of(&[-1500, -70, -20, -2, 2, 20, 70, 300, 1500, FAR_AHEAD]),
        };
        self.ahead = (minutes == FAR_AHEAD).then_some(minutes);
        self.clock.jump(SignedDuration::from_mins(minutes));
        self.hub.with(|core| {
            core.see("event: clock set");
            if minutes == -FAR_AHEAD {
                core.see("event: clock far ahead set right");
            }
            core.note(&format!("the clock is set by {minutes} minutes"));
            core.oracle.clock_jumped(minutes);
        });
    }

    /// Somebody runs one cycle by hand while the service is stopped.
    async fn run_once(&mut self) {
        self.stop().await;
        let (hub, ports, policy, now) = (
            self.hub.clone(),
            self.ports.clone(),
            self.policy.clone(),
            self.clock.now(),
        );
        hub.with(|core| {
            core.note("one cycle is run by hand");
            core.oracle.runs_once(true);
        });
        let folder = Path::new(FOLDER);
        let run = async {
            let lock = lock_folder(&*ports.disk, folder, now).await.ok()?;
            let (kept, _) = kept::open(&ports, folder, &policy, now).await.ok()?;
            let is_fine = once::run(&policy, ports.clone(), &Lasting::default(), kept).await;
            drop(lock);
            Some(is_fine)
        };
        let done = tokio::select! {
            biased;
            () = hub.death() => None,
            done = run => Some(done),
        };
        hub.with(|core| core.oracle.runs_once(false));
        match done {
            None => self.bury().await,
            Some(is_fine) => {
                self.disk.restart(Loss::Nothing);
                self.note(&format!("that was fine: {is_fine:?}"));
                if is_fine == Some(true) {
                    self.hub.with(|core| core.see("event: run once"));
                }
            }
        }
    }

    /// The configuration is changed and read again.
    async fn reconfigure(&mut self) {
        self.setup.knobs.change(&mut self.dice);
        self.configure().await;
    }

    /// What is configured is read again.
    pub(super) async fn configure(&mut self) {
        let policy = self.setup.policy(self.config.path());
        self.note(&format!(
            "the configuration changes: {:?}",
            self.setup.knobs
        ));
        self.hub.with(|core| core.see("event: reload"));
        self.stop().await;
        self.hub.with(|core| core.oracle.configured(&policy));
        self.policy = policy;
    }

    /// The machine is off for a long time.
    async fn be_away(&mut self) {
        self.hub.with(|core| core.see("event: long gap"));
        self.note("the service is stopped for long");
        self.stop().await;
        let minutes = self.dice.between(40, 120);
        sleep(Duration::from_secs(60 * minutes.unsigned_abs())).await;
    }

    /// Somebody rehearses beside the service.
    async fn rehearse(&mut self) {
        self.stop().await;
        let calm = self.hub.with(|core| std::mem::take(&mut core.rates));
        self.hub.with(|core| {
            core.see("event: dry run");
            core.note("a dry run");
            core.oracle.is_dry = true;
        });
        rehearsal::run(
            &self.policy,
            self.ports.clone(),
            &Lasting::default(),
            Path::new(FOLDER),
            true,
        )
        .await;
        self.hub.with(|core| {
            core.oracle.is_dry = false;
            core.rates = calm;
        });
    }
}
