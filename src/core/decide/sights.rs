//! The ailments of an account: looks at every selected item for each ailment that is configured.

use super::ailment::Ailment;
use super::context::Context;
use super::count::Sight;
use super::draft::Draft;
use super::failing::{self, Case, Course, LastResort};
use super::item::Item;
use super::outages::{self, Signs};
use super::select::{Selected, selected};
use super::{errored, failed_trackers, unregistered};
use crate::config::policy::{AdPolicy, MagnetLastResort, QbtPolicy, Service, TorrentLastResort};
use crate::core::model::{Fact, ItemId, Magnet, MagnetClass, Torrent, Unknown};
use crate::core::plan::{Cause, KeptReason, RemedyKind};
use crate::core::state::ItemState;
use crate::core::unregistered::Messages;
use jiff::Timestamp;

/// Looks, finds outages, counts and plans, ailment by ailment.
pub fn run(context: &Context<'_>, draft: &mut Draft) {
    match &context.input.policy.service {
        Service::Qbittorrent(policy) => {
            run_errored(context, draft, policy);
            run_unregistered(context, draft, policy);
            run_failed_trackers(context, draft, policy);
        }
        Service::Alldebrid(policy) => run_failed(context, draft, policy),
    }
}

fn run_errored(context: &Context<'_>, draft: &mut Draft, policy: &QbtPolicy) {
    let Some(block) = &policy.errored else { return };
    let course = Course {
        ailment: Ailment::Errored,
        cause: || Cause::Errored,
        remedy: RemedyKind::SafeRecheck,
        max_failures: block.max_failures,
        last_resort: last_resort(block.last_resort),
    };
    run_course(context, draft, course, |id, item, before| match item {
        Item::Torrent(torrent) => Some(errored::look(context, id, torrent, before)),
        Item::Magnet(_) => None,
    });
    draft.plan.absent_disks = errored::absent_disks(context);
}

fn run_unregistered(context: &Context<'_>, draft: &mut Draft, policy: &QbtPolicy) {
    let Some(block) = &policy.unregistered else {
        return;
    };
    let messages = Messages::new(block.messages.as_deref(), &block.extra_messages);
    let doubts = unregistered::doubts(context, block, &messages);
    let course = Course {
        ailment: Ailment::Unregistered,
        cause: || Cause::Unregistered,
        remedy: RemedyKind::Reannounce,
        max_failures: block.max_failures,
        last_resort: last_resort(block.last_resort),
    };
    run_course(context, draft, course, |id, item, _| match item {
        Item::Torrent(torrent) => {
            unregistered::look(context, block, &messages, &doubts, id, torrent)
        }
        Item::Magnet(_) => None,
    });
}

fn run_failed(context: &Context<'_>, draft: &mut Draft, policy: &AdPolicy) {
    let Some(block) = &policy.failed else { return };
    let course = Course {
        ailment: Ailment::Failed,
        cause: || Cause::Failed,
        remedy: RemedyKind::Restart,
        max_failures: block.max_failures,
        last_resort: match block.last_resort {
            MagnetLastResort::Delete => LastResort::Delete { files: false },
            MagnetLastResort::Keep => LastResort::Keep,
        },
    };
    run_course(context, draft, course, |_, item, _| match item {
        Item::Magnet(magnet) => Some(look_at_magnet(magnet)),
        Item::Torrent(_) => None,
    });
}

/// A ready magnet is well; a queued or downloading one is neither well nor failed (a new verdict takes half an hour).
pub fn look_at_magnet(magnet: &Magnet) -> Sight {
    match magnet.class() {
        MagnetClass::Error | MagnetClass::Expired => Sight::sick(&*magnet.status),
        MagnetClass::Ready => Sight {
            well_at_once: true,
            ..Sight::well()
        },
        MagnetClass::Active => Sight::between(&*magnet.status),
        MagnetClass::Unknown => Sight::unknown(Unknown::no_answer(format!(
            "status \"{}\" (code {}) is none that is known",
            magnet.status,
            magnet
                .status_code
                .map_or("missing".to_owned(), |code| code.to_string())
        ))),
    }
}

