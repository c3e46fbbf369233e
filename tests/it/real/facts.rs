//! What the servers themselves do: facts that the product is built on, and the proof that the harness works.

use std::time::Duration;

use super::server::Server;
use super::torrent::Torrent;
use super::tracker::{Answer, Tracker, refusing_url};
use super::{on_each_release, until, within};

on_each_release! {
    fn a_running_torrent_whose_data_is_gone_downloads_again_after_a_plain_recheck(release) {
        let (server, peer, tracker) = (Server::start(release), Server::start(release), Tracker::start());
        let torrent = Torrent::named("again").file("again.bin", 300_000).tracker(&tracker.url()).made();
        peer.seed(&torrent);
        tracker.wait_for_peers(&torrent, 1);
        server.seed(&torrent);
        torrent.remove_data(&server.downloads());
        server.api().recheck(&torrent);
        until("all of the data is downloaded from the peer", || torrent.has_data(&server.downloads()).then_some(()));
        let downloaded = until("the download is counted", || {
            server.api().info(&torrent.hash)?["downloaded"].as_u64().filter(|bytes| *bytes > 0)
        });
        assert!(downloaded >= 300_000, "only {downloaded} bytes were downloaded");
    }

    fn a_stopped_torrent_whose_data_is_gone_stays_stopped_after_a_recheck(release) {
        let (server, peer, tracker) = (Server::start(release), Server::start(release), Tracker::start());
        let torrent = Torrent::named("stays").file("stays.bin", 300_000).tracker(&tracker.url()).made();
        peer.seed(&torrent);
        tracker.wait_for_peers(&torrent, 1);
        server.seed(&torrent);
        torrent.remove_data(&server.downloads());
        server.api().stop(&torrent);
        server.api().wait_for(&torrent, "stoppedUP/1");
        server.api().recheck(&torrent);
        server.api().wait_for(&torrent, "stoppedDL/0");
        // A download from a peer next door would begin at once.
        let moved = within(Duration::from_secs(2), || (server.api().standing(&torrent.hash) != "stoppedDL/0").then_some(()));
        assert!(moved.is_none() && !torrent.has_data(&server.downloads()));
    }

    fn missing_files_are_found_again_by_stop_recheck_and_start(release) {
        let server = Server::start(release);
        let torrent = Torrent::named("back").file("a.bin", 50_000).file("deep/b.bin", 20_000).private().made();
        server.add_with_missing_files(&torrent);
        torrent.write_data(&server.downloads());
        server.api().stop(&torrent);
        server.api().recheck(&torrent);
        server.api().wait_for(&torrent, "stoppedUP/1");
        server.api().start(&torrent);
        server.api().wait_for(&torrent, "stalledUP/1");
    }

    fn missing_files_hang_in_a_plain_recheck_on_the_oldest_server(release) {
        let server = Server::start(release);
        let torrent = Torrent::named("hangs").file("hangs.bin", 50_000).made();
        server.add_with_missing_files(&torrent);
        torrent.write_data(&server.downloads());
        server.api().recheck(&torrent);
        if release.is_at_least(5, 0) {
            server.api().wait_for(&torrent, "stalledUP/1");
        } else {
            server.api().wait_for(&torrent, "checkingUP/0");
            // The check itself takes a second or two.
            let moved = within(Duration::from_secs(5), || {
                (server.api().standing(&torrent.hash) != "checkingUP/0").then_some(())
            });
            assert!(moved.is_none(), "the check ended");
            server.api().start(&torrent);
            server.api().wait_for(&torrent, "stalledUP/1");
        }
    }

    fn a_torrent_in_error_is_well_again_by_stop_recheck_and_start(release) {
        let server = Server::start(release);
        let torrent = Torrent::named("error").file("error.bin", 50_000).made();
        server.seed(&torrent);
        server.put_in_error(&torrent);
        server.repair(&torrent);
        server.api().stop(&torrent);
        server.api().recheck(&torrent);
        server.api().wait_for(&torrent, "stoppedUP/1");
        server.api().start(&torrent);
        server.api().wait_for(&torrent, "stalledUP/1");
    }

    fn lost_data_shows_as_missing_files_after_a_restart(release) {
        let mut server = Server::start(release);
        let torrent = Torrent::named("gone").file("gone.bin", 50_000).made();
        server.seed(&torrent);
        torrent.remove_data(&server.downloads());
        server.restart();
        server.api().wait_for(&torrent, "missingFiles/0");
    }

    fn torrents_survive_a_restart_and_a_deletion_removes_the_files(release) {
        let mut server = Server::start(release);
        let torrent = Torrent::named("kept").file("kept.bin", 40_000).made();
        server.seed_with(&torrent, &[("category", "tv"), ("tags", "k1,k2")]);
        server.restart();
        server.api().wait_for(&torrent, "stalledUP/1");
        let row = server.api().info(&torrent.hash).expect("a row");
        assert_eq!((row["category"].as_str(), row["tags"].as_str()), (Some("tv"), Some("k1, k2")));
        server.api().delete(&torrent, true);
        assert_eq!(server.api().state(&torrent.hash), "gone");
        until("the file is removed", || (!torrent.has_data(&server.downloads())).then_some(()));
    }

    fn what_a_tracker_answers_is_shown_as_the_reference_says(release) {
        let error = if release.is_at_least(5, 2) { 5 } else { 4 };
        let (server, tracker) = (Server::start(release), Tracker::start());
        let refusal = "unregistered torrent";
        let cases = [
            ("peers", Answer::Peers, 2, Some("")),
            ("refusal", Answer::failure(refusal), error, Some(refusal)),
            ("odd-bytes", Answer::Failure(b"unknown \xff torrent".to_vec()), error, Some("unknown \u{fffd} torrent")),
            ("warning", Answer::Warning("be nice".to_owned()), 2, Some("be nice")),
            ("not-found", Answer::Status(404, "Not Found"), 4, Some("Not Found")),
            ("unavailable", Answer::Status(503, "Service Unavailable"), 4, Some("Service Unavailable")),
            // The text is the parser's own, in the words of its library.
            ("page", Answer::Body("<html><body>404 Not Found</body></html>"), 4, None),
            ("empty", Answer::Body(""), 4, None),
            ("closed", Answer::Close, 4, Some("End of file")),
        ];
        let draft = |name| Torrent::named(name).file(name, 20_000).private();
        let (mut torrents, mut rows) = (Vec::new(), Vec::new());
        for (name, answer, status, text) in cases {
            let torrent = draft(name).tracker(&tracker.url()).made();
            tracker.answer(&torrent, answer);
            torrents.push(torrent);
            rows.push((status, text));
        }
        torrents.push(draft("refused").tracker(&refusing_url()).made());
        rows.push((4, Some("Connection refused")));
        server.seed_unchecked(&torrents, &[]);
        for (torrent, (status, text)) in torrents.iter().zip(rows) {
            wait_for_tracker_row(&server, torrent, status, text);
        }
    }

    fn a_tracker_that_recovers_is_seen_after_a_reannounce(release) {
        let (server, tracker) = (Server::start(release), Tracker::start());
        let torrent = Torrent::named("well").file("well", 20_000).private().tracker(&tracker.url_with_passkey("k")).made();
        tracker.answer_all(Answer::failure("torrent not registered"));
        let error = if release.is_at_least(5, 2) { 5 } else { 4 };
        server.seed_unchecked(std::slice::from_ref(&torrent), &[]);
        wait_for_tracker_row(&server, &torrent, error, Some("torrent not registered"));
        tracker.answer_all(Answer::Peers);
        let before = tracker.announces(&torrent);
        server.api().reannounce(&torrent);
        wait_for_tracker_row(&server, &torrent, 2, Some(""));
        assert!(tracker.announces(&torrent) > before);
    }

    fn a_silent_tracker_is_being_contacted(release) {
        let (server, tracker) = (Server::start(release), Tracker::start());
        tracker.answer_all(Answer::Silence);
        let torrent = Torrent::named("silent").file("silent", 20_000).tracker(&tracker.url()).made();
        server.seed(&torrent);
        until("the row says that an answer is awaited", || {
            let row = server.api().trackers(&torrent.hash).into_iter().next()?;
            (row["status"] == 3 || row["updating"] == true).then_some(())
        });
    }
}

/// Waits for what its only tracker is shown as.
fn wait_for_tracker_row(server: &Server, torrent: &Torrent, status: u64, text: Option<&str>) {
    let (mut last, mut looks) = (Vec::new(), 0);
    let found = within(super::PATIENCE, || {
        looks += 1;
        if looks % 100 == 0 {
            // Once in a while a 5.x server shows an announcement as under way for ever, long after its end.
            server.api().reannounce(torrent);
        }
        last = server.api().trackers(&torrent.hash);
        let [row] = last.as_slice() else { return None };
        let fits = row["status"] == status && text.is_none_or(|text| row["msg"] == text);
        fits.then_some(())
    });
    assert!(
        found.is_some(),
        "{}: expected status {status} and text {text:?}, found {last:?}",
        torrent.name
    );
}
