//! Services that are down or hang, and a state folder that is in use.

use super::world::World;
use crate::real::{until, within};
use rustix::process::Signal;
use seedwarden_sim::faults::Fault;
use std::thread::sleep;
use std::time::{Duration, Instant};

#[test]
fn services_that_are_down_or_hang_delay_nobody_and_are_not_hammered() {
    let world = World::new();
    world.old.add_broken("Lost.Old");
    world.new.add_broken("Lost.New");
    world.add_dead("one", 2);
    world.old.door.refuse(true);
    world.new.faults.always("", Fault::Silence);
    let mut daemon = world.product.daemon();
    until("the other accounts go on", || {
        world.announced().contains("Dead.2").then_some(())
    });
    let listings = world.debrid.log.count("magnet/status");
    sleep(Duration::from_secs(8));
    let more = world.debrid.log.count("magnet/status") - listings;
    assert!(more >= 10, "two accounts read every second: {more} in 8 s");
    let log = daemon.log();
    assert_eq!(log.matches("old: could not be read").count(), 1, "{log}");
    assert!(log.lines().count() < 80, "{log}");
    assert!(world.new.log.count("") < 20, "{}", world.new.log);
    let status = world.json(&["status", "--json"]);
    assert_eq!(status["accounts"][0]["is_unreadable"], true, "{status}");
    assert_eq!(
        status["failing"].as_array().map(Vec::len),
        Some(0),
        "{status}"
    );

    let asked = Instant::now();
    daemon.signal(Signal::TERM);
    assert!(daemon.wait().success(), "{}", daemon.log());
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "{:?}",
        asked.elapsed()
    );
    assert_eq!(world.deleted().len(), 1);

    world.old.door.refuse(false);
    world.new.faults.clear();
    let daemon = world.product.daemon();
    until("both servers are kept again", || {
        let announced = world.announced();
        (announced.contains("Lost.Old") && announced.contains("Lost.New")).then_some(())
    });
    daemon.stop();
}

#[test]
fn service_that_goes_down_for_a_while_is_told_of_once_and_again_when_it_is_back() {
    let world = World::new();
    let daemon = world.product.daemon();
    daemon.wait_for_log("old: 0 items");
    world.old.door.refuse(true);
    daemon.wait_for_log("old: could not be read");
    sleep(Duration::from_secs(6));
    world.old.door.refuse(false);
    daemon.wait_for_log("old: can be read again");
    let log = daemon.log();
    assert_eq!(log.matches("old: could not be read").count(), 1, "{log}");
    daemon.stop();
}

#[test]
fn discord_that_is_down_holds_up_nothing_and_gets_everything_later() {
    let world = World::new();
    world.add_dead("one", 2);
    world.add_dead("one", 3);
    world.discord.door.refuse(true);
    let daemon = world.product.daemon();
    until("both are deleted", || {
        (world.deleted().len() == 2).then_some(())
    });
    sleep(Duration::from_secs(2));
    let status = world.json(&["status", "--json"]);
    assert_ne!(status["undelivered"], serde_json::json!([]), "{status}");
    daemon.stop();
    world.discord.door.refuse(false);
    let daemon = world.product.daemon();
    until("both are announced", || {
        let announced = world.announced();
        (announced.contains("Dead.2") && announced.contains("Dead.3")).then_some(())
    });
    daemon.stop();
}

#[test]
fn second_daemon_and_single_cycle_beside_a_daemon_say_who_holds_the_folder() {
    let world = World::new();
    let daemon = world.product.daemon();
    daemon.wait_for_log("old: 0 items");
    for arguments in [&["run"][..], &["run", "--once"]] {
        let refused = world.product.run(arguments);
        assert_eq!(refused.code, Some(1), "{refused:#?}");
        let holder = format!("process {}", daemon.id());
        assert!(refused.stderr.contains(&holder), "{holder}: {refused:#?}");
    }
    // Only reading and rehearsing go beside it.
    for arguments in [&["run", "--once", "--dry-run"][..], &["plan"], &["status"]] {
        let fine = world.product.run(arguments);
        assert_eq!(fine.code, Some(0), "{fine:#?}");
    }
    let mut daemon = daemon;
    assert!(daemon.is_running());
    daemon.signal(Signal::INT);
    let ended = within(Duration::from_secs(5), || {
        (!daemon.is_running()).then_some(())
    });
    assert!(ended.is_some(), "{}", daemon.log());
}
