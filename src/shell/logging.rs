//! The log: native journal entries where standard error is the journal, else text. A log that is stuck never blocks the daemon:
//! lines go through a bounded queue to a thread of their own, and what does not fit is counted and dropped.

mod collect;
mod line;
mod sink;
mod story;
#[cfg(test)]
mod tests;

pub use story::Story;

use crate::core::plan::counted;
use collect::Collect;
use line::Line;
use sink::Sink;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use tracing_subscriber::layer::SubscriberExt;

/// Lines that wait for the log at most: a busy cycle of a large account, and about a megabyte.
const QUEUE: usize = 4_000;
/// Longest wait for the log at the end.
const FINISH_WITHIN: Duration = Duration::from_secs(1);

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Only what a person must act on.
    Error,
    /// And what should be looked at.
    Warn,
    /// And what a user wants to know.
    Info,
    /// And why things were not done.
    Debug,
}

/// The running log.
pub struct Logging {
    level: Arc<AtomicU8>,
    queue: SyncSender<Entry>,
}

/// What goes through the queue.
enum Entry {
    Line(Box<Line>),
    /// Everything before it is written: say so.
    Flush(SyncSender<()>),
}

/// Starts the log for the whole process; once. Needs no runtime.
pub fn start(level: Level) -> Logging {
    let (logging, collect) = start_with(level, sink::choose);
    let subscriber = tracing_subscriber::registry().with(collect);
    // It fails only where there is a log already.
    let _ = tracing::subscriber::set_global_default(subscriber);
    logging
}

/// `sink` is made and used on the thread of the log.
fn start_with(level: Level, sink: impl FnOnce() -> Sink + Send + 'static) -> (Logging, Collect) {
    let (queue, entries) = sync_channel(QUEUE);
    let dropped = Arc::new(AtomicU64::new(0));
    let level = Arc::new(AtomicU8::new(level as u8));
    let collect = Collect {
        level: Arc::clone(&level),
        queue: queue.clone(),
        dropped: Arc::clone(&dropped),
    };
    let write = move || write_all(&entries, &dropped, sink());
    // Without a thread the queue fills and lines are dropped; that is no reason not to work.
    let _ = std::thread::Builder::new()
        .name("log".to_owned())
        .spawn(write);
    (Logging { level, queue }, collect)
}

fn write_all(entries: &Receiver<Entry>, dropped: &AtomicU64, mut sink: Sink) {
    for entry in entries {
        match entry {
            Entry::Line(line) => sink.write(&line),
            Entry::Flush(done) => {
                let _ = done.send(());
            }
        }
        let lost = dropped.swap(0, Ordering::Relaxed);
        if lost > 0 {
            sink.write(&Line::new(
                tracing::Level::WARN,
                format!(
                    "{} lost: it could not be written as fast as they came",
                    counted(lost, "line of the log was", "lines of the log were")
                ),
            ));
        }
    }
}

impl Logging {
    /// Changes the level (after a reload).
    pub fn set_level(&self, level: Level) {
        self.level.store(level as u8, Ordering::Relaxed);
        // What each place in the code may log is remembered until told otherwise.
        tracing::callsite::rebuild_interest_cache();
    }

    /// Waits until everything is written, for a second at most.
    pub fn finish(&self) {
        let (done, is_done) = sync_channel(1);
        // A full queue is a stuck log.
        if self.queue.try_send(Entry::Flush(done)).is_ok() {
            let _ = is_done.recv_timeout(FINISH_WITHIN);
        }
    }
}
