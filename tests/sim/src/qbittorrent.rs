//! (model of qbittorrent)
