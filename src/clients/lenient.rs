//! Values as servers really send them: numbers as integers, floats or text, and null anywhere. What does not fit
//! is absent, and never spoils what surrounds it.

use super::flat::Flat;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// An integer, if that is what it is; floats lose their fraction, what is beyond 64 bits is cut to the ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Int(pub Option<i64>);

/// True or false, also as 0, 1 or text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Bool(pub Option<bool>);

/// A text; numbers and booleans become their text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text(pub Option<Box<str>>);

/// One value of JSON, as far as a plain field can hold one.
pub(crate) enum Plain<'a> {
    /// `null`, an object or a list.
    Nothing,
    /// True or false.
    Bool(bool),
    /// An integer, cut to the ends of 64 bits.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(&'a str),
}

impl Plain<'_> {
    /// Calls `with` with a value of a flat object; `None` if it is no JSON after all.
    pub(crate) fn of_flat<T>(flat: Flat<'_>, with: impl FnOnce(&Plain<'_>) -> T) -> Option<T> {
        Some(match flat {
            Flat::Null => with(&Plain::Nothing),
            Flat::Bool(flag) => with(&Plain::Bool(flag)),
            Flat::Int(number) => with(&Plain::Int(number)),
            Flat::Float(number) => with(&Plain::Float(number)),
            Flat::Text(text) => with(&Plain::Text(text)),
            Flat::Escaped(json) => with(&Plain::Text(&serde_json::from_str::<String>(json).ok()?)),
            Flat::Number(json) => with(&plain_of(&serde_json::from_str(json).ok()?)),
        })
    }

    /// See [`Int`].
    pub(crate) fn int(&self) -> Option<i64> {
        match *self {
            Plain::Int(n) => Some(n),
            Plain::Float(n) => Some(n as i64),
            Plain::Text(text) => text.trim().parse().ok().or_else(|| {
                let n = number(text)?;
                Some(n as i64)
            }),
            Plain::Nothing | Plain::Bool(_) => None,
        }
    }

    /// A number, if that is what it is. Text may have a decimal comma.
    pub(crate) fn float(&self) -> Option<f64> {
        match *self {
            Plain::Int(n) => Some(n as f64),
            Plain::Float(n) => Some(n),
            Plain::Text(text) => number(text),
            Plain::Nothing | Plain::Bool(_) => None,
        }
    }

    /// See [`Bool`].
    pub(crate) fn bool(&self) -> Option<bool> {
        match *self {
            Plain::Bool(b) => Some(b),
            Plain::Int(n) => Some(n != 0),
            Plain::Text("true" | "1") => Some(true),
            Plain::Text("false" | "0") => Some(false),
            Plain::Nothing | Plain::Float(_) | Plain::Text(_) => None,
        }
    }

    /// See [`Text`].
    pub(crate) fn text(&self) -> Option<Box<str>> {
        match *self {
            Plain::Text(text) => Some(text.into()),
            Plain::Int(n) => Some(n.to_string().into()),
            Plain::Float(n) => Some(n.to_string().into()),
            Plain::Bool(b) => Some(b.to_string().into()),
            Plain::Nothing => None,
        }
    }
}

/// A finite number, with a point or a comma.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let found: f64 = match text.parse() {
        Ok(n) => n,
        Err(_) => text.replacen(',', ".", 1).parse().ok()?,
    };
    found.is_finite().then_some(found)
}

/// Reads one value of any kind and makes `T` of it.
pub(crate) struct Take<F>(pub(crate) F);

