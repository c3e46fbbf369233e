//! Where lines end: the journal, or text on standard error.

use super::line::Line;
use anstyle::{AnsiColor, Style};
use rustix::fs::fstat;
use std::io::{IsTerminal, Write};
use tracing::{Dispatch, Level};
use tracing_journald::{Priority, PriorityMappings};
use tracing_subscriber::layer::SubscriberExt;

/// A place for lines.
pub enum Sink {
    /// The journal's own protocol.
    Journal(Dispatch),
    /// Text.
    Text {
        /// Where to.
        to: Box<dyn Write>,
        /// How it looks.
        look: Look,
    },
}

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// On a terminal: with colours.
    Coloured,
    /// In a file or a pipe.
    Plain,
    /// For the journal, which has its own times, and reads the severity from the beginning of a line.
    ForJournal,
}

/// The journal if standard error is it, else text there.
pub fn choose() -> Sink {
    let stream = std::env::var("JOURNAL_STREAM").ok();
    let is_journal = fstat(std::io::stderr())
        .is_ok_and(|stat| names_stream(stream.as_deref(), stat.st_dev, stat.st_ino));
    let to = Box::new(std::io::stderr());
    let look = match is_journal {
        true => Look::ForJournal,
        false if std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() => {
            Look::Coloured
        }
        false => Look::Plain,
    };
    match tracing_journald::layer() {
        Ok(journal) if is_journal => {
            let journal = journal
                .with_field_prefix(None)
                .with_syslog_identifier("seedwarden".to_owned())
                .with_priority_mappings(PriorityMappings {
                    error: Priority::Error,
                    warn: Priority::Warning,
                    info: Priority::Informational,
                    debug: Priority::Debug,
                    trace: Priority::Debug,
                });
            Sink::Journal(Dispatch::new(tracing_subscriber::registry().with(journal)))
        }
        Ok(_) | Err(_) => Sink::Text { to, look },
    }
}

/// Whether `JOURNAL_STREAM` (`device:inode`, see systemd.exec(5)) names this file. The variable alone says nothing: programs
/// inherit it whose output goes elsewhere.
pub fn names_stream(variable: Option<&str>, device: u64, inode: u64) -> bool {
    let named = variable.and_then(|text| text.split_once(':'));
    named.is_some_and(|(d, i)| d.parse() == Ok(device) && i.parse() == Ok(inode))
}

impl Sink {
    /// Writes a line. A log that cannot be written is nobody's to tell.
    pub fn write(&mut self, line: &Line) {
        match self {
            Sink::Journal(journal) => {
                tracing::dispatcher::with_default(journal, || send(line));
            }
            Sink::Text { to, look } => {
                let _ = to.write_all(text(line, *look).as_bytes());
                let _ = to.flush();
            }
        }
    }
}

/// Says a line once more, to the journal: values are bound to the place in the code that says them.
fn send(line: &Line) {
    macro_rules! say {
        ($level:ident) => {
            tracing::event!(
                target: "seedwarden",
                Level::$level,
                ACCOUNT = line.field("ACCOUNT"),
                ITEM = line.field("ITEM"),
                ITEM_NAME = line.field("ITEM_NAME"),
                RULE = line.field("RULE"),
                ACTION = line.field("ACTION"),
                REASON = line.field("REASON"),
                FAILURES = line.field("FAILURES"),
                CYCLE = line.field("CYCLE"),
                "{}",
                line.message
            )
        };
    }
    match line.level {
        Level::ERROR => say!(ERROR),
        Level::WARN => say!(WARN),
        Level::INFO => say!(INFO),
        _ => say!(DEBUG),
    }
}

/// A line as text. Further lines of a message are indented, so that none can pass for one of its own.
pub fn text(line: &Line, look: Look) -> String {
    let (word, colour, priority) = match line.level {
        Level::ERROR => ("ERROR", AnsiColor::Red, 3),
        Level::WARN => ("WARN ", AnsiColor::Yellow, 4),
        Level::INFO => ("INFO ", AnsiColor::Green, 6),
        _ => ("DEBUG", AnsiColor::Blue, 7),
    };
    let at = line.at;
    match look {
        Look::ForJournal => {
            let next = format!("\n<{priority}>    ");
            format!("<{priority}>{}\n", line.message.replace('\n', &next))
        }
        Look::Plain => {
            format!("{at:.0} {word} {}\n", line.message.replace('\n', "\n    "))
        }
        Look::Coloured => {
            let (dim, bold) = (Style::new().dimmed(), colour.on_default().bold());
            let message = line.message.replace('\n', "\n    ");
            format!("{dim}{at:.0}{dim:#} {bold}{word}{bold:#} {message}\n")
        }
    }
}
