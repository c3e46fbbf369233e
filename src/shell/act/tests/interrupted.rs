//! Deletions whose answer is lost or whose effect comes late, and lists that do not show everything yet.

use super::stage::Stage;
use crate::core::ledger::OutcomeKind::{Done, GoneAfterUnknown, GoneBefore, Refused, StillThere};
use seedwarden_sim::alldebrid::{Change, Endpoint};
use seedwarden_sim::faults::Fault;
use seedwarden_sim::qbittorrent::Server;

/// When the next cycle lists the items, and a moment after that.
const LISTED_MS: i64 = 1_800_000;
const AFTER_LISTED_MS: i64 = LISTED_MS + 100;

/// What a server that is still loading answers to `torrents/info`.
fn nothing() -> Fault {
    Fault::Status(200, "[]".to_owned())
}

/// The first request to delete is accepted and not carried out, and so many answers after it list nothing.
fn accepts_and_lists_nothing(stage: &Stage<Server>, mut answers: u32) {
    let mut is_accepted = false;
    stage.faults.choose(move |request, _| {
        let path = request.uri().path();
        if path.contains("torrents/delete") && !is_accepted {
            is_accepted = true;
            return Some(Fault::Status(200, String::new()));
        }
        let is_empty = is_accepted && path.contains("torrents/info") && answers > 0;
        answers -= u32::from(is_empty);
        is_empty.then(nothing)
    });
}

#[tokio::test(start_paused = true)]
async fn magnet_found_gone_by_the_second_look_of_a_new_attempt_is_announced() {
    let mut stage = Stage::of_magnets([7]).await;
    stage.faults.next(1, "magnet/delete", Fault::CloseBefore);
    stage.cycle().await;
    assert_eq!(stage.outcomes(), [None]);
    let soon = stage.clock.now_ms() + AFTER_LISTED_MS;
    stage.model().model.at(soon, "box", Change::Vanish(7));
    stage.cycle().await;
    assert_eq!(stage.outcomes(), [Some(StillThere), Some(GoneAfterUnknown)]);
    assert_eq!(stage.owed(), ["Magnet 7"]);
}

#[tokio::test(start_paused = true)]
async fn magnet_found_gone_by_a_new_request_is_announced() {
    let mut stage = Stage::of_magnets([7]).await;
    stage.faults.next(1, "magnet/delete", Fault::CloseBefore);
    stage.cycle().await;
    let gone = Change::Vanish(7);
    stage
        .model()
        .model
        .before_next(Endpoint::Delete, "box", gone);
    stage.cycle().await;
    assert_eq!(stage.outcomes(), [Some(StillThere), Some(GoneAfterUnknown)]);
}

#[tokio::test(start_paused = true)]
async fn magnet_that_goes_before_any_new_attempt_is_announced() {
    let mut stage = Stage::of_magnets([7, 8]).await;
    stage.faults.next(1, "magnet/delete", Fault::CloseBefore);
    stage.cycle().await;
    let now = stage.clock.now_ms();
    stage.model().model.set_code("box", 7, 4, now);
    stage.cycle().await;
    assert_eq!(stage.outcomes(), [Some(StillThere), Some(Done)]);
    let now = stage.clock.now_ms();
    stage.model().model.vanish("box", 7, now);
    stage.cycle().await;
    assert_eq!(stage.owed(), ["Magnet 8"], "one empty list settles nothing");
    stage.cycle().await;
    assert_eq!(stage.owed(), ["Magnet 7", "Magnet 8"]);
}

#[tokio::test(start_paused = true)]
async fn magnet_that_its_owner_removes_long_after_is_not_announced() {
    let mut stage = Stage::of_magnets([7, 8]).await;
    stage.faults.next(1, "magnet/delete", Fault::CloseBefore);
    stage.cycle().await;
    let now = stage.clock.now_ms();
    stage.model().model.set_code("box", 7, 4, now);
    for _ in 0..4 {
        stage.cycle().await;
    }
    let now = stage.clock.now_ms();
    stage.model().model.vanish("box", 7, now);
    stage.cycle().await;
    assert_eq!(stage.outcomes(), [Some(StillThere), Some(Done)]);
}

#[tokio::test(start_paused = true)]
async fn magnet_that_was_gone_before_the_only_attempt_is_not_announced() {
    let mut stage = Stage::of_magnets([7]).await;
    let soon = stage.clock.now_ms() + AFTER_LISTED_MS;
    stage.model().model.at(soon, "box", Change::Vanish(7));
    stage.cycle().await;
    assert_eq!(stage.outcomes(), [Some(GoneBefore)]);
}

#[tokio::test(start_paused = true)]
async fn list_of_a_loading_server_does_not_prove_that_a_torrent_is_gone() {
    let mut stage = Stage::of_torrents(["Bad", "Good"]).await;
    accepts_and_lists_nothing(&stage, 2);
    stage.cycle().await;
    assert_eq!(stage.outcomes(), [None], "it is there");
    stage.cycle().await;
    assert_eq!(stage.outcomes(), [Some(StillThere), Some(Done)]);
}

#[tokio::test(start_paused = true)]
async fn last_torrent_of_an_account_is_gone_when_an_empty_list_comes_again() {
    let mut stage = Stage::of_torrents(["Bad"]).await;
    stage.cycle().await;
    assert_eq!(stage.outcomes(), [Some(Done)]);
}

#[tokio::test(start_paused = true)]
async fn what_was_kept_of_a_deletion_that_was_called_off_leaves_the_trash() {
    let mut stage = Stage::of_torrents(["Bad", "Good"]).await;
    let refusal = Fault::Status(400, "no".to_owned());
    stage.faults.next(1, "torrents/delete", refusal);
    stage.cycle().await;
    assert_eq!(stage.outcomes(), [Some(Refused)]);
    assert_eq!(stage.shared.kept.trash.list().await.unwrap(), [""; 0]);
    stage.cycle().await;
    assert_eq!(stage.outcomes(), [Some(Refused), Some(Done)]);
    assert_eq!(stage.shared.kept.trash.list().await.unwrap().len(), 2);
}
