//! The thin shell: what reaches the world through the ports, and keeps what must survive.

pub mod facts;
pub mod ledger;
pub mod logging;
pub mod service;
pub mod store;
pub mod trash;
