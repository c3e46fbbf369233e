//! Rules: one body each, and what the rest of the keys allow.

use std::collections::BTreeMap;
use std::path::Path as FilePath;

use crate::config::policy::{Action, OrderBy, Rule, RuleBody};
use crate::config::raw::{
    RawAction, RawActionWith, RawActionWord, RawDirection, RawOrderBy, RawOrderKey, RawRule,
};
use crate::config::text::Path;

use super::Check;
use super::conditions::{conditions, order_key, until};
use super::names::present;
use super::values::Zero;

/// Longer scripts can only be the wrong file.
const LONGEST_SCRIPT: usize = 1024 * 1024;

/// A rule as defined, before accounts take it over.
pub struct Defined {
    /// The rule; `None` if it has errors of its own.
    pub rule: Option<Rule>,
    /// Where it is defined.
    pub path: Path,
    /// It has a `for`, which protect rules must not have.
    pub has_for: bool,
    /// An account lets it act.
    pub is_acting: bool,
    /// An account lets it protect.
    pub is_protecting: bool,
}

/// All rules by name.
pub struct Rules {
    /// The rules whose name could be read.
    pub by_name: BTreeMap<String, Defined>,
    /// Some rule's name could not be read, so that a name unknown to us may be its.
    pub has_nameless: bool,
}

pub fn rules(cx: &mut Check<'_>, raw: &[Option<RawRule>]) -> Rules {
    let path = Path::root().key("rules");
    let mut rules = Rules {
        by_name: BTreeMap::new(),
        has_nameless: raw.iter().any(Option::is_none),
    };
    for (path, raw) in present(raw, &path) {
        let name_path = path.key("name");
        let name = cx
            .proper_text(raw.name.as_ref(), &name_path, "a name for the rule")
            .map(str::to_owned);
        let rule = rule(cx, raw, name.as_deref().unwrap_or_default(), &path);
        let Some(name) = name else {
            rules.has_nameless = true;
            continue;
        };
        if let Some(first) = rules.by_name.get(&name) {
            let advice = format!("{} has the same name", first.path);
            cx.refuse(
                &name_path,
                "a name that is taken",
                "a name of its own",
                Some(&advice),
            );
            continue;
        }
        let has_for = raw.hold_for.is_some();
        rules.by_name.insert(
            name,
            Defined {
                rule,
                path,
                has_for,
                is_acting: false,
                is_protecting: false,
            },
        );
    }
    rules
}

fn rule(cx: &mut Check<'_>, raw: &RawRule, name: &str, path: &Path) -> Option<Rule> {
    let errors_before = cx.errors.len();
    let body = body(cx, raw, name, path);
    let for_path = path.key("for");
    let hold_for = raw.hold_for.as_ref();
    let hold_for = hold_for.map(|_| {
        cx.duration(
            hold_for,
            &for_path,
            Zero::Allowed,
            std::time::Duration::ZERO,
        )
    });
    let limit = cx.positive(
        raw.limit,
        &path.key("limit"),
        1,
        Some("leave the rule out of \"rules\" to switch it off"),
    );
    let action = match &raw.action {
        None => Some(Action::DeleteFiles),
        Some(action) => self::action(cx, action, &path.key("action")),
    };
    let order_by = order_by(cx, raw.order_by.as_ref(), &path.key("order_by"));
    let until = raw
        .until
        .as_ref()
        .and_then(|_| until(cx, &path.key("until")));
    let body = body?;
    let rule = Rule {
        name: name.to_owned(),
        protects: false,
        mark: body.mark(),
        body,
        hold_for: hold_for.filter(|duration| !duration.is_zero()),
        limit,
        priority: raw.priority.unwrap_or_default(),
        action: action?,
        order_by,
        until,
    };
    (cx.errors.len() == errors_before).then_some(rule)
}

