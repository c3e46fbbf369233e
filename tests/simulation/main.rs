//! Proof by simulation: the real daemon, clients, store and ledger in worlds where everything goes wrong, judged at the
//! moment of effect.
//!
//! A world has AllDebrid accounts, often a qBittorrent server of some version, Discord, a disk that forgets what was not
//! synced, a clock that people set, and the people themselves: items fail, recover, vanish and come back, mounts go, sessions
//! end, the state file is edited and reset, the configuration changes, the service is restarted, and the process dies at any
//! call of a port. One generator decides everything, time is tokio's paused clock, and one thread runs it all, so that a seed
//! gives the same trace byte for byte.
//!
//! [`oracle`] knows the thirteen invariants of the design. It hears of requests, effects and answers from the models, follows
//! `state.json` as it is replaced, and never asks the daemon. [`every_call`] lets the process die at every single call of
//! small worlds, before and after its effect.
//!
//! - `cargo test --test simulation` runs the default seeds.
//! - `SEEDWARDEN_SEED=7 cargo test --test simulation holds` replays one with its trace.
//! - `SEEDWARDEN_SEEDS=0..20000 cargo test --test simulation holds` is for a long run.
//!
//! # The proof of the proof
//!
//! `tests/simulation/mutants/run FOLDER` puts deliberate bugs into a copy of the sources and looks which seed finds each:
//!
//! TABLE

#[path = "../support/mod.rs"]
mod support;

mod dice;
mod discord;
mod disk;
mod every_call;
mod hub;
mod listener;
mod magnets;
mod network_faults;
mod oracle;
mod runs;
mod service;
mod setup;
mod torrents;
mod world;
