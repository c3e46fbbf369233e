//! What trackers answer, and what the product makes of it on each server version.

use seedwarden::core::facts::Wanted;
use seedwarden::core::model::{Fact, Tracker as Row};
use seedwarden::core::unregistered::{Messages, TrackerVerdict, tracker_verdict, unregistered};

use super::observed::{Observed, item, items};
use super::server::Server;
use super::torrent::Torrent;
use super::tracker::{Answer, Tracker, refusing_url};
use super::{on_each_release, until};

/// Texts of trackers that do not have the torrent.
const GONE: &[&str] = &[
    "Unregistered torrent",
    "Torrent not registered with this tracker",
    "torrent not found",
    "Torrent has been deleted.",
    "Torrent is not found or awaiting moderation.",
    "Trumped: see https://t.example/torrents/1",
    "InfoHash not found.",
    "Torrent não registrado",
    "種子不存在 (not exist)",
];

/// Refusals about something else.
const OTHER: &[&str] = &[
    "Unknown passkey",
    "Tracker is down for maintenance",
    "Torrent has been postponed",
    "User not found",
    "Your IP address is not registered with your account",
    "Database error: table does not exist",
    "Account is unregistered",
];

/// Answers that are no tracker's words.
const DOWN: &[Answer] = &[
    Answer::Status(404, "Not Found"),
    Answer::Status(404, ""),
    Answer::Status(403, "Forbidden"),
    Answer::Status(502, "Bad Gateway"),
    Answer::Status(503, "Service Unavailable"),
    Answer::Status(520, ""),
    Answer::Body("<html><body>404 torrent not found</body></html>"),
    Answer::Body(""),
    Answer::Body("d14:failure reason20:Unregistered"),
    Answer::Close,
];

fn word(verdict: &TrackerVerdict) -> &'static str {
    match verdict {
        TrackerVerdict::Works => "works",
        TrackerVerdict::Gone(_) => "gone",
        TrackerVerdict::Down(_) => "down",
        TrackerVerdict::Other(_) => "other",
        TrackerVerdict::Pending => "pending",
        TrackerVerdict::Disabled => "disabled",
    }
}

/// A seeding private torrent with this tracker.
fn seeded(server: &Server, name: &str, url: &str) -> Torrent {
    let torrent = Torrent::named(name)
        .file(&format!("{name}.bin"), 20_000)
        .private()
        .tracker(url)
        .made();
    server.seed_unchecked(std::slice::from_ref(&torrent), &[]);
    torrent
}

/// The trackers of one torrent, by the product.
fn rows(observed: &mut Observed, torrent: &Torrent) -> Vec<Row> {
    observed.refresh();
    let wanted = Wanted {
        trackers: items([torrent]),
        ..Wanted::default()
    };
    observed.fetch(&wanted).trackers[&item(torrent)]
        .clone()
        .expect("trackers are read")
}

