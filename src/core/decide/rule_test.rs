//! What each rule of an account would match, without regard to time, limits, guards and the other rules.

use super::context::{Context, Input};
use super::order::{Place, sort};
use super::rules::{Match, matches, reason};
use super::select::{Selected, selected};
use crate::config::policy::Rule;
use crate::core::facts::Wanted;
use crate::core::model::ItemId;
use crate::core::state::AccountState;
use serde::Serialize;

/// What one rule matches.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tested {
    /// The rule.
    pub rule: String,
    /// It protects what it matches.
    pub protects: bool,
    /// What it matches, in its order, and why.
    pub matched: Vec<TestedItem>,
    /// Items of which it cannot be told, and why.
    pub unknown: Vec<TestedItem>,
    /// Selected items in all.
    pub of: usize,
}

/// One item and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TestedItem {
    /// The item.
    pub item: ItemId,
    /// Its name.
    pub name: String,
    /// Why it matches, or why that is unknown.
    pub why: String,
}

/// Tries every rule of the account on everything that was read. Also answers what was lacking to judge them.
pub fn rule_test(input: &Input<'_>, before: &AccountState) -> (Vec<Tested>, Wanted) {
    let context = Context::new(input, before);
    let policy = input.policy;
    let protecting = policy.protect_rules.iter().map(|rule| (rule, true));
    let acting = policy.rules.iter().map(|rule| (rule, false));
    let tested = protecting
        .chain(acting)
        .map(|(rule, protects)| one(&context, rule, protects))
        .collect();
    (tested, context.into_wanted())
}

fn one(context: &Context<'_>, rule: &Rule, protects: bool) -> Tested {
    let mut found = Vec::new();
    let mut tested = Tested {
        rule: rule.name.clone(),
        protects,
        matched: Vec::new(),
        unknown: Vec::new(),
        of: 0,
    };
    context.input.seen.for_each(|id, item| {
        // Protection is for every item, selected or not.
        if !protects && selected(context, id, item) != Selected::Yes {
            return;
        }
        tested.of += 1;
        match matches(context, rule, id, item) {
            Match::Yes => found.push(Place { id, item }),
            Match::No => {}
            Match::Unknown(why) | Match::Failed(why) => tested.unknown.push(TestedItem {
                item: id.clone(),
                name: item.title(id).to_owned(),
                why,
            }),
        }
    });
    sort(context, rule, &mut found);
    let item = |place: &Place<'_>| TestedItem {
        item: place.id.clone(),
        name: place.item.title(place.id).to_owned(),
        why: reason(context, rule, place.id, place.item),
    };
    tested.matched = found.iter().map(item).collect();
    tested
}
