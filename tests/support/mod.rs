//! What unit and integration tests share: the models of `seedwarden-sim` behind the ports.

pub mod disk;