on_each_release! {
    fn tracker_answers_come_out_as_the_tables_say(release) {
        let (server, tracker) = (Server::start(release), Tracker::start());
        let answers = GONE.iter().map(|text| ("gone", Answer::failure(text)))
            .chain(OTHER.iter().map(|text| ("other", Answer::failure(text))))
            .chain(DOWN.iter().map(|answer| ("down", answer.clone())))
            .chain([
                ("works", Answer::Peers),
                ("works", Answer::Warning("Unregistered torrent".to_owned())),
                ("gone", Answer::Failure(b"unregistered torrent \xff\xfe".to_vec())),
            ]);
        let url = tracker.url_with_passkey("0123456789abcdef0123456789abcdef");
        let mut expected: Vec<(&str, String, Torrent)> = Vec::new();
        for (i, (verdict, answer)) in answers.enumerate() {
            let name = format!("answer{i:02}");
            let torrent = Torrent::named(&name).file(&format!("{name}.bin"), 20_000).private().tracker(&url).made();
            tracker.answer(&torrent, answer.clone());
            expected.push((verdict, format!("{answer:?}"), torrent));
        }
        let torrents: Vec<Torrent> = expected.iter().map(|(_, _, torrent)| torrent.clone()).collect();
        server.seed_unchecked(&torrents, &[]);
        expected.push(("down", "a port that refuses".to_owned(), seeded(&server, "refused", &refusing_url())));
        expected.push(("down", "an unknown host".to_owned(), seeded(&server, "nohost", "http://unregistered-torrent.invalid/announce")));

        let mut observed = Observed::new(&server);
        let wanted = Wanted { trackers: items(expected.iter().map(|(_, _, torrent)| torrent)), ..Wanted::default() };
        let is_done = |row: &Row| !matches!(row.status, 1 | 3) && !row.updating;
        let mut looks = 0;
        let read = until("every tracker was contacted", || {
            observed.refresh();
            let trackers = &observed.fetch(&wanted).trackers;
            let done = |torrent| trackers[&item(torrent)].clone().ok().filter(|rows| rows.len() == 1 && rows.iter().all(is_done));
            // Now and then a 5.x server shows a tracker as being contacted long after its answer, until it asks again.
            looks += 1;
            for (_, _, torrent) in expected.iter().filter(|case| looks % 100 == 0 && done(&case.2).is_none()) {
                server.api().reannounce(torrent);
            }
            expected.iter().map(|(_, _, torrent)| done(torrent)).collect::<Option<Vec<_>>>()
        });
        let api = observed.library().api;
        let messages = Messages::default();
        for ((verdict, answer, _), rows) in expected.iter().zip(&read) {
            let found = tracker_verdict(&rows[0], api, &messages);
            assert_eq!(word(&found), *verdict, "{answer}: {found:?} of {:?}", rows[0]);
            let (fact, status) = unregistered(rows, api, &messages, Some(0), 1, false);
            assert_eq!(fact == Fact::Yes, *verdict == "gone", "{answer}: {fact:?}");
            assert!(!status.contains("0123456789abcdef") && !status.contains("://"), "{status}");
        }
    }

    fn silent_tracker_is_pending_and_then_down(release) {
        let (server, tracker) = (Server::start(release), Tracker::start());
        tracker.answer_all(Answer::Silence);
        let torrent = seeded(&server, "silent", &tracker.url());
        let mut observed = Observed::new(&server);
        let messages = Messages::default();
        let found = until("the server gives the tracker up", || {
            let rows = rows(&mut observed, &torrent);
            let found = tracker_verdict(&rows[0], observed.library().api, &messages);
            assert!(matches!(found, TrackerVerdict::Pending | TrackerVerdict::Down(_)), "{found:?}");
            (found != TrackerVerdict::Pending).then_some(found)
        });
        assert_eq!(found, TrackerVerdict::Down("timed out".to_owned()));
    }

    fn working_second_tracker_saves_and_a_recovered_one_too(release) {
        let (server, bad, good) = (Server::start(release), Tracker::start(), Tracker::start());
        bad.answer_all(Answer::failure("Unregistered torrent"));
        let both = Torrent::named("both").file("both.bin", 20_000).private().tracker(&bad.url()).tracker(&good.url()).made();
        server.seed_unchecked(std::slice::from_ref(&both), &[]);
        let alone = seeded(&server, "alone", &bad.url());
        let mut observed = Observed::new(&server);
        let messages = Messages::default();
        let mut verdict = |torrent: &Torrent| {
            let rows = rows(&mut observed, torrent);
            unregistered(&rows, observed.library().api, &messages, Some(0), 1, false).0
        };
        until("the second tracker works", || verdict(&both).is_no().then_some(()));
        until("the only tracker has refused", || verdict(&alone).is_yes().then_some(()));
        bad.answer_all(Answer::Peers);
        server.api().reannounce(&alone);
        until("it works again", || verdict(&alone).is_no().then_some(()));
    }

    fn privacy_is_known_on_each_server(release) {
        let (server, tracker) = (Server::start(release), Tracker::start());
        let private = seeded(&server, "private", &tracker.url());
        let public = Torrent::named("public").file("public.bin", 20_000).tracker(&tracker.url()).made();
        server.seed_unchecked(std::slice::from_ref(&public), &[]);
        let mut observed = Observed::new(&server);
        let wanted = Wanted { private: items([&private, &public]), ..Wanted::default() };
        let facts = observed.fetch(&wanted);
        assert_eq!(facts.private[&item(&private)], Ok(Some(true)));
        assert_eq!(facts.private[&item(&public)], Ok(Some(false)));
    }
}
