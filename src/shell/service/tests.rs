//! Signals and the environment belong to the whole process, so each test runs a child: this test program, asked for one test.

use super::*;
use rustix::process::{Pid, Signal as Number, kill_process};
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};

fn child(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let name = format!("shell::service::tests::{test}");
    command.args([&name, "--exact", "--ignored", "--nocapture"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// Lines that the child says on purpose.
fn said(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The first one comes behind what the test program itself says of the test.
    lines.filter_map(|line| Some(line.ok()?.split_once("said: ")?.1.to_owned()))
}

fn send(child: &Child, signal: Number) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

#[test]
#[ignore = "the child of the tests of signals"]
fn listens() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let mut signals = Signals::listen().unwrap();
        println!("said: listening");
        loop {
            println!("said: {:?}", signals.next().await);
        }
    });
}

#[test]
fn tells_signals_apart_and_ends_at_the_second_stop() {
    for (first, second) in [(Number::TERM, Number::TERM), (Number::INT, Number::TERM)] {
        let mut child = child("listens").spawn().unwrap();
        let mut said = said(&mut child);
        assert_eq!(said.next().as_deref(), Some("listening"));
        for (signal, expected) in [
            (Number::HUP, "Reload"),
            (Number::USR1, "CycleNow"),
            (Number::HUP, "Reload"),
            (first, "Stop"),
        ] {
            send(&child, signal);
            assert_eq!(said.next().as_deref(), Some(expected));
        }
        send(&child, second);
        assert_eq!(said.next(), None);
        assert_eq!(child.wait().unwrap().code(), Some(EXIT_AT_ONCE));
    }
}

#[test]
#[ignore = "the child of the test of signals that wait"]
fn listens_later() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let mut signals = Signals::listen().unwrap();
        println!("said: listening");
        let go_on = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new()));
        tokio::select! {
            () = signals.stop() => println!("said: stopped"),
            _ = go_on => {}
        }
        for _ in 0..2 {
            println!("said: {:?}", signals.next().await);
        }
        signals.stop().await;
        println!("said: {:?}", signals.next().await);
    });
}

#[test]
fn signals_that_wait_are_not_lost_and_a_reload_comes_before_a_cycle() {
    let mut child = child("listens_later")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = said(&mut child);
    assert_eq!(said.next().as_deref(), Some("listening"));
    for signal in [Number::USR1, Number::HUP, Number::USR1] {
        send(&child, signal);
    }
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"\n").unwrap();
    for expected in ["Reload", "CycleNow"] {
        assert_eq!(said.next().as_deref(), Some(expected));
    }
    send(&child, Number::TERM);
    assert_eq!(said.next().as_deref(), Some("Stop"));
    assert!(child.wait().unwrap().success());
}

#[test]
#[ignore = "the child of the test of notifications"]
fn notifies() {
    ready();
    status("seedbox: 3 failures,\nnext cycle at 10:00");
    reloading();
    ping();
    stopping();
    println!("said: {:?}", ping_every());
}

#[test]
fn speaks_with_the_service_manager() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    let mut child = child("notifies")
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "30000000")
        .spawn()
        .unwrap();
    let heard = || {
        let mut buffer = [0; 1000];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    };
    assert_eq!(heard(), "READY=1\n");
    assert_eq!(heard(), "STATUS=seedbox: 3 failures, next cycle at 10:00\n");
    let reload = heard();
    let time = reload.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap();
    assert!(time.trim().parse::<u64>().unwrap() > 0);
    assert_eq!(heard(), "WATCHDOG=1\n");
    assert_eq!(heard(), "STOPPING=1\n");
    assert_eq!(said(&mut child).collect::<Vec<_>>(), ["Some(15s)"]);
    assert!(child.wait().unwrap().success());
}

#[test]
fn needs_no_service_manager() {
    let mut child = child("notifies")
        .env_remove("NOTIFY_SOCKET")
        .env_remove("WATCHDOG_USEC")
        .spawn()
        .unwrap();
    assert_eq!(said(&mut child).collect::<Vec<_>>(), ["None"]);
    assert!(child.wait().unwrap().success());
    // Nor one that listens.
    let mut child = self::child("notifies");
    let child = child
        .env("NOTIFY_SOCKET", "/none/notify")
        .stdout(Stdio::null());
    assert!(child.status().unwrap().success());
}
