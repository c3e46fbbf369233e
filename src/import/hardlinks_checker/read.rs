//! From the script's settings to an account. Where the script would have failed, or done nothing, the settings are
//! taken as they were meant, and it is said.

use crate::import::address::{web_address, written};
use crate::import::amount;
use crate::import::remark::Remarks;
use crate::import::yaml::Yaml;

use super::Settings;
use super::account::{Account, Categories};
use super::orphans;

/// Every setting the script knows, and `dry_run`, which it has as a flag.
const KNOWN: [&str; 16] = [
    "qbt_host",
    "qbt_port",
    "qbt_username",
    "qbt_password",
    "min_seeding_time",
    "categories",
    "torrent_type",
    "virtual_path",
    "real_path",
    "enable_recheck",
    "enable_orphan_check",
    "orphan_states",
    "min_peers",
    "enable_auto-update_trackers",
    "auto-update_trackers_script",
    "dry_run",
];

pub(super) fn account(settings: &Settings, remarks: &mut Remarks) -> Account {
    let (username, password) = login(settings, remarks);
    let url = url(settings, remarks);
    let categories = categories(settings, remarks);
    let torrent_type = torrent_type(settings, remarks);
    let account = Account {
        name: String::new(),
        url,
        username,
        password,
        categories,
        torrent_type,
        path_map: path_map(settings, remarks),
        is_rechecking: is_on(settings, "enable_recheck", true),
        unregistered: orphans::read(settings, torrent_type, remarks),
        min_seeding_seconds: min_seeding_seconds(settings, remarks),
    };
    if account.is_rechecking {
        remarks.differs(
            "enable_recheck",
            "the script only ever rechecked such torrents, so last_resort is \"keep\": it rechecks and deletes \
             nothing. It is a safe recheck that never starts the download anew. Other last resorts let go of them.",
        );
    }
    if is_on(settings, "enable_auto-update_trackers", false) {
        remarks.left_out(
            "auto-update_trackers_script",
            "Seedwarden adds no trackers; let cron start that script.",
        );
    }
    for key in settings.keys().filter(|key| !KNOWN.contains(&key.as_str())) {
        remarks.left_out(
            &amount::name(key),
            "no setting that the script is known to have.",
        );
    }
    account
}

/// Whether a switch is on.
pub(super) fn is_on(settings: &Settings, key: &str, default: bool) -> bool {
    settings.get(key).map_or(default, Yaml::is_true)
}

/// The text of a setting, without blanks around it; nothing if it is missing or empty.
fn text<'s>(settings: &'s Settings, key: &str) -> Option<&'s str> {
    let text = settings.get(key).and_then(Yaml::text).map(str::trim);
    text.filter(|text| !text.is_empty())
}

fn url(settings: &Settings, remarks: &mut Remarks) -> String {
    const LOCAL: &str = "http://127.0.0.1:8080";
    let host = text(settings, "qbt_host").unwrap_or_default();
    let Some(mut url) = web_address(host, "qbt_host", remarks) else {
        return LOCAL.to_owned();
    };
    let port = settings.get("qbt_port").and_then(Yaml::number);
    match port.filter(|(port, _)| port.fract() == 0.0 && (1.0..=65_535.0).contains(port)) {
        Some((port, _)) => {
            if url.port().is_some() {
                remarks.differs("qbt_host", "it names a port too; taken is qbt_port.");
            }
            // It fails only for addresses without a host.
            let _ = url.set_port(Some(port as u16));
        }
        None => remarks.differs(
            "qbt_port",
            "no port from 1 to 65535; the address is used without one.",
        ),
    }
    if !url.path().trim_matches('/').is_empty() {
        remarks.differs(
            "qbt_host",
            "the script put the port behind the path; here it follows the host.",
        );
    }
    written(&url)
}

fn login(settings: &Settings, remarks: &mut Remarks) -> (String, Option<String>) {
    let username = text(settings, "qbt_username").map(amount::name);
    if username.is_none() {
        remarks.differs("qbt_username", "there is none; \"admin\" is used.");
    }
    // Blanks may be part of a password.
    let password = settings
        .get("qbt_password")
        .and_then(|password| match password {
            Yaml::Scalar { text, .. } => Some(text.clone()),
            Yaml::List(_) | Yaml::Map(_) => None,
        });
    let password = password.filter(|password| !password.trim().is_empty());
    if password.is_none() {
        remarks.differs(
            "qbt_password",
            "there is none; it is taken from the environment variable QBT_PASSWORD. Where qBittorrent asks this \
             machine for no password, any text will do.",
        );
    }
    (username.unwrap_or_else(|| "admin".to_owned()), password)
}

