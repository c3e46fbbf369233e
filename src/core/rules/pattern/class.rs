//! Sets of UTF-16 units, for `[…]`, `.` and the letter classes.

/// A set of units: a bitmap for ASCII, ranges for the rest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Class {
    ascii: u128,
    /// Ranges above ASCII, inclusive.
    ranges: Vec<(u16, u16)>,
    negated: bool,
}

impl Class {
    /// Adds the units from `first` to `last`.
    pub(super) fn add(&mut self, first: u16, last: u16) {
        for unit in first..=last.min(127) {
            self.ascii |= 1 << unit;
        }
        if last > 127 {
            self.ranges.push((first.max(128), last));
        }
    }

    /// Adds every unit of another class.
    pub(super) fn add_class(&mut self, other: &Class) {
        for (first, last) in other.spans() {
            self.add(first, last);
        }
    }

    /// The units in the set as ranges in order.
    fn spans(&self) -> Vec<(u16, u16)> {
        let ascii = (0..128).filter(|unit| (self.ascii >> unit) & 1 == 1);
        let mut listed: Vec<(u16, u16)> = ascii.map(|unit| (unit, unit)).collect();
        listed.extend(&self.ranges);
        listed.sort_unstable();
        if !self.negated {
            return listed;
        }
        let mut gaps = Vec::new();
        let mut next: u32 = 0;
        for (first, last) in listed {
            if u32::from(first) > next {
                gaps.push((next as u16, first - 1));
            }
            next = next.max(u32::from(last) + 1);
        }
        if let Ok(next) = u16::try_from(next) {
            gaps.push((next, u16::MAX));
        }
        gaps
    }

    /// The units that are not in the set.
    pub(super) fn negate(mut self) -> Class {
        self.negated = !self.negated;
        self
    }

    /// Whether the unit is in the set.
    pub(super) fn contains(&self, unit: u16) -> bool {
        let inside = if unit < 128 {
            (self.ascii >> unit) & 1 == 1
        } else {
            self.ranges
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&unit))
        };
        inside != self.negated
    }
}

/// What `\s` finds: the same as `value::is_blank`.
const BLANKS: &[(u16, u16)] = &[
    (0x09, 0x0d),
    (0x20, 0x20),
    (0xa0, 0xa0),
    (0x1680, 0x1680),
    (0x2000, 0x200a),
    (0x2028, 0x2029),
    (0x202f, 0x202f),
    (0x205f, 0x205f),
    (0x3000, 0x3000),
    (0xfeff, 0xfeff),
];

/// The class of `\d`, `\w`, `\s` or its opposite in capitals.
pub(super) fn of_letter(letter: u8) -> Option<Class> {
    let mut class = Class::default();
    match letter.to_ascii_lowercase() {
        b'd' => class.add(b'0'.into(), b'9'.into()),
        b'w' => {
            class.add(b'0'.into(), b'9'.into());
            class.add(b'A'.into(), b'Z'.into());
            class.add(b'a'.into(), b'z'.into());
            class.add(b'_'.into(), b'_'.into());
        }
        b's' => {
            for (first, last) in BLANKS {
                class.add(*first, *last);
            }
        }
        _ => return None,
    }
    Some(if letter.is_ascii_uppercase() {
        class.negate()
    } else {
        class
    })
}

/// The class of `.`: everything but the ends of lines.
pub(super) fn of_dot() -> Class {
    let mut class = Class::default();
    for unit in [0x0a, 0x0d, 0x2028, 0x2029] {
        class.add(unit, unit);
    }
    class.negate()
}

/// Whether `\b` takes the unit as part of a word.
pub(super) fn is_word(unit: u16) -> bool {
    u8::try_from(unit).is_ok_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_those_that_numbers_may_have_around_them() {
        let class = of_letter(b's').expect("a letter class");
        for unit in 0..=u16::MAX {
            let is_blank =
                char::from_u32(unit.into()).is_some_and(crate::core::rules::value::is_blank);
            assert_eq!(class.contains(unit), is_blank, "{unit:#x}");
        }
    }

    #[test]
    fn a_class_added_to_another_keeps_its_units() {
        for letter in *b"DWs" {
            let class = of_letter(letter).expect("a letter class");
            let mut sum = Class::default();
            sum.add(b'x'.into(), 0x200);
            let before = sum.clone();
            sum.add_class(&class);
            for unit in 0..=u16::MAX {
                let expected = class.contains(unit) || before.contains(unit);
                assert_eq!(
                    sum.contains(unit),
                    expected,
                    "\\{} at {unit}",
                    char::from(letter)
                );
            }
        }
    }
}
