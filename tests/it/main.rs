//! Tests of the whole program and its real surroundings, in one binary.

mod cli;
mod disk;
mod product;
mod real;