fn min_seeding_seconds(settings: &Settings, remarks: &mut Remarks) -> f64 {
    /// What the script's own example has.
    const EXAMPLE: f64 = 864_000.0;
    let about = "min_seeding_time";
    match settings.get(about).and_then(Yaml::number) {
        None => {
            remarks.differs(
                about,
                "no number of seconds; 10 days, as in the script's example, are used.",
            );
            EXAMPLE
        }
        Some((seconds, _)) if seconds <= 0.0 => {
            remarks.note(about, "\"0s\": as in the script, torrents without hardlinks go however short they seeded.");
            0.0
        }
        Some((seconds, is_quoted)) => {
            if is_quoted {
                remarks.differs(
                    about,
                    "a number in quotes, on which the script stops; taken as the number.",
                );
            }
            seconds
        }
    }
}

fn categories(settings: &Settings, remarks: &mut Remarks) -> Categories {
    let about = "categories";
    match settings.get(about) {
        Some(Yaml::List(list)) if !list.is_empty() => {
            let names = list.iter().map(|entry| category(entry, remarks)).collect();
            names_or_all(names)
        }
        Some(entry @ Yaml::Scalar { .. })
            if entry.text().is_some_and(|text| !text.trim().is_empty()) =>
        {
            // Python looks for "All" within the text; any other text is walked letter by letter.
            if entry.text().is_some_and(|text| text.contains("All")) {
                remarks.note(
                    about,
                    "a text, not a list; as with the script, it selects everything.",
                );
                return Categories::All;
            }
            let name = category(entry, remarks);
            remarks.differs(
                about,
                "a text, not a list, with which the script did nothing. It is taken as a category: read \
                 `seedwarden plan` before you switch dry_run off.",
            );
            names_or_all(vec![name])
        }
        None | Some(Yaml::Scalar { .. } | Yaml::List(_) | Yaml::Map(_)) => {
            remarks.differs(
                about,
                "none are named, with which the script did nothing. Everything is selected: set select.categories \
                 and read `seedwarden plan` before you switch dry_run off.",
            );
            Categories::All
        }
    }
}

fn names_or_all(mut names: Vec<String>) -> Categories {
    if names.iter().any(|name| name == "All") {
        return Categories::All;
    }
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    Categories::Only(names)
}

fn category(entry: &Yaml, remarks: &mut Remarks) -> String {
    let text = match entry {
        Yaml::Scalar { text, .. } => text.as_str(),
        Yaml::List(_) | Yaml::Map(_) => "",
    };
    let name = amount::name(text);
    if name.is_empty() {
        remarks.note(
            "categories",
            "an empty name, which means torrents without a category: \"Uncategorized\".",
        );
        return "Uncategorized".to_owned();
    }
    if name != text {
        remarks.differs(
            "categories",
            format!("{name:?} had blanks around or within it."),
        );
    }
    name
}

fn torrent_type(settings: &Settings, remarks: &mut Remarks) -> Option<&'static str> {
    let written = text(settings, "torrent_type")?;
    let known = ["private", "public"];
    let meant = known
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(written));
    match meant {
        Some(known) if known == written => {}
        Some(known) => remarks.differs(
            "torrent_type",
            format!("{written:?} selected every torrent, because the script minds the case; taken as \"{known}\"."),
        ),
        None => remarks.note("torrent_type", "neither \"private\" nor \"public\"; as with the script, any torrent."),
    }
    meant
}

fn path_map(settings: &Settings, remarks: &mut Remarks) -> Vec<(String, String)> {
    let about = "virtual_path";
    let (from, to) = match (text(settings, "virtual_path"), text(settings, "real_path")) {
        (None, None) => return Vec::new(),
        (Some(from), Some(to)) => (from, to),
        (Some(_), None) | (None, Some(_)) => {
            remarks.left_out(
                about,
                "one of virtual_path and real_path without the other; the script ignored it too.",
            );
            return Vec::new();
        }
    };
    let is_drive = from.as_bytes().get(1) == Some(&b':') || from.starts_with("\\\\");
    if !(from.starts_with('/') || is_drive) || !to.starts_with('/') {
        remarks.left_out(
            about,
            "the script replaced this text anywhere in a path; a path_map takes whole folders that begin with \"/\". \
             Write one, else the files are unknown and nothing is deleted for lack of hardlinks.",
        );
        return Vec::new();
    }
    remarks.differs(
        about,
        format!(
            "the script replaced this text anywhere in a path, and left other paths alone. Here {from:?} must be the \
             beginning of the path, on whole folders; torrents elsewhere are unknown and kept until path_map has an \
             entry for them too."
        ),
    );
    vec![(from.to_owned(), to.to_owned())]
}
