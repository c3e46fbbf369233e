//! `seedwarden import`: print the settings of an earlier tool as a configuration, and say what is different. It only
//! reads the files it is given.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::setup::fail;
use super::{FAILED, FINE};
use crate::config::ScriptCheck;
use crate::import::{Source, Tool, import};
use crate::shell::scripts;

/// Longer files can only be the wrong ones.
const LONGEST_FILE: u64 = 8 * 1024 * 1024;

/// Print the settings of an earlier tool as a Seedwarden configuration.
///
/// The configuration goes to standard output. What could not be carried over, or means something else, goes to
/// standard error, a line each. Nothing is written or changed.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The tool that the files are from.
    #[arg(value_enum)]
    pub kind: Kind,
    /// Its files, or a folder with them.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// The tools whose settings can be brought along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// The hardlink checker script for qBittorrent: its YAML files.
    HardlinksChecker,
    /// The magnet watcher script for AllDebrid: config.json, and retry_counts.json.
    ManageMagnets,
    /// Vertex: its data folder, or files of data/rule/delete and data/client.
    Vertex,
}

/// Runs the command. 0: a configuration was printed; 1: there is none, standard error says why.
pub fn run(args: &Args) -> u8 {
    match imported(args, &scripts::check) {
        Ok((config, remarks)) => {
            let is_written = io::stdout().write_all(config.as_bytes()).is_ok();
            // Nobody can be told if standard error is closed.
            let _ = io::stderr().write_all(remarks.as_bytes());
            if is_written { FINE } else { FAILED }
        }
        Err(problem) => fail(FAILED, problem),
    }
}

/// The configuration, and the remarks as lines.
fn imported(args: &Args, check_script: ScriptCheck<'_>) -> Result<(String, String), String> {
    let tool = match args.kind {
        Kind::HardlinksChecker => Tool::HardlinksChecker,
        Kind::ManageMagnets => Tool::ManageMagnets,
        Kind::Vertex => Tool::Vertex,
    };
    let mut sources = Vec::new();
    for path in &args.paths {
        for file in files(args.kind, path)? {
            let text = read(&file).map_err(|error| unreadable(&file, &error))?;
            let name = file.display().to_string();
            sources.push(Source { name, text });
        }
    }
    let imported = import(tool, &sources, check_script).map_err(|error| error.to_string())?;
    let mut remarks: String = imported
        .remarks
        .iter()
        .map(|remark| format!("{remark}\n"))
        .collect();
    remarks += "note: save what was printed, then let `seedwarden check` and `seedwarden plan` judge it.\n";
    Ok((imported.config, remarks))
}

/// The files that a path stands for: itself, or those of the tool in the folder.
fn files(kind: Kind, path: &Path) -> Result<Vec<PathBuf>, String> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut files = Vec::new();
    match kind {
        Kind::HardlinksChecker => files.extend(listed(path, &["yaml", "yml"])?),
        Kind::ManageMagnets => {
            let known = ["config.json", "retry_counts.json"];
            files.extend(
                known
                    .map(|name| path.join(name))
                    .into_iter()
                    .filter(|file| file.is_file()),
            );
        }
        Kind::Vertex => {
            let base = if path.join("data").is_dir() {
                path.join("data")
            } else {
                path.to_path_buf()
            };
            let folders = [base.join("client"), base.join("rule/delete")];
            for folder in folders.iter().filter(|folder| folder.is_dir()) {
                files.extend(listed(folder, &["json"])?);
            }
            if files.is_empty() {
                files.extend(listed(path, &["json"])?);
            }
        }
    }
    if files.is_empty() {
        return Err(format!(
            "{}: found no file of that tool in this folder",
            path.display()
        ));
    }
    Ok(files)
}

/// The files of a folder with one of these endings, by name.
fn listed(folder: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        if ending.is_some_and(|ending| endings.contains(&ending)) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(file: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    fs::File::open(file)?
        .take(LONGEST_FILE + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST_FILE {
        return Err(io::Error::other("it is larger than 8 MiB"));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is no UTF-8 text"))
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    format!("{}: cannot be read: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_on(kind: Kind, paths: Vec<PathBuf>) -> Result<(String, String), String> {
        imported(&Args { kind, paths }, &|_, _| Ok(()))
    }

    fn data(path: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/data/import")
            .join(path)
    }

    #[test]
    fn reads_folders_as_the_tools_lay_them_out() {
        let (config, remarks) = run_on(Kind::Vertex, vec![data("vertex/usual")]).unwrap();
        assert!(config.contains("\"slow\""), "{config}");
        assert!(remarks.contains("usual/data/"), "{remarks}");
        let (config, _) = run_on(Kind::ManageMagnets, vec![data("manage-magnets/usual")]).unwrap();
        assert!(config.contains("\"alldebrid-2\""), "{config}");
        let (config, _) = run_on(
            Kind::HardlinksChecker,
            vec![data("hardlinks-checker/usual")],
        )
        .unwrap();
        assert!(config.contains("\"hardlinks\""), "{config}");
    }

    #[test]
    fn names_the_file_that_cannot_be_read() {
        let missing = data("missing.yaml");
        let error = run_on(Kind::HardlinksChecker, vec![missing.clone()]).unwrap_err();
        assert!(
            error.starts_with(&format!("{}: ", missing.display())),
            "{error}"
        );
        let folder = tempfile::tempdir().unwrap();
        let error = run_on(Kind::Vertex, vec![folder.path().to_path_buf()]).unwrap_err();
        assert!(error.contains("no file of that tool"), "{error}");
    }
}
