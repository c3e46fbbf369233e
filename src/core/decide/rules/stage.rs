//! What happens when a rule comes to an item in a run: timers, guards, limits, and the action's place in the plan.

use super::foreseen::Foreseen;
use super::{Context, Draft, holds_in, reason, stopped_by_until};
use crate::config::policy::{Action, Rule, RuleBody};
use crate::core::decide::draft::Proposal;
use crate::core::decide::item::Item;
use crate::core::decide::order::Place;
use crate::core::decide::protect;
use crate::core::plan::{Cause, Change, ChangeKind, Held, KeptReason};
use crate::core::rules::Key;
use crate::core::rules::run::{Next, Stage, Turn};
use crate::core::rules::timers::has_held;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// What a run is over.
#[derive(Clone, Copy)]
pub struct Matches<'m, 'a> {
    /// The rules.
    pub rules: &'m [Arc<Rule>],
    /// Every item that any of them matches.
    pub places: &'m [Place<'a>],
    /// No timer counts, because samples are missing.
    pub timers_are_void: bool,
}

/// One run.
pub struct Play<'p, 'c, 'm, 'a> {
    context: &'p Context<'c>,
    draft: &'p mut Draft,
    matches: Matches<'m, 'a>,
    foreseen: Foreseen,
    /// Rules with conditions on what the plan changes in the account as a whole.
    on_account: BTreeSet<usize>,
    acted: BTreeSet<(usize, usize)>,
    noted: BTreeSet<(usize, usize)>,
}

impl<'p, 'c, 'm, 'a> Play<'p, 'c, 'm, 'a> {
    /// A run that has not begun.
    pub fn new(context: &'p Context<'c>, draft: &'p mut Draft, matches: Matches<'m, 'a>) -> Self {
        let mut foreseen = Foreseen::default();
        foreseen.take_in(context, &draft.plan);
        let rules = matches.rules.iter().enumerate();
        let on_account = rules
            .filter(|(_, rule)| looks_at_account(rule))
            .map(|(number, _)| number);
        Play {
            context,
            draft,
            matches,
            foreseen,
            on_account: on_account.collect(),
            acted: BTreeSet::new(),
            noted: BTreeSet::new(),
        }
    }

    /// Notes why the matches that the run never came to are left alone.
    pub fn note_the_rest(&mut self, turns: &[Turn<'_>]) {
        for (rule, turn) in turns.iter().enumerate() {
            for &item in turn.order {
                if !self.acted.contains(&(rule, item)) && !self.noted.contains(&(rule, item)) {
                    let why = if self.draft.is_handled(self.matches.places[item].id) {
                        "something else is done to it in this cycle".to_owned()
                    } else {
                        self.why_enough(rule).unwrap_or_else(|| {
                            format!("its limit of {} per cycle is reached", turn.limit)
                        })
                    };
                    self.note(rule, item, |rule| KeptReason::RuleLimit { rule, why });
                }
            }
        }
    }

    fn note(&mut self, rule: usize, item: usize, make: impl FnOnce(String) -> KeptReason) {
        self.noted.insert((rule, item));
        let reason = make(self.matches.rules[rule].name.clone());
        self.draft
            .keep(self.context, self.matches.places[item].id, reason);
    }

    /// Why the rule's `until` stops it, with everything that is done before.
    fn why_enough(&self, rule: usize) -> Option<String> {
        let account = self.foreseen.account(&self.context.account);
        stopped_by_until(&self.matches.rules[rule], &account)
    }

    /// Whether a match is one no longer once the plan so far is carried out.
    fn is_overtaken(&self, rule: usize, place: &Place<'_>) -> bool {
        if self.foreseen.is_nothing() || !self.on_account.contains(&rule) {
            return false;
        }
        let account = self.foreseen.account(&self.context.account);
        match &self.matches.rules[rule].body {
            RuleBody::Conditions(condition) => !holds_in(self.context, &account, condition, place),
            RuleBody::Script { .. } => false,
        }
    }

    /// Time a match must still hold; `None` when it has held for longer than the rule's `for`.
    fn time_left(&self, rule: &Rule, place: &Place<'_>) -> Option<Duration> {
        let hold_for = rule.hold_for?;
        let timer = self
            .context
            .before
            .items
            .get(place.id)
            .and_then(|item| item.rules.get(&rule.name));
        let since = timer
            .and_then(|timer| timer.since_for(rule.mark))
            .filter(|_| !self.matches.timers_are_void);
        if has_held(since, self.context.now, hold_for) {
            return None;
        }
        let held =
            since.and_then(|since| Duration::try_from(self.context.now.duration_since(since)).ok());
        Some(hold_for.saturating_sub(held.unwrap_or(Duration::ZERO)))
    }

    fn change(&mut self, rule: &Rule, place: &Place<'_>, kind: ChangeKind) -> bool {
        let reason = reason(self.context, rule, place.id, place.item);
        let (item, name) = (place.id.clone(), place.item.title(place.id).to_owned());
        let rule_name: Arc<str> = Arc::from(rule.name.as_str());
        if let Some(guard) = protect::guard_of_change(self.context, place.id, place.item) {
            self.draft.plan.held.push(Held {
                item,
                name,
                cause: Cause::Rule(rule_name),
                reason,
                guard,
            });
            return false;
        }
        self.draft.handle(place.id);
        self.draft.plan.changes.push(Change {
            item,
            name,
            rule: rule_name,
            kind,
            reason,
        });
        self.foreseen.take_in(self.context, &self.draft.plan);
        true
    }

    fn delete(&mut self, rule: &Rule, place: &Place<'_>, files: bool) -> bool {
        let proposal = Proposal {
            id: place.id,
            item: place.item,
            cause: Cause::Rule(Arc::from(rule.name.as_str())),
            reason: reason(self.context, rule, place.id, place.item),
            failures: None,
            began: None,
            delete_files: files,
        };
        let is_planned = self.draft.propose(self.context, proposal);
        self.foreseen.take_in(self.context, &self.draft.plan);
        is_planned
    }
}

impl Stage for Play<'_, '_, '_, '_> {
    fn is_protected(&self, item: usize) -> bool {
        self.draft.is_handled(self.matches.places[item].id)
    }

