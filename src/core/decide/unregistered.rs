//! The ailment `unregistered`: a private torrent that its tracker no longer knows.

use super::ailment::Ailment;
use super::context::Context;
use super::count::Sight;
use super::outages::window_begins;
use crate::config::policy::Unregistered;
use crate::core::model::{ApiVersion, Fact, ItemId, Torrent, Tracker, Unknown};
use crate::core::unregistered::{Messages, unregistered};
use std::collections::BTreeSet;

/// Whether the sign shows; `None` where the ailment does not apply (a public torrent). The cheapest question comes first.
pub fn look(
    context: &Context<'_>,
    block: &Unregistered,
    messages: &Messages,
    doubts: &Doubts,
    id: &ItemId,
    torrent: &Torrent,
) -> Option<Sight> {
    let api = context
        .library()
        .map_or(ApiVersion::default(), |library| library.api);
    if torrent.private == Some(false) {
        return None;
    }
    // The list says that no tracker fails, too, where none was asked since a stop or the start of the server.
    if !context.is_watched(Ailment::Unregistered, id)
        && a_tracker_works(context, doubts, api, id, torrent)
    {
        return Some(Sight::well());
    }
    match context.private(id, torrent) {
        Ok(true) => {}
        Ok(false) => return None,
        Err(why) => return Some(Sight::unknown(why)),
    }
    if torrent.state.is_stopped() || torrent.state.is_errored() || torrent.state.is_checking() {
        return Some(Sight::unknown(Unknown::no_answer(format!(
            "its trackers are not asked while it is {}",
            torrent.state.as_str()
        ))));
    }
    let trackers = match context.trackers(id) {
        Ok(trackers) => trackers,
        Err(why) => return Some(Sight::unknown(why)),
    };
    let (fact, status) = unregistered(
        trackers,
        api,
        messages,
        torrent.num_leechs,
        block.min_peers,
        false,
    );
    Some(match fact {
        Fact::Yes => Sight::sick(status),
        Fact::No if trackers.iter().any(is_working) => Sight::well(),
        Fact::No => Sight::between(status),
        Fact::Unknown(why) => Sight::unknown(why),
    })
}

fn is_working(tracker: &Tracker) -> bool {
    tracker.status == 2 && !tracker.updating
}

/// Tracker hosts that have begun to refuse: torrents there are not taken for well before their own trackers were read,
/// so that an outage shows at once and in full.
#[derive(Debug, Default)]
pub struct Doubts(BTreeSet<String>);

/// The hosts of torrents that began to show the sign not long ago, among the trackers read so far in this cycle: when they
/// do so for the first time, and again before one of them can be deleted for it.
pub fn doubts(context: &Context<'_>, block: &Unregistered, messages: &Messages) -> Doubts {
    let library = context
        .library()
        .filter(|library| library.api < ApiVersion::INCLUDE_TRACKERS);
    let Some(library) = library else {
        return Doubts::default();
    };
    let read = context.input.facts.trackers.iter();
    let hosts = read.filter_map(|(id, trackers)| {
        let (torrent, rows) = (library.torrents.get(id)?, trackers.as_ref().ok()?);
        let is_fresh = is_fresh(context, block.max_failures, id);
        let min_peers = block.min_peers;
        let (fact, _) = unregistered(
            rows,
            library.api,
            messages,
            torrent.num_leechs,
            min_peers,
            false,
        );
        (is_fresh && fact.is_yes()).then(|| rows.iter().map(Tracker::host))
    });
    Doubts(hosts.flatten().collect())
}

fn is_fresh(context: &Context<'_>, max_failures: u32, id: &ItemId) -> bool {
    let item = context.before.items.get(id);
    let Some(failures) = item.and_then(|item| item.unregistered.as_ref()) else {
        return true;
    };
    let since = failures.since.unwrap_or(context.now);
    let is_turning_point = failures.failures == 0 || failures.failures + 1 >= max_failures;
    is_turning_point && !failures.accepted && since >= window_begins(context, max_failures)
}

/// Whether it is known without another request that a tracker works. From 5.2 flags tell whether any fails, and from
/// 5.1 all trackers are read in bulk. Up to 5.0 `tracker` is empty while none has worked, but keeps the address of one
/// that worked once and then refuses (seen on 4.5.2 and 5.1.0): it holds for a while after the trackers were read.
fn a_tracker_works(
    context: &Context<'_>,
    doubts: &Doubts,
    api: ApiVersion,
    id: &ItemId,
    torrent: &Torrent,
) -> bool {
    if api >= ApiVersion::INCLUDE_TRACKERS {
        return no_tracker_fails(torrent);
    }
    !torrent.tracker.is_empty()
        && context.had_clean_trackers(id)
        && !doubts.0.contains(&torrent.tracker_host())
}

/// Whether the flags of 5.2 and later say that no tracker fails.
pub fn no_tracker_fails(torrent: &Torrent) -> bool {
    torrent.has_tracker_error == Some(false) && torrent.has_other_announce_error == Some(false)
}
