//! A client for the model's own tests: it keeps the cookie and moves the time on.

use super::*;
use crate::{Answer, Model, NowMs};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

/// Start of the tests' time.
pub(super) const START: NowMs = 1_790_000_000_000;

pub(super) struct Client {
    pub server: Server,
    pub now: NowMs,
    pub cookie: Option<String>,
}

impl Client {
    pub(super) fn new(era: Era) -> Self {
        Self {
            server: Server::new(era),
            now: START,
            cookie: None,
        }
    }

    pub(super) fn logged_in(era: Era) -> Self {
        let mut client = Self::new(era);
        let (status, _) = client.post("auth/login", "username=admin&password=adminadmin");
        assert!(status == 200 || status == 204);
        client
    }

    pub(super) fn wait(&mut self, ms: i64) {
        self.now += ms;
        self.server.step(self.now);
    }

    pub(super) fn send(&mut self, mut request: Request<Bytes>) -> Response<Bytes> {
        if let Some(cookie) = &self.cookie {
            request
                .headers_mut()
                .insert("cookie", cookie.parse().unwrap());
        }
        let Answer::Reply(reply) = self.server.answer(&request, self.now) else {
            panic!("the model always replies")
        };
        if let Some(cookie) = reply.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            self.cookie = Some(cookie.to_owned()).filter(|cookie| {
                cookie
                    .split_once('=')
                    .is_some_and(|(_, value)| !value.is_empty())
            });
        }
        reply
    }

    fn short(&mut self, request: Request<Bytes>) -> (u16, String) {
        let reply = self.send(request);
        (
            reply.status().as_u16(),
            String::from_utf8(reply.body().to_vec()).unwrap(),
        )
    }

    pub(super) fn get(&mut self, path: &str) -> (u16, String) {
        self.short(
            Request::get(format!("/api/v2/{path}"))
                .body(Bytes::new())
                .unwrap(),
        )
    }

    pub(super) fn post(&mut self, path: &str, form: &str) -> (u16, String) {
        let request = Request::post(format!("/api/v2/{path}"))
            .header("content-type", "application/x-www-form-urlencoded");
        self.short(request.body(form.to_owned().into()).unwrap())
    }

    pub(super) fn json(&mut self, path: &str) -> Value {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// A multipart `add` of one .torrent file and these fields.
    pub(super) fn add(&mut self, torrent: &[u8], fields: &[(&str, &str)]) -> (u16, String) {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!(
                "--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        let head = "--B\r\nContent-Disposition: form-data; name=\"torrents\"; filename=\"x.torrent\"\r\n\r\n";
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(torrent);
        body.extend_from_slice(b"\r\n--B--\r\n");
        let request = Request::post("/api/v2/torrents/add")
            .header("content-type", "multipart/form-data; boundary=B");
        self.short(request.body(body.into()).unwrap())
    }

    /// `stop` or `pause`, `start` or `resume`, as the version has it.
    pub(super) fn act(&mut self, action: &str, hash: &str) {
        let action = match (action, self.server.settings.era.has_new_names()) {
            ("stop", false) => "pause",
            ("start", false) => "resume",
            (action, _) => action,
        };
        assert_eq!(
            self.post(&format!("torrents/{action}"), &format!("hashes={hash}"))
                .0,
            200
        );
    }

    /// State and progress in one, such as `stalledDL/0`.
    pub(super) fn state(&self, hash: &str) -> String {
        let (state, progress) = (
            self.server.state(hash).unwrap(),
            self.server.progress(hash).unwrap(),
        );
        format!("{state}/{}", (progress * 100.0).round() / 100.0)
    }
}
