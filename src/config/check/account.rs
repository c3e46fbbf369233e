//! What both services have in common: name, spacing, address, and the rules an account names.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::config::policy::{AccountId, AccountPolicy, Action, Rule, RuleBody, Service};
use crate::config::raw::{DurationText, List, RawAccount, RawServiceType};
use crate::config::text::Path;
use crate::config::words;
use crate::core::rules::states::Sender;

use super::Check;
use super::alldebrid::alldebrid;
use super::names::present;
use super::qbittorrent::qbittorrent;
use super::rule::Rules;
use super::values::Zero;

/// Shorter cycles get a warning: failures are counted once per cycle.
const SHORT_CYCLE: Duration = Duration::from_secs(60);

/// The spacing of cycles at `path`.
pub fn cycle(
    cx: &mut Check<'_>,
    raw: Option<&DurationText>,
    path: &Path,
    default: Duration,
) -> Duration {
    let cycle = cx.duration(raw, path, Zero::Refused, default);
    if raw.is_some() && cycle < SHORT_CYCLE {
        let advice =
            Some("failures are counted once per cycle, so short ones reach the last resort soon");
        cx.warn(path, "cycles shorter than a minute", advice);
    }
    cycle
}

pub fn account(
    cx: &mut Check<'_>,
    raw: &RawAccount,
    path: &Path,
    default_cycle: Duration,
    rules: &mut Rules,
) -> Option<AccountPolicy> {
    let name = cx.proper_text(
        raw.name.as_ref(),
        &path.key("name"),
        "a name for the account",
    );
    let cycle = cycle(cx, raw.cycle.as_ref(), &path.key("cycle"), default_cycle);
    let rule_cycle = cx.duration(
        raw.rule_cycle.as_ref(),
        &path.key("rule_cycle"),
        Zero::Refused,
        cycle,
    );
    let service = match raw.service {
        None => {
            cx.require(&path.key("type"), "\"qbittorrent\" or \"alldebrid\"");
            None
        }
        Some(RawServiceType::Qbittorrent) => {
            qbittorrent(cx, raw, path).map(|policy| Service::Qbittorrent(Box::new(policy)))
        }
        Some(RawServiceType::Alldebrid) => alldebrid(cx, raw, path).map(Service::Alldebrid),
    };
    let protecting = raw
        .protect
        .as_ref()
        .and_then(|protect| protect.rules.as_ref());
    let protect_path = path.key("protect").key("rules");
    let (acting, sender) = match raw.service {
        Some(RawServiceType::Alldebrid) => (Use::ActOnMagnets, Sender::Alldebrid),
        Some(RawServiceType::Qbittorrent) | None => (Use::ActOnTorrents, Sender::Qbittorrent),
    };
    let protect = Use::Protect;
    let protect_rules = named_rules(cx, protecting, &protect_path, rules, protect, sender);
    let rules_path = path.key("rules");
    let rules = named_rules(cx, raw.rules.as_ref(), &rules_path, rules, acting, sender);
    for rule in rules
        .iter()
        .filter(|rule| protect_rules.iter().any(|other| other.name == rule.name))
    {
        let problem = format!(
            "the rule {:?} also protects what it matches, so it never acts",
            rule.name
        );
        cx.warn(&path.key("rules"), problem, None);
    }
    Some(AccountPolicy {
        name: AccountId::from(name?),
        cycle,
        rule_cycle,
        protect_rules,
        rules,
        service: service?,
    })
}

/// What an account names a rule for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Protect,
    ActOnTorrents,
    ActOnMagnets,
}

