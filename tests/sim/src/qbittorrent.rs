//! A model of qBittorrent's Web API, versions 4.2.5 to 5.3.0, with what a client notices of the torrents behind
//! it: states, checks, trackers, deletions, and data that comes and goes.
//!
//! Two doors lead to the same [`Server`]. A simulation calls it with its own time, which is all the time there is:
//!
//! ```
//! use seedwarden_sim::{Answer, Model, qbittorrent::*};
//! let mut server = Server::new(Era::V5_1);
//! let hash = server.add(0, TorrentSpec::new("A").category("tv").tracker("http://t/announce", TrackerResult::Working));
//! let login = http::Request::post("/api/v2/auth/login")
//!     .header("content-type", "application/x-www-form-urlencoded")
//!     .body("username=admin&password=adminadmin".into()).unwrap();
//! let Answer::Reply(reply) = server.answer(&login, 1_000) else { unreachable!() };
//! assert_eq!(reply.body().as_ref(), b"Ok.");
//! server.lose_data(&hash);
//! server.restart(2_000);
//! assert_eq!(server.state(&hash).unwrap(), "missingFiles");
//! ```
//!
//! The other puts it behind a socket, with the real clock, for the binary and for other people's clients; the
//! test keeps a handle on the same server, and may put [`crate::faults::Faulty`] around it:
//!
//! ```no_run
//! # use seedwarden_sim::{door::*, qbittorrent::*};
//! # use std::sync::{Arc, Mutex};
//! let server = Arc::new(Mutex::new(Server::new(Era::V4_5_2)));
//! let door = Door::open(server.clone(), DoorOptions::qbittorrent()).unwrap();
//! server.lock().unwrap().settings.webui_port = door.addr.port(); // for the cookie's name, and `checks_host`
//! server.lock().unwrap().add(door.now(), TorrentSpec::new("B").size(1 << 20));
//! ```
//!
//! What happened is in [`Server::effects`]. Time passes only with calls: what should have happened since the last
//! one is worked out at the next, or by [`Server::step`].

mod act;
mod add;
mod announce;
mod bencode;
mod disk;
mod effect;
mod era;
mod labels;
mod metainfo;
mod read;
mod recheck;
mod reply;
mod routes;
mod row;
mod server;
mod session;
mod settings;
mod spec;
mod state;
mod step;
mod sync;
#[cfg(test)]
mod testing;
mod torrent;

pub use disk::{Disk, FolderDisk, MemoryDisk};
pub use effect::{Effect, What};
pub use era::Era;
pub use metainfo::Metainfo;
pub use server::Server;
pub use settings::Settings;
pub use spec::TorrentSpec;
pub use torrent::{
    Check, File, ShareLimits, Torrent, Tracker, TrackerResult, TrackerStatus, Trouble,
};
