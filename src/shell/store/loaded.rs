//! What was found in the state file.

use crate::core::plan::counted;
use crate::core::state::{Parsed, State};
use crate::shell::logging::Story;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What was found in the file, beside the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// It held the flat counts of an old `retry_counts.json`: this many.
    OldCounts(usize),
    /// It could not be read as a state; it was moved to this path (readers leave it in place: `None`), and counts start empty.
    Unreadable {
        /// Where it is kept.
        moved_to: Option<PathBuf>,
        /// What is wrong with it.
        why: String,
    },
    /// This many times lay in the future and count as now.
    FutureTimes(usize),
}

/// The state as found.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// State.
    pub state: Arc<State>,
    /// What is worth telling.
    pub notes: Vec<Note>,
}

impl Note {
    /// The store says what it found when it finds it; a reader's notes are for its caller to tell.
    pub fn log(&self, path: &Path) {
        let (story, text) = (Story::default(), format!("{}: {self}", path.display()));
        match self {
            Note::OldCounts(_) => story.info(&text),
            Note::Unreadable { .. } => story.error(&text),
            Note::FutureTimes(_) => story.warn(&text),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::OldCounts(count) => write!(
                f,
                "it holds {} of an old retry_counts.json; each goes to the account that lists the magnet",
                counted(*count, "count", "counts")
            ),
            Note::Unreadable { moved_to, why } => {
                write!(
                    f,
                    "it cannot be read as a state ({why}); all counts start from zero"
                )?;
                match moved_to {
                    Some(aside) => write!(f, ", and what was in it is kept in {}", aside.display()),
                    None => Ok(()),
                }
            }
            Note::FutureTimes(count) => write!(
                f,
                "{}: was a clock wrong?",
                counted(
                    *count,
                    "time in it lies in the future and counts as now",
                    "times in it lie in the future and count as now"
                )
            ),
        }
    }
}

impl From<Parsed> for Loaded {
    fn from(parsed: Parsed) -> Loaded {
        let mut notes = Vec::new();
        notes.extend(parsed.old_counts.map(Note::OldCounts));
        if parsed.future_times > 0 {
            notes.push(Note::FutureTimes(parsed.future_times));
        }
        Loaded {
            state: Arc::new(parsed.state),
            notes,
        }
    }
}
