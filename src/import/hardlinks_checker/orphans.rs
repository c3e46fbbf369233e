//! Orphans: private torrents that their tracker does not know, judged by texts.

use crate::core::model::{ApiVersion, Tracker};
use crate::core::unregistered::{Messages, TrackerVerdict, tracker_verdict};
use crate::import::amount;
use crate::import::remark::Remarks;
use crate::import::yaml::Yaml;

use super::Settings;
use super::account::Orphans;
use super::read::is_on;

/// Texts so short that trackers also use them of accounts, clients and files.
const BROAD: [&str; 13] = [
    "banned",
    "closed",
    "dead",
    "deleted",
    "down",
    "dupe",
    "error",
    "invalid",
    "not exist",
    "not found",
    "other",
    "problem",
    "unknown",
];

/// The block, unless the check is off or could never hold.
pub(super) fn read(
    settings: &Settings,
    torrent_type: Option<&str>,
    remarks: &mut Remarks,
) -> Option<Orphans> {
    if !is_on(settings, "enable_orphan_check", true) {
        return None;
    }
    if torrent_type == Some("public") {
        remarks.left_out(
            "enable_orphan_check",
            "only private torrents are checked, and only public ones selected.",
        );
        return None;
    }
    let min_peers = min_peers(settings, remarks)?;
    let messages = messages(settings, remarks);
    if messages.is_empty() {
        remarks.left_out(
            "enable_orphan_check",
            "there are no orphan_states, so the script found no orphans. `\"unregistered\": true` switches it on with \
             the built-in list.",
        );
        return None;
    }
    Some(Orphans {
        min_peers,
        messages,
    })
}

/// The script asks for fewer leechers than this, so that 0 switches the check off; here 0 switches the *test* off.
fn min_peers(settings: &Settings, remarks: &mut Remarks) -> Option<u32> {
    let Some(written) = settings.get("min_peers") else {
        return Some(1);
    };
    match written.number() {
        Some((number, _)) if number <= 0.0 => {
            remarks.left_out(
                "min_peers",
                "with 0 the script never found an orphan, so there is no `unregistered` block. (There, min_peers 0 \
                 would delete whatever the number of leechers.)",
            );
            None
        }
        Some((number, _)) => Some(number.ceil().min(f64::from(u32::MAX)) as u32),
        None => {
            remarks.differs(
                "min_peers",
                "no number, on which the script stops; its default 1 is used.",
            );
            Some(1)
        }
    }
}

fn messages(settings: &Settings, remarks: &mut Remarks) -> Vec<String> {
    let list = match settings.get("orphan_states") {
        Some(Yaml::List(list)) => list.as_slice(),
        Some(text @ Yaml::Scalar { .. }) => {
            if text.text().is_some() {
                remarks.differs(
                    "orphan_states",
                    "a text, not a list; the script took each letter for a state.",
                );
            }
            std::slice::from_ref(text)
        }
        None | Some(Yaml::Map(_)) => &[],
    };
    let mut messages: Vec<String> = Vec::new();
    for text in list.iter().filter_map(Yaml::text) {
        let message = amount::name(text);
        if message.is_empty() {
            remarks.left_out(
                "orphan_states",
                "an empty text, with which every private torrent was an orphan.",
            );
        } else if !messages.contains(&message) {
            remark(&message, remarks);
            messages.push(message);
        }
    }
    messages
}

/// What is different about a text.
fn remark(message: &str, remarks: &mut Remarks) {
    let lower = message.to_lowercase();
    if lower == "not working" {
        let text = "\"not working\" is a word of qBittorrent's window, which trackers hardly say; it stays in the list.";
        remarks.note("orphan_states", text);
    } else if is_of_network(message) {
        remarks.differs(
            "orphan_states",
            format!(
                "{message:?} stays in the list, but alone it is what the network says (a web page's 404, a name that \
                 does not resolve), on which the script deleted. Here it counts only within the tracker's own words."
            ),
        );
    } else if BROAD.contains(&lower.as_str()) {
        remarks.note(
            "orphan_states",
            format!(
                "{message:?} is a short text that trackers also use of accounts and clients; one that names the \
                 torrent is safer. Without `messages` the built-in list is used."
            ),
        );
    }
}

/// Whether our own judgement takes this text, standing alone, for one of the network.
fn is_of_network(message: &str) -> bool {
    let tracker = Tracker {
        url: "http://tracker.invalid/announce".into(),
        status: 4,
        updating: false,
        message: message.into(),
    };
    let list = Messages::new(Some(&[message.to_owned()]), &[]);
    let verdict = tracker_verdict(&tracker, ApiVersion(2, 8, 0), &list);
    matches!(verdict, TrackerVerdict::Down(_))
}
