//! The `hardlinks` block: complete torrents that nothing else uses, once they have seeded long enough.

use super::context::{Context, Input};
use super::draft::{Draft, Proposal};
use super::item::Item;
use super::select::{Selected, selected};
use crate::config::policy::{DeleteAction, Hardlinks, QbtPolicy, Service};
use crate::core::facts::Wanted;
use crate::core::hardlinks::{LinkResult, LinkShare};
use crate::core::model::{Fact, ItemId, Torrent, Unknown};
use crate::core::plan::{Cause, Guard, KeptReason, duration_text};
use crate::core::state::AccountState;
use std::collections::BTreeSet;
use std::time::Duration;

/// Share of bytes linked outside that counts as hardlinked where the block is absent (keys of rules).
const DEFAULT_MIN_LINKED_SHARE: f64 = 0.1;

/// Proposes the deletions of the block.
pub fn run(context: &Context<'_>, draft: &mut Draft) {
    let Some((_, block)) = block_of(context) else {
        return;
    };
    let Some(library) = context.library() else {
        return;
    };
    for (id, torrent) in &library.torrents {
        match verdict(context, block, id, torrent) {
            Verdict::Delete(reason) => {
                draft.propose(
                    context,
                    Proposal {
                        id,
                        item: Item::Torrent(torrent),
                        cause: Cause::Hardlinks,
                        reason,
                        failures: None,
                        began: None,
                        delete_files: block.action == DeleteAction::DeleteFiles,
                    },
                );
            }
            Verdict::Keep(reason) => draft.keep(context, id, reason),
        }
    }
}

/// What the block makes of one torrent.
pub enum Verdict {
    /// It goes, and why.
    Delete(String),
    /// It stays, and why.
    Keep(KeptReason),
}

/// Judges one torrent by the block, the cheapest question first.
pub fn verdict(
    context: &Context<'_>,
    block: &Hardlinks,
    id: &ItemId,
    torrent: &Torrent,
) -> Verdict {
    match selected(context, id, Item::Torrent(torrent)) {
        Selected::Yes => {}
        Selected::No(why) => return Verdict::Keep(KeptReason::NotSelected(why)),
        Selected::Unknown(why) => {
            return Verdict::Keep(KeptReason::Unknown {
                ailment: "selection",
                why,
            });
        }
    }
    if !torrent.is_complete() || torrent.state.is_checking() || torrent.state.is_moving() {
        return Verdict::Keep(KeptReason::Unfinished);
    }
    if torrent.state.is_errored() || torrent.state.is_unknown() {
        let why = format!("its files are in doubt: {}", torrent.state.as_str());
        return Verdict::Keep(KeptReason::Unknown {
            ailment: "hardlinks",
            why,
        });
    }
    let too_young = time_left(context, block, torrent);
    if let Some(Err(why)) = too_young {
        return Verdict::Keep(KeptReason::Unknown {
            ailment: "seeding time",
            why,
        });
    }
    let is_looked_at = too_young.is_none() || context.input.explain;
    if let (Some(Ok(left)), false) = (&too_young, is_looked_at) {
        return Verdict::Keep(KeptReason::TooYoung { left: *left });
    }
    match look(context, id, torrent, block.min_linked_share) {
        (Fact::Yes, text) => Verdict::Keep(KeptReason::Guarded(Guard::Hardlinked(text))),
        (Fact::Unknown(why), _) => {
            Verdict::Keep(KeptReason::Guarded(Guard::LinksUnknown(why.to_string())))
        }
        (Fact::No, text) => match too_young {
            Some(Ok(left)) => Verdict::Keep(KeptReason::TooYoung { left }),
            _ => Verdict::Delete(reason(block, torrent, &text)),
        },
    }
}

fn reason(block: &Hardlinks, torrent: &Torrent, links: &str) -> String {
    let seeded = Duration::from_secs(torrent.seeding_seconds().unwrap_or(0).unsigned_abs());
    if block.min_seeding_time.is_zero() {
        return links.to_owned();
    }
    format!(
        "{links}, and has seeded for {} (at least {})",
        duration_text(seeded),
        duration_text(block.min_seeding_time)
    )
}

