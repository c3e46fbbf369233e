//! Real qBittorrent servers on loopback, and what they need: torrents, trackers, and a client of the tests' own.
