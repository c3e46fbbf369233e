//! AllDebrid refuses, is away or answers nonsense: nothing is counted, deleted or announced because of that.

use super::world::{KEYS, World};
use crate::product::Daemon;
use crate::real::until;
use seedwarden_sim::alldebrid::{AllDebrid, Endpoint, Forced};
use seedwarden_sim::faults::Fault;

/// Failures of the dead magnets of both accounts, by the state file.
fn counts(world: &World) -> [u64; 2] {
    [("one", "2"), ("two", "4")].map(|(account, id)| world.product.failures(account, id, "failed"))
}

/// Waits until the daemon has asked some times more.
fn asked(world: &World, daemon: &Daemon, times: usize) {
    let before = world.debrid.log.count("");
    until("the daemon asks again", || {
        (world.debrid.log.count("") >= before + times).then_some(())
    });
    assert!(!daemon.log().contains("panicked"));
}

/// A daemon whose deletions of two dead magnets are refused inside HTTP 200.
fn refused() -> (World, Daemon) {
    let world = World::new();
    world.add_dead("one", 2);
    world.add_dead("two", 4);
    for (account, code) in [("one", "GENERIC"), ("two", "MAGNET_PROCESSING")] {
        let forced = Forced::Code(code.to_owned());
        world
            .debrid
            .with(|model| model.force_on(account, Endpoint::Delete, forced));
    }
    let daemon = world.product.daemon();
    until("both deletions are refused, again and again", || {
        let tries = world.debrid.log.count("magnet/delete");
        (tries >= 5 && counts(&world).iter().all(|count| *count >= 3)).then_some(())
    });
    (world, daemon)
}

fn nothing_is_deleted(world: &World) {
    assert_eq!(world.deleted().len(), 0);
    assert_eq!(world.announced(), "");
}

#[test]
fn refusal_inside_a_success_is_no_deletion_and_keeps_the_count() {
    let (world, daemon) = refused();
    nothing_is_deleted(&world);
    let log = daemon.log();
    assert!(log.contains("one: Dead.2 was not deleted"), "{log}");
    let history = world.json(&["history", "--json"]).to_string();
    assert!(!history.contains("\"outcome\":\"deleted\""), "{history}");
    for account in ["one", "two"] {
        world.debrid.with(|model| model.unforce(account));
    }
    until("both are deleted at last, and announced", || {
        let announced = world.announced();
        (announced.contains("Dead.2") && announced.contains("Dead.4")).then_some(())
    });
    assert_eq!(world.deleted().len(), 2);
    assert_eq!([world.restarts("one", 2), world.restarts("two", 4)], [2, 2]);
    daemon.stop();
}

#[test]
fn pages_nonsense_and_cut_connections_count_nothing() {
    let (world, daemon) = refused();
    let text = |text: &str| Fault::Status(200, text.to_owned());
    let faults = [
        Fault::Html200,
        Fault::Html502,
        Fault::Empty503,
        Fault::CloseBefore,
        Fault::CloseAfter,
        Fault::Torn(20),
        Fault::TruncatedJson,
        text(""),
        text(r#"{"data":{"magnets":[]}}"#),
        text(r#"{"status":"success"}"#),
        text(r#"{"status":"success","data":{"magnets":null}}"#),
    ];
    let every = faults.len() as u64;
    let mut next = faults.into_iter().cycle();
    world.debrid.faults.choose(move |request, _| {
        let is_listing = request.uri().path().contains("magnet/status");
        is_listing.then(|| next.next()).flatten()
    });
    let counted = counts_settled(&world);
    until("each of them happens", || {
        (world.debrid.faults.carried_out() >= every).then_some(())
    });
    assert_eq!(counts(&world), counted);
    world.debrid.faults.clear();
    readable(&world, &daemon);
    nothing_is_deleted(&world);
    daemon.stop();
}

#[test]
fn maintenance_counts_nothing() {
    let (world, daemon) = refused();
    for forced in [Forced::Maintenance(200), Forced::Maintenance(503)] {
        for (account, _) in KEYS {
            let forced = forced.clone();
            let force = |model: &mut AllDebrid| model.force_on(account, Endpoint::Status, forced);
            world.debrid.with(force);
        }
        let counted = counts_settled(&world);
        asked(&world, &daemon, 4);
        assert_eq!(counts(&world), counted, "{forced:?}");
        for (account, _) in KEYS {
            let unforce = |model: &mut AllDebrid| model.account(account).forced.remove(0);
            world.debrid.with(unforce);
        }
        readable(&world, &daemon);
    }
    nothing_is_deleted(&world);
    daemon.stop();
}

#[test]
fn refused_key_counts_nothing_and_is_not_tried_again_and_again() {
    let world = World::new();
    world.add_dead("one", 2);
    world.add_dead("two", 4);
    world
        .debrid
        .with(|model| model.force("one", Forced::BadKey));
    let daemon = world.product.daemon();
    until("the other account goes on", || {
        world.announced().contains("Dead.4").then_some(())
    });
    assert!(world.has_magnet("one", 2));
    assert_eq!(counts(&world)[0], 0);
    let log = daemon.log();
    assert_eq!(log.matches("one: could not be read").count(), 1, "{log}");
    assert!(!log.contains("keyOfAccount"), "{log}");
    let status = world.json(&["status", "--json"]);
    assert_eq!(status["accounts"][2]["is_unreadable"], true, "{status}");
    daemon.stop();
}

/// The counts once a cycle that was under way has ended.
fn counts_settled(world: &World) -> [u64; 2] {
    let attempts = || {
        let state = world.product.state();
        ["one", "two"].map(|account| state["accounts"][account]["last_attempt_at"].clone())
    };
    let before = attempts();
    until("both accounts could not be read", || {
        let now = attempts();
        (now[0] != before[0] && now[1] != before[1]).then_some(())
    });
    counts(world)
}

/// Waits until both accounts have been read again.
fn readable(world: &World, daemon: &Daemon) {
    let cycles = || {
        let state = world.product.state();
        ["one", "two"].map(|account| state["accounts"][account]["last_cycle_at"].clone())
    };
    let before = cycles();
    until("both accounts are read again", || {
        let now = cycles();
        (now[0] != before[0] && now[1] != before[1]).then_some(())
    });
    assert!(!daemon.log().contains("panicked"));
}
