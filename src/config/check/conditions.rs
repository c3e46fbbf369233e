//! Conditions: the rules judge them, and what they find wrong gets its place here.

use crate::config::policy::Condition;
use crate::config::text::{Path, Segment};
use crate::config::words;
use crate::core::rules::{COMPARE_TYPES, Dialect, Key, Mistake};

use super::Check;

/// The keys of conditions.
const FIELDS: [&str; 6] = ["key", "compareType", "value", "all", "any", "not"];

/// The list of conditions at `path`.
pub fn conditions(cx: &mut Check<'_>, path: &Path) -> Option<Condition> {
    let json = cx.root.get(path)?.to_json();
    let parsed = Condition::parse_list(&json, Dialect::Own);
    parsed.map_err(|mistakes| refuse(cx, path, mistakes)).ok()
}

/// The condition on the account at `path`.
pub fn until(cx: &mut Check<'_>, path: &Path) -> Option<Condition> {
    let json = cx.root.get(path)?.to_json();
    let condition = Condition::parse(&json, Dialect::Own)
        .map_err(|mistakes| refuse(cx, path, mistakes))
        .ok()?;
    let known: Vec<&str> = Key::ALL
        .iter()
        .filter(|key| key.is_of_account())
        .map(|key| key.name())
        .collect();
    let is_foreign = |key: &Key| !key.is_of_account();
    let Some(foreign) = condition.keys().into_iter().find(is_foreign) else {
        return Some(condition);
    };
    // A nested condition is named as a whole: the key can stand anywhere in it.
    let key_path = path.key("key");
    let at = if cx.is_written(&key_path) {
        key_path
    } else {
        path.clone()
    };
    let found = format!("{:?}, which differs from item to item", foreign.name());
    cx.refuse(
        &at,
        &found,
        &format!("a key of the account: {}", words::one_of(&known)),
        None,
    );
    None
}

/// The key by which a rule sorts.
pub fn order_key(cx: &mut Check<'_>, raw: Option<&String>, path: &Path) -> Option<String> {
    let what = "a key as in conditions, such as \"size\"";
    let name = cx.proper_text(raw, path, what)?;
    if Key::from_name(name).is_none() {
        let names = key_names();
        let advice = words::nearest(name, &names).map(|name| format!("did you mean {name:?}?"));
        cx.refuse(path, &cx.word(path, &names), what, advice.as_deref());
        return None;
    }
    Some(name.to_owned())
}

fn key_names() -> Vec<&'static str> {
    Key::ALL
        .iter()
        .flat_map(|key| key.names())
        .copied()
        .collect()
}

/// Records mistakes. Their own words for what was found quote the value, so it is named anew.
fn refuse(cx: &mut Check<'_>, path: &Path, mistakes: Vec<Mistake>) {
    for Mistake {
        path: inner,
        found: _,
        expected,
        advice,
    } in mistakes
    {
        let mut at = path.join_written(&inner);
        let field = match at.segments().last() {
            Some(Segment::Key(key)) => FIELDS.into_iter().find(|field| field == key),
            Some(Segment::Index(_)) | None => None,
        };
        let is_field = !inner.is_empty() && !inner.ends_with(']');
        let found = match field {
            Some("key") => cx.word(&at, &key_names()),
            Some("compareType") => cx.word(&at, &COMPARE_TYPES),
            Some("value") => cx.measure(&at),
            None if is_field && at != *path => {
                // A key with odd characters cannot be followed; it may be a secret.
                if !cx.is_written(&at) {
                    at = path.clone();
                }
                "an unknown key".to_owned()
            }
            Some(_) | None => cx.kind(&at),
        };
        cx.refuse(&at, &found, &expected, advice.as_deref());
    }
}
