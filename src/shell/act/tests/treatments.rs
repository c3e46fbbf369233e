//! What a treatment begins from, where the list does not show whether a torrent was stopped.

use super::stage::Stage;
use seedwarden_sim::faults::Fault;
use seedwarden_sim::qbittorrent::{Era, Server, TorrentSpec, Trouble};

/// A server with one torrent whose files are missing.
async fn stage(era: Era, is_stopped: bool) -> Stage<Server> {
    let errored = r#""errored": { "max_failures": 5 }"#;
    let stage = Stage::of_server(era, errored, "").await;
    let hash = stage.add(TorrentSpec::new("Film").progress(1.0));
    let mut model = stage.model();
    let server = &mut model.model;
    server.trouble(&hash, Trouble::MissingFiles);
    server.edit(&hash, |torrent| torrent.is_stopped = is_stopped);
    assert_eq!(server.state(&hash).as_deref(), Some("missingFiles"));
    drop(model);
    stage
}

/// Whether the torrent of the only treatment is on record as running.
fn is_on_record_as_running(stage: &Stage<Server>) -> Option<bool> {
    let book = stage.book();
    let mut treatments = book.treatments.values();
    treatments.next().map(|(begun, _)| begun.was.running)
}

#[tokio::test(start_paused = true)]
async fn torrent_that_its_owner_stopped_is_on_record_as_stopped() {
    for era in [Era::V4_2_5, Era::V4_5_2, Era::V5_1, Era::V5_3] {
        let is_told = era >= Era::V4_5_2;
        for is_stopped in [true, false] {
            let mut stage = stage(era, is_stopped).await;
            stage.cycle().await;
            let expected = is_told && !is_stopped;
            assert_eq!(is_on_record_as_running(&stage), Some(expected), "{era:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_treatment_begins_while_nobody_can_ask_what_the_torrent_was() {
    let mut stage = stage(Era::V5_1, true).await;
    stage.faults.choose(|request, _| {
        let body = String::from_utf8_lossy(request.body());
        body.contains("filter=").then_some(Fault::CloseBefore)
    });
    stage.cycle().await;
    assert_eq!(is_on_record_as_running(&stage), None);
    stage.faults.clear();
    stage.cycle().await;
    assert_eq!(is_on_record_as_running(&stage), Some(false));
}
