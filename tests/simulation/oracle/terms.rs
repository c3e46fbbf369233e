//! What the oracle knows of the configuration.

use jiff::SignedDuration;
use seedwarden::config::policy::{
    AccountPolicy, DeleteAction, MagnetLastResort, QbtPolicy, Service, TorrentLastResort,
};

/// What the oracle knows of one account's configuration.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Spacing of its cycles.
    pub cycle: SignedDuration,
    /// It is read at least this often.
    pub pace: SignedDuration,
    /// Sighting at which the last resort of a failed magnet is due.
    pub max_failures: u32,
    /// That is its deletion.
    pub deletes: bool,
    /// What is deleted on a server.
    pub blocks: Blocks,
}

/// What is deleted on a server, and whether the files go too.
#[derive(Debug, Clone, Default)]
pub struct Blocks {
    /// It is a server.
    pub is_server: bool,
    /// Sighting at which the last resort of a torrent in error is due; counts never go beyond it.
    pub errored_most: u32,
    /// Failures at which torrents in error are deleted.
    pub errored: Option<(u32, bool)>,
    /// Failures at which unregistered torrents are deleted.
    pub unregistered: Option<(u32, bool)>,
    /// Seconds of seeding after which torrents without links are deleted.
    pub hardlinks: Option<(i64, bool)>,
    /// The rule that deletes what is shared enough.
    pub rules: bool,
    /// The rule that makes room.
    pub room: bool,
    /// The rule that leaves few.
    pub few: bool,
    /// The rule on a field that old versions do not send.
    pub unsent: bool,
    /// The protect rule on such a field.
    pub protects_unsent: bool,
    /// The protect rule on a tracker.
    pub protects_tracker: bool,
}

impl Terms {
    /// What an account's configuration says.
    pub fn of(account: &AccountPolicy) -> Self {
        let (failed, blocks) = match &account.service {
            Service::Alldebrid(service) => (service.failed.clone(), Blocks::default()),
            Service::Qbittorrent(service) => (None, blocks(service, account)),
        };
        let cycle = SignedDuration::try_from(account.cycle).expect("a cycle");
        let rule_cycle = SignedDuration::try_from(account.rule_cycle).expect("a cycle");
        Self {
            blocks,
            cycle,
            pace: match account.rules.is_empty() {
                true => cycle,
                false => cycle.min(rule_cycle),
            },
            max_failures: failed
                .as_ref()
                .map_or(u32::MAX, |failed| failed.max_failures),
            deletes: failed.is_some_and(|failed| failed.last_resort == MagnetLastResort::Delete),
        }
    }
}

fn blocks(policy: &QbtPolicy, account: &AccountPolicy) -> Blocks {
    let has = |name: &str| account.rules.iter().any(|rule| rule.name == name);
    let protects = |name: &str| account.protect_rules.iter().any(|rule| rule.name == name);
    let last = |resort: TorrentLastResort, most: u32| match resort {
        TorrentLastResort::DeleteTorrent => Some((most, false)),
        TorrentLastResort::DeleteFiles => Some((most, true)),
        TorrentLastResort::Keep => None,
    };
    Blocks {
        is_server: true,
        errored_most: policy
            .errored
            .as_ref()
            .map_or(u32::MAX, |block| block.max_failures),
        errored: policy
            .errored
            .as_ref()
            .and_then(|block| last(block.last_resort, block.max_failures)),
        unregistered: policy
            .unregistered
            .as_ref()
            .and_then(|block| last(block.last_resort, block.max_failures)),
        hardlinks: policy.hardlinks.as_ref().map(|block| {
            (
                block.min_seeding_time.as_secs() as i64,
                block.action == DeleteAction::DeleteFiles,
            )
        }),
        rules: has("shared enough"),
        room: has("room"),
        few: has("few"),
        unsent: has("few trackers"),
        protects_unsent: protects("no trackers"),
        protects_tracker: protects("of one"),
    }
}
