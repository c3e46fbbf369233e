//! Rules as written.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{DurationText, SizeValue};

/// A rule: what matches, and what is done then.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Rule")]
pub struct RawRule {
    /// Unique name, by which accounts refer to the rule.
    #[schemars(required, length(min = 1))]
    pub name: Option<String>,
    /// Conditions that must all hold. One of `conditions`, `javascript` and `javascript_file` is needed.
    pub conditions: Option<Written>,
    /// The text of a function `(maindata, torrent) => …` that answers true for a match.
    pub javascript: Option<String>,
    /// A file with such a function, relative to the folder of the configuration.
    pub javascript_file: Option<String>,
    /// The rule must have matched at every sample for longer than this. Not for protect rules.
    #[serde(rename = "for")]
    pub hold_for: Option<DurationText>,
    /// Most actions of this rule per cycle.
    #[schemars(range(min = 1), extend("default" = 1))]
    pub limit: Option<u32>,
    /// Rules with a higher priority go first.
    #[schemars(extend("default" = 0))]
    pub priority: Option<f64>,
    /// What is done to a match.
    #[schemars(extend("default" = "delete_files"))]
    pub action: Option<RawAction>,
    /// Which matches come first; default: the longest completed ones.
    pub order_by: Option<RawOrderBy>,
    /// A condition on the account, such as its free space, after which the rule stops.
    pub until: Option<WrittenOne>,
}

/// Conditions: their keys and values are checked by the rules themselves, with the places kept.
pub struct Written;

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_ignored_any(IgnoredAny)
            .map(|_| Written)
    }
}

impl JsonSchema for Written {
    fn schema_name() -> Cow<'static, str> {
        "Conditions".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<OneCondition>();
        json_schema!({ "type": "array", "minItems": 1, "items": one })
    }
}

/// One condition, likewise.
pub struct WrittenOne;

impl<'de> Deserialize<'de> for WrittenOne {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_ignored_any(IgnoredAny)
            .map(|_| WrittenOne)
    }
}

impl JsonSchema for WrittenOne {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        OneCondition::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<OneCondition>()
    }
}

/// Only for the schema.
struct OneCondition;

impl JsonSchema for OneCondition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let own = json_schema!({ "$ref": "#/$defs/Condition" });
        json_schema!({
            "description": "One test of a key, or {\"all\": […]}, {\"any\": […]}, {\"not\": …}.",
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "key": { "type": "string", "description": "What is compared, such as \"ratio\" or \"seedingTime\"." },
                "compareType": { "enum": [
                    "equals", "bigger", "smaller", "contain", "notContain", "includeIn", "notIncludeIn", "regExp",
                    "notRegExp"
                ] },
                "value": {
                    "type": ["string", "number", "boolean"],
                    "description": "What it is compared with; units are accepted, as in \"550 KiB\" or \"3d\"."
                },
                "all": { "type": "array", "minItems": 1, "items": own },
                "any": { "type": "array", "minItems": 1, "items": own },
                "not": own
            },
            "oneOf": [
                { "required": ["key", "compareType", "value"] },
                { "required": ["all"] }, { "required": ["any"] }, { "required": ["not"] }
            ]
        })
    }
}

/// What is done to a match.
pub enum RawAction {
    /// An action without settings.
    Word(RawActionWord),
    /// An action with a value.
    With(RawActionWith),
}

/// Actions without settings.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ActionWord")]
pub enum RawActionWord {
    /// Delete the torrent and its files; on AllDebrid, delete the magnet.
    DeleteFiles,
    /// Delete the torrent, its files stay; on AllDebrid, delete the magnet.
    DeleteTorrent,
    /// Stop the torrent.
    Pause,
    /// Recheck the torrent, without ever letting it download what it already had.
    Recheck,
    /// Reannounce the torrent.
    Reannounce,
    /// AllDebrid: delete the magnet.
    Delete,
    /// AllDebrid: restart the magnet.
    Restart,
}

/// An action with a value; give exactly one.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ActionWith", extend("minProperties" = 1, "maxProperties" = 1))]
pub struct RawActionWith {
    /// Limit the torrent's download speed to this many bytes per second.
    pub limit_download: Option<SizeValue>,
    /// Add this tag.
    pub tag: Option<String>,
    /// Set this category.
    pub category: Option<String>,
}

impl<'de> Deserialize<'de> for RawAction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ActionVisitor;
        impl<'de> Visitor<'de> for ActionVisitor {
            type Value = RawAction;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "an action such as \"delete_files\" or {\"limit_download\": \"50 KiB\"}",
                )
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<RawAction, E> {
                Deserialize::deserialize(BorrowedStrDeserializer::new(text)).map(RawAction::Word)
            }
            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<RawAction, A::Error> {
                Deserialize::deserialize(MapAccessDeserializer::new(object)).map(RawAction::With)
            }
        }
        deserializer.deserialize_any(ActionVisitor)
    }
}

impl JsonSchema for RawAction {
    fn schema_name() -> Cow<'static, str> {
        "Action".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let word = generator.subschema_for::<RawActionWord>();
        let with = generator.subschema_for::<RawActionWith>();
        json_schema!({ "anyOf": [word, with] })
    }
}

/// Which matches come first.
pub enum RawOrderBy {
    /// The key alone: biggest first.
    Key(String),
    /// The key and the direction.
    With(RawOrderKey),
}

/// A key of conditions and the direction.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OrderKey")]
pub struct RawOrderKey {
    /// A key as in conditions, such as "size".
    #[schemars(required)]
    pub key: Option<String>,
    /// `descending`: biggest first; `ascending`: smallest first.
    #[schemars(extend("default" = "descending"))]
    pub direction: Option<RawDirection>,
}

/// Smallest or biggest first.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Direction")]
pub enum RawDirection {
    /// Smallest first.
    Ascending,
    /// Biggest first.
    Descending,
}

impl<'de> Deserialize<'de> for RawOrderBy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OrderVisitor;
        impl<'de> Visitor<'de> for OrderVisitor {
            type Value = RawOrderBy;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a key such as \"size\", or {\"key\": \"size\", \"direction\": \"ascending\"}",
                )
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<RawOrderBy, E> {
                Ok(RawOrderBy::Key(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<RawOrderBy, A::Error> {
                Deserialize::deserialize(MapAccessDeserializer::new(object)).map(RawOrderBy::With)
            }
        }
        deserializer.deserialize_any(OrderVisitor)
    }
}

impl JsonSchema for RawOrderBy {
    fn schema_name() -> Cow<'static, str> {
        "OrderBy".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let with = generator.subschema_for::<RawOrderKey>();
        json_schema!({ "anyOf": [{ "type": "string" }, with] })
    }
}
