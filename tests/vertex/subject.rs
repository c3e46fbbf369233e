//! Torrents in the form that Vertex's rules see, as subjects of our conditions.

use std::borrow::Cow;

use jiff::{Timestamp, tz::TimeZone};
use seedwarden::core::rules::subject::second_from_zero;
use seedwarden::core::rules::{Fields, Key, Surroundings, Value};

use crate::lines::Object;

impl Fields for Object {
    fn field(&self, key: Key) -> Value<'_> {
        match key {
            Key::AddedOn => value_of(self.get("addedTime")),
            Key::CompletionOn => value_of(self.get("completedTime")),
            named => value_of(self.get(named.name())),
        }
    }
}

/// A value from its JSON text; `undefined` where there is none.
pub fn value_of(json: Option<&str>) -> Value<'static> {
    let Some(json) = json else {
        return Value::Undefined;
    };
    match json.as_bytes().first() {
        Some(b'n') => Value::Null,
        Some(b't') => Value::Bool(true),
        Some(b'f') => Value::Bool(false),
        Some(b'"') => Value::Text(Cow::Owned(serde_json::from_str(json).expect("a text"))),
        Some(b'[' | b'{') | None => Value::Undefined,
        Some(_) => Value::Number(json.parse().expect("a number")),
    }
}

/// The surroundings as Vertex has them: free space of zero is a number there, not unknown.
pub fn surroundings(maindata: &Object, average: (f64, f64), now: i64, zone: &str) -> Surroundings {
    let zone = TimeZone::get(zone).expect("a zone");
    let now = Timestamp::from_second(now).expect("a time");
    Surroundings {
        now_seconds: now.as_second(),
        second_from_zero: second_from_zero(now, &zone),
        free_space: value_of(maindata.get("freeSpaceOnDisk")),
        leeching_count: value_of(maindata.get("leechingCount")),
        seeding_count: value_of(maindata.get("seedingCount")),
        upload_speed: average.0,
        download_speed: average.1,
    }
}
