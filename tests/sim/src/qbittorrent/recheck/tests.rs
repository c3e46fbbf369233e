//! The table of what recheck and start did on real servers (4.2.5, 4.5.2, 5.1.0, 5.3.0), line by line.

use super::super::testing::{Client, START};
use super::super::*;
use super::*;

#[derive(Clone, Copy)]
enum Before {
    Seeding,
    Stopped,
    In(Trouble),
}

#[derive(Clone, Copy, PartialEq)]
enum Data {
    Gone,
    There,
    /// One file of two.
    Half,
}

use Before::{In, Seeding, Stopped};
use Data::{Gone, Half, There};
use Trouble::{DiskFull, DuringCheck, MissingFiles, PeerRead};

/// After these actions and a minute, what state do 4.2.5, 4.5.2, and 5.1 with 5.3 show?
fn check(from: Before, data: Data, actions: &str, expected: [&str; 3]) {
    let eras = [
        (Era::V4_2_5, 0),
        (Era::V4_5_2, 1),
        (Era::V5_1, 2),
        (Era::V5_3, 2),
    ];
    for (era, column) in eras {
        let mut client = Client::logged_in(era);
        let spec = TorrentSpec::new("A").file("a", 74_000).file("b", 26_000);
        let spec = match from {
            Seeding => spec,
            Stopped => spec.stopped(),
            In(trouble) => spec.trouble(trouble),
        };
        let hash = client.server.add(START, spec);
        client.server.return_data(&hash);
        match data {
            Gone => client.server.lose_data(&hash),
            There => {}
            Half => client.server.lose_file(&hash, "b"),
        }
        for action in actions.split(", ") {
            client.act(action, &hash);
            client.wait(5_000);
        }
        client.wait(60_000);
        assert_eq!(client.state(&hash), expected[column], "{era:?}, {actions}");
    }
}

#[test]
fn recheck_without_data_makes_an_unfinished_download() {
    check(Seeding, Gone, "recheck", ["stalledDL/0"; 3]);
    check(
        Stopped,
        Gone,
        "recheck",
        ["pausedDL/0", "pausedDL/0", "stoppedDL/0"],
    );
    check(
        In(MissingFiles),
        Gone,
        "recheck",
        ["missingFiles/0", "stalledDL/0", "stalledDL/0"],
    );
    check(In(PeerRead), Gone, "recheck", ["stalledDL/0"; 3]);
}

#[test]
fn missing_files_that_come_back() {
    check(
        In(MissingFiles),
        There,
        "recheck",
        ["pausedUP/1", "checkingUP/0", "stalledUP/1"],
    );
    check(
        In(MissingFiles),
        There,
        "recheck, start",
        ["stalledUP/1"; 3],
    );
    check(In(MissingFiles), There, "start", ["stalledUP/1"; 3]);
}

#[test]
fn missing_files_that_are_started_without_data() {
    check(
        In(MissingFiles),
        Gone,
        "start",
        ["stalledDL/0", "missingFiles/0", "missingFiles/0"],
    );
}

#[test]
fn several_missing_files_that_are_started_together_become_downloads() {
    let mut client = Client::logged_in(Era::V5_3);
    let specs = ["A", "B", "C"].map(|name| TorrentSpec::new(name).trouble(MissingFiles));
    let hashes = client.server.add_all(START, specs);
    client.act("start", &hashes.join("|"));
    let states = hashes.iter().map(|hash| client.state(hash));
    let states: Vec<_> = states.collect();
    assert_eq!(states, ["missingFiles/0", "stalledDL/0", "stalledDL/0"]);
}

#[test]
fn errors_after_a_peer_asked() {
    check(In(PeerRead), Gone, "start", ["stalledDL/0"; 3]);
    check(In(PeerRead), There, "start", ["stalledDL/0"; 3]);
    check(In(PeerRead), There, "recheck", ["stalledUP/1"; 3]);
}

#[test]
fn errors_during_a_check() {
    check(
        In(DuringCheck),
        There,
        "recheck",
        ["pausedUP/1", "checkingUP/0", "checkingUP/0"],
    );
    check(In(DuringCheck), There, "recheck, start", ["stalledUP/1"; 3]);
}

#[test]
fn stop_then_recheck_is_safe_everywhere() {
    for trouble in [MissingFiles, PeerRead, DuringCheck, DiskFull] {
        check(
            In(trouble),
            There,
            "stop, recheck",
            ["pausedUP/1", "pausedUP/1", "stoppedUP/1"],
        );
        let old = if trouble == MissingFiles {
            "missingFiles/0"
        } else {
            "pausedDL/0"
        };
        check(
            In(trouble),
            Gone,
            "stop, recheck",
            [old, "pausedDL/0", "stoppedDL/0"],
        );
    }
}

#[test]
fn one_file_of_two_gone() {
    check(Seeding, Half, "recheck", ["stalledDL/0.74"; 3]);
    check(
        In(MissingFiles),
        Half,
        "recheck",
        ["stalledDL/0.74", "checkingUP/0", "stalledDL/0.74"],
    );
}

#[test]
fn a_full_disk_that_has_space_again() {
    for era in [Era::V4_5_2, Era::V5_1, Era::V5_3] {
        let mut client = Client::logged_in(era);
        let spec = TorrentSpec::new("A")
            .progress(0.0)
            .trouble(DiskFull)
            .peers(true);
        let hash = client.server.add(START, spec);
        client.act("recheck", &hash);
        client.wait(5_000);
        assert_eq!(client.state(&hash), "error/0");
        client.act("start", &hash);
        assert_eq!(client.state(&hash), "downloading/0");
    }
}

