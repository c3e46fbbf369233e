//! The whole: what stands at the top, and what only shows once everything is known.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::config::policy::{LogLevel, Policy};
use crate::config::raw::{LevelText, RawConfig, RawLimits};
use crate::config::text::Path;
use crate::config::words;

use super::Check;
use super::account::{account, cycle};
use super::limits::{limits, trash_keep_for, webhooks};
use super::names::present;
use super::rule::{Rules, rules};
use super::unique::refuse_twins;

/// Spacing of cycles unless the file says otherwise.
const DEFAULT_CYCLE: Duration = Duration::from_secs(30 * 60);

/// The policy that `raw` means. It counts only if `cx` has no errors afterwards.
pub fn check(cx: &mut Check<'_>, raw: &RawConfig) -> Policy {
    let root = Path::root();
    let cycle = cycle(cx, raw.cycle.as_ref(), &root.key("cycle"), DEFAULT_CYCLE);
    let log_level = log_level(cx, raw.log_level.as_ref(), &root.key("log_level"));
    let time_zone = time_zone(cx, raw.time_zone.as_deref(), &root.key("time_zone"));
    let webhooks = webhooks(cx, raw.discord.as_ref());
    let limits = limits(cx, raw.limits.as_ref().unwrap_or(&RawLimits::default()));
    let trash_keep_for = trash_keep_for(cx, raw.trash.as_ref());
    let mut rules = rules(cx, raw.rules.as_deref().unwrap_or_default());

    let accounts_path = root.key("accounts");
    match &raw.accounts {
        None => cx.require(&accounts_path, "a list of accounts"),
        Some(list) if list.is_empty() => {
            cx.refuse(
                &accounts_path,
                "an empty list",
                "at least one account",
                None,
            );
        }
        Some(_) => {}
    }
    let mut accounts = Vec::new();
    for (path, raw) in present(raw.accounts.as_deref().unwrap_or_default(), &accounts_path) {
        if let Some(policy) = account(cx, raw, &path, cycle, &mut rules) {
            accounts.push((path, policy));
        }
    }
    refuse_twins(cx, &accounts);
    judge_use(cx, &rules);
    let accounts = accounts.into_iter().map(|(_, account)| account).collect();
    let dry_run = raw.dry_run.unwrap_or(false);
    Policy {
        cycle,
        log_level,
        dry_run,
        webhooks,
        limits,
        trash_keep_for,
        time_zone,
        accounts,
    }
}

/// Protect rules take no `for`; rules that no account names get a warning.
fn judge_use(cx: &mut Check<'_>, rules: &Rules) {
    for (name, rule) in &rules.by_name {
        if rule.is_protecting && rule.has_for {
            let advice = Some(
                "what matches is protected at once; remove it, or make a second rule for acting",
            );
            cx.refuse(
                &rule.path.key("for"),
                "a duration in a protect rule",
                "no such key there",
                advice,
            );
        }
        if !rule.is_protecting && !rule.is_acting {
            let advice = Some("name it in the \"rules\" or \"protect\" of an account");
            cx.warn(
                &rule.path,
                format!("no account uses the rule {name:?}"),
                advice,
            );
        }
        for key in ["action", "limit", "priority", "order_by", "until"] {
            let path = rule.path.key(key);
            if rule.is_protecting && !rule.is_acting && cx.is_written(&path) {
                cx.warn(
                    &path,
                    format!("the rule {name:?} only protects, so this has no effect"),
                    None,
                );
            }
        }
    }
}

fn log_level(cx: &mut Check<'_>, raw: Option<&LevelText>, path: &Path) -> LogLevel {
    let Some(LevelText(text)) = raw else {
        return LogLevel::Info;
    };
    match text.to_lowercase().as_str() {
        "debug" => LogLevel::Debug,
        "info" => LogLevel::Info,
        "warn" | "warning" => LogLevel::Warn,
        "error" => LogLevel::Error,
        other => {
            let known = ["debug", "info", "warn", "error"];
            let nearest =
                words::nearest(other, &known).map(|word| format!("did you mean {word:?}?"));
            let found = cx.word(path, &known);
            cx.refuse(path, &found, &words::one_of(&known), nearest.as_deref());
            LogLevel::Info
        }
    }
}

fn time_zone(cx: &mut Check<'_>, raw: Option<&str>, path: &Path) -> TimeZone {
    let Some(name) = raw else {
        return TimeZone::system();
    };
    TimeZone::get(name).unwrap_or_else(|_| {
        let expected = "the IANA name of a time zone, such as \"Europe/Paris\" or \"UTC\"";
        cx.refuse(path, "an unknown time zone", expected, None);
        TimeZone::system()
    })
}
