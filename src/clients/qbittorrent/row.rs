//! One torrent's JSON, read straight into the record: no tree of values in between for what is known.

use crate::clients::lenient::{Bool, Float, Int, Text};
use crate::core::model::{State, Torrent};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

/// Fields of the Web API that are kept in [`Torrent::other`], because the configuration asks for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldSet(BTreeSet<Box<str>>);

impl FieldSet {
    /// Keeps none but the fields of [`Torrent`].
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether this field is kept.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

impl<T: Into<Box<str>>> FromIterator<T> for FieldSet {
    fn from_iter<I: IntoIterator<Item = T>>(names: I) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }
}

/// How a row went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowRead {
    /// Its fields were taken over, as far as they make sense.
    Taken,
    /// Valid JSON, but no torrent: nothing was changed.
    NoTorrent,
    /// Not JSON: nothing behind it can be trusted either.
    NotJson,
}

/// Takes over the fields that `json` holds; the others stay. A field that makes no sense becomes absent.
pub(super) fn patch(torrent: &mut Torrent, json: &[u8], keep: &FieldSet) -> RowRead {
    let text = String::from_utf8_lossy(json);
    if !text.trim_start().starts_with('{') {
        return match serde_json::from_str::<IgnoredAny>(&text) {
            Ok(_) => RowRead::NoTorrent,
            Err(_) => RowRead::NotJson,
        };
    }
    let (old_state, old_completed) = (torrent.state.clone(), torrent.completed);
    let mut reader = serde_json::Deserializer::from_str(&text);
    let result = (Patch {
        torrent: &mut *torrent,
        keep,
    })
    .deserialize(&mut reader);
    torrent.remember(&old_state, old_completed);
    match result.and_then(|()| reader.end()) {
        Ok(()) => RowRead::Taken,
        // Too deeply nested in a field that somebody asked for, for example.
        Err(error) if error.is_data() => RowRead::NoTorrent,
        Err(_) if serde_json::from_str::<IgnoredAny>(&text).is_ok() => RowRead::NoTorrent,
        Err(_) => RowRead::NotJson,
    }
}

struct Patch<'a> {
    torrent: &'a mut Torrent,
    keep: &'a FieldSet,
}

impl<'de> DeserializeSeed<'de> for Patch<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Patch<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a torrent")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Patch { torrent, keep } = self;
        while let Some(Name(name)) = map.next_key()? {
            if !known(torrent, &name, &mut map)? {
                if keep.contains(&name) {
                    let other = torrent.other.get_or_insert_default();
                    other.insert(name.into(), map.next_value::<Value>()?);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Reads the value of a field of [`Torrent`]; false if it is none.
fn known<'de, A: MapAccess<'de>>(
    torrent: &mut Torrent,
    name: &str,
    map: &mut A,
) -> Result<bool, A::Error> {
    macro_rules! take {
        ($kind:ident) => {
            map.next_value::<$kind>()?.0
        };
    }
    let t = torrent;
    match name {
        "name" => t.name = take!(Text).unwrap_or_default(),
        "category" => t.category = take!(Text).unwrap_or_default(),
        "tags" => t.tags = take!(Text).unwrap_or_default(),
        "tracker" => t.tracker = take!(Text).unwrap_or_default().into(),
        "state" => t.state = State::new(take!(Text).as_deref().unwrap_or("unknown")),
        "save_path" => t.save_path = take!(Text).unwrap_or_default(),
        "content_path" => t.content_path = take!(Text),
        "download_path" => t.download_path = take!(Text),
        "size" => t.size = take!(Int),
        "total_size" => t.total_size = take!(Int),
        "progress" => t.progress = take!(Float),
        "completed" => t.completed = take!(Int),
        "amount_left" => t.amount_left = take!(Int),
        "downloaded" => t.downloaded = take!(Int),
        "uploaded" => t.uploaded = take!(Int),
        "dlspeed" => t.dlspeed = take!(Int),
        "upspeed" => t.upspeed = take!(Int),
        "dl_limit" => t.dl_limit = take!(Int),
        "up_limit" => t.up_limit = take!(Int),
        "ratio" => t.ratio = take!(Float),
        "ratio_limit" => t.ratio_limit = take!(Float),
        "seeding_time_limit" => t.seeding_time_limit = take!(Int),
        "inactive_seeding_time_limit" => t.inactive_seeding_time_limit = take!(Int),
        "added_on" => t.added_on = take!(Int),
        "completion_on" => t.completion_on = take!(Int),
        "seen_complete" => t.seen_complete = take!(Int),
        "last_activity" => t.last_activity = take!(Int),
        "time_active" => t.time_active = take!(Int),
        "seeding_time" => t.seeding_time = take!(Int),
        "eta" => t.eta = take!(Int),
        "priority" => t.priority = take!(Int),
        "num_seeds" => t.num_seeds = take!(Int),
        "num_leechs" => t.num_leechs = take!(Int),
        "num_complete" => t.num_complete = take!(Int),
        "num_incomplete" => t.num_incomplete = take!(Int),
        "availability" => t.availability = take!(Float),
        "private" => t.private = take!(Bool),
        "auto_tmm" => t.auto_tmm = take!(Bool),
        "has_tracker_error" => t.has_tracker_error = take!(Bool),
        "has_other_announce_error" => t.has_other_announce_error = take!(Bool),
        _ => return Ok(false),
    }
    Ok(true)
}

/// A key of an object, borrowed from the text where that is possible.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Borrow;
        impl<'de> Visitor<'de> for Borrow {
            type Value = Cow<'de, str>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(v))
            }
            fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(v.to_owned()))
            }
        }
        from.deserialize_str(Borrow).map(Name)
    }
}

#[cfg(test)]
mod tests;
