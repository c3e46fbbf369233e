//! The `seedwarden` program: parse, start logging, call the library, exit code.

use std::process::ExitCode;

use seedwarden::shell::script_host;

fn main() -> ExitCode {
    // The rule worker is this program again, and has no use for anything else of it.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|argument| argument == script_host::SUBCOMMAND)
    {
        return match script_host::worker::run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    seedwarden::cli::main()
}