fn named_rules(
    cx: &mut Check<'_>,
    raw: Option<&List<String>>,
    path: &Path,
    rules: &mut Rules,
    purpose: Use,
    sender: Sender,
) -> Vec<Arc<Rule>> {
    let mut named = Vec::new();
    let mut seen = BTreeSet::new();
    for (path, name) in present(raw.map(Vec::as_slice).unwrap_or_default(), path) {
        if !rules.by_name.contains_key(name) {
            if !rules.has_nameless {
                let known: Vec<&str> = rules.by_name.keys().map(String::as_str).collect();
                refuse_unknown(cx, name, &path, &known);
            }
            continue;
        }
        if !seen.insert(name) {
            cx.refuse(
                &path,
                "a rule that is named already",
                "each rule once",
                None,
            );
            continue;
        }
        let Some(defined) = rules.by_name.get_mut(name) else {
            continue;
        };
        match purpose {
            Use::Protect => defined.is_protecting = true,
            Use::ActOnTorrents | Use::ActOnMagnets => defined.is_acting = true,
        }
        let Some(rule) = &defined.rule else {
            continue;
        };
        if let RuleBody::Conditions(condition) = &rule.body
            && condition.asks_for_states_of_others(sender)
        {
            let found = "a rule on states that this service does not have";
            let expected = format!("a rule on its own states: {}", sender.words());
            let advice = format!("the rule is {} in \"rules\" at the top", defined.path);
            cx.refuse(&path, found, &expected, Some(&advice));
            continue;
        }
        let action = match purpose {
            Use::Protect => Ok(rule.action.clone()),
            Use::ActOnTorrents => action_on_torrents(&rule.action),
            Use::ActOnMagnets => action_on_magnets(&rule.action),
        };
        match action {
            Ok(action) => named.push(Arc::new(Rule {
                action,
                protects: purpose == Use::Protect,
                ..rule.clone()
            })),
            Err(possible) => {
                let found = "a rule whose action this service does not have";
                let expected = format!("a rule whose action is {possible}");
                let advice = format!("the rule is {} in \"rules\" at the top", defined.path);
                cx.refuse(&path, found, &expected, Some(&advice));
            }
        }
    }
    named
}

fn refuse_unknown(cx: &mut Check<'_>, name: &str, path: &Path, known: &[&str]) {
    let nearest = words::nearest(name, known);
    let expected = match known {
        [] => "the name of a rule, of which there are none in \"rules\" at the top".to_owned(),
        _ => format!("the name of a rule: {}", words::one_of(known)),
    };
    let found = format!("{}, which is no rule", cx.word(path, known));
    cx.refuse(
        path,
        &found,
        &expected,
        nearest
            .map(|word| format!("did you mean {word:?}?"))
            .as_deref(),
    );
}

/// The action as it is on qBittorrent, or what else is possible there.
fn action_on_torrents(action: &Action) -> Result<Action, &'static str> {
    match action {
        Action::DeleteFiles
        | Action::DeleteTorrent
        | Action::Pause
        | Action::LimitDownload { .. }
        | Action::Recheck
        | Action::Reannounce
        | Action::Tag(_)
        | Action::Category(_) => Ok(action.clone()),
        // Whether the files go as well must be said.
        Action::Delete | Action::Restart => {
            Err("\"delete_files\", \"delete_torrent\" or another one for torrents")
        }
    }
}

/// The action as it is on AllDebrid, or what is possible there. Rules can be shared: deleting means `delete`.
fn action_on_magnets(action: &Action) -> Result<Action, &'static str> {
    match action {
        Action::Delete | Action::DeleteFiles | Action::DeleteTorrent => Ok(Action::Delete),
        Action::Restart => Ok(Action::Restart),
        Action::Pause
        | Action::LimitDownload { .. }
        | Action::Recheck
        | Action::Reannounce
        | Action::Tag(_)
        | Action::Category(_) => Err("\"delete\" or \"restart\""),
    }
}

impl Check<'_> {
    /// The base address at `path`, with a slash at its end. It may hold a password, so it is never quoted.
    pub fn url(&mut self, text: &str, path: &Path) -> Option<Url> {
        let expected = "an address such as \"http://127.0.0.1:8080\"";
        let text = text.trim();
        if text.is_empty() {
            self.refuse(path, "an empty text", expected, None);
            return None;
        }
        if !text.contains("://") {
            self.refuse(
                path,
                "an address without \"http://\" or \"https://\"",
                expected,
                None,
            );
            return None;
        }
        let Ok(mut url) = Url::parse(text) else {
            self.refuse(path, "a text that is no address", expected, None);
            return None;
        };
        let found = if !matches!(url.scheme(), "http" | "https") {
            "an address of another kind"
        } else if !url.username().is_empty() || url.password().is_some() {
            "an address with a user name or password in it"
        } else if url.query().is_some() || url.fragment().is_some() {
            "an address with \"?\" or \"#\""
        } else {
            if !url.path().ends_with('/') {
                let with_slash = format!("{}/", url.path());
                url.set_path(&with_slash);
            }
            return Some(url);
        };
        self.refuse(path, found, expected, None);
        None
    }
}
