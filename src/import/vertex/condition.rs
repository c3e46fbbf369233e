//! Conditions of a rule: carried over where both sides agree on the result, else explained.

use serde_json::{Value as Json, json};

use crate::core::rules::{COMPARE_TYPES, Condition, Dialect, Key, Mistake, without_blanks};
use crate::import::document::Value;
use crate::import::remark::Remarks;

use super::rule::{Lost, Role};

/// The conditions of the new rule.
pub(super) struct Carried {
    pub(super) list: Vec<Value>,
    pub(super) uses_clock: bool,
}

/// What a condition is to Vertex and to us.
enum Judged {
    /// The same to both.
    Same(Test),
    /// It always held in Vertex; what was surely meant.
    Meant(Test, String),
    /// It had blanks around its texts, which Vertex compares too; what was surely meant.
    Mended(Test, String),
    /// It always held in Vertex.
    Always(String),
    /// It was never filled in, and always held in Vertex.
    Blank,
    /// It never held in Vertex, or failed.
    Never(String),
    /// It cannot be said in our conditions.
    Unclear(String),
}

/// A condition as written.
#[derive(Clone)]
struct Test {
    key: String,
    compare_type: String,
    value: String,
}

/// The conditions for one role. A rule that would act on more than was meant is lost; one that protects never
/// protects less than it did.
pub(super) fn carry(
    list: &[Json],
    role: Role,
    about: &str,
    remarks: &mut Remarks,
) -> Result<Carried, Lost> {
    if list.is_empty() {
        return Err(Lost::Dead("it has no conditions.".to_owned()));
    }
    let mut tests = Vec::new();
    for (index, written) in list.iter().enumerate() {
        let number = index + 1;
        match (judge(written, role), role) {
            (Judged::Same(test), _) => tests.push(test),
            (Judged::Mended(test, why), _) => {
                remarks.differs(about, format!("condition {number}: {why}"));
                tests.push(test);
            }
            (Judged::Blank, _) => {
                remarks.note(
                    about,
                    format!("condition {number} is blank and left out; Vertex skipped it too."),
                );
            }
            (Judged::Meant(test, why), Role::Act) => {
                remarks.differs(
                    about,
                    format!("condition {number}: {why} Here it counts, so the rule matches less."),
                );
                tests.push(test);
            }
            (Judged::Always(why) | Judged::Meant(_, why), Role::Protect) => {
                remarks.note(
                    about,
                    format!("condition {number}: {why} It is left out, so that the rule protects what it did."),
                );
            }
            (Judged::Always(why), Role::Act) => {
                let text = format!(
                    "condition {number}: {why} The rule matched more than was meant; write it anew."
                );
                return Err(Lost::Unclear(text));
            }
            (Judged::Never(why), _) => {
                return Err(Lost::Dead(format!("condition {number}: {why}")));
            }
            (Judged::Unclear(why), _) => {
                return Err(Lost::Unclear(format!("condition {number}: {why}")));
            }
        }
    }
    if tests.is_empty() {
        if role == Role::Act {
            return Err(Lost::Unclear(
                "nothing is left to test: in Vertex it matched every torrent.".to_owned(),
            ));
        }
        remarks.note(
            about,
            "nothing is left to test: as in Vertex, it protects every torrent.",
        );
        tests.push(Test::new("size", "bigger", "-1"));
    }
    for test in &tests {
        remark(test, about, remarks);
    }
    let uses_clock = tests.iter().any(|test| test.key == "secondFromZero");
    let list = tests.into_iter().map(Test::into_value).collect();
    Ok(Carried { list, uses_clock })
}

fn judge(written: &Json, role: Role) -> Judged {
    let Json::Object(fields) = written else {
        return Judged::Never("it is no condition.".to_owned());
    };
    let text = |key: &str| match fields.get(key) {
        None | Some(Json::Null) => Some(String::new()),
        Some(Json::String(text)) => Some(text.clone()),
        Some(_) => None,
    };
    let (Some(key), Some(compare_type)) = (text("key"), text("compareType")) else {
        return Judged::Unclear("its key or compareType is no text.".to_owned());
    };
    if key.trim().is_empty() && compare_type.trim().is_empty() {
        return Judged::Blank;
    }
    let value = match fields.get("value") {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) if compare_type == "equals" => number.to_string(),
        _ => return Judged::Unclear("its value is no text.".to_owned()),
    };
    let test = Test {
        key,
        compare_type,
        value,
    };
    if COMPARE_TYPES.contains(&test.compare_type.as_str()) {
        return match mended(&test, role) {
            None => judge_known(test),
            Some((mended, _)) if mended.value.is_empty() => Judged::Always(format!(
                "no text is {:?} with the blanks, which Vertex compares, too.",
                test.value
            )),
            Some((mended, what)) => match judge_known(mended) {
                Judged::Same(mended) => {
                    let why = format!(
                        "Vertex compares the blanks in {:?}, too. Here {what}: {:?}.",
                        test.value, mended.value
                    );
                    Judged::Mended(mended, why)
                }
                other => other,
            },
        };
    }
    let found = format!(
        "the compare type {:?} is none of Vertex's, which then skips the condition.",
        test.compare_type
    );
    let meant = meant(&test.compare_type).map(|compare_type| Test {
        compare_type: compare_type.to_owned(),
        ..test
    });
    match meant.map(judge_known) {
        Some(Judged::Same(test)) => {
            let why = format!("{found} Surely {:?} was meant.", test.compare_type);
            Judged::Meant(test, why)
        }
        _ => Judged::Always(found),
    }
}

