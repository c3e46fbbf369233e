//! The commands, run as a person runs them, against models of the services behind sockets.

mod acting;
mod beside;
mod echoes;
mod looking;
mod protecting;
mod real_restore;
mod restoring;
mod root;
mod scripting;
mod sessions;
mod telling;
mod trouble;
mod world;
