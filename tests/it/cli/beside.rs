//! Commands beside a running daemon.

use super::world::World;
use crate::real::until;
use rustix::process::Signal;
use seedwarden_sim::alldebrid::Magnet;
use serde_json::json;

#[test]
fn commands_are_safe_beside_a_daemon_which_takes_their_effect_over() {
    let mut world = World::new();
    world.configure(|config| config["cycle"] = json!("2s"));
    world.add_magnet(Magnet::new(12).named("Dead Magnet").code(7));
    let daemon = world.product.daemon();
    daemon.wait_for_log("restart Dead Magnet");
    let status = world.run(0, &["status"]).stdout;
    assert!(status.contains("Daemon: runs (process "), "{status}");
    let check = world.run(0, &["check"]).stdout;
    assert!(check.contains("a daemon works in it"), "{check}");
    let second = world.run(1, &["run", "--once"]);
    assert!(
        second.stderr.contains("another seedwarden works in"),
        "{second:?}"
    );

    world.run(0, &["reset", "12"]);
    assert_eq!(world.product.failures("debrid", "12", "failed"), 0);
    until("the daemon counts from zero and deletes", || {
        world.doors[1].advance(40 * 60 * 1000);
        world.debrid().ids("debrid").is_empty().then_some(())
    });
    daemon.wait_for_log("deleted Dead Magnet");
    daemon.wait_for_log("state.json was changed, by hand or by `seedwarden reset`");
    let restored = world.run(0, &["restore", "12"]).stdout;
    assert!(restored.contains("restored as magnet"), "{restored}");
    until("the new magnet fails, and is left alone", || {
        world.doors[1].advance(40 * 60 * 1000);
        let plan = world.run(0, &["plan", "--account", "debrid"]).stdout;
        plan.contains("restored, left alone for another")
            .then_some(())
    });
    assert_eq!(world.debrid().ids("debrid").len(), 1);
    daemon.stop();
}

#[test]
fn a_daemon_told_by_its_configuration_to_rehearse_changes_nothing_from_then_on() {
    let mut world = World::new();
    world.configure(|config| config["cycle"] = json!("1s"));
    let daemon = world.product.daemon();
    daemon.wait_for_log("debrid: 0 items");
    world.configure(|config| {
        config["cycle"] = json!("1s");
        config["dry_run"] = json!(true);
    });
    daemon.signal(Signal::HUP);
    daemon.wait_for_log("dry run: nothing will be changed");
    world.add_magnet(Magnet::new(12).named("Dead Magnet").code(7));
    daemon.wait_for_log("dry run, would delete Dead Magnet");
    assert!(world.debrid().effects().is_empty());
    daemon.stop();
}
