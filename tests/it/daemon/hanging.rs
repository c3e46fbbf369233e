//! A file system that does not answer: a FUSE mount whose program stands still.

use super::world::World;
use crate::real::until;
use rustix::process::{Pid, Signal, kill_process};
use seedwarden_sim::qbittorrent::TorrentSpec;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A mount of a folder, or `None`, after saying why, where there can be none.
struct Mount(Child);

impl Mount {
    fn of(folder: &Path, at: &Path) -> Option<Mount> {
        let began = Command::new("bindfs")
            .arg("-f")
            .args([folder, at])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut mount = match began {
            Ok(child) => Mount(child),
            Err(error) => {
                println!("skipped: no bindfs (package bindfs): {error}");
                return None;
            }
        };
        let is_there = until("the mount is there, or cannot be", || {
            let ended = mount.0.try_wait().expect("a child of ours");
            (ended.is_some() || at.join("Film.Old").exists()).then_some(ended.is_none())
        });
        if !is_there {
            println!("skipped: no FUSE");
        }
        is_there.then_some(mount)
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("a process"), signal).expect("a signal");
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // What hangs on it ends with an error, and the kernel lets go of it.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Unmounts what a program that was killed left.
struct Unmount<'a>(&'a Path);

impl Drop for Unmount<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

/// Threads of a process that wait for an answer of a FUSE file system.
fn hanging_threads(process: u32) -> usize {
    let threads = fs::read_dir(format!("/proc/{process}/task")).expect("threads");
    let waits = |thread: &fs::DirEntry| {
        let wchan = fs::read_to_string(thread.path().join("wchan"));
        wchan.is_ok_and(|place| place.contains("request_wait_answer"))
    };
    threads.flatten().filter(waits).count()
}

#[test]
fn hanging_disk_of_two_accounts_stops_no_other_account_over_many_reloads() {
    let world = World::new();
    let top = tempfile::tempdir().expect("a folder");
    let (real, seen) = (top.path().join("real"), top.path().join("seen"));
    for folder in [&real, &seen] {
        fs::create_dir(folder).expect("a folder");
    }
    for name in ["Film.Old", "Film.New"] {
        fs::write(real.join(name), "film").expect("a file");
    }
    let _unmount = Unmount(&seen);
    let Some(mount) = Mount::of(&real, &seen) else {
        return;
    };
    world
        .old
        .add(TorrentSpec::new("Film.Old").bare_file("Film.Old", 4));
    world
        .new
        .add(TorrentSpec::new("Film.New").bare_file("Film.New", 4));
    world.configure(|config| {
        for account in 0..2 {
            let account = &mut config["accounts"][account];
            account["hardlinks"] = json!({ "min_seeding_time": "0s" });
            account["path_map"] = json!([{ "from": "/", "to": seen }]);
        }
    });
    mount.signal(Signal::STOP);
    let daemon = world.product.daemon();
    let listings = || world.debrid.log.count("magnet/status");
    for reload in 1..=6 {
        let before = listings();
        until("AllDebrid is read", || {
            (listings() >= before + 4).then_some(())
        });
        assert!(hanging_threads(daemon.id()) <= 2);
        daemon.signal(Signal::HUP);
        until("the configuration is read again", || {
            let read = daemon.log().matches("configuration read again").count();
            (read == reload).then_some(())
        });
    }
    let state = world.product.state();
    assert!(
        state["accounts"]["one"]["last_cycle_at"].is_string(),
        "{state:#}"
    );
    assert!((1..=2).contains(&hanging_threads(daemon.id())));
    assert_eq!(world.deleted().len(), 0, "nothing is known of links");
    mount.signal(Signal::CONT);
    until("nothing hangs any more", || {
        (hanging_threads(daemon.id()) == 0).then_some(())
    });
    daemon.stop();
}
