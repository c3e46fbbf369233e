//! The ailment `failed_trackers`: trackers of a public torrent that do not work, counted one by one.

use super::ailment::Ailment;
use super::context::{Context, Mode};
use super::count::{Counting, Sight, Step, count, daily_remedy_is_due};
use super::draft::{Draft, grace_left};
use super::item::Item;
use super::outage::Outages;
use super::outages::Signs;
use super::protect;
use super::select::{Selected, selected};
use super::unregistered::no_tracker_fails;
use crate::config::policy::{FailedTrackers, TrackerLastResort};
use crate::core::failed_trackers::{TrackerFinding, failed_trackers};
use crate::core::model::{ApiVersion, Fact, ItemId, Torrent};
use crate::core::plan::{KeptReason, Remedy, RemedyKind, TrackerRemoval, duration_text};
use crate::core::state::Failures;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

/// What was found of one torrent.
pub struct Found<'a> {
    /// The torrent's id.
    pub id: &'a ItemId,
    /// The torrent.
    pub torrent: &'a Torrent,
    /// Its trackers.
    pub trackers: Vec<TrackerFinding>,
}

/// Looks at the selected public torrents. Only those with trackers to judge are listed.
pub fn look<'a>(context: &Context<'a>) -> Vec<Found<'a>> {
    let Some(library) = context.library() else {
        return Vec::new();
    };
    let one = |(id, torrent): (&'a ItemId, &'a Torrent)| {
        let trackers = trackers_of(context, library.api, id, torrent)?;
        Some(Found {
            id,
            torrent,
            trackers,
        })
    };
    library.torrents.iter().filter_map(one).collect()
}

/// The trackers of one torrent that there is something to say about, for `explain`.
pub fn of_one(
    context: &Context<'_>,
    id: &ItemId,
    torrent: &Torrent,
) -> Option<Vec<TrackerFinding>> {
    trackers_of(context, context.library()?.api, id, torrent)
}

fn trackers_of(
    context: &Context<'_>,
    api: ApiVersion,
    id: &ItemId,
    torrent: &Torrent,
) -> Option<Vec<TrackerFinding>> {
    if torrent.private == Some(true)
        || selected(context, id, Item::Torrent(torrent)) != Selected::Yes
    {
        return None;
    }
    let is_watched = context.is_watched(Ailment::FailedTrackers, id);
    let was_clean = context.had_clean_trackers(id);
    let tells_cheaply = api >= ApiVersion::TRACKER_FLAGS;
    let seems_well = if tells_cheaply {
        no_tracker_fails(torrent)
    } else {
        was_clean
    };
    if seems_well && !is_watched {
        return None;
    }
    if torrent.state.is_stopped() || torrent.state.is_errored() || torrent.state.is_checking() {
        return None;
    }
    if context.private(id, torrent) != Ok(false) {
        return None;
    }
    let trackers = context.trackers(id).ok()?;
    // A list without trackers says nothing of those that failed.
    (!trackers.is_empty()).then(|| failed_trackers(trackers, api, false))
}

/// Whether the torrent makes up an outage: none of its trackers works or might. One dead tracker that all torrents
/// have in common is what this ailment is for, and no outage.
pub fn all_fail(found: &Found<'_>) -> bool {
    !found.trackers.is_empty()
        && found
            .trackers
            .iter()
            .all(|tracker| tracker.failing == Fact::Yes)
}

/// Which torrents show the sign as a whole, and of which that cannot be said: no tracker is known to work.
pub fn signs<'a>(
    context: &Context<'_>,
    torrents: &'a BTreeMap<ItemId, Torrent>,
    found: &[Found<'a>],
) -> Signs<'a> {
    let mut signs = Signs::default();
    let watched = torrents
        .keys()
        .filter(|id| context.is_watched(Ailment::FailedTrackers, id));
    signs.unknown = watched.collect();
    for one in found {
        if all_fail(one) {
            signs.sick.insert(one.id, all_fail_since(context, one));
        }
        if one.trackers.iter().any(|t| t.failing.is_no()) {
            signs.unknown.remove(one.id);
        }
    }
    signs
}

/// Since when all trackers of a torrent have failed; `None` if the last of them begins now.
fn all_fail_since(context: &Context<'_>, found: &Found<'_>) -> Option<Timestamp> {
    let counts = &context.before.items.get(found.id)?.failed_trackers;
    let since = |tracker: &TrackerFinding| counts.get(&tracker.key)?.since;
    let all: Option<Vec<Timestamp>> = found.trackers.iter().map(since).collect();
    all?.into_iter().max()
}

