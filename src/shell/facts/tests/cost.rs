//! What whole cycles cost in requests, and what they miss nothing of, over the model of each server version.

use super::stat_only::StatOnly;
use super::*;
use crate::config::policy::{
    AccountPolicy, Errored, FailedTrackers, Limits, Service, Unregistered,
};
use crate::core::decide::Mode;
use crate::core::free_space::OurDeletions;
use crate::core::ledger::Book;
use crate::core::plan::Plan;
use crate::core::state::AccountState;
use crate::ports::{FileKind, FileStat, Ports};
use crate::shell::eyes::{Eyes, Optics};
use crate::shell::look::{Glasses, look};
use crate::support::clock::SimClock;
use crate::support::transport::SimNet;
use jiff::tz::TimeZone;
use seedwarden_sim::faults::{Faults, Faulty, Log};
use seedwarden_sim::qbittorrent::{Era, Server, TorrentSpec, TrackerResult};

const ADDRESS: &str = "http://seedbox:8080/";
const SIZE: u64 = 1_000;

/// An account of a model server, all of whose files lie on disk with one name each.
struct Cost {
    log: Log,
    server: Arc<Mutex<Faulty<Server>>>,
    eyes: Eyes,
    policy: AccountPolicy,
    clock: SimClock,
    state: AccountState,
}

impl Cost {
    fn new(era: Era) -> Cost {
        let clock = SimClock::default();
        let net = SimNet::new(clock.clone());
        let log = Log::default();
        let server = Faulty::new(Server::new(era), Faults::default(), log.clone());
        let server = Arc::new(Mutex::new(server));
        net.serve(ADDRESS, Arc::clone(&server));
        let disk = StatOnly(|paths: Vec<PathBuf>| -> BoxFuture<'static, _> {
            let one = |path: &PathBuf| Ok(one_name(path));
            Box::pin(std::future::ready(paths.iter().map(one).collect()))
        });
        let ports = Ports {
            transport: Arc::new(net),
            disk: Arc::new(disk),
            clock: Arc::new(clock.clone()),
        };
        let policy = AccountPolicy {
            name: AccountId::from("seedbox"),
            cycle: Duration::from_secs(1800),
            rule_cycle: Duration::from_secs(1800),
            protect_rules: Vec::new(),
            rules: Vec::new(),
            service: Service::Qbittorrent(Box::new(all_blocks())),
        };
        let eyes = Eyes::new(&policy, &Optics::new(ports, jiff::tz::TimeZone::UTC));
        Cost {
            log,
            server,
            eyes,
            policy,
            clock,
            state: AccountState::default(),
        }
    }

    fn add(&self, count: usize, spec: impl Fn(usize) -> TorrentSpec) {
        let now = self.clock.now_ms();
        self.server
            .lock()
            .unwrap()
            .model
            .add_all(now, (0..count).map(spec));
    }

    /// One cycle half an hour later: its plan, and how many requests it took.
    async fn cycle(&mut self) -> (Plan, usize) {
        tokio::time::sleep(Duration::from_secs(1800)).await;
        let before = self.log.all().len();
        let now = Timestamp::from_millisecond(self.clock.now_ms()).unwrap();
        let whole = self
            .eyes
            .read(now, true, OurDeletions::default())
            .await
            .unwrap();
        let (limits, book) = (Limits::default(), Book::default());
        let glasses = Glasses {
            policy: &self.policy,
            limits: &limits,
            zone: &TimeZone::UTC,
            book: &book,
            now,
            mode: Mode::Full {
                adds: true,
                last_resorts: true,
            },
            explain: false,
        };
        let looked = look(&mut self.eyes, glasses, &self.state, whole)
            .await
            .unwrap();
        self.state = looked.decision.state;
        (looked.decision.plan, self.log.all().len() - before)
    }
}

/// A file of the models' size, by the hash of its path.
fn one_name(path: &Path) -> FileStat {
    FileStat {
        kind: FileKind::File,
        device: 1,
        inode: mark_of(&path),
        links: 1,
        size_bytes: SIZE,
    }
}

