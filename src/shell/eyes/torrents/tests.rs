use super::*;
use crate::config::policy::{Login, Secret, SecretSource, Service};
use crate::core::decide::tests::world::World;
use crate::ports::{Clock, Ports};
use crate::shell::eyes::Optics;
use crate::support::clock::SimClock;
use crate::support::disk::SimDisk;
use crate::support::transport::SimNet;
use jiff::tz::TimeZone;
use seedwarden_sim::qbittorrent::{Era, Server, TorrentSpec};
use std::sync::{Arc, Mutex};

/// A server, the eyes on it, and what has not been loaded yet.
struct Start {
    server: Arc<Mutex<Server>>,
    clock: SimClock,
    eyes: TorrentEyes,
}

impl Start {
    fn new() -> Start {
        let clock = SimClock::default();
        let net = SimNet::new(clock.clone());
        let server = Arc::new(Mutex::new(Server::new(Era::V5_1)));
        net.serve("http://127.0.0.1:1/", Arc::clone(&server));
        let policy = World::of_torrents("").policy.accounts.remove(0);
        let ports = Ports {
            transport: Arc::new(net),
            disk: Arc::new(SimDisk::default()),
            clock: Arc::new(clock.clone()),
        };
        let optics = Optics::new(ports, TimeZone::UTC);
        let Service::Qbittorrent(mut service) = policy.service.clone() else {
            unreachable!("a server")
        };
        service.login = Login::Password {
            username: "admin".to_owned(),
            password: Secret::new("adminadmin", SecretSource::Text),
        };
        Start {
            server,
            clock,
            eyes: TorrentEyes::new(&policy, &service, &optics),
        }
    }

    /// It listed `a` and `b`, and lists `b` alone in a new session.
    async fn that_lost_one() -> Start {
        let mut start = Start::new();
        let gone = start.lists(film("a"));
        start.lists(film("b"));
        assert!(start.read(None).await);
        let now = start.clock.now().as_millisecond();
        let mut server = start.server.lock().unwrap();
        server.vanish(now, &gone);
        server.expire_sessions();
        drop(server);
        start
    }

    fn lists(&self, spec: TorrentSpec) -> String {
        let now = self.clock.now().as_millisecond();
        self.server.lock().unwrap().add(now, spec)
    }

    /// Whether the list is whole, where this one comes a second after the reading began.
    async fn read(&mut self, late: Option<TorrentSpec>) -> bool {
        let now = self.clock.now();
        let server = self.server.clone();
        let late = async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if let Some(spec) = late {
                server.lock().unwrap().add(now.as_millisecond(), spec);
            }
        };
        let (whole, ()) = tokio::join!(self.eyes.read(now, true, OurDeletions::default()), late);
        whole.unwrap()
    }
}

fn film(name: &str) -> TorrentSpec {
    TorrentSpec::new(name).progress(1.0)
}

#[tokio::test(start_paused = true)]
async fn list_that_begins_anew_and_still_grows_is_not_whole() {
    let mut start = Start::that_lost_one().await;
    assert!(!start.read(Some(film("a"))).await);
    assert!(start.read(None).await, "everything is loaded");
}

#[tokio::test(start_paused = true)]
async fn list_of_a_server_that_loads_its_data_is_whole_once_nothing_more_comes() {
    let mut start = Start::new();
    start.lists(film("a").shows("checkingResumeData"));
    assert!(!start.read(Some(film("b"))).await);
    let mut start = Start::new();
    start.lists(film("a").shows("checkingResumeData"));
    assert!(start.read(None).await);
}

#[tokio::test(start_paused = true)]
async fn torrent_that_its_owner_removed_leaves_the_list_whole() {
    let mut start = Start::that_lost_one().await;
    assert!(start.read(None).await);
    assert_eq!(start.eyes.library().torrents.len(), 1);
}
