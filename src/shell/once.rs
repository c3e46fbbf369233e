//! One cycle of every account and no more, without a daemon around it.

use super::account::{Account, Ended, Shared, shared};
use super::acquaint::{acquaint, at_once, is_needed};
use super::announce::{Announcer, marks};
use super::eyes::Optics;
use super::kept::Kept;
use super::lasting::Lasting;
use super::logging::Story;
use super::treat::Nurse;
use crate::clients::discord::Discord;
use crate::config::policy::{AccountPolicy, Policy, Service};
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
    let open = |account| Account::new(account, &optics);
    let is_server = |account: &&AccountPolicy| matches!(account.service, Service::Qbittorrent(_));
    let (servers, others): (Vec<_>, Vec<_>) = policy.accounts.iter().partition(is_server);
    tasks.spawn(together(
        servers.into_iter().map(open).collect(),
        shared.clone(),
    ));
    for account in others {
        tasks.spawn(one(open(account), shared.clone()));
    }
    let mut all_fine = true;
    while let Some(fine) = tasks.join_next().await {
        all_fine &= matches!(fine, Ok(true));
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

/// One cycle of an account. Answers whether it was read and kept.
async fn one(mut account: Account, shared: Arc<Shared>) -> bool {
    if !account.is_read_ahead() && !may_read(&account, &shared).await {
        return false;
    }
    let name = account.policy().name.clone();
    let base = shared.kept.store.base(&name).await;
    let cycle = account.policy().cycle;
    let (mode, soon) = once(base.state(), cycle, shared.clock.now());
    if let Some(since) = soon {
        Story::default().info(&format!("{name}: {}", adds_nothing(since, cycle)));
    }
    let ended = account.cycle(&shared, mode).await;
    Nurse::default().until_quiet(&mut account, &shared).await;
    matches!(ended, Ended::Done | Ended::Edited)
}

/// One cycle of each server. All are read before any is judged: their torrents may lie in the same folders.
async fn together(mut servers: Vec<Account>, shared: Arc<Shared>) -> bool {
    let all = servers.len();
    if is_needed(servers.iter().map(|server| &**server.policy())) {
        let read = at_once(servers, |mut server| {
            let shared = shared.clone();
            async move {
                let may_read = may_read(&server, &shared).await;
                if may_read {
                    server.read_ahead(&shared).await;
                }
                may_read.then_some(server)
            }
        });
        let read = read.await.into_iter().flatten().collect();
        let look = |mut server: Account| {
            let shared = shared.clone();
            async move {
                server.look_ahead(&shared).await;
                server
            }
        };
        servers = acquaint(read, shared.clock.now(), look, Account::eyes).await;
    }
    let begun = servers.len();
    let fine = at_once(servers, |server| one(server, shared.clone())).await;
    begun == all && fine.into_iter().all(|fine| fine)
}

/// Whether the account may be read now. Another login than the one that was refused is tried at once.
async fn may_read(account: &Account, shared: &Shared) -> bool {
    account.welcome_new_login(shared).await;
    let Some(why) = account.must_wait_once(shared).await else {
        return true;
    };
    let name = &account.policy().name;
    Story::default().warn(&format!("{name}: {why}"));
    false
}