fn last_resort(configured: TorrentLastResort) -> LastResort {
    match configured {
        TorrentLastResort::DeleteTorrent => LastResort::Delete { files: false },
        TorrentLastResort::DeleteFiles => LastResort::Delete { files: true },
        TorrentLastResort::Keep => LastResort::Keep,
    }
}

/// Runs one ailment over all items. `look` gives `None` where the ailment does not apply.
fn run_course<'a>(
    context: &Context<'a>,
    draft: &mut Draft,
    course: Course,
    look: impl Fn(&ItemId, Item<'a>, Option<&ItemState>) -> Option<Sight>,
) {
    let mut cases = Vec::new();
    let mut applies: Vec<(&'a ItemId, Item<'a>)> = Vec::new();
    context.input.seen.for_each(|id, item| {
        match selected(context, id, item) {
            Selected::Yes => {}
            Selected::No(why) => return draft.keep(context, id, KeptReason::NotSelected(why)),
            Selected::Unknown(why) => {
                return draft.keep(
                    context,
                    id,
                    KeptReason::Unknown {
                        ailment: "selection",
                        why,
                    },
                );
            }
        }
        let before = context.before.items.get(id);
        let Some(sight) = look(id, item, before) else {
            return;
        };
        applies.push((id, item));
        let has_counts = before.is_some_and(|before| course.ailment.failures(before).is_some());
        if has_counts || sight.sign != Fact::No || context.input.explain {
            cases.push(Case { id, item, sight });
        }
    });
    let kind = (course.ailment, course.max_failures);
    let signs = signs(context, course.ailment, &cases);
    let outages = outages::find(context, draft, kind, &applies, &signs);
    failing::run(context, draft, course, &cases, &outages);
}

fn signs<'a>(context: &Context<'_>, ailment: Ailment, cases: &[Case<'a>]) -> Signs<'a> {
    let mut signs = Signs::default();
    for case in cases {
        match case.sight.sign {
            Fact::Yes => _ = signs.sick.insert(case.id, since(context, ailment, case.id)),
            Fact::Unknown(_) => _ = signs.unknown.insert(case.id),
            Fact::No => {}
        }
    }
    signs
}

/// Since when an item has failed; `None` if it begins now. Counts without a time are of an older program: long ago.
fn since(context: &Context<'_>, ailment: Ailment, id: &ItemId) -> Option<Timestamp> {
    let failures = ailment.failures(context.before.items.get(id)?)?;
    (failures.failures > 0).then_some(failures.since.unwrap_or(Timestamp::MIN))
}

fn run_failed_trackers(context: &Context<'_>, draft: &mut Draft, policy: &QbtPolicy) {
    let Some(block) = &policy.failed_trackers else {
        return;
    };
    let Some(library) = context.library() else {
        return;
    };
    let found = failed_trackers::look(context);
    let signs = failed_trackers::signs(context, &library.torrents, &found);
    let is_public = |id: &ItemId, torrent: &Torrent| {
        torrent.private.or_else(|| {
            context
                .input
                .facts
                .private
                .get(id)?
                .as_ref()
                .ok()
                .copied()?
        }) == Some(false)
    };
    let applies: Vec<(&ItemId, Item<'_>)> = library
        .torrents
        .iter()
        .filter(|(id, torrent)| {
            is_public(id, torrent) && selected(context, id, Item::Torrent(torrent)) == Selected::Yes
        })
        .map(|(id, torrent)| (id, Item::Torrent(torrent)))
        .collect();
    let kind = (Ailment::FailedTrackers, block.max_failures);
    let outages = outages::find(context, draft, kind, &applies, &signs);
    failed_trackers::run(context, draft, block, &found, &outages);
}
