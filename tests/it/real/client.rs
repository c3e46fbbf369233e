//! The product's client against real servers: each action carried out and read back by the tests' own client.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use seedwarden::clients::qbittorrent::{
    AddTorrent, Export, FieldSet, Qbittorrent, ShareLimits, TorrentSource,
};
use seedwarden::clients::{ActionOutcome, LoginProblem, ReadError, ReadErrorKind};
use seedwarden::config::policy::{Login, Secret, SecretSource};
use seedwarden::core::model::{ApiVersion, ItemId, Library};
use serde_json::Value;

use super::api::{PASSWORD, USER};
use super::observed::item;
use super::server::Server;
use super::torrent::Torrent;
use super::tracker::{Answer, Tracker};
use super::{on_each_release, until};

/// The product's client of a server, with a runtime to run it on.
struct Client {
    runtime: tokio::runtime::Runtime,
    client: Qbittorrent,
}

impl Client {
    fn new(server: &Server) -> Self {
        Self::with(&server.url(), PASSWORD)
    }

    fn with(url: &str, password: &str) -> Self {
        let login = Login::Password {
            username: USER.to_owned(),
            password: Secret::new(password, SecretSource::Text),
        };
        let transport = seedwarden::sys::ports().transport;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        Self {
            runtime: runtime.expect("a runtime"),
            client: Qbittorrent::at(
                Arc::clone(&transport),
                url.parse().expect("an address"),
                login,
                None,
            ),
        }
    }

    fn refresh(&self, library: &mut Library) -> Result<bool, ReadError> {
        let keep = FieldSet::none();
        let reading = self.client.refresh(library, &keep, None);
        self.runtime.block_on(reading).map(|refresh| refresh.full)
    }

    fn run<'a, T>(&'a self, call: impl AsyncFnOnce(&'a Qbittorrent) -> T) -> T {
        self.runtime.block_on(call(&self.client))
    }

    #[track_caller]
    fn does<'a>(&'a self, call: impl AsyncFnOnce(&'a Qbittorrent) -> ActionOutcome) {
        assert_eq!(self.run(call), ActionOutcome::Done);
    }
}

/// Waits until the server's row shows this value.
fn shows(server: &Server, torrent: &Torrent, field: &str, expected: impl Into<Value>) {
    let expected = expected.into();
    let what = format!("{field} becomes {expected}");
    until(&what, || {
        (server.api().info(&torrent.hash)?[field] == expected).then_some(())
    });
}

