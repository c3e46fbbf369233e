//! Sessions that commands open at a server.

use super::world::World;
use rustix::process::{Pid, Signal, kill_process};
use seedwarden_sim::faults::Fault;
use seedwarden_sim::qbittorrent::{Era, TorrentSpec, Trouble};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::Duration;

#[test]
fn no_command_leaves_a_session_behind() {
    for era in [Era::V4_5_2, Era::V5_3] {
        let world = World::of(era);
        let spec = TorrentSpec::new("Film").trouble(Trouble::MissingFiles);
        let hash = world.add(spec);
        let sessions = || world.server().session_count();
        for arguments in [
            &["plan"][..],
            &["explain", &hash],
            &["check"],
            &["run", "--once"],
            &["run", "--once", "--dry-run"],
            &["run", "--once"],
            &["restore", &hash],
        ] {
            let ended = world.product.run(arguments);
            assert_eq!(sessions(), 0, "{arguments:?}: {ended:#?}");
        }
        // A reading that fails in the middle.
        world
            .faults
            .always("sync/maindata", Fault::Status(500, String::new()));
        for arguments in [&["plan"][..], &["check"], &["run", "--once"]] {
            assert_eq!(world.product.run(arguments).code, Some(1));
            assert_eq!(sessions(), 0, "{arguments:?}");
        }
    }
}

#[test]
fn interrupted_command_ends_its_session() {
    let world = World::of(Era::V5_3);
    for arguments in [&["plan"][..], &["run", "--once"], &["check"]] {
        world.faults.clear();
        let late = Fault::Late(Duration::from_secs(1));
        world.faults.always("sync/maindata", late);
        let mut command = world.product.command(arguments);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        crate::real::until("it is logged in", || {
            (world.server().session_count() == 1).then_some(())
        });
        // The listing is on its way, too.
        std::thread::sleep(Duration::from_millis(200));
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("a process"), Signal::INT).expect("a signal");
        let status = child.wait().expect("it ends");
        assert_eq!(status.signal(), Some(2), "{arguments:?}: {status}");
        assert_eq!(world.server().session_count(), 0, "{arguments:?}");
    }
}
