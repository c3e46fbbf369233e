//! Nothing that can be printed shows a secret: every type that holds one is printed here in all its ways.

use crate::clients::qbittorrent::Export;
use crate::config::policy::{Secret, SecretSource, Webhook};
use crate::core::keepsake::Keepsake;
use crate::core::model::{ItemId, Library, OtherFields, Torrent, Tracker};
use crate::core::snapshot::{Beside, Snapshot};
use jiff::Timestamp;
use std::fmt::Debug;

const SECRET: &str = "5ec4e7c0ffee5ec4e7c0ffee";

#[track_caller]
fn check(value: &impl Debug) {
    for printed in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!printed.contains(SECRET), "{printed}");
    }
}

fn announce() -> String {
    format!("https://tracker.example/{SECRET}/announce")
}

fn torrent() -> Torrent {
    let link = format!("magnet:?xt=urn:btih:a&tr={}", announce());
    Torrent {
        name: "Film".into(),
        tracker: announce().into(),
        other: Some(Box::new(OtherFields::from([
            ("magnet_uri".into(), link.into()),
            ("trackers".into(), vec![announce()].into()),
            ("popularity".into(), 1.5.into()),
        ]))),
        ..Torrent::default()
    }
}

#[test]
fn torrent_shows_the_host_of_its_tracker_only() {
    check(&torrent());
    let printed = format!("{:?}", torrent());
    assert!(printed.contains("tracker.example") && printed.contains("popularity"));
}

#[test]
fn library_and_snapshot_show_no_passkey() {
    let torrents = [(ItemId::from("a"), torrent())].into();
    let library = Library {
        torrents,
        ..Library::default()
    };
    check(&library);
    check(&Snapshot::of_torrents(
        "a".into(),
        Timestamp::UNIX_EPOCH,
        &library,
        None,
        Beside::default(),
    ));
}

#[test]
fn tracker_shows_neither_its_address_nor_keys_in_its_message() {
    check(&Tracker {
        url: announce().into(),
        status: 4,
        updating: false,
        message: format!("passkey {SECRET} is unknown, see {}", announce()).into(),
    });
}

#[test]
fn keepsake_shows_no_magnet_link() {
    check(&Keepsake {
        magnet_link: Some(format!("magnet:?tr={}", announce()).into()),
        ..Keepsake::default()
    });
}

#[test]
fn exported_torrent_shows_no_content() {
    check(&Export::Torrent(announce().into()));
}

#[test]
fn policy_shows_no_secret() {
    let url = format!("https://discord.com/api/webhooks/1/{SECRET}");
    check(&Webhook {
        url: Secret::new(url, SecretSource::Text),
        username: None,
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.json");
    let config = format!(
        r#"{{ "discord": {{ "webhook_url": "https://discord.com/api/webhooks/1/{SECRET}" }}, "accounts": [
            {{ "name": "a", "type": "alldebrid", "api_key": "{SECRET}" }},
            {{ "name": "b", "type": "qbittorrent", "url": "http://127.0.0.1:1", "api_key": "{SECRET}2" }},
            {{ "name": "c", "type": "qbittorrent", "url": "http://127.0.0.1:2", "username": "u", "password": "{SECRET}3" }} ] }}"#
    );
    std::fs::write(&file, config).unwrap();
    let loaded = crate::config::load(&file, false, &|_, _| Ok(())).unwrap();
    check(&loaded);
    assert_eq!(loaded.policy.accounts.len(), 3);
}
