//! JSON objects packed into a few hundred bytes: names are shared between objects of the same fields, numbers take
//! as many bytes as they need, and values are decoded one at a time when a rule reads them.

mod reading;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::de::Deserializer;

use crate::clients::flat::Keys;

/// Number of a field name.
pub(super) type NameId = u16;

/// Every field name that was ever seen, numbered.
#[derive(Default)]
pub(super) struct Names {
    texts: Vec<Rc<str>>,
    ids: BTreeMap<Rc<str>, NameId>,
}

/// A JSON object with more names than this in the whole worker is nothing a server sends; further ones are left out.
const MOST_NAMES: usize = 4_096;

impl Names {
    /// The number of a name, given now if need be; none when there are too many.
    pub(super) fn id(&mut self, name: &str) -> Option<NameId> {
        if let Some(id) = self.ids.get(name) {
            return Some(*id);
        }
        if self.texts.len() >= MOST_NAMES {
            return None;
        }
        let id = self.texts.len() as NameId;
        let text: Rc<str> = name.into();
        self.texts.push(Rc::clone(&text));
        self.ids.insert(text, id);
        Some(id)
    }

    pub(super) fn text(&self, id: NameId) -> Rc<str> {
        Rc::clone(&self.texts[usize::from(id)])
    }

    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }
}

/// The names of an object's fields, in order; shared by all objects that have the same.
#[derive(Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) names: Vec<NameId>,
    /// Position by name, `NOWHERE` for none.
    positions: Vec<u16>,
}

const NOWHERE: u16 = u16::MAX;

impl Layout {
    fn new(names: Vec<NameId>) -> Layout {
        let longest = names.iter().max().map_or(0, |last| usize::from(*last) + 1);
        let mut positions = vec![NOWHERE; longest];
        for (position, name) in names.iter().enumerate() {
            positions[usize::from(*name)] = position as u16;
        }
        Layout { names, positions }
    }

    /// Where a field stands.
    pub(super) fn position(&self, name: NameId) -> Option<usize> {
        let position = *self.positions.get(usize::from(name))?;
        (position != NOWHERE).then_some(usize::from(position))
    }
}

/// A packed object.
pub(super) struct Packed {
    pub(super) layout: Rc<Layout>,
    /// Offsets of every eighth value (four bytes each), then the values.
    bytes: Box<[u8]>,
}

