//! Over real sockets.

use super::*;
use seedwarden_sim::door::{Door, DoorOptions};
use seedwarden_sim::form;
use seedwarden_sim::{Answer, Model, NowMs};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex};

/// Gives the answer that the path names, and keeps the requests.
#[derive(Default)]
struct Scripted {
    seen: Vec<http::Request<Bytes>>,
}

impl Model for Scripted {
    fn answer(&mut self, request: &http::Request<Bytes>, _now: NowMs) -> Answer {
        let mut seen = http::Request::new(request.body().clone());
        *seen.method_mut() = request.method().clone();
        *seen.uri_mut() = request.uri().clone();
        *seen.headers_mut() = request.headers().clone();
        self.seen.push(seen);
        let reply = http::Response::builder()
            .header("Set-Cookie", "SID=a/+b=; path=/")
            .header("set-cookie", "other=1")
            .body(Bytes::from(vec![b'x'; 100_000]))
            .unwrap();
        match request.uri().path() {
            "/close" => Answer::Close,
            "/silence" => Answer::Silence,
            "/torn" => Answer::Torn(reply, 70_000),
            "/drip" => Answer::Drip(reply, 1000, Duration::from_millis(50)),
            "/redirect" => {
                let reply = http::Response::builder()
                    .status(302)
                    .header("location", "/");
                Answer::Reply(reply.body(Bytes::new()).unwrap())
            }
            _ => Answer::Reply(reply),
        }
    }
}

struct World {
    door: Door,
    model: Arc<Mutex<Scripted>>,
    transport: HttpTransport,
    runtime: tokio::runtime::Runtime,
}

impl World {
    fn new(options: DoorOptions) -> Self {
        let model = Arc::new(Mutex::new(Scripted::default()));
        let door = Door::open(Arc::clone(&model), options).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        Self {
            door,
            model,
            transport: HttpTransport::new(),
            runtime,
        }
    }

    fn send(&self, path: &str) -> Result<(u16, usize), TransportError> {
        self.send_request(get(&format!("{}{path}", self.door.url())))
    }

    fn send_request(&self, request: Request) -> Result<(u16, usize), TransportError> {
        self.runtime.block_on(async {
            let answer = self.transport.send(request).await?;
            Ok((answer.status, answer.read_all(1 << 20).await?.len()))
        })
    }

    fn last(&self) -> http::Request<Bytes> {
        self.model.lock().unwrap().seen.pop().unwrap()
    }
}

fn get(url: &str) -> Request {
    Request {
        method: Method::Get,
        url: url.parse().unwrap(),
        headers: vec![("x-secret", "hunter2".to_owned())],
        body: RequestBody::Empty,
        timeout: Duration::from_millis(700),
        ca_file: None,
    }
}

fn post(world: &World, body: RequestBody) -> http::Request<Bytes> {
    let request = Request {
        method: Method::Post,
        body,
        ..get(&world.door.url())
    };
    assert_eq!(world.send_request(request), Ok((200, 100_000)));
    world.last()
}

