//! What the account will look like once the plan so far is carried out: what `until`, and conditions on the account, are
//! judged on while rules act.

use super::Context;
use crate::core::decide::item::Item;
use crate::core::model::{ItemId, MagnetClass};
use crate::core::plan::{ChangeKind, Plan};
use crate::core::rules::Value;
use crate::core::rules::subject::Surroundings;

/// How the plan changes the account.
#[derive(Debug, Default)]
pub struct Foreseen {
    freed: f64,
    leeching: f64,
    seeding: f64,
    deletions: usize,
    changes: usize,
}

impl Foreseen {
    /// Takes over what the plan has in addition since the last time.
    pub fn take_in(&mut self, context: &Context<'_>, plan: &Plan) {
        for deletion in &plan.deletions[self.deletions..] {
            self.freed += deletion.frees_bytes as f64;
            self.leaves(context, &deletion.item);
        }
        self.deletions = plan.deletions.len();
        for change in &plan.changes[self.changes..] {
            match change.kind {
                ChangeKind::Pause | ChangeKind::Recheck => self.leaves(context, &change.item),
                ChangeKind::Restart => {
                    self.leaves(context, &change.item);
                    self.leeching += 1.0;
                }
                ChangeKind::LimitDownload(_)
                | ChangeKind::Reannounce
                | ChangeKind::Tag(_)
                | ChangeKind::Category(_) => {}
            }
        }
        self.changes = plan.changes.len();
    }

    fn leaves(&mut self, context: &Context<'_>, id: &ItemId) {
        let Some(item) = context.input.seen.get(id) else {
            return;
        };
        match counted_as(item) {
            Some(Counted::Leeching) => self.leeching -= 1.0,
            Some(Counted::Seeding) => self.seeding -= 1.0,
            None => {}
        }
    }

    /// The account as it will be.
    pub fn account(&self, account: &Surroundings) -> Surroundings {
        let plus = |value: &Value<'static>, more: f64| match value {
            Value::Number(number) => Value::Number(number + more),
            other => other.clone(),
        };
        Surroundings {
            free_space: plus(&account.free_space, self.freed),
            leeching_count: plus(&account.leeching_count, self.leeching),
            seeding_count: plus(&account.seeding_count, self.seeding),
            ..account.clone()
        }
    }

    /// Whether nothing changes.
    pub fn is_nothing(&self) -> bool {
        self.deletions == 0 && self.changes == 0
    }
}

/// As what an item counts in the account's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// In `leechingCount`.
    Leeching,
    /// In `seedingCount`.
    Seeding,
}

/// As what this item counts; stopped, queued and broken ones do not.
pub fn counted_as(item: Item<'_>) -> Option<Counted> {
    match item {
        Item::Torrent(torrent) => match torrent.state.as_str() {
            "downloading" | "stalledDL" => Some(Counted::Leeching),
            "uploading" | "stalledUP" => Some(Counted::Seeding),
            _ => None,
        },
        Item::Magnet(magnet) => match magnet.class() {
            MagnetClass::Active => Some(Counted::Leeching),
            MagnetClass::Ready => Some(Counted::Seeding),
            MagnetClass::Error | MagnetClass::Expired | MagnetClass::Unknown => None,
        },
    }
}
