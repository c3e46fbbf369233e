//! The process of a world: it is started, lives for a while, dies or is stopped, and is started again.

use super::World;
use crate::disk::FOLDER;
use jiff::SignedDuration;
use seedwarden::ports::Clock;
use seedwarden::shell::daemon::Crew;
use seedwarden::shell::kept;
use seedwarden::shell::lasting::Lasting;
use seedwarden::shell::store::{Note, lock_folder};
use seedwarden_sim::disk::Loss;
use std::path::Path;
use std::time::Duration;
use tokio::time::sleep;

/// A process that ended is started again after this time.
const RESTART_AFTER: Duration = Duration::from_secs(5);

impl World {
    /// Lives for a while, with everything that happens on its own.
    pub async fn live(&mut self, hours: i64) {
        let until = self.time.now() + SignedDuration::from_hours(hours);
        while self.time.now() < until && !self.is_broken() {
            self.start().await;
            let pause = Duration::from_secs(self.dice.between(10, 5 * 60) as u64);
            if self.survives(pause).await {
                self.event().await;
            }
        }
    }

    /// Lets time pass; false when the process died meanwhile, and is buried.
    pub async fn survives(&mut self, pause: Duration) -> bool {
        let hub = self.hub.clone();
        let died = tokio::select! {
            biased;
            () = hub.death() => true,
            () = sleep(pause) => false,
        };
        if died {
            self.bury().await;
        } else if self.process.is_some() {
            self.hub.with(|core| core.oracle.judge_pace());
        }
        !died
    }

    /// Starts the process, if none runs.
    pub async fn start(&mut self) {
        while self.process.is_none() && !self.is_broken() {
            let failures = self.hub.with(|core| core.oracle.disk_failures());
            let was_garbled = self.hub.with(|core| core.oracle.is_garbled());
            let times_garbled = self.hub.with(|core| core.oracle.times_garbled());
            let (hub, ports, policy, now) = (
                self.hub.clone(),
                self.ports.clone(),
                self.policy.clone(),
                self.clock.now(),
            );
            let folder = Path::new(FOLDER);
            let opened = async {
                let lock = lock_folder(&*ports.disk, folder, now)
                    .await
                    .map_err(|error| error.to_string())?;
                let kept = kept::open(&ports, folder, &policy, now)
                    .await
                    .map_err(|error| error.to_string())?;
                Ok::<_, String>((kept, lock))
            };
            let opened = tokio::select! {
                biased;
                () = hub.death() => None,
                opened = opened => Some(opened),
            };
            match opened {
                None => self.bury().await,
                Some(Ok(((kept, loaded), lock))) => {
                    let is_lost = loaded
                        .notes
                        .iter()
                        .any(|note| matches!(note, Note::Unreadable { .. }));
                    let is_garbled = self
                        .hub
                        .with(|core| core.oracle.times_garbled() > times_garbled);
                    if is_lost && !was_garbled && !is_garbled {
                        self.hub.with(|core| {
                            core.oracle
                                .breach(11, "the state file could not be read at start".to_owned())
                        });
                    }
                    self.note("the process runs");
                    self.process = Some((
                        Crew::start(&self.policy, &self.ports, &Lasting::default(), kept),
                        lock,
                    ));
                }
                Some(Err(why)) => {
                    let is_excused = self.hub.with(|core| core.oracle.disk_failures()) > failures;
                    if !is_excused {
                        self.hub.with(|core| {
                            core.oracle
                                .breach(11, format!("the process does not start: {why}"))
                        });
                    }
                    self.note(&format!("the process does not start: {why}"));
                    self.survives(Duration::from_secs(30)).await;
                }
            }
        }
    }

    /// The process is gone; the next one finds what its disk kept.
    pub(super) async fn bury(&mut self) {
        self.process = None;
        // Tasks that were ended are dropped when the runtime comes round.
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        let loss = match self.dice.below(10) {
            0..=4 => Loss::Nothing,
            5 | 6 => Loss::Unsynced,
            7 => Loss::Contents,
            8 => Loss::Names,
            _ => Loss::Chance(self.dice.next()),
        };
        self.hub.with(|core| {
            core.see(&format!(
                "loss: {}",
                format!("{loss:?}").split('(').next().unwrap_or_default()
            ))
        });
        self.disk.restart(loss);
        // As the service manager does.
        sleep(RESTART_AFTER).await;
    }

    /// Stops the process as SIGTERM does.
    pub async fn stop(&mut self) {
        let Some((crew, lock)) = self.process.take() else {
            return;
        };
        let hub = self.hub.clone();
        hub.with(|core| core.oracle.all_disturbed());
        let stopped = tokio::select! {
            biased;
            () = hub.death() => None,
            kept = crew.stop() => Some(kept),
        };
        match stopped {
            None => self.bury().await,
            Some(kept) => {
                drop((kept, lock));
                self.disk.restart(Loss::Nothing);
            }
        }
    }
}