#[test]
fn sends_bodies_with_their_length() {
    let world = World::new(DoorOptions::default());
    let header = |request: &http::Request<Bytes>, name: &str| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let fields = vec![
        ("a b".to_owned(), "ü&=+".to_owned()),
        ("c".to_owned(), String::new()),
    ];
    let form = post(&world, RequestBody::Form(fields));
    assert_eq!(form.body().as_ref(), b"a+b=%C3%BC%26%3D%2B&c=");
    assert_eq!(
        header(&form, "content-type").as_deref(),
        Some("application/x-www-form-urlencoded")
    );
    let json = post(&world, RequestBody::Json("{}".to_owned()));
    assert_eq!(
        header(&json, "content-type").as_deref(),
        Some("application/json")
    );
    let none = post(&world, RequestBody::Form(Vec::new()));
    let parts = vec![
        Part {
            name: "urls",
            file_name: None,
            content: Bytes::from_static(b"a\r\nb"),
        },
        Part {
            name: "torrents",
            file_name: Some("a.torrent".to_owned()),
            content: Bytes::from_static(b"d\0\xff"),
        },
    ];
    let multipart = post(&world, RequestBody::Multipart(parts));
    let found = form::body(&multipart).unwrap();
    assert_eq!(
        (found[0].name.as_str(), found[0].text().as_str()),
        ("urls", "a\r\nb")
    );
    assert_eq!(found[1].value.as_ref(), b"d\0\xff");
    assert_eq!(found[1].file.as_deref(), Some("a.torrent"));
    for request in [form, json, none, multipart] {
        assert_eq!(
            header(&request, "content-length"),
            Some(request.body().len().to_string())
        );
        assert_eq!(header(&request, "transfer-encoding"), None);
        assert_eq!(header(&request, "host"), Some(world.door.addr.to_string()));
        for name in ["origin", "referer", "cookie"] {
            assert_eq!(header(&request, name), None, "{name}");
        }
    }
}

#[test]
fn gives_every_cookie_and_keeps_none() {
    let world = World::new(DoorOptions::default());
    let answer = world
        .runtime
        .block_on(world.transport.send(get(&world.door.url())))
        .unwrap();
    let cookies: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie")
        .collect();
    assert_eq!(cookies[0].1, "SID=a/+b=; path=/");
    assert_eq!(cookies.len(), 2);
    world.send("/").unwrap();
    assert_eq!(world.last().headers().get("cookie"), None);
}

#[test]
fn follows_no_redirects() {
    let world = World::new(DoorOptions::default());
    assert_eq!(world.send("/redirect"), Ok((302, 0)));
    assert_eq!(world.model.lock().unwrap().seen.len(), 1);
}

#[test]
fn says_what_may_have_happened() {
    let world = World::new(DoorOptions::default());
    let lost = |result| matches!(result, Err(TransportError::Lost(_)));
    assert!(lost(world.send("/close")));
    assert!(lost(world.send("/torn")));
    let timeout = TransportError::Timeout(Duration::from_millis(700));
    assert_eq!(world.send("/silence"), Err(timeout.clone()));
    // The time is for the whole answer, not for each piece.
    assert_eq!(world.send("/drip"), Err(timeout));
    world.door.refuse(true);
    let refused = world.send("/").unwrap_err();
    assert!(
        matches!(&refused, TransportError::NotSent(why) if why.contains("refused")),
        "{refused}"
    );
    world.door.refuse(false);
    assert_eq!(world.send("/"), Ok((200, 100_000)));
    let nowhere = world.send_request(get("http://nowhere.invalid/"));
    assert!(
        matches!(nowhere, Err(TransportError::NotSent(_))),
        "{nowhere:?}"
    );
}

#[test]
fn a_request_that_cannot_be_built_is_not_sent_and_not_told() {
    let world = World::new(DoorOptions::default());
    let mut request = get(&world.door.url());
    request
        .headers
        .push(("authorization", "Bearer hunter2\n".to_owned()));
    let error = world.send_request(request).unwrap_err();
    assert!(matches!(error, TransportError::NotSent(_)), "{error}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[test]
fn errors_hold_no_address() {
    let world = World::new(DoorOptions::default());
    let port = world.door.addr.port();
    let secret = |path: &str| {
        get(&format!(
            "http://user:hunter2@127.0.0.1:{port}{path}?token=hunter2"
        ))
    };
    let paths = ["/close", "/torn", "/silence", "/refused"];
    for path in paths {
        world.door.refuse(path == "/refused");
        let error = world.send_request(secret(path)).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("127.0.0.1"),
            "{shown}"
        );
    }
}

#[test]
fn uses_no_connection_that_the_server_has_closed() {
    let world = World::new(DoorOptions::default());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (closed, is_closed) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        for _ in 0..5 {
            let (mut stream, _) = listener.accept().unwrap();
            answer_one(&mut stream);
            drop(stream);
            closed.send(()).unwrap();
        }
    });
    for _ in 0..5 {
        assert_eq!(world.send_request(get(&url)), Ok((200, 2)));
        is_closed.recv().unwrap();
    }
    thread.join().unwrap();
}

