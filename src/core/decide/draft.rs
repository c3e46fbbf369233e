//! A decision while it is being made: the new state and the plan, and the one way in which a deletion gets into it.

use super::context::{Context, Mode};
use super::free_space::{NamesGone, freed_by};
use super::item::Item;
use super::protect;
use crate::core::ledger::{Began, OutcomeKind};
use crate::core::model::ItemId;
use crate::core::plan::{Cause, Deletion, Guard, Held, Kept, KeptReason, Plan};
use crate::core::state::AccountState;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What was not sent or saved is left alone for this long by rule cycles.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// A deletion that a cause asks for, before the guards.
#[derive(Debug, Clone)]
pub struct Proposal<'a> {
    /// The item.
    pub id: &'a ItemId,
    /// The item as read.
    pub item: Item<'a>,
    /// The cause.
    pub cause: Cause,
    /// Why, with the values seen.
    pub reason: String,
    /// Failures and their limit.
    pub failures: Option<(u32, u32)>,
    /// When and where it began to fail, if it counts towards an outage.
    pub began: Option<Began>,
    /// Whether the cause deletes files.
    pub delete_files: bool,
}

/// State and plan in the making.
pub struct Draft {
    /// The account's state after this cycle.
    pub state: AccountState,
    /// The plan so far.
    pub plan: Plan,
    handled: BTreeSet<ItemId>,
    well: BTreeSet<ItemId>,
    kept: BTreeMap<ItemId, Vec<KeptReason>>,
    names_gone: NamesGone,
}

impl Draft {
    /// Starts from the state before.
    pub fn new(context: &Context<'_>) -> Draft {
        let mut plan = Plan::empty(context.input.policy.name.clone(), context.now);
        plan.items = context.input.seen.len();
        Draft {
            state: context.before.clone(),
            plan,
            handled: BTreeSet::new(),
            well: BTreeSet::new(),
            kept: BTreeMap::new(),
            names_gone: NamesGone::default(),
        }
    }

    /// Whether something is already done to this item in this cycle.
    pub fn is_handled(&self, id: &ItemId) -> bool {
        self.handled.contains(id)
    }

    /// Notes that something is done to this item.
    pub fn handle(&mut self, id: &ItemId) {
        self.handled.insert(id.clone());
    }

    /// Notes that a count of failures ends because the item got well.
    pub fn recover(&mut self, id: &ItemId) {
        self.well.insert(id.clone());
    }

    /// Notes why a cause leaves the item alone.
    pub fn keep(&mut self, context: &Context<'_>, id: &ItemId, reason: KeptReason) {
        if !context.input.explain {
            return;
        }
        let reasons = self.kept.entry(id.clone()).or_default();
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }

    /// Puts a deletion into the plan if no guard holds it back. Answers whether it did.
    pub fn propose(&mut self, context: &Context<'_>, proposal: Proposal<'_>) -> bool {
        if self.is_handled(proposal.id) {
            return false;
        }
        let mut deletion = deletion_of(context, &proposal);
        if let Some(guard) = guard_of(context, self, &proposal, &mut deletion) {
            self.handle(proposal.id);
            self.plan.held.push(Held {
                item: proposal.id.clone(),
                name: deletion.name,
                cause: proposal.cause,
                reason: proposal.reason,
                guard,
            });
            return false;
        }
        self.handle(proposal.id);
        let (id, item, files) = (proposal.id, proposal.item, deletion.delete_files);
        deletion.frees_bytes = freed_by(context, &mut self.names_gone, id, item, files);
        self.plan.deletions.push(deletion);
        true
    }

    /// Ends the making: why every other item stays.
    pub fn finish(mut self, context: &Context<'_>) -> (AccountState, Plan) {
        if context.input.explain {
            let acted: BTreeSet<&ItemId> = self
                .plan
                .deletions
                .iter()
                .map(|d| &d.item)
                .chain(self.plan.held.iter().map(|h| &h.item))
                .collect();
            let mut kept = Vec::new();
            context.input.seen.for_each(|id, item| {
                if !acted.contains(id) {
                    let reasons = self
                        .kept
                        .remove(id)
                        .unwrap_or_else(|| vec![KeptReason::NothingAsks]);
                    kept.push(Kept {
                        item: id.clone(),
                        name: item.title(id).to_owned(),
                        reasons,
                    });
                }
            });
            self.plan.kept = kept;
        }
        self.state.items.retain(|_, item| !item.is_empty());
        self.note_recovered(context.now);
        (self.state, self.plan)
    }
}

