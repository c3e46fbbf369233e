//! Which rare fields of torrents the configuration can ask for; only those are kept.

use crate::clients::qbittorrent::FieldSet;
use crate::config::policy::{AccountPolicy, RuleBody};
use crate::core::rules::{Cost, Key};
use std::collections::BTreeSet;

/// The fields that the account's conditions name. JavaScript rules get their data from the worker process.
pub fn of(policy: &AccountPolicy) -> FieldSet {
    let mut keys: BTreeSet<Key> = BTreeSet::new();
    for rule in policy.rules.iter().chain(&policy.protect_rules) {
        if let RuleBody::Conditions(condition) = &rule.body {
            keys.extend(condition.keys());
        }
    }
    let listed = keys.into_iter().filter(|key| key.cost() == Cost::Listing);
    listed.flat_map(|key| key.names().iter().copied()).collect()
}

/// Every field that a condition can name.
pub fn all() -> FieldSet {
    let listed = Key::ALL.iter().filter(|key| key.cost() == Cost::Listing);
    listed.flat_map(|key| key.names().iter().copied()).collect()
}
