//! Comparisons from a key, a compare type and a value; what cannot be meant is refused.

use super::amount;
use super::condition::Compare;
use super::key::{Key, Kind};
use super::mistake::Mistake;
use super::parse::{Dialect, join};
use super::pattern::Pattern;
use super::states;
use super::value::number_of;

/// The comparison, or what is wrong with it.
pub(super) fn parse_compare(
    key: Key,
    compare_type: &'static str,
    value: &str,
    path: &str,
    dialect: Dialect,
) -> Result<Compare, Mistake> {
    let compare = parse_any(key, compare_type, value, path, dialect)?;
    let value_path = join(path, "value");
    if dialect == Dialect::Own {
        if key == Key::Tracker && value.contains("://") && !compare_type.ends_with("egExp") {
            return Err(no_host(&value_path));
        }
        if let Some(mended) = without_blanks(key, compare_type, value) {
            let expected = "texts without blanks around them";
            return Err(Mistake::new(&value_path, format!("{value:?}"), expected).advise(format!(
                "a blank would be compared too: write {mended:?}, or a regExp where the blank is meant"
            )));
        }
        if key == Key::State {
            states::check(&compare, &value_path, value)?;
        }
    }
    Ok(compare)
}

/// The value of a list, a state or a tracker without the blanks around its texts, which can only be a mistake; `None` if
/// there are none. Within names and messages a single text may begin with a blank.
pub fn without_blanks(key: Key, compare_type: &str, value: &str) -> Option<String> {
    let is_word = matches!(key, Key::State | Key::Tracker | Key::Hash);
    let is_label = is_word || matches!(key, Key::Category | Key::Tags);
    let (is_list, is_concerned) = match compare_type {
        "equals" => (false, is_word),
        "contain" | "notContain" => (true, is_label || value.contains(',')),
        "includeIn" | "notIncludeIn" => (true, true),
        _ => return None,
    };
    if key.kind() != Kind::Text || !is_concerned {
        return None;
    }
    if !is_list {
        return (value.trim() != value).then(|| value.trim().to_owned());
    }
    let parts = value.split(',');
    if parts.clone().all(|part| part.trim() == part) {
        return None;
    }
    // An empty part is found in every text.
    let is_kept = |part: &&str| !part.is_empty() || compare_type.ends_with("ncludeIn");
    let mended: Vec<&str> = parts.map(str::trim).filter(is_kept).collect();
    Some(mended.join(","))
}

fn parse_any(
    key: Key,
    compare_type: &'static str,
    value: &str,
    path: &str,
    dialect: Dialect,
) -> Result<Compare, Mistake> {
    let kind = key.kind();
    let value_path = join(path, "value");
    match compare_type {
        "regExp" | "notRegExp" if kind != Kind::Flag => {
            let pattern = Pattern::compile(value).map_err(|error| {
                Mistake::new(
                    &value_path,
                    format!("{value:?}"),
                    "a regular expression of JavaScript",
                )
                .advise(error.to_string())
            })?;
            Ok(match compare_type {
                "regExp" => Compare::RegExp(pattern),
                _ => Compare::NotRegExp(pattern),
            })
        }
        "bigger" | "smaller" if kind.is_numeric() => {
            let limit = amount::product_of(value, kind, dialect)
                .map_err(|problem| problem.at(&value_path, value))?;
            Ok(match compare_type {
                "bigger" => Compare::Bigger(limit),
                _ => Compare::Smaller(limit),
            })
        }
        "equals" => parse_equals(key, value, &value_path, dialect),
        "contain" | "notContain" | "includeIn" | "notIncludeIn"
            if matches!(kind, Kind::Text | Kind::Set) =>
        {
            parse_list_compare(key, compare_type, value, &value_path)
        }
        _ => Err(unfit(key, compare_type, path)),
    }
}

fn parse_equals(key: Key, value: &str, path: &str, dialect: Dialect) -> Result<Compare, Mistake> {
    let kind = key.kind();
    match kind {
        Kind::Text => Ok(Compare::Equals {
            text: value.to_owned(),
            number: number_of(value),
        }),
        Kind::Flag => match value {
            "true" | "yes" => Ok(Compare::Is(true)),
            "false" | "no" => Ok(Compare::Is(false)),
            _ => Err(Mistake::new(path, format!("{value:?}"), "true or false")),
        },
        Kind::Set => {
            let mut parts = parts_of_set(key, value, path)?;
            parts.retain(|part| !part.is_empty());
            Ok(Compare::SetEquals(parts))
        }
        Kind::Bytes | Kind::Speed | Kind::Seconds | Kind::Minutes | Kind::Time | Kind::Number => {
            let number = amount::single_of(value, kind, dialect)
                .map_err(|problem| problem.at(path, value))?;
            Ok(Compare::Equals {
                text: value.to_owned(),
                number,
            })
        }
    }
}

/// The elements of a set. Those of `trackers` are hosts, in lower case as they are seen.
fn parts_of_set(key: Key, value: &str, path: &str) -> Result<Vec<String>, Mistake> {
    let mut parts = Vec::new();
    for part in value.split(',').map(str::trim) {
        if key != Key::Trackers {
            parts.push(part.to_owned());
        } else if part.is_empty() || url::Host::parse(part).is_ok() {
            parts.push(part.to_lowercase());
        } else {
            return Err(no_host(path));
        }
    }
    Ok(parts)
}

/// An address may hold a passkey, so it is not repeated.
fn no_host(path: &str) -> Mistake {
    let expected = "hosts of trackers, such as tracker.example.org";
    Mistake::new(path, "a text that is no host", expected)
        .advise("only the host, without \"https://\", port and path")
}

fn parse_list_compare(
    key: Key,
    compare_type: &str,
    value: &str,
    path: &str,
) -> Result<Compare, Mistake> {
    let kind = key.kind();
    let parts = match kind {
        Kind::Set => parts_of_set(key, value, path)?,
        _ => value.split(',').map(str::to_owned).collect(),
    };
    let looks_for_parts = matches!(compare_type, "contain" | "notContain") || kind == Kind::Set;
    if looks_for_parts && parts.iter().any(String::is_empty) {
        let effect = match compare_type {
            "contain" => "an empty part is found in every text, so this would always hold",
            "notContain" => "an empty part is found in every text, so this would never hold",
            _ => "no element is empty",
        };
        let expected = "a list without empty parts";
        return Err(Mistake::new(path, format!("{value:?}"), expected)
            .advise(format!("{effect}; remove the comma too many")));
    }
    Ok(match compare_type {
        "contain" => Compare::Contain(parts),
        "notContain" => Compare::NotContain(parts),
        "includeIn" => Compare::IncludeIn(parts),
        _ => Compare::NotIncludeIn(parts),
    })
}

/// A compare type that makes no sense for the kind of key.
fn unfit(key: Key, compare_type: &str, path: &str) -> Mistake {
    let (what, fitting) = match key.kind() {
        Kind::Text => (
            "a text",
            "equals, contain, notContain, includeIn, notIncludeIn, regExp, notRegExp",
        ),
        Kind::Flag => ("true or false", "equals"),
        Kind::Set => ("a set", "equals, contain, notContain, regExp, notRegExp"),
        Kind::Bytes | Kind::Speed | Kind::Seconds | Kind::Minutes | Kind::Time | Kind::Number => {
            ("a number", "equals, bigger, smaller, regExp, notRegExp")
        }
    };
    Mistake::new(
        &join(path, "compareType"),
        format!("{compare_type:?}"),
        format!("one of {fitting}"),
    )
    .advise(format!("`{key}` is {what}"))
}
