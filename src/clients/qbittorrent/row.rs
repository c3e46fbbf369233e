//! One torrent's JSON, read straight into the record: no tree of values in between for what is known.

use crate::clients::flat::{Flat, Keys};
use crate::clients::lenient::{Plain, Take};
use crate::core::model::{State, TextField, Torrent};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

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
    Rows::new(keep).patch(torrent, json)
}

/// Writes a value into a torrent.
type Write = fn(&mut Torrent, &Plain<'_>, &mut Texts);

/// What becomes of a field.
#[derive(Clone, Copy)]
enum Slot {
    /// It is one of [`Torrent`].
    Known(Write),
    /// It is kept beside them.
    Other,
    /// Nothing.
    Skipped,
}

/// Texts that many torrents have in common, each held once.
#[derive(Default)]
struct Texts(BTreeSet<Arc<str>>);

/// More different texts than this are not in common.
const MOST_TEXTS: usize = 10_000;

impl Texts {
    fn shared(&mut self, value: &Plain<'_>) -> Option<Arc<str>> {
        let Plain::Text(text) = value else {
            return value.text().map(Arc::from);
        };
        if let Some(known) = self.0.get(*text) {
            return Some(Arc::clone(known));
        }
        let text: Arc<str> = Arc::from(*text);
        if self.0.len() < MOST_TEXTS {
            self.0.insert(Arc::clone(&text));
        }
        Some(text)
    }
}

/// Reads the rows of one answer, which mostly have the same fields in the same order.
pub(super) struct Rows<'a> {
    keep: &'a FieldSet,
    keys: Keys,
    /// What becomes of the fields of the row before, in order.
    slots: Vec<Slot>,
    texts: Texts,
}