/// A value of a packed object.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Field<'a> {
    Null,
    Bool(bool),
    Number(f64),
    Text(&'a str),
    /// An object or list, as JSON text.
    Json(&'a str),
}

/// Values per entry of the table of offsets.
const STRIDE: usize = 8;

mod tag {
    pub(super) const NULL: u8 = 0;
    pub(super) const FALSE: u8 = 1;
    pub(super) const TRUE: u8 = 2;
    pub(super) const ONE_BYTE: u8 = 3;
    pub(super) const TWO_BYTES: u8 = 4;
    pub(super) const FOUR_BYTES: u8 = 5;
    pub(super) const DOUBLE: u8 = 6;
    pub(super) const SHORT_TEXT: u8 = 7;
    pub(super) const TEXT: u8 = 8;
    pub(super) const JSON: u8 = 9;
}

/// Packs objects; keeps the layouts and the memory that it works in.
#[derive(Default)]
pub(super) struct Packer {
    pub(super) names: Names,
    layouts: Vec<Rc<Layout>>,
    /// The names of the object before, in order: the next one mostly has the same.
    expected: Vec<NameId>,
    /// The keys of the flat object before, and their numbers.
    keys: Keys,
    ids: Vec<Option<NameId>>,
    /// Which object a name was last seen in, by name.
    seen_in: Vec<u64>,
    /// Objects begun so far.
    objects: u64,
    order: Vec<NameId>,
    starts: Vec<u32>,
    values: Vec<u8>,
}

/// More layouts than a server can have; beyond, each object keeps its own.
const MOST_LAYOUTS: usize = 256;

impl Packer {
    /// Packs a JSON object. A field given twice counts as given last.
    pub(super) fn pack(&mut self, json: &str) -> Result<Packed, serde_json::Error> {
        self.begin();
        if self.take_flat(json) {
            return Ok(self.finish());
        }
        self.begin_again();
        let mut deserializer = serde_json::Deserializer::from_str(json);
        deserializer.deserialize_map(reading::Fields { packer: self })?;
        deserializer.end()?;
        Ok(self.finish())
    }

    /// The object with the fields of `changes` put over those of `old`.
    pub(super) fn merge(&mut self, old: &Packed, changes: &Packed) -> Packed {
        self.begin();
        for (position, name) in old.layout.names.iter().enumerate() {
            let source = match changes.layout.position(*name) {
                Some(changed) => changes.slice(changed),
                None => old.slice(position),
            };
            self.push_bytes(*name, source);
        }
        for (position, name) in changes.layout.names.iter().enumerate() {
            if old.layout.position(*name).is_none() {
                self.push_bytes(*name, changes.slice(position));
            }
        }
        self.finish()
    }

    /// Starts an object that is built field by field.
    pub(super) fn begin(&mut self) {
        std::mem::swap(&mut self.expected, &mut self.order);
        self.begin_again();
    }

    /// Drops what the object under construction has.
    fn begin_again(&mut self) {
        self.objects += 1;
        self.order.clear();
        self.starts.clear();
        self.values.clear();
    }

    /// Adds a number to the object under construction.
    pub(super) fn push_number(&mut self, name: &str, number: f64) {
        if let Some(id) = self.names.id(name) {
            self.start(id);
            self.put_number(number);
        }
    }

    /// Adds a nested value to the object under construction.
    pub(super) fn push_json(&mut self, name: &str, json: &str) {
        if let Some(id) = self.names.id(name) {
            self.start(id);
            self.put_json(json);
        }
    }

    /// Ends the object under construction.
    pub(super) fn finish(&mut self) -> Packed {
        let layout = self.layout();
        let table = self.starts.len().div_ceil(STRIDE) * 4;
        let mut bytes = Vec::with_capacity(table + self.values.len());
        for start in self.starts.iter().step_by(STRIDE) {
            bytes.extend((table as u32 + start).to_le_bytes());
        }
        bytes.extend(&self.values);
        Packed {
            layout,
            bytes: bytes.into_boxed_slice(),
        }
    }

    fn start(&mut self, name: NameId) {
        self.order.push(name);
        self.starts.push(self.values.len() as u32);
    }

    fn push_bytes(&mut self, name: NameId, bytes: &[u8]) {
        self.start(name);
        self.values.extend(bytes);
    }

    fn layout(&mut self) -> Rc<Layout> {
        // Objects of one server mostly have the layout that was used last.
        let known = self
            .layouts
            .iter()
            .rev()
            .find(|layout| layout.names == self.order);
        if let Some(known) = known {
            return Rc::clone(known);
        }
        let layout = Rc::new(Layout::new(self.order.clone()));
        if self.layouts.len() < MOST_LAYOUTS {
            self.layouts.push(Rc::clone(&layout));
        }
        layout
    }

    /// Encodes one JSON value as it stands in the text.
    fn put(&mut self, json: &str) -> Result<(), serde_json::Error> {
        match json.as_bytes().first() {
            Some(b'n') | None => self.values.push(tag::NULL),
            Some(b't') => self.values.push(tag::TRUE),
            Some(b'f') => self.values.push(tag::FALSE),
            Some(b'{' | b'[') => self.put_json(json),
            Some(b'"') => {
                let inner = &json[1..json.len() - 1];
                if inner.contains('\\') {
                    let text: String = serde_json::from_str(json)?;
                    self.put_text(&text);
                } else {
                    self.put_text(inner);
                }
            }
            Some(_) => self.put_number(json.parse().unwrap_or(f64::NAN)),
        }
        Ok(())
    }

    fn put_number(&mut self, number: f64) {
        let whole = number as u32;
        if f64::from(whole) != number || (whole == 0 && number.is_sign_negative()) {
            self.values.push(tag::DOUBLE);
            self.values.extend_from_slice(&number.to_le_bytes());
        } else {
            self.put_small(whole);
        }
    }

    fn put_int(&mut self, number: i64) {
        match u32::try_from(number) {
            Ok(small) => self.put_small(small),
            Err(_) => self.put_number(number as f64),
        }
    }

    fn put_small(&mut self, number: u32) {
        let bytes = number.to_le_bytes();
        match number {
            0..=0xff => self.values.extend_from_slice(&[tag::ONE_BYTE, bytes[0]]),
            0x100..=0xffff => {
                self.values
                    .extend_from_slice(&[tag::TWO_BYTES, bytes[0], bytes[1]]);
            }
            0x1_0000.. => {
                self.values.push(tag::FOUR_BYTES);
                self.values.extend_from_slice(&bytes);
            }
        }
    }

    fn put_text(&mut self, text: &str) {
        if let Ok(length) = u8::try_from(text.len()) {
            self.values.extend_from_slice(&[tag::SHORT_TEXT, length]);
        } else {
            self.values.push(tag::TEXT);
            self.values
                .extend_from_slice(&(text.len() as u32).to_le_bytes());
        }
        self.values.extend_from_slice(text.as_bytes());
    }

    fn put_json(&mut self, json: &str) {
        self.values.push(tag::JSON);
        self.values.extend((json.len() as u32).to_le_bytes());
        self.values.extend(json.as_bytes());
    }
}

impl Packed {
    /// The value at a position of the layout.
    pub(super) fn field(&self, position: usize) -> Field<'_> {
        let bytes = self.slice(position);
        let text = |from: usize| std::str::from_utf8(&bytes[from..]).unwrap_or_default();
        match bytes[0] {
            tag::FALSE => Field::Bool(false),
            tag::TRUE => Field::Bool(true),
            tag::ONE_BYTE => Field::Number(bytes[1].into()),
            tag::TWO_BYTES => Field::Number(u16::from_le_bytes([bytes[1], bytes[2]]).into()),
            tag::FOUR_BYTES => Field::Number(length_at(bytes, 1) as f64),
            tag::DOUBLE => {
                let mut number = [0; 8];
                number.copy_from_slice(&bytes[1..9]);
                Field::Number(f64::from_le_bytes(number))
            }
            tag::SHORT_TEXT => Field::Text(text(2)),
            tag::TEXT => Field::Text(text(5)),
            tag::JSON => Field::Json(text(5)),
            _ => Field::Null,
        }
    }

    /// The value of a field, if the object has it.
    pub(super) fn get(&self, name: NameId) -> Option<Field<'_>> {
        self.layout
            .position(name)
            .map(|position| self.field(position))
    }

    /// The encoded value at a position.
    fn slice(&self, position: usize) -> &[u8] {
        let mut at = length_at(&self.bytes, position / STRIDE * 4);
        for _ in 0..position % STRIDE {
            at += encoded_length(&self.bytes[at..]);
        }
        &self.bytes[at..at + encoded_length(&self.bytes[at..])]
    }
}

fn length_at(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as usize
}

fn encoded_length(bytes: &[u8]) -> usize {
    match bytes[0] {
        tag::ONE_BYTE => 2,
        tag::TWO_BYTES => 3,
        tag::FOUR_BYTES => 5,
        tag::DOUBLE => 9,
        tag::SHORT_TEXT => 2 + usize::from(bytes[1]),
        tag::TEXT | tag::JSON => 5 + length_at(bytes, 1),
        _ => 1,
    }
}
