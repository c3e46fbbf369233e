//! The configuration as it is written: the keys and the JSON type of each, nothing checked beyond that. The JSON
//! Schema comes from here too, so the comments on the fields are what users read in their editor.

mod account;
mod leaf;
mod rule;

use schemars::JsonSchema;
use serde::Deserialize;

pub use account::{
    RawAccount, RawDeleteAction, RawErrored, RawFailed, RawFailedTrackers, RawHardlinks,
    RawMagnetLastResort, RawPathPair, RawSelect, RawServiceType, RawTorrentLastResort,
    RawTorrentType, RawTrackerLastResort, RawUnregistered,
};
pub use leaf::{
    BlockOrBool, DurationText, LevelText, List, Names, OneOrMany, RawSecret, RawSecretSource,
    SizeValue,
};
pub use rule::{
    RawAction, RawActionWith, RawActionWord, RawDirection, RawOrderBy, RawOrderKey, RawRule,
};

/// Configuration of Seedwarden.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Seedwarden configuration")]
pub struct RawConfig {
    /// Address of this schema, for editors; Seedwarden does not use it.
    #[serde(rename = "$schema")]
    #[expect(dead_code, reason = "accepted for editors only")]
    pub schema: Option<String>,
    /// Spacing of the cycles of every account that has no `cycle` of its own.
    #[schemars(extend("default" = "30m"))]
    pub cycle: Option<DurationText>,
    /// Least severe level that is logged.
    #[schemars(extend("default" = "info"))]
    pub log_level: Option<LevelText>,
    /// Only say what would be done: no changing request, no file written, no notice.
    #[schemars(extend("default" = false))]
    pub dry_run: Option<bool>,
    /// IANA name of the time zone of the rules' clock and of "today", such as "Europe/Paris"; default: the system's.
    pub time_zone: Option<String>,
    /// Where deletions are announced: one webhook or a list of them. Without it nothing is sent.
    pub discord: Option<OneOrMany<RawWebhook>>,
    /// Bounds on what may be deleted.
    pub limits: Option<RawLimits>,
    /// What is kept of a deleted item, so that `restore` can bring it back.
    pub trash: Option<RawTrash>,
    /// The accounts to keep clean.
    #[schemars(required)]
    pub accounts: Option<List<RawAccount>>,
    /// Rules, which accounts name in `rules` and in `protect.rules`.
    pub rules: Option<List<RawRule>>,
}

/// A Discord webhook.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Webhook")]
pub struct RawWebhook {
    /// Address of the webhook; whoever has it can post, so treat it as a secret.
    #[schemars(required)]
    pub webhook_url: Option<RawSecret>,
    /// Name shown as the sender; default: the webhook's own.
    #[schemars(length(min = 1, max = 80))]
    pub username: Option<String>,
}

/// Bounds on what may be deleted.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Limits")]
pub struct RawLimits {
    /// Most deletions per account in any window of its `cycle`; 0 means none.
    #[schemars(extend("default" = 20))]
    pub deletions_per_cycle: Option<u32>,
    /// Most deletions over all accounts in 24 hours; 0 means none.
    #[schemars(extend("default" = 200))]
    pub deletions_per_day: Option<u32>,
    /// When at least this share of the items of an account, tracker host or save-path root fails at once, it is an
    /// outage, and none of them counts as failed.
    #[schemars(extend("default" = 0.5, "exclusiveMinimum" = 0, "maximum" = 1))]
    pub outage_share: Option<f64>,
    /// Fewer items than this are never an outage.
    #[schemars(range(min = 1), extend("default" = 5))]
    pub outage_min_items: Option<u32>,
    /// How long a restored item is left alone.
    #[schemars(extend("default" = "7d"))]
    pub restore_grace: Option<DurationText>,
}

/// What is kept of a deleted item.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Trash")]
pub struct RawTrash {
    /// How long it is kept.
    #[schemars(extend("default" = "30d"))]
    pub keep_for: Option<DurationText>,
}
