//! Reads the log of the process as its owner does: no secret may be in it, and what held deletions back is counted.

use super::hub::Hub;
use std::fmt::Debug;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Why items stay, as the log tells it.
const SKIPS: [(&str, &str); 12] = [
    (": not selected: ", "not selected"),
    (": healthy", "healthy"),
    (" of 3 (", "failing"),
    (" unknown: ", "unknown"),
    ("its last resort is \"keep\"", "kept for ever"),
    (": hardlinked: ", "guarded"),
    ("not complete", "unfinished"),
    ("but must seed for another", "too young"),
    ("does not match: ", "rule does not match"),
    ("but must hold for another", "rule waits"),
    ("matches, but", "rule limit"),
    ("no ailment, hardlink block or rule", "nothing asks"),
];

/// Hears what the process says, on the thread of its world.
pub struct Listener {
    hub: Hub,
    most: Level,
}

impl Listener {
    /// Some worlds hear everything, most only what a user wants to know.
    pub fn new(hub: &Hub, seed: u64) -> Self {
        let most = if seed.is_multiple_of(5) {
            Level::DEBUG
        } else {
            Level::INFO
        };
        Self {
            hub: hub.clone(),
            most,
        }
    }
}

#[derive(Default)]
struct Line {
    text: String,
    reason: String,
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.text.push_str(value),
            "REASON" => self.reason.push_str(value),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.most && metadata.target().starts_with("seedwarden")
    }

    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        self.hub.with(|core| {
            core.oracle.secrets_of_text("the log", line.text.as_bytes());
            if line.text.contains("the plan breaks an invariant") {
                let what = line.text.split("; state before").next();
                core.oracle.breach(1, what.unwrap_or_default().to_owned());
            }
            if line.text.contains(" is kept although ") {
                core.see(&format!("guard: {}", line.reason));
            }
            if *event.metadata().level() == Level::DEBUG {
                for (word, skip) in SKIPS {
                    if line.text.contains(word) {
                        core.see(&format!("skip: {skip}"));
                    }
                }
            }
            if line.text.contains("is kept after a second look") {
                core.see("guard: second look");
            }
            if *event.metadata().level() < Level::DEBUG {
                core.note(&format!("log: {}", line.text));
            }
        });
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}
