//! Protection: items that nothing deletes, and items that rules and the hardlink block do not delete.

use super::context::Context;
use super::draft::grace_left;
use super::hardlinks;
use super::item::Item;
use super::rules::{self, Match};
use crate::config::policy::Service;
use crate::core::model::{Fact, ItemId, TextField, Torrent};
use crate::core::plan::{Cause, Guard, Plan, counted};
use crate::core::rules::script::Failed;

/// The guard that protects this item from this cause.
pub fn guard(context: &Context<'_>, id: &ItemId, item: Item<'_>, cause: &Cause) -> Option<Guard> {
    by_name(context, item)
        .or_else(|| by_rule(context, id, item))
        .or_else(|| grace_left(context, id).map(|left| Guard::Restored { left }))
        .or_else(|| match (cause, item) {
            (Cause::Hardlinks | Cause::Rule(_), Item::Torrent(torrent)) => {
                by_links(context, id, torrent)
            }
            (
                Cause::Errored
                | Cause::Unregistered
                | Cause::Failed
                | Cause::Hardlinks
                | Cause::Rule(_),
                _,
            ) => None,
        })
}

/// The guard that keeps a rule from changing an item without deleting it: Vertex's protected torrents are left alone altogether.
pub fn guard_of_change(context: &Context<'_>, id: &ItemId, item: Item<'_>) -> Option<Guard> {
    by_name(context, item).or_else(|| by_rule(context, id, item))
}

fn by_name(context: &Context<'_>, item: Item<'_>) -> Option<Guard> {
    let (Service::Qbittorrent(policy), Item::Torrent(torrent)) =
        (&context.input.policy.service, item)
    else {
        return None;
    };
    if policy
        .protect_categories
        .contains_or_holds_in_any_case(&torrent.category)
    {
        return Some(Guard::ProtectedCategory(torrent.category.to_string()));
    }
    let unsent = |field| torrent.unsent.contains(field);
    if unsent(TextField::Category) && !policy.protect_categories.is_empty() {
        return Some(Guard::LabelUnknown("category"));
    }
    if unsent(TextField::Tags) && !policy.protect_tags.is_empty() {
        return Some(Guard::LabelUnknown("tags"));
    }
    let tag = policy
        .protect_tags
        .iter()
        .find(|tag| torrent.has_tag_in_any_case(tag))?;
    Some(Guard::ProtectedTag(tag.clone()))
}

/// A protect rule that cannot be judged protects all the same.
fn by_rule(context: &Context<'_>, id: &ItemId, item: Item<'_>) -> Option<Guard> {
    for rule in &context.input.policy.protect_rules {
        match rules::matches(context, rule, id, item) {
            Match::Yes => return Some(Guard::ProtectRule(rule.name.clone())),
            Match::No => {}
            Match::Unknown(why) | Match::Failed(why) => {
                return Some(Guard::ProtectRuleUnknown {
                    rule: rule.name.clone(),
                    why,
                });
            }
        }
    }
    None
}

/// Warns of protect rules that cannot be judged: what they keep for this reason stays for as long as it is so.
pub fn warn(context: &Context<'_>, plan: &mut Plan) {
    for rule in &context.input.policy.protect_rules {
        let mut whys = plan.held.iter().filter_map(|held| match &held.guard {
            Guard::ProtectRuleUnknown { rule: name, why } if *name == rule.name => Some(why),
            _ => None,
        });
        let answer = context.input.scripts.get(&rule.name);
        let failed = answer.and_then(|answer| Some((answer, answer.failure.as_ref()?)));
        let (items, why) = if let Some((answer, failure)) = failed {
            let items = match &answer.failed {
                Failed::Nothing => 0,
                Failed::Items(items) => items.len(),
                Failed::Everything => context.input.seen.len(),
            };
            (items, failure.to_string())
        } else {
            let Some(first) = whys.next() else { continue };
            (1 + whys.count(), first.clone())
        };
        let items = counted(items, "item", "items");
        plan.warnings.push(format!(
            "protect rule \"{}\" could not be judged on {items}, so it keeps them: {why}",
            rule.name
        ));
    }
}

/// With `hardlinks` on, hardlinked items and those whose links are unknown are kept from rules and from the block.
fn by_links(context: &Context<'_>, id: &ItemId, torrent: &Torrent) -> Option<Guard> {
    let (_, block) = hardlinks::block_of(context)?;
    match hardlinks::look(context, id, torrent, block.min_linked_share) {
        (Fact::Yes, text) => Some(Guard::Hardlinked(text)),
        (Fact::Unknown(why), _) => Some(Guard::LinksUnknown(why.to_string())),
        (Fact::No, _) => None,
    }
}
