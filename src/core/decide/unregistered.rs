//! The ailment `unregistered`: a private torrent that its tracker no longer knows.

use super::context::Context;
use super::count::Sight;
use crate::config::policy::Unregistered;
use crate::core::model::{ApiVersion, Fact, ItemId, Torrent};
use crate::core::unregistered::{Messages, unregistered};

/// Whether the sign shows; `None` where the ailment does not apply (a public torrent). The cheapest question comes first.
pub fn look(
    context: &Context<'_>,
    block: &Unregistered,
    messages: &Messages,
    id: &ItemId,
    torrent: &Torrent,
) -> Option<Sight> {
    let api = context
        .library()
        .map_or(ApiVersion::default(), |library| library.api);
    if torrent.private == Some(false) {
        return None;
    }
    if a_tracker_works(api, torrent) {
        return Some(Sight::well());
    }
    match context.private(id, torrent) {
        Ok(true) => {}
        Ok(false) => return None,
        Err(why) => return Some(Sight::unknown(why)),
    }
    if torrent.state.is_stopped() || torrent.state.is_errored() || torrent.state.is_checking() {
        return Some(Sight::unknown(format!(
            "its trackers are not asked while it is {}",
            torrent.state.as_str()
        )));
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
        Fact::No => Sight::well(),
        Fact::Unknown(why) => Sight::unknown(why),
    })
}

/// Whether the listing alone shows that a tracker works. Up to 5.0 `tracker` is empty while none does; from 5.2
/// flags tell whether any fails; between, the listing does not say.
pub fn a_tracker_works(api: ApiVersion, torrent: &Torrent) -> bool {
    if api < ApiVersion::INCLUDE_TRACKERS {
        return !torrent.tracker.is_empty();
    }
    no_tracker_fails(torrent)
}

/// Whether the flags of 5.2 and later say that no tracker fails.
pub fn no_tracker_fails(torrent: &Torrent) -> bool {
    torrent.has_tracker_error == Some(false) && torrent.has_other_announce_error == Some(false)
}
