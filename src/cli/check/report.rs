//! The lines of a check, printed as they are known.

use crate::cli::paint::Paint;
use crate::cli::setup::print;
use crate::core::plan::{counted, on_one_line};

/// What was found so far.
pub struct Report {
    paint: Paint,
    warnings: usize,
    broken: usize,
}

impl Report {
    /// Nothing was looked at.
    pub fn new() -> Report {
        Report {
            paint: Paint::stdout(),
            warnings: 0,
            broken: 0,
        }
    }

    /// It is as it should be.
    pub fn ok(&mut self, what: &str, text: &str) {
        line(&self.paint.green("ok     "), what, text);
    }

    /// It works, but should be looked at.
    pub fn warning(&mut self, what: &str, text: &str) {
        self.warnings += 1;
        line(&self.paint.yellow("warning"), what, text);
    }

    /// It does not work.
    pub fn broken(&mut self, what: &str, text: &str) {
        self.broken += 1;
        line(&self.paint.red("broken "), what, text);
    }

    /// Whether anything does not work.
    pub fn is_broken(&self) -> bool {
        self.broken > 0
    }

    /// The last line.
    pub fn summary(&self) -> String {
        let warnings = match self.warnings {
            0 => String::new(),
            some => format!(", {}", counted(some, "warning", "warnings")),
        };
        match self.broken {
            0 if warnings.is_empty() => "all is well\n".to_owned(),
            0 => format!("nothing is broken{warnings}\n"),
            broken => format!("{broken} broken{warnings}\n"),
        }
    }
}

fn line(word: &str, what: &str, text: &str) {
    print(&format!("{word}  {what:<14}  {}\n", on_one_line(text)));
}
