//! The worker as seen from the daemon: a child process with a pipe each way.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::frame::{HEAD, head, read_head};

/// Hidden subcommand that makes this program a worker.
pub const SUBCOMMAND: &str = "script-worker";

/// A running worker; killed when dropped.
pub(super) struct Process {
    child: Child,
    input: Sink,
    writer: JoinHandle<()>,
    output: BufReader<ChildStdout>,
}

/// Something for the worker's input.
pub(super) enum Input {
    /// Whole frames.
    Frames(Vec<u8>),
    /// Asks to be told when everything before is written.
    Written(oneshot::Sender<()>),
}

/// Takes frames for a worker without waiting, so that an answer can be passed on while it is decoded.
#[derive(Clone)]
pub(super) struct Sink {
    to: mpsc::UnboundedSender<Input>,
    /// Bytes that are not written yet.
    waiting: watch::Sender<usize>,
}

/// Bytes that the kernel takes before the worker has read them: the most that it grants to everybody.
const PIPE: usize = 1 << 20;

/// Whoever can wait does while more bytes than this are on their way.
const MOST_WAITING: usize = 2 << 20;

/// The worker reads without pause, so a write that does not get on for so long means that it is gone.
const LONGEST: Duration = Duration::from_secs(30);

impl Sink {
    /// Takes something; false if the worker is gone.
    pub(super) fn put(&self, input: Input) -> bool {
        if let Input::Frames(frames) = &input {
            self.waiting.send_modify(|waiting| *waiting += frames.len());
        }
        self.to.send(input).is_ok()
    }

    /// Waits until little is on its way, or the worker is gone.
    pub(super) async fn settle(&self) {
        let mut waiting = self.waiting.subscribe();
        let settled = waiting.wait_for(|waiting| *waiting <= MOST_WAITING);
        // A worker that hangs is noticed when the end of the feed is sent.
        let _ = timeout(LONGEST, settled).await;
    }
}

/// Writes to the worker until that fails, or nobody can send any more.
async fn write(
    mut to: ChildStdin,
    mut from: mpsc::UnboundedReceiver<Input>,
    waiting: watch::Sender<usize>,
) {
    while let Some(input) = from.recv().await {
        match input {
            Input::Frames(frames) => {
                if to.write_all(&frames).await.is_err() {
                    waiting.send_replace(0);
                    return;
                }
                waiting.send_modify(|waiting| *waiting = waiting.saturating_sub(frames.len()));
            }
            Input::Written(tell) => {
                if to.flush().await.is_err() {
                    return;
                }
                // Who asked may have given up waiting.
                let _ = tell.send(());
            }
        }
    }
}

impl Process {
    /// Starts `program` as a worker whose local time is that of `zone` (if it is empty, that of the system as we see
    /// it), with nothing else of our environment.
    pub(super) fn start(program: &Path, zone: &str) -> io::Result<Process> {
        let zone = match zone {
            "" => std::env::var_os("TZ"),
            zone => Some(zone.into()),
        };
        let mut child = Command::new(program)
            .arg(SUBCOMMAND)
            .env_clear()
            .envs(zone.map(|zone| ("TZ", zone)))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let lacking = || io::Error::other("the worker has no pipes");
        let input = child.stdin.take().ok_or_else(lacking)?;
        let output = child.stdout.take().ok_or_else(lacking)?;
        // Fewer changes between the two processes; where the system does not grant it, more of them do.
        let _ = rustix::pipe::fcntl_setpipe_size(&input, PIPE);
        let (to, queue) = mpsc::unbounded_channel();
        let waiting = watch::Sender::new(0);
        let writer = tokio::spawn(write(input, queue, waiting.clone()));
        Ok(Process {
            child,
            input: Sink { to, waiting },
            writer,
            output: BufReader::new(output),
        })
    }

    /// Where frames for this worker can be put.
    pub(super) fn sink(&self) -> Sink {
        self.input.clone()
    }

    /// Writes one frame.
    pub(super) async fn ask(
        &mut self,
        kind: u8,
        content: &impl serde::Serialize,
    ) -> io::Result<()> {
        let content = serde_json::to_vec(content)?;
        let mut frame = head(kind, content.len()).to_vec();
        frame.extend(content);
        self.send(frame).await
    }

    /// Writes whole frames, and waits until they and everything before are written.
    pub(super) async fn send(&mut self, frames: Vec<u8>) -> io::Result<()> {
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        let (tell, told) = oneshot::channel();
        if !self.input.put(Input::Frames(frames)) || !self.input.put(Input::Written(tell)) {
            return Err(gone());
        }
        match timeout(LONGEST, told).await {
            Ok(told) => told.map_err(|_| gone()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// Reads one frame, if it comes within `patience`.
    pub(super) async fn answer(&mut self, patience: Duration) -> io::Result<(u8, Vec<u8>)> {
        let read = timeout(patience, async {
            let mut first = [0; HEAD];
            self.output.read_exact(&mut first).await?;
            let (kind, length) = read_head(first)?;
            let mut content = vec![0; length];
            self.output.read_exact(&mut content).await?;
            Ok((kind, content))
        });
        read.await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// The process id, while it runs.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Ends the worker whatever it is doing.
    pub(super) async fn kill(mut self) {
        // It fails only if the process is gone already.
        let _ = self.child.kill().await;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A feed may still hold a sink; nothing of it may reach a worker that is gone.
        self.writer.abort();
    }
}
