//! The tables 5.1 to 5.3 of the message survey, on every kind of server, and what else a row can say.

use super::*;
use proptest::prelude::*;

const OLD: ApiVersion = ApiVersion(2, 8, 19);
const NEW: ApiVersion = ApiVersion(2, 13, 0);

/// 5.1: texts of the transport.
const TRANSPORT: &[&str] = &[
    "Host not found (authoritative)",
    "Host not found (non-authoritative), try again later",
    "timed out",
    "Connection refused",
    "404 Not Found",
    "Not Found",
    "403 Forbidden",
    "502 Bad Gateway",
    "503 Service Unavailable",
    "520 (unknown HTTP error)",
    "522 (unknown HTTP error)",
    "skipping tracker announce (unreachable)",
    "stream truncated",
    "invalid tracker response",
    "expected value (list, dict, int or string) in bencoded string",
    "No route to host",
    "unsupported URL protocol",
    "Unknown error",
    "certificate verify failed",
    "No such host is known",
    "End of file",
    "unexpected end of file in bencoded string",
];

/// 5.2: a tracker's answer about something else.
const SOMETHING_ELSE: &[&str] = &[
    "You are already downloading this torrent from another location",
    "Unknown passkey",
    "Your account has been disabled. Contact another staff member",
    "Tracker is down for maintenance",
    "Announce interval too short, next announce in other words 1800 s",
    "Rate limit exceeded, try again later",
    "Torrent has been postponed",
    "Client is not on the whitelist: unknown client",
    "User not found",
    "You have uploaded too much without ratio",
    "Your IP address is not registered with your account",
    "Database error: table does not exist",
    "passkey not found",
    "Slot limit reached",
    "You have reached the client limit for this torrent",
    "Account is unregistered",
];

/// 5.3: really gone.
const GONE: &[&str] = &[
    "Unregistered torrent",
    "Torrent not registered with this tracker",
    "torrent not found",
    "Torrent has been deleted.",
    "Torrent is not found or awaiting moderation.",
    "Trumped: see https://t.example/torrents/1",
    "Nuked: bad aspect ratio",
    "InfoHash not found.",
    "Info hash is not authorized for use on this tracker",
    "Torrent introuvable",
    "Torrent existiert nicht",
    "Torrent was dead",
    "Torrent banned",
    "err torrent deleted",
    "Torrent doesn't exist",
    "Torrent não registrado",
    "種子不存在 (not exist)",
    "torrent unavailable",
    "Complete Season Uploaded: https://t.example/x",
];

fn row(status: i64, message: &str) -> Tracker {
    Tracker {
        url: "https://t.example:443/0123456789abcdef0123456789abcdef/announce".into(),
        status,
        updating: false,
        message: message.into(),
    }
}

fn verdict(status: i64, message: &str, api: ApiVersion, messages: &Messages) -> TrackerVerdict {
    tracker_verdict(&row(status, message), api, messages)
}

#[track_caller]
fn check(rows: &[Tracker], leechers: Option<i64>, min_peers: u32, expected: &str) {
    for api in [OLD, NEW] {
        let (fact, _) = unregistered(rows, api, &Messages::default(), leechers, min_peers, false);
        assert_eq!(fact.to_string(), expected, "on {api:?}");
    }
}

#[test]
fn transport_text_is_never_gone_whatever_words_the_list_has() {
    let greedy = [
        "not found",
        "unknown",
        "truncated",
        "not",
        "error",
        "host",
        "5",
        "timed",
    ]
    .map(str::to_owned);
    for messages in [Messages::default(), Messages::new(None, &greedy)] {
        for text in TRANSPORT {
            for (status, api) in [(4, OLD), (4, NEW), (6, NEW)] {
                let verdict = verdict(status, text, api, &messages);
                assert_eq!(verdict, TrackerVerdict::Down((*text).to_owned()));
            }
        }
    }
    for text in TRANSPORT {
        let verdict = verdict(5, text, NEW, &Messages::default());
        assert_eq!(verdict, TrackerVerdict::Other((*text).to_owned()));
    }
}

#[test]
fn answer_about_something_else_is_not_gone() {
    for text in SOMETHING_ELSE {
        for (status, api) in [(4, OLD), (5, NEW)] {
            let verdict = verdict(status, text, api, &Messages::default());
            assert_eq!(verdict, TrackerVerdict::Other((*text).to_owned()));
        }
    }
}

#[test]
fn default_list_knows_each_text_of_a_gone_torrent() {
    for text in GONE {
        for (status, api) in [(4, OLD), (5, NEW)] {
            let verdict = verdict(status, text, api, &Messages::default());
            assert!(
                matches!(verdict, TrackerVerdict::Gone(_)),
                "{text}: {verdict:?}"
            );
        }
    }
}

#[test]
fn status_4_of_new_servers_is_transport_whatever_it_says() {
    for text in GONE {
        let verdict = verdict(4, text, NEW, &Messages::default());
        assert!(
            matches!(verdict, TrackerVerdict::Down(_)),
            "{text}: {verdict:?}"
        );
    }
}

