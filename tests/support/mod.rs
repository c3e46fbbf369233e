//! What unit and integration tests share: the models of `seedwarden-sim` behind the ports.

// Each test binary uses a part of it.
#![allow(dead_code, missing_docs)]

pub mod clock;
pub mod disk;
pub mod raw;
pub mod transport;
