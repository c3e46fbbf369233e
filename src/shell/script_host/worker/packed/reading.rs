//! Reads JSON objects into the packer, field by field and without copies of what is not kept.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{NameId, Names, Packer, tag};
use crate::clients::flat::Flat;

/// Reads the fields of an object into the packer.
pub(super) struct Fields<'p> {
    pub(super) packer: &'p mut Packer,
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let packer = self.packer;
        loop {
            let guess = packer.expected.get(packer.order.len()).copied();
            let seed = NameSeed {
                names: &mut packer.names,
                guess,
            };
            let Some(name) = map.next_key_seed(seed)? else {
                return Ok(());
            };
            let value: &'de RawValue = map.next_value()?;
            let Some(name) = name else {
                continue;
            };
            if packer.was_seen(name) {
                packer.forget(name);
            }
            packer.start(name);
            packer.put(value.get()).map_err(serde::de::Error::custom)?;
        }
    }
}

impl Packer {
    /// Takes the fields of a flat object. False: it is none, and what was taken of it does not count.
    pub(super) fn take_flat(&mut self, json: &str) -> bool {
        let mut keys = std::mem::take(&mut self.keys);
        let length = keys.members(json, |key, value| {
            let known = self.ids.get(key.place).copied().filter(|_| key.is_same);
            let id = known.unwrap_or_else(|| self.names.id(key.text));
            if known.is_none() {
                self.ids.truncate(key.place);
                self.ids.push(id);
            }
            let Some(name) = id else { return Some(()) };
            if self.was_seen(name) {
                self.forget(name);
            }
            self.start(name);
            match value {
                Flat::Null => self.values.push(tag::NULL),
                Flat::Bool(false) => self.values.push(tag::FALSE),
                Flat::Bool(true) => self.values.push(tag::TRUE),
                Flat::Int(number) => self.put_int(number),
                Flat::Float(number) => self.put_number(number),
                Flat::Text(text) => self.put_text(text),
                Flat::Number(json) | Flat::Escaped(json) => self.put(json).ok()?,
            }
            Some(())
        });
        self.keys = keys;
        length == Some(json.len())
    }

    /// Whether this object has the name already; from here on it has.
    fn was_seen(&mut self, name: NameId) -> bool {
        let place = usize::from(name);
        if self.seen_in.len() <= place {
            self.seen_in.resize(place + 1, 0);
        }
        std::mem::replace(&mut self.seen_in[place], self.objects) == self.objects
    }

    /// Takes an earlier value of the same name out of the object under construction.
    fn forget(&mut self, name: NameId) {
        let Some(position) = self.order.iter().position(|known| *known == name) else {
            return;
        };
        let start = self.starts[position];
        let end = self
            .starts
            .get(position + 1)
            .copied()
            .unwrap_or(self.values.len() as u32);
        self.values.drain(start as usize..end as usize);
        self.order.remove(position);
        self.starts.remove(position);
        for later in &mut self.starts[position..] {
            *later -= end - start;
        }
    }
}

/// Turns a field name into its number without a copy.
struct NameSeed<'p> {
    names: &'p mut Names,
    guess: Option<NameId>,
}

impl<'de> DeserializeSeed<'de> for NameSeed<'_> {
    type Value = Option<NameId>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed<'_> {
    type Value = Option<NameId>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let is_guessed = |guess: &NameId| &*self.names.texts[usize::from(*guess)] == name;
        let guessed = self.guess.filter(is_guessed);
        Ok(guessed.or_else(|| self.names.id(name)))
    }
}
