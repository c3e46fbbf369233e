//! From `tracing` to the queue. Only Seedwarden's own events: those of libraries may hold addresses with secrets.

use super::line::Line;
use super::{Entry, Level};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Puts events into the queue.
pub struct Collect {
    /// The [`Level`] in force, as a number.
    pub level: Arc<AtomicU8>,
    /// To the thread that writes.
    pub queue: SyncSender<Entry>,
    /// Lines that did not fit.
    pub dropped: Arc<AtomicU64>,
}

impl<S: Subscriber> Layer<S> for Collect {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let target = metadata.target();
        let is_ours = target == "seedwarden" || target.starts_with("seedwarden::");
        is_ours && level_of(*metadata.level()) as u8 <= self.level.load(Ordering::Relaxed)
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let line = Box::new(Line::of(event));
        if self.queue.try_send(Entry::Line(line)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn level_of(level: tracing::Level) -> Level {
    match level {
        tracing::Level::ERROR => Level::Error,
        tracing::Level::WARN => Level::Warn,
        tracing::Level::INFO => Level::Info,
        // tracing knows one more below; nothing of ours uses it.
        _ => Level::Debug,
    }
}
