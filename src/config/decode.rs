//! From the tree to the raw types: a serde deserializer that knows places and goes on after an error. What is
//! wrong is recorded and cut out, and the rest is decoded again, until nothing is wrong any more.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;

use super::text::{Entry, Kind, Node};

/// More errors than this are of no use to anyone; the bound keeps hostile input from taking long.
const MAX_ERRORS: usize = 100;

/// What is wrong with one value.
#[derive(Debug)]
pub struct DecodeError {
    /// Start of the value, or of the value of an unknown key.
    pub at: Option<usize>,
    /// What is wrong.
    pub problem: DecodeProblem,
}

/// Why a value does not fit the raw types. Nothing of the value is kept: it may be a secret.
#[derive(Debug)]
pub enum DecodeProblem {
    /// Another type, or a number out of range; what was expected, in serde's words.
    Type(String),
    /// The key is not known here; these are.
    UnknownKey(&'static [&'static str]),
    /// The word is not known here; these are.
    UnknownWord(&'static [&'static str]),
}

/// Decode what can be decoded. Starts of values in `cut` are passed over; those of wrong values are added.
pub fn decode<T: DeserializeOwned>(
    root: &Node,
    cut: &mut BTreeSet<usize>,
) -> (Option<T>, Vec<DecodeError>) {
    let mut errors = Vec::new();
    while errors.len() < MAX_ERRORS {
        let error = match T::deserialize(Decoder { node: root, cut }) {
            Ok(value) => return (Some(value), errors),
            Err(error) => error,
        };
        let at = error.at.unwrap_or(root.span.start);
        errors.push(error);
        // Cutting the same place twice, or the root, would not get any further.
        if at == root.span.start || !cut.insert(at) {
            break;
        }
    }
    (None, errors)
}

/// Deserializes one value.
#[derive(Clone, Copy)]
struct Decoder<'a> {
    node: &'a Node,
    cut: &'a BTreeSet<usize>,
}

impl Decoder<'_> {
    fn is_cut(&self) -> bool {
        self.cut.contains(&self.node.span.start)
    }

    /// Gives an error the place of this value, unless it has come from further within.
    fn locate<T>(&self, result: Result<T, DecodeError>) -> Result<T, DecodeError> {
        result.map_err(|error| DecodeError {
            at: error.at.or(Some(self.node.span.start)),
            ..error
        })
    }
}

impl<'de> Deserializer<'de> for Decoder<'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let cut = self.cut;
        self.locate(match &self.node.kind {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool(value) => visitor.visit_bool(*value),
            Kind::Number(number) => {
                if let Some(value) = number.as_u64() {
                    visitor.visit_u64(value)
                } else if let Some(value) = number.as_i64() {
                    visitor.visit_i64(value)
                } else {
                    visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN))
                }
            }
            Kind::Text(text) => visitor.visit_borrowed_str(text),
            Kind::List(nodes) => visitor.visit_seq(Items {
                rest: nodes.iter(),
                cut,
            }),
            Kind::Object(entries) => visitor.visit_map(Entries {
                rest: entries.iter(),
                value: None,
                cut,
            }),
        })
    }

    /// Values that were cut out of a list leave a gap, so that the others keep their number.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.is_cut() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let result = visitor.visit_newtype_struct(self);
        self.locate(result)
    }

    /// Only objects: serde would also take a list of the values in order.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match &self.node.kind {
            Kind::Object(_) => self.deserialize_any(visitor),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => self
                .locate(Err(DecodeError::of(DecodeProblem::Type(
                    "an object".to_owned(),
                )))),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let result = match &self.node.kind {
            Kind::Text(text) => visitor.visit_enum(StrDeserializer::new(text)),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::List(_) | Kind::Object(_) => {
                Err(DecodeError::of(DecodeProblem::UnknownWord(words)))
            }
        };
        self.locate(result)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq
        tuple tuple_struct map identifier
    }
}