/// The condition without blanks around its texts, and what was done. Where that would make a rule protect less, the
/// texts with blanks are left out instead: as they stand they except nothing that is worth it.
fn mended(test: &Test, role: Role) -> Option<(Test, &'static str)> {
    let key = Key::from_vertex_name(&test.key)?;
    let value = without_blanks(key, &test.compare_type, &test.value)?;
    let excepts = matches!(test.compare_type.as_str(), "notContain" | "notIncludeIn");
    let (value, what) = if excepts && role == Role::Protect {
        let parts = test.value.split(',').filter(|part| part.trim() == *part);
        let value = parts.collect::<Vec<_>>().join(",");
        (
            value,
            "the texts with blanks are left out, so that the rule protects no less",
        )
    } else {
        (value, "they are taken off")
    };
    let test = Test {
        value,
        ..test.clone()
    };
    Some((test, what))
}

/// Judge a condition whose compare type is one of Vertex's.
fn judge_known(test: Test) -> Judged {
    let compare_type = test.compare_type.as_str();
    let Some(key) = Key::from_vertex_name(&test.key) else {
        let known = Key::from_name(&test.key).map(Key::name);
        let nearest = match known.or_else(|| Key::nearest(&test.key)) {
            Some(nearest) => format!(" (did you mean {nearest:?}?)"),
            None => String::new(),
        };
        let why = format!("Vertex has no key {:?}{nearest}.", test.key);
        return match compare_type {
            "notIncludeIn" | "notRegExp" => Judged::Always(why),
            _ => Judged::Never(why),
        };
    };
    let is_numeric = key.kind().is_numeric();
    let parts: Vec<&str> = test.value.split(',').collect();
    match compare_type {
        "contain" if !is_numeric && parts.contains(&"") => {
            let rest: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            let why = format!(
                "{:?} has an empty part, which every text contains.",
                test.value
            );
            if rest.is_empty() {
                return Judged::Always(why);
            }
            let value = rest.join(",");
            Judged::Meant(Test { value, ..test }, why)
        }
        "notContain" if !is_numeric && parts.contains(&"") => Judged::Never(format!(
            "{:?} has an empty part (a comma too many), which every text contains.",
            test.value
        )),
        "contain" | "notContain" if is_numeric => Judged::Never(format!(
            "{:?} is a number, on which {compare_type} fails.",
            test.key
        )),
        "includeIn" if is_numeric => Judged::Never(format!(
            "{:?} is a number, which is in no list of texts.",
            test.key
        )),
        "notIncludeIn" if is_numeric => Judged::Always(format!(
            "{:?} is a number, which is in no list of texts.",
            test.key
        )),
        "equals" if is_numeric && test.value.contains('*') => {
            let advice = mistake_of(&test, Dialect::Vertex).and_then(|mistake| mistake.advice);
            let advice = advice.map_or(String::new(), |advice| format!("; {advice}"));
            Judged::Never(format!(
                "{:?} under equals: Vertex multiplies only for bigger and smaller{advice}.",
                test.value
            ))
        }
        _ => match mistake_of(&test, Dialect::Vertex).or_else(|| mistake_of(&test, Dialect::Own)) {
            None => Judged::Same(test),
            Some(mistake) => Judged::Unclear(format!("{mistake}.")),
        },
    }
}

/// The compare type that a word surely means.
fn meant(compare_type: &str) -> Option<&'static str> {
    let lower = compare_type.trim().to_ascii_lowercase();
    let meant = match lower.as_str() {
        "equal" | "eq" | "=" | "==" | "===" => "equals",
        "contains" => "contain",
        "notcontains" => "notContain",
        "larger" | "greater" | ">" => "bigger",
        "less" | "<" => "smaller",
        "regex" => "regExp",
        "notregex" => "notRegExp",
        _ => {
            return COMPARE_TYPES
                .into_iter()
                .find(|known| known.eq_ignore_ascii_case(&lower));
        }
    };
    Some(meant)
}

fn mistake_of(test: &Test, dialect: Dialect) -> Option<Mistake> {
    let mistakes = Condition::parse(&test.to_json(), dialect).err()?;
    mistakes.into_iter().next()
}

/// What is different about a condition that is carried over.
fn remark(test: &Test, about: &str, remarks: &mut Remarks) {
    match test.key.as_str() {
        "trackerStatus" => remarks.differs(
            about,
            "trackerStatus is read for every torrent; Vertex had it only for those that it had added itself.",
        ),
        "freeSpace" => remarks.differs(
            about,
            "a free space of 0 or less is unknown, as servers report it at start, and no condition on it holds.",
        ),
        _ => {}
    }
    if test.value.contains("pausedUP") || test.value.contains("pausedDL") {
        remarks.note(
            about,
            "from qBittorrent 5 on the states are stoppedUP and stoppedDL; add them to the condition.",
        );
    }
}

impl Test {
    fn new(key: &str, compare_type: &str, value: &str) -> Test {
        Test {
            key: key.to_owned(),
            compare_type: compare_type.to_owned(),
            value: value.to_owned(),
        }
    }

    fn to_json(&self) -> Json {
        json!({ "key": self.key, "compareType": self.compare_type, "value": self.value })
    }

    fn into_value(self) -> Value {
        Value::Object(vec![
            ("key", Value::Text(self.key)),
            ("compareType", Value::Text(self.compare_type)),
            ("value", Value::Text(self.value)),
        ])
    }
}

#[cfg(test)]
mod tests;
