//! Puts any [`Model`] behind a loopback socket (HTTP/1.1, real clock), on a thread of its own, so that it
//! serves blocking and asynchronous tests alike. It adds nothing to what the model answers.
//!
//! ```no_run
//! # use seedwarden_sim::{door::*, Model};
//! # fn open(model: impl Model) -> std::io::Result<()> {
//! let model = std::sync::Arc::new(std::sync::Mutex::new(model));
//! let door = Door::open(model, DoorOptions::default())?; // closes when dropped
//! println!("{}", door.url());
//! # Ok(()) }
//! ```

mod body;
mod connection;

use crate::{Model, NowMs};
use connection::{Shared, serve};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How a [`Door`] behaves towards its clients.
#[derive(Debug, Clone)]
pub struct DoorOptions {
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// Requests are answered strictly one after the other, whatever connection they come by. The turn of a
    /// request lasts until its answer begins, so late and silent answers hold up all others.
    pub one_at_a_time: bool,
    /// An idle connection is closed after this time; `None` keeps it open for ever.
    pub idle_close: Option<Duration>,
    /// A connection whose request body is larger than this many bytes is dropped.
    pub body_limit: usize,
}

impl Default for DoorOptions {
    fn default() -> Self {
        Self {
            port: 0,
            one_at_a_time: false,
            idle_close: None,
            body_limit: 64 << 20,
        }
    }
}

impl DoorOptions {
    /// As qBittorrent: one thread answers, idle connections are closed after 7 s, bodies up to 64 MiB.
    pub fn qbittorrent() -> Self {
        Self {
            one_at_a_time: true,
            idle_close: Some(Duration::from_secs(7)),
            ..Self::default()
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    Accept,
    Refuse,
    Stop,
}

/// A model behind a socket. Dropping it closes the socket and all connections at once.
#[derive(Debug)]
pub struct Door {
    /// Where it listens; the port stays the same while connections are refused.
    pub addr: SocketAddr,
    want: watch::Sender<Want>,
    is: watch::Receiver<Want>,
    shift: Arc<AtomicI64>,
    thread: Option<JoinHandle<()>>,
}

impl Door {
    /// Binds 127.0.0.1 and serves `model` until the door is dropped.
    ///
    /// # Errors
    /// When the port cannot be bound or no thread can be started.
    pub fn open<M: Model>(model: Arc<Mutex<M>>, options: DoorOptions) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listener = runtime.block_on(async { bind(options.port)?.listen(BACKLOG) })?;
        let addr = listener.local_addr()?;
        let (want, wanted) = watch::channel(Want::Accept);
        let (is_now, is) = watch::channel(Want::Accept);
        let shift = Arc::new(AtomicI64::new(0));
        let shared = Arc::new(Shared::new(model, options, shift.clone()));
        let thread = std::thread::Builder::new()
            .name(format!("door-{}", addr.port()))
            .spawn(
                // The runtime is dropped with the closure, and every connection with it.
                move || runtime.block_on(run(listener, shared, wanted, is_now)),
            )?;
        Ok(Self {
            addr,
            want,
            is,
            shift,
            thread: Some(thread),
        })
    }

    /// `http://127.0.0.1:port`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// With `true`: connections are refused from the return of this call on, and those that are open are
    /// cut. With `false` the same port accepts again. The model keeps its state.
    pub fn refuse(&self, refuse: bool) {
        let want = if refuse { Want::Refuse } else { Want::Accept };
        self.want.send_replace(want);
        while *self.is.borrow() != want && self.is.has_changed().is_ok() {
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// Lets the model's clock jump by this many milliseconds (the real time goes on from there).
    pub fn advance(&self, by_ms: i64) {
        self.shift.fetch_add(by_ms, Ordering::SeqCst);
    }

    /// The time that the model would see in a request sent now.
    pub fn now(&self) -> NowMs {
        wall_clock() + self.shift.load(Ordering::SeqCst)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.want.send_replace(Want::Stop);
        if let Some(thread) = self.thread.take() {
            // A panic of the model has been printed already; a second one here would abort the tests.
            let _ = thread.join();
        }
    }
}

/// Milliseconds since the Unix epoch by the machine's clock.
pub fn wall_clock() -> NowMs {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    NowMs::try_from(since.as_millis()).unwrap_or(NowMs::MAX)
}

const BACKLOG: u32 = 1024;

fn bind(port: u16) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Not for a free port: the system would also give out one that a door of its own holds while it refuses connections.
    socket.set_reuseaddr(port != 0)?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    // Bound again later, beside what is left of its connections.
    socket.set_reuseaddr(true)?;
    Ok(socket)
}

async fn run<M: Model>(
    listener: TcpListener,
    shared: Arc<Shared<M>>,
    mut wanted: watch::Receiver<Want>,
    is_now: watch::Sender<Want>,
) {
    let Ok(addr) = listener.local_addr() else {
        return;
    };
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        let want = *wanted.borrow_and_update();
        match want {
            Want::Stop => return,
            Want::Refuse => {
                drop(listener.take());
                connections.shutdown().await;
                // Bound but not listening: the port is kept, and connecting to it is refused.
                let Ok(held) = bind(addr.port()) else { return };
                is_now.send_replace(want);
                if wanted.wait_for(|want| *want != Want::Refuse).await.is_err() {
                    return;
                }
                listener = held.listen(BACKLOG).ok();
                continue;
            }
            Want::Accept => {
                is_now.send_replace(want);
            }
        }
        let Some(open) = &listener else { return };
        tokio::select! {
            biased;
            changed = wanted.changed() => if changed.is_err() { return },
            accepted = open.accept() => if let Ok((stream, peer)) = accepted {
                let _ = stream.set_nodelay(true);
                connections.spawn(serve(stream, peer, shared.clone()));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

#[cfg(test)]
mod tests;
