//! From conditions as written to checked ones. Everything that can only be a mistake is refused here, so that
//! evaluation never meets it: what Vertex would skip, always match or never match is not silently taken over.

use serde_json::Value as Json;

use super::compare::parse_compare;
use super::condition::{Condition, Test, Written};
use super::key::{Key, nearest_of};
use super::mistake::Mistake;
use super::value::text_of;

/// Whose rules these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Ours: units, nesting, our own keys, numbers and truth values beside texts.
    Own,
    /// Vertex's rule files as they are: its keys only, unknown fields ignored, no units.
    Vertex,
}

/// Every compare type, in Vertex's words.
pub const COMPARE_TYPES: [&str; 9] = [
    "equals",
    "bigger",
    "smaller",
    "contain",
    "notContain",
    "includeIn",
    "notIncludeIn",
    "regExp",
    "notRegExp",
];

/// Nesting deeper than this is refused, so that judging never runs out of stack.
const DEEPEST: usize = 32;

impl Condition {
    /// A list of conditions that must all hold, as a rule's `conditions`. Paths begin with the index: `[0].value`.
    ///
    /// An empty list is refused in our own rules, and never holds in Vertex's.
    pub fn parse_list(list: &Json, dialect: Dialect) -> Result<Condition, Vec<Mistake>> {
        let Json::Array(parts) = list else {
            return Err(vec![Mistake::new("", shown(list), "a list of conditions")]);
        };
        if parts.is_empty() && dialect == Dialect::Own {
            return Err(vec![no_parts("")]);
        }
        parse_parts(parts, "", dialect, 0).map(Condition::All)
    }

    /// One condition, as in `until`: a test, or `{"all": […]}`, `{"any": […]}`, `{"not": …}`.
    pub fn parse(json: &Json, dialect: Dialect) -> Result<Condition, Vec<Mistake>> {
        parse_one(json, "", dialect, 0)
    }
}

fn no_parts(path: &str) -> Mistake {
    Mistake::new(path, "an empty list", "at least one condition")
        .advise("without conditions a rule never matches; leave the rule out instead")
}

/// A JSON value as it is quoted in messages, cut when long.
fn shown(json: &Json) -> String {
    const LONGEST: usize = 60;
    let text = json.to_string();
    if text.chars().count() <= LONGEST {
        return text;
    }
    let beginning: String = text.chars().take(LONGEST).collect();
    format!("{beginning}…")
}

fn parse_parts(
    parts: &[Json],
    path: &str,
    dialect: Dialect,
    depth: usize,
) -> Result<Vec<Condition>, Vec<Mistake>> {
    let mut conditions = Vec::with_capacity(parts.len());
    let mut mistakes = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        match parse_one(part, &format!("{path}[{index}]"), dialect, depth) {
            Ok(condition) => conditions.push(condition),
            Err(more) => mistakes.extend(more),
        }
    }
    if mistakes.is_empty() {
        Ok(conditions)
    } else {
        Err(mistakes)
    }
}

fn parse_one(
    json: &Json,
    path: &str,
    dialect: Dialect,
    depth: usize,
) -> Result<Condition, Vec<Mistake>> {
    let Json::Object(fields) = json else {
        let expected = "a condition such as {\"key\": …, \"compareType\": …, \"value\": …}";
        return Err(vec![Mistake::new(path, shown(json), expected)]);
    };
    if depth > DEEPEST {
        let expected = format!("conditions nested at most {DEEPEST} deep");
        return Err(vec![Mistake::new(path, "a deeper one", expected)]);
    }
    let nested = ["all", "any", "not"]
        .into_iter()
        .find(|word| fields.contains_key(*word));
    let Some(word) = nested.filter(|_| dialect == Dialect::Own) else {
        return parse_test(fields, path, dialect).map(Condition::Test);
    };
    let inner = &fields[word];
    let inner_path = join(path, word);
    if fields.len() > 1 {
        let expected = format!("`{word}` alone");
        let found = fields.keys().map(|key| format!("`{key}`"));
        let found = found.collect::<Vec<_>>().join(", ");
        let mistake = Mistake::new(path, found, expected)
            .advise("put each of `all`, `any`, `not` into braces of its own");
        return Err(vec![mistake]);
    }
    if word == "not" {
        // A list under `not` would be read by some as "none of", by others as "not all of".
        let part = parse_one(inner, &inner_path, dialect, depth + 1)?;
        return Ok(Condition::Not(Box::new(part)));
    }
    match inner {
        Json::Array(parts) if parts.is_empty() => Err(vec![no_parts(&inner_path)]),
        Json::Array(parts) => {
            let parts = parse_parts(parts, &inner_path, dialect, depth + 1)?;
            Ok(if word == "all" {
                Condition::All(parts)
            } else {
                Condition::Any(parts)
            })
        }
        _ => Err(vec![Mistake::new(
            &inner_path,
            shown(inner),
            "a list of conditions",
        )]),
    }
}

pub(super) fn join(path: &str, field: &str) -> String {
    if path.is_empty() {
        field.to_owned()
    } else {
        format!("{path}.{field}")
    }
}

type Fields = serde_json::Map<String, Json>;

