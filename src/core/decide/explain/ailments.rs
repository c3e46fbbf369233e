//! The ailments of one item: whether each shows its sign, and what is counted of it.

use super::AilmentTold;
use crate::config::policy::{
    AdPolicy, MagnetLastResort, QbtPolicy, TorrentLastResort, TrackerLastResort,
};
use crate::core::decide::ailment::Ailment;
use crate::core::decide::context::Context;
use crate::core::decide::count::Sight;
use crate::core::decide::unregistered::{self, Doubts};
use crate::core::decide::{errored, failed_trackers, sights};
use crate::core::failed_trackers::TrackerFinding;
use crate::core::model::{ItemId, Magnet, Torrent};
use crate::core::state::Failures;
use crate::core::unregistered::Messages;

/// The ailment that a magnet can have.
pub fn of_magnet(
    context: &Context<'_>,
    policy: &AdPolicy,
    id: &ItemId,
    magnet: &Magnet,
) -> Vec<AilmentTold> {
    let block = policy.failed.as_ref();
    let last_resort = match block.map(|block| block.last_resort) {
        Some(MagnetLastResort::Keep) => "keep",
        Some(MagnetLastResort::Delete) | None => "delete",
    };
    let sight = block.map(|_| Some(sights::look_at_magnet(magnet)));
    let most = block.map(|block| block.max_failures);
    vec![told(context, id, Ailment::Failed, sight, most, last_resort)]
}

/// The ailments that a torrent can have.
pub fn of_torrent(
    context: &Context<'_>,
    policy: &QbtPolicy,
    id: &ItemId,
    torrent: &Torrent,
) -> Vec<AilmentTold> {
    let before = context.before.items.get(id);
    let errored_block = policy.errored.as_ref();
    let errored = told(
        context,
        id,
        Ailment::Errored,
        errored_block.map(|_| Some(errored::look(context, id, torrent, before))),
        errored_block.map(|block| block.max_failures),
        errored_block.map_or("", |block| last_resort_word(block.last_resort)),
    );
    let unregistered_block = policy.unregistered.as_ref();
    let unregistered = told(
        context,
        id,
        Ailment::Unregistered,
        unregistered_block.map(|block| {
            let messages = Messages::new(block.messages.as_deref(), &block.extra_messages);
            unregistered::look(context, block, &messages, &Doubts::default(), id, torrent)
        }),
        unregistered_block.map(|block| block.max_failures),
        unregistered_block.map_or("", |block| last_resort_word(block.last_resort)),
    );
    let mut all = vec![errored, unregistered];
    all.extend(tracker_ailments(context, policy, id, torrent));
    all
}

fn last_resort_word(last_resort: TorrentLastResort) -> &'static str {
    match last_resort {
        TorrentLastResort::DeleteTorrent => "delete_torrent",
        TorrentLastResort::DeleteFiles => "delete_files",
        TorrentLastResort::Keep => "keep",
    }
}

fn tracker_ailments(
    context: &Context<'_>,
    policy: &QbtPolicy,
    id: &ItemId,
    torrent: &Torrent,
) -> Vec<AilmentTold> {
    let block = policy.failed_trackers.as_ref();
    let most = block.map(|block| block.max_failures);
    let last_resort = match block.map(|block| block.last_resort) {
        Some(TrackerLastResort::Keep) => "keep",
        Some(TrackerLastResort::RemoveTracker) | None => "remove_tracker",
    };
    let whole = |sign: Option<Option<Sight>>| {
        vec![told(
            context,
            id,
            Ailment::FailedTrackers,
            sign,
            most,
            last_resort,
        )]
    };
    if block.is_none() {
        return whole(None);
    }
    if context.private(id, torrent) == Ok(true) {
        return whole(Some(None));
    }
    let Some(trackers) = failed_trackers::of_one(context, id, torrent) else {
        return whole(Some(Some(Sight::well())));
    };
    let counts = context
        .before
        .items
        .get(id)
        .map(|item| &item.failed_trackers);
    let one = |tracker: &TrackerFinding| {
        let failures = counts.and_then(|counts| counts.get(&tracker.key));
        AilmentTold {
            tracker: Some(tracker.host.clone()),
            sign: tracker.failing.to_string(),
            status: tracker.text.clone(),
            ..counted(Ailment::FailedTrackers, failures, most, last_resort)
        }
    };
    trackers.iter().map(one).collect()
}

/// `sight` is `None` where the block is off, `Some(None)` where the ailment does not apply.
fn told(
    context: &Context<'_>,
    id: &ItemId,
    ailment: Ailment,
    sight: Option<Option<Sight>>,
    max_failures: Option<u32>,
    last_resort: &'static str,
) -> AilmentTold {
    let failures = context
        .before
        .items
        .get(id)
        .and_then(|item| ailment.failures(item));
    let (sign, status) = match sight {
        None => ("off".to_owned(), String::new()),
        Some(None) => ("does not apply".to_owned(), String::new()),
        Some(Some(sight)) => (sight.sign.to_string(), sight.status),
    };
    AilmentTold {
        sign,
        status,
        ..counted(ailment, failures, max_failures, last_resort)
    }
}

fn counted(
    ailment: Ailment,
    failures: Option<&Failures>,
    max_failures: Option<u32>,
    last_resort: &'static str,
) -> AilmentTold {
    AilmentTold {
        ailment: ailment.word(),
        tracker: None,
        sign: String::new(),
        status: String::new(),
        failures: failures.map_or(0, |failures| failures.failures),
        max_failures,
        since: failures.and_then(|failures| failures.since),
        last_resort: max_failures.map(|_| last_resort),
    }
}
