//! Seedwarden keeps qBittorrent and AllDebrid accounts clean.

pub mod config;
pub mod core;
