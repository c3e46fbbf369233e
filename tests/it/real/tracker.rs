//! A tracker on loopback whose answer to each torrent is chosen by the test, and can be changed while it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use super::torrent::{Torrent, integer, string};
use super::until;

/// What a torrent's announces are answered with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// All is well; with the peers that announced the same torrent, so that servers find one another.
    Peers,
    /// The tracker refuses, with this text as its `failure reason` (any bytes).
    Failure(Vec<u8>),
    /// All is well, with this text as its `warning message`.
    Warning(String),
    /// An HTTP status without a body.
    Status(u16, &'static str),
    /// Status 200, with this as the body: a web page, nothing, garbage.
    Body(&'static str),
    /// The connection is closed without a word.
    Close,
    /// The connection stays open without a word.
    Silence,
}

impl Answer {
    /// A refusal with this text.
    pub fn failure(text: &str) -> Self {
        Self::Failure(text.as_bytes().to_vec())
    }
}

/// The tracker. It stops when dropped.
pub struct Tracker {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    /// What torrents without an answer of their own get; `None` is [`Answer::Peers`].
    default: Option<Answer>,
    answers: BTreeMap<[u8; 20], Answer>,
    /// Ports that announced each torrent.
    peers: BTreeMap<[u8; 20], BTreeSet<u16>>,
    announces: BTreeMap<[u8; 20], usize>,
    /// Connections that are kept open without a word.
    silent: Vec<TcpStream>,
    stopped: bool,
}

impl Tracker {
    /// Starts a tracker that answers everything with [`Answer::Peers`].
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let address = listener.local_addr().expect("the port that was bound");
        let shared = Arc::new(Mutex::new(Shared::default()));
        let seen = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if lock(&seen).stopped {
                    break;
                }
                let seen = Arc::clone(&seen);
                thread::spawn(move || serve(stream, &seen));
            }
        });
        Self { address, shared }
    }

    /// The announce address. Servers with libtorrent 2 refuse loopback trackers whose path does not begin with
    /// `/announce`.
    pub fn url(&self) -> String {
        format!("http://{}/announce", self.address)
    }

    /// The announce address with a passkey, as private trackers have it.
    pub fn url_with_passkey(&self, passkey: &str) -> String {
        format!("{}/{passkey}", self.url())
    }

    /// Sets the answer for one torrent.
    pub fn answer(&self, torrent: &Torrent, answer: Answer) {
        lock(&self.shared)
            .answers
            .insert(torrent.raw_hash(), answer);
    }

    /// Sets the answer for every torrent, also for those that had one of their own.
    pub fn answer_all(&self, answer: Answer) {
        let mut shared = lock(&self.shared);
        shared.answers.clear();
        shared.default = Some(answer);
    }

    /// Waits until so many servers have announced the torrent and not left it. One that announces later is told of them.
    pub fn wait_for_peers(&self, torrent: &Torrent, count: usize) {
        until(
            &format!("{count} servers announce {}", torrent.name),
            || {
                let shared = lock(&self.shared);
                let known = shared
                    .peers
                    .get(&torrent.raw_hash())
                    .map_or(0, BTreeSet::len);
                (known >= count).then_some(())
            },
        );
    }

    /// How often this torrent was announced.
    pub fn announces(&self, torrent: &Torrent) -> usize {
        lock(&self.shared)
            .announces
            .get(&torrent.raw_hash())
            .copied()
            .unwrap_or(0)
    }
}

impl Drop for Tracker {
    fn drop(&mut self) {
        {
            let mut shared = lock(&self.shared);
            shared.stopped = true;
            shared.silent.clear();
        }
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(self.address);
    }
}

/// An address that refuses connections: its port was free a moment ago.
pub fn refusing_url() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    format!(
        "http://{}/announce",
        listener.local_addr().expect("the port that was bound")
    )
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Answers one request and closes the connection.
fn serve(mut stream: TcpStream, shared: &Mutex<Shared>) {
    let Some(head) = read_head(&mut stream) else {
        return;
    };
    let target = head.split_ascii_whitespace().nth(1).unwrap_or_default();
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let value = |name: &str| {
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    };
    let hash = value("info_hash")
        .map(percent_decoded)
        .and_then(|bytes| <[u8; 20]>::try_from(bytes).ok());
    let (true, Some(hash)) = (target.starts_with("/announce"), hash) else {
        let _ = respond(&mut stream, 404, "Not Found", b"");
        return;
    };
    let (answer, peers) = {
        let mut shared = lock(shared);
        *shared.announces.entry(hash).or_default() += 1;
        let peers = shared.peers.entry(hash).or_default();
        let port = value("port").and_then(|port| port.parse().ok());
        match (port, value("event")) {
            (Some(port), Some("stopped")) => drop(peers.remove(&port)),
            (Some(port), _) => drop(peers.insert(port)),
            (None, _) => {}
        }
        let peers = peers.clone();
        let answer = shared
            .answers
            .get(&hash)
            .or(shared.default.as_ref())
            .cloned()
            .unwrap_or(Answer::Peers);
        (answer, peers)
    };
    let _ = match answer {
        Answer::Peers => respond(&mut stream, 200, "OK", &good(&peers, None)),
        Answer::Warning(text) => respond(&mut stream, 200, "OK", &good(&peers, Some(&text))),
        Answer::Failure(text) => respond(&mut stream, 200, "OK", &refusal(&text)),
        Answer::Status(code, reason) => respond(&mut stream, code, reason, b""),
        Answer::Body(body) => respond(&mut stream, 200, "OK", body.as_bytes()),
        Answer::Close => Ok(()),
        Answer::Silence => {
            lock(shared).silent.push(stream);
            Ok(())
        }
    };
}

/// Reads up to the empty line after the headers.
fn read_head(stream: &mut TcpStream) -> Option<String> {
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .ok()?;
    let (mut head, mut buffer) = (Vec::new(), [0; 4096]);
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        head.extend(&buffer[..read]);
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}

fn respond(stream: &mut TcpStream, code: u16, reason: &str, body: &[u8]) -> std::io::Result<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {code} {reason}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(body)
}

/// A good answer, with the peers in their compact form (four bytes of address, two of port).
fn good(peers: &BTreeSet<u16>, warning: Option<&str>) -> Vec<u8> {
    let mut body = vec![b'd'];
    string(&mut body, b"interval");
    integer(&mut body, 1800);
    string(&mut body, b"peers");
    let compact = peers
        .iter()
        .flat_map(|port| [&[127, 0, 0, 1][..], &port.to_be_bytes()].concat());
    string(&mut body, &compact.collect::<Vec<_>>());
    if let Some(warning) = warning {
        string(&mut body, b"warning message");
        string(&mut body, warning.as_bytes());
    }
    body.push(b'e');
    body
}

fn refusal(text: &[u8]) -> Vec<u8> {
    let mut body = vec![b'd'];
    string(&mut body, b"failure reason");
    string(&mut body, text);
    body.push(b'e');
    body
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, tail @ ..] = rest {
        let hex = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        match (first, tail.get(..2).and_then(hex)) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    bytes
}
