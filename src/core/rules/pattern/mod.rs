//! Regular expressions with JavaScript's meaning (no flags, Annex B syntax, UTF-16 units), bounded in time.
//!
//! `regExp` conditions of Vertex rely on look-behind, back references and unit-wise counting, which engines with
//! guaranteed time do not offer, and engines that offer them can run for ever. This one only answers whether the
//! pattern is found, remembers where it has failed, and gives up after a fixed number of steps.

mod class;
mod escape;
mod failed;
mod matcher;
mod program;
mod syntax;
#[cfg(test)]
mod tests;

use std::fmt;

use program::Program;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    source: String,
    program: Program,
    /// Set when the pattern is nothing but ordinary characters: then it is a plain search.
    literal: bool,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    /// What is wrong.
    pub problem: &'static str,
    /// Where, in UTF-16 units from the beginning of the pattern.
    pub position: usize,
}

/// The search needed more steps than are granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

impl Pattern {
    /// Compiles what `new RegExp(source)` accepts; the errors are those of a JavaScript engine of 2023 (Node 20).
    pub fn compile(source: &str) -> Result<Pattern, PatternError> {
        let tree = syntax::parse(source)?;
        let program = program::compile(&tree)?;
        Ok(Pattern {
            literal: is_literal(source),
            source: source.to_owned(),
            program,
        })
    }

    /// Whether the pattern occurs anywhere in the text.
    pub fn is_found_in(&self, text: &str) -> Result<bool, TooLong> {
        if self.literal {
            return Ok(text.contains(&self.source));
        }
        if text.is_ascii() {
            return matcher::search(&self.program, text.as_bytes());
        }
        let units: Vec<u16> = text.encode_utf16().collect();
        matcher::search(&self.program, units.as_slice())
    }

    /// The pattern as written.
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.source == other.source
    }
}

fn is_literal(source: &str) -> bool {
    !source.contains(|c: char| "^$\\.*+?()[]{}|".contains(c))
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at position {}", self.problem, self.position)
    }
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the pattern takes too long on this text; make its repetitions unambiguous")
    }
}
