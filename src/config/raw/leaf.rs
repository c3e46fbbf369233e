//! Values that come in more than one form, and texts with a form of their own.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A list; an element is `None` where a wrong one was cut out.
pub type List<T> = Vec<Option<T>>;

/// A duration such as "30m".
pub struct DurationText(pub String);

impl<'de> Deserialize<'de> for DurationText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DurationVisitor;
        impl Visitor<'_> for DurationVisitor {
            type Value = DurationText;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration as text, such as \"30m\" or \"10d\"")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<DurationText, E> {
                Ok(DurationText(text.to_owned()))
            }
        }
        deserializer.deserialize_str(DurationVisitor)
    }
}

impl JsonSchema for DurationText {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A duration such as \"90s\", \"30m\", \"1h 30m\", \"10d\" or \"2weeks\".",
            "type": "string",
            "pattern": "^\\s*(\\d+(\\.\\d+)?\\s*[a-zA-Z]+\\s*)+$|^0$",
            "examples": ["30m", "12h", "10d"]
        })
    }
}

/// A log level, in any case.
#[derive(Deserialize)]
pub struct LevelText(pub String);

impl JsonSchema for LevelText {
    fn schema_name() -> Cow<'static, str> {
        "LogLevel".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A log level, in lower or upper case.",
            "enum": ["debug", "info", "warn", "warning", "error", "DEBUG", "INFO", "WARN", "WARNING", "ERROR"]
        })
    }
}

/// A size: bytes, or a text with a unit.
pub enum SizeValue {
    /// Bytes.
    Bytes(u64),
    /// Such as "50 KiB".
    Text(String),
}

impl<'de> Deserialize<'de> for SizeValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SizeVisitor;
        impl Visitor<'_> for SizeVisitor {
            type Value = SizeValue;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a size such as \"50 KiB\", or a number of bytes")
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<SizeValue, E> {
                Ok(SizeValue::Bytes(value))
            }
            fn visit_str<E: Error>(self, value: &str) -> Result<SizeValue, E> {
                Ok(SizeValue::Text(value.to_owned()))
            }
        }
        deserializer.deserialize_any(SizeVisitor)
    }
}

impl JsonSchema for SizeValue {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A size such as \"50 KiB\" or \"200 GiB\", or a number of bytes.",
            "anyOf": [
                { "type": "integer", "minimum": 1 },
                { "type": "string", "pattern": "^\\s*\\d+(\\.\\d+)?\\s*([kKmMgGtTpP]?[iI]?[bB]?)?\\s*$" }
            ]
        })
    }
}

/// One text or a list of them.
pub type Names = OneOrMany<String>;

/// One value or a list of them.
pub enum OneOrMany<T> {
    /// The value itself.
    One(T),
    /// A list.
    Many(List<T>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EitherVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for EitherVisitor<T> {
            type Value = OneOrMany<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one entry or a list of them")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(list)).map(OneOrMany::Many)
            }
            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(object)).map(OneOrMany::One)
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                T::deserialize(serde::de::value::BorrowedStrDeserializer::new(text))
                    .map(OneOrMany::One)
            }
        }
        deserializer.deserialize_any(EitherVisitor(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("OneOrMany_{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}

/// A block of settings, or `true` or `false` for its defaults or none.
pub enum BlockOrBool<T> {
    /// On with its defaults, or off.
    Bool(bool),
    /// On with these settings.
    Block(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for BlockOrBool<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EitherVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for EitherVisitor<T> {
            type Value = BlockOrBool<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object, or false to switch it off")
            }
            fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
                Ok(BlockOrBool::Bool(value))
            }
            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(object)).map(BlockOrBool::Block)
            }
        }
        deserializer.deserialize_any(EitherVisitor(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for BlockOrBool<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("BlockOrBool_{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let block = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [{ "type": "boolean" }, block] })
    }
}

/// A secret as written. It has no `Debug`, so that it cannot be printed.
pub enum RawSecret {
    /// The secret itself.
    Text(String),
    /// Where it is to be found.
    Source(RawSecretSource),
}

/// Where a secret is to be found; give exactly one.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SecretSource", extend("minProperties" = 1, "maxProperties" = 1))]
pub struct RawSecretSource {
    /// Name of an environment variable.
    pub env: Option<String>,
    /// Path of a file; a line end at its end is left out. Relative to the folder of the configuration.
    pub file: Option<String>,
    /// Name of a systemd credential (`LoadCredential=`).
    pub credential: Option<String>,
}

impl<'de> Deserialize<'de> for RawSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SecretVisitor;
        impl<'de> Visitor<'de> for SecretVisitor {
            type Value = RawSecret;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a secret: a text, {\"env\": \"NAME\"}, {\"file\": \"PATH\"} or {\"credential\": \"NAME\"}",
                )
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<RawSecret, E> {
                Ok(RawSecret::Text(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<RawSecret, A::Error> {
                Deserialize::deserialize(MapAccessDeserializer::new(object)).map(RawSecret::Source)
            }
        }
        deserializer.deserialize_any(SecretVisitor)
    }
}

impl JsonSchema for RawSecret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let source = generator.subschema_for::<RawSecretSource>();
        json_schema!({
            "description": "A secret: the text itself, or better where to find it: {\"env\": \"NAME\"}, \
                {\"file\": \"PATH\"} or {\"credential\": \"NAME\"}.",
            "anyOf": [{ "type": "string", "minLength": 1 }, source]
        })
    }
}
