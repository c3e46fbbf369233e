//! The `seedwarden` program.
fn main() {}