fn answer_one(stream: &mut (impl Read + Write)) {
    let mut buffer = [0; 4096];
    assert!(stream.read(&mut buffer).unwrap() > 0);
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    stream.write_all(answer).unwrap();
}

/// A server that answers the first request of a connection and closes it when it sees the next one.
fn closes_after_one_answer() -> (u16, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        answer_one(&mut stream);
        assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
    });
    (port, thread)
}

#[test]
fn a_connection_closed_under_a_request_is_lost_and_not_repeated() {
    let world = World::new(DoorOptions::default());
    let (port, thread) = closes_after_one_answer();
    let url = format!("http://127.0.0.1:{port}/");
    assert_eq!(world.send_request(get(&url)), Ok((200, 2)));
    let second = world.send_request(get(&url));
    assert!(matches!(second, Err(TransportError::Lost(_))), "{second:?}");
    thread.join().unwrap();
}

#[test]
fn names_a_certificate_file_that_is_of_no_use() {
    let world = World::new(DoorOptions::default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let ask = || {
        let mut request = get("https://127.0.0.1:1/");
        request.ca_file = Some(file.clone());
        world.send_request(request).unwrap_err().to_string()
    };
    assert!(
        ask().contains("ca.pem") && ask().contains("No such file"),
        "{}",
        ask()
    );
    std::fs::write(&file, "no certificate").unwrap();
    assert!(
        ask().contains("ca.pem") && ask().contains("PEM"),
        "{}",
        ask()
    );
    // Where there is no TLS, there is no use for certificates.
    let mut request = get(&world.door.url());
    request.ca_file = Some(file.clone());
    assert_eq!(world.send_request(request), Ok((200, 100_000)));
}

/// A file of the certificates for tests: made for nothing else, valid for a hundred years.
fn certificate(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/support/tls")
        .join(name)
}

/// Answers one request over TLS with this certificate, if the client wants that.
fn serve_tls(name: &str) -> (String, std::thread::JoinHandle<()>) {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    HttpTransport::new();
    let chain = CertificateDer::pem_file_iter(certificate(&format!("{name}.pem"))).unwrap();
    let chain = chain.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(certificate(&format!("{name}.key"))).unwrap();
    let config = rustls::ServerConfig::builder().with_no_client_auth();
    let config = Arc::new(config.with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut tls = rustls::ServerConnection::new(config).unwrap();
        if tls.complete_io(&mut stream).is_ok() {
            answer_one(&mut rustls::Stream::new(&mut tls, &mut stream));
        }
    });
    (url, thread)
}

#[test]
fn trusts_certificates_that_its_owner_names() {
    let world = World::new(DoorOptions::default());
    // What the server shows, what the configuration names, and whether that will do.
    let cases = [
        ("self-signed", Some("self-signed.pem"), true),
        ("issued", Some("ca.pem"), true),
        ("issued", Some("issued.pem"), true),
        ("self-signed", Some("ca.pem"), false),
        ("issued", Some("self-signed.pem"), false),
        ("self-signed", None, false),
        ("issued", None, false),
    ];
    for (shown, named, is_good) in cases {
        let (url, thread) = serve_tls(shown);
        let mut request = get(&url);
        request.timeout = Duration::from_secs(10);
        request.ca_file = named.map(certificate);
        let answer = world.send_request(request);
        match is_good {
            true => assert_eq!(answer, Ok((200, 2)), "{shown} {named:?}"),
            false => {
                let is_told = matches!(&answer, Err(TransportError::NotSent(why)) if why.contains("certificate"));
                assert!(is_told, "{shown} {named:?}: {answer:?}");
            }
        }
        thread.join().unwrap();
    }
}
