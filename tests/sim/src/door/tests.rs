//! The door over a real loopback socket, spoken to byte by byte.

use super::*;
use crate::Answer;
use bytes::Bytes;
use http::{Request, Response};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

/// Answers by path, and keeps the paths in order.
#[derive(Default)]
struct Echo {
    seen: Vec<String>,
}

impl Model for Echo {
    fn answer(&mut self, request: &Request<Bytes>, _: NowMs) -> Answer {
        let path = request.uri().path().to_owned();
        self.seen.push(path.clone());
        let reply = Response::new(Bytes::from(format!("{} {}", path, request.body().len())));
        match path.as_str() {
            "/late" => Answer::Late(Duration::from_millis(150), reply),
            "/silence" => Answer::Silence,
            "/close" => Answer::Close,
            "/torn" => Answer::Torn(reply, 3),
            "/drip" => Answer::Drip(reply, 2, Duration::from_millis(10)),
            _ => Answer::Reply(reply),
        }
    }
}

fn open(options: DoorOptions) -> (Door, Arc<Mutex<Echo>>) {
    let model = Arc::new(Mutex::new(Echo::default()));
    (Door::open(model.clone(), options).unwrap(), model)
}

fn send(door: &Door, path: &str, extra: &str) -> TcpStream {
    let mut stream = TcpStream::connect(door.addr).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\n{extra}\r\n").unwrap();
    stream
}

/// Everything up to the server's close.
fn rest(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    let _ = stream.read_to_end(&mut all);
    String::from_utf8(all).unwrap()
}

const CLOSE: &str = "connection: close\r\n";

#[test]
fn answers_and_drips_whole_bodies() {
    let (door, _) = open(DoorOptions::default());
    assert!(rest(send(&door, "/a", CLOSE)).ends_with("\r\n\r\n/a 0"));
    let start = Instant::now();
    let dripped = rest(send(&door, "/drip", CLOSE));
    assert!(
        dripped.contains("content-length: 7\r\n") && dripped.ends_with("\r\n\r\n/drip 0"),
        "{dripped}"
    );
    assert!(start.elapsed() >= Duration::from_millis(30));
}

#[test]
fn closes_without_a_byte_and_tears_bodies() {
    let (door, _) = open(DoorOptions::default());
    assert_eq!(rest(send(&door, "/close", "")), "");
    let torn = rest(send(&door, "/torn", ""));
    assert!(
        torn.contains("content-length: 7\r\n") && torn.ends_with("\r\n\r\n/to"),
        "{torn}"
    );
}

#[test]
fn silent_answers_leave_the_connection_open() {
    let (door, _) = open(DoorOptions::default());
    let mut stream = send(&door, "/silence", "");
    stream
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    assert!(
        stream
            .read(&mut [0; 1])
            .is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    );
}

#[test]
fn one_at_a_time_holds_others_up() {
    let (door, model) = open(DoorOptions {
        one_at_a_time: true,
        ..DoorOptions::default()
    });
    let start = Instant::now();
    let late = send(&door, "/late", CLOSE);
    while model.lock().unwrap().seen.is_empty() {
        std::thread::yield_now();
    }
    assert!(rest(send(&door, "/b", CLOSE)).ends_with("/b 0"));
    assert!(start.elapsed() >= Duration::from_millis(150));
    assert!(rest(late).ends_with("/late 0"));
}

#[test]
fn late_answers_do_not_hold_others_up_otherwise() {
    let (door, _) = open(DoorOptions::default());
    let silent = send(&door, "/silence", "");
    assert!(rest(send(&door, "/b", CLOSE)).ends_with("/b 0"));
    drop(silent);
}

#[test]
fn idle_connections_are_closed_after_their_time() {
    let (door, _) = open(DoorOptions {
        idle_close: Some(Duration::from_millis(200)),
        ..DoorOptions::default()
    });
    let start = Instant::now();
    let mut stream = send(&door, "/late", "");
    write!(stream, "GET /again HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    assert!(rest(stream).ends_with("/again 0"));
    let took = start.elapsed();
    // The reader gives up after 5 s, so that an end before that is the server's.
    assert!(
        took >= Duration::from_millis(350) && took < Duration::from_secs(4),
        "{took:?}"
    );
}

#[test]
fn refuses_and_accepts_again_on_the_same_port() {
    let (door, _) = open(DoorOptions::default());
    let kept = send(&door, "/silence", "");
    door.refuse(true);
    assert_eq!(rest(kept), "");
    let refused = TcpStream::connect(door.addr)
        .map_err(|error| error.kind())
        .err();
    assert_eq!(refused, Some(io::ErrorKind::ConnectionRefused));
    door.refuse(false);
    assert!(rest(send(&door, "/a", CLOSE)).ends_with("/a 0"));
}

#[test]
fn too_large_bodies_drop_the_connection() {
    let (door, model) = open(DoorOptions {
        body_limit: 10,
        ..DoorOptions::default()
    });
    let mut stream = send(&door, "/a", "content-length: 11\r\n");
    stream.write_all(b"12345678901").unwrap();
    assert_eq!(rest(stream), "");
    assert!(model.lock().unwrap().seen.is_empty());
}

#[test]
fn dropping_the_door_closes_it() {
    let (door, _) = open(DoorOptions::default());
    let (addr, silent) = (door.addr, send(&door, "/silence", ""));
    drop(door);
    assert_eq!(rest(silent), "");
    assert!(TcpStream::connect(addr).is_err());
}