fn all_blocks() -> QbtPolicy {
    QbtPolicy {
        url: ADDRESS.parse().unwrap(),
        login: Login::Password {
            username: "admin".to_owned(),
            password: Secret::new("adminadmin", SecretSource::Text),
        },
        errored: Some(Errored::default()),
        unregistered: Some(Unregistered {
            max_failures: 1_000,
            ..Unregistered::default()
        }),
        failed_trackers: Some(FailedTrackers {
            max_failures: 1_000,
            ..FailedTrackers::default()
        }),
        hardlinks: Some(Hardlinks {
            min_seeding_time: Duration::from_secs(3600 * 24 * 365),
            ..Hardlinks::default()
        }),
        ..policy(PathMap::default())
    }
}

/// Every other one is private; all have a working tracker.
fn healthy(i: usize) -> TorrentSpec {
    let spec = TorrentSpec::new(&format!("t{i}"))
        .size(SIZE)
        .tracker("http://t.example/announce", TrackerResult::Working);
    if i.is_multiple_of(2) {
        spec.private()
    } else {
        spec
    }
}

/// A private one that its tracker does not know.
fn suspect(i: usize) -> TorrentSpec {
    let refusal = TrackerResult::failure("Unregistered torrent");
    TorrentSpec::new(&format!("s{i}"))
        .size(SIZE)
        .private()
        .tracker("http://s.example/announce", refusal)
}

const ERAS: [Era; 5] = [Era::V4_2_5, Era::V4_5_2, Era::V5_0, Era::V5_1, Era::V5_3];

/// What a cycle of so many healthy torrents costs, once warm.
async fn check_healthy(era: Era, torrents: usize) {
    let mut cost = Cost::new(era);
    cost.add(torrents, healthy);
    for _ in 0..2 {
        cost.cycle().await;
    }
    let (plan, requests) = cost.cycle().await;
    assert!(plan.is_idle(), "{era:?}: {plan:?}");
    assert!(requests <= 2, "{era:?}: {requests} requests");
}

#[tokio::test(start_paused = true)]
async fn healthy_account_of_5000_costs_two_requests_per_cycle_once_warm() {
    // The only server whose list does not tell whose trackers fail.
    check_healthy(Era::V5_1, 5_000).await;
}

#[tokio::test(start_paused = true)]
async fn healthy_account_costs_two_requests_per_cycle_on_every_server() {
    for era in ERAS {
        check_healthy(era, 500).await;
    }
}

#[tokio::test(start_paused = true)]
async fn suspects_cost_no_more_than_a_request_each() {
    for era in ERAS {
        let mut cost = Cost::new(era);
        cost.add(200, healthy);
        cost.add(50, suspect);
        for _ in 0..3 {
            cost.cycle().await;
        }
        let (_, requests) = cost.cycle().await;
        assert!(requests <= 52, "{era:?}: {requests} requests");
    }
}

/// Of 40 private torrents whose trackers worked so many begin to refuse. How many of them have failures counted after a
/// day and a bit, and how many are part of an outage.
async fn check_refusals(era: Era, refused: usize) -> (usize, usize) {
    let mut cost = Cost::new(era);
    // In two groups, whose trackers are read at different times of the day.
    for begin in [0, 20] {
        cost.add(20, |i| healthy(2 * (begin + i)));
        for _ in 0..10 {
            cost.cycle().await;
        }
    }
    {
        let mut server = cost.server.lock().unwrap();
        let hashes: Vec<String> = server
            .model
            .torrents()
            .keys()
            .take(refused)
            .cloned()
            .collect();
        for hash in hashes {
            let refusal = TrackerResult::failure("Unregistered torrent");
            server
                .model
                .set_tracker(&hash, "http://t.example/announce", refusal, true);
        }
    }
    for _ in 0..50 {
        let (plan, _) = cost.cycle().await;
        assert!(plan.deletions.is_empty());
    }
    let counted = cost
        .state
        .items
        .values()
        .filter(|item| item.unregistered.is_some())
        .count();
    (
        counted,
        cost.state
            .outages
            .iter()
            .map(|outage| outage.items.len())
            .sum(),
    )
}

#[tokio::test(start_paused = true)]
async fn tracker_that_worked_before_is_seen_to_refuse() {
    for era in ERAS {
        assert_eq!(check_refusals(era, 2).await, (2, 0), "{era:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn outage_of_trackers_that_worked_before_is_seen_whole() {
    for era in ERAS {
        assert_eq!(check_refusals(era, 30).await, (0, 30), "{era:?}");
    }
}
