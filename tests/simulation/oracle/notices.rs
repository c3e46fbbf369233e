//! Invariant 2: every deletion is announced, and nothing is announced as deleted that is still there.

use super::Oracle;
use jiff::{SignedDuration, Timestamp};
use seedwarden::ports::Clock;
use std::collections::BTreeSet;

/// A deletion that happened.
#[derive(Debug, Clone)]
pub struct Deleted {
    /// Account.
    pub account: String,
    /// Name of the item as it is shown; no two items of a world have the same, but for magnets without metadata.
    pub name: String,
    /// When, by the clock of the process.
    pub clock_at: Timestamp,
    /// When, by the true time.
    pub at: Timestamp,
    /// It is listed for a while yet.
    pub lingers: bool,
    /// Webhooks that were told.
    pub told: BTreeSet<u64>,
    /// Webhooks that refused its notice for good, which puts it aside.
    pub excused: BTreeSet<u64>,
}

impl Deleted {
    fn is_untold(&self, webhook: u64) -> bool {
        !self.told.contains(&webhook) && !self.excused.contains(&webhook)
    }
}

/// What was restored is left alone for `limits.restore_grace`, which is six hours here; less what restoring and a cycle may take.
const GRACE: SignedDuration = SignedDuration::from_mins(340);

impl Oracle {
    /// People take a deletion back; `is_done`: it is there again.
    pub fn restored(&mut self, account: &str, name: &str, is_done: bool) {
        let key = (account.to_owned(), name.to_owned());
        let since = is_done.then(|| self.clock.now());
        let known = self.restored.entry(key).or_default();
        *known = since.or(*known);
    }

    /// A deletion took effect, of what the service shows under this other name perhaps.
    pub(super) fn deleted(&mut self, account: &str, name: &str, shown: &str) {
        // Deletions are dated by the beginning of their cycle, and the clock may have been set since, or right before.
        let began = self.time.now() - SignedDuration::from_mins(4);
        let ahead = self.last_jump.filter(|(at, _)| *at > began);
        let now = self.clock.now();
        let dates = [Some(now), ahead.map(|(_, by)| now - by)];
        let fewest = dates.into_iter().flatten().min_by_key(|at| {
            let (in_cycle, in_day) = self.deletions_before(account, *at);
            in_cycle + in_day
        });
        let clock_at = fewest.unwrap_or(now);
        let restored = self.restored.get(&(account.to_owned(), name.to_owned()));
        let is_in_grace =
            restored.is_some_and(|at| at.is_some_and(|at| clock_at.duration_since(at) < GRACE));
        if is_in_grace && !self.has_jumped {
            self.breach(
                9,
                format!("{account}: {name} is deleted soon after it was restored"),
            );
        }
        self.deleted.push(Deleted {
            account: account.to_owned(),
            name: shown.to_owned(),
            clock_at,
            at: self.time.now(),
            lingers: false,
            told: BTreeSet::new(),
            excused: BTreeSet::new(),
        });
        self.count_deletion(account, clock_at);
    }

    /// Everybody who is to be told.
    pub fn announces_to(&mut self, webhooks: &[u64]) {
        self.webhooks = webhooks.to_vec();
    }

    /// A notice reached the channel of a webhook.
    pub fn announced(&mut self, webhook: u64, title: &str) {
        let (name, is_interrupted) = match (
            title.strip_prefix("Deleted: "),
            title.strip_prefix("Gone after an interrupted deletion: "),
        ) {
            (Some(name), _) => (name, false),
            (None, Some(name)) => (name, true),
            (None, None) => return,
        };
        let is_restored = self.restored.keys().any(|(_, restored)| restored == name);
        if !is_restored && self.present.values().any(|names| names.contains(name)) {
            self.breach(2, format!("{name} is announced as deleted and still there"));
        }
        // What was restored can be deleted twice: the notice is of the first that its reader was not told of.
        let (mut first, mut untold) = (None, None);
        for (index, deleted) in self.deleted.iter().enumerate() {
            if deleted.name == name {
                untold = untold.or(deleted.is_untold(webhook).then_some(index));
                first = first.or(Some(index));
            }
        }
        match untold.or(first).map(|index| &mut self.deleted[index]) {
            Some(deleted) => _ = deleted.told.insert(webhook),
            // Somebody else may have removed it between our request, which got lost, and the next listing.
            None if is_interrupted => {}
            None => self.breach(
                2,
                format!("{name} is announced as deleted, but no request of ours did that"),
            ),
        }
    }

    /// A notice was refused for good.
    pub fn refused_notice(&mut self, webhook: u64, title: &str) {
        for deleted in &mut self.deleted {
            if title.ends_with(&format!(": {}", deleted.name)) {
                deleted.excused.insert(webhook);
            }
        }
    }

    /// Deletions that a webhook was not told of.
    pub fn untold(&self) -> Vec<&Deleted> {
        let is_untold = |deleted: &&Deleted| self.webhooks.iter().any(|id| deleted.is_untold(*id));
        self.deleted.iter().filter(is_untold).collect()
    }
}
