//! Moving in: the settings of an earlier tool become a Seedwarden configuration, and every thing that could not be
//! carried over exactly becomes a remark. Text in, text out: no files, no network.

mod address;
mod amount;
mod document;
mod hardlinks_checker;
mod manage_magnets;
mod remark;
mod vertex;
mod yaml;

#[cfg(test)]
mod tests;

use thiserror::Error;

use crate::config::ScriptCheck;

pub use remark::{Kind, Remark};

use document::Value;
use remark::Remarks;

/// The tool whose settings are brought along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// The hardlink checker script for qBittorrent: its YAML configurations.
    HardlinksChecker,
    /// The magnet watcher script for AllDebrid: config.json, and retry_counts.json.
    ManageMagnets,
    /// Vertex: delete rules, and the settings of its clients.
    Vertex,
}

/// A file of the earlier tool.
#[derive(Debug, Clone)]
pub struct Source {
    /// The name by which remarks speak of it.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// What became of the settings.
#[derive(Debug, Clone)]
pub struct Imported {
    /// A Seedwarden configuration.
    pub config: String,
    /// What is not, or not exactly, in it. No secret stands here.
    pub remarks: Vec<Remark>,
}

/// Why there is no configuration.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ImportError {
    /// A file that cannot be read as what it should be.
    #[error("{name}: found {found}, expected {expected}")]
    Unreadable {
        /// The name of the file.
        name: String,
        /// What is in it.
        found: String,
        /// What should be in it.
        expected: String,
    },
    /// None of the files has settings.
    #[error("found nothing to import, expected {0}")]
    Nothing(&'static str),
}

/// Bring the settings of a tool along. Scripts that `check_script` refuses are left out.
///
/// # Errors
/// If a file cannot be read as a file of that tool, or none holds settings.
pub fn import(
    tool: Tool,
    sources: &[Source],
    check_script: ScriptCheck<'_>,
) -> Result<Imported, ImportError> {
    let mut remarks = Remarks::default();
    // Nothing happens before its owner has looked.
    let mut config = vec![("dry_run", Value::Flag(true))];
    config.extend(match tool {
        Tool::HardlinksChecker => hardlinks_checker::import(sources, &mut remarks)?,
        Tool::ManageMagnets => manage_magnets::import(sources, &mut remarks)?,
        Tool::Vertex => vertex::import(sources, check_script, &mut remarks)?,
    });
    remarks.note(
        "dry_run",
        "it is on: the service logs what it would do, and does nothing. Read `seedwarden plan`, then set it to false.",
    );
    Ok(Imported {
        config: format!("{}\n", Value::Object(config)),
        remarks: remarks.into_list(),
    })
}

/// The text as JSON; a byte order mark does not matter.
fn json_of(source: &Source) -> Result<serde_json::Value, ImportError> {
    let text = source.text.trim_start_matches('\u{feff}');
    serde_json::from_str(text).map_err(|error| ImportError::Unreadable {
        name: source.name.clone(),
        // The message of serde_json names the kind of error and the place, never the content.
        found: format!("text that is no JSON ({error})"),
        expected: "a JSON file".to_owned(),
    })
}