on_each_release! {
    fn actions_have_their_effects(release) {
        let (server, tracker) = (Server::start(release), Tracker::start());
        let torrent = Torrent::named("acted").file("a.bin", 40_000).file("b.bin", 20_000).tracker(&tracker.url()).made();
        server.seed(&torrent);
        let (client, id) = (Client::new(&server), item(&torrent));
        client.does(async |c| c.stop(&id).await);
        server.api().wait_for(&torrent, "stoppedUP/1");
        client.does(async |c| c.start(&id).await);
        server.api().wait_for(&torrent, "stalledUP/1");
        client.does(async |c| c.set_limits(&id, 50_176, 10_240).await);
        shows(&server, &torrent, "dl_limit", 50_176);
        shows(&server, &torrent, "up_limit", 10_240);
        client.does(async |c| c.add_tags(&id, &["a b", "c"]).await);
        client.does(async |c| c.remove_tags(&id, &["c"]).await);
        shows(&server, &torrent, "tags", "a b");
        client.does(async |c| c.set_category(&id, "new one").await);
        shows(&server, &torrent, "category", "new one");
        let limits = ShareLimits { ratio: 1.5, seeding_time: 600, inactive_seeding_time: -1 };
        client.does(async |c| c.set_share_limits(&id, limits).await);
        shows(&server, &torrent, "ratio_limit", 1.5);
        shows(&server, &torrent, "seeding_time_limit", 600);
        client.does(async |c| c.set_file_priority(&id, &[1], 0).await);
        let priorities = |client: &Client| -> Vec<i64> {
            let files = client.run(async |c| c.files(&id).await).expect("the files are read");
            files.iter().map(|file| file.priority).collect()
        };
        until("the second file is not wanted", || (priorities(&client) == [1, 0]).then_some(()));
        let second = format!("{}/passkey?a=1&b=2", tracker.url());
        client.does(async |c| c.add_tracker(&id, &second).await);
        client.does(async |c| c.remove_tracker(&id, &tracker.url()).await);
        let trackers = client.run(async |c| c.trackers(&id).await).expect("the trackers are read");
        assert_eq!(trackers.iter().map(|t| &*t.url).collect::<Vec<_>>(), [second.as_str()]);
        let before = tracker.announces(&torrent);
        // A server that still announces to the tracker that was added makes nothing more of it.
        let mut looks = 0;
        until("it is announced", || {
            if looks % 100 == 0 {
                client.does(async |c| c.reannounce(std::slice::from_ref(&id)).await);
            }
            looks += 1;
            (tracker.announces(&torrent) > before).then_some(())
        });
        client.does(async |c| c.delete(&id, true).await);
        assert!(server.api().info(&torrent.hash).is_none());
        let gone = client.run(async |c| c.trackers(&id).await).expect_err("the torrent is gone");
        assert!(gone.is_gone(), "{gone}");
        until("its files go", || torrent.paths(&server.downloads()).iter().all(|path| !path.exists()).then_some(()));
    }

    fn what_was_exported_can_be_added_again(release) {
        let server = Server::start(release);
        let torrent = Torrent::named("again").file("a.bin", 40_000).private().made();
        server.seed(&torrent);
        let (client, id) = (Client::new(&server), item(&torrent));
        let Ok(Export::Torrent(bytes)) = client.run(async |c| c.export(&id).await) else {
            panic!("no export");
        };
        let mut back = AddTorrent::new(TorrentSource::File(bytes));
        back.save_path = Some(server.downloads().display().to_string());
        back.category = Some("tv".to_owned());
        back.tags = vec!["x".to_owned(), "y".to_owned()];
        back.stopped = true;
        back.auto_tmm = Some(false);
        back.upload_limit = Some(10_240);
        back.share_limits = Some(ShareLimits { ratio: 2.5, ..ShareLimits::default() });
        let there = client.run(async |c| c.add(&back).await);
        assert!(matches!(there, ActionOutcome::Refused(_)), "{there}");
        client.does(async |c| c.delete(&id, false).await);
        client.does(async |c| c.add(&back).await);
        // What is added stopped is not looked at until somebody asks.
        server.api().wait_for(&torrent, "stoppedDL/0");
        client.does(async |c| c.recheck(&id).await);
        server.api().wait_for(&torrent, "stoppedUP/1");
        for (field, expected) in [("category", "tv"), ("tags", "x, y")] {
            shows(&server, &torrent, field, expected);
        }
        shows(&server, &torrent, "up_limit", 10_240);
        shows(&server, &torrent, "ratio_limit", 2.5);
        let garbage = AddTorrent::new(TorrentSource::File(Bytes::from_static(b"no torrent")));
        let refused = client.run(async |c| c.add(&garbage).await);
        assert!(matches!(refused, ActionOutcome::Refused(_)), "{refused}");
        let hash = "0123456789abcdef0123456789abcdef01234567";
        let link = AddTorrent::new(TorrentSource::Link(format!("magnet:?xt=urn:btih:{hash}&dn=linked")));
        client.does(async |c| c.add(&link).await);
        until("the link is there", || server.api().info(hash));
        let early = client.run(async |c| c.export(&ItemId::from(hash)).await);
        assert_eq!(early, Ok(Export::NoMetadata));
        assert_eq!(client.run(async |c| c.privacy(&ItemId::from(hash)).await), Ok(None));
        assert_eq!(client.run(async |c| c.privacy(&id).await), Ok(Some(true)));
    }

    fn lists_are_followed_over_restarts(release) {
        let mut server = Server::start(release);
        let torrents: Vec<Torrent> =
            (0..5).map(|i| Torrent::named(&format!("t{i}")).file(&format!("{i}.bin"), 20_000).made()).collect();
        server.seed_unchecked(&torrents, &[("category", "tv")]);
        let client = Client::new(&server);
        let mut library = Library::default();
        assert_eq!(client.refresh(&mut library), Ok(true));
        assert_eq!(library.torrents.len(), 5);
        assert!(library.api >= ApiVersion::EXPORT);
        assert!(library.server.free_space_on_disk.is_some());
        let follow = |library: &mut Library, full: bool| {
            until("the list is read", || client.refresh(library).ok().filter(|was_full| *was_full == full))
        };
        server.api().delete(&torrents[0], false);
        follow(&mut library, false);
        assert_eq!(library.torrents.len(), 4);
        server.api().stop(&torrents[1]);
        let is_stopped = |library: &Library| library.torrents[&item(&torrents[1])].state.is_stopped();
        until("the stop is in a delta", || {
            assert_eq!(client.refresh(&mut library), Ok(false));
            is_stopped(&library).then_some(())
        });
        let fresh = |client: &Client, asked: &[ItemId]| {
            client.run(async |c| c.info(asked, &FieldSet::none()).await).expect("rows are read")
        };
        let asked: Vec<ItemId> = torrents.iter().map(item).collect();
        for (id, row) in fresh(&client, &asked) {
            let listed = &library.torrents[&id];
            assert_eq!((&row.name, &row.state, row.size), (&listed.name, &listed.state, listed.size));
            assert_eq!((&row.category, row.added_on, &row.content_path), (&listed.category, listed.added_on, &listed.content_path));
        }
        assert_eq!(fresh(&client, &asked).len(), 4);
        server.stop();
        let before = library.clone();
        let error = client.refresh(&mut library).expect_err("the server is down");
        assert_eq!(error.kind, ReadErrorKind::Unreachable);
        assert_eq!(library, before);
        server.start_again();
        follow(&mut library, true);
        assert_eq!(library.torrents.len(), 4);
        until("the torrent is stopped as before", || {
            client.refresh(&mut library).expect("the list is read");
            is_stopped(&library).then_some(())
        });
    }

    fn logins_end_as_they_should(release) {
        let server = Server::start(release);
        let kind = |client: &Client| client.refresh(&mut Library::default()).err().map(|error| error.kind);
        let wrong = Client::with(&server.url(), "wrong");
        assert_eq!(kind(&wrong), Some(ReadErrorKind::Login(LoginProblem::Credentials)));
        // By another name of the same machine the port is right, and any host name will do.
        let by_name = Client::with(&server.url().replace("127.0.0.1", "localhost"), PASSWORD);
        assert_eq!(kind(&by_name), None);
        let no_such_path = Client::with(&format!("{}/prefix/", server.url()), PASSWORD);
        assert_eq!(kind(&no_such_path), Some(ReadErrorKind::Malformed));
        // The good login has reset the count.
        for _ in 0..5 {
            assert_eq!(kind(&wrong), Some(ReadErrorKind::Login(LoginProblem::Credentials)));
        }
        assert_eq!(kind(&wrong), Some(ReadErrorKind::Banned));
    }

    fn trackers_are_read_one_by_one_and_in_bulk(release) {
        let (server, tracker) = (Server::start(release), Tracker::start());
        tracker.answer_all(Answer::failure("unregistered torrent"));
        let torrent = Torrent::named("refused").file("a.bin", 20_000).tracker(&tracker.url()).made();
        server.seed(&torrent);
        let (client, id) = (Client::new(&server), item(&torrent));
        let status = if release.is_at_least(5, 2) { 5 } else { 4 };
        let one = until("the refusal is shown", || {
            let trackers = client.run(async |c| c.trackers(&id).await).expect("the trackers are read");
            let [one] = &trackers[..] else { panic!("{trackers:?}") };
            (one.status == status && &*one.message == "unregistered torrent").then(|| trackers.clone())
        });
        let bulk = client.run(async |c| c.trackers_in_bulk(std::slice::from_ref(&id)).await).expect("they are read");
        match release.is_at_least(5, 1) {
            true => assert_eq!(bulk.expect("the version can").get(&id), Some(&one)),
            false => assert!(bulk.is_none()),
        }
    }

    fn a_connection_that_the_server_closed_is_not_used(release) {
        let server = Server::start(release);
        let client = Client::new(&server);
        for _ in 0..2 {
            client.run(async |c| c.version().await).expect("the version is read");
            // The server closes idle connections after 7 to 9 seconds: this is about nothing but time.
            client.run(async |_| tokio::time::sleep(Duration::from_millis(8_200)).await);
        }
        client.run(async |c| c.version().await).expect("the version is read");
    }
}
