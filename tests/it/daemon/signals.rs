//! SIGHUP and SIGUSR1.

use super::world::World;
use crate::real::until;
use rustix::process::Signal;
use serde_json::json;
use std::fs;
use std::thread::sleep;
use std::time::Duration;

#[test]
fn bad_configuration_is_refused_while_the_old_one_stays_and_a_good_one_is_taken() {
    let world = World::new();
    world.configure(|config| {
        config["accounts"]
            .as_array_mut()
            .expect("accounts")
            .truncate(3);
    });
    world.add_dead("two", 4);
    let daemon = world.product.daemon();
    daemon.wait_for_log("one: 0 items");
    fs::write(world.product.configuration(), r#"{ "cycel": "1s" }"#).expect("a configuration");
    daemon.signal(Signal::HUP);
    daemon.wait_for_log("the new configuration is refused");
    let log = daemon.log();
    assert!(log.contains("cycel") && log.contains("cycle"), "{log}");
    let listings = world.debrid.log.count("magnet/status");
    until("the account is still kept", || {
        (world.debrid.log.count("magnet/status") > listings + 2).then_some(())
    });
    world.configure(|_| {});
    daemon.signal(Signal::HUP);
    daemon.wait_for_log("configuration read again");
    until("the new account is kept", || {
        world.announced().contains("Dead.4").then_some(())
    });
    assert_eq!(world.restarts("two", 4), 2);
    daemon.stop();
}

#[test]
fn removed_configuration_is_no_reason_to_stop() {
    let world = World::new();
    let mut daemon = world.product.daemon();
    daemon.wait_for_log("one: 0 items");
    fs::remove_file(world.product.configuration()).expect("a configuration");
    daemon.signal(Signal::HUP);
    daemon.wait_for_log("the new configuration is refused");
    assert!(daemon.is_running());
    daemon.stop();
}

#[test]
fn asked_for_cycle_adds_no_failures_soon_after_the_last() {
    let world = World::new();
    world.configure(|config| config["cycle"] = json!("1h"));
    world.add_dead("one", 2);
    let broken = world.old.add_broken("Lost.Old");
    let daemon = world.product.daemon();
    for account in ["old", "new", "one", "two"] {
        daemon.wait_for_log(&format!("{account}: "));
    }
    until("a failure is counted", || {
        (world.restarts("one", 2) == 1 && world.rechecks(&world.old, &broken) == 1).then_some(())
    });
    for _ in 0..4 {
        sleep(Duration::from_millis(700));
        let listings = world.debrid.log.count("magnet/status");
        daemon.signal(Signal::USR1);
        until("a cycle runs", || {
            (world.debrid.log.count("magnet/status") >= listings + 2).then_some(())
        });
    }
    sleep(Duration::from_millis(300));
    assert_eq!(world.product.failures("one", "2", "failed"), 1);
    assert_eq!(world.product.failures("old", &broken, "errored"), 1);
    assert_eq!(world.deleted().len(), 0);
    daemon.stop();
}
