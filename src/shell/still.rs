//! Rule cycles that can only come to what the last one came to: nothing was read that is new, and nothing that rules look
//! at changes by itself. They need no decision, whatever the size of the library.

use super::look::{Glasses, Look};
use crate::config::policy::{AccountPolicy, RuleBody, Service};
use crate::core::decide::Mode;
use crate::core::ledger::Book;
use crate::core::rules::{Cost, Key, Kind};
use crate::core::state::AccountState;
use std::sync::{Arc, Weak};

/// A rule cycle that did nothing, and what it rested on besides the listing.
pub struct Still {
    /// Any record makes another book. Weak, so that a record does not have to copy this one.
    book: Weak<Book>,
    after: AccountState,
}

impl Still {
    /// Remembers a decision, if the same listing can only lead to it again.
    pub fn after(look: &Look, glasses: Glasses<'_>, book: &Arc<Book>) -> Option<Still> {
        let decision = &look.decision;
        let plan = &decision.plan;
        let is_quiet = plan.is_idle() && plan.held.is_empty() && plan.warnings.is_empty();
        let has_timers = decision
            .state
            .items
            .values()
            .any(|item| !item.rules.is_empty());
        let is_plain =
            glasses.mode == Mode::Rules && look.whole && !look.fetched && !glasses.explain;
        let can_hold = is_plain && is_quiet && !has_timers && rests_on_listing(glasses.policy);
        can_hold.then(|| Still {
            book: Arc::downgrade(book),
            after: decision.state.clone(),
        })
    }

    /// Whether it still is so: `before` and the book are what that decision left.
    pub fn holds(&self, before: &AccountState, book: &Arc<Book>) -> bool {
        let is_same_book = std::ptr::eq(self.book.as_ptr(), Arc::as_ptr(book));
        is_same_book && same_but_times(before, &self.after)
    }
}

/// Whether two states differ at most in the times that each cycle sets.
pub fn same_but_times(one: &AccountState, other: &AccountState) -> bool {
    let AccountState {
        last_cycle_at,
        last_attempt_at,
        last_rules_at: _,
        left_alone_until,
        refused_login,
        refused_login_at,
        was_away,
        after_gap,
        configured_at: _,
        had_items,
        listed,
        short_listing,
        items,
        recovered,
        outages,
        free_space,
    } = one;
    *last_cycle_at == other.last_cycle_at
        && *last_attempt_at == other.last_attempt_at
        && *left_alone_until == other.left_alone_until
        && *refused_login == other.refused_login
        && *refused_login_at == other.refused_login_at
        && *was_away == other.was_away
        && *after_gap == other.after_gap
        && *had_items == other.had_items
        && *listed == other.listed
        && *short_listing == other.short_listing
        && *items == other.items
        && *recovered == other.recovered
        && *outages == other.outages
        && *free_space == other.free_space
}

/// Whether all rules and the selection look at nothing but what the list says of the item itself.
fn rests_on_listing(policy: &AccountPolicy) -> bool {
    let selects_by_listing = match &policy.service {
        Service::Qbittorrent(service) => service.select.trackers.is_empty(),
        Service::Alldebrid(_) => false,
    };
    selects_by_listing
        && policy.rules.iter().all(|rule| rule.until.is_none())
        && policy.rules.iter().all(|rule| match &rule.body {
            RuleBody::Conditions(condition) => condition.keys().into_iter().all(is_of_listing),
            RuleBody::Script { .. } => false,
        })
}

/// Moments count as on the clock, because absurd ones are judged by it.
fn is_of_listing(key: Key) -> bool {
    let moves_by_itself = key.depends_on_clock() || key.is_of_account() || key.kind() == Kind::Time;
    key.cost() == Cost::Listing && !moves_by_itself
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::decide::tests::world::World;
    use jiff::SignedDuration;

    /// A world of one torrent with one rule of this body, in rule cycles.
    fn world(body: &str) -> World {
        let account = r#"{ "name": "box", "type": "qbittorrent", "url": "http://127.0.0.1:1", "username": "u",
            "password": "p", "cycle": "30m", "rule_cycle": "10s", "rules": ["r"] }"#;
        let mut world = World::of(
            account,
            &format!(r#""rules": [{{ "name": "r", {body} }}],"#),
        );
        world.mode = Mode::Rules;
        world.torrent("a", |_| {});
        world
    }

    fn condition(key: &str, compare: &str, value: &str) -> String {
        format!(
            r#""conditions": [{{ "key": "{key}", "compareType": "{compare}", "value": "{value}" }}]"#
        )
    }

    fn glasses<'a>(world: &'a World, book: &'a Book) -> Glasses<'a> {
        Glasses {
            policy: &world.policy.accounts[0],
            limits: &world.policy.limits,
            zone: &world.policy.time_zone,
            book,
            now: world.now,
            mode: world.mode,
            explain: false,
        }
    }

    fn after(world: &World, book: &Arc<Book>) -> Option<Still> {
        let look = Look {
            decision: world.decide(),
            whole: world.whole,
            fetched: false,
        };
        Still::after(&look, glasses(world, book), book)
    }

    #[track_caller]
    fn check(body: &str, expected: bool) {
        let world = world(body);
        assert_eq!(after(&world, &Arc::default()).is_some(), expected, "{body}");
    }

    #[test]
    fn rule_on_listed_values_that_matches_nothing_needs_no_second_decision() {
        check(&condition("ratio", "bigger", "1000"), true);
        check(&condition("category", "equals", "movies"), true);
    }

    #[test]
    fn rule_that_can_change_its_mind_is_decided_again() {
        for key in [
            "addedTime",
            "completedTime",
            "secondFromZero",
            "completion_on",
            "freeSpace",
            "linkCount",
        ] {
            check(&condition(key, "smaller", "-1"), false);
        }
        check(r#""javascript": "() => false""#, false);
        let until = r#""until": { "key": "freeSpace", "compareType": "bigger", "value": "1" }, "#;
        let matches_nothing = condition("ratio", "bigger", "1000");
        check(&format!("{until}{matches_nothing}"), false);
    }

    #[test]
    fn match_and_running_timer_are_decided_again() {
        let matches = condition("category", "equals", "tv");
        check(&matches, false);
        check(&format!(r#""for": "1m", {matches}"#), false);
    }

    #[test]
    fn holds_until_state_or_ledger_change() {
        let world = world(&condition("ratio", "bigger", "1000"));
        let mut book: Arc<Book> = Arc::default();
        let still = after(&world, &book).expect("nothing can change");
        let mut state = world.decide().state;
        assert!(still.holds(&state, &book));
        state.last_rules_at = Some(world.now + SignedDuration::from_secs(10));
        assert!(still.holds(&state, &book), "only the time differs");
        let mut edited = state.clone();
        edited.items.entry("a".into()).or_default().missed = true;
        assert!(!still.holds(&edited, &book));
        Arc::make_mut(&mut book);
        assert!(!still.holds(&state, &book), "the ledger has another record");
    }

    #[test]
    fn cycle_without_decision_keeps_the_state_but_for_its_times() {
        let world = world(&condition("ratio", "bigger", "1000"));
        let decided = world.decide();
        let nothing = crate::core::decide::Decision::nothing(&world.input(), &world.state);
        assert_eq!(nothing.state, decided.state);
        assert!(nothing.plan.is_idle() && nothing.wanted.is_empty());
        assert_eq!(nothing.plan.items, decided.plan.items);
    }
}
