//! The JSON Schema of the configuration, and the text that `init` writes.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use serde_json::Value;

use super::raw::RawConfig;

/// A commented configuration to begin with: it loads, and changes nothing until its owner says so.
pub const STARTER: &str = include_str!("starter.json");

/// JSON Schema (2020-12) of the configuration, for editors.
#[must_use]
pub fn json_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(WithoutNull);
    settings
        .into_generator()
        .into_root_schema_for::<RawConfig>()
        .to_value()
}

/// Keys may be left out, but `null` is no value; the derived schema would allow it.
#[derive(Debug, Clone)]
struct WithoutNull;

impl Transform for WithoutNull {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else {
            return;
        };
        let null = Value::from("null");
        if let Some(Value::Array(types)) = object.get_mut("type") {
            types.retain(|kind| *kind != null);
            if let [only] = &types[..] {
                let only = only.clone();
                object.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
            choices.retain(|choice| choice.get("type") != Some(&null));
            if let [Value::Object(only)] = &choices[..] {
                let only = only.clone();
                object.remove("anyOf");
                for (key, value) in only {
                    object.entry(key).or_insert(value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describes_every_key_and_allows_no_null() {
        let schema = json_schema();
        let text = schema.to_string();
        assert!(!text.contains("\"null\""), "{text}");
        for (name, definition) in schema["$defs"].as_object().expect("definitions") {
            for (key, property) in definition["properties"].as_object().into_iter().flatten() {
                let is_described = property.get("description").is_some() || name == "Condition";
                assert!(is_described, "{name}.{key} has no description");
            }
        }
        assert_eq!(schema["properties"]["cycle"]["default"], "30m");
        assert_eq!(schema["additionalProperties"], false);
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn check(schema: &Value, value: &Value) {
            match value {
                Value::Object(object) => {
                    if let Some(Value::String(reference)) = object.get("$ref") {
                        let pointer = reference.trim_start_matches('#');
                        assert!(schema.pointer(pointer).is_some(), "{reference}");
                    }
                    object.values().for_each(|value| check(schema, value));
                }
                Value::Array(list) => list.iter().for_each(|value| check(schema, value)),
                _ => {}
            }
        }
        let schema = json_schema();
        check(&schema, &schema);
    }
}
