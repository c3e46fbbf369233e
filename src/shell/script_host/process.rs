//! The worker as seen from the daemon: a child process with a pipe each way.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::frame::{HEAD, head, read_head};

/// Hidden subcommand that makes this program a worker.
pub const SUBCOMMAND: &str = "script-worker";

/// A running worker; killed when dropped.
pub(super) struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    /// Starts `program` as a worker whose local time is that of `zone`, with nothing else of our environment.
    pub(super) fn start(program: &Path, zone: &str) -> io::Result<Process> {
        let mut child = Command::new(program)
            .arg(SUBCOMMAND)
            .env_clear()
            .env("TZ", zone)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let lacking = || io::Error::other("the worker has no pipes");
        let input = child.stdin.take().ok_or_else(lacking)?;
        let output = child.stdout.take().ok_or_else(lacking)?;
        Ok(Process {
            child,
            input,
            output: BufReader::new(output),
        })
    }

    /// Writes one frame.
    pub(super) async fn ask(
        &mut self,
        kind: u8,
        content: &impl serde::Serialize,
    ) -> io::Result<()> {
        let content = serde_json::to_vec(content)?;
        self.input.write_all(&head(kind, content.len())).await?;
        self.send(&content).await
    }

    /// Writes whole frames. The worker reads without pause, so a write that does not get on means that it is gone.
    pub(super) async fn send(&mut self, frames: &[u8]) -> io::Result<()> {
        const LONGEST: Duration = Duration::from_secs(30);
        let written = timeout(LONGEST, async {
            self.input.write_all(frames).await?;
            self.input.flush().await
        });
        written
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
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
