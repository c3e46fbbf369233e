//! Tests of the whole program and its real surroundings, in one binary.

mod cli;
mod daemon;
mod disk;
mod journal;
mod product;
mod readme;
mod real;
mod recovery;
