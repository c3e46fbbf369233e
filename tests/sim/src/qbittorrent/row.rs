//! A torrent as a row of `torrents/info` and of `sync/maindata`, with exactly the keys of each version: 43, 49,
//! 57 and 67 were counted on 4.2.5, 4.5.2, 5.1.0 and 5.3.0.

use super::Era;
use super::state;
use super::torrent::{Torrent, Tracker, TrackerStatus};
use crate::NowMs;
use serde_json::Value;

/// Keys and values, sorted by key.
pub(super) type Row = Vec<(&'static str, Value)>;

/// "For ever" in `eta`.
const INFINITE_ETA: u64 = 8_640_000;

/// The row of `torrents/info`.
pub(super) fn info(torrent: &Torrent, era: Era, now: NowMs) -> Row {
    let mut row = sync(torrent, era, now);
    row.retain(|(key, _)| !key.starts_with("has_") || *key == "has_metadata");
    row.push(("hash", torrent.hash.clone().into()));
    row.sort_unstable_by_key(|(key, _)| *key);
    row
}

/// The row of `sync/maindata`, where the hash is the key of the row.
pub(super) fn sync(torrent: &Torrent, era: Era, now: NowMs) -> Row {
    let mut row = Vec::with_capacity(70);
    basics(&mut row, torrent, era);
    amounts(&mut row, torrent, era, now);
    times(&mut row, torrent, era, now);
    if era >= Era::V4_5_2 {
        since_4_5(&mut row, torrent);
    }
    if era >= Era::V4_6 {
        row.push((
            "inactive_seeding_time_limit",
            torrent.limits.inactive_seeding_time.into(),
        ));
        row.push((
            "max_inactive_seeding_time",
            torrent.limits.inactive_seeding_time.max(-1).into(),
        ));
    }
    if era >= Era::V5_0 {
        since_5_0(&mut row, torrent);
    }
    if era >= Era::V5_2 {
        since_5_2(&mut row, torrent);
    }
    if era >= Era::V5_3 {
        row.push(("share_limits_mode", "Default".into()));
    }
    row.sort_unstable_by_key(|(key, _)| *key);
    row
}

fn basics(row: &mut Row, torrent: &Torrent, era: Era) {
    let slash = if era == Era::V4_2_5 { "/" } else { "" };
    let tags: Vec<&str> = torrent.tags.iter().map(String::as_str).collect();
    row.extend([
        ("auto_tmm", torrent.auto_tmm.into()),
        ("category", torrent.category.clone().into()),
        ("f_l_piece_prio", false.into()),
        ("force_start", torrent.is_forced.into()),
        ("magnet_uri", magnet(torrent, era).into()),
        ("name", torrent.name.clone().into()),
        ("save_path", format!("{}{slash}", torrent.save_path).into()),
        ("seq_dl", false.into()),
        ("super_seeding", false.into()),
        ("tags", tags.join(", ").into()),
        ("tracker", shown_tracker(torrent, era).into()),
    ]);
}

fn amounts(row: &mut Row, torrent: &Torrent, era: Era, now: NowMs) {
    let completed = state::completed(torrent, now);
    let total_size = match torrent.has_metadata {
        true => torrent.total_size().into(),
        false => Value::from(-1),
    };
    let limit = |limit: u64| match limit {
        0 if era == Era::V4_2_5 => Value::from(-1),
        limit => limit.into(),
    };
    let is_complete = torrent.is_complete();
    row.extend([
        (
            "amount_left",
            (torrent.wanted() - completed.min(torrent.wanted())).into(),
        ),
        ("availability", availability(torrent).into()),
        ("completed", completed.into()),
        ("dl_limit", limit(torrent.dl_limit)),
        ("dlspeed", torrent.dlspeed().into()),
        ("downloaded", torrent.downloaded.into()),
        ("downloaded_session", torrent.downloaded.into()),
        ("max_ratio", torrent.limits.ratio.max(-1.0).into()),
        ("num_complete", torrent.num_complete.into()),
        ("num_incomplete", torrent.num_incomplete.into()),
        ("num_leechs", torrent.num_leechs.into()),
        ("num_seeds", torrent.num_seeds.into()),
        (
            "priority",
            if is_complete { 0 } else { torrent.queue_place }.into(),
        ),
        ("progress", state::progress(torrent, now).into()),
        ("ratio", ratio(torrent, era).into()),
        ("ratio_limit", torrent.limits.ratio.into()),
        ("size", torrent.wanted().into()),
        ("state", state::word(torrent, era, now).into()),
        ("total_size", total_size),
        ("up_limit", limit(torrent.up_limit)),
        ("uploaded", torrent.uploaded.into()),
        ("uploaded_session", torrent.uploaded.into()),
        (
            "upspeed",
            if torrent.is_running() {
                torrent.upspeed
            } else {
                0
            }
            .into(),
        ),
    ]);
}

fn times(row: &mut Row, torrent: &Torrent, era: Era, now: NowMs) {
    let eta = match torrent.dlspeed() {
        0 => INFINITE_ETA,
        speed => (torrent.wanted() - torrent.have()) / speed,
    };
    let last_activity = match era {
        Era::V4_2_5 if torrent.is_running() => now / 1000,
        Era::V4_2_5 => 0,
        Era::V4_5_2 | Era::V4_6 | Era::V5_0 | Era::V5_1 | Era::V5_2 | Era::V5_3 => {
            torrent.last_activity
        }
    };
    row.extend([
        ("added_on", torrent.added_on.into()),
        (
            "completion_on",
            torrent.completion_on.unwrap_or(era.never()).into(),
        ),
        ("eta", eta.into()),
        ("last_activity", last_activity.into()),
        (
            "max_seeding_time",
            torrent.limits.seeding_time.max(-1).into(),
        ),
        ("seeding_time_limit", torrent.limits.seeding_time.into()),
        (
            "seen_complete",
            torrent.seen_complete.unwrap_or(era.never()).into(),
        ),
        ("time_active", (torrent.active_ms / 1000).into()),
    ]);
}

fn since_4_5(row: &mut Row, torrent: &Torrent) {
    row.extend([
        ("content_path", content_path(torrent).into()),
        ("download_path", torrent.download_path.clone().into()),
        ("infohash_v1", torrent.hash.clone().into()),
        ("infohash_v2", "".into()),
        ("seeding_time", (torrent.seeding_ms / 1000).into()),
        ("trackers_count", torrent.trackers.len().into()),
    ]);
}

fn since_5_0(row: &mut Row, torrent: &Torrent) {
    let is_private = torrent.has_metadata.then_some(torrent.is_private);
    row.extend([
        ("comment", torrent.comment.clone().into()),
        ("has_metadata", torrent.has_metadata.into()),
        ("popularity", 0.into()),
        ("private", is_private.into()),
        ("reannounce", next_announce(torrent).into()),
        ("root_path", root_path(torrent).into()),
    ]);
}

fn since_5_2(row: &mut Row, torrent: &Torrent) {
    let any = |status| {
        torrent
            .trackers
            .iter()
            .any(|tracker| tracker.status == status)
    };
    let warns =
        |tracker: &Tracker| tracker.status == TrackerStatus::Working && !tracker.msg.is_empty();
    let piece_size = super::metainfo::piece_size(torrent.total_size());
    let of_metadata = |value: u64| match torrent.has_metadata {
        true => value.into(),
        false => Value::from(-1),
    };
    row.extend([
        (
            "connections_count",
            (torrent.num_seeds + torrent.num_leechs).into(),
        ),
        ("connections_limit", 100.into()),
        ("created_by", "".into()),
        ("creation_date", (-1).into()),
        (
            "has_other_announce_error",
            any(TrackerStatus::NotWorking).into(),
        ),
        ("has_tracker_error", any(TrackerStatus::Refused).into()),
        (
            "has_tracker_warning",
            torrent.trackers.iter().any(warns).into(),
        ),
        ("piece_size", of_metadata(piece_size)),
        ("pieces_have", (torrent.have() / piece_size).into()),
        ("pieces_num", of_metadata(state::pieces(torrent))),
        ("share_limit_action", "Default".into()),
        ("total_wasted", 0.into()),
    ]);
}

/// Seconds until the next announce, as last reported.
pub(super) fn next_announce(torrent: &Torrent) -> i64 {
    let next = torrent
        .trackers
        .iter()
        .filter_map(|tracker| tracker.next_at)
        .min();
    next.map_or(0, |at| (at - torrent.refreshed_at).max(0) / 1000)
}

/// Copies of the data among the peers and here; -1 for seeds.
#[allow(clippy::cast_precision_loss)]
pub(super) fn availability(torrent: &Torrent) -> f64 {
    match torrent.wanted() {
        _ if torrent.is_complete() => -1.0,
        0 => 0.0,
        wanted => torrent.have() as f64 / wanted as f64 + f64::from(torrent.has_peers),
    }
}

/// Uploaded to downloaded, or to what is there when almost nothing was downloaded.
#[allow(clippy::cast_precision_loss)]
pub(super) fn ratio(torrent: &Torrent, era: Era) -> f64 {
    let completed = torrent.have();
    let base = match torrent.downloaded.saturating_mul(100) < completed {
        true => completed,
        false => torrent.downloaded,
    };
    match (torrent.uploaded, base) {
        (0, 0) => 0.0,
        (_, 0) => -1.0,
        (uploaded, base) => {
            let ratio = uploaded as f64 / base as f64;
            if ratio > 9999.0 && era <= Era::V5_1 {
                -1.0
            } else {
                ratio
            }
        }
    }
}

/// The file itself, the root folder of several, or the save path where they have none in common.
pub(super) fn content_path(torrent: &Torrent) -> String {
    match torrent.files.as_slice() {
        [] => String::new(),
        [file] => torrent.path_of(file),
        _ => match root_path(torrent) {
            root if root.is_empty() => torrent.data_folder().to_owned(),
            root => root,
        },
    }
}

fn root_path(torrent: &Torrent) -> String {
    let root = |name: &str| name.split_once('/').map(|(root, _)| root.to_owned());
    let first = torrent.files.first().and_then(|file| root(&file.name));
    match first {
        Some(first)
            if torrent
                .files
                .iter()
                .all(|file| root(&file.name).as_ref() == Some(&first)) =>
        {
            format!("{}/{first}", torrent.data_folder())
        }
        Some(_) | None => String::new(),
    }
}

/// The tracker that works, or has worked since the server's start and now fails (seen on 4.5.2 and 5.1.0); from 5.1
/// on the first one where there is none such.
fn shown_tracker(torrent: &Torrent, era: Era) -> String {
    let is_working = |tracker: &&Tracker| tracker.status == TrackerStatus::Working;
    let working = torrent.trackers.iter().find(is_working);
    let has_worked = |tracker: &&Tracker| tracker.has_worked;
    let last = working.or(torrent.trackers.iter().find(has_worked));
    let shown = last.or(torrent.trackers.first().filter(|_| era >= Era::V5_1));
    shown.map(|tracker| tracker.url.clone()).unwrap_or_default()
}

fn magnet(torrent: &Torrent, era: Era) -> String {
    let is_upper = era.has_new_names();
    let mut magnet = format!(
        "magnet:?xt=urn:btih:{}&dn={}",
        torrent.hash,
        percent(&torrent.name, is_upper)
    );
    if is_upper && torrent.has_metadata {
        magnet += &format!("&xl={}", torrent.total_size());
    }
    for tracker in &torrent.trackers {
        magnet += "&tr=";
        magnet += &percent(&tracker.url, is_upper);
    }
    magnet
}

fn percent(text: &str, is_upper: bool) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(byte.into())
            }
            byte if is_upper => out += &format!("%{byte:02X}"),
            byte => out += &format!("%{byte:02x}"),
        }
    }
    out
}

/// Appends the row as a JSON object.
pub(super) fn write(out: &mut Vec<u8>, row: &[(&'static str, Value)]) {
    out.push(b'{');
    for (at, (key, value)) in row.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.push(b'"');
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(b"\":");
        // Writing into memory can't fail.
        let _ = serde_json::to_writer(&mut *out, value);
    }
    out.push(b'}');
}
