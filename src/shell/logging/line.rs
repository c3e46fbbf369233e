//! A line of the log on its way to the sink, free of what terminals obey.

use crate::core::plan::on_one_line;
use jiff::Timestamp;
use std::fmt::{self, Write};
use tracing::field::{Field, Visit};

/// One line with its fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Severity.
    pub level: tracing::Level,
    /// When it was said.
    pub at: Timestamp,
    /// Text; may have several lines.
    pub message: String,
    /// The fields of a [`super::Story`], by name.
    pub fields: Vec<(&'static str, String)>,
}

impl Line {
    /// A line without fields.
    pub fn new(level: tracing::Level, message: String) -> Line {
        Line {
            level,
            at: Timestamp::now(),
            message,
            fields: Vec::new(),
        }
    }

    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        let (_, value) = fields.find(|(field, _)| *field == name)?;
        Some(value)
    }

    /// Takes an event's values over.
    pub fn of(event: &tracing::Event<'_>) -> Line {
        let mut line = Line::new(*event.metadata().level(), String::new());
        let mut other = String::new();
        event.record(&mut Values {
            line: &mut line,
            other: &mut other,
        });
        line.message = lines(&line.message);
        line.message.push_str(&on_one_line(&other));
        line
    }
}

struct Values<'a> {
    line: &'a mut Line,
    /// Values without a field of their own in the journal: they go behind the message.
    other: &'a mut String,
}

impl Values<'_> {
    fn take(&mut self, field: &Field, value: &dyn fmt::Display) {
        let name = field.name();
        if name == "message" {
            self.line.message = value.to_string();
        } else if name.starts_with(|c: char| c.is_ascii_uppercase()) {
            let value = on_one_line(&value.to_string()).into_owned();
            self.line.fields.push((name, value));
        } else {
            let _ = write!(self.other, " {name}={value}");
        }
    }
}

impl Visit for Values<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, &value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, &format_args!("{value:?}"));
    }
}

/// A message of several lines, each without what terminals obey.
fn lines(message: &str) -> String {
    let lines: Vec<_> = message.split('\n').map(on_one_line).collect();
    lines.join("\n")
}
