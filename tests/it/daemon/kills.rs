//! `kill -9` at moments drawn from a seed, with resets by `echo '{}'` before, during and after.

use super::world::World;
use crate::product::Daemon;
use crate::real::until;
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::thread::sleep;
use std::time::Duration;

/// Failures at which an item is deleted.
const MOST: u64 = 6;

/// Dead magnets of the accounts.
const MAGNETS: [(&str, u64); 2] = [("one", 2), ("two", 4)];

/// What one magnet went through since the counts were last reset.
#[derive(Debug, Default)]
struct Course {
    /// Restarts before the last reset.
    restarts_before: usize,
    /// Failures at the last look.
    failures: u64,
    /// Moments at which a restart may have been lost or not counted: kills, and the reset itself.
    breaks: usize,
}

fn reset(world: &World) {
    fs::write(world.product.state_dir().join("state.json"), "{}\n").expect("the state is reset");
}

/// Kills the daemon, and lets its requests under way come to their end.
fn kill(daemon: Daemon) {
    daemon.signal(Signal::KILL);
    drop(daemon);
    sleep(Duration::from_millis(100));
}

/// The state file must load after any death. An empty file is the moment inside of `echo '{}' >`.
fn state(world: &World) -> Value {
    let text = fs::read_to_string(world.product.state_dir().join("state.json")).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn failures(world: &World, (account, id): (&str, u64)) -> u64 {
    let count = &state(world)["accounts"][account]["items"][id.to_string()]["failed"]["failures"];
    count.as_u64().unwrap_or(0)
}

/// Names that were announced as deleted must be gone.
fn nothing_announced_is_there(world: &World) {
    let announced = world.announced();
    for (account, id) in MAGNETS {
        let told = announced.contains(&format!("Dead.{id}"));
        assert!(!(told && world.has_magnet(account, id)), "{announced}");
    }
    for (server, name) in [(&world.old, "Lost.Old"), (&world.new, "Lost.New")] {
        let is_there = |server: &mut seedwarden_sim::qbittorrent::Server| {
            server.torrents().values().any(|one| one.name == name)
        };
        assert!(
            !(announced.contains(name) && server.with(is_there)),
            "{announced}"
        );
    }
}

/// Every count goes with the restarts that were sent, but for those at a break.
fn counts_are_right(world: &World, courses: &mut [Course; 2]) {
    for (magnet, course) in MAGNETS.into_iter().zip(courses) {
        let sent = (world.restarts(magnet.0, magnet.1) - course.restarts_before) as u64;
        let breaks = course.breaks as u64;
        if world.has_magnet(magnet.0, magnet.1) {
            let counted = failures(world, magnet);
            assert!(
                counted >= course.failures,
                "{magnet:?} lost failures: {counted}, {course:?}"
            );
            // The last failure may wait for its last resort.
            assert!(
                sent <= counted + breaks && counted <= sent + breaks + 1,
                "{magnet:?}: {counted} failures, {sent} restarts, {course:?}"
            );
            course.failures = counted;
        } else {
            assert!(
                sent < MOST + breaks && sent + breaks + 1 >= MOST,
                "{magnet:?} is deleted after {sent} restarts, {course:?}"
            );
        }
    }
}

/// One run by a seed, with this many kills; before those in `resets` the counts are reset.
fn check(seed: u64, kills: usize, resets: &[(usize, When)]) {
    let world = World::new();
    world.configure(|config| {
        for (number, block) in ["errored", "errored", "failed", "failed"]
            .iter()
            .enumerate()
        {
            config["accounts"][number][block]["max_failures"] = MOST.into();
        }
    });
    for (account, id) in MAGNETS {
        world.add_dead(account, id);
    }
    world.old.add_broken("Lost.Old");
    world.new.add_broken("Lost.New");
    let mut chance = seed;
    let mut courses = <[Course; 2]>::default();
    for round in 0..kills {
        let when = resets
            .iter()
            .find(|(at, _)| *at == round)
            .map(|(_, when)| *when);
        let mut do_reset = |now: When| {
            if when == Some(now) {
                reset(&world);
                for ((account, id), course) in MAGNETS.into_iter().zip(&mut courses) {
                    *course = Course {
                        restarts_before: world.restarts(account, id),
                        failures: 0,
                        breaks: 1,
                    };
                }
            }
        };
        do_reset(When::Before);
        let daemon = world.product.daemon();
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let life = Duration::from_millis(150 + (chance >> 33) % 1500);
        sleep(life / 2);
        do_reset(When::During);
        sleep(life / 2);
        kill(daemon);
        do_reset(When::After);
        courses.iter_mut().for_each(|course| course.breaks += 1);
        if world.product.state_dir().join("state.json").exists() {
            counts_are_right(&world, &mut courses);
        }
        nothing_announced_is_there(&world);
    }
    let daemon = world.product.daemon();
    until("all is deleted and announced", || {
        (world.deleted().len() == 4 && world.all_told()).then_some(())
    });
    daemon.stop();
    counts_are_right(&world, &mut courses);
    let announced = world.announced();
    for name in ["Dead.2", "Dead.4", "Lost.Old", "Lost.New"] {
        assert!(
            announced.contains(name),
            "{name} is not announced, seed {seed}:\n{announced}"
        );
    }
    let history = world.json(&["history", "--json"]);
    let gone = history["deletions"].as_array().expect("deletions").iter();
    let gone = gone.filter(|entry| {
        matches!(
            entry["outcome"].as_str(),
            Some("deleted" | "gone_after_unknown")
        )
    });
    assert_eq!(gone.count(), 4, "seed {seed}: {history:#}");
}

/// When the counts are reset, as seen from the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Before,
    During,
    After,
}

#[test]
fn kills_lose_and_repeat_no_count_and_leave_no_deletion_unannounced() {
    check(1, 14, &[]);
}

#[test]
fn resets_before_during_and_after_are_never_undone() {
    check(
        2,
        10,
        &[(2, When::Before), (4, When::During), (6, When::After)],
    );
}
