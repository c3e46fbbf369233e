//! Small worlds in which the process dies at every single call of a port, before and after its effect.

use super::hub::DeathAt;
use super::setup::Setup;
use super::world::World;
use seedwarden_sim::alldebrid::{Magnet, Outcome};
use seedwarden_sim::qbittorrent::{Era, TorrentSpec, Trouble};
use std::time::Duration;

/// Long enough for a second failure, the deletion and its announcement.
const WATCHED: Duration = Duration::from_secs(32 * 60);

fn magnets() -> World {
    let mut world = World::bare(1, Setup::small(false, Era::V5_1), false);
    world.with_alldebrid(|service, _| {
        for (id, code) in [(101, 15), (102, 11), (103, 4)] {
            let name = format!("M{id}");
            let fails = Outcome::Fails(15, Duration::from_secs(60));
            service.add(
                "debrid",
                Magnet::new(id).named(&name).code(code).then([fails]),
            );
        }
    });
    world
}

fn torrents(era: Era) -> World {
    let mut world = World::bare(1, Setup::small(true, era), false);
    let now = world.now_ms();
    world.with_server("seedbox", |server, _| {
        let lost = server.add(now, TorrentSpec::new("Lost").peers(true));
        server.lose_data(&lost);
        server.trouble(&lost, Trouble::PeerRead);
        let passing = server.add(now, TorrentSpec::new("Passing"));
        server.trouble(&passing, Trouble::PeerRead);
        server.add(now, TorrentSpec::new("Well"));
    });
    world
}

/// Lives through the scenario, dying at one call; answers how many calls there were, and what was broken.
fn live(make: impl FnOnce() -> World, death: Option<DeathAt>) -> (u64, Vec<String>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.expect("a runtime").block_on(async {
        let mut world = make();
        world.hub.with(|core| core.death_at = death);
        let nothing = DeathAt {
            call: u64::MAX,
            after: false,
        };
        world
            .hub
            .with(|core| core.death_at = death.or(Some(nothing)));
        world.start().await;
        world.survives(WATCHED).await;
        let calls = world.hub.with(|core| core.calls);
        if !world.is_broken() {
            world.end().await;
        }
        (calls, world.hub.with(|core| core.oracle.breaches.clone()))
    })
}

#[track_caller]
fn check(make: impl Fn() -> World + Copy + Sync) {
    let (calls, breaches) = live(make, None);
    assert!(
        breaches.is_empty(),
        "without a death: {}",
        breaches.join("\n")
    );
    assert!(calls > 50, "only {calls} calls");
    for call in 0..calls {
        for after in [false, true] {
            let (_, breaches) = live(make, Some(DeathAt { call, after }));
            assert!(
                breaches.is_empty(),
                "death at call {call} of {calls}, after: {after}: {}",
                breaches.join("\n")
            );
        }
    }
}

#[test]
fn magnets_survive_a_death_at_every_call() {
    check(magnets);
}

#[test]
fn torrents_of_an_old_server_survive_a_death_at_every_call() {
    check(|| torrents(Era::V4_5_2));
}

#[test]
fn torrents_of_a_new_server_survive_a_death_at_every_call() {
    check(|| torrents(Era::V5_2));
}
