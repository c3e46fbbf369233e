//! `schema`, `completions` and `man`: what is generated from the program itself.

use super::setup::{fail, print};
use super::{Cli, FAILED, FINE};
use crate::config::json_schema;
use clap::CommandFactory;
use clap_complete::Shell;
use std::path::{Path, PathBuf};

/// Print shell completions.
///
/// For bash: seedwarden completions bash > ~/.local/share/bash-completion/completions/seedwarden
#[derive(clap::Args)]
pub struct CompletionsArgs {
    /// The shell they are for
    #[arg(value_enum)]
    shell: Shell,
}

/// Print the manual page.
#[derive(clap::Args)]
pub struct ManArgs {
    /// Write one page for each command into this folder instead
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Print the JSON Schema of the configuration, for editors.
///
/// Save it, and name the file in the key "$schema" of your configuration.
#[derive(clap::Args)]
pub struct SchemaArgs {}

/// Runs `schema`.
pub fn schema(_: &SchemaArgs) -> u8 {
    print(&format!("{:#}\n", json_schema()));
    FINE
}

/// Runs `completions`.
pub fn completions(args: &CompletionsArgs) -> u8 {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "seedwarden", &mut text);
    print(&String::from_utf8_lossy(&text));
    FINE
}

/// Runs `man`.
pub fn man(args: &ManArgs) -> u8 {
    let Some(folder) = &args.out else {
        let mut text = Vec::new();
        let page = clap_mangen::Man::new(Cli::command().name("seedwarden"));
        return match page.render(&mut text) {
            Ok(()) => {
                print(&String::from_utf8_lossy(&text));
                FINE
            }
            Err(error) => fail(FAILED, error),
        };
    };
    match write_pages(folder) {
        Ok(()) => FINE,
        Err(error) => fail(
            FAILED,
            format!("cannot write to {}: {error}", folder.display()),
        ),
    }
}

fn write_pages(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(Cli::command().name("seedwarden"), folder)
}
