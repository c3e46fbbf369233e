//! Outages: many items that fail together say something about a server, a tracker or a disk, not about the items.

use super::ailment::Ailment;
use crate::config::policy::Limits;
use crate::core::model::ItemId;
use crate::core::state::Outage;
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// One selected item that the ailment applies to.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// The item.
    pub item: &'a ItemId,
    /// It shows the sign.
    pub sick: bool,
    /// Nobody can say whether it does.
    pub unknown: bool,
    /// It began to fail within the window of recognition.
    pub fresh: bool,
    /// Its owner said that it really is that broken.
    pub accepted: bool,
    /// `account`, and the tracker hosts and folders it belongs to.
    pub scopes: Vec<String>,
}

/// Outages of one ailment after a reading.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outages {
    /// Those that last, new ones included.
    pub lasting: Vec<Outage>,
    /// Those recognised by this reading.
    pub begun: Vec<Outage>,
    /// Those that are over.
    pub ended: Vec<Outage>,
}

impl Outages {
    /// The outage that this item is part of.
    pub fn of(&self, item: &ItemId) -> Option<&Outage> {
        self.lasting
            .iter()
            .find(|outage| outage.items.contains(item))
    }
}

/// When an outage is recognised.
#[derive(Debug, Clone, Copy)]
pub struct Recognition<'a> {
    /// The ailment.
    pub ailment: Ailment,
    /// Shares and numbers.
    pub limits: &'a Limits,
    /// The cycle's time.
    pub now: Timestamp,
    /// Nothing of this account was known before.
    pub first_reading: bool,
    /// An item that is not listed is gone.
    pub whole: bool,
    /// The scopes of each item that began to fail within the window and was deleted for it.
    pub deleted: &'a [&'a [String]],
}

/// Judges the outages of one ailment: which last, which begin, which are over.
pub fn judge(how: Recognition<'_>, before: &[Outage], cases: &[Case<'_>]) -> Outages {
    let mut found = Outages::default();
    let by_item: BTreeMap<&ItemId, &Case<'_>> = cases.iter().map(|c| (c.item, c)).collect();
    for outage in before.iter().filter(|o| o.ailment == how.ailment.word()) {
        let shows = |id: &&ItemId| by_item.get(*id).is_none_or(|c| c.sick || c.unknown);
        // What is gone, or the ailment no longer applies to, says nothing of the others.
        let mut left = outage.clone();
        left.items
            .retain(|id| !how.whole || by_item.contains_key(id));
        let showing = left.items.iter().filter(shows).count();
        if showing * 2 < left.items.len() || showing == 0 {
            found.ended.push(outage.clone());
        } else {
            let joining = cases.iter().filter(|c| c.scopes.contains(&left.scope));
            left.items.extend(held(joining));
            found.lasting.push(left);
        }
    }
    for (scope, group) in groups_of(cases) {
        let deleted = how.deleted.iter();
        let deleted = deleted.filter(|s| s.iter().any(|s| s == scope)).count();
        let failing = group.iter().filter(|c| c.is_fresh()).count() + deleted;
        let is_many = failing >= how.limits.outage_min_items as usize
            && failing as f64 >= how.limits.outage_share * (group.len() + deleted) as f64;
        let new: Vec<ItemId> = held(group.into_iter())
            .filter(|id| found.of(id).is_none())
            .collect();
        if is_many && !new.is_empty() {
            let outage = Outage {
                ailment: how.ailment.word().to_owned(),
                scope: scope.to_owned(),
                since: how.now,
                items: new.into_iter().collect(),
                first_reading: how.first_reading,
            };
            found.begun.push(outage.clone());
            found.lasting.push(outage);
        }
    }
    found
}

impl Case<'_> {
    /// Whether it makes up an outage.
    fn is_fresh(&self) -> bool {
        self.sick && self.fresh && !self.accepted
    }
}

/// The items that an outage of their scope holds, however long they have failed.
fn held<'c, 'a: 'c>(cases: impl Iterator<Item = &'c Case<'a>>) -> impl Iterator<Item = ItemId> {
    cases
        .filter(|c| c.sick && !c.accepted)
        .map(|c| c.item.clone())
}

