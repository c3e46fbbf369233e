//! Invariant 2: every deletion is announced, and nothing is announced as deleted that is still there.

use super::Oracle;
use jiff::Timestamp;
use seedwarden::ports::Clock;

/// A deletion that happened.
#[derive(Debug, Clone)]
pub struct Deleted {
    /// Account.
    pub account: String,
    /// Name of the item; no two items of a world have the same.
    pub name: String,
    /// When, by the clock of the process.
    pub clock_at: Timestamp,
    /// How often it was announced.
    pub announced: u32,
    /// The service refused its notice for good, which puts it aside.
    pub excused: bool,
}

impl Oracle {
    /// A deletion took effect.
    pub(super) fn deleted(&mut self, account: &str, name: &str) {
        let clock_at = self.clock.now();
        self.deleted.push(Deleted {
            account: account.to_owned(),
            name: name.to_owned(),
            clock_at,
            announced: 0,
            excused: false,
        });
        self.count_deletion(account);
    }

    /// A notice reached its channel.
    pub fn announced(&mut self, title: &str) {
        let (name, is_interrupted) = match (
            title.strip_prefix("Deleted: "),
            title.strip_prefix("Gone after an interrupted deletion: "),
        ) {
            (Some(name), _) => (name, false),
            (None, Some(name)) => (name, true),
            (None, None) => return,
        };
        if self.present.values().any(|names| names.contains(name)) {
            self.breach(2, format!("{name} is announced as deleted and still there"));
        }
        match self.deleted.iter_mut().find(|deleted| deleted.name == name) {
            Some(deleted) => deleted.announced += 1,
            // Somebody else may have removed it between our request, which got lost, and the next listing.
            None if is_interrupted => {}
            None => self.breach(
                2,
                format!("{name} is announced as deleted, but no request of ours did that"),
            ),
        }
    }

    /// A notice was refused for good.
    pub fn refused_notice(&mut self, title: &str) {
        for deleted in &mut self.deleted {
            deleted.excused |= title.ends_with(&format!(": {}", deleted.name));
        }
    }

    /// Deletions that nobody was told of.
    pub fn untold(&self) -> Vec<&Deleted> {
        self.deleted
            .iter()
            .filter(|deleted| deleted.announced == 0 && !deleted.excused)
            .collect()
    }
}
