//! The validated configuration, as everything else in the program sees it: values are in range, names resolve,
//! defaults are filled in. Only the loader makes one; nothing in here reads a file or the environment.

mod alldebrid;
mod path_map;
mod qbittorrent;
mod rule;
mod secret;
mod selection;

use std::sync::Arc;
use std::time::Duration;

use crate::core::mark::mark;
use jiff::tz::TimeZone;

pub use crate::core::model::id::AccountId;
pub use alldebrid::{AdPolicy, Failed, MagnetLastResort};
pub use path_map::{PathMap, PathMapEntry};
pub use qbittorrent::{
    DeleteAction, Errored, FailedTrackers, Hardlinks, Login, QbtPolicy, TorrentLastResort,
    TrackerLastResort, Unregistered,
};
pub use rule::{Action, Condition, OrderBy, Rule, RuleBody};
pub use secret::{Secret, SecretSource};
pub use selection::{CategoryFilter, CategorySet, Selection, TorrentType};

/// Everything the user asked for, checked.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Default spacing of cycles; each account carries its own, already resolved.
    pub cycle: Duration,
    /// Least severe level that is logged.
    pub log_level: LogLevel,
    /// Plan only: no changing request, no file written. The command line flag can also ask for it.
    pub dry_run: bool,
    /// Where deletions are announced; empty means nothing is sent.
    pub webhooks: Vec<Webhook>,
    /// Bounds on what may be deleted.
    pub limits: Limits,
    /// How long what `restore` needs is kept.
    pub trash_keep_for: Duration,
    /// Zone of the rules' clock and of "today".
    pub time_zone: TimeZone,
    /// The accounts in the order of the file; names are unique.
    pub accounts: Vec<AccountPolicy>,
}

impl Policy {
    /// The account of this name, if it is configured.
    #[must_use]
    pub fn account(&self, name: &AccountId) -> Option<&AccountPolicy> {
        self.accounts.iter().find(|account| &account.name == name)
    }
}

/// Least severe level that is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Also why items are skipped.
    Debug,
    /// What a user wants to know.
    Info,
    /// What deserves a look.
    Warn,
    /// What a person must act on.
    Error,
}

/// One Discord webhook.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Address with its token; resolved ones are valid `http` or `https` URLs.
    pub url: Secret,
    /// Name shown as the sender; `None` leaves the webhook's own.
    pub username: Option<String>,
}

/// Bounds on what may be deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Most deletions per account in any window of its `cycle`; 0 means none.
    pub deletions_per_cycle: u32,
    /// Most deletions over all accounts in 24 hours; 0 means none.
    pub deletions_per_day: u32,
    /// Share of the items of a group, above 0 and up to 1, from which on failing together is an outage.
    pub outage_share: f64,
    /// Least number of items, at least 1, that can be an outage.
    pub outage_min_items: u32,
    /// How long a restored item is left alone.
    pub restore_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            deletions_per_cycle: 20,
            deletions_per_day: 200,
            outage_share: 0.5,
            outage_min_items: 5,
            restore_grace: Duration::from_secs(7 * 24 * 60 * 60),
        }
    }
}

/// One account.
#[derive(Debug, Clone)]
pub struct AccountPolicy {
    /// Unique name, never empty.
    pub name: AccountId,
    /// Spacing of full cycles, above zero.
    pub cycle: Duration,
    /// Spacing of rule cycles, above zero; equal to `cycle` unless given.
    pub rule_cycle: Duration,
    /// Rules whose matches nothing may delete.
    pub protect_rules: Vec<Arc<Rule>>,
    /// Rules that act, in the order the account lists them. Their actions are valid for this service.
    pub rules: Vec<Arc<Rule>>,
    /// The service and what is particular to it.
    pub service: Service,
}

/// The service of an account.
#[derive(Debug, Clone)]
pub enum Service {
    /// A qBittorrent server.
    Qbittorrent(Box<QbtPolicy>),
    /// An AllDebrid account.
    Alldebrid(AdPolicy),
}

impl AccountPolicy {
    /// A mark of where and how the account is logged in to, by which a changed login is noticed. Its 16 bits give
    /// nothing of it away.
    #[must_use]
    pub fn login_mark(&self) -> String {
        let parts = match &self.service {
            Service::Qbittorrent(policy) => match &policy.login {
                Login::Password { username, password } => {
                    [policy.url.as_str(), username, password.expose()]
                }
                Login::ApiKey(key) => [policy.url.as_str(), "", key.expose()],
            },
            Service::Alldebrid(policy) => [policy.url.as_str(), "", policy.api_key.expose()],
        };
        let mark = mark(parts.into_iter().flat_map(|part| part.bytes().chain([0])));
        format!("{:04x}", (mark ^ (mark >> 16)) & 0xffff)
    }
}
