//! Records as lines of JSON.

use super::LedgerError;
use crate::core::ledger::Record;
use std::path::Path;

/// What was read.
pub struct Parsed {
    /// One for each whole line.
    pub records: Vec<Record>,
    /// Length of the whole lines; anything behind is the beginning of a line that was never finished.
    pub whole_bytes: usize,
}

/// Reads lines; `lines_before` of them come before `bytes` in the file.
///
/// # Errors
/// A whole line that is no record.
pub fn parse(bytes: &[u8], path: &Path, lines_before: usize) -> Result<Parsed, LedgerError> {
    let mut records = Vec::new();
    let mut whole_bytes = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(line) = line.strip_suffix(b"\n") else {
            break;
        };
        whole_bytes += line.len() + 1;
        let record = serde_json::from_slice(line).map_err(|error| LedgerError::Damaged {
            path: path.to_owned(),
            line: lines_before + records.len() + 1,
            why: error.to_string(),
        })?;
        records.push(record);
    }
    Ok(Parsed {
        records,
        whole_bytes,
    })
}

/// Writes lines.
///
/// # Errors
/// None but for a bug: every record can be written.
pub fn encode(records: &[Record]) -> Result<Vec<u8>, LedgerError> {
    let mut bytes = Vec::new();
    for record in records {
        serde_json::to_writer(&mut bytes, record).map_err(LedgerError::Encode)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}
