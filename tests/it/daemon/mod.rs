//! The program as a daemon with two qBittorrent servers of different ages, two AllDebrid keys and one webhook, in real
//! time with cycles of a second.

mod away;
mod broken;
mod hanging;
mod kills;
mod signals;
mod story;
mod unmounted;
mod unreadable;
mod watchdog;
mod world;