/// The cases of each scope; the account first, then larger groups before smaller ones, and of two
/// with the same items the one with the more precise name.
fn groups_of<'c, 'a>(cases: &'c [Case<'a>]) -> Vec<(&'c str, Vec<&'c Case<'a>>)> {
    let mut groups: BTreeMap<&str, Vec<&Case<'_>>> = BTreeMap::new();
    for case in cases {
        for scope in &case.scopes {
            groups.entry(scope).or_default().push(case);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(scope, group)| {
        (
            *scope != "account",
            Reverse(group.len()),
            Reverse(scope.len()),
        )
    });
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        deletions_per_cycle: 20,
        deletions_per_day: 200,
        outage_share: 0.5,
        outage_min_items: 5,
        restore_grace: std::time::Duration::from_secs(1),
    };

    /// Items 0 to `all`; those below `sick` are sick, those from `old` on began to fail long ago.
    fn check(before: &[Outage], all: usize, sick: usize, old: usize) -> Outages {
        let ids: Vec<ItemId> = (0..all).map(|n| ItemId::from(format!("{n:03}"))).collect();
        let case = |n: usize| Case {
            item: &ids[n],
            sick: n < sick,
            unknown: false,
            fresh: n < old,
            accepted: false,
            scopes: vec!["account".into()],
        };
        let cases: Vec<_> = (0..all).map(case).collect();
        let how = Recognition {
            ailment: Ailment::Errored,
            limits: &LIMITS,
            now: Timestamp::UNIX_EPOCH,
            first_reading: false,
            whole: true,
            deleted: &[],
        };
        judge(how, before, &cases)
    }

    #[test]
    fn half_of_the_account_is_an_outage_and_less_is_not() {
        assert_eq!(check(&[], 20, 10, 20).begun.len(), 1);
        assert_eq!(check(&[], 20, 10, 20).begun[0].items.len(), 10);
        assert_eq!(check(&[], 20, 9, 20).begun, []);
        assert_eq!(check(&[], 4, 4, 4).begun, [], "too few items");
    }

    #[test]
    fn items_that_failed_before_make_no_outage() {
        assert_eq!(check(&[], 20, 15, 4).begun, []);
    }

    #[test]
    fn one_tracker_host_can_have_an_outage_of_its_own() {
        let ids: Vec<ItemId> = (0..30).map(|n| ItemId::from(format!("{n:03}"))).collect();
        let case = |n: usize| Case {
            item: &ids[n],
            sick: n < 6,
            unknown: false,
            fresh: true,
            accepted: false,
            scopes: vec![
                "account".into(),
                format!("tracker {}", if n < 8 { "bad" } else { "good" }),
            ],
        };
        let cases: Vec<_> = (0..30).map(case).collect();
        let how = Recognition {
            ailment: Ailment::Unregistered,
            limits: &LIMITS,
            now: Timestamp::UNIX_EPOCH,
            first_reading: false,
            whole: true,
            deleted: &[],
        };
        let found = judge(how, &[], &cases);
        assert_eq!(
            found
                .begun
                .iter()
                .map(|o| o.scope.as_str())
                .collect::<Vec<_>>(),
            ["tracker bad"]
        );
    }

    #[test]
    fn outage_lasts_until_fewer_than_half_of_its_items_show_the_sign() {
        let begun = check(&[], 20, 10, 20).lasting;
        assert_eq!(check(&begun, 20, 5, 20).lasting.len(), 1);
        assert_eq!(check(&begun, 20, 4, 20).lasting, []);
        assert_eq!(check(&begun, 20, 4, 20).ended.len(), 1);
    }

    #[test]
    fn items_that_begin_to_fail_during_an_outage_join_it() {
        let begun = check(&[], 20, 10, 20).lasting;
        let after = check(&begun, 20, 14, 20);
        assert_eq!(after.lasting[0].items.len(), 14);
        assert_eq!(after.begun, []);
    }
}
