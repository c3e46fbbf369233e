//! The thin shell: what reaches the world through the ports, and keeps what must survive.

pub mod absent_names;
pub mod account;
pub mod acquaint;
pub mod act;
pub mod announce;
pub mod daemon;
pub mod eyes;
pub mod facts;
pub mod files;
pub mod kept;
pub mod lasting;
pub mod ledger;
pub mod logging;
pub mod look;
pub mod once;
pub mod rehearsal;
pub mod restore;
pub mod script_host;
pub mod scripts;
pub mod service;
pub mod settle;
pub mod still;
pub mod store;
mod told;
pub mod trash;
pub mod treat;
pub mod watchdog;