fn body(cx: &mut Check<'_>, raw: &RawRule, name: &str, path: &Path) -> Option<RuleBody> {
    let keys = ["conditions", "javascript", "javascript_file"];
    let given: Vec<&str> = keys
        .into_iter()
        .filter(|key| cx.is_written(&path.key(key)))
        .collect();
    let [key] = given[..] else {
        let found = if given.is_empty() {
            "a rule without a body"
        } else {
            "a rule with more than one body"
        };
        cx.refuse(
            path,
            found,
            "exactly one of \"conditions\", \"javascript\" and \"javascript_file\"",
            None,
        );
        return None;
    };
    let path = path.key(key);
    if raw.conditions.is_some() {
        return conditions(cx, &path).map(RuleBody::Conditions);
    }
    let (source, origin) = if let Some(source) = &raw.javascript {
        (source.clone(), None)
    } else {
        let file = cx.proper_text(
            Some(raw.javascript_file.as_ref()?),
            &path,
            "the path of a script",
        )?;
        let file = cx.resolve(file);
        (read_script(cx, &file, &path)?, Some(file))
    };
    if let Err(mistake) = (cx.outside.check_script)(name, &source) {
        let found = format!("a script with a mistake: {mistake}");
        cx.refuse(
            &path,
            &found,
            "a function such as (maindata, torrent) => torrent.ratio > 2",
            None,
        );
        return None;
    }
    Some(RuleBody::Script { source, origin })
}

fn read_script(cx: &mut Check<'_>, file: &FilePath, path: &Path) -> Option<String> {
    let found = match (cx.outside.read)(file) {
        Err(error) => format!("no readable file {}: {error}", file.display()),
        Ok(bytes) if bytes.len() > LONGEST_SCRIPT => {
            format!("more than 1 MiB in {}", file.display())
        }
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(source) => return Some(source),
            Err(_) => format!("something other than UTF-8 text in {}", file.display()),
        },
    };
    let advice = Some("the path is relative to the folder of the configuration");
    cx.refuse(path, &found, "a script there", advice);
    None
}

fn action(cx: &mut Check<'_>, raw: &RawAction, path: &Path) -> Option<Action> {
    let RawActionWith {
        limit_download,
        tag,
        category,
    } = match raw {
        RawAction::Word(word) => {
            return Some(match word {
                RawActionWord::DeleteFiles => Action::DeleteFiles,
                RawActionWord::DeleteTorrent => Action::DeleteTorrent,
                RawActionWord::Pause => Action::Pause,
                RawActionWord::Recheck => Action::Recheck,
                RawActionWord::Reannounce => Action::Reannounce,
                RawActionWord::Delete => Action::Delete,
                RawActionWord::Restart => Action::Restart,
            });
        }
        RawAction::With(with) => with,
    };
    match (limit_download, tag, category) {
        (Some(size), None, None) => {
            let bytes_per_s = cx.size(size, &path.key("limit_download"))?;
            Some(Action::LimitDownload { bytes_per_s })
        }
        (None, Some(tag), None) => {
            let path = path.key("tag");
            let name = cx.proper_text(Some(tag), &path, "a tag")?;
            if name.contains(',') {
                cx.refuse(&path, "a text with a comma", "one tag", None);
                return None;
            }
            Some(Action::Tag(name.to_owned()))
        }
        (None, None, Some(category)) => {
            let name = cx.proper_text(Some(category), &path.key("category"), "a category")?;
            Some(Action::Category(name.to_owned()))
        }
        (None, None, None)
            if cx
                .root
                .get(path)
                .is_some_and(|node| !node.entries().is_empty()) =>
        {
            None
        }
        _ => {
            let expected = "exactly one of \"limit_download\", \"tag\" and \"category\"";
            cx.refuse(path, &cx.kind(path), expected, None);
            None
        }
    }
}

fn order_by(cx: &mut Check<'_>, raw: Option<&RawOrderBy>, path: &Path) -> OrderBy {
    let (key, key_path, descending) = match raw {
        None => return OrderBy::default(),
        Some(RawOrderBy::Key(key)) => (Some(key), path.clone(), true),
        Some(RawOrderBy::With(RawOrderKey { key, direction })) => {
            let descending = match direction {
                None | Some(RawDirection::Descending) => true,
                Some(RawDirection::Ascending) => false,
            };
            (key.as_ref(), path.key("key"), descending)
        }
    };
    match order_key(cx, key, &key_path) {
        Some(key) => OrderBy::Key { key, descending },
        None => OrderBy::default(),
    }
}
