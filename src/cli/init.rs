//! `seedwarden init`: a configuration to begin with.

use super::setup::{config_file, fail, print};
use super::{FAILED, FINE, Places};
use crate::config::STARTER;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Write a configuration to begin with.
///
/// It is full of comments, and in dry run until you say otherwise. A file that is there already is never overwritten.
#[derive(clap::Args)]
pub struct Args {
    /// Print it instead of writing it
    #[arg(long)]
    stdout: bool,
}

/// Runs the command.
pub fn run(places: &Places, args: &Args) -> u8 {
    if args.stdout {
        print(STARTER);
        return FINE;
    }
    let file = match config_file(places) {
        Ok(file) => file,
        Err(code) => return code,
    };
    match write(&file) {
        Ok(()) => {
            let shown = file.display();
            print(&format!(
                "wrote {shown}\nEdit it, then run `seedwarden check` and `seedwarden plan`.\n"
            ));
            FINE
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => fail(
            FAILED,
            format!(
                "{} is there already and stays as it is; give another place with --config, or print the starter with --stdout",
                file.display()
            ),
        ),
        Err(error) => fail(FAILED, format!("cannot write {}: {error}", file.display())),
    }
}

fn write(file: &Path) -> std::io::Result<()> {
    if let Some(folder) = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    // Secrets will be written into it. The group may read: in the service's folder it is that of the service.
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o640)
        .open(file)?;
    file.write_all(STARTER.as_bytes())?;
    file.sync_all()
}