/// Counts each tracker and plans remedies and removals.
pub fn run(
    context: &Context<'_>,
    draft: &mut Draft,
    block: &FailedTrackers,
    found: &[Found<'_>],
    outages: &Outages,
) {
    let Mode::Full { adds, last_resorts } = context.input.mode else {
        return;
    };
    let counting = Counting {
        now: context.now,
        max_failures: block.max_failures,
        adds,
    };
    for one in found {
        if outages.of(one.id).is_some() {
            let why = "part of an outage".to_owned();
            draft.keep(
                context,
                one.id,
                KeptReason::Unknown {
                    ailment: Ailment::FailedTrackers.word(),
                    why,
                },
            );
            continue;
        }
        let item = draft.state.items.entry(one.id.clone()).or_default();
        item.note(one.id, Item::Torrent(one.torrent));
        let mut before = std::mem::take(&mut item.failed_trackers);
        let mut after = BTreeMap::new();
        let mut due = Vec::new();
        let mut recovers = false;
        for tracker in &one.trackers {
            let old = before.remove(&tracker.key);
            let (failures, step) = count(old.as_ref(), &sight(tracker), counting);
            recovers |= failures.is_none() && old.is_some_and(|old| old.failures > 0);
            if let Some(mut failures) = failures {
                failures.since.get_or_insert(context.now);
                if step != Step::Nothing {
                    due.push((tracker, failures.clone(), step));
                }
                after.insert(tracker.key.clone(), failures);
            }
        }
        // An accepted outage holds until the trackers were well, whichever they are.
        let accepted = before.remove("");
        let is_well = one.trackers.iter().all(|t| t.failing == Fact::No);
        if let Some(accepted) = accepted.filter(|_| !is_well) {
            after.insert(String::new(), accepted);
        }
        item.failed_trackers = after;
        if recovers {
            draft.recover(one.id);
        }
        plan(context, draft, block, one, &due, last_resorts);
    }
}

fn sight(tracker: &TrackerFinding) -> Sight {
    match &tracker.failing {
        Fact::Yes => Sight::sick(tracker.text.clone()),
        Fact::No => Sight::well(),
        Fact::Unknown(why) => Sight::unknown(why.clone()),
    }
}

fn plan(
    context: &Context<'_>,
    draft: &mut Draft,
    block: &FailedTrackers,
    found: &Found<'_>,
    due: &[(&TrackerFinding, Failures, Step)],
    last_resorts: bool,
) {
    let mut reannounce: Option<&(&TrackerFinding, Failures, Step)> = None;
    for one in due {
        let (tracker, failures, step) = one;
        let is_ripe = *step == Step::LastResort
            && last_resorts
            && has_failed_for(failures, block.failing_for, context.now);
        let is_removal = is_ripe
            && tracker.is_removable
            && block.last_resort == TrackerLastResort::RemoveTracker
            && !is_left_as_it_is(context, found);
        if is_removal {
            draft
                .plan
                .tracker_removals
                .push(removal(found, tracker, failures, block));
        } else if *step == Step::Remedy || daily_remedy_is_due(failures, context.now) {
            reannounce = reannounce.or(Some(one));
        }
    }
    if let Some((tracker, failures, _)) = reannounce {
        note_remedy(draft, found, context.now);
        draft.plan.remedies.push(Remedy {
            item: found.id.clone(),
            name: found.torrent.title(found.id).to_owned(),
            kind: RemedyKind::Reannounce,
            ailment: Ailment::FailedTrackers.word(),
            sign: format!("{}: {}", tracker.host, tracker.text),
            failures: (failures.failures, block.max_failures),
        });
    }
}

/// Whoever protects a torrent, or has just restored it, wants it whole.
fn is_left_as_it_is(context: &Context<'_>, found: &Found<'_>) -> bool {
    let item = Item::Torrent(found.torrent);
    grace_left(context, found.id).is_some()
        || protect::guard_of_change(context, found.id, item).is_some()
}

fn has_failed_for(failures: &Failures, hold_for: Duration, now: Timestamp) -> bool {
    if hold_for.is_zero() {
        return true;
    }
    let hold_for = SignedDuration::try_from(hold_for).unwrap_or(SignedDuration::MAX);
    failures
        .since
        .is_some_and(|since| now.duration_since(since) > hold_for)
}

fn note_remedy(draft: &mut Draft, found: &Found<'_>, now: Timestamp) {
    if let Some(item) = draft.state.items.get_mut(found.id) {
        for failures in item.failed_trackers.values_mut().filter(|f| !f.well_once) {
            failures.remedy_at = Some(now);
            failures.remedy_refused = true;
        }
    }
}

fn removal(
    found: &Found<'_>,
    tracker: &TrackerFinding,
    failures: &Failures,
    block: &FailedTrackers,
) -> TrackerRemoval {
    TrackerRemoval {
        item: found.id.clone(),
        name: found.torrent.title(found.id).to_owned(),
        tracker: tracker.key.clone(),
        host: tracker.host.clone(),
        reason: match block.failing_for {
            Duration::ZERO => tracker.text.clone(),
            failing_for => {
                format!(
                    "{} (for more than {})",
                    tracker.text,
                    duration_text(failing_for)
                )
            }
        },
        failures: (failures.failures, block.max_failures),
    }
}
