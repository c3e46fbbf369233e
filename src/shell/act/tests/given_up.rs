//! A service that stops to answer in the middle of deletions.

use super::stage::Stage;
use crate::core::ledger::OutcomeKind::{Done, NotSent};
use seedwarden_sim::faults::Fault;
use std::time::Duration;
use tokio::time::Instant;

fn throttled() -> Fault {
    Fault::Status(429, String::new())
}

#[tokio::test(start_paused = true)]
async fn service_that_throttles_every_deletion_is_given_up_for_the_cycle() {
    let mut stage = Stage::of_magnets(1..=20).await;
    // The list, then nothing more.
    stage.faults.after(1, u32::MAX, "", throttled());
    stage.log.clear();
    stage.cycle().await;
    assert_eq!(stage.outcomes(), [Some(NotSent); 20]);
    assert!(stage.log.count("") < 30, "{}", stage.log);
    stage.faults.clear();
    stage.cycle().await;
    assert_eq!(stage.outcomes()[20..], [Some(Done); 20]);
}

#[tokio::test(start_paused = true)]
async fn service_that_hangs_is_given_up_for_the_cycle() {
    let mut stage = Stage::of_torrents(NAMES).await;
    let mut seen = 0;
    stage.faults.choose(move |request, _| {
        // The list of the cycle, then what is kept of each: all is well until the first second look.
        seen += u32::from(request.uri().path().contains("torrents/reannounce"));
        (seen > 0).then_some(Fault::Silence)
    });
    let began = Instant::now();
    stage.cycle().await;
    assert!(began.elapsed() < Duration::from_secs(1800 + 15 * 60));
    assert_eq!(stage.outcomes(), [Some(NotSent); 8]);
}

#[tokio::test(start_paused = true)]
async fn exports_of_a_server_that_hangs_are_given_up_for_the_cycle() {
    let mut stage = Stage::of_torrents(NAMES).await;
    let mut is_silent = false;
    stage.faults.choose(move |request, _| {
        is_silent |= request.uri().path().contains("torrents/export");
        is_silent.then_some(Fault::Silence)
    });
    stage.log.clear();
    stage.cycle().await;
    assert_eq!(stage.outcomes(), []);
    assert!(stage.log.count("torrents/export") <= 3, "{}", stage.log);
}

#[tokio::test(start_paused = true)]
async fn torrents_that_alone_fail_do_not_keep_the_others_waiting() {
    let mut stage = Stage::of_torrents(NAMES).await;
    stage
        .faults
        .next(3, "torrents/export", Fault::Status(500, String::new()));
    stage.cycle().await;
    assert_eq!(stage.outcomes(), [Some(Done); 5]);
}

const NAMES: [&str; 8] = [
    "Bad 1", "Bad 2", "Bad 3", "Bad 4", "Bad 5", "Bad 6", "Bad 7", "Bad 8",
];
