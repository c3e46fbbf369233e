//! Comparisons from a key, a compare type and a value; what cannot be meant is refused.

use super::amount;
use super::condition::Compare;
use super::key::{Key, Kind};
use super::mistake::Mistake;
use super::parse::{Dialect, join};
use super::pattern::Pattern;
use super::value::number_of;

/// The comparison, or what is wrong with it.
pub(super) fn parse_compare(
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
        "equals" => parse_equals(kind, value, &value_path, dialect),
        "contain" | "notContain" | "includeIn" | "notIncludeIn"
            if matches!(kind, Kind::Text | Kind::Set) =>
        {
            parse_list_compare(kind, compare_type, value, &value_path)
        }
        _ => Err(unfit(key, compare_type, path)),
    }
}

fn parse_equals(kind: Kind, value: &str, path: &str, dialect: Dialect) -> Result<Compare, Mistake> {
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
            let mut parts = parts_of_set(value);
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

fn parts_of_set(value: &str) -> Vec<String> {
    value
        .split(',')
        .map(|part| part.trim().to_owned())
        .collect()
}

fn parse_list_compare(
    kind: Kind,
    compare_type: &str,
    value: &str,
    path: &str,
) -> Result<Compare, Mistake> {
    let parts = match kind {
        Kind::Set => parts_of_set(value),
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
