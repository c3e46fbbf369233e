//! A magnet as JSON: which field is present in which state, and the texts of the status codes (API notes, 6 and 7).

use super::{
    magnet::Magnet,
    switches::{Switches, Texts},
};
use crate::NowMs;
use serde_json::{Map, Value, json};

/// The text beside a code.
pub fn status_text(code: i64, texts: Texts) -> &'static str {
    match (code, texts) {
        (0, Texts::Documented) => "In Queue",
        (0, Texts::Live) => "In queue",
        (1, _) => "Downloading",
        (2, _) => "Compressing / Moving",
        (3, _) => "Uploading",
        (4, _) => "Ready",
        (5, _) => "Upload fail",
        (6, _) => "Internal error on unpacking",
        (7, Texts::Documented) => "Not downloaded in 20 min",
        (7, Texts::Live) => "No peer after 30 minutes",
        (8, _) => "File too big",
        (9, _) => "Internal error",
        (10, _) => "Download took more than 72h",
        (11, Texts::Documented) => "Deleted on the hoster website",
        (11, Texts::Live) => "Expired - Files removed",
        (12 | 13, _) => "Processing failed",
        (14, _) => "Error while contacting tracker",
        (15, Texts::Documented) => "File not available",
        (15, Texts::Live) => "File not available - no peer",
        (_, _) => "Unknown",
    }
}

/// The magnet in a status answer. `with_files` is for answers by id.
pub(crate) fn magnet(magnet: &Magnet, switches: &Switches, now: NowMs, with_files: bool) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    let is_ready = magnet.code == Some(4);
    let is_active = magnet.is_active();
    put("id", number(magnet.id, switches));
    put("filename", json!(filename(magnet, switches)));
    put("size", number(shown_size(magnet, switches), switches));
    put("status", json!(text(magnet, switches)));
    if let Some(code) = magnet.code {
        put("statusCode", json!(code));
    }
    put("uploadDate", json!(magnet.added_at));
    put("completionDate", json!(magnet.completed_at));
    if is_active
        || (is_ready && switches.ready_has_counters)
        || (!is_ready && switches.error_has_counters)
    {
        counters(magnet, switches, now, &mut put);
    }
    if switches.undocumented_fields {
        put("hash", json!(hash(magnet, switches)));
        put("type", json!("m"));
        put("notified", json!(is_ready));
        put("version", json!(2));
        put("processingPerc", json!(0));
        if is_ready {
            put("nbLinks", json!(1));
        }
    }
    if is_ready && with_files {
        put("files", files(magnet, switches));
    }
    for name in &magnet.omitted {
        fields.remove(name);
    }
    for (name, value) in &magnet.replaced {
        fields.insert(name.clone(), value.clone());
    }
    Value::Object(fields)
}

/// The tree of files: one folder with one file.
pub(crate) fn files(magnet: &Magnet, switches: &Switches) -> Value {
    if switches.files_empty {
        return json!([]);
    }
    let link = format!(
        "https://alldebrid.com/f/{}",
        &magnet.hash[..magnet.hash.len().min(12)]
    );
    json!([{"n": magnet.filename, "e": [{"n": format!("{}.mkv", magnet.filename), "s": magnet.size, "l": link}]}])
}

/// `noname` or the hash until the metadata is known.
pub(crate) fn filename(magnet: &Magnet, switches: &Switches) -> String {
    match (magnet.has_metadata, switches.noname_is_hash) {
        (true, _) => magnet.filename.clone(),
        (false, true) => magnet.hash.clone(),
        (false, false) => "noname".to_owned(),
    }
}

/// The info hash in small letters or capitals.
pub(crate) fn hash(magnet: &Magnet, switches: &Switches) -> String {
    if switches.hash_in_capitals {
        magnet.hash.to_ascii_uppercase()
    } else {
        magnet.hash.clone()
    }
}

/// A number, or a text of its digits.
pub(crate) fn number(value: u64, switches: &Switches) -> Value {
    if switches.numbers_are_texts {
        Value::from(value.to_string())
    } else {
        Value::from(value)
    }
}

/// The text of a magnet: the one set by the test, or the usual one.
pub(crate) fn text(magnet: &Magnet, switches: &Switches) -> String {
    let usual = || status_text(magnet.code.unwrap_or(-1), switches.texts).to_owned();
    magnet.text.clone().unwrap_or_else(usual)
}

fn shown_size(magnet: &Magnet, switches: &Switches) -> u64 {
    let hidden = !magnet.has_metadata || (magnet.code == Some(0) && switches.queued_size_is_zero);
    if hidden { 0 } else { magnet.size }
}

fn counters(
    magnet: &Magnet,
    switches: &Switches,
    now: NowMs,
    put: &mut impl FnMut(&str, Value) -> Option<Value>,
) {
    let zero = switches.counters_stay_zero;
    let downloaded = if zero { 0 } else { magnet.downloaded(now) };
    let speed = match magnet.active_since {
        Some(since) if now > since => {
            downloaded.saturating_mul(1000) / (now - since).unsigned_abs()
        }
        Some(_) | None => 0,
    };
    put("downloaded", number(downloaded, switches));
    put("uploaded", number(0, switches));
    put("downloadSpeed", number(speed, switches));
    put("uploadSpeed", number(0, switches));
    put(
        "seeders",
        number(if zero { 0 } else { magnet.seeders }, switches),
    );
}
