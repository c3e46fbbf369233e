//! Escapes and classes of a pattern: what stands for one unit, for a set of units, or for an earlier group.

use super::PatternError;
use super::class::{self, Class};
use super::syntax::{Node, Parser, group_name};

/// One element of a class: a unit, or a letter class.
enum Element {
    Unit(u16),
    Class(Class),
}

impl Parser<'_> {
    pub(super) fn escape(&mut self) -> Result<Node, PatternError> {
        let next = self.units.get(self.position + 1).copied();
        let Some(next) = next else {
            return Err(self.error("`\\` at the end"));
        };
        let letter = u8::try_from(next).unwrap_or(0);
        if let b'1'..=b'9' = letter {
            let start = self.position;
            self.position += 1;
            let number = self.number().unwrap_or(0) as usize;
            if number <= self.group_total {
                self.has_back_references = true;
                return Ok(Node::BackReference(number));
            }
            self.position = start;
        }
        if letter == b'k' && !self.names.is_empty() {
            self.position += 2;
            return self.named_reference();
        }
        self.position += 1;
        if let Some(class) = class::of_letter(letter) {
            self.position += 1;
            return Ok(Node::Class(class));
        }
        Ok(Node::Unit(self.unit_escape(false)?))
    }

    fn named_reference(&mut self) -> Result<Node, PatternError> {
        if !self.take_if("<") {
            return Err(self.error("invalid named reference"));
        }
        let name = group_name(self.units, self.position)?;
        let known = self.names.iter().find(|(known, _)| *known == name);
        let Some(number) = known.map(|(_, number)| *number) else {
            return Err(self.error("no group has this name"));
        };
        self.position += name.len() + 1;
        self.has_back_references = true;
        Ok(Node::BackReference(number))
    }

    /// An escape that stands for one unit; the backslash is already taken.
    fn unit_escape(&mut self, in_class: bool) -> Result<u16, PatternError> {
        let letter = self.peek_ascii();
        let Some(unit) = self.take() else {
            return Err(self.error("`\\` at the end"));
        };
        Ok(match letter {
            b't' => 0x09,
            b'n' => 0x0a,
            b'v' => 0x0b,
            b'f' => 0x0c,
            b'r' => 0x0d,
            b'0'..=b'7' => self.octal(letter),
            b'x' => self.hex(2).unwrap_or(unit),
            b'u' => self.hex(4).unwrap_or(unit),
            b'c' => {
                let control = self.peek_ascii();
                let is_control = control.is_ascii_alphabetic()
                    || (in_class && (control.is_ascii_digit() || control == b'_'));
                if is_control {
                    self.position += 1;
                    u16::from(control % 32)
                } else {
                    // The backslash stands for itself, and the `c` is read again.
                    self.position -= 1;
                    b'\\'.into()
                }
            }
            b'k' if !self.names.is_empty() => return Err(self.error("invalid escape")),
            _ => unit,
        })
    }

    /// Up to three octal digits, at most 0o377; the first is taken.
    fn octal(&mut self, first: u8) -> u16 {
        let mut number = u16::from(first - b'0');
        for _ in 0..2 {
            let digit @ b'0'..=b'7' = self.peek_ascii() else {
                break;
            };
            let longer = number * 8 + u16::from(digit - b'0');
            if longer > 0o377 {
                break;
            }
            number = longer;
            self.position += 1;
        }
        number
    }

    fn hex(&mut self, count: usize) -> Option<u16> {
        let digits = self.units.get(self.position..self.position + count)?;
        let mut number: u16 = 0;
        for unit in digits {
            let digit = char::from(u8::try_from(*unit).ok()?).to_digit(16)?;
            number = number << 4 | digit as u16;
        }
        self.position += count;
        Some(number)
    }

    pub(super) fn class(&mut self) -> Result<Node, PatternError> {
        self.position += 1;
        let negated = self.take_if("^");
        let mut class = Class::default();
        loop {
            if self.peek().is_none() {
                return Err(self.error("unterminated class"));
            }
            if self.take_if("]") {
                break;
            }
            let first = self.class_element()?;
            let is_range = self.peek_ascii() == b'-'
                && self
                    .units
                    .get(self.position + 1)
                    .is_some_and(|unit| *unit != u16::from(b']'));
            if !is_range {
                add_element(&mut class, &first);
                continue;
            }
            self.position += 1;
            let last = self.class_element()?;
            match (&first, &last) {
                (Element::Unit(first), Element::Unit(last)) if first <= last => {
                    class.add(*first, *last)
                }
                (Element::Unit(_), Element::Unit(_)) => {
                    return Err(self.error("range out of order in a class"));
                }
                // A letter class cannot end a range: the dash then stands for itself.
                (Element::Class(_), _) | (_, Element::Class(_)) => {
                    add_element(&mut class, &first);
                    class.add(b'-'.into(), b'-'.into());
                    add_element(&mut class, &last);
                }
            }
        }
        Ok(Node::Class(if negated { class.negate() } else { class }))
    }

    fn class_element(&mut self) -> Result<Element, PatternError> {
        let Some(unit) = self.take() else {
            return Err(self.error("unterminated class"));
        };
        if unit != u16::from(b'\\') {
            return Ok(Element::Unit(unit));
        }
        let letter = self.peek_ascii();
        if let Some(class) = class::of_letter(letter) {
            self.position += 1;
            return Ok(Element::Class(class));
        }
        if letter == b'b' {
            self.position += 1;
            return Ok(Element::Unit(0x08));
        }
        Ok(Element::Unit(self.unit_escape(true)?))
    }
}

fn add_element(class: &mut Class, element: &Element) {
    match element {
        Element::Unit(unit) => class.add(*unit, *unit),
        Element::Class(other) => class.add_class(other),
    }
}
