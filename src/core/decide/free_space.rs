//! Free space in a decision: what each deletion gives back to the disk, and what is noted so that it can be seen whether
//! the server's figure shows it.

use super::context::Context;
use super::draft::Draft;
use super::item::{Item, Seen};
use crate::config::policy::{AccountPolicy, Rule, RuleBody};
use crate::core::facts::Facts;
use crate::core::free_space::{FreeSpaceMark, Reading};
use crate::core::hardlinks::{FileId, LinkResult, LinkShare};
use crate::core::model::ItemId;
use crate::core::rules::Key;
use std::collections::BTreeMap;

/// Names of files that go with the deletions of a plan: a file with several names is given back with the last of them.
#[derive(Debug, Default)]
pub struct NamesGone(BTreeMap<FileId, u64>);

impl NamesGone {
    /// Bytes that the disk gets back when this torrent's names go, too.
    fn take(&mut self, share: &LinkShare) -> u64 {
        let mut bytes = share.bytes_with_one_name();
        for own in &share.own_names {
            let gone = self.0.entry(own.file).or_insert(0);
            *gone += 1;
            if *gone == own.names {
                bytes = bytes.saturating_add(own.size_bytes);
            }
        }
        bytes
    }
}

/// Whether any rule of the account looks at free space.
pub fn is_asked_for(policy: &AccountPolicy) -> bool {
    let mut rules = policy.rules.iter().chain(&policy.protect_rules);
    rules.any(|rule| asks(rule))
}

fn asks(rule: &Rule) -> bool {
    let until = rule.until.as_ref();
    let asks_until = until.is_some_and(|until| until.keys().contains(&Key::FreeSpace));
    asks_until
        || match &rule.body {
            RuleBody::Conditions(condition) => condition.keys().contains(&Key::FreeSpace),
            // However a script spells the way to it, the word is in there.
            RuleBody::Script { source, .. } => source.to_ascii_lowercase().contains("free"),
        }
}

/// What the server said of its free space.
pub fn reading(seen: Seen<'_>, facts: &Facts) -> Reading {
    match seen {
        Seen::Torrents(library) => Reading {
            free_bytes: library.server.free_space_on_disk,
            downloaded_bytes: library.server.alltime_dl,
            asked_before: facts.server_asked_before,
        },
        Seen::Magnets(_) => Reading::default(),
    }
}

/// Bytes that the disk gets back by a deletion: nothing of files that stay, or that have a name elsewhere. Where the
/// files cannot be seen it is what the torrent has.
pub fn freed_by(
    context: &Context<'_>,
    names: &mut NamesGone,
    id: &ItemId,
    item: Item<'_>,
    delete_files: bool,
) -> i64 {
    let Item::Torrent(torrent) = item else {
        return 0;
    };
    if !delete_files {
        return 0;
    }
    let finding = match context.asks_free_space {
        true => context.links_since_our_deletions(id),
        false => context.input.facts.links.get(id),
    };
    match finding.map(|finding| &finding.result) {
        Some(LinkResult::Seen(share)) => i64::try_from(names.take(share)).unwrap_or(i64::MAX),
        Some(LinkResult::Unknown(_)) | None => torrent.completed.unwrap_or(0).max(0),
    }
}

/// Notes where free space stood before the plan's deletions, and tells where it does not grow by them.
pub fn note(context: &Context<'_>, draft: &mut Draft) {
    let mut mark = context.free_space.mark.clone();
    draft
        .plan
        .warnings
        .extend(context.free_space.warning.clone());
    let reading = reading(context.input.seen, context.input.facts);
    let frees = draft.plan.deletions.iter().any(|d| d.frees_bytes > 0);
    if let (None, true, true, Some(free_bytes)) = (
        &mark,
        frees,
        context.asks_free_space,
        reading.free_bytes.filter(|free| *free > 0),
    ) {
        mark = Some(FreeSpaceMark {
            since: context.now,
            free_bytes,
            downloaded_bytes: reading.downloaded_bytes,
            not_grown_since: None,
        });
    }
    draft.state.free_space = mark;
}
