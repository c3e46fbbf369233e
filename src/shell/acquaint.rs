//! Accounts whose torrents lie in the same folders tell one another the names that they hold. A daemon does that from
//! cycle to cycle; what judges each account but once lets all of them ask and answer before.

use super::eyes::Eyes;
use crate::config::policy::{AccountPolicy, Service};
use jiff::Timestamp;
use tokio::task::JoinSet;

/// Whether more than one account holds files.
pub fn is_needed<'a>(accounts: impl IntoIterator<Item = &'a AccountPolicy>) -> bool {
    let is_server = |account: &&AccountPolicy| match account.service {
        Service::Qbittorrent(_) => true,
        Service::Alldebrid(_) => false,
    };
    accounts.into_iter().filter(is_server).count() > 1
}

/// Lets all accounts that were read look at what they would judge, and then answer one another.
pub async fn acquaint<T, W>(
    all: Vec<T>,
    now: Timestamp,
    look: impl Fn(T) -> W,
    eyes: fn(&mut T) -> &mut Eyes,
) -> Vec<T>
where
    T: Send + 'static,
    W: Future<Output = T> + Send + 'static,
{
    let looked = at_once(all, look).await;
    let mut answered = at_once(looked, move |mut one| async move {
        eyes(&mut one).answer(now).await;
        one
    })
    .await;
    for one in &mut answered {
        eyes(one).forget_unanswered(now);
    }
    answered
}

/// Works on all of these at the same time; the results are in their order.
pub async fn at_once<T, R, W>(all: Vec<T>, work: impl Fn(T) -> W) -> Vec<R>
where
    R: Send + 'static,
    W: Future<Output = R> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for (place, one) in all.into_iter().enumerate() {
        let work = work(one);
        tasks.spawn(async move { (place, work.await) });
    }
    let mut results = Vec::with_capacity(tasks.len());
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Ok(result) => results.push(result),
            // Nobody aborts these tasks: it is a panic, which goes on here.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::{Instant, sleep};

    #[tokio::test(start_paused = true)]
    async fn slow_one_delays_no_other_and_keeps_its_place() {
        let began = Instant::now();
        let seconds = vec![9, 1, 5];
        let ended = at_once(seconds, |seconds| async move {
            sleep(Duration::from_secs(seconds)).await;
            (seconds, Instant::now())
        })
        .await;
        let ended: Vec<_> = ended
            .into_iter()
            .map(|(asked, at)| (asked, (at - began).as_secs()))
            .collect();
        assert_eq!(ended, [(9, 9), (1, 1), (5, 5)]);
    }
}
