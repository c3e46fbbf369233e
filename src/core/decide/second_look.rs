//! The second look: right before a deletion the item is judged again on fresh data, by the same judgements.
//!
//! Ranking, limits, counts and timers are taken over from the decision; the cause itself, `until`, protection and
//! shared files are judged anew, with what the cycle has deleted so far. Whatever changed for the better saves the item.

use super::context::{Context, Input};
use super::free_space::{NamesGone, freed_by};
use super::item::Item;
use super::rules::{Match, matches, stopped_by_until};
use super::select::{Selected, selected};
use super::{errored, hardlinks, protect, sights, unregistered};
use crate::config::policy::Service;
use crate::core::facts::Wanted;
use crate::core::model::{Fact, ItemId, is_added_anew};
use crate::core::plan::{Cause, Deletion, KeptReason};
use crate::core::state::AccountState;
use crate::core::unregistered::Messages;

/// What the second look found.
#[derive(Debug, Clone, PartialEq)]
pub enum Saved {
    /// The reason still holds; the deletion as it is to be sent (files may have to stay after all).
    No(Box<Deletion>),
    /// The item is saved, and why.
    Yes(String),
    /// Something must be fetched first; then look again.
    Lacking(Wanted),
}

/// Looks again. `input` holds the cycle's reading with this one item replaced, fresh facts of it, and the ledger as it is
/// by now; `before` is the state from which the cycle was decided.
pub fn second_look(input: &Input<'_>, before: &AccountState, deletion: &Deletion) -> Saved {
    let account = &input.policy.name;
    let open = input
        .book
        .open(account)
        .filter(|intent| intent.item == deletion.item);
    let context = Context::before_intent(input, before, open.last().map(|intent| intent.id));
    let Some(item) = input.seen.get(&deletion.item) else {
        return Saved::Yes("it is gone".to_owned());
    };
    let judged = judge(&context, &deletion.item, item, deletion);
    let wanted = context.into_wanted();
    match judged {
        Err(_) | Ok(_) if !wanted.is_empty() => Saved::Lacking(wanted),
        Err(why) => Saved::Yes(why),
        Ok(deletion) => Saved::No(Box::new(deletion)),
    }
}

fn judge(
    context: &Context<'_>,
    id: &ItemId,
    item: Item<'_>,
    deletion: &Deletion,
) -> Result<Deletion, String> {
    if is_added_anew(deletion.added_on, item.added_on()) {
        return Err("it was added anew".to_owned());
    }
    match selected(context, id, item) {
        Selected::Yes => {}
        Selected::No(why) | Selected::Unknown(why) => {
            return Err(format!("no longer selected: {why}"));
        }
    }
    cause_holds(context, id, item, &deletion.cause)?;
    if let Some(guard) = protect::guard(context, id, item, &deletion.cause) {
        return Err(guard.to_string());
    }
    let mut deletion = deletion.clone();
    if deletion.delete_files {
        match context.shared(id) {
            None => return Err("its shared files have not been looked at".to_owned()),
            Some(Err(why)) => return Err(format!("shared files unknown: {why}")),
            Some(Ok(others)) => {
                if let Some(first) = others.first() {
                    deletion.delete_files = false;
                    deletion.files_kept_because = Some(format!(
                        "torrent \"{}\" also holds {}",
                        first.name, first.file
                    ));
                }
            }
        }
    }
    let files = deletion.delete_files;
    deletion.frees_bytes = freed_by(context, &mut NamesGone::default(), id, item, files);
    Ok(deletion)
}

fn cause_holds(
    context: &Context<'_>,
    id: &ItemId,
    item: Item<'_>,
    cause: &Cause,
) -> Result<(), String> {
    let before = context.before.items.get(id);
    match (cause, item, &context.input.policy.service) {
        (Cause::Errored, Item::Torrent(torrent), _) => {
            sick(errored::look(context, id, torrent, before).sign)
        }
        (Cause::Unregistered, Item::Torrent(torrent), Service::Qbittorrent(policy)) => {
            let Some(block) = &policy.unregistered else {
                return Err("the block is off".to_owned());
            };
            let messages = Messages::new(block.messages.as_deref(), &block.extra_messages);
            let sight = unregistered::look(
                context,
                block,
                &messages,
                &unregistered::Doubts::default(),
                id,
                torrent,
            );
            sick(sight.map_or(Fact::No, |sight| sight.sign))
        }
        (Cause::Failed, Item::Magnet(magnet), _) => sick(sights::look_at_magnet(magnet).sign),
        (Cause::Hardlinks, Item::Torrent(torrent), _) => {
            let Some((_, block)) = hardlinks::block_of(context) else {
                return Err("the block is off".to_owned());
            };
            match hardlinks::verdict(context, block, id, torrent) {
                hardlinks::Verdict::Delete(_) => Ok(()),
                hardlinks::Verdict::Keep(reason) => Err(kept(&reason)),
            }
        }
        (Cause::Rule(name), _, _) => {
            let rule = context
                .input
                .policy
                .rules
                .iter()
                .find(|rule| rule.name == **name);
            let Some(rule) = rule else {
                return Err("the rule is gone".to_owned());
            };
            match matches(context, rule, id, item) {
                Match::Yes => stopped_by_until(rule, &context.account).map_or(Ok(()), Err),
                Match::No => Err("the rule no longer matches".to_owned()),
                Match::Unknown(why) | Match::Failed(why) => {
                    Err(format!("the rule cannot be judged any more: {why}"))
                }
            }
        }
        (Cause::Errored | Cause::Unregistered | Cause::Failed | Cause::Hardlinks, _, _) => {
            Err("the cause does not fit the item".to_owned())
        }
    }
}

fn sick(sign: Fact) -> Result<(), String> {
    match sign {
        Fact::Yes => Ok(()),
        Fact::No => Err("it no longer shows the sign".to_owned()),
        Fact::Unknown(why) => Err(format!("whether it still shows the sign is unknown: {why}")),
    }
}

fn kept(reason: &KeptReason) -> String {
    reason.to_string()
}
