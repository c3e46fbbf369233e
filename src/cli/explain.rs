//! stub
use super::Places;
/// Stub.
#[derive(clap::Args)]
pub struct Args {}
/// Runs the command.
pub fn run(_: &Places, _: &Args) -> u8 {
    1
}
