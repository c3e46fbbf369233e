//! Records as lines of JSON.

use super::LedgerError;
use crate::core::ledger::Record;
use std::path::Path;

/// How much was read.
pub struct Lines {
    /// Whole lines.
    pub count: usize,
    /// Their length; anything behind is the beginning of a line that was never finished.
    pub whole_bytes: usize,
}

/// Reads a file's lines.
///
/// # Errors
/// A whole line that is no record.
pub fn parse(bytes: &[u8], path: &Path) -> Result<Vec<Record>, LedgerError> {
    let mut records = Vec::new();
    each(bytes, path, 0, |record| records.push(record))?;
    Ok(records)
}

/// Hands over each record as it is read, so that a long ledger is not in memory twice. `lines_before` lines come before
/// `bytes` in the file.
///
/// # Errors
/// A whole line that is no record; what comes before it was handed over.
pub fn each(
    bytes: &[u8],
    path: &Path,
    lines_before: usize,
    mut take: impl FnMut(Record),
) -> Result<Lines, LedgerError> {
    let (mut count, mut whole_bytes) = (0, 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(line) = line.strip_suffix(b"\n") else {
            break;
        };
        whole_bytes += line.len() + 1;
        let record = serde_json::from_slice(line).map_err(|error| LedgerError::Damaged {
            path: path.to_owned(),
            line: lines_before + count + 1,
            why: error.to_string(),
        })?;
        take(record);
        count += 1;
    }
    Ok(Lines { count, whole_bytes })
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
