//! Tests of the whole program and its real surroundings, in one binary.

mod product;
mod real;