impl Draft {
    /// An item that got well of one thing and still fails of another has not recovered.
    fn note_recovered(&mut self, now: Timestamp) {
        let (state, well) = (&mut self.state, std::mem::take(&mut self.well));
        let is_well = |id: &ItemId| state.items.get(id).is_none_or(|i| i.most_failures() == 0);
        let new: Vec<ItemId> = well.into_iter().filter(is_well).collect();
        let day = SignedDuration::from_hours(24);
        state
            .recovered
            .retain(|_, at| now.duration_since(*at) < day);
        state.recovered.extend(new.into_iter().map(|id| (id, now)));
    }
}

fn deletion_of(context: &Context<'_>, proposal: &Proposal<'_>) -> Deletion {
    let known = context.before.items.get(proposal.id);
    Deletion {
        item: proposal.id.clone(),
        name: proposal.item.title(proposal.id).to_owned(),
        cause: proposal.cause.clone(),
        reason: proposal.reason.clone(),
        failures: proposal.failures,
        began: proposal.began.clone(),
        delete_files: proposal.delete_files,
        files_kept_because: None,
        frees_bytes: 0,
        size_bytes: proposal.item.size_bytes(),
        added_on: proposal
            .item
            .added_on()
            .or(known.and_then(|item| item.added_on)),
        ratio: proposal.item.ratio(),
        progress: proposal.item.progress(),
        reannounce: matches!(proposal.item, Item::Torrent(_))
            && proposal.cause != Cause::Unregistered,
    }
}

/// The first guard that holds the deletion back. Shared files do not, they change what is deleted.
fn guard_of(
    context: &Context<'_>,
    draft: &Draft,
    proposal: &Proposal<'_>,
    deletion: &mut Deletion,
) -> Option<Guard> {
    if context.unsettled.contains(proposal.id) {
        return Some(Guard::Unsettled);
    }
    if let Some(guard) = tried_already(context, proposal.id) {
        return Some(guard);
    }
    if let Some(guard) = protect::guard(context, proposal.id, proposal.item, &proposal.cause) {
        return Some(guard);
    }
    let is_last_resort = proposal.failures.is_some();
    if is_last_resort
        && matches!(
            context.input.mode,
            Mode::Full {
                last_resorts: false,
                ..
            }
        )
    {
        return Some(Guard::AfterGap);
    }
    if !deletion.delete_files {
        return None;
    }
    if !context.input.whole && matches!(proposal.item, Item::Torrent(_)) {
        let why = "the listing did not hold every torrent";
        return Some(Guard::SharedUnknown(why.to_owned()));
    }
    match context.shared(proposal.id) {
        None => Some(Guard::SharedUnknown("not looked at yet".to_owned())),
        Some(Err(why)) => Some(Guard::SharedUnknown(why.clone())),
        Some(Ok(others)) => {
            let first = others.first()?;
            if let Some(other) = others
                .iter()
                .find(|o| draft.plan.deletions.iter().any(|d| d.item == o.other))
            {
                return Some(Guard::SharedWithDeleted(other.name.clone()));
            }
            deletion.delete_files = false;
            deletion.files_kept_because = Some(format!(
                "torrent \"{}\" also holds {}",
                first.name, first.file
            ));
            None
        }
    }
}

/// A server that refuses once refuses again, and each try costs an export, a reannounce and lines of the ledger: full
/// cycles alone try again what was refused. What the second look saved, or was not sent, may be otherwise soon.
fn tried_already(context: &Context<'_>, id: &ItemId) -> Option<Guard> {
    match context.input.mode {
        Mode::Full { .. } => return None,
        Mode::Rules => {}
    }
    let (intended_at, result) = context.failed.get(id)?;
    let (what, left) = match result {
        OutcomeKind::Refused => ("was refused", None),
        OutcomeKind::StillThere => ("did not happen though it was sent", None),
        OutcomeKind::Saved => ("was called off by the second look", Some(TRY_AGAIN_AFTER)),
        OutcomeKind::NotSent => ("could not be sent", Some(TRY_AGAIN_AFTER)),
        OutcomeKind::Done | OutcomeKind::GoneAfterUnknown | OutcomeKind::GoneBefore => return None,
    };
    let left = match left {
        None => None,
        Some(pause) => {
            let age = Duration::try_from(context.now.duration_since(*intended_at));
            let left = pause.checked_sub(age.unwrap_or(Duration::ZERO));
            Some(left.filter(|left| !left.is_zero())?)
        }
    };
    Some(Guard::TriedAlready { what, left })
}

/// Time left of a restored item's grace.
pub fn grace_left(context: &Context<'_>, id: &ItemId) -> Option<Duration> {
    let restored_at = context.restored.get(id)?;
    let age =
        Duration::try_from(context.now.duration_since(*restored_at)).unwrap_or(Duration::ZERO);
    context
        .input
        .limits
        .restore_grace
        .checked_sub(age)
        .filter(|left| !left.is_zero())
}
