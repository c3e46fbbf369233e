//! What a person can ask of the state: to forget counts, and to take an outage for what it looks like.

use super::{AccountState, Failures, ItemState, Outage, State};
use crate::core::decide::Ailment;
use crate::core::model::{AccountId, ItemId};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What was forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Items that had counts or timers.
    pub items: usize,
    /// Failures in all.
    pub failures: u64,
    /// Rule timers.
    pub timers: usize,
}

impl Forgotten {
    fn add(&mut self, item: &ItemState) {
        self.items += 1;
        self.failures += failures_of(item);
        self.timers += item.rules.len();
    }
}

fn failures_of(item: &ItemState) -> u64 {
    let whole = [&item.errored, &item.unregistered, &item.failed];
    whole
        .into_iter()
        .flatten()
        .chain(item.failed_trackers.values())
        .map(|failures| u64::from(failures.failures))
        .sum()
}

impl State {
    /// Forgets failure counts and rule timers: of everything, of one account, or of these items of accounts. Times of
    /// cycles and outages stay.
    pub fn forget(
        &mut self,
        account: Option<&AccountId>,
        items: Option<&BTreeSet<(AccountId, ItemId)>>,
    ) -> Forgotten {
        let mut forgotten = Forgotten::default();
        for (name, state) in &mut self.accounts {
            if account.is_some_and(|wanted| wanted != name) {
                continue;
            }
            state.items.retain(|id, item| {
                let goes = items.is_none_or(|set| set.contains(&(name.clone(), id.clone())));
                if goes {
                    forgotten.add(item);
                }
                !goes
            });
        }
        // Counts of an old file belong to no account yet.
        if account.is_none() && items.is_none() {
            forgotten.items += self.retry_counts.len();
            forgotten.failures += self
                .retry_counts
                .values()
                .map(|count| u64::from(*count))
                .sum::<u64>();
            self.retry_counts.clear();
        }
        forgotten
    }

    /// Ends the outages of an account on its owner's word, see [`AccountState::accept`].
    pub fn accept(&mut self, account: &AccountId, now: Timestamp) -> Vec<Outage> {
        let state = self.accounts.get_mut(account);
        state.map_or_else(Vec::new, |state| state.accept(now))
    }
}

impl AccountState {
    /// Ends its outages on its owner's word: their items count from the next cycle on, and never again make up an
    /// outage of that ailment until they have been well.
    pub fn accept(&mut self, now: Timestamp) -> Vec<Outage> {
        let outages = std::mem::take(&mut self.outages);
        for outage in &outages {
            accept_items(self, outage, now);
        }
        outages
    }
}

fn accept_items(state: &mut AccountState, outage: &Outage, now: Timestamp) {
    let Some(ailment) = Ailment::of(&outage.ailment) else {
        return;
    };
    for id in &outage.items {
        let item = state.items.entry(id.clone()).or_default();
        let accepted = |failures: Option<&Failures>| Failures {
            accepted: true,
            since: failures.and_then(|f| f.since).or(Some(now)),
            ..failures.cloned().unwrap_or_default()
        };
        match ailment {
            Ailment::FailedTrackers => {
                for failures in item.failed_trackers.values_mut() {
                    failures.accepted = true;
                }
                // Which trackers they are is known only when they are counted: an entry without a name holds the
                // acceptance until then.
                if item.failed_trackers.is_empty() {
                    item.failed_trackers.insert(String::new(), accepted(None));
                }
            }
            Ailment::Errored | Ailment::Unregistered | Ailment::Failed => {
                let failures = accepted(ailment.failures(item));
                ailment.set_failures(item, Some(failures));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        let json = r#"{"accounts": {
            "a": {"last_cycle_at": "2026-11-20T08:00:00Z",
                  "items": {"1": {"failed": {"failures": 3}}, "2": {"rules": {"slow": {"since": "2026-11-20T08:00:00Z"}}}},
                  "outages": [{"ailment": "failed", "scope": "account", "since": "2026-11-20T08:00:00Z", "items": ["1", "7"]}]},
            "b": {"items": {"1": {"errored": {"failures": 2}}}}},
            "retry_counts": {"9": 4}}"#;
        serde_json::from_str(json).unwrap()
    }

    fn now() -> Timestamp {
        "2026-11-20T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn forgets_everything_but_times_and_outages() {
        let mut state = state();
        let forgotten = state.forget(None, None);
        assert_eq!(
            forgotten,
            Forgotten {
                items: 4,
                failures: 9,
                timers: 1
            }
        );
        let a = &state.accounts[&AccountId::from("a")];
        assert!(a.items.is_empty() && a.last_cycle_at.is_some() && a.outages.len() == 1);
    }

    #[test]
    fn forgets_one_item_of_one_account_only() {
        let mut state = state();
        let one = BTreeSet::from([("a".into(), "1".into())]);
        assert_eq!(state.forget(None, Some(&one)).failures, 3);
        assert_eq!(state.accounts[&AccountId::from("a")].items.len(), 1);
        assert_eq!(state.accounts[&AccountId::from("b")].items.len(), 1);
        assert_eq!(state.retry_counts.len(), 1);
    }

    #[test]
    fn accepted_items_keep_their_counts_and_stay_accepted() {
        let mut state = state();
        let ended = state.accept(&"a".into(), now());
        assert_eq!(ended.len(), 1);
        let a = &state.accounts[&AccountId::from("a")];
        assert!(a.outages.is_empty());
        for (id, failures) in [("1", 3), ("7", 0)] {
            let item = &a.items[&ItemId::from(id)];
            assert_eq!(item.failed.as_ref().unwrap().failures, failures);
            assert!(Ailment::Failed.is_accepted(item), "{id}");
        }
        assert!(state.accept(&"a".into(), now()).is_empty());
        assert!(state.accept(&"c".into(), now()).is_empty());
    }

    #[test]
    fn accepted_trackers_stay_accepted_before_they_are_counted() {
        let mut state = state();
        let b = state.accounts.get_mut(&AccountId::from("b")).unwrap();
        b.outages.push(Outage {
            ailment: "failed_trackers".into(),
            scope: "account".into(),
            since: now(),
            items: BTreeSet::from(["1".into()]),
            first_reading: false,
        });
        state.accept(&"b".into(), now());
        let item = &state.accounts[&AccountId::from("b")].items[&ItemId::from("1")];
        assert!(Ailment::FailedTrackers.is_accepted(item));
        assert_eq!(item.errored.as_ref().unwrap().failures, 2);
    }
}
