//! Proof by simulation: the real cycle, clients and store in worlds where everything goes wrong, judged at the moment of effect.
//!
//! `SEEDWARDEN_SEED=7` replays one seed with its trace; `SEEDWARDEN_SEEDS=0..20000` sets a range for long runs.

#[path = "../support/mod.rs"]
mod support;

mod dice;
mod discord;
mod disk;
mod every_call;
mod hub;
mod magnets;
mod network_faults;
mod oracle;
mod runs;
mod service;
mod setup;
mod torrents;
mod world;