/// Time until the torrent has seeded long enough; an error where the server does not tell.
fn time_left(
    _context: &Context<'_>,
    block: &Hardlinks,
    torrent: &Torrent,
) -> Option<Result<Duration, String>> {
    if block.min_seeding_time.is_zero() {
        return None;
    }
    let Some(seeded) = torrent.seeding_seconds() else {
        return Some(Err(
            "this server does not list the seeding time (qBittorrent 4.3.4 and later do)"
                .to_owned(),
        ));
    };
    let left = block
        .min_seeding_time
        .saturating_sub(Duration::from_secs(u64::try_from(seeded).unwrap_or(0)));
    (!left.is_zero()).then_some(Ok(left))
}

/// Whether a torrent is hardlinked, and the finding in words. An unfinished one counts as not hardlinked.
pub fn look(
    context: &Context<'_>,
    id: &ItemId,
    torrent: &Torrent,
    min_share: f64,
) -> (Fact, String) {
    if is_plainly_unfinished(context, id, torrent) {
        return (Fact::No, "not complete, so not hardlinked".to_owned());
    }
    let Some(finding) = context.links(id) else {
        return (
            Fact::Unknown(Unknown::not_read("its files have not been looked at yet")),
            String::new(),
        );
    };
    match &finding.result {
        LinkResult::Unknown(why) => (Fact::Unknown(Unknown::not_read(why.clone())), String::new()),
        LinkResult::Seen(share) => (Fact::known(share.is_linked(min_share)), share_text(share)),
    }
}

/// Selected torrents whose files have several names, all of them of torrents: links to each other, which do not keep them.
/// And what is lacking to know it of all.
pub fn linked_to_each_other(
    input: &Input<'_>,
    before: &AccountState,
) -> (BTreeSet<ItemId>, Wanted) {
    let context = Context::new(input, before);
    let mut found = BTreeSet::new();
    input.seen.for_each(|id, item| {
        let Item::Torrent(torrent) = item else { return };
        if !torrent.is_complete() || selected(&context, id, item) != Selected::Yes {
            return;
        }
        let finding = context.links(id).map(|finding| &finding.result);
        if let Some(LinkResult::Seen(share)) = finding
            && share.linked_bytes == 0
            && share.link_count > 1
        {
            found.insert(id.clone());
        }
    });
    (found, context.into_wanted())
}

/// Neither complete nor hidden by trouble: an error, a check, or a recheck of ours that found files missing.
fn is_plainly_unfinished(context: &Context<'_>, id: &ItemId, torrent: &Torrent) -> bool {
    let state = &torrent.state;
    let is_told = torrent.progress.is_some() && torrent.size.is_some() && !state.is_unknown();
    let is_hidden = state.is_errored() || state.is_checking();
    let treatment = context.treatments.get(id);
    let was_complete = treatment.is_some_and(|(begun, _)| begun.was.complete);
    is_told && !torrent.is_complete() && !is_hidden && !was_complete
}

/// The smallest share of linked bytes that protects.
pub fn min_linked_share(context: &Context<'_>) -> f64 {
    block_of(context).map_or(DEFAULT_MIN_LINKED_SHARE, |(_, block)| {
        block.min_linked_share
    })
}

/// The block and its account's policy, if it is on.
pub fn block_of<'a>(context: &Context<'a>) -> Option<(&'a QbtPolicy, &'a Hardlinks)> {
    match &context.input.policy.service {
        Service::Qbittorrent(policy) => policy.hardlinks.as_ref().map(|block| (&**policy, block)),
        Service::Alldebrid(_) => None,
    }
}

fn share_text(share: &LinkShare) -> String {
    let percent = if share.total_bytes == 0 {
        0.0
    } else {
        share.linked_bytes as f64 * 100.0 / share.total_bytes as f64
    };
    match &share.evidence {
        None if share.linked_bytes == 0 => "not hardlinked: every file has one name".to_owned(),
        None => format!("{percent:.0} % of its bytes have a name outside of torrents"),
        Some(file) if share.linked_bytes == 0 => format!(
            "not hardlinked outside of torrents: {} has {} names, all {} of torrents",
            file.path, file.names, file.held_by_torrents
        ),
        Some(file) => format!(
            "{percent:.0} % of its bytes have a name outside of torrents: {} has {} names, {} of torrents",
            file.path, file.names, file.held_by_torrents
        ),
    }
}