impl<'a> Rows<'a> {
    /// No row was read yet.
    pub fn new(keep: &'a FieldSet) -> Rows<'a> {
        Rows {
            keep,
            keys: Keys::default(),
            slots: Vec::new(),
            texts: Texts::default(),
        }
    }

    /// Reads the torrent with which `json` begins into a new one, and tells how many bytes it has; `None`, and the
    /// torrent is of no use, if that takes more than reading plain fields, or its end is not there yet.
    pub fn begin_of(&mut self, torrent: &mut Torrent, json: &str) -> Option<usize> {
        let Rows {
            keep,
            keys,
            slots,
            texts,
        } = self;
        let length = keys.members(json, |key, value| {
            let known = slots.get(key.place).filter(|_| key.is_same);
            let slot = known.copied().unwrap_or_else(|| slot_of(key.text, keep));
            if known.is_none() {
                slots.truncate(key.place);
                slots.push(slot);
            }
            match slot {
                Slot::Skipped => Some(()),
                Slot::Known(write) => Plain::of_flat(value, |value| write(torrent, value, texts)),
                Slot::Other => {
                    let other = torrent.other.get_or_insert_default();
                    other.insert(key.text.into(), value_of(value)?);
                    Some(())
                }
            }
        })?;
        torrent.remember(&State::default(), None);
        Some(length)
    }

    /// Takes over the fields that `json` holds; the others stay. A field that makes no sense becomes absent.
    pub fn patch(&mut self, torrent: &mut Torrent, json: &[u8]) -> RowRead {
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
            rows: self,
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
}

/// What becomes of a field.
fn slot_of(name: &str, keep: &FieldSet) -> Slot {
    match FIELDS.iter().find(|(known, _)| *known == name) {
        Some((_, write)) => Slot::Known(*write),
        None if keep.contains(name) => Slot::Other,
        None => Slot::Skipped,
    }
}

fn value_of(flat: Flat<'_>) -> Option<Value> {
    Some(match flat {
        Flat::Null => Value::Null,
        Flat::Bool(flag) => flag.into(),
        Flat::Int(number) => number.into(),
        Flat::Float(number) => number.into(),
        Flat::Text(text) => text.into(),
        Flat::Number(json) | Flat::Escaped(json) => serde_json::from_str(json).ok()?,
    })
}

struct Patch<'p, 'a> {
    torrent: &'p mut Torrent,
    rows: &'p mut Rows<'a>,
}

impl<'de> DeserializeSeed<'de> for Patch<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Patch<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a torrent")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Patch { torrent, rows } = self;
        while let Some(Name(name)) = map.next_key()? {
            match slot_of(&name, rows.keep) {
                Slot::Known(write) => {
                    let take = Take(|value: Plain<'_>| write(torrent, &value, &mut rows.texts));
                    map.next_value_seed(take)?;
                }
                Slot::Other => {
                    let other = torrent.other.get_or_insert_default();
                    other.insert(name.into(), map.next_value::<Value>()?);
                }
                Slot::Skipped => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// The fields of [`Torrent`], and how each is written.
const FIELDS: &[(&str, Write)] = &[
    ("name", |t, v, _| t.name = v.text().unwrap_or_default()),
    ("category", |t, v, texts| {
        t.category = shared(t, TextField::Category, v, texts)
    }),
    ("tags", |t, v, texts| {
        t.tags = shared(t, TextField::Tags, v, texts)
    }),
    ("tracker", |t, v, texts| {
        t.tracker = shared(t, TextField::Tracker, v, texts).into()
    }),
    ("state", |t, v, _| {
        let word = v.text();
        t.unsent.note(TextField::State, word.is_some());
        t.state = State::new(word.as_deref().unwrap_or("unknown"))
    }),
    ("save_path", |t, v, texts| {
        t.save_path = shared(t, TextField::SavePath, v, texts)
    }),
    ("content_path", |t, v, _| t.content_path = v.text()),
    ("download_path", |t, v, texts| {
        t.download_path = texts.shared(v)
    }),
    ("size", |t, v, _| t.size = v.int()),
    ("total_size", |t, v, _| t.total_size = v.int()),
    ("progress", |t, v, _| t.progress = v.float()),
    ("completed", |t, v, _| t.completed = v.int()),
    ("amount_left", |t, v, _| t.amount_left = v.int()),
    ("downloaded", |t, v, _| t.downloaded = v.int()),
    ("uploaded", |t, v, _| t.uploaded = v.int()),
    ("dlspeed", |t, v, _| t.dlspeed = v.int()),
    ("upspeed", |t, v, _| t.upspeed = v.int()),
    ("dl_limit", |t, v, _| t.dl_limit = v.int()),
    ("up_limit", |t, v, _| t.up_limit = v.int()),
    ("ratio", |t, v, _| t.ratio = v.float()),
    ("ratio_limit", |t, v, _| t.ratio_limit = v.float()),
    ("seeding_time_limit", |t, v, _| {
        t.seeding_time_limit = v.int()
    }),
    ("inactive_seeding_time_limit", |t, v, _| {
        t.inactive_seeding_time_limit = v.int()
    }),
    ("added_on", |t, v, _| t.added_on = v.int()),
    ("completion_on", |t, v, _| t.completion_on = v.int()),
    ("seen_complete", |t, v, _| t.seen_complete = v.int()),
    ("last_activity", |t, v, _| t.last_activity = v.int()),
    ("time_active", |t, v, _| t.time_active = v.int()),
    ("seeding_time", |t, v, _| t.seeding_time = v.int()),
    ("eta", |t, v, _| t.eta = v.int()),
    ("priority", |t, v, _| t.priority = v.int()),
    ("num_seeds", |t, v, _| t.num_seeds = v.int()),
    ("num_leechs", |t, v, _| t.num_leechs = v.int()),
    ("num_complete", |t, v, _| t.num_complete = v.int()),
    ("num_incomplete", |t, v, _| t.num_incomplete = v.int()),
    ("availability", |t, v, _| t.availability = v.float()),
    ("private", |t, v, _| t.private = v.bool()),
    ("auto_tmm", |t, v, _| t.auto_tmm = v.bool()),
    ("has_tracker_error", |t, v, _| {
        t.has_tracker_error = v.bool()
    }),
    ("has_other_announce_error", |t, v, _| {
        t.has_other_announce_error = v.bool()
    }),
];

/// The text, and a note of whether it is one.
fn shared(
    torrent: &mut Torrent,
    field: TextField,
    value: &Plain<'_>,
    texts: &mut Texts,
) -> Arc<str> {
    let text = texts.shared(value);
    torrent.unsent.note(field, text.is_some());
    text.unwrap_or_default()
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