impl<'de, T, F: FnOnce(Plain<'_>) -> T> DeserializeSeed<'de> for Take<F> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<T, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, T, F: FnOnce(Plain<'_>) -> T> Visitor<'de> for Take<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_bool<E>(self, v: bool) -> Result<T, E> {
        Ok(self.0(Plain::Bool(v)))
    }
    fn visit_i64<E>(self, v: i64) -> Result<T, E> {
        Ok(self.0(Plain::Int(v)))
    }
    fn visit_u64<E>(self, v: u64) -> Result<T, E> {
        Ok(self.0(Plain::Int(i64::try_from(v).unwrap_or(i64::MAX))))
    }
    fn visit_f64<E>(self, v: f64) -> Result<T, E> {
        Ok(self.0(Plain::Float(v)))
    }
    fn visit_str<E>(self, v: &str) -> Result<T, E> {
        Ok(self.0(Plain::Text(v)))
    }
    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(self.0(Plain::Nothing))
    }
    fn visit_none<E>(self) -> Result<T, E> {
        Ok(self.0(Plain::Nothing))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(self.0(Plain::Nothing))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(self.0(Plain::Nothing))
    }
}

macro_rules! lenient {
    ($kind:ident, $method:ident) => {
        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_any(Take(|plain: Plain<'_>| $kind(plain.$method())))
            }
        }
    };
}

lenient!(Int, int);
lenient!(Bool, bool);
lenient!(Text, text);

/// The same reading of a value that is in memory already.
pub(crate) fn int_of(value: &Value) -> Option<i64> {
    plain_of(value).int()
}

/// As [`int_of`], for floats.
pub(crate) fn float_of(value: &Value) -> Option<f64> {
    plain_of(value).float()
}

/// As [`int_of`], for true and false.
pub(crate) fn bool_of(value: &Value) -> Option<bool> {
    plain_of(value).bool()
}

/// The text of a value, if it is a text.
pub(crate) fn text_of(value: &Value) -> Option<&str> {
    value.as_str()
}

fn plain_of(value: &Value) -> Plain<'_> {
    match value {
        Value::Null | Value::Array(_) | Value::Object(_) => Plain::Nothing,
        Value::Bool(b) => Plain::Bool(*b),
        Value::String(text) => Plain::Text(text),
        Value::Number(n) => match (n.as_i64(), n.as_u64(), n.as_f64()) {
            (Some(n), _, _) => Plain::Int(n),
            (None, Some(_), _) => Plain::Int(i64::MAX),
            (None, None, Some(n)) => Plain::Float(n),
            (None, None, None) => Plain::Nothing,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn int(json: &str, expected: Option<i64>) {
        assert_eq!(serde_json::from_str::<Int>(json).unwrap().0, expected);
        let value: Value = serde_json::from_str(json).unwrap();
        assert_eq!(int_of(&value), expected, "as a value: {json}");
    }

    #[test]
    fn reads_integers_from_all_that_servers_send() {
        int("7", Some(7));
        int("-1", Some(-1));
        int("7.9", Some(7));
        int("1e3", Some(1000));
        int("\" 7 \"", Some(7));
        int("\"7,5\"", Some(7));
        int("18446744073709551615", Some(i64::MAX));
        int("1e300", Some(i64::MAX));
        int("null", None);
        int("true", None);
        int("\"-\"", None);
        int("\"\"", None);
        int("[1,{\"a\":2}]", None);
        int("{\"a\":[]}", None);
    }

    #[test]
    fn reads_other_kinds() {
        let float = |json| float_of(&serde_json::from_str(json).unwrap());
        assert_eq!(float("\"12,34\""), Some(12.34));
        assert_eq!(float("1"), Some(1.0));
        assert_eq!(float("\"inf\""), None);
        let bool = |json| serde_json::from_str::<Bool>(json).unwrap().0;
        assert_eq!(bool("true"), Some(true));
        assert_eq!(bool("0"), Some(false));
        assert_eq!(bool("null"), None);
        assert_eq!(bool("\"yes\""), None);
        let text = |json| serde_json::from_str::<Text>(json).unwrap().0;
        assert_eq!(text("\"a\\u00e9\"").as_deref(), Some("aé"));
        assert_eq!(text("12").as_deref(), Some("12"));
        assert_eq!(text("null"), None);
    }
}