    fn has_enough(&self, rule: usize) -> bool {
        self.why_enough(rule).is_some()
    }

    /// Matching and acting are one step here: what a guard holds back does not use up the rule's limit.
    fn matches(&mut self, rule: usize, item: usize) -> bool {
        let (number, place) = (rule, self.matches.places[item]);
        let rule = &*self.matches.rules[rule];
        if let Some(left) = self.time_left(rule, &place) {
            self.note(number, item, |rule| KeptReason::RuleWaits { rule, left });
            return false;
        }
        if self.is_overtaken(number, &place) {
            let why = "not any more after what is done before it in this cycle".to_owned();
            self.note(number, item, |rule| KeptReason::RuleNo { rule, why });
            return false;
        }
        let is_torrent = matches!(place.item, Item::Torrent(_));
        let kind = match &rule.action {
            Action::DeleteFiles => return self.delete(rule, &place, is_torrent),
            Action::DeleteTorrent | Action::Delete => return self.delete(rule, &place, false),
            Action::Pause => ChangeKind::Pause,
            Action::LimitDownload { bytes_per_s } => ChangeKind::LimitDownload(*bytes_per_s),
            Action::Recheck => ChangeKind::Recheck,
            Action::Reannounce => ChangeKind::Reannounce,
            Action::Tag(tag) => ChangeKind::Tag(tag.clone()),
            Action::Category(category) => ChangeKind::Category(category.clone()),
            Action::Restart => ChangeKind::Restart,
        };
        if is_so_already(place.item, &kind) {
            let why = "the item already is what the rule would make it".to_owned();
            self.note(number, item, |rule| KeptReason::RuleLimit { rule, why });
            return false;
        }
        self.change(rule, &place, kind)
    }

    fn act(&mut self, rule: usize, item: usize) -> Next {
        self.acted.insert((rule, item));
        Next::Continue
    }
}

/// A change that the item shows already is not made again.
fn is_so_already(item: Item<'_>, kind: &ChangeKind) -> bool {
    let Item::Torrent(torrent) = item else {
        return false;
    };
    match kind {
        ChangeKind::Pause => torrent.state.is_stopped(),
        ChangeKind::LimitDownload(speed) => torrent.dl_limit == i64::try_from(*speed).ok(),
        ChangeKind::Tag(tag) => torrent.has_tag(tag),
        ChangeKind::Category(category) => *torrent.category == **category,
        ChangeKind::Recheck => torrent.state.is_checking(),
        ChangeKind::Reannounce | ChangeKind::Restart => false,
    }
}

/// Whether the rule's conditions look at what a plan changes in the account. What a script looks at is not known here.
fn looks_at_account(rule: &Rule) -> bool {
    let changes = [Key::FreeSpace, Key::LeechingCount, Key::SeedingCount];
    match &rule.body {
        RuleBody::Conditions(condition) => {
            let keys = condition.keys();
            changes.iter().any(|key| keys.contains(key))
        }
        RuleBody::Script { .. } => false,
    }
}
