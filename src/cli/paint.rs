//! Colours, where there is a terminal that shows them, and marks of progress while something takes long.

use anstyle::{AnsiColor, Style};
use std::io::{IsTerminal, Write};

/// Whether standard output is coloured.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// Coloured on a terminal, unless `NO_COLOR` is set or the terminal is a dumb one.
    pub fn stdout() -> Paint {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Paint {
            on: std::io::stdout().is_terminal() && !refused && !is_dumb,
        }
    }

    /// Headlines.
    pub fn bold(self, text: &str) -> String {
        self.styled(Style::new().bold(), text)
    }

    /// What matters less.
    pub fn dim(self, text: &str) -> String {
        self.styled(Style::new().dimmed(), text)
    }

    /// Deletions and errors.
    pub fn red(self, text: &str) -> String {
        self.styled(AnsiColor::Red.on_default().bold(), text)
    }

    /// What is held back, warnings.
    pub fn yellow(self, text: &str) -> String {
        self.styled(AnsiColor::Yellow.on_default(), text)
    }

    /// What is well.
    pub fn green(self, text: &str) -> String {
        self.styled(AnsiColor::Green.on_default(), text)
    }

    fn styled(self, style: Style, text: &str) -> String {
        if self.on {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// A plan with its headlines coloured.
    pub fn plan(self, plan: &str) -> String {
        if !self.on {
            return plan.to_owned();
        }
        let lines = plan
            .lines()
            .enumerate()
            .map(|(number, line)| match line.trim_start() {
                _ if number == 0 => self.bold(line),
                "Delete" | "Trackers to remove" => self.red(line),
                "Held back" | "Outages" => self.yellow(line),
                "Remedies" | "Other actions of rules" | "Stay" => self.bold(line),
                text if text.starts_with("warning: ") => self.yellow(line),
                text if ["why: ", "held: ", "files: "]
                    .iter()
                    .any(|word| text.starts_with(word)) =>
                {
                    self.dim(line)
                }
                _ => line.to_owned(),
            });
        lines.map(|line| line + "\n").collect()
    }
}

/// A line on standard error that says what is going on; it goes away when dropped. Nothing without a terminal.
pub struct Progress {
    on: bool,
}

impl Progress {
    /// Shows what is going on.
    pub fn show(text: &str) -> Progress {
        let on = std::io::stderr().is_terminal();
        if on {
            let mut out = std::io::stderr();
            let _ = write!(out, "\r\x1b[K{text} …");
            let _ = out.flush();
        }
        Progress { on }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.on {
            let mut out = std::io::stderr();
            let _ = write!(out, "\r\x1b[K");
            let _ = out.flush();
        }
    }
}
