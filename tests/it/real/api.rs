//! The Web API as the tests use it: plain sockets, one connection per request, panics instead of errors.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::torrent::Torrent;
use super::within;

/// The only user of the servers that the tests start.
pub const USER: &str = "admin";
/// That user's password.
pub const PASSWORD: &str = "loopback-only";

/// One server's Web API, with a session that is opened when it is first needed.
pub struct Api {
    port: u16,
    cookie: RefCell<Option<String>>,
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The header lines, names as they were sent.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("no JSON ({e}): {}", self.text()))
    }
}

impl Api {
    /// The API of the server on this loopback port.
    pub fn new(port: u16) -> Self {
        Self {
            port,
            cookie: RefCell::new(None),
        }
    }

    /// Opens a session, and says whether the server let us in. `None`: nobody answers.
    pub fn login(&self) -> Option<bool> {
        self.cookie.take();
        let body = format!("username={USER}&password={PASSWORD}");
        let reply = self.exchange("POST", "auth/login", FORM, body.as_bytes())?;
        let cookie = reply
            .head
            .lines()
            .find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie
            .and_then(|cookie| cookie.split(';').next())
            .map(str::to_owned);
        let ok = reply.status == 204 || reply.text() == "Ok.";
        *self.cookie.borrow_mut() = cookie;
        Some(ok)
    }

    /// The session, as the server named it.
    pub fn session(&self) -> Option<String> {
        self.cookie.borrow().clone()
    }

