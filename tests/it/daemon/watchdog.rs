//! The watchdog of the service manager.

use super::world::World;
use rustix::process::Signal;
use serde_json::json;
use std::os::unix::net::UnixDatagram;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Within this time the service manager wants to hear of the daemon.
const LIMIT: Duration = Duration::from_secs(2);

#[test]
fn no_order_of_signals_delays_a_ping() {
    let world = World::new();
    world.configure(|config| config["cycle"] = json!("1h"));
    let path = world.product.configuration().with_file_name("notify");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket
        .set_nonblocking(true)
        .expect("a socket that can be polled");
    let limit = LIMIT.as_micros().to_string();
    let path = path.to_str().expect("a path in UTF-8");
    let daemon = world
        .product
        .daemon_with(&[("NOTIFY_SOCKET", path), ("WATCHDOG_USEC", &limit)]);
    daemon.wait_for_log("one: 0 items");
    let (began, mut last, mut longest) = (Instant::now(), Instant::now(), Duration::ZERO);
    for round in 0.. {
        let mut buffer = [0; 1000];
        while let Ok(length) = socket.recv(&mut buffer) {
            if buffer[..length].starts_with(b"WATCHDOG=1") {
                longest = longest.max(last.elapsed());
                last = Instant::now();
            }
        }
        if began.elapsed() > 3 * LIMIT {
            break;
        }
        if round % 4 == 0 {
            let signals = [Signal::USR1, Signal::HUP];
            daemon.signal(signals[round / 4 % 2]);
        }
        sleep(Duration::from_millis(100));
    }
    longest = longest.max(last.elapsed());
    assert!(longest < LIMIT, "{longest:?} without a ping");
    daemon.stop();
}
