//! Ailments of magnets and of whole torrents: what counts, and which remedies and last resorts follow.

use super::ERRORED;
use super::world::*;
use crate::core::facts::Mount;
use crate::core::ledger::{TreatmentBegun, Was};
use crate::core::model::State;
use jiff::SignedDuration;

#[test]
fn failed_magnet_is_restarted_four_times_and_then_deleted() {
    let mut world = World::of_magnets("");
    world.magnet("1", 15, "File not available - no peer");
    for _ in 0..4 {
        let plan = world.cycle();
        assert_eq!(
            (deleted(&plan), remedies(&plan)),
            (vec![], vec![("1", "restart")])
        );
    }
    let plan = world.cycle();
    assert_eq!((deleted(&plan), remedies(&plan)), (vec!["1"], vec![]));
    let reason = &plan.deletions[0].reason;
    assert_eq!(reason, "seen 5 times: File not available - no peer");
    assert_eq!(plan.deletions[0].failures, Some((5, 5)));
}

#[test]
fn unknown_status_neither_counts_nor_deletes() {
    let mut world = World::of_magnets(r#", "failed": { "max_failures": 1 }"#);
    world.magnet("1", 77, "Something new");
    let plan = world.cycles(5);
    assert!(plan.is_idle());
    assert!(
        why_kept(&plan, "1").contains("none that is known"),
        "{plan}"
    );
}

#[test]
fn ailment_that_is_switched_off_does_nothing() {
    let mut world = World::of_magnets(r#", "failed": false"#);
    world.magnet("1", 9, "Internal error");
    assert!(world.cycles(9).is_idle());
    let mut world = World::of_torrents(r#""cycle": "30m""#);
    world.torrent("a", |t| t.state = State::new("missingFiles"));
    assert!(world.cycles(9).is_idle());
}

#[test]
fn errored_torrent_is_rechecked_and_then_deleted_without_its_files() {
    let mut world = World::of_torrents(ERRORED);
    world
        .torrent("a", |t| t.state = State::new("missingFiles"))
        .torrent("b", |_| {});
    assert_eq!(remedies(&world.cycle()), [("a", "recheck")]);
    assert_eq!(remedies(&world.cycle()), [("a", "recheck")]);
    let plan = world.cycle();
    assert_eq!(deleted(&plan), ["a"]);
    assert!(!plan.deletions[0].delete_files);
}

#[test]
fn missing_files_on_an_absent_mount_are_unknown() {
    let mut world = World::of_torrents(ERRORED);
    world.torrent("a", |t| t.state = State::new("missingFiles"));
    world.facts.mounts.insert(
        "/downloads".into(),
        Mount::Absent("nothing to be seen at /srv/downloads".into()),
    );
    let plan = world.cycles(9);
    assert!(plan.is_idle());
    assert!(why_kept(&plan, "a").contains("/srv/downloads"), "{plan}");
}

#[test]
fn what_was_found_incomplete_says_nothing_once_its_disk_is_gone() {
    let mut world = World::of_torrents(ERRORED);
    world.torrent("a", |t| t.state = State::new("stoppedDL"));
    world.change("a", |t| t.progress = Some(0.0));
    let begun = TreatmentBegun {
        at: world.now - SignedDuration::from_hours(1),
        account: world.policy.accounts[0].name.clone(),
        item: "a".into(),
        was: Was {
            state: "missingFiles".to_owned(),
            running: true,
            complete: true,
            had_bytes: 1000,
        },
    };
    let key = (begun.account.clone(), begun.item.clone());
    world.book.treatments.insert(key, (begun, true));
    let gone = "nothing to be seen at /srv/downloads";
    let absent = Mount::Absent(gone.to_owned());
    world.facts.mounts.insert("/downloads".into(), absent);
    let plan = world.cycles(9);
    assert_eq!((deleted(&plan), remedies(&plan)), (vec![], vec![]));
    assert!(why_kept(&plan, "a").contains(gone), "{plan}");
    let mounts = &mut world.facts.mounts;
    mounts.insert("/downloads".into(), Mount::Present);
    assert_eq!(deleted(&world.cycles(3)), ["a"]);
}

#[test]
fn asks_for_the_mount_before_it_counts() {
    let mut world = World::of_torrents(ERRORED);
    world.torrent("a", |t| t.state = State::new("missingFiles"));
    world.facts.mounts.clear();
    let decision = world.decide();
    assert_eq!(
        decision
            .wanted
            .mounts
            .iter()
            .map(|m| &**m)
            .collect::<Vec<_>>(),
        ["/downloads"]
    );
    assert!(decision.plan.is_idle() && decision.state.items.is_empty());
}

#[test]
fn check_that_moves_or_waits_is_unknown_and_a_stuck_one_counts() {
    let mut world = World::of_torrents(ERRORED);
    let check = |progress: f64| {
        move |t: &mut crate::core::model::Torrent| {
            t.state = State::new("checkingUP");
            t.progress = Some(progress);
        }
    };
    world.torrent("a", check(0.0)).torrent("b", check(0.2));
    assert!(world.cycle().is_idle());
    world.change("b", check(0.4));
    assert!(world.cycle().is_idle(), "the queue moves");
    assert_eq!(
        remedies(&world.cycle()),
        [("a", "recheck"), ("b", "recheck")],
        "nothing moved"
    );
}

#[test]
fn last_resort_keep_warns_once_and_remedies_daily() {
    let mut world =
        World::of_torrents(r#""errored": { "max_failures": 2, "last_resort": "keep" }"#);
    world.torrent("a", |t| t.state = State::new("error"));
    let plans: Vec<_> = (0..60).map(|_| world.cycle()).collect();
    assert!(plans.iter().all(|plan| plan.deletions.is_empty()));
    assert_eq!(
        plans.iter().map(|plan| plan.warnings.len()).sum::<usize>(),
        1
    );
    let rechecks: Vec<usize> = (0..60).filter(|&n| !plans[n].remedies.is_empty()).collect();
    assert_eq!(
        rechecks,
        [0, 48],
        "at the first failure, and a day after the last remedy"
    );
}

#[test]
fn unselected_torrents_are_left_alone() {
    let mut world = World::of_torrents(
        r#""select": { "categories": ["movies"] }, "errored": { "max_failures": 1 }"#,
    );
    world.torrent("a", |t| t.state = State::new("error"));
    let plan = world.cycles(3);
    assert!(plan.is_idle());
    assert_eq!(why_kept(&plan, "a"), "not selected: category tv");
}

#[test]
fn absent_disk_is_named_once_with_the_torrents_that_wait_for_it() {
    let mut world = World::of_torrents(r#""errored": {}, "select": { "categories": ["tv"] }"#);
    world.torrents(3, |t| t.state = State::new("missingFiles"));
    world.torrent("well", |_| {}).torrent("not selected", |t| {
        t.state = State::new("missingFiles");
        t.category = "films".into();
    });
    let gone = "/srv is empty, as before its disk is mounted";
    let mounts = &mut world.facts.mounts;
    mounts.insert("/downloads".into(), Mount::Absent(gone.to_owned()));
    let plan = world.cycle();
    let disks: Vec<String> = plan.absent_disks.iter().map(ToString::to_string).collect();
    let expected = format!(
        "3 torrents in error are left alone, because the disk of /downloads is not there: {gone}"
    );
    assert_eq!(disks, [&*expected]);
    let warning = format!("warning: {expected}");
    assert_eq!(plan.to_string().matches(&warning).count(), 1, "{plan}");
    world
        .facts
        .mounts
        .insert("/downloads".into(), Mount::Present);
    assert!(world.cycle().absent_disks.is_empty());
}
