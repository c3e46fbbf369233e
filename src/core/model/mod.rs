//! The types that every part of the core speaks of.

pub mod id;
