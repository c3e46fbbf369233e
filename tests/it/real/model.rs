//! The qBittorrent model beside real servers, with the same files and the same requests.

mod answers;
mod ends;

use std::sync::{Arc, Mutex};

use seedwarden_sim::door::{Door, DoorOptions};
use seedwarden_sim::qbittorrent::{Era, FolderDisk, Server as Model, Settings, TrackerResult};

use super::api::{Api, PASSWORD, USER};
use super::server::Server;

/// The model that is to be like this server, with the same files.
fn model_of(server: &Server) -> (Door, Api) {
    let era = match server.release().version.as_str() {
        "4.5.2" => Era::V4_5_2,
        version if version.starts_with("5.1.") => Era::V5_1,
        version if version.starts_with("5.3.") => Era::V5_3,
        version => panic!("there is no model of {version}"),
    };
    let downloads = server.downloads().display().to_string();
    let mut settings = Settings::new(era);
    settings.username = USER.to_owned();
    settings.password = PASSWORD.to_owned();
    settings.save_path.clone_from(&downloads);
    settings.uses_dht = false;
    settings.added_tracker = TrackerResult::refused();
    let disk = FolderDisk::new(&downloads, server.downloads());
    let model = Arc::new(Mutex::new(Model::with(settings, Box::new(disk))));
    let door = Door::open(model.clone(), DoorOptions::qbittorrent()).expect("a loopback port");
    if let Ok(mut model) = model.lock() {
        model.settings.webui_port = door.addr.port();
        model.settings.checks_host = true;
    }
    let api = Api::new(door.addr.port());
    assert_eq!(api.login(), Some(true));
    (door, api)
}
