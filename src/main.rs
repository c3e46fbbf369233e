//! The `seedwarden` program: call the library, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    seedwarden::cli::main()
}
