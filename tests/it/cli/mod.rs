//! The commands, run as a person runs them, against models of the services behind sockets.

mod acting;
mod looking;
mod restoring;
mod telling;
mod world;
