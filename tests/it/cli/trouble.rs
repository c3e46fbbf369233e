//! Services in trouble, and what is done to them meanwhile.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::product::Product;

/// A server that answers everything with this, and counts the connections.
fn server(answer: &'static str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("its address"));
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            counted.fetch_add(1, Ordering::SeqCst);
            if answer.is_empty() {
                // Held open: the request hangs.
                std::mem::forget(stream);
                continue;
            }
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (address, count)
}

const FAILS: &str = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nFails.";
const BROKEN: &str = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

fn product(address: &str, password: &str) -> Product {
    Product::configured(&configuration(address, password))
}

fn configuration(address: &str, password: &str) -> serde_json::Value {
    json!({
        "accounts": [ { "name": "box", "type": "qbittorrent", "url": address, "username": "u",
            "password": password, "cycle": "10m", "rule_cycle": "1s", "rules": ["r"] } ],
        "rules": [ { "name": "r", "conditions":
            [ { "key": "name", "compareType": "equals", "value": "x" } ] } ]
    })
}

fn rehearsing(product: &Product) -> Child {
    product
        .command(&["run", "--dry-run"])
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts")
}

#[test]
fn dry_run_does_not_hammer_a_server_in_trouble() {
    let (address, count) = server(BROKEN);
    let product = product(&address, "p");
    let mut child = rehearsing(&product);
    let until = Instant::now() + Duration::from_secs(30);
    while count.load(Ordering::SeqCst) == 0 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_secs(4));
    let requests = count.load(Ordering::SeqCst);
    child.kill().expect("it still runs");
    let _ = child.wait();
    assert!((1..=8).contains(&requests), "{requests} requests in 4 s");
}

#[test]
fn dry_run_stops_within_seconds_while_a_request_hangs() {
    let (address, count) = server("");
    let product = product(&address, "p");
    let mut child = rehearsing(&product);
    while count.load(Ordering::SeqCst) == 0 {
        std::thread::sleep(Duration::from_millis(50));
    }
    let asked = Instant::now();
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("an id")).expect("an id");
    kill_process(pid, Signal::TERM).expect("a signal");
    let status = child.wait().expect("a child of ours");
    assert!(status.success(), "{status}");
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "{:?}",
        asked.elapsed()
    );
}

#[test]
fn wrong_password_is_tried_once_and_a_corrected_one_at_once() {
    let (address, count) = server(FAILS);
    let product = product(&address, "wrong");
    for _ in 0..3 {
        assert_eq!(product.run(&["run", "--once"]).code, Some(1));
    }
    assert_eq!(count.load(Ordering::SeqCst), 1, "one login in all");
    product.configure(&configuration(&address, "corrected"));
    assert_eq!(product.run(&["run", "--once"]).code, Some(1));
    assert_eq!(
        count.load(Ordering::SeqCst),
        2,
        "and one with the new password"
    );
    // A password that was mended at the server is tried every half hour.
    for (age, logins) in [(29, 2), (31, 3)] {
        let file = product.state_dir().join("state.json");
        let mut state = product.state();
        let at = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(age);
        state["accounts"]["box"]["refused_login_at"] = json!(at.to_string());
        std::fs::write(file, state.to_string()).expect("a state");
        let outcome = product.run(&["run", "--once"]);
        assert_eq!(outcome.code, Some(1), "{outcome:#?}");
        let tried = count.load(Ordering::SeqCst);
        assert_eq!(tried, logins, "{age} minutes after the last: {outcome:#?}");
    }
}