#[test]
fn status_4_of_server_without_known_version_is_down() {
    let verdict = verdict(
        4,
        "Unregistered torrent",
        ApiVersion::default(),
        &Messages::default(),
    );
    assert!(matches!(verdict, TrackerVerdict::Down(_)));
}

#[test]
fn own_messages_replace_and_extra_ones_add() {
    let list = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
    let replaced = Messages::new(Some(&list(&["Gone  Fishing"])), &list(&["adios", " "]));
    for (text, expected) in [
        ("gone fishing!", true),
        ("Adios", true),
        ("Unregistered torrent", false),
    ] {
        assert_eq!(replaced.names_gone(text), expected, "{text}");
    }
    let added = Messages::new(None, &list(&["not found"]));
    assert!(added.names_gone("Unregistered torrent") && added.names_gone("Nothing: not found"));
    assert!(!added.names_gone("passkey not found") && !added.names_gone("anything else"));
    let account = Messages::new(None, &list(&["account disabled"]));
    assert!(account.names_gone("Your account disabled since yesterday"));
}

#[test]
fn texts_in_addresses_do_not_count() {
    assert!(!Messages::default().names_gone("see https://t.example/unregistered-torrent"));
    assert!(Messages::default().names_gone("Torrent_not-found"));
}

#[test]
fn needs_one_refusal_none_working_and_few_leechers() {
    let (gone, works) = (row(5, "Unregistered torrent"), row(2, ""));
    let (down, other) = (row(6, "timed out"), row(5, "Slot limit reached"));
    check(std::slice::from_ref(&gone), Some(0), 1, "yes");
    check(&[down.clone(), gone.clone(), row(0, "")], Some(0), 1, "yes");
    check(&[gone.clone(), works.clone()], Some(0), 1, "no");
    check(&[works], Some(0), 1, "no");
    check(std::slice::from_ref(&gone), Some(1), 1, "no");
    check(std::slice::from_ref(&gone), Some(1), 2, "yes");
    check(std::slice::from_ref(&gone), None, 0, "yes");
    let not_known = "unknown: the number of connected leechers is not known";
    check(std::slice::from_ref(&gone), None, 1, not_known);
    check(&[down], Some(0), 1, "unknown: t.example is down: timed out");
    let refused = "unknown: t.example refuses for another reason: Slot limit reached";
    check(&[other], Some(0), 1, refused);
    check(&[], Some(0), 1, "unknown: no trackers");
    let waits = "unknown: no verdict yet of t.example";
    check(&[gone.clone(), row(1, "")], Some(0), 1, waits);
    let in_flight = Tracker {
        updating: true,
        ..gone
    };
    check(
        &[in_flight],
        Some(0),
        1,
        "unknown: t.example has not answered yet",
    );
    let old_text = row(3, "Unregistered torrent");
    check(
        &[old_text],
        Some(0),
        1,
        "unknown: t.example has not answered yet",
    );
}

#[test]
fn stopped_torrent_is_unknown() {
    let rows = [row(5, "Unregistered torrent")];
    let (fact, status) = unregistered(&rows, NEW, &Messages::default(), Some(0), 1, true);
    assert!(matches!(fact, Fact::Unknown(_)));
    assert_eq!(status, "t.example: Unregistered torrent");
}

#[test]
fn text_shown_has_no_addresses_and_keys() {
    for (message, expected) in [
        (
            "Trumped: see https://t.example/dl/secretkey1",
            "Trumped: see …",
        ),
        ("gone\r\n\tat  last", "gone at last"),
        (
            "bad key 0123456789abcdef0123456789abcdef here",
            "bad key … here",
        ),
        ("t.example/abcdef0123456789/announce", "…"),
        ("passkey=abc unknown", "… unknown"),
        ("", "no text"),
        (
            "Torrent not registered with this tracker",
            "Torrent not registered with this tracker",
        ),
    ] {
        assert_eq!(shown(&row(5, message)), expected, "{message:?}");
    }
    let mut short_key = row(5, "unknown key kitty, sorry");
    short_key.url = "http://user:pword@t.example/announce.php?passkey=kitty".into();
    assert_eq!(shown(&short_key), "unknown key …, sorry");
    assert_eq!(shown(&row(5, &"é ".repeat(5_000))).chars().count(), 200);
}

proptest! {
    #[test]
    fn no_text_and_status_can_make_it_panic_or_show_the_key(
        text in "\\PC{0,40}",
        tail in "[a-z0-9/:. ]{0,10}",
        status in -2_i64..9,
    ) {
        let key = "0123456789abcdef0123456789abcdef";
        let tracker = row(status, &format!("{text}{key}{tail}"));
        for api in [OLD, NEW, ApiVersion::default()] {
            let (fact, shown) = unregistered(
                std::slice::from_ref(&tracker), api, &Messages::default(), Some(0), 1, false,
            );
            prop_assert!(!shown.contains(key) && !fact.to_string().contains(key));
        }
    }

    #[test]
    fn working_tracker_always_saves(text in "\\PC{0,40}", status in 0_i64..7) {
        let rows = [row(status, &text), row(2, "Unregistered torrent")];
        let (fact, _) = unregistered(&rows, NEW, &Messages::default(), Some(0), 1, false);
        prop_assert!(fact.is_no());
    }
}
