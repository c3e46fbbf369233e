//! One cycle of every account and no more, without a daemon around it.

use super::account::{Account, Ended, shared};
use super::announce::{Announcer, marks};
use super::eyes::Optics;
use super::kept::Kept;
use super::lasting::Lasting;
use super::logging::Story;
use super::treat::Nurse;
use crate::clients::discord::Discord;
use crate::config::policy::Policy;
use crate::core::due::once;
use crate::core::plan::duration_text;
use crate::ports::Ports;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// It works on notices for this long at most.
const NOTICES_ONCE: Duration = Duration::from_secs(20);

/// Why a cycle adds no failures.
pub(super) fn adds_nothing(since: Duration, cycle: Duration) -> String {
    format!(
        "the last cycle was {} ago, less than half of the account's `cycle` of {}: this one adds no failures",
        duration_text(since),
        duration_text(cycle)
    )
}

/// One full cycle of every account at once, then the notices; answers whether all could be read and kept.
pub async fn run(policy: &Policy, ports: Ports, lasting: &Lasting, kept: Kept) -> bool {
    let (_stop, stopped) = watch::channel(false);
    kept.redirect(&marks(policy), ports.clock.now()).await;
    let shared = Arc::new(shared(policy, kept, ports.clock.clone(), stopped));
    let optics = Optics::of(lasting, ports.clone(), policy.time_zone.clone());
    let mut tasks = JoinSet::new();
    for account in &policy.accounts {
        let (mut account, shared) = (Account::new(account, &optics), shared.clone());
        tasks.spawn(async move {
            account.welcome_new_login(&shared).await;
            let name = account.policy().name.clone();
            if let Some(why) = account.must_wait_once(&shared).await {
                Story::default().warn(&format!("{name}: {why}"));
                return Ended::Unreadable;
            }
            let base = shared.kept.store.base(&name).await;
            let cycle = account.policy().cycle;
            let (mode, soon) = once(base.state(), cycle, shared.clock.now());
            if let Some(since) = soon {
                Story::default().info(&format!("{name}: {}", adds_nothing(since, cycle)));
            }
            let ended = account.cycle(&shared, mode).await;
            Nurse::default().until_quiet(&mut account, &shared).await;
            ended
        });
    }
    let mut all_fine = true;
    while let Some(ended) = tasks.join_next().await {
        all_fine &= matches!(ended, Ok(Ended::Done | Ended::Edited));
    }
    let mut announcers = JoinSet::new();
    for webhook in &policy.webhooks {
        let announcer = Announcer::new(
            webhook,
            Discord::new(ports.transport.clone()),
            &lasting.paces,
        );
        let shared = shared.clone();
        announcers.spawn(async move { announcer.work_off(&shared, NOTICES_ONCE).await });
    }
    let all_told = async { while announcers.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(NOTICES_ONCE, all_told).await;
    Story::default().debug("all accounts are done");
    all_fine
}