#[test]
fn repaired_versions_do_not_hang_on_missing_files() {
    for era in [Era::V4_6, Era::V5_0, Era::V5_2] {
        let mut client = Client::logged_in(era);
        let hash = client
            .server
            .add(START, TorrentSpec::new("A").trouble(MissingFiles));
        client.server.return_data(&hash);
        client.act("recheck", &hash);
        client.wait(5_000);
        assert_eq!(client.state(&hash), "stalledUP/1");
    }
}

#[test]
fn the_old_state_shows_for_a_second_after_recheck() {
    let mut client = Client::logged_in(Era::V5_1);
    let hash = client.server.add(START, TorrentSpec::new("A"));
    client.act("recheck", &hash);
    client.wait(999);
    assert_eq!(client.state(&hash), "stalledUP/1");
    client.wait(1);
    assert_eq!(client.state(&hash), "checkingUP/0");
    client.wait(1_000);
    assert_eq!(client.state(&hash), "stalledUP/1");
}

#[test]
fn checks_run_one_at_a_time() {
    let mut client = Client::logged_in(Era::V5_1);
    let mut hashes = client
        .server
        .add_all(START, ["A", "B", "C"].map(TorrentSpec::new));
    hashes.sort();
    client.act("recheck", "all");
    let shown = |client: &Client| {
        hashes
            .iter()
            .map(|hash| client.state(hash))
            .collect::<Vec<_>>()
    };
    client.wait(1_500);
    assert_eq!(
        shown(&client),
        ["checkingUP/0.5", "checkingUP/0", "checkingUP/0"]
    );
    client.wait(1_000);
    assert_eq!(
        shown(&client),
        ["stalledUP/1", "checkingUP/0.5", "checkingUP/0"]
    );
    client.wait(2_000);
    assert_eq!(shown(&client), ["stalledUP/1"; 3]);
}

#[test]
fn downloading_again_is_on_record() {
    let mut client = Client::logged_in(Era::V5_1);
    let hash = client.server.add(START, TorrentSpec::new("A").size(100));
    client.server.lose_data(&hash);
    client.act("recheck", &hash);
    client.wait(3_000);
    let last = |client: &Client| {
        client
            .server
            .effects_on(&hash)
            .last()
            .map(|what| (*what).clone())
    };
    let (lost, by_restart) = (100, false);
    assert_eq!(
        last(&client),
        Some(What::RunsUnfinished { lost, by_restart })
    );
    client.server.set_peers(client.now, true);
    assert_eq!(
        last(&client),
        Some(What::DownloadedAgain { lost, by_restart })
    );
    client.wait(2_000);
    assert_eq!(client.state(&hash), "stalledUP/1");
}

#[test]
fn the_safe_order_never_runs_unfinished() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        let hash = client.server.add(
            START,
            TorrentSpec::new("A").trouble(MissingFiles).peers(true),
        );
        for action in ["stop", "recheck"] {
            client.act(action, &hash);
            client.wait(5_000);
        }
        let is_bad = |what: &&What| {
            matches!(
                what,
                What::RunsUnfinished { .. } | What::DownloadedAgain { .. }
            )
        };
        assert!(
            !client.server.effects_on(&hash).iter().any(is_bad),
            "{era:?}"
        );
    }
}

#[test]
fn restart_finds_missing_files_and_ends_sessions() {
    for era in Era::ALL {
        let mut client = Client::logged_in(era);
        let hashes = client
            .server
            .add_all(START, ["A", "B"].map(TorrentSpec::new));
        client.server.lose_data(&hashes[0]);
        assert_eq!(client.state(&hashes[0]), "stalledUP/1");
        client.server.restart(client.now);
        assert_eq!(client.state(&hashes[0]), "missingFiles/0");
        assert_eq!(client.state(&hashes[1]), "stalledUP/1");
        assert_eq!(client.get("app/version").0, 403);
    }
}

#[test]
fn missing_files_mostly_become_downloads_over_a_restart() {
    let mut client = Client::logged_in(Era::V4_5_2);
    let specs = (0..200).map(|n| TorrentSpec::new(&format!("T{n}")).trouble(MissingFiles));
    let hashes = client.server.add_all(START, specs);
    client.server.restart(client.now);
    let stayed = hashes
        .iter()
        .filter(|hash| client.state(hash) == "missingFiles/0")
        .count();
    assert!((15..=45).contains(&stayed), "{stayed} of 200");
    client.server.settings.keeps_missing_over_restart = true;
    client.server.restart(client.now);
    let kept = hashes
        .iter()
        .filter(|hash| client.state(hash) == "missingFiles/0")
        .count();
    assert_eq!(kept, stayed);
}

#[test]
fn a_torrent_deleted_during_its_check_lets_the_next_one_go() {
    let mut client = Client::logged_in(Era::V5_1);
    let hashes = client
        .server
        .add_all(START, ["A", "B"].map(TorrentSpec::new));
    client.act("recheck", &hashes.join("|"));
    client.wait(1_200);
    let checked = client.server.clockwork.checking.clone().unwrap();
    client.post(
        "torrents/delete",
        &format!("hashes={checked}&deleteFiles=false"),
    );
    client.wait(1_000);
    let other = hashes.iter().find(|hash| **hash != checked).unwrap();
    assert_eq!(client.state(other), "stalledUP/1");
}
