//! The blocks at the top: limits, trash, Discord.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::config::policy::{Limits, Webhook};
use crate::config::raw::{OneOrMany, RawLimits, RawTrash, RawWebhook};
use crate::config::text::Path;

use super::Check;
use super::names::one_or_many;
use super::values::Zero;

/// How long what `restore` needs is kept unless the file says otherwise.
const DEFAULT_KEEP_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Longest name of a sender that Discord takes, in characters.
const LONGEST_USERNAME: usize = 80;

pub fn limits(cx: &mut Check<'_>, raw: &RawLimits) -> Limits {
    let path = Path::root().key("limits");
    let default = Limits::default();
    let RawLimits {
        deletions_per_cycle,
        deletions_per_day,
        outage_share,
        outage_min_items,
        restore_grace,
    } = raw;
    Limits {
        deletions_per_cycle: deletions_per_cycle.unwrap_or(default.deletions_per_cycle),
        deletions_per_day: deletions_per_day.unwrap_or(default.deletions_per_day),
        outage_share: cx.share(
            *outage_share,
            &path.key("outage_share"),
            default.outage_share,
        ),
        outage_min_items: cx.positive(
            *outage_min_items,
            &path.key("outage_min_items"),
            default.outage_min_items,
            None,
        ),
        restore_grace: cx.duration(
            restore_grace.as_ref(),
            &path.key("restore_grace"),
            Zero::Allowed,
            default.restore_grace,
        ),
    }
}

pub fn trash_keep_for(cx: &mut Check<'_>, raw: Option<&RawTrash>) -> Duration {
    let path = Path::root().key("trash").key("keep_for");
    // Undelivered notices are kept as long, so that zero would lose them.
    cx.duration(
        raw.and_then(|trash| trash.keep_for.as_ref()),
        &path,
        Zero::Refused,
        DEFAULT_KEEP_FOR,
    )
}

pub fn webhooks(cx: &mut Check<'_>, raw: Option<&OneOrMany<RawWebhook>>) -> Vec<Webhook> {
    let path = Path::root().key("discord");
    let mut webhooks = Vec::new();
    let mut addresses = BTreeSet::new();
    let written = raw.map(|raw| one_or_many(raw, &path)).unwrap_or_default();
    for (path, raw) in written {
        let Some(webhook) = webhook(cx, raw, &path) else {
            continue;
        };
        if webhook.url.is_resolved() && !addresses.insert(webhook.url.expose().to_owned()) {
            let path = path.key("webhook_url");
            cx.refuse(
                &path,
                "the address of an earlier webhook",
                "each webhook once",
                None,
            );
        }
        webhooks.push(webhook);
    }
    webhooks
}

fn webhook(cx: &mut Check<'_>, raw: &RawWebhook, path: &Path) -> Option<Webhook> {
    let RawWebhook {
        webhook_url,
        username,
    } = raw;
    let username_path = path.key("username");
    let username = username.as_ref().and_then(|_| {
        cx.proper_text(username.as_ref(), &username_path, "a name for the sender")
            .map(str::to_owned)
    });
    if let Some(name) = &username {
        let lower = name.to_lowercase();
        if name.chars().count() > LONGEST_USERNAME {
            cx.refuse(
                &username_path,
                "a longer text",
                "at most 80 characters",
                None,
            );
        } else if lower.contains("discord") || lower.contains("clyde") {
            let advice = Some("Discord refuses such names");
            cx.refuse(
                &username_path,
                "a reserved name",
                "a name without \"discord\" and \"clyde\"",
                advice,
            );
        }
    }
    let url_path = path.key("webhook_url");
    let Some(raw_url) = webhook_url else {
        cx.require(&url_path, "the address of the webhook");
        return None;
    };
    let url = cx.secret(raw_url, &url_path)?;
    if url.is_resolved() {
        let parsed = url::Url::parse(url.expose()).ok();
        let is_web = parsed
            .as_ref()
            .is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let has_suffix = parsed
            .is_some_and(|url| url.path().ends_with("/slack") || url.path().ends_with("/github"));
        if !is_web {
            let advice = Some("copy it from the channel's settings, Integrations, Webhooks");
            let found = format!("no web address in {}", cx.kind(&url_path));
            cx.refuse(
                &url_path,
                &found,
                "an address such as \"https://discord.com/api/webhooks/…\"",
                advice,
            );
        } else if has_suffix {
            let found = "an address that ends in /slack or /github";
            cx.refuse(&url_path, found, "the address without it", None);
        }
    }
    Some(Webhook { url, username })
}