    /// GET of a path below `/api/v2/`.
    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, "", b"")
    }

    /// POST of a form.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect::<Vec<_>>();
        self.send("POST", path, FORM, body.join("&").as_bytes())
    }

    /// The version of the Web API, as three numbers.
    pub fn version(&self) -> Vec<u32> {
        self.get("app/webapiVersion")
            .text()
            .split('.')
            .map(|part| part.parse().expect("a version"))
            .collect()
    }

    /// Adds a torrent with these fields beside the file; servers list it somewhat later. Each version ignores
    /// the other eras' spellings, so `stopped` and `skip_checking` are sent in all of them.
    pub fn add(&self, torrent: &Torrent, save_path: &Path, fields: &[(&str, &str)]) {
        let mut all = vec![
            ("savepath", save_path.to_str().expect("a path in UTF-8")),
            ("contentLayout", "Original"),
        ];
        for (name, value) in fields {
            all.push((name, value));
            match *name {
                "stopped" => all.push(("paused", value)),
                "skip_checking" => all.push(("seedMode", value)),
                _ => {}
            }
        }
        let boundary = "----------seedwarden-tests";
        let mut body = Vec::new();
        let mut part = |disposition: &str, content: &[u8]| {
            let head =
                format!("--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n");
            body.extend([head.as_bytes(), content, b"\r\n"].concat());
        };
        for (name, value) in all {
            part(&format!("name=\"{name}\""), value.as_bytes());
        }
        part(
            "name=\"torrents\"; filename=\"a.torrent\"\r\nContent-Type: application/x-bittorrent",
            &torrent.bytes,
        );
        body.extend(format!("--{boundary}--\r\n").into_bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        let reply = self.send("POST", "torrents/add", &kind, &body);
        assert!(
            matches!(reply.status, 200 | 202) && reply.text() != "Fails.",
            "{} is not added: {reply:?}",
            torrent.name
        );
    }

    /// The row of one torrent in the list, if it is there.
    pub fn info(&self, hash: &str) -> Option<Value> {
        match self.get(&format!("torrents/info?hashes={hash}")).json() {
            Value::Array(rows) => rows.into_iter().next(),
            other => panic!("the list of torrents is {other}"),
        }
    }

    /// The state of one torrent, with the names of 5.0 and later (`stopped…` for `paused…`); "gone" if there is none.
    pub fn state(&self, hash: &str) -> String {
        let state = self.info(hash).map_or_else(
            || "gone".to_owned(),
            |row| row["state"].as_str().unwrap_or("?").to_owned(),
        );
        state.replace("paused", "stopped")
    }

    /// State and progress in one text, such as `stalledDL/0` or `stalledUP/1`.
    pub fn standing(&self, hash: &str) -> String {
        let progress = self
            .info(hash)
            .and_then(|row| row["progress"].as_f64())
            .unwrap_or(0.0);
        format!(
            "{}/{}",
            self.state(hash),
            (progress * 100.0).floor() / 100.0
        )
    }

    /// Waits until the torrent stands as told, see [`Api::standing`].
    pub fn wait_for(&self, torrent: &Torrent, standing: &str) {
        let mut last = String::new();
        let found = within(super::PATIENCE, || {
            last = self.standing(&torrent.hash);
            (last == standing).then_some(())
        });
        assert!(
            found.is_some(),
            "{} was expected to become {standing}, and is {last}",
            torrent.name
        );
    }

    /// Its real trackers, without the three pseudo rows.
    pub fn trackers(&self, hash: &str) -> Vec<Value> {
        let Value::Array(rows) = self.get(&format!("torrents/trackers?hash={hash}")).json() else {
            return Vec::new();
        };
        rows.into_iter()
            .filter(|row| !row["url"].as_str().unwrap_or_default().starts_with("** ["))
            .collect()
    }

    /// Starts it (`resume` before 5.0).
    pub fn start(&self, torrent: &Torrent) {
        self.act(
            if self.version() < vec![2, 11, 0] {
                "resume"
            } else {
                "start"
            },
            torrent,
        );
    }

    /// Stops it (`pause` before 5.0).
    pub fn stop(&self, torrent: &Torrent) {
        self.act(
            if self.version() < vec![2, 11, 0] {
                "pause"
            } else {
                "stop"
            },
            torrent,
        );
    }

    /// Has its data checked.
    pub fn recheck(&self, torrent: &Torrent) {
        self.act("recheck", torrent);
    }

    /// Has it announced to its trackers at once.
    pub fn reannounce(&self, torrent: &Torrent) {
        self.act("reannounce", torrent);
    }

    /// Removes it, and its files as well if told so.
    pub fn delete(&self, torrent: &Torrent, files: bool) {
        let fields = [
            ("hashes", torrent.hash.as_str()),
            ("deleteFiles", if files { "true" } else { "false" }),
        ];
        let reply = self.post("torrents/delete", &fields);
        assert!(matches!(reply.status, 200 | 204), "delete: {reply:?}");
    }

    fn act(&self, action: &str, torrent: &Torrent) {
        let reply = self.post(&format!("torrents/{action}"), &[("hashes", &torrent.hash)]);
        assert!(matches!(reply.status, 200 | 204), "{action}: {reply:?}");
    }

    /// One request within a session, which is opened (again) if need be.
    fn send(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Reply {
        if self.cookie.borrow().is_none() {
            assert_eq!(self.login(), Some(true), "the server lets the test in");
        }
        let what = || format!("{method} {path} gets no answer from port {}", self.port);
        let reply = self
            .exchange(method, path, kind, body)
            .unwrap_or_else(|| panic!("{}", what()));
        if reply.status != 403 {
            return reply;
        }
        assert_eq!(
            self.login(),
            Some(true),
            "the server lets the test in again"
        );
        self.exchange(method, path, kind, body)
            .unwrap_or_else(|| panic!("{}", what()))
    }

    /// One request on a connection of its own. `None`: nobody listens, or the answer is not whole.
    fn exchange(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Option<Reply> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .ok()?;
        let cookie = self
            .cookie
            .borrow()
            .as_ref()
            .map_or(String::new(), |cookie| format!("Cookie: {cookie}\r\n"));
        let kind = if kind.is_empty() {
            String::new()
        } else {
            format!("Content-Type: {kind}\r\n")
        };
        let length = body.len();
        let head = format!(
            "{method} /api/v2/{path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{cookie}{kind}Content-Length: {length}\r\n\r\n",
            self.port
        );
        stream.write_all(&[head.as_bytes(), body].concat()).ok()?;
        read_reply(&mut stream)
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Reads one answer, whose length servers always name.
fn read_reply(stream: &mut TcpStream) -> Option<Reply> {
    let (mut all, mut buffer) = (Vec::new(), [0; 16 * 1024]);
    loop {
        if let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&all[..end]).into_owned();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
            if all.len() >= end + 4 + length {
                let status = head.split_ascii_whitespace().nth(1)?.parse().ok()?;
                return Some(Reply {
                    status,
                    head,
                    body: all[end + 4..end + 4 + length].to_vec(),
                });
            }
        }
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        all.extend(&buffer[..read]);
    }
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
