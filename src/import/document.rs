//! A JSON document whose keys keep their order, printed for people: what fits into a line stands in one.

use std::fmt;

/// Longer lines are broken.
const WIDTH: usize = 100;

/// Keys and values, in the order they are printed.
pub(super) type Entries = Vec<(&'static str, Value)>;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// true or false.
    Flag(bool),
    /// A number, as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// Keys and values.
    Object(Entries),
}

impl Value {
    /// A text.
    pub(super) fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    /// A number.
    pub(super) fn number(number: impl ToString) -> Value {
        Value::Number(number.to_string())
    }

    /// A list of texts.
    pub(super) fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Value {
        Value::List(texts.into_iter().map(Value::text).collect())
    }

    /// A secret that stands elsewhere: `{"env": NAME}` or `{"credential": NAME}`.
    pub(super) fn secret_in(source: &'static str, name: &str) -> Value {
        Value::Object(vec![(source, Value::text(name))])
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize, used: usize) -> fmt::Result {
        let line = self.in_one_line();
        if used + line.chars().count() <= WIDTH {
            return f.write_str(&line);
        }
        let inner = "  ".repeat(depth + 1);
        let outer = "  ".repeat(depth);
        match self {
            Value::List(values) => {
                f.write_str("[\n")?;
                for (index, value) in values.iter().enumerate() {
                    f.write_str(&inner)?;
                    value.write(f, depth + 1, inner.len() + 1)?;
                    f.write_str(if index + 1 < values.len() {
                        ",\n"
                    } else {
                        "\n"
                    })?;
                }
                write!(f, "{outer}]")
            }
            Value::Object(entries) => {
                f.write_str("{\n")?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    write!(f, "{inner}\"{key}\": ")?;
                    value.write(f, depth + 1, inner.len() + key.len() + 5)?;
                    f.write_str(if index + 1 < entries.len() {
                        ",\n"
                    } else {
                        "\n"
                    })?;
                }
                write!(f, "{outer}}}")
            }
            Value::Flag(_) | Value::Number(_) | Value::Text(_) => f.write_str(&line),
        }
    }

    fn in_one_line(&self) -> String {
        match self {
            Value::Flag(flag) => flag.to_string(),
            Value::Number(number) => number.clone(),
            Value::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
            Value::List(values) => {
                let values: Vec<String> = values.iter().map(Value::in_one_line).collect();
                format!("[{}]", values.join(", "))
            }
            Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
            Value::Object(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| format!("\"{key}\": {}", value.in_one_line()))
                    .collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Value::Object(entries) = self else {
            return self.write(f, 0, 0);
        };
        // The whole is always broken, so that a small configuration looks like a big one.
        f.write_str("{\n")?;
        for (index, (key, value)) in entries.iter().enumerate() {
            write!(f, "  \"{key}\": ")?;
            value.write(f, 1, key.len() + 7)?;
            f.write_str(if index + 1 < entries.len() {
                ",\n"
            } else {
                "\n"
            })?;
        }
        f.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_only_what_does_not_fit_and_reads_back_as_the_same() {
        let long = Value::texts(["a".repeat(60), "b\"\n".repeat(15)]);
        let document = Value::Object(vec![
            ("cycle", Value::text("30m")),
            (
                "short",
                Value::Object(vec![("n", Value::number(1)), ("b", Value::Flag(true))]),
            ),
            ("long", long),
            ("empty", Value::List(Vec::new())),
        ]);
        let text = document.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[..3],
            [
                "{",
                "  \"cycle\": \"30m\",",
                "  \"short\": { \"n\": 1, \"b\": true },"
            ]
        );
        assert_eq!(lines[3], "  \"long\": [");
        assert_eq!(lines[4], format!("    \"{}\",", "a".repeat(60)));
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["long"][1], "b\"\n".repeat(15));
        assert_eq!(read["empty"], serde_json::json!([]));
    }
}
