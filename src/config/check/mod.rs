//! From the raw types to the policy: ranges, forms, and what keys mean together. Checks go on after an error, so
//! that all of them are reported; the policy of a configuration with errors is thrown away.

mod account;
mod alldebrid;
mod conditions;
mod limits;
mod names;
mod qbittorrent;
mod rule;
mod secret;
mod top;
mod unique;
mod values;

use std::io;
use std::path::{Path as FilePath, PathBuf};

use super::excerpt::Excerpt;
use super::finding::Finding;
use super::text::{Node, Path, Span, line_and_column};
use super::words;

pub use top::check;

/// More findings than this are of no use to anyone; the bound keeps hostile input from taking long.
const MAX_FINDINGS: usize = 100;

/// Checks the syntax of a script: its name and text in, what is wrong out.
pub type ScriptCheck<'a> = &'a dyn Fn(&str, &str) -> Result<(), String>;

/// What a configuration refers to outside of itself.
pub struct Outside<'a> {
    /// An environment variable.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The bytes of a file.
    pub read: &'a dyn Fn(&FilePath) -> io::Result<Vec<u8>>,
    /// Checks a script.
    pub check_script: ScriptCheck<'a>,
    /// A secret whose source is missing is only a warning.
    pub is_offline: bool,
    /// Folder of the configuration, to which paths are relative.
    pub folder: PathBuf,
}

/// The state of a check: where things stand, and what was found so far.
pub struct Check<'a> {
    /// The text, for line and column.
    pub text: &'a str,
    /// Its tree.
    pub root: &'a Node,
    /// What it refers to.
    pub outside: &'a Outside<'a>,
    /// What is wrong.
    pub errors: Vec<Finding>,
    /// What is doubtful.
    pub warnings: Vec<Finding>,
    /// Secrets written as text.
    pub text_secrets: Vec<Path>,
}

impl Check<'_> {
    /// Record an error, unless there are enough.
    pub fn record(&mut self, finding: Finding) {
        if !self.is_full() {
            self.errors.push(finding);
        }
    }

    /// Are there so many errors that more are of no use?
    pub fn is_full(&self) -> bool {
        self.errors.len() >= MAX_FINDINGS
    }

    /// Record an error: what stands at `path`, and what should.
    pub fn refuse(&mut self, path: &Path, found: &str, expected: &str, advice: Option<&str>) {
        let problem = format!("found {found}, expected {expected}");
        if !self.is_full() {
            let finding = self.finding(path, problem, advice);
            self.record(finding);
        }
    }

    /// Record that a key is missing. Nothing, if it is there and was refused before.
    pub fn require(&mut self, path: &Path, expected: &str) {
        if !self.is_full() && !self.is_written(path) {
            let finding = self.finding(path, format!("missing, expected {expected}"), None);
            self.record(finding);
        }
    }

    /// Record a warning.
    pub fn warn(&mut self, path: &Path, problem: impl Into<String>, advice: Option<&str>) {
        if self.warnings.len() < MAX_FINDINGS {
            let finding = self.finding(path, problem.into(), advice);
            self.warnings.push(finding);
        }
    }

    /// Is there anything at this path, right or wrong?
    pub fn is_written(&self, path: &Path) -> bool {
        self.root.get(path).is_some()
    }

    /// The kind of what stands at `path`.
    pub fn kind(&self, path: &Path) -> String {
        self.root
            .get(path)
            .map_or_else(|| "nothing".to_owned(), words::kind_of)
    }

    /// What stands at `path`: a number or measure as it is. Not for secrets.
    pub fn measure(&self, path: &Path) -> String {
        self.root
            .get(path)
            .map_or_else(|| "nothing".to_owned(), words::measure_of)
    }

    /// What stands at `path`: a word near to a known one as it is. Not for secrets.
    pub fn word(&self, path: &Path, known: &[&str]) -> String {
        self.root
            .get(path)
            .map_or_else(|| "nothing".to_owned(), |node| words::word_of(node, known))
    }

    /// A path of the file system as the configuration means it.
    pub fn resolve(&self, written: &str) -> PathBuf {
        self.outside.folder.join(written)
    }

    /// A finding at `path`, or at the nearest surrounding value that exists.
    pub fn finding(&self, path: &Path, problem: String, advice: Option<&str>) -> Finding {
        let mut at = path.clone();
        let mut node = self.root.get(&at);
        while node.is_none() && !at.segments().is_empty() {
            at = at.parent();
            node = self.root.get(&at);
        }
        let span = node.unwrap_or(self.root).span;
        self.finding_at(span, path, problem, advice)
    }

    /// A finding about the key at `path`, placed at `span`.
    pub fn finding_at(
        &self,
        span: Span,
        path: &Path,
        problem: String,
        advice: Option<&str>,
    ) -> Finding {
        Finding {
            place: Some(line_and_column(self.text, span.start)),
            path: path.to_string(),
            excerpt: Some(Excerpt::new(self.text, self.root, span, &problem)),
            problem,
            advice: advice.map(str::to_owned),
        }
    }
}