/// The elements of a list.
struct Items<'de> {
    rest: std::slice::Iter<'de, Node>,
    cut: &'de BTreeSet<usize>,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let cut = self.cut;
        self.rest
            .next()
            .map(|node| seed.deserialize(Decoder { node, cut }))
            .transpose()
    }
}

/// The entries of an object, without what was cut out.
struct Entries<'de> {
    rest: std::slice::Iter<'de, Entry>,
    value: Option<&'de Node>,
    cut: &'de BTreeSet<usize>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        let Some(entry) = self
            .rest
            .find(|entry| !self.cut.contains(&entry.value.span.start))
        else {
            return Ok(None);
        };
        self.value = Some(&entry.value);
        let key: StrDeserializer<'_, DecodeError> = entry.key.as_str().into_deserializer();
        let at_value = |error| DecodeError {
            at: Some(entry.value.span.start),
            ..error
        };
        seed.deserialize(key).map(Some).map_err(at_value)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DecodeError> {
        let Some(node) = self.value.take() else {
            return Err(DecodeError::of(DecodeProblem::Type(
                "a key before its value".to_owned(),
            )));
        };
        seed.deserialize(Decoder {
            node,
            cut: self.cut,
        })
    }
}

impl DecodeError {
    fn of(problem: DecodeProblem) -> DecodeError {
        DecodeError { at: None, problem }
    }
}

impl serde::de::Error for DecodeError {
    /// What a value's own check says; it must say what is expected, and not quote the value.
    fn custom<T: fmt::Display>(expected: T) -> Self {
        DecodeError::of(DecodeProblem::Type(expected.to_string()))
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        DecodeError::of(DecodeProblem::Type(expected.to_string()))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        DecodeError::of(DecodeProblem::Type(expected.to_string()))
    }

    fn unknown_field(_: &str, known: &'static [&'static str]) -> Self {
        DecodeError::of(DecodeProblem::UnknownKey(known))
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        DecodeError::of(DecodeProblem::UnknownWord(known))
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            DecodeProblem::Type(expected) => write!(f, "expected {expected}"),
            DecodeProblem::UnknownKey(known) => write!(f, "expected a key of {known:?}"),
            DecodeProblem::UnknownWord(known) => write!(f, "expected a word of {known:?}"),
        }
    }
}

impl std::error::Error for DecodeError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::text::parse;

    #[derive(serde::Deserialize, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        number: Option<u32>,
        inner: Option<Vec<Option<Inner>>>,
    }

    #[derive(serde::Deserialize, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        word: Option<Choice>,
    }

    #[derive(serde::Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Choice {
        One,
        Two,
    }

    #[test]
    fn reports_every_error_and_keeps_the_rest() {
        let text = r#"{ "number": "x", "other": 1, "inner": [5, { "word": "three" }, { "word": "two" }, []] }"#;
        let root = parse(text).expect("valid");
        let (value, errors) = decode::<Outer>(&root, &mut BTreeSet::new());
        let found: Vec<(&str, String)> = errors
            .iter()
            .map(|error| (&text[error.at.expect("a place")..][..3], error.to_string()))
            .collect();
        let expected = [
            ("\"x\"", "expected u32"),
            ("1, ", "expected a key of [\"number\", \"inner\"]"),
            ("5, ", "expected an object"),
            ("\"th", "expected a word of [\"one\", \"two\"]"),
            ("[]]", "expected an object"),
        ];
        assert_eq!(found, expected.map(|(at, text)| (at, text.to_owned())));
        let inner = vec![
            None,
            Some(Inner { word: None }),
            Some(Inner {
                word: Some(Choice::Two),
            }),
            None,
        ];
        assert_eq!(
            value,
            Some(Outer {
                number: None,
                inner: Some(inner)
            })
        );
    }

    #[test]
    fn gives_up_when_the_whole_is_wrong() {
        let (value, errors) = decode::<Outer>(&parse("[]").expect("valid"), &mut BTreeSet::new());
        assert_eq!((value, errors.len()), (None, 1));
    }
}
