//! State word and progress of a torrent, as the API shows them.

use super::Era;
use super::torrent::{Check, Torrent, Trouble};
use crate::NowMs;

/// The state word in the names of `era`. A torrent in trouble shows that also while it is stopped.
pub(super) fn word(torrent: &Torrent, era: Era, now: NowMs) -> String {
    if let Some(shown) = &torrent.shown_state {
        return shown.clone();
    }
    let check = torrent.check.filter(|check| now >= check.begins_at);
    let word = match (check, torrent.trouble) {
        (Some(_), _) if torrent.was_finished => "checkingUP",
        (Some(_), _) => "checkingDL",
        (None, Some(Trouble::MissingFiles)) => "missingFiles",
        (None, Some(Trouble::PeerRead | Trouble::DuringCheck | Trouble::DiskFull)) => "error",
        (None, None) => healthy_word(torrent, era),
    };
    word.to_owned()
}

fn healthy_word(torrent: &Torrent, era: Era) -> &'static str {
    let is_complete = torrent.is_complete();
    if torrent.is_stopped {
        return match (era.has_new_names(), is_complete) {
            (false, true) => "pausedUP",
            (false, false) => "pausedDL",
            (true, true) => "stoppedUP",
            (true, false) => "stoppedDL",
        };
    }
    if !torrent.has_metadata {
        return match torrent.is_forced && era >= Era::V4_5_2 {
            true => "forcedMetaDL",
            false => "metaDL",
        };
    }
    match (is_complete, torrent.is_forced, torrent.is_queued) {
        (true, true, _) => "forcedUP",
        (false, true, _) => "forcedDL",
        (true, false, true) => "queuedUP",
        (false, false, true) => "queuedDL",
        (true, false, false) if torrent.upspeed > 0 => "uploading",
        (true, false, false) => "stalledUP",
        (false, false, false) if torrent.has_peers => "downloading",
        (false, false, false) => "stalledDL",
    }
}

/// Bytes that the API shows as completed.
pub(super) fn completed(torrent: &Torrent, now: NowMs) -> u64 {
    let check = torrent.check.filter(|check| now >= check.begins_at);
    match (check, torrent.trouble) {
        (Some(_), _) | (None, Some(Trouble::MissingFiles)) => 0,
        (None, _) => torrent.have(),
    }
}

/// Progress from 0 to 1: of the wanted bytes, or, while a check reads the disk, of its pieces.
#[allow(clippy::cast_precision_loss)]
pub(super) fn progress(torrent: &Torrent, now: NowMs) -> f64 {
    if let Some(Check {
        running: Some((start, end)),
        is_hung: false,
        ..
    }) = torrent.check
    {
        let pieces = pieces(torrent).max(1);
        let span = u64::try_from(end - start).unwrap_or(0).max(1);
        let passed = u64::try_from(now - start).unwrap_or(0).min(span - 1);
        let checked = u128::from(passed) * u128::from(pieces) / u128::from(span);
        return checked as f64 / pieces as f64;
    }
    match torrent.wanted() {
        0 => f64::from(torrent.is_complete() && completed(torrent, now) == torrent.have()),
        wanted => completed(torrent, now) as f64 / wanted as f64,
    }
}

/// Number of pieces.
pub(super) fn pieces(torrent: &Torrent) -> u64 {
    let total = torrent.total_size();
    total.div_ceil(super::metainfo::piece_size(total))
}
