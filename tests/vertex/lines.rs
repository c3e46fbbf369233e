//! The lines of a file, with objects kept in the order and with the digits that they were written with.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A JSON object whose values are kept as text.
#[derive(Clone, Default)]
pub struct Object(pub Vec<(String, Box<RawValue>)>);

/// The lines of the file named by the variable, else of our own copy of the sample.
pub fn read<T: DeserializeOwned>(variable: &str, sample: &str) -> Vec<T> {
    let own = || {
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("tests/data/vertex")
            .join(sample)
    };
    let path = std::env::var_os(variable).map_or_else(own, PathBuf::from);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let line = |(index, line): (usize, &str)| {
        serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("{}, line {}: {error}", path.display(), index + 1))
    };
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(line)
        .collect()
}

impl Object {
    /// The text of a value; none where the object lacks the key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.get())
    }

    /// A value that is a text.
    pub fn text(&self, key: &str) -> Option<String> {
        serde_json::from_str(self.get(key)?).ok()
    }

    /// A value as JavaScript's Number makes it; NaN where it is missing.
    pub fn number(&self, key: &str) -> f64 {
        crate::subject::value_of(self.get(key)).to_number()
    }

    /// The object without some keys.
    pub fn without(&self, keys: &[&str]) -> Object {
        Object(
            self.0
                .iter()
                .filter(|(name, _)| !keys.contains(&name.as_str()))
                .cloned()
                .collect(),
        )
    }

    /// A nested object.
    pub fn object(&self, key: &str) -> Option<Object> {
        serde_json::from_str(self.get(key)?).ok()
    }

    /// The object as JSON.
    pub fn json(&self) -> String {
        let fields = self.0.iter().map(|(name, value)| {
            format!("{}:{}", serde_json::Value::from(name.as_str()), value.get())
        });
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    }
}

impl Serialize for Object {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields: BTreeMap<_, _> = self.0.iter().map(|(name, value)| (name, value)).collect();
        fields.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut object = Object::default();
                while let Some(entry) = map.next_entry()? {
                    object.0.push(entry);
                }
                Ok(object)
            }
        }
        deserializer.deserialize_map(Fields)
    }
}
