//! The pure core: plain functions and types, without async, files, clock, network or logging.

pub mod audit;
pub mod decide;
pub mod due;
pub mod facts;
pub mod failed_trackers;
pub mod file_systems;
pub mod find;
pub mod free_space;
pub mod hardlinks;
pub mod history;
pub mod keepsake;
pub mod ledger;
pub mod mark;
pub mod model;
pub mod mounts;
pub mod names;
pub mod plan;
pub mod rules;
pub mod server_path;
pub mod shared_files;
pub mod snapshot;
pub mod state;
pub mod status;
pub mod treatment;
pub mod unregistered;
