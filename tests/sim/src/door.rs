//! (model of door)
