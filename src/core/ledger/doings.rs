//! What we did last to an item: what was read of it before that may no longer be so.

use super::{Book, OutcomeKind};
use crate::core::model::{AccountId, Deed, Doing, ItemId};
use std::collections::BTreeMap;

impl Book {
    /// The last thing on record that we did to an item.
    pub fn last_doing(&self, account: &AccountId, item: &ItemId) -> Option<Doing> {
        let of_item = self.doings(account).filter(|(of, _)| *of == item);
        of_item.map(|(_, doing)| doing).max()
    }

    /// The same for every item of an account.
    pub fn last_doings(&self, account: &AccountId) -> BTreeMap<ItemId, Doing> {
        let mut last = BTreeMap::new();
        for (item, doing) in self.doings(account) {
            let known = last.entry(item.clone()).or_insert(doing);
            *known = doing.max(*known);
        }
        last
    }

    fn doings<'b>(&'b self, account: &'b AccountId) -> impl Iterator<Item = (&'b ItemId, Doing)> {
        let did = |what: Deed| move |(item, at)| (item, Doing { at, what });
        let deletions = self.deletions.values().filter_map(|(intent, outcome)| {
            let at = match outcome {
                None => intent.at,
                Some(outcome) => match outcome.result {
                    OutcomeKind::Done | OutcomeKind::GoneAfterUnknown | OutcomeKind::StillThere => {
                        outcome.at
                    }
                    OutcomeKind::Refused
                    | OutcomeKind::NotSent
                    | OutcomeKind::Saved
                    | OutcomeKind::GoneBefore => return None,
                },
            };
            (intent.account == *account).then_some((&intent.item, at))
        });
        let begun = self
            .treatments
            .iter()
            .map(|(key, (begun, _))| (key, begun.at));
        let recovered = self.recovered.iter().map(|(key, at)| (key, *at));
        let rechecks = begun
            .chain(recovered)
            .filter(move |(key, _)| key.0 == *account)
            .map(|(key, at)| (&key.1, at));
        let trackers = self
            .trackers
            .values()
            .filter(move |removed| removed.account == *account)
            .map(|removed| (&removed.item, removed.at));
        let restored = self
            .restored
            .iter()
            .filter(move |(key, _)| key.0 == *account)
            .map(|(key, at)| (&key.1, *at));
        deletions
            .map(did(Deed::Deletion))
            .chain(rechecks.map(did(Deed::Recheck)))
            .chain(trackers.map(did(Deed::TrackerRemoval)))
            .chain(restored.map(did(Deed::Restore)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ledger::testing::*;
    use crate::core::ledger::{Record, TreatmentResult};

    /// `expected`: the deed and its hour.
    #[track_caller]
    fn check(records: Vec<Record>, expected: Option<(Deed, i64)>) {
        let found = book(records.clone()).last_doing(&a(), &"x".into());
        let expected = expected.map(|(what, at)| Doing { at: hour(at), what });
        assert_eq!(found, expected, "{records:?}");
    }

    #[test]
    fn last_doing_is_the_latest_that_may_have_changed_the_item() {
        use OutcomeKind::{NotSent, Refused, Saved, StillThere};
        check(vec![intent(1, 5, "a", "x")], Some((Deed::Deletion, 5)));
        let settled = |result| vec![intent(1, 5, "a", "x"), outcome(1, 6, result)];
        check(settled(StillThere), Some((Deed::Deletion, 6)));
        for nothing in [NotSent, Refused, Saved] {
            check(settled(nothing), None);
        }
        check(vec![begun(3, "x")], Some((Deed::Recheck, 3)));
        let recovered = ended(4, "x", TreatmentResult::Recovered);
        check(vec![begun(3, "x"), recovered], Some((Deed::Recheck, 4)));
        let removed = tracker(7, "x", "t.example", true);
        check(
            vec![begun(3, "x"), removed],
            Some((Deed::TrackerRemoval, 7)),
        );
        check(vec![restored(9, 1, "w", "x")], Some((Deed::Restore, 9)));
        check(vec![intent(1, 5, "a", "y"), begun(3, "z")], None);
    }
}