fn parse_test(fields: &Fields, path: &str, dialect: Dialect) -> Result<Test, Vec<Mistake>> {
    if is_blank(fields) {
        let mistake = Mistake::new(
            path,
            "a blank condition",
            "a key, a compareType and a value",
        );
        return Err(vec![mistake.advise(
            "Vertex would skip it as if it held, so the rule would match more than meant",
        )]);
    }
    let mut mistakes = Vec::new();
    if dialect == Dialect::Own {
        mistakes.extend(unknown_fields(fields, path));
    }
    let key = parse_key(fields.get("key"), &join(path, "key"), dialect);
    let compare_type = parse_compare_type(fields.get("compareType"), &join(path, "compareType"));
    let value = parse_value(fields.get("value"), &join(path, "value"), dialect);
    match (key, compare_type, value) {
        (Ok(key), Ok(compare_type), Ok(value)) if mistakes.is_empty() => {
            let compare = parse_compare(key, compare_type, &value, path, dialect)
                .map_err(|mistake| vec![mistake])?;
            let written = Written {
                compare_type,
                value,
            };
            Ok(Test {
                key,
                compare,
                written,
            })
        }
        (key, compare_type, value) => {
            mistakes.extend(key.err());
            mistakes.extend(compare_type.err());
            mistakes.extend(value.err());
            Err(mistakes)
        }
    }
}

/// The web page of Vertex saves one condition of three empty texts into rules that were never filled in.
fn is_blank(fields: &Fields) -> bool {
    let is_blank = |name: &str| match fields.get(name) {
        None | Some(Json::Null) => true,
        Some(Json::String(text)) => text.trim().is_empty(),
        Some(_) => false,
    };
    is_blank("key") && is_blank("compareType")
}

fn unknown_fields(fields: &Fields, path: &str) -> Vec<Mistake> {
    const KNOWN: [&str; 3] = ["key", "compareType", "value"];
    let unknown = fields.keys().filter(|name| !KNOWN.contains(&name.as_str()));
    let mistake = |name: &String| {
        let expected = "only `key`, `compareType` and `value`";
        let mistake = Mistake::new(&join(path, name), format!("`{name}`"), expected);
        match nearest_of(&name.to_ascii_lowercase(), KNOWN.into_iter()) {
            Some(nearest) => mistake.advise(format!("did you mean `{nearest}`?")),
            None => mistake,
        }
    };
    unknown.map(mistake).collect()
}

fn parse_key(json: Option<&Json>, path: &str, dialect: Dialect) -> Result<Key, Mistake> {
    let expected = "the name of a field, such as `uploadSpeed`";
    let name = match json {
        Some(Json::String(name)) => name.as_str(),
        Some(other) => return Err(Mistake::new(path, shown(other), expected)),
        None => return Err(Mistake::new(path, "nothing", expected)),
    };
    let key = match dialect {
        Dialect::Own => Key::from_name(name),
        Dialect::Vertex => Key::from_vertex_name(name),
    };
    key.ok_or_else(|| {
        let mistake = Mistake::new(path, format!("{name:?}"), expected);
        match Key::nearest(name) {
            Some(nearest) if nearest != name => {
                mistake.advise(format!("did you mean `{nearest}`?"))
            }
            _ => mistake.advise("the README lists all keys"),
        }
    })
}

fn parse_compare_type(json: Option<&Json>, path: &str) -> Result<&'static str, Mistake> {
    let expected = format!("one of {}", COMPARE_TYPES.join(", "));
    let name = match json {
        Some(Json::String(name)) => name.as_str(),
        Some(other) => return Err(Mistake::new(path, shown(other), expected)),
        None => return Err(Mistake::new(path, "nothing", expected)),
    };
    if let Some(known) = COMPARE_TYPES.into_iter().find(|known| *known == name) {
        return Ok(known);
    }
    let mistake = Mistake::new(path, format!("{name:?}"), expected);
    let synonym = match name.to_ascii_lowercase().as_str() {
        "equal" | "is" | "==" | "===" | "=" | "eq" => Some("equals"),
        "less" | "lower" | "below" | "<" | "lt" => Some("smaller"),
        "more" | "greater" | "larger" | "above" | ">" | "gt" => Some("bigger"),
        "in" | "oneof" => Some("includeIn"),
        "match" | "matches" | "regex" => Some("regExp"),
        lower => nearest_of(lower, COMPARE_TYPES.into_iter()),
    };
    Err(mistake.advise(match synonym {
        Some(nearest) => {
            format!("did you mean `{nearest}`? Vertex skips an unknown one as if it held")
        }
        None => "Vertex skips an unknown one as if it held".to_owned(),
    }))
}

/// The text to compare with. Our own rules may write numbers and truth values as such.
fn parse_value(json: Option<&Json>, path: &str, dialect: Dialect) -> Result<String, Mistake> {
    match (json, dialect) {
        (Some(Json::String(text)), _) => Ok(text.clone()),
        (Some(Json::Bool(flag)), Dialect::Own) => Ok(flag.to_string()),
        (Some(Json::Number(number)), Dialect::Own) => {
            Ok(text_of(number.as_f64().unwrap_or(f64::NAN)).into_owned())
        }
        (Some(other), Dialect::Own) => Err(Mistake::new(
            path,
            shown(other),
            "a text, a number, true or false",
        )),
        (Some(other), Dialect::Vertex) => Err(Mistake::new(path, shown(other), "a text")
            .advise("Vertex fails on most values that are no text")),
        (None, _) => Err(Mistake::new(path, "nothing", "a value to compare with")),
    }
}

#[cfg(test)]
mod tests;
