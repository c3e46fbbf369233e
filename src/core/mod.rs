//! The pure part: plain functions and types. No async, files, clock, network or logging.

pub mod model;
