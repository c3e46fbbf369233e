//! Seedwarden keeps qBittorrent and AllDebrid accounts clean.
