//! What of torrents the rules of an account can ask for: rare fields, of which only these are kept, and facts.

use crate::clients::qbittorrent::FieldSet;
use crate::config::policy::{AccountPolicy, RuleBody};
use crate::core::facts::Wanted;
use crate::core::model::{ItemId, Library, Torrent};
use crate::core::rules::{Cost, Key};
use std::collections::BTreeSet;

/// The fields that the account's conditions name. JavaScript rules get their data from the worker process.
pub fn of(policy: &AccountPolicy) -> FieldSet {
    let listed = keys(policy)
        .into_iter()
        .filter(|key| key.cost() == Cost::Listing);
    listed.flat_map(|key| key.names().iter().copied()).collect()
}

fn keys(policy: &AccountPolicy) -> BTreeSet<Key> {
    let mut keys: BTreeSet<Key> = BTreeSet::new();
    for rule in policy.rules.iter().chain(&policy.protect_rules) {
        if let RuleBody::Conditions(condition) = &rule.body {
            keys.extend(condition.keys());
        }
    }
    keys
}

/// The facts that the account's conditions can ask of these torrents.
pub fn facts(policy: &AccountPolicy, library: &Library) -> Wanted {
    let costs: BTreeSet<Cost> = keys(policy).into_iter().map(Key::cost).collect();
    let those = |cost: Cost, is_asked: fn(&Torrent) -> bool| -> BTreeSet<ItemId> {
        let torrents = library.torrents.iter();
        let asked = torrents.filter(|(_, torrent)| costs.contains(&cost) && is_asked(torrent));
        asked.map(|(id, _)| id.clone()).collect()
    };
    Wanted {
        trackers: those(Cost::Trackers, |_| true),
        private: those(Cost::Privacy, |torrent| torrent.private.is_none()),
        links: those(Cost::Links, Torrent::is_complete),
        ..Wanted::default()
    }
}

/// Every field that a condition can name.
pub fn all() -> FieldSet {
    let listed = Key::ALL.iter().filter(|key| key.cost() == Cost::Listing);
    listed.flat_map(|key| key.names().iter().copied()).collect()
}
