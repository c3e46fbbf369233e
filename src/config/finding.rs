//! What is wrong or doubtful in a configuration, and how it is shown. No secret gets in here: problems are worded
//! without the values they are about, and the excerpt of the source shows nothing else either.

use std::fmt;
use std::path::{Path as FilePath, PathBuf};

use super::excerpt::Excerpt;
use crate::core::plan::counted;

/// One thing that is wrong, or one warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Line and column from 1; `None` if it is about the file as a whole.
    pub place: Option<(usize, usize)>,
    /// The key, such as `accounts[1].cycle`; empty for the whole.
    pub path: String,
    /// What was found, and what is expected.
    pub problem: String,
    /// What to do, where that needs saying.
    pub advice: Option<String>,
    pub(super) excerpt: Option<Excerpt>,
}

impl Finding {
    /// A finding about the file as a whole.
    pub(super) fn of_file(problem: impl Into<String>, advice: Option<&str>) -> Finding {
        Finding {
            place: None,
            path: String::new(),
            problem: problem.into(),
            advice: advice.map(str::to_owned),
            excerpt: None,
        }
    }

    /// The finding on one line: place, key, problem, advice.
    #[must_use]
    pub fn on_one_line(&self, file: &FilePath) -> String {
        let advice = self
            .advice
            .as_ref()
            .map_or(String::new(), |advice| format!(" ({advice})"));
        format!("{}: {self}{advice}", self.at(file))
    }

    fn at(&self, file: &FilePath) -> String {
        let file = file.display();
        self.place.map_or_else(
            || file.to_string(),
            |(line, column)| format!("{file}:{line}:{column}"),
        )
    }

    /// The finding with its source line, under a headline such as `error`.
    fn report(&self, headline: &str, style: anstyle::Style, file: &FilePath) -> String {
        let mut report = format!("{style}{headline}{style:#}: {self}\n");
        let margin = self.place.map_or(0, |(line, _)| line.to_string().len());
        report += &format!("{:margin$}--> {}\n", "", self.at(file));
        if let (Some(excerpt), Some((line, _))) = (&self.excerpt, self.place) {
            let Excerpt { text, caret, width } = excerpt;
            report += &format!("{line} | {text}\n");
            report += &format!(
                "{:margin$} | {:caret$}{style}{}{style:#}\n",
                "",
                "",
                "^".repeat(*width)
            );
        }
        if let Some(advice) = &self.advice {
            report += &format!("{:margin$} = {advice}\n", "");
        }
        report
    }
}

/// The key and the problem.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.problem),
            path => write!(f, "{path}: {}", self.problem),
        }
    }
}

/// Everything that is wrong with a configuration, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors {
    /// The configuration.
    pub file: PathBuf,
    /// What is wrong; never empty.
    pub findings: Vec<Finding>,
}

impl ConfigErrors {
    /// All errors with their source lines; with colours if they go to a terminal.
    #[must_use]
    pub fn report(&self, with_colours: bool) -> String {
        let red = anstyle::AnsiColor::Red.on_default().bold();
        let mut report = report_of("error", red, &self.file, &self.findings, with_colours);
        let errors = counted(self.findings.len(), "error", "errors");
        report += &format!("{errors} in {}\n", self.file.display());
        report
    }
}

/// Without colours.
impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.report(false).trim_end())
    }
}

impl std::error::Error for ConfigErrors {}

/// Warnings with their source lines.
#[must_use]
pub fn report_warnings(file: &FilePath, warnings: &[Finding], with_colours: bool) -> String {
    let yellow = anstyle::AnsiColor::Yellow.on_default().bold();
    report_of("warning", yellow, file, warnings, with_colours)
}

fn report_of(
    headline: &str,
    style: anstyle::Style,
    file: &FilePath,
    findings: &[Finding],
    with_colours: bool,
) -> String {
    let style = if with_colours {
        style
    } else {
        anstyle::Style::new()
    };
    findings
        .iter()
        .map(|finding| finding.report(headline, style, file) + "\n")
        .collect()
}
