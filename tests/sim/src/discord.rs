//! (model of discord)
