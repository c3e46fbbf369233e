//! Seedwarden keeps qBittorrent and AllDebrid accounts clean.
//!
//! One cycle: observe → decide → audit → commit → act → record → announce. The core decides and knows no
//! clock, files or network; the shell carries out; the clients and the disk are reached through three ports.

pub mod cli;
pub mod clients;
pub mod config;
pub mod core;
pub mod import;
pub mod ports;
pub mod shell;
pub mod sys;

// What unit tests share with integration tests names this crate from outside.
#[cfg(test)]
extern crate self as seedwarden;
#[cfg(test)]
mod secrecy;
#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod support;
