//! SIGHUP and SIGUSR1.

use super::world::World;
use crate::product::Daemon;
use crate::real::{until, within};
use rustix::process::Signal;
use seedwarden_sim::alldebrid::Forced;
use seedwarden_sim::faults::Fault;
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

/// A daemon with cycles of an hour, in the midst of its first one: both listings of AllDebrid arrive late.
fn in_a_cycle() -> (World, Daemon) {
    let world = World::new();
    world.configure(|config| config["cycle"] = json!("1h"));
    world.add_dead("one", 2);
    let late = Fault::Late(Duration::from_secs(2));
    world.debrid.faults.next(2, "magnet/status", late);
    let daemon = world.product.daemon();
    until("both accounts are being listed", || {
        (world.debrid.log.count("magnet/status") == 2).then_some(())
    });
    (world, daemon)
}

#[test]
fn bad_configuration_does_not_cut_the_cycle_under_way() {
    let (world, daemon) = in_a_cycle();
    fs::write(world.product.configuration(), "{").expect("a configuration");
    daemon.signal(Signal::HUP);
    daemon.wait_for_log("the new configuration is refused");
    assert!(!daemon.log().contains("one: 1 item"), "{}", daemon.log());
    daemon.wait_for_log("one: 1 item, 1 remedy");
    assert_eq!(world.debrid.log.count("magnet/status"), 2);
    daemon.stop();
}

#[test]
fn cycle_asked_for_during_a_cycle_follows_it() {
    let (world, daemon) = in_a_cycle();
    daemon.signal(Signal::USR1);
    daemon.signal(Signal::USR1);
    let listed = |times: usize| (world.debrid.log.count("magnet/status") >= times).then_some(());
    until("another cycle runs", || listed(4));
    assert_eq!(world.product.failures("one", "2", "failed"), 1);
    sleep(Duration::from_millis(500));
    assert_eq!(world.debrid.log.count("magnet/status"), 4, "and no third");
    daemon.stop();
}

#[test]
fn cycle_asked_for_right_after_a_reload_runs_with_the_new_configuration() {
    let world = World::new();
    world.configure(|config| config["cycle"] = json!("1h"));
    let daemon = world.product.daemon();
    for account in ["one", "two"] {
        daemon.wait_for_log(&format!("{account}: 0 items"));
    }
    daemon.signal(Signal::HUP);
    daemon.signal(Signal::USR1);
    daemon.wait_for_log("configuration read again");
    until("another cycle runs", || {
        (world.debrid.log.count("magnet/status") == 4).then_some(())
    });
    daemon.stop();
}

#[test]
fn login_that_was_mended_at_the_service_is_tried_when_a_cycle_is_asked_for() {
    let world = World::new();
    world.configure(|config| config["cycle"] = json!("1h"));
    let refusal = Forced::Code("AUTH_BAD_APIKEY".to_owned());
    world.debrid.with(|model| model.force("one", refusal));
    let daemon = world.product.daemon();
    daemon.wait_for_log("one: could not be read");
    let way_out = "the next try is in 1h. When it is mended: systemctl reload seedwarden";
    assert!(daemon.log().contains(way_out), "{}", daemon.log());
    daemon.stop();
    let daemon = world.product.daemon();
    daemon.wait_for_log("one: is left alone until ");
    daemon.wait_for_log("because its login was refused. When it is mended: ");
    world.debrid.with(|model| model.unforce("one"));
    daemon.signal(Signal::USR1);
    until("it is read again", || {
        let log = daemon.log();
        let (_, after) = log.split_once("is left alone until")?;
        after.contains("one: 0 items").then_some(())
    });
    daemon.stop();
}

#[test]
fn reloads_keep_the_pace_of_requests() {
    let world = World::new();
    world.add_dead("one", 2);
    let daemon = world.product.daemon();
    daemon.wait_for_log("one: 1 item");
    for _ in 0..10 {
        daemon.signal(Signal::HUP);
        daemon.signal(Signal::USR1);
        sleep(Duration::from_millis(150));
    }
    until("cycles run on", || {
        (world.debrid.log.count("magnet/status") > 12).then_some(())
    });
    let calls = world.debrid.log.all();
    let closest = calls.windows(2).map(|two| two[1].now - two[0].now).min();
    // Turns are 200 ms apart; on their way requests come somewhat closer.
    assert!(closest > Some(120), "{closest:?} ms\n{}", world.debrid.log);
    daemon.stop();
}

#[test]
fn reload_and_stop_end_the_sessions() {
    let world = World::new();
    world.configure(|config| config["cycle"] = json!("1h"));
    let daemon = world.product.daemon();
    daemon.wait_for_log("new: 0 items");
    daemon.wait_for_log("old: 0 items");
    for _ in 0..3 {
        daemon.signal(Signal::HUP);
        daemon.signal(Signal::USR1);
        sleep(Duration::from_millis(700));
    }
    // The kernel may have let the last one overtake the reload that was sent before.
    daemon.signal(Signal::USR1);
    for server in [&world.old, &world.new] {
        let sessions = || server.with(|server| server.session_count());
        within(Duration::from_secs(20), || (sessions() == 1).then_some(()));
        assert_eq!(sessions(), 1, "{}", server.log);
    }
    daemon.stop();
    for server in [&world.old, &world.new] {
        assert_eq!(server.with(|server| server.session_count()), 0);
    }
}
