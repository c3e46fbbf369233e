//! The `seedwarden` program: parse, start logging, call the library, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    seedwarden::cli::main()
}
